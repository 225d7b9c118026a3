/* Kinds of result columns: what their names ask for, and cells made into it. */
#include "store/driver.h"

static struct value *(*html_opener)(struct arena *arena, const char *text, size_t length);

void store_set_html_opener(struct value *(*open)(struct arena *arena, const char *text,
                                                 size_t length))
{
    html_opener = open;
}

static const struct {
    const char *suffix;
    uint32_t kind;
} column_kinds[] = {
    { "id", PORTICO_ID },     { "time", PORTICO_TIME },       { "boolean", PORTICO_BOOLEAN },
    { "html", PORTICO_HTML }, { "real", PORTICO_REAL },       { "json", PORTICO_TEXT },
    { "text", PORTICO_TEXT }, { "integer", PORTICO_INTEGER },
};

struct store_column store_column_of(const char *label)
{
    const char *colon = strrchr(label, ':');
    for (size_t i = 0; colon && i < G_N_ELEMENTS(column_kinds); i++)
        if (strcmp(colon + 1, column_kinds[i].suffix) == 0)
            return (struct store_column){ { label, (size_t)(colon - label) },
                                          column_kinds[i].kind };
    return (struct store_column){ text_of(label), PORTICO_NULL };
}

/* A number past both ends stays at the end. */
static int64_t whole_of(double real)
{
    if (real >= 0x1p63)
        return INT64_MAX;
    return real > -0x1p63 ? (int64_t)real : INT64_MIN;
}

int store_cell_finish(struct arena *arena, const struct store_column *column,
                      struct value_cell *cell)
{
    if (column->kind == PORTICO_NULL || cell->kind == PORTICO_NULL || cell->kind == column->kind)
        return 0;
    bool whole = cell->kind == PORTICO_INTEGER || cell->kind == PORTICO_BOOLEAN;
    if (column->kind == PORTICO_HTML && cell->kind == PORTICO_TEXT) {
        struct value *html = html_opener ? html_opener(arena, cell->text, cell->length) : NULL;
        if (!html)
            return html_opener ? -1 : 0;
        *cell =
            (struct value_cell){ .kind = PORTICO_HTML, .length = html->count, .text = html->text };
    } else if (column->kind == PORTICO_BOOLEAN && whole) {
        *cell = (struct value_cell){ .kind = PORTICO_BOOLEAN, .integer = cell->integer != 0 };
    } else if (column->kind == PORTICO_REAL && whole) {
        *cell = (struct value_cell){ .kind = PORTICO_REAL, .real = (double)cell->integer };
    } else if (column->kind == PORTICO_INTEGER && cell->kind == PORTICO_REAL) {
        *cell = (struct value_cell){ .kind = PORTICO_INTEGER, .integer = whole_of(cell->real) };
    } else if (whole && column->kind != PORTICO_TEXT) {
        cell->kind = column->kind;
    }
    return 0;
}
