/* What the author of a module should mend, beyond what a host refuses: `portico module check`.
 *
 * An error is a defect that harms the portal or its readers; advice is a habit that may do so. Each
 * finding belongs to a rule, a word that stays the same over versions. */
#ifndef MODULE_EXAMINE_H
#define MODULE_EXAMINE_H

#include "module/loader.h"

enum examine_weight { EXAMINE_ADVICE, EXAMINE_ERROR };

/* Called for every finding, with a whole sentence. */
struct examine_report {
    void (*say)(enum examine_weight weight, const char *rule, const char *sentence, void *data);
    void *data;
    unsigned named; /* how many missing texts of a language are named; 0: all */
    unsigned errors, advice;
    bool migrations_refused; /* a host says why already: they are not tried once more */
};
void examine_say(struct examine_report *report, enum examine_weight weight, const char *rule,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Everything below, and what a host refuses (rule "load"). `share` holds the host's templates and
 * migrations. False if there was an error. */
bool examine_module(const struct loader_options *options, const char *share, struct arena *arena,
                    struct examine_report *report);

/* The file: exports, imports, hardening, search paths, thread-local storage, constructors. */
void examine_file(int file, struct examine_report *report);
/* One symbol the module asks for. */
void examine_import(const char *symbol, struct examine_report *report);
/* Templates compile; migrations run on an empty SQLite database, and their tokens are known on both
 * databases. */
void examine_directory(const char *directory, const char *id, const char *share,
                       struct examine_report *report);
/* Every locale/LANG.po has words for what the module says, or the host's own has: an error for what
 * readers see, advice for what admins see. */
void examine_texts(const char *directory, const struct portico_module *module, const char *share,
                   struct examine_report *report);

#endif
