/* Static files. Everything is looked at once, when a directory is added: requests only look up
 * names. */
#include "http/files.h"

#include "http/accept.h"

#include "base/clock.h"
#include "base/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMORY_MAX ((off_t)256 * 1024)
#define DEPTH_MAX 16

enum coding { CODING_NONE, CODING_GZIP, CODING_BROTLI, CODINGS };

/* In the order of preference from the back: brotli is smaller. */
static const struct {
    struct text name;
    const char *ending;
} codings[CODINGS] = {
    [CODING_NONE] = { { "identity", 8 }, "" },
    [CODING_GZIP] = { { "gzip", 4 }, ".gz" },
    [CODING_BROTLI] = { { "br", 2 }, ".br" },
};

static const struct {
    const char *ending, *type;
} types[] = {
    { ".html", "text/html; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".mjs", "text/javascript; charset=utf-8" },
    { ".json", "application/json" },
    { ".map", "application/json" },
    { ".webmanifest", "application/manifest+json" },
    { ".xml", "application/xml" },
    { ".txt", "text/plain; charset=utf-8" },
    { ".md", "text/markdown; charset=utf-8" },
    { ".csv", "text/csv; charset=utf-8" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
    { ".jpg", "image/jpeg" },
    { ".jpeg", "image/jpeg" },
    { ".gif", "image/gif" },
    { ".webp", "image/webp" },
    { ".avif", "image/avif" },
    { ".ico", "image/x-icon" },
    { ".woff", "font/woff" },
    { ".woff2", "font/woff2" },
    { ".ttf", "font/ttf" },
    { ".pdf", "application/pdf" },
    { ".zip", "application/zip" },
    { ".wasm", "application/wasm" },
    { ".mp4", "video/mp4" },
    { ".webm", "video/webm" },
};

/* One form of a file: in memory, or on disk below `path`. */
struct variant {
    struct http_content *content;
    char *path;
    char *fields;
    char *etag;
    int64_t modified;
};

struct file {
    struct variant *variants[CODINGS];
};

struct http_files {
    GHashTable *by_path;
    GPtrArray *prefixes;
};

static void variant_free(struct variant *variant)
{
    if (!variant)
        return;
    http_content_unref(variant->content);
    free(variant->path);
    g_free(variant->fields);
    g_free(variant->etag);
    g_free(variant);
}

static void file_free(void *data)
{
    struct file *file = data;
    for (int i = 0; i < CODINGS; i++)
        variant_free(file->variants[i]);
    g_free(file);
}

struct http_files *http_files_new(void)
{
    struct http_files *files = g_new0(struct http_files, 1);
    files->by_path = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, file_free);
    files->prefixes = g_ptr_array_new_with_free_func(g_free);
    return files;
}

void http_files_free(struct http_files *files)
{
    if (!files)
        return;
    g_hash_table_destroy(files->by_path);
    g_ptr_array_free(files->prefixes, TRUE);
    g_free(files);
}

static const char *type_of(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_has_suffix(name, types[i].ending))
            return types[i].type;
    return "application/octet-stream";
}

/* "portico.1a2b3c4d.css": eight or more hex digits, with at least one digit, before the ending. */
static bool is_hashed(const char *name)
{
    const char *ending = strrchr(name, '.');
    if (!ending || ending == name)
        return false;
    const char *start = ending;
    bool digit = false;
    while (start > name && g_ascii_isxdigit(start[-1])) {
        start--;
        digit |= g_ascii_isdigit(*start) != 0;
    }
    return digit && ending - start >= 8 && start > name && (start[-1] == '.' || start[-1] == '-');
}

/* One directory being added. */
struct loading {
    struct http_files *files;
    char *root; /* its real path, with "/" at its end */
    struct portico_error *error;
};

static char *fields_of(const char *name, enum coding coding, bool varies)
{
    return g_strconcat("Content-Type: ", type_of(name), "\r\nCache-Control: ",
                       is_hashed(name) ? "public, max-age=31536000, immutable" : "no-cache", "\r\n",
                       coding ? "Content-Encoding: " : "", coding ? codings[coding].name.data : "",
                       coding ? "\r\n" : "", varies ? "Vary: Accept-Encoding\r\n" : "", NULL);
}

