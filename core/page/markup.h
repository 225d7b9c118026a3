/* Where in markup a byte of a template stands: text, a tag, an attribute's value, a script. */
#ifndef PAGE_MARKUP_H
#define PAGE_MARKUP_H

#include "base/text.h"

#include <stdint.h>

enum markup_at {
    MARKUP_TEXT,
    MARKUP_TAG_OPEN, /* behind "<" */
    MARKUP_TAG_NAME,
    MARKUP_TAG,        /* inside a tag, where an attribute may begin */
    MARKUP_NAME,       /* in an attribute's name */
    MARKUP_AFTER_NAME, /* blanks behind it */
    MARKUP_BEFORE_VALUE,
    MARKUP_VALUE, /* in a quoted value */
    MARKUP_UNQUOTED,
    MARKUP_COMMENT,
    MARKUP_DECLARATION, /* <!doctype …> and <?…?> */
    MARKUP_CDATA,
    MARKUP_SCRIPT, /* script, style and other elements whose text is no markup */
    MARKUP_JSON,   /* script type="application/ld+json" */
    MARKUP_TITLE,  /* title, textarea: text without elements */
};

struct markup {
    uint8_t at;
    bool xml;
    bool closing;      /* in an end tag */
    bool pieced;       /* a name was cut by a tag: a blank must follow */
    bool self_closing; /* the last byte of the tag was "/" */
    bool refreshes;    /* <meta http-equiv> */
    bool json;         /* type="application/ld+json" was seen */
    char quote;
    char element[16];   /* lower case, cut */
    char attribute[24]; /* lower case, cut */
    char value[24];     /* beginning of the attribute's value */
};

/* Reads on; stops early before a byte that is not allowed there and returns its index, else
 * `length`. *ret_wrong is the sentence for it. `each` is told every value's beginning and end. */
size_t markup_read(struct markup *markup, struct text text, const char **ret_wrong,
                   void (*each)(size_t at, bool begins, void *data), void *data);
/* A template tag stands here: names that were being read end. */
void markup_settle(struct markup *markup);
bool markup_same(const struct markup *a, const struct markup *b);

#endif
