/* Results of libpq as cells, by the type the server gives each column. */
#include "store/postgres/postgres.h"

#include "base/error.h"

#include <stdlib.h>

enum reading { READ_TEXT, READ_INTEGER, READ_REAL, READ_NUMERIC, READ_BOOLEAN };

/* Built-in type ids, fixed in pg_type.dat. */
static const struct {
    Oid type;
    enum reading reading;
} types[] = {
    { 20, READ_INTEGER }, { 21, READ_INTEGER }, { 23, READ_INTEGER }, { 26, READ_INTEGER },
    { 16, READ_BOOLEAN }, { 700, READ_REAL },   { 701, READ_REAL },   { 1700, READ_NUMERIC },
};

static enum reading reading_of(Oid type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (types[i].type == type)
            return types[i].reading;
    return READ_TEXT;
}

static int read_cell(struct arena *arena, const PGresult *result, int row, int column,
                     struct value_cell *cell)
{
    const char *text = PQgetvalue(result, row, column);
    enum reading reading = reading_of(PQftype(result, column));
    cell->kind = PORTICO_NULL;
    if (PQgetisnull(result, row, column))
        return 0;
    /* Sums of integers are numeric without a fraction: integers again, as on SQLite. */
    if (reading == READ_NUMERIC)
        reading = strchr(text, '.') || strlen(text) > 18 ? READ_REAL : READ_INTEGER;
    if (reading == READ_TEXT) {
        cell->kind = PORTICO_TEXT;
        cell->length = (uint32_t)PQgetlength(result, row, column);
        cell->text = arena_strndup(arena, text, cell->length);
        return cell->text ? 0 : -1;
    }
    if (reading == READ_REAL) {
        cell->kind = PORTICO_REAL;
        cell->real = g_ascii_strtod(text, NULL);
        return 0;
    }
    cell->kind = reading == READ_BOOLEAN ? PORTICO_BOOLEAN : PORTICO_INTEGER;
    cell->integer = reading == READ_BOOLEAN ? *text == 't' : strtoll(text, NULL, 10);
    return 0;
}

int postgres_row(struct arena *arena, const PGresult *result, int row, struct value_cell *cells,
                 const struct store_column *columns)
{
    for (int i = 0; i < PQnfields(result); i++)
        if (read_cell(arena, result, row, i, &cells[i]) < 0 ||
            store_cell_finish(arena, &columns[i], &cells[i]) < 0)
            return -1;
    return 0;
}

int postgres_columns(const PGresult *result, struct store_column *columns,
                     struct portico_error *error)
{
    int count = PQnfields(result);
    if ((unsigned)count > STORE_COLUMNS_MAX)
        return error_set(error, PORTICO_ELIMIT,
                         "The statement returns %d columns; at most %u are taken.", count,
                         STORE_COLUMNS_MAX);
    for (int i = 0; i < count; i++)
        columns[i] = store_column_of(PQfname(result, i));
    return 0;
}

struct value *postgres_rows_new(struct arena *arena, const PGresult *result,
                                const struct store_column *columns)
{
    struct text names[STORE_COLUMNS_MAX];
    unsigned count = (unsigned)PQnfields(result);
    for (unsigned i = 0; i < count; i++)
        names[i] = columns[i].name;
    return value_rows_new(arena, names, count);
}
