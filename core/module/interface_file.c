/* portico.file: what people send, checked, kept and served. */
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/log.h"
#include "config/config.h"
#include "file/kept.h"
#include "file/upload.h"
#include "module/call.h"
#include "module/request.h"
#include "module/respond.h"
#include "page/page.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define UPLOAD_SIZE_1_0 (offsetof(struct portico_upload, length) + sizeof(size_t))
#define PATH_PREFIX "/portico/files/"
#define ASSIGNED_MAX 200 /* paths of one text; file.h says so */
#define LIFE "private, max-age=3600"

/* What the host made in this scope: only that is kept. */
struct made {
    struct upload upload;
    struct made *next;
};

struct files_handle {
    struct portico_files public; /* must be first */
    uint32_t magic;
    struct scope *scope;
    struct made *made;
};

void *interface_file_open(struct scope *scope)
{
    struct files_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = &interface_file;
    handle->magic = FILES_MAGIC;
    handle->scope = scope;
    return handle;
}

static struct files_handle *handle_of(struct portico_files *files, const char *function)
{
    struct files_handle *handle = (struct files_handle *)files;
    if (!handle || handle->magic != FILES_MAGIC)
        call_stale_handle("files");
    thread_scope(handle->scope, PORTICO_FILES, function);
    return handle;
}
#define handle_of(files) handle_of((files), __func__)

/* DATA/files; NULL with `error`. */
static const char *directory_of(const struct scope *scope, struct portico_error *error)
{
    const struct config *config = scope->call->host->config;
    const char *path =
        config ? arena_printf(scope->arena, "%s/files", config_data_directory(config)) : NULL;
    if (!path)
        error_set(error, PORTICO_EIO, "There is no data directory to keep files in.");
    return path;
}

static int no_memory(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOMEM, "Memory ended while a file was read.");
}

/* The reason in the reader's language. */
static int refuse(const struct scope *scope, int code, const char *reason, const char *type,
                  const char *accept, struct portico_error *error)
{
    const struct call *call = scope->call;
    struct value *arguments = value_new(scope->arena, PORTICO_OBJECT);
    if (code == PORTICO_ENOMEM || !arguments)
        return no_memory(error);
    value_set_text(arguments, "type", type ? type : "");
    value_set_text(arguments, "accept", accept ? accept : "");
    const char *words = call->host->pages && call->locale
                            ? page_translate(call->host->pages, "portico", scope->arena,
                                             call->locale, reason, arguments)
                            : reason;
    return error_set(error, code, "%s", words ? words : reason);
}

static int give(struct portico_upload *ret_upload, const struct upload *upload,
                struct portico_error *error)
{
    uint32_t size = ret_upload ? ret_upload->size : 0;
    if (size < UPLOAD_SIZE_1_0)
        return error_set(error, PORTICO_EINVAL, "An upload needs its size set.");
    const struct portico_upload public = {
        .size = size,
        .width = upload->width,
        .height = upload->height,
        .frames = upload->frames,
        .name = upload->name,
        .media_type = upload->media_type,
        .data = upload->data,
        .length = upload->length,
    };
    memcpy(ret_upload, &public, size < sizeof public ? size : sizeof public);
    return PORTICO_OK;
}

static int check(struct files_handle *handle, struct text name, const void *data, size_t length,
                 const char *accept, struct portico_upload *ret_upload, struct portico_error *error)
{
    struct scope *scope = handle->scope;
    struct made *made = arena_zalloc(scope->arena, sizeof *made);
    const char *reason = "";
    if (!made)
        return no_memory(error);
    int code = upload_check(scope->arena, name, data, length, accept, &made->upload, &reason);
    if (code < 0)
        return refuse(scope, code, reason, made->upload.media_type, accept, error);
    code = give(ret_upload, &made->upload, error);
    if (code < 0)
        return code;
    made->next = handle->made;
    handle->made = made;
    return PORTICO_OK;
}

static int file_api_upload(struct portico_files *files, const char *field, const char *accept,
                           struct portico_upload *ret_upload, struct portico_error *error)
{
    struct files_handle *handle = handle_of(files);
    const struct http_part *part = request_upload(handle->scope->call, field);
    if (part)
        return check(handle, part->file_name, part->content.data, part->content.length, accept,
                     ret_upload, error);
    return error_set(error, PORTICO_ENOENT, "No file was sent as %.60s.", field ? field : "");
}

