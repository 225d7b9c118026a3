/* Putting and removing meet in a lock file: a put holds it shared while it looks for a content and
 * renews its time, a removal holds it alone while it looks at that time again and unlinks. So what
 * a put found stays for the grace, in which its transaction has long ended. */
#include "file/blob.h"

#include "base/clock.h"
#include "base/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME "lock"
#define NEW_PREFIX "new-"
#define NAME_LENGTH (BLOB_HASH_SIZE - 1 - 2) /* without the two digits of its folder */

static int say(struct portico_error *error, const char *directory, const char *what)
{
    return error_set(error, PORTICO_EIO, "A file could not be %s below %s: %s.", what, directory,
                     strerror(errno));
}

static void close_if_open(int descriptor)
{
    if (descriptor >= 0)
        close(descriptor);
}

/* Makes a folder that is there after a crash, and opens it. */
static int open_folder(int parent, const char *name)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
    int folder = openat(parent, name, flags);
    if (folder >= 0 || errno != ENOENT)
        return folder;
    if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
        return -1;
    if (parent != AT_FDCWD && fsync(parent) < 0)
        return -1;
    return openat(parent, name, flags);
}

static int open_locked(int root, int how)
{
    int lock = openat(root, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0)
        return -1;
    while (flock(lock, how) < 0)
        if (errno != EINTR) {
            close(lock);
            return -1;
        }
    return lock;
}

/* 1: it is there, whole, and its time is now; 0: it is not; -1. */
static int renew(int root, int folder, const char *name, size_t length)
{
    struct stat status;
    int lock = open_locked(root, LOCK_SH);
    if (lock < 0)
        return -1;
    int there = fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                S_ISREG(status.st_mode) && (size_t)status.st_size == length &&
                utimensat(folder, name, NULL, AT_SYMLINK_NOFOLLOW) == 0;
    close(lock);
    return there;
}

static bool write_all(int file, const char *data, size_t length)
{
    while (length) {
        ssize_t written = write(file, data, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        length -= (size_t)written;
    }
    return true;
}

/* Under a name of its own first: what has its hash as name is whole. */
static int write_new(int folder, const char *name, const void *data, size_t length)
{
    char fresh[40];
    snprintf(fresh, sizeof fresh, NEW_PREFIX "%08x%08x", randombytes_random(),
             randombytes_random());
    int file = openat(folder, fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return -1;
    bool written = write_all(file, data, length) && fsync(file) == 0;
    written &= close(file) == 0;
    if (written && renameat(folder, fresh, folder, name) == 0)
        return fsync(folder);
    int cause = errno;
    unlinkat(folder, fresh, 0);
    errno = cause;
    return -1;
}

int blob_put(const char *directory, const void *data, size_t length, char ret_hash[BLOB_HASH_SIZE],
             struct portico_error *error)
{
    unsigned char sum[crypto_hash_sha256_BYTES];
    char hash[BLOB_HASH_SIZE], prefix[3];
    crypto_hash_sha256(sum, data, length);
    sodium_bin2hex(hash, sizeof hash, sum, sizeof sum);
    memcpy(prefix, hash, 2);
    prefix[2] = '\0';
    int root = open_folder(AT_FDCWD, directory);
    int folder = root < 0 ? -1 : open_folder(root, prefix);
    int there = folder < 0 ? -1 : renew(root, folder, hash + 2, length);
    if (there == 0 && write_new(folder, hash + 2, data, length) < 0)
        there = -1;
    int code = there < 0 ? say(error, directory, "kept") : PORTICO_OK;
    close_if_open(folder);
    close_if_open(root);
    if (code == 0)
        memcpy(ret_hash, hash, sizeof hash);
    return code;
}

static bool is_hash(const char *text, size_t length)
{
    return strlen(text) == length && strspn(text, "0123456789abcdef") == length;
}

int blob_open(const char *directory, const char *hash, int *ret_descriptor, size_t *ret_length,
              struct portico_error *error)
{
    char path[4096];
    struct stat status;
    if (!is_hash(hash, BLOB_HASH_SIZE - 1) ||
        snprintf(path, sizeof path, "%s/%.2s/%s", directory, hash, hash + 2) >= (int)sizeof path)
        return error_set(error, PORTICO_EINVAL, "\"%.70s\" is no hash of a file.", hash);
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0 || fstat(file, &status) < 0 || !S_ISREG(status.st_mode)) {
        int code = say(error, directory, "read");
        close_if_open(file);
        return code;
    }
    *ret_descriptor = file;
    *ret_length = (size_t)status.st_size;
    return PORTICO_OK;
}

/* ---- removing ---- */

struct sweep {
    struct store_session *session;
    int64_t before; /* µs; what is younger stays */
    int root;
    int removed;
};

static bool is_old(const struct sweep *sweep, int folder, const char *name)
{
    struct stat status;
    return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
           (int64_t)status.st_mtim.tv_sec * 1000000 + status.st_mtim.tv_nsec / 1000 <=
               sweep->before;
}

static int is_used(const struct sweep *sweep, const char *hash, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(sweep->session,
                                "{unfiltered whoever may see it uses it} SELECT id FROM "
                                "portico_file WHERE hash = ? LIMIT 1",
                                PORTICO_ARGS(portico_arg_text(hash)), &rows, error);
    return code < 0 ? code : rows->count > 0;
}

static void remove_old(struct sweep *sweep, int folder, const char *name)
{
    int lock = open_locked(sweep->root, LOCK_EX);
    if (lock < 0)
        return;
    if (is_old(sweep, folder, name) && unlinkat(folder, name, 0) == 0)
        sweep->removed++;
    close(lock);
}

static int sweep_name(struct sweep *sweep, int folder, const char *prefix, const char *name,
                      struct portico_error *error)
{
    char hash[BLOB_HASH_SIZE];
    bool half = strncmp(name, NEW_PREFIX, strlen(NEW_PREFIX)) == 0;
    if ((!half && !is_hash(name, NAME_LENGTH)) || !is_old(sweep, folder, name))
        return PORTICO_OK;
    snprintf(hash, sizeof hash, "%.2s%.62s", prefix, name);
    int used = half ? 0 : is_used(sweep, hash, error);
    if (used == 0)
        remove_old(sweep, folder, name);
    return used < 0 ? used : PORTICO_OK;
}

static int sweep_folder(struct sweep *sweep, const char *prefix, struct portico_error *error)
{
    int folder = openat(sweep->root, prefix, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    int copy = folder < 0 ? -1 : dup(folder);
    DIR *names = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *entry;
    int code = PORTICO_OK;
    if (!names)
        close_if_open(copy);
    while (names && code == 0 && (entry = readdir(names)))
        code = sweep_name(sweep, folder, prefix, entry->d_name, error);
    if (names)
        closedir(names);
    close_if_open(folder);
    return code;
}

int blob_remove_unused(const char *directory, struct store_session *session, int64_t grace,
                       bool (*must_stop)(void *data), void *data, struct portico_error *error)
{
    struct sweep sweep = { .session = session, .before = clock_now() - grace };
    sweep.root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (sweep.root < 0)
        return errno == ENOENT ? 0 : say(error, directory, "looked for");
    int code = PORTICO_OK;
    for (unsigned i = 0; i < 256 && code == 0; i++) {
        char prefix[3];
        snprintf(prefix, sizeof prefix, "%02x", i);
        if (must_stop && must_stop(data))
            break;
        code = sweep_folder(&sweep, prefix, error);
    }
    close(sweep.root);
    return code < 0 ? code : sweep.removed;
}
