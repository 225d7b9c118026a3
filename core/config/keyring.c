#include "config/keyring.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "config/state.h"
#include "config/watched.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* One line: "NUMBER kept|retired TIME HEX", the last of them without a key if it is retired. */
struct key {
    struct keyring_entry entry;
    unsigned char bytes[KEYRING_KEY_SIZE];
};

struct keys {
    struct key *keys; /* ascending; g_malloc, wiped before it is freed */
    size_t count;
};

struct keyring {
    char *path;
    void (*tell)(const char *sentence);
    pthread_mutex_t lock;
    struct keys keys;
    struct watched file;
};

static void wipe_keys(struct keys *keys)
{
    if (keys->keys)
        sodium_memzero(keys->keys, keys->count * sizeof *keys->keys);
    g_free(keys->keys);
    *keys = (struct keys){ 0 };
}

char *keyring_path(const struct config *config)
{
    const char *name = config_text(config, "secrets", "key_ring");
    return g_path_is_absolute(name) ? g_strdup(name)
                                    : g_build_filename(config_data_directory(config), name, NULL);
}

/* Reading and writing the file */

static bool parse_line(char *line, struct key *ret_key)
{
    struct key key = { 0 };
    char *end;
    unsigned long number = strtoul(line, &end, 10);
    char **words = g_strsplit(end, " ", 0);
    guint count = g_strv_length(words);
    bool right = number >= 1 && number <= KEYRING_MAX && count >= 3 && words[0][0] == '\0';
    if (right) {
        key.entry.number = (unsigned)number;
        key.entry.retired = strcmp(words[1], "retired") == 0;
        key.entry.made = clock_parse_rfc3339(words[2], strlen(words[2]));
        right = key.entry.made != INT64_MIN &&
                (key.entry.retired ? count == 3 : strcmp(words[1], "kept") == 0 && count == 4);
    }
    size_t length = 0;
    if (right && !key.entry.retired)
        right = strlen(words[3]) == KEYRING_KEY_SIZE * 2 &&
                sodium_hex2bin(key.bytes, sizeof key.bytes, words[3], KEYRING_KEY_SIZE * 2, NULL,
                               &length, NULL) == 0 &&
                length == KEYRING_KEY_SIZE;
    for (guint i = 0; i < count; i++)
        sodium_memzero(words[i], strlen(words[i]));
    g_strfreev(words);
    if (right)
        *ret_key = key;
    sodium_memzero(&key, sizeof key);
    return right;
}

static int parse_keys(const char *path, char *text, struct keys *ret_keys,
                      struct portico_error *error)
{
    struct keys keys = { g_new0(struct key, KEYRING_MAX), 0 };
    unsigned line_number = 0;
    char *rest = text, *line;
    bool right = true;
    while (right && (line = strsep(&rest, "\n"))) {
        line_number++;
        if (*line == '\0' || *line == '#')
            continue;
        struct key *key = &keys.keys[keys.count];
        right = keys.count < KEYRING_MAX && parse_line(line, key) &&
                (keys.count == 0 || key->entry.number > key[-1].entry.number);
        keys.count += right;
    }
    if (right && keys.count && !keys.keys[keys.count - 1].entry.retired) {
        *ret_keys = keys;
        return 0;
    }
    keys.count = KEYRING_MAX;
    wipe_keys(&keys);
    return error_set(error, PORTICO_EINVAL,
                     "The key ring %s, line %u: it is not a ring of keys as `portico key` writes "
                     "it. Restore it from a copy.",
                     path, line_number);
}

static int read_keys(const char *path, struct keys *ret_keys, struct stat *ret_status,
                     struct portico_error *error)
{
    struct arena *arena = arena_new(0);
    const char *text = NULL;
    int code = arena ? config_secret_read_at(arena, path, &text, ret_status, error)
                     : error_set(error, PORTICO_ENOMEM, "There is no memory for the key ring.");
    if (code == 0) {
        char *copy = (char *)(uintptr_t)text; /* of our arena */
        size_t length = strlen(text);
        code = parse_keys(path, copy, ret_keys, error);
        sodium_memzero(copy, length);
    }
    arena_free(arena);
    return code;
}

