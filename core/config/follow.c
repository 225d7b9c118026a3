#include "config/follow.h"

#include "base/error.h"
#include "config/seal.h"
#include "config/state.h"
#include "config/watched.h"

#include <glib.h>
#include <pthread.h>
#include <sodium.h>

struct followed {
    char *text; /* wiped before it is freed; NULL: never read */
    struct watched file;
};

struct follow {
    void (*tell)(const char *sentence);
    pthread_mutex_t lock;
    GHashTable *files; /* absolute path → struct followed */
};

static void wipe_text(char *text)
{
    if (text)
        sodium_memzero(text, strlen(text));
    g_free(text);
}

static void free_followed(gpointer item)
{
    struct followed *followed = item;
    wipe_text(followed->text);
    watched_clear(&followed->file);
    g_free(followed);
}

struct follow *follow_new(void (*tell)(const char *sentence))
{
    struct follow *follow = g_new0(struct follow, 1);
    follow->tell = tell;
    follow->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_followed);
    pthread_mutex_init(&follow->lock, NULL);
    return follow;
}

void follow_free(struct follow *follow)
{
    if (!follow)
        return;
    g_hash_table_destroy(follow->files);
    pthread_mutex_destroy(&follow->lock);
    g_free(follow);
}

static void take(struct follow *follow, struct followed *followed, const char *path,
                 const char *text, const struct stat *status)
{
    bool changed = followed->text && strcmp(followed->text, text) != 0;
    bool again = watched_read(&followed->file, status) || changed;
    if (again && follow->tell) {
        char *sentence = g_strdup_printf("The secret file %s was read again%s.", path,
                                         changed ? ": it has changed" : "");
        follow->tell(sentence);
        g_free(sentence);
    }
    wipe_text(followed->text);
    followed->text = g_strdup(text);
}

/* With the lock held. */
static void look_again(struct follow *follow, struct followed *followed, const char *path)
{
    struct stat status;
    if (watched_is_unchanged(&followed->file, path) && followed->text)
        return;
    struct arena *arena = arena_new(0);
    const char *text = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (arena && config_secret_read_at(arena, path, &text, &status, &error) == 0) {
        take(follow, followed, path, text, &status);
        sodium_memzero((void *)(uintptr_t)text, strlen(text));
    } else {
        watched_failed(&followed->file, follow->tell, error.message,
                       followed->text ? "The secret read last stays in use."
                                      : "No secret was read before: whoever asks for it fails "
                                        "until the file can be read.");
    }
    arena_free(arena);
}

int follow_read(struct follow *follow, const struct config *config, const char *section,
                const char *key, struct arena *arena, const char **ret_text,
                struct portico_error *error)
{
    char *path = config_secret_path(config, section, key);
    if (!path)
        return error_set(error, PORTICO_ENOENT, "The secret `%s_file` in [%s] is not set.", key,
                         section);
    pthread_mutex_lock(&follow->lock);
    struct followed *followed = g_hash_table_lookup(follow->files, path);
    if (!followed) {
        followed = g_new0(struct followed, 1);
        followed->text = g_strdup(config_secret_loaded(config, section, key));
        g_hash_table_insert(follow->files, g_strdup(path), followed);
    }
    if (watched_is_due(&followed->file))
        look_again(follow, followed, path);
    size_t length = followed->text ? strlen(followed->text) : 0;
    char *copy = followed->text ? arena_strndup(arena, followed->text, length) : NULL;
    int code = 0;
    if (!followed->text)
        code = error_set(error, PORTICO_EIO, "%s", followed->file.complaint);
    else if (!copy || seal_wipe_with(arena, copy, length) < 0)
        code = error_set(error, PORTICO_ENOMEM, "Memory ended while a secret was read.");
    pthread_mutex_unlock(&follow->lock);
    g_free(path);
    if (code == 0)
        *ret_text = copy;
    return code;
}
