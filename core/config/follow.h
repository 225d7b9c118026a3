/* Secrets as their files have them now: looked at again once a second at most. */
#ifndef CONFIG_FOLLOW_H
#define CONFIG_FOLLOW_H

#include "base/arena.h"
#include "config/config.h"

struct follow;

/* `tell` hears, in whole sentences, when a file broke, changed or came back; NULL: nobody. */
struct follow *follow_new(void (*tell)(const char *sentence));
void follow_free(struct follow *follow); /* wipes; accepts NULL */
/* The text of the file that [section] `<key>_file` names, in the arena, which wipes it. While the
 * file cannot be read, the text read last; before that, what the config had when it was loaded.
 * ENOENT: not set. Any thread. */
int follow_read(struct follow *follow, const struct config *config, const char *section,
                const char *key, struct arena *arena, const char **ret_text,
                struct portico_error *error);

#endif