static int file_api_check(struct portico_files *files, const char *name, const void *data,
                          size_t length, const char *accept, struct portico_upload *ret_upload,
                          struct portico_error *error)
{
    struct files_handle *handle = handle_of(files);
    const char *given = name ? name : "";
    if (!data || !text_is_utf8(given, strlen(given)))
        return error_set(error, PORTICO_EINVAL, "A file to check has bytes, and a UTF-8 name.");
    return check(handle, text_of(given), data, length, accept, ret_upload, error);
}

static const struct upload *find_made(const struct files_handle *handle,
                                      const struct portico_upload *upload)
{
    struct portico_upload own = { 0 };
    if (!interface_read(&own, sizeof own, upload, UPLOAD_SIZE_1_0))
        return NULL;
    for (const struct made *made = handle->made; made; made = made->next)
        if (made->upload.data == own.data && made->upload.length == own.length)
            return &made->upload;
    return NULL;
}

int interface_file_keep(struct scope *scope, const char *module, const struct upload *upload,
                        int64_t id, const char *subject, int64_t audience,
                        struct portico_error *error)
{
    const char *directory = directory_of(scope, error);
    struct store_session *session = directory ? scope_session(scope, error) : NULL;
    char hash[BLOB_HASH_SIZE];
    if (!session)
        return PORTICO_EIO;
    int code = blob_put(directory, upload->data, upload->length, hash, error);
    if (code < 0)
        return code;
    const struct kept_file file = {
        .id = id,
        .person = scope->call->viewer->person,
        .module = module,
        .subject = subject,
        .audience = audience,
        .hash = hash,
        .media_type = upload->media_type,
        .name = upload->name,
        .bytes = (int64_t)upload->length,
        .width = upload->width,
        .height = upload->height,
        .frames = upload->frames,
        .created = clock_now(),
    };
    return kept_add(session, &file, error);
}

static int file_api_keep(struct portico_files *files, const struct portico_upload *upload,
                         const char *subject, portico_id audience, portico_id *ret_id,
                         struct portico_error *error)
{
    struct files_handle *handle = handle_of(files);
    struct scope *scope = handle->scope;
    const struct upload *made = find_made(handle, upload);
    if (!made)
        return error_set(error, PORTICO_EINVAL,
                         "Only what portico_upload or portico_file_check gave in this call is "
                         "kept.");
    int64_t id = id_new();
    int code =
        interface_file_keep(scope, scope->call->module->id, made, id, subject, audience, error);
    if (code == 0 && ret_id)
        *ret_id = id;
    return code;
}

/* RFC 3986 section 2.3: all but unreserved characters. */
static void append_encoded(struct buffer *out, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if ((*c >= '0' && *c <= '9') || ((*c | 0x20) >= 'a' && (*c | 0x20) <= 'z') ||
            strchr("-._~", *c))
            buffer_append_char(out, (char)*c);
        else
            buffer_printf(out, "%%%02X", *c);
}

const char *interface_file_path(struct arena *arena, int64_t id, const char *name)
{
    const char *plain = name ? upload_name(arena, text_of(name)) : "";
    struct buffer path = { 0 };
    if (!plain)
        return NULL;
    buffer_printf(&path, PATH_PREFIX "%lld/", (long long)id);
    append_encoded(&path, *plain ? plain : "file");
    const char *text = path.failed ? NULL : arena_strndup(arena, path.data, path.length);
    buffer_free(&path);
    return text;
}

static const char *file_api_path(struct portico_files *files, portico_id id, const char *name)
{
    return interface_file_path(handle_of(files)->scope->arena, id, name);
}

static int assign(struct scope *scope, portico_id id, const char *subject, portico_id audience,
                  struct portico_error *error)
{
    struct store_session *session = scope_session(scope, error);
    if (!session)
        return PORTICO_EIO;
    return kept_assign(session, scope->call->module->id, scope->call->viewer->person, id, subject,
                       audience, error);
}