static int write_keys(const char *path, const struct keys *keys, struct portico_error *error)
{
    GString *text = g_string_sized_new(256 * 1024); /* never grows: no copies of keys stay behind */
    g_string_append(text, "# Keys of this portal; `portico key` changes them. Keep a copy: what "
                          "they sealed opens with nothing else.\n");
    for (size_t i = 0; i < keys->count; i++) {
        const struct key *key = &keys->keys[i];
        char made[40], hex[KEYRING_KEY_SIZE * 2 + 1] = "";
        clock_rfc3339(key->entry.made, made, sizeof made);
        if (!key->entry.retired)
            sodium_bin2hex(hex, sizeof hex, key->bytes, sizeof key->bytes);
        g_string_append_printf(text, "%u %s %s%s%s\n", key->entry.number,
                               key->entry.retired ? "retired" : "kept", made, *hex ? " " : "", hex);
        sodium_memzero(hex, sizeof hex);
    }
    GError *failure = NULL;
    int code = 0;
    if (!g_file_set_contents_full(path, text->str, (gssize)text->len,
                                  G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                  0600, &failure))
        code = error_set(error, PORTICO_EIO, "The key ring %s cannot be written: %s.", path,
                         failure->message);
    g_clear_error(&failure);
    sodium_memzero(text->str, text->len);
    g_string_free(text, TRUE);
    return code;
}

/* Held by who changes the ring; a file of its own, since the ring is replaced. */
static int lock_ring(const char *path, struct portico_error *error)
{
    char *name = g_strdup_printf("%s.lock", path);
    int descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    while (descriptor >= 0 && flock(descriptor, LOCK_EX) < 0)
        if (errno != EINTR) {
            close(descriptor);
            descriptor = -1;
        }
    int code = descriptor >= 0 ? descriptor
                               : error_set(error, PORTICO_EIO,
                                           "The key ring's lock %s cannot be taken: %s. Its "
                                           "directory belongs to the portal's user.",
                                           name, g_strerror(errno));
    g_free(name);
    return code;
}

static void add_key(struct keys *keys)
{
    struct key *key = &keys->keys[keys->count];
    unsigned before = keys->count ? key[-1].entry.number : 0;
    key->entry = (struct keyring_entry){ before + 1, false, clock_now() / 1000000 * 1000000 };
    randombytes_buf(key->bytes, sizeof key->bytes);
    keys->count++;
}

static int make_ring(const char *path, struct portico_error *error)
{
    int lock = lock_ring(path, error);
    if (lock < 0)
        return lock;
    int code = 0;
    if (access(path, F_OK) != 0) {
        struct keys keys = { g_new0(struct key, 1), 0 };
        add_key(&keys);
        code = write_keys(path, &keys, error);
        wipe_keys(&keys);
    }
    close(lock);
    return code;
}

/* In use */

/* With the lock held. */
static void look_again(struct keyring *ring)
{
    if (watched_is_unchanged(&ring->file, ring->path))
        return;
    struct stat status;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct keys keys = { 0 };
    if (read_keys(ring->path, &keys, &status, &error) < 0) {
        watched_failed(&ring->file, ring->tell, error.message, "The keys read last stay in use.");
        return;
    }
    wipe_keys(&ring->keys);
    ring->keys = keys;
    if (watched_read(&ring->file, &status) && ring->tell) {
        char *sentence = g_strdup_printf("The key ring %s can be read again.", ring->path);
        ring->tell(sentence);
        g_free(sentence);
    }
}

