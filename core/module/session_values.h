/* What modules attach to a session, as they declare it: checked, kept and read. It is kept with the
 * session as one JSON text, {"MODULE":{"KEY":"content"}}, and so begins, moves and ends with it. */
#ifndef MODULE_SESSION_VALUES_H
#define MODULE_SESSION_VALUES_H

#include "module/facts.h"

#define SESSION_VALUES_TEXT_MAX 500   /* characters of one text */
#define SESSION_VALUES_TEXT_USUAL 200 /* characters, where the declaration names none */
/* Each module has a share of its own, so that none takes from what another's session needs. */
#define SESSION_VALUES_CHARACTERS 2000 /* of all texts that one module declares */
#define SESSION_VALUES_CHOICE_MAX 64   /* bytes of what a choice is kept as */
/* Of what one module attaches, as JSON. No declaration that was checked reaches it: keys, and what
 * is no text, have at most 64 bytes each, of which JSON writes two for one; a character of a text
 * has at most four. */
#define SESSION_VALUES_BYTES 16384

/* The declaration of a module's value; NULL: it has none of that key. */
const struct portico_session_value *session_values_find(const struct module *module,
                                                        const char *key);
/* Most characters of a text. */
size_t session_values_most(const struct portico_session_value *value);
/* `carried` (NULL: nothing yet) with what the module gives now, an object by key, in place of what
 * it gave before. EFAULT: it is no object, has a key that is not declared, a value of another type
 * or size, or all of it is longer than SESSION_VALUES_BYTES; what others attached has no part in
 * that. `ret_carried` is in the arena. */
int session_values_add(const struct module *module, const struct value *given, const char *carried,
                       struct arena *arena, const char **ret_carried, struct portico_error *error);
/* EFAULT: something is missing without which the module lets no session begin. */
int session_values_require(const struct module *module, const char *carried, struct arena *arena,
                           struct portico_error *error);
/* One of them, by its type; NULL: it is not there, no value of today's declaration, or memory
 * ended.
 */
struct value *session_values_read(const struct module *module,
                                  const struct portico_session_value *value, const char *carried,
                                  struct arena *arena);
/* For the person whose session it is: a list of objects "title" and "text", of the modules that are
 * enabled. NULL: memory ended. */
struct value *session_values_shown(const struct facts_reader *reader, const char *carried);

#endif
