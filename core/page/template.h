/* Mustache compiled once to a small tree and rendered straight from values and bound rows. */
#ifndef PAGE_TEMPLATE_H
#define PAGE_TEMPLATE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/value.h"

#include <glib.h>
#include <portico/base.h>

#define TEMPLATE_DEPTH_MAX 160 /* sections, partials and blocks inside each other when rendered */
#define TEMPLATE_STEPS_MAX                                                                         \
    20000000 /* nodes of one render: a template that calls itself must end                         \
              */
#define TEMPLATE_BYTES_MAX (1u << 20) /* of one source file */

/* What the template makes. SPEC is plain Mustache as its specification has it: no check of places.
 */
enum template_mode { TEMPLATE_SPEC, TEMPLATE_HTML, TEMPLATE_XML, TEMPLATE_TEXT };

/* Where a value comes out: how it is escaped. */
enum template_place {
    PLACE_RAW,     /* text/plain, and triple mustaches of the specification */
    PLACE_TEXT,    /* markup text: html comes out as it is, everything else escaped */
    PLACE_ESCAPED, /* quoted attributes, <title>, XML: everything escaped */
    PLACE_URL,     /* a URL attribute: percent-encoded as its position asks */
    PLACE_JSON,    /* <script type="application/ld+json">: the json helper only */
};

/* Interned names: a column's index is cached per section under its name's number. */
struct template_names {
    GHashTable *numbers; /* struct text in `arena` to number + 1 */
    struct arena *arena;
    uint32_t count;
};

/* A dotted name; no parts: the implicit iterator ".". */
struct template_name {
    uint32_t count;
    struct template_part {
        struct text text;
        uint32_t number;
    } parts[];
};

/* An argument of a helper: a literal text, or a name to look up. */
struct template_argument {
    struct text key; /* empty for positional ones */
    struct text literal;
    const struct template_name *name; /* NULL: the literal */
    struct template_argument *next;
};

enum template_node_type {
    NODE_TEXT,
    NODE_VALUE,
    NODE_SECTION,
    NODE_INVERTED,
    NODE_PARTIAL,
    NODE_PARENT, /* children are the overriding blocks */
    NODE_BLOCK,
    NODE_HELPER,
    NODE_URL_BEGIN, /* put around URL attributes by the check */
    NODE_URL_END,
};

struct template_helper;

struct template_node {
    uint8_t type;
    uint8_t place;
    bool starts_line; /* the first thing of a line: indentation goes before it */
    bool alone;       /* a block whose opening tag has a line of its own */
    uint32_t line;
    struct text text;   /* TEXT: bytes; PARTIAL, PARENT, BLOCK: its name */
    struct text indent; /* PARTIAL, PARENT: of the tag; BLOCK: what its content stands under */
    const struct template_name *name;
    const struct template_helper *helper;
    struct template_argument *arguments;
    struct template *target; /* PARTIAL, PARENT: linked; NULL in SPEC mode when absent */
    struct template *home;   /* where it was written: file for messages, module for words */
    struct template_node *children;
    struct template_node *next;
    struct template_node *next_link; /* PARTIAL, PARENT of one template, to be linked */
};

/* Where a block stands, so that what overrides it is checked for that place. */
struct template_block;

struct template
{
    const char *file;   /* for messages */
    const char *module; /* whose words {{t}} looks for */
    const char *name;
    enum template_mode mode;
    struct template_node *nodes;
    struct template_node *links;
    struct template_block *blocks;
    enum { TEMPLATE_UNCHECKED, TEMPLATE_CHECKING, TEMPLATE_CHECKED, TEMPLATE_REFUSED } state;
};

struct template_source {
    const char *file;
    const char *module;
    const char *name;
    struct text text;
    enum template_mode mode;
};

#define TEMPLATE_MISTAKES_MAX 50 /* that are said; then one sentence says that there are more */

/* Receives each mistake as "file:line: sentence". */
struct template_report {
    void (*say)(const char *sentence, void *data);
    void *data;
    unsigned count; /* mistakes said */
};
void template_say(struct template_report *report, const char *file, unsigned line,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

void template_names_init(struct template_names *names, struct arena *arena);
void template_names_clear(struct template_names *names);

/* Compiles one source; everything is kept in `arena`, the source itself included. NULL: mistakes
 * were said that leave nothing to check. With others it is not for rendering: see the report. */
struct template *template_compile(struct template_names *names, struct arena *arena,
                                  const struct template_source *source,
                                  struct template_report *report);
/* Finds the templates a template names. A NULL answer is a mistake, except in SPEC mode. */
typedef struct template *template_resolve(const struct template *from, struct text name,
                                          void *data);
void template_link(struct template *template, template_resolve *resolve, void *data,
                   struct template_report *report);
/* Checks the place of every tag (HTML, XML) and notes it in the nodes. After linking; once. */
void template_check(struct arena *arena, struct template *template, struct template_report *report);

struct page_set;
struct page_reader;

/* What a render needs beside its data. Borrowed. */
struct template_context {
    const struct template_names *names;
    struct arena *arena;        /* for column caches */
    const struct value *portal; /* the outer frame, also under the name "portal"; may be NULL */
    const struct page_set *set; /* words; may be NULL: the English source */
    const struct page_reader *reader; /* may be NULL in SPEC mode */
    bool development;
    uint64_t steps; /* most nodes to render; 0: TEMPLATE_STEPS_MAX */
};
int template_render(const struct template *template, const struct template_context *context,
                    const struct value *data, struct buffer *out, struct portico_error *error);

#endif
