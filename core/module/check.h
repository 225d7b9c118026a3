/* Parts of descriptor_check: the sense of one area's lists each, in check_AREA.c. */
#ifndef MODULE_CHECK_H
#define MODULE_CHECK_H

#include "module/descriptor.h"

/* [a-z][a-z0-9]*, with the characters of `extra` after the first; at most 64. */
bool check_is_word(const char *text, const char *extra);

/* Whether `portico ID` is, or may become, a command of the program itself. */
bool check_is_program_word(const char *id);
/* Commands and their options. */
void check_commands(const struct portico_module *module, struct descriptor_report *report);

#endif
