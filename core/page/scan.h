/* Mustache source to tags: delimiters, kinds, matching ends, and which lines they have to
 * themselves. */
#ifndef PAGE_SCAN_H
#define PAGE_SCAN_H

#include "page/template.h"

enum scan_kind {
    SCAN_VALUE,
    SCAN_RAW, /* {{{x}}} and {{&x}} */
    SCAN_SECTION,
    SCAN_INVERTED,
    SCAN_END,
    SCAN_PARTIAL,
    SCAN_PARENT,
    SCAN_BLOCK,
    SCAN_COMMENT,
    SCAN_DELIMITERS,
    SCAN_HELPER, /* a blank inside: no name of the specification has one */
};

struct scan_tag {
    enum scan_kind kind;
    uint32_t line;
    size_t start, end; /* in the source, delimiters included */
    size_t from, to;   /* with the blanks and the line end that go when it stands alone */
    struct text content;
    uint32_t match; /* opening tags: index of their end */
    bool overrides; /* a block directly inside a parent */
    bool alone;     /* an opening tag of a block that ends its line */
};

/* An array of struct scan_tag. *ret_whole is false after mistakes were said: then it holds what
 * could be read, and no ends are matched. */
GArray *scan_tags(const char *file, struct text source, struct template_report *report,
                  bool *ret_whole);

#endif
