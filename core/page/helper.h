/* The helpers of templates: words, plurals, numbers, dates, icons and assets. */
#ifndef PAGE_HELPER_H
#define PAGE_HELPER_H

#include "page/template.h"

/* What a name gave: a value, a cell of a result, or a whole row. */
#define SLOT_ROW 64u
struct slot {
    uint32_t kind; /* enum portico_kind or SLOT_ROW */
    uint32_t count;
    union {
        int64_t integer;
        double real;
        const char *text;
        const struct value *value; /* objects, lists, rows; of a SLOT_ROW its result */
    };
    const struct value_cell *cells; /* of a SLOT_ROW */
};

struct render;

struct template_helper {
    const char *name;
    uint8_t least, most; /* positional arguments */
    bool literal;        /* the first is a text in quotes */
    bool named;          /* takes name=value */
    bool markup;         /* makes elements: in text only */
    const char *usage;
    int (*call)(struct render *render, const struct template_node *node,
                const struct slot *arguments);
};
/* By name, or NULL. */
const struct template_helper *helper_find(struct text name);
/* "t, plural, number, …" for messages. */
const char *helper_list(void);

#define HELPER_ARGUMENTS_MAX 12

/* The renderer's side, for helpers. */
void render_text(struct render *render, unsigned place, const char *text, size_t length);
void render_slot(struct render *render, unsigned place, const struct slot *slot);
struct buffer *render_out(struct render *render);
struct portico_error *render_error(struct render *render);
const struct template_context *render_context(const struct render *render);

#endif
