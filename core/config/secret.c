/* Secrets come from files: texts of others, and the portal's own key, made on first start. */
#include "base/error.h"
#include "base/text.h"
#include "config/state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MAX (64 * 1024)
#define FOR_OTHERS (S_IRWXO | S_IWGRP | S_IXGRP)

/* Opens a file of the right kind that others cannot read. */
static int open_private(const char *path, struct portico_error *error)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return error_set(error, errno == ENOENT ? PORTICO_ENOENT : PORTICO_EIO,
                         "The secret file %s cannot be opened: %s.", path, g_strerror(errno));
    struct stat status;
    int code = 0;
    if (fstat(descriptor, &status) < 0 || !S_ISREG(status.st_mode))
        code = error_set(error, PORTICO_EINVAL, "The secret file %s is not a regular file.", path);
    else if (status.st_mode & FOR_OTHERS)
        code = error_set(error, PORTICO_EPERM,
                         "The secret file %s is open to others (mode %04o). Run `chmod 600 %s`.",
                         path, (unsigned)status.st_mode & 07777, path);
    if (code == 0)
        return descriptor;
    close(descriptor);
    return code;
}

static ssize_t read_bytes(int descriptor, char *bytes, size_t size)
{
    size_t have = 0;
    while (have < size) {
        ssize_t count = read(descriptor, bytes + have, size - have);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        if (count == 0)
            break;
        have += (size_t)count;
    }
    return (ssize_t)have;
}

int config_secret_read_at(struct arena *arena, const char *path, const char **ret_text,
                          struct stat *ret_status, struct portico_error *error)
{
    int descriptor = open_private(path, error);
    if (descriptor < 0)
        return descriptor;
    struct stat status;
    if (fstat(descriptor, &status) < 0) {
        close(descriptor);
        return error_set(error, PORTICO_EIO, "The secret file %s cannot be read.", path);
    }
    char *text = arena_alloc(arena, SECRET_MAX + 1);
    ssize_t length = text ? read_bytes(descriptor, text, SECRET_MAX + 1) : -1;
    close(descriptor);
    if (length < 0)
        return error_set(error, PORTICO_EIO, "The secret file %s cannot be read.", path);
    if (length > SECRET_MAX)
        return error_set(error, PORTICO_ELIMIT, "The secret file %s is longer than 64 KiB.", path);
    while (length && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        length--;
    text[length] = '\0';
    if (!length)
        return error_set(error, PORTICO_EINVAL, "The secret file %s is empty.", path);
    if (!text_is_utf8(text, (size_t)length))
        return error_set(error, PORTICO_EINVAL, "The secret file %s is not valid UTF-8 text.",
                         path);
    *ret_text = text;
    *ret_status = status;
    return 0;
}

int config_secret_read(struct arena *arena, const char *path, const char **ret_text,
                       struct portico_error *error)
{
    struct stat status;
    return config_secret_read_at(arena, path, ret_text, &status, error);
}

char *config_secret_path(const struct config *config, const char *section, const char *key)
{
    char *name = g_strdup_printf("%s_file", key);
    const struct config_entry *entry = config_entry_find(config, section, name);
    g_free(name);
    if (!entry || !*entry->value)
        return NULL;
    return g_canonicalize_filename(entry->value, config->directory);
}

const char *config_secret_loaded(const struct config *config, const char *section, const char *key)
{
    int index = config_schema_find(section, key);
    if (index >= 0)
        return *config->values[index].text ? config->values[index].text : NULL;
    char *path = g_strdup_printf("%s\n%s", section, key);
    const char *text = g_hash_table_lookup(config->secrets, path);
    g_free(path);
    return text;
}

/* Makes the key under a name of its own and links it into place: no reader sees half a key, and of
 * two processes that start together one wins. */
static int make_key(const char *path, struct portico_error *error)
{
    unsigned char key[CONFIG_SECRET_KEY_SIZE];
    char *draft = g_strdup_printf("%s.%ld.new", path, (long)getpid());
    unlink(draft);
    int descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written = descriptor >= 0 && getrandom(key, sizeof key, 0) == (ssize_t)sizeof key &&
                   write(descriptor, key, sizeof key) == (ssize_t)sizeof key &&
                   fsync(descriptor) == 0;
    if (descriptor >= 0)
        close(descriptor);
    bool linked = written && (link(draft, path) == 0 || errno == EEXIST);
    int why = errno;
    explicit_bzero(key, sizeof key);
    unlink(draft);
    g_free(draft);
    char *directory = g_path_get_dirname(path);
    int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        fsync(folder);
        close(folder);
    }
    g_free(directory);
    return linked ? 0
                  : error_set(error, PORTICO_EIO, "The key file %s cannot be made: %s.", path,
                              g_strerror(why));
}

int config_secret_key(const struct config *config, unsigned char ret_key[CONFIG_SECRET_KEY_SIZE],
                      struct portico_error *error)
{
    const char *name = config_text(config, "secrets", "key_file");
    char *path =
        g_path_is_absolute(name) ? g_strdup(name) : g_build_filename(config->data, name, NULL);
    int code = access(path, F_OK) == 0 ? 0 : make_key(path, error);
    int descriptor = code < 0 ? code : open_private(path, error);
    code = descriptor < 0 ? descriptor : 0;
    if (descriptor >= 0) {
        char bytes[CONFIG_SECRET_KEY_SIZE + 1];
        ssize_t length = read_bytes(descriptor, bytes, sizeof bytes);
        close(descriptor);
        if (length == CONFIG_SECRET_KEY_SIZE)
            memcpy(ret_key, bytes, CONFIG_SECRET_KEY_SIZE);
        else
            code = error_set(error, PORTICO_EINVAL,
                             "The key file %s must hold %d bytes. Restore it from a copy; delete "
                             "it only if nothing was sealed with it.",
                             path, CONFIG_SECRET_KEY_SIZE);
        explicit_bzero(bytes, sizeof bytes);
    }
    g_free(path);
    return code;
}
