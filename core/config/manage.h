/* Changing managed.conf: atomic replace; the versions before are kept beside it as managed.conf.1,
 * .2, …, the highest the latest. */
#ifndef CONFIG_MANAGE_H
#define CONFIG_MANAGE_H

#include "config/config.h"
#include "config/turn.h"

/* Writes one key. A NULL value removes it. EPERM with the place if FILE, conf.d or the environment
 * sets it, or if the key points at files or code and belongs to the admin's own files. */
int config_manage(const char *file, const char *section, const char *key, const char *value,
                  struct portico_error *error);
/* Several keys at once: all or none, one version. */
int config_manage_all(const char *file, const struct config_change *changes, size_t count,
                      struct portico_error *error);

/* Takes the turn, for who has to look at what stands, or to ask the portal, before it is over:
 * `ret_config` is what stands. Free it, and end the turn (config/turn.h). */
int config_manage_begin(const char *file, struct config_turn **ret_turn, struct config **ret_config,
                        struct portico_error *error);
/* In it: as config_manage_all. */
int config_manage_change(struct config_turn *turn, const struct config *config,
                         const struct config_change *changes, size_t count,
                         struct portico_error *error);

#endif
