/* Parts of descriptor_check: the sense of one area's lists each, in check_AREA.c. */
#ifndef MODULE_CHECK_H
#define MODULE_CHECK_H

#include "module/descriptor.h"

#define CHECK_PORTAL "portico" /* id of the portal's own module */

/* [a-z][a-z0-9]*, with the characters of `extra` after the first; at most 64. */
bool check_is_word(const char *text, const char *extra);

/* Whether `portico ID` is, or may become, a command of the program itself. */
bool check_is_program_word(const char *id);
/* Says what is wrong with the `which` schema of `what`, if anything. */
void check_schema(const char *what, const char *which, const char *schema,
                  struct descriptor_report *report);
/* Event types, handlers and jobs. */
void check_events(const struct portico_module *module, struct descriptor_report *report);
/* Commands and their options. */
void check_commands(const struct portico_module *module, struct descriptor_report *report);

/* Hooks; services and methods. What concerns several modules at once is the registry's. */
void check_hooks(const struct portico_module *module, struct descriptor_report *report);
void check_services(const struct portico_module *module, struct descriptor_report *report);

/* Forms, their fields, and the routes that take them. */
void check_forms(const struct portico_module *module, struct descriptor_report *report);

/* Scenarios and their steps. */
void check_scenarios(const struct portico_module *module, struct descriptor_report *report);
/* Hooks of personal data; the tables are held against the migrations: check_personal. */
void check_personal_hooks(const struct portico_module *module, struct descriptor_report *report);
/* Facts about accounts. */
void check_facts(const struct portico_module *module, struct descriptor_report *report);
/* Values of sessions. */
void check_session_values(const struct portico_module *module, struct descriptor_report *report);
/* Kinds of notices. */
void check_notices(const struct portico_module *module, struct descriptor_report *report);
/* .personal_data against the tables that the migrations in `directory`/migrations make. */
void check_personal(const struct portico_module *module, const char *directory,
                    struct descriptor_report *report);

#endif