static int no_subject(struct portico_error *error)
{
    return error_set(error, PORTICO_EINVAL, "The subject of files was NULL.");
}

static int file_api_assign(struct portico_files *files, portico_id id, const char *subject,
                           portico_id audience, struct portico_error *error)
{
    struct scope *scope = handle_of(files)->scope;
    return subject ? assign(scope, id, subject, audience, error) : no_subject(error);
}

/* The id of the next path in the text, 0: none. */
static portico_id next_id(const char **text)
{
    const char *found;
    while ((found = strstr(*text, PATH_PREFIX))) {
        const char *digits = found + strlen(PATH_PREFIX);
        size_t length = strspn(digits, "0123456789");
        long long id = 0;
        *text = digits + length;
        if (digits[length] == '/' && text_to_int64((struct text){ digits, length }, &id))
            return id;
    }
    return 0;
}

static int file_api_assign_text(struct portico_files *files, const char *text, const char *subject,
                                portico_id audience, struct portico_error *error)
{
    struct scope *scope = handle_of(files)->scope;
    portico_id seen[ASSIGNED_MAX], id;
    int count = 0, assigned = 0;
    if (!subject)
        return no_subject(error);
    while (text && count < ASSIGNED_MAX && (id = next_id(&text))) {
        bool again = false;
        for (int i = 0; i < count; i++)
            again |= seen[i] == id;
        if (again)
            continue;
        seen[count++] = id;
        struct portico_error own = PORTICO_ERROR_INIT;
        int code = assign(scope, id, subject, audience, &own);
        if (code < 0 && code != PORTICO_ENOENT && code != PORTICO_EPERM)
            return error_set(error, code, "%s", own.message);
        assigned += code == 0;
    }
    return assigned;
}

static int file_api_show(struct portico_files *files, const char *subject, portico_id audience,
                         struct portico_error *error)
{
    struct scope *scope = handle_of(files)->scope;
    struct store_session *session = subject ? scope_session(scope, error) : NULL;
    if (!subject)
        return no_subject(error);
    return session ? kept_show(session, scope->call->module->id, subject, audience, error)
                   : PORTICO_EIO;
}

static int file_api_follow(struct portico_files *files, const char *subject, const char *table,
                           portico_id row, struct portico_error *error)
{
    struct scope *scope = handle_of(files)->scope;
    struct store_session *session = subject && table ? scope_session(scope, error) : NULL;
    if (!subject || !table)
        return error_set(error, PORTICO_EINVAL, "The subject of files or the table was NULL.");
    return session ? kept_follow(session, scope->call->module->id, subject, table, row, error)
                   : PORTICO_EIO;
}

static int file_api_drop(struct portico_files *files, const char *subject,
                         struct portico_error *error)
{
    struct scope *scope = handle_of(files)->scope;
    struct store_session *session = subject ? scope_session(scope, error) : NULL;
    if (!subject)
        return no_subject(error);
    return session ? kept_drop(session, scope->call->module->id, subject, error) : PORTICO_EIO;
}