int keyring_open(const char *path, void (*tell)(const char *sentence), struct keyring **ret_ring,
                 struct portico_error *error)
{
    if (sodium_init() < 0)
        return error_set(error, PORTICO_EIO, "libsodium finds no randomness on this machine.");
    int code = access(path, F_OK) == 0 ? 0 : make_ring(path, error);
    struct keys keys = { 0 };
    struct stat status;
    if (code == 0)
        code = read_keys(path, &keys, &status, error);
    if (code < 0)
        return code;
    struct keyring *ring = g_new0(struct keyring, 1);
    ring->path = g_strdup(path);
    ring->tell = tell;
    ring->keys = keys;
    ring->file = (struct watched){ .seen = status, .looked = clock_steady() };
    pthread_mutex_init(&ring->lock, NULL);
    *ret_ring = ring;
    return 0;
}

void keyring_free(struct keyring *ring)
{
    if (!ring)
        return;
    wipe_keys(&ring->keys);
    pthread_mutex_destroy(&ring->lock);
    watched_clear(&ring->file);
    g_free(ring->path);
    g_free(ring);
}

static struct key *find_key(const struct keys *keys, unsigned number)
{
    if (number == 0)
        return &keys->keys[keys->count - 1];
    for (size_t i = 0; i < keys->count; i++)
        if (keys->keys[i].entry.number == number)
            return &keys->keys[i];
    return NULL;
}

int keyring_key(struct keyring *ring, unsigned number, unsigned *ret_number,
                unsigned char ret_key[KEYRING_KEY_SIZE], struct portico_error *error)
{
    pthread_mutex_lock(&ring->lock);
    if (watched_is_due(&ring->file) || !find_key(&ring->keys, number))
        look_again(ring);
    const struct key *key = find_key(&ring->keys, number);
    bool there = key && !key->entry.retired;
    if (there) {
        *ret_number = key->entry.number;
        memcpy(ret_key, key->bytes, KEYRING_KEY_SIZE);
    }
    pthread_mutex_unlock(&ring->lock);
    return there ? 0
                 : error_set(error, PORTICO_ENOENT, "The portal has no key %u, or it was retired.",
                             number);
}

size_t keyring_list(struct keyring *ring, struct keyring_entry *ret_entries, size_t most)
{
    pthread_mutex_lock(&ring->lock);
    size_t count = ring->keys.count;
    for (size_t i = 0; i < count && i < most; i++)
        ret_entries[i] = ring->keys.keys[i].entry;
    pthread_mutex_unlock(&ring->lock);
    return count;
}

/* Changing it */

int keyring_rotate(const char *path, unsigned *ret_number, struct portico_error *error)
{
    int lock = lock_ring(path, error);
    struct keys keys = { 0 };
    struct stat status;
    int code = lock < 0 ? lock : read_keys(path, &keys, &status, error);
    if (code == 0 && keys.keys[keys.count - 1].entry.number >= KEYRING_MAX)
        code = error_set(error, PORTICO_ELIMIT, "The key ring %s has had its %d keys.", path,
                         KEYRING_MAX);
    if (code == 0) {
        add_key(&keys);
        code = write_keys(path, &keys, error);
    }
    if (code == 0)
        *ret_number = keys.keys[keys.count - 1].entry.number;
    wipe_keys(&keys);
    if (lock >= 0)
        close(lock);
    return code;
}

int keyring_retire(const char *path, unsigned number, struct portico_error *error)
{
    int lock = lock_ring(path, error);
    struct keys keys = { 0 };
    struct stat status;
    int code = lock < 0 ? lock : read_keys(path, &keys, &status, error);
    struct key *key = code == 0 && number ? find_key(&keys, number) : NULL;
    if (code == 0 && (!key || key->entry.retired))
        code = error_set(error, PORTICO_ENOENT, "The key ring has no key %u, or it was retired.",
                         number);
    else if (code == 0 && key == find_key(&keys, 0))
        code = error_set(error, PORTICO_EINVAL,
                         "Key %u is the one in use. Run `portico key rotate` first.", number);
    if (code == 0) {
        key->entry.retired = true;
        code = write_keys(path, &keys, error);
    }
    wipe_keys(&keys);
    if (lock >= 0)
        close(lock);
    return code;
}