static int load_content(struct variant *variant, const struct loading *loading)
{
    char *bytes = NULL;
    gsize length = 0;
    GError *problem = NULL;
    if (!g_file_get_contents(variant->path, &bytes, &length, &problem)) {
        int result =
            error_set(loading->error, PORTICO_EIO, "%s. Make the file readable.", problem->message);
        g_error_free(problem);
        return result;
    }
    char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, length);
    char date[30];
    clock_http_date(variant->modified, date);
    g_free(variant->etag);
    variant->etag = g_strdup_printf("\"%.20s\"", sum);
    char *fields = g_strconcat(variant->fields, "ETag: ", variant->etag,
                               "\r\nLast-Modified: ", date, "\r\n", NULL);
    variant->content = http_content_new(200, text_of(fields), (struct text){ bytes, length },
                                        text_of(variant->etag), variant->modified);
    g_free(sum);
    g_free(fields);
    g_free(bytes);
    if (!variant->content)
        return error_set(loading->error, PORTICO_ENOMEM, "There is no memory left for %s.",
                         variant->path);
    return 0;
}

static char *etag_of(const struct stat *status)
{
    return g_strdup_printf("\"%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x%lx\"",
                           (gint64)status->st_size, (gint64)status->st_mtim.tv_sec,
                           (unsigned long)status->st_mtim.tv_nsec);
}

static int64_t modified_of(const struct stat *status)
{
    return (int64_t)status->st_mtim.tv_sec * 1000000 + status->st_mtim.tv_nsec / 1000;
}

/* A variant that is not there is none; 0 also then. */
static int load_variant(const struct loading *loading, const char *path, const char *name,
                        enum coding coding, bool varies, struct variant **ret_variant)
{
    struct stat status;
    char *real = realpath(path, NULL);
    if (!real || !g_str_has_prefix(real, loading->root) || stat(real, &status) < 0 ||
        !S_ISREG(status.st_mode)) {
        free(real);
        return 0;
    }
    struct variant *variant = g_new0(struct variant, 1);
    variant->path = real;
    variant->modified = modified_of(&status);
    variant->etag = etag_of(&status);
    variant->fields = fields_of(name, coding, varies);
    int result = status.st_size <= MEMORY_MAX ? load_content(variant, loading) : 0;
    if (result < 0)
        variant_free(variant);
    else
        *ret_variant = variant;
    return result;
}

static bool exists(const char *path, const char *ending)
{
    char *whole = g_strconcat(path, ending, NULL);
    bool there = access(whole, F_OK) == 0;
    g_free(whole);
    return there;
}

/* "a.css.br" belongs to "a.css" and has no name of its own. */
static bool is_variant(const char *path)
{
    for (int i = CODING_GZIP; i < CODINGS; i++) {
        if (!g_str_has_suffix(path, codings[i].ending))
            continue;
        char *plain = g_strndup(path, strlen(path) - strlen(codings[i].ending));
        bool there = access(plain, F_OK) == 0;
        g_free(plain);
        return there;
    }
    return false;
}

static int load_file(const struct loading *loading, const char *path, const char *url)
{
    if (is_variant(path))
        return 0;
    const char *name = strrchr(path, '/') + 1;
    bool varies = exists(path, ".gz") || exists(path, ".br");
    struct file *file = g_new0(struct file, 1);
    int result = 0;
    for (int i = 0; i < CODINGS && result == 0; i++) {
        char *variant = g_strconcat(path, codings[i].ending, NULL);
        result = load_variant(loading, variant, name, (enum coding)i, varies, &file->variants[i]);
        g_free(variant);
    }
    if (result < 0 || !file->variants[CODING_NONE])
        file_free(file);
    else
        g_hash_table_replace(loading->files->by_path, g_strdup(url), file);
    return result;
}

