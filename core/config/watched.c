#include "config/watched.h"

#include "base/clock.h"

#include <glib.h>

#define LOOK_AGAIN INT64_C(1000000) /* µs */

bool watched_is_due(const struct watched *watched)
{
    return !watched->looked || clock_steady() - watched->looked >= LOOK_AGAIN;
}

bool watched_is_unchanged(struct watched *watched, const char *path)
{
    struct stat now;
    const struct stat *seen = &watched->seen;
    watched->looked = clock_steady();
    return stat(path, &now) == 0 && !watched->complaint && seen->st_ino == now.st_ino &&
           seen->st_dev == now.st_dev && seen->st_size == now.st_size &&
           seen->st_mode == now.st_mode && seen->st_mtim.tv_sec == now.st_mtim.tv_sec &&
           seen->st_mtim.tv_nsec == now.st_mtim.tv_nsec;
}

void watched_failed(struct watched *watched, void (*tell)(const char *sentence),
                    const char *message, const char *rest)
{
    if (g_strcmp0(watched->complaint, message) == 0)
        return;
    char *sentence = g_strdup_printf("%s %s", message, rest);
    if (tell)
        tell(sentence);
    g_free(sentence);
    g_free(watched->complaint);
    watched->complaint = g_strdup(message);
}

bool watched_read(struct watched *watched, const struct stat *status)
{
    bool failed = watched->complaint != NULL;
    watched->seen = *status;
    watched_clear(watched);
    return failed;
}

void watched_clear(struct watched *watched)
{
    g_free(watched->complaint);
    watched->complaint = NULL;
}
