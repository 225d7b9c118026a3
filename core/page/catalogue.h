/* The words of all modules in all languages, and how a text with {name} is filled in. */
#ifndef PAGE_CATALOGUE_H
#define PAGE_CATALOGUE_H

#include "base/arena.h"
#include "page/po.h"

#include <glib.h>

/* Run-time language of development: "[!! Ĥéļļö one two !!]" shows what was not translated, in a
 * catalogue or at all, or does not fit. */
#define CATALOGUE_PSEUDO "en-XA"

struct catalogue {
    struct arena *arena;
    GHashTable *languages; /* tag to GHashTable of "module\x04source" to struct catalogue_message */
    GPtrArray *tags;       /* of `languages`, sorted; "en" always */
    GHashTable *modules;   /* that have words in any of them */
};
struct catalogue_message {
    struct text forms[PO_FORMS_MAX];
    unsigned form_count;
};

void catalogue_init(struct catalogue *catalogue, struct arena *arena);
void catalogue_clear(struct catalogue *catalogue);
/* Adds the entries of a PO file to `module`'s words; what is there already is replaced (brand). */
int catalogue_add(struct catalogue *catalogue, const char *module, const char *tag,
                  const char *file, struct text source, struct portico_error *error);
/* The message of `module`, else of "portico", else NULL: the source stands. */
const struct catalogue_message *catalogue_find(const struct catalogue *catalogue,
                                               const char *module, const char *tag,
                                               struct text source);
/* Whether the text was forgotten: its module is translated, but in no language this text. */
bool catalogue_misses(const struct catalogue *catalogue, const char *module, struct text source);
/* RFC 4647 lookup over the languages; "en" otherwise. Borrowed. */
const char *catalogue_negotiate(const struct catalogue *catalogue, const char *accept_language,
                                bool pseudo);

#endif
