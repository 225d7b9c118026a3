/* Descriptors: copied in the host's own sizes, checked for sense, carried between processes as
 * JSON.
 *
 * A module may be older or newer than the host: lists say how large their items were, structs begin
 * with their size. What the module lacks is zero, what the host does not know is left out. */
#ifndef MODULE_DESCRIPTOR_H
#define MODULE_DESCRIPTOR_H

#include "base/value.h"

#include <portico/module.h>

/* Called for every mistake, with a whole sentence. */
struct descriptor_report {
    void (*say)(const char *sentence, void *data);
    void *data;
    unsigned count; /* of sentences said */
};
void descriptor_say(struct descriptor_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Copies a descriptor of whatever size into the arena. Mistakes of form (missing required members,
 * texts that are not UTF-8 or endless, sizes that cut a member) are reported; false if there was
 * any. A list that the module's SDK did not have yet is empty with an item size of 0. */
bool descriptor_copy(const struct portico_module *foreign, struct arena *arena,
                     struct portico_module *ret_module, struct descriptor_report *report);
/* Mistakes of meaning: names, patterns, permissions, schemas, defaults. */
void descriptor_check(const struct portico_module *module, struct descriptor_report *report);
/* The same for the portal's own module, whose id and places no other may have. */
void descriptor_check_portal(const struct portico_module *module, struct descriptor_report *report);

/* Functions become true or false. NULL when memory ended. */
struct value *descriptor_to_value(const struct portico_module *module, struct arena *arena);
/* From another process: hostile. A function that is there becomes one that aborts: it can be seen,
 * not called. False (and reported) if it is no descriptor. */
bool descriptor_from_value(const struct value *value, struct arena *arena,
                           struct portico_module *ret_module, struct descriptor_report *report);

/* [a-z][a-z0-9-]*, at most 40, and not a name the portal keeps for itself. */
bool descriptor_id_is_good(const char *id);

#endif
