/* A file that may change while the portal runs: looked at again once a second at most. What was
 * read last stays in use while it cannot be read, and that is told once. */
#ifndef CONFIG_WATCHED_H
#define CONFIG_WATCHED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct watched {
    struct stat seen; /* of what was read last */
    int64_t looked;   /* 0: never */
    char *complaint;  /* what was told last; NULL: the file is fine */
};

/* Whether it is time to look. */
bool watched_is_due(const struct watched *watched);
/* Looks; true if it is the file that was read last, and nothing was wrong with it. */
bool watched_is_unchanged(struct watched *watched, const char *path);
/* It cannot be read: `tell` (or NULL) hears the message and then the rest, unless it heard the same
 * message last. */
void watched_failed(struct watched *watched, void (*tell)(const char *sentence),
                    const char *message, const char *rest);
/* It was read; true if it could not be before. */
bool watched_read(struct watched *watched, const struct stat *status);
void watched_clear(struct watched *watched);

#endif
