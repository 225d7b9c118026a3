/* Facts about accounts as modules declare them: read, checked, and put together for pages. */
#ifndef MODULE_FACTS_H
#define MODULE_FACTS_H

#include "module/registry.h"

/* The declaration of a module's fact; NULL: it has none of that key. */
const struct portico_account_fact *facts_find(const struct module *module, const char *key);
/* A text as typed, brought into the form it is kept in ("" and NULL: NULL). EINVAL: no value of the
 * fact's type. */
int facts_check(const struct portico_account_fact *fact, const char *typed, struct arena *arena,
                const char **ret_content, struct portico_error *error);
/* What is kept, as a value of the fact's type. NULL: it is none any more, or memory ended. */
struct value *facts_value(const struct portico_account_fact *fact, const char *content,
                          struct arena *arena);

/* Who reads it, and in which words. */
struct facts_reader {
    const struct module_host *host;
    const char *locale;
    struct arena *arena;
};
/* A source text of the module, in the reader's language. */
const char *facts_words(const struct facts_reader *reader, const char *module, const char *source);
/* What is kept, for people: the words of a choice; a truth as yes or no; a number and a day as the
 * reader writes them; else as it is. */
const char *facts_text(const struct facts_reader *reader, const char *module,
                       const struct portico_account_fact *fact, const char *content);

/* For the page of an account: those of its facts that are set and that modules declare, in the
 * order of modules and lists. A list of objects in the session's arena: "module", "key", "title"
 * and, for the staff, "help" (in the reader's language), "type" ("text", "number", "date",
 * "boolean", "choice"), "value" (by type), "text" (for readers, as of facts_text), "link" (of a
 * text that is an address of the web; else null) and "shown" (the account sees it too). `staff`
 * false: only what the account sees. */
int facts_of_account(const struct module_host *host, struct store_session *session, int64_t account,
                     bool staff, const char *locale, struct value **ret_list,
                     struct portico_error *error);

#endif