static int load_directory(const struct loading *loading, const char *path, const char *url,
                          unsigned depth)
{
    DIR *directory = opendir(path);
    if (!directory || depth > DEPTH_MAX) {
        if (directory)
            closedir(directory);
        return error_set(loading->error, PORTICO_EIO,
                         "The directory of static files %s cannot be read: %s.", path,
                         depth > DEPTH_MAX ? "it is nested too deep" : strerror(errno));
    }
    int result = 0;
    struct dirent *entry;
    while (result == 0 && (entry = readdir(directory))) {
        if (entry->d_name[0] == '.' || !text_is_utf8(entry->d_name, strlen(entry->d_name)))
            continue;
        char *child = g_build_filename(path, entry->d_name, NULL);
        char *child_url = g_strconcat(url, entry->d_name, NULL);
        struct stat status;
        if (stat(child, &status) == 0 && S_ISREG(status.st_mode)) {
            result = load_file(loading, child, child_url);
        } else if (lstat(child, &status) == 0 && S_ISDIR(status.st_mode)) {
            char *folder_url = g_strconcat(child_url, "/", NULL);
            result = load_directory(loading, child, folder_url, depth + 1);
            g_free(folder_url);
        }
        g_free(child);
        g_free(child_url);
    }
    closedir(directory);
    return result;
}

int http_files_add(struct http_files *files, const char *prefix, const char *directory,
                   struct portico_error *error)
{
    size_t length = strlen(prefix);
    if (length == 0 || prefix[0] != '/' || prefix[length - 1] != '/')
        return error_set(error, PORTICO_EINVAL,
                         "The prefix of static files \"%s\" must begin and end with a slash.",
                         prefix);
    char *real = realpath(directory, NULL);
    if (!real)
        return error_set(error, PORTICO_ENOENT,
                         "The directory of static files %s cannot be read: %s.", directory,
                         strerror(errno));
    struct loading loading = { .files = files, .error = error };
    loading.root = g_strconcat(real, "/", NULL);
    int result = load_directory(&loading, real, prefix, 0);
    if (result == 0)
        g_ptr_array_add(files->prefixes, g_strdup(prefix));
    g_free(loading.root);
    free(real);
    return result;
}

/* The smallest form the client takes. */
static struct variant *choose(const struct file *file, const struct http_request *request)
{
    if (!file->variants[CODING_GZIP] && !file->variants[CODING_BROTLI])
        return file->variants[CODING_NONE];
    struct text accept = http_request_field(request, TEXT("accept-encoding"));
    unsigned heaviest = 0;
    int chosen = CODING_NONE;
    for (int i = CODINGS - 1; i > CODING_NONE; i--) {
        unsigned weight = file->variants[i] ? http_accept_coding(accept, codings[i].name) : 0;
        if (weight > heaviest) {
            heaviest = weight;
            chosen = i;
        }
    }
    return file->variants[chosen];
}

/* Opened for each request: what changed on disk meanwhile has its own size, date and tag. */
static void send_from_disk(const struct variant *variant, struct http_exchange *exchange)
{
    struct http_response *response = &exchange->response;
    int descriptor = open(variant->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat status;
    if (descriptor < 0 || fstat(descriptor, &status) < 0 || !S_ISREG(status.st_mode)) {
        if (descriptor >= 0)
            close(descriptor);
        response->status = 404;
        return;
    }
    char *etag = etag_of(&status);
    char *copy = arena_strdup(exchange->request.arena, etag);
    g_free(etag);
    response->status = 200;
    response->etag = copy ? text_of(copy) : TEXT("");
    response->modified = modified_of(&status);
    response->file = descriptor;
    response->file_length = (uint64_t)status.st_size;
    buffer_append_text(&response->fields, variant->fields);
}

static bool has_prefix(const struct http_files *files, struct text path)
{
    for (guint i = 0; i < files->prefixes->len; i++)
        if (text_starts(path, text_of(files->prefixes->pdata[i])))
            return true;
    return false;
}

bool http_files_have(const struct http_files *files, struct text path)
{
    return has_prefix(files, path) && g_hash_table_contains(files->by_path, path.data);
}

bool http_files_serve(struct http_files *files, struct http_exchange *exchange)
{
    const struct http_request *request = &exchange->request;
    if (!has_prefix(files, request->path) ||
        (!text_equals(request->method, TEXT("GET")) && !text_equals(request->method, TEXT("HEAD"))))
        return false;
    const struct file *file = g_hash_table_lookup(files->by_path, request->path.data);
    if (!file)
        return false;
    const struct variant *variant = choose(file, request);
    if (variant->content)
        exchange->response.content = http_content_ref(variant->content);
    else
        send_from_disk(variant, exchange);
    return true;
}