static int read_whole(int descriptor, char *data, size_t length)
{
    for (size_t at = 0; at < length;) {
        ssize_t got = read(descriptor, data + at, length - at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return PORTICO_EIO;
        at += (size_t)got;
    }
    return PORTICO_OK;
}

static int find_own(struct scope *scope, portico_id id, struct kept_file *ret_file,
                    struct portico_error *error)
{
    struct store_session *session = scope_session(scope, error);
    int code = session ? kept_find(session, id, ret_file, error) : PORTICO_EIO;
    if (code == 0 && strcmp(ret_file->module, scope->call->module->id) != 0)
        return error_set(error, PORTICO_ENOENT, "This module keeps no such file.");
    return code;
}

static int file_api_read(struct portico_files *files, portico_id id,
                         struct portico_upload *ret_file, struct portico_error *error)
{
    struct scope *scope = handle_of(files)->scope;
    const char *directory = directory_of(scope, error);
    struct kept_file file;
    int descriptor;
    size_t length;
    if (!directory)
        return PORTICO_EIO;
    int code = find_own(scope, id, &file, error);
    if (code == 0)
        code = blob_open(directory, file.hash, &descriptor, &length, error);
    if (code < 0)
        return code;
    char *data = arena_alloc(scope->arena, length);
    code = data ? read_whole(descriptor, data, length) : PORTICO_ENOMEM;
    close(descriptor);
    if (code < 0)
        return error_set(error, code, "A kept file could not be read.");
    const struct upload upload = { file.name, file.media_type, file.width, file.height, file.frames,
                                   data,      length };
    return give(ret_file, &upload, error);
}

/* ---- serving ---- */

/* RFC 6266: a name in ASCII for old programs, and the whole one. */
static const char *disposition_of(struct arena *arena, const struct kept_file *file)
{
    const char *name = file->name[0] ? file->name : "file";
    struct buffer out = { 0 };
    buffer_append_text(&out, file->width ? "inline; filename=\"" : "attachment; filename=\"");
    for (const unsigned char *c = (const unsigned char *)name; *c; c++)
        if (*c < 0x80 || (*c & 0xc0) != 0x80) /* one "_" for each character that is not ASCII */
            buffer_append_char(&out, *c < 0x80 && !strchr("\"\\%;", *c) ? (char)*c : '_');
    buffer_append_text(&out, "\"; filename*=UTF-8''");
    append_encoded(&out, name);
    const char *text = out.failed ? NULL : arena_strndup(arena, out.data, out.length);
    buffer_free(&out);
    return text;
}

/* Beside what every answer of the portal has: nosniff, same-origin and no frames. */
static void set_fields(struct http_response *response, const struct kept_file *file,
                       const char *disposition)
{
    const char *type = file->media_type;
    bool plain = strcmp(type, "text/plain") == 0;
    respond_field(response, "Content-Type", plain ? "text/plain; charset=utf-8" : type);
    respond_field(response, "Content-Disposition", disposition);
    respond_field(response, "Content-Security-Policy", "default-src 'none'; sandbox");
    respond_field(response, "Cache-Control", LIFE);
    respond_field(response, "Vary", "Cookie");
}

static int send_content(struct call *call, const struct kept_file *file, int descriptor,
                        size_t length, struct portico_error *error)
{
    struct arena *arena = call->exchange->request.arena;
    struct http_response *response = &call->exchange->response;
    const char *etag = arena_printf(arena, "\"%.32s\"", file->hash);
    const char *disposition = disposition_of(arena, file);
    if (!etag || !disposition) {
        close(descriptor);
        return no_memory(error);
    }
    set_fields(response, file, disposition);
    response->status = 200;
    response->etag = text_of(etag);
    response->file = descriptor;
    response->file_offset = 0;
    response->file_length = length;
    call->replied = true;
    return PORTICO_OK;
}

static int file_api_reply(struct portico_files *files, portico_id id, struct portico_error *error)
{
    struct scope *scope = handle_of(files)->scope;
    struct call *call = scope->call;
    const char *directory = directory_of(scope, error);
    struct store_session *session = directory ? scope_session(scope, error) : NULL;
    struct kept_file file;
    int descriptor;
    size_t length;
    if (!call->exchange || call->replied)
        return error_set(error, PORTICO_EINVAL, "A file answers a request that has no answer yet.");
    if (!session)
        return PORTICO_EIO;
    int code = kept_find(session, id, &file, error);
    if (code < 0)
        return code;
    code = kept_see(session, &file, error);
    if (code < 0)
        return code;
    code = blob_open(directory, file.hash, &descriptor, &length, error);
    if (code < 0) {
        log_error("The content of file %lld is not there, though its row is.", (long long)id);
        return code;
    }
    return send_content(call, &file, descriptor, length, error);
}

const struct portico_file_api interface_file = {
    .table = { .size = sizeof(struct portico_file_api), .major = 1, .minor = 1 },
    .upload = file_api_upload,
    .check = file_api_check,
    .keep = file_api_keep,
    .path = file_api_path,
    .assign = file_api_assign,
    .assign_text = file_api_assign_text,
    .show = file_api_show,
    .drop = file_api_drop,
    .read = file_api_read,
    .reply = file_api_reply,
    .follow = file_api_follow,
};
