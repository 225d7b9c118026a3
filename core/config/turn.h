/* The turn to change managed.conf: one at a time, of all processes, from looking at what stands
 * until it is known whether the portal takes the change. */
#ifndef CONFIG_TURN_H
#define CONFIG_TURN_H

#include "config/config.h"

struct config_turn;
struct config_change {
    const char *section, *key, *value; /* value NULL: removes the key */
};

/* Waits for it. `directory`: the data directory, made if it is not there. */
int config_turn_take(const char *directory, struct config_turn **ret_turn,
                     struct portico_error *error);
/* One write or undo a turn; neither checks what the keys and values are. */
int config_turn_write(struct config_turn *turn, const struct config_change *changes, size_t count,
                      struct portico_error *error);
/* Back to the version before; ENOENT: nothing was changed yet. */
int config_turn_undo(struct config_turn *turn, struct portico_error *error);
/* As it was before the turn, the history too. */
int config_turn_refuse(struct config_turn *turn, struct portico_error *error);
/* Keeps what stands and lets the next one have their turn. NULL is nothing. */
void config_turn_end(struct config_turn *turn);

/* The highest number of the history; one higher after each change that was kept. */
unsigned long config_turn_version(const char *directory);

#endif
