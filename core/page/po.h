/* Gettext PO files, read strictly: every mistake with its line. */
#ifndef PAGE_PO_H
#define PAGE_PO_H

#include "base/arena.h"
#include "base/text.h"

#include <portico/base.h>

#define PO_FORMS_MAX 6

struct po_entry {
    struct text context; /* msgctxt; NULL data: none */
    struct text id;
    struct text plural; /* msgid_plural; NULL data: none */
    struct text forms[PO_FORMS_MAX];
    unsigned form_count;
    unsigned line; /* of its msgid */
    bool fuzzy;    /* marked by a translator as not sure */
};

/* Calls `each` for every entry but the header; texts live in `arena`. EINVAL names file and line.
 */
int po_read(struct arena *arena, const char *file, struct text source,
            int (*each)(const struct po_entry *entry, void *data), void *data,
            struct portico_error *error);

#endif
