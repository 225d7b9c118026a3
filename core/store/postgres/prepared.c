/* Prepared statements of one connection, and parameters in libpq's shape. */
#include "store/postgres/postgres.h"

#include "base/clock.h"
#include "base/error.h"
#include "store/twin.h"

#include <endian.h>

#define STATEMENTS_MAX 256u
#define TYPE_BOOLEAN 16
#define TYPE_BIGINT 20
#define TYPE_DOUBLE 701

static guint hash(gconstpointer key)
{
    const struct postgres_statement *statement = key;
    return g_str_hash(statement->source) ^ g_str_hash(statement->signature);
}

static gboolean equal(gconstpointer left, gconstpointer right)
{
    const struct postgres_statement *a = left, *b = right;
    if (strcmp(a->source, b->source) != 0 || strcmp(a->signature, b->signature) != 0 ||
        strcmp(a->module, b->module) != 0)
        return FALSE;
    if (a->generation != b->generation)
        return FALSE; /* checked against another schema */
    if (!a->visible && !b->visible)
        return TRUE;
    return a->shape == b->shape;
}

static void statement_free_all(void *data)
{
    struct postgres_statement *statement = data;
    g_free(statement->source);
    g_free(statement->module);
    g_free(statement->signature);
    g_free(statement->sql);
    g_free(statement);
}

void postgres_statements_forget(struct postgres_connection *connection)
{
    if (connection->statements)
        g_hash_table_destroy(connection->statements);
    connection->statements = NULL;
}

/* PostgreSQL fixes the types when it prepares: other kinds are another statement. Null fits all. */
static char letter_of(uint32_t kind)
{
    switch (kind) {
    case PORTICO_BOOLEAN: return 'b';
    case PORTICO_REAL: return 'r';
    case PORTICO_TEXT: return 't';
    case PORTICO_NULL: return 'n';
    default: return 'i';
    }
}

static struct postgres_statement *make(const struct statement *text, const char *sql,
                                       const char *signature, const struct store_session *session)
{
    struct postgres_statement *statement = g_new0(struct postgres_statement, 1);
    statement->source = g_strdup(sql);
    statement->module = g_strdup(session->module);
    statement->signature = g_strdup(signature);
    statement->visible = text->visible;
    statement->shape = statement_shape(session->viewer);
    statement->parameters = text->parameters;
    statement->audiences = text->audiences;
    statement->person = text->person;
    statement->counts = text->counts;
    statement->sql = g_strdup(text->sql);
    return statement;
}

static void make_room(struct postgres_connection *connection)
{
    if (connection->statements && g_hash_table_size(connection->statements) < STATEMENTS_MAX)
        return;
    if (connection->statements && connection->pool->prepare)
        postgres_simple(connection, "DEALLOCATE ALL", clock_steady() + STORE_STATEMENT_TIME, NULL);
    postgres_statements_forget(connection);
    connection->statements = g_hash_table_new_full(hash, equal, statement_free_all, NULL);
}

int postgres_statement_take(struct postgres_connection *connection, struct store_session *session,
                            const char *sql, const struct portico_argument *arguments, size_t count,
                            struct postgres_statement **ret_statement, struct portico_error *error)
{
    char signature[POSTGRES_ARGUMENTS_MAX + 1];
    if (count > POSTGRES_ARGUMENTS_MAX)
        return error_set(error, PORTICO_ELIMIT, "A statement takes at most %u parameters.",
                         POSTGRES_ARGUMENTS_MAX);
    for (size_t i = 0; i < count; i++)
        signature[i] = letter_of(arguments[i].kind);
    signature[count] = '\0';
    const struct postgres_statement key = {
        .source = (char *)(uintptr_t)sql,
        .signature = signature,
        .module = (char *)(uintptr_t)session->module,
        .shape = statement_shape(session->viewer),
        .generation = twin_generation(session->store),
    };
    struct postgres_statement *found =
        connection->statements ? g_hash_table_lookup(connection->statements, &key) : NULL;
    if (!found || session->migrating) {
        struct statement text;
        int code = store_prepare(session, sql, &text, error);
        if (code < 0)
            return code;
        if (!session->migrating && count != text.parameters) {
            code = error_set(error, PORTICO_EINVAL,
                             "The statement has %u parameters but was given %zu: pass one for each "
                             "\"?\".",
                             text.parameters, count);
            statement_free(&text);
            return code;
        }
        make_room(connection);
        found = make(&text, sql, signature, session);
        found->generation = key.generation;
        statement_free(&text);
        g_hash_table_replace(connection->statements, found, found);
    }
    *ret_statement = found;
    return 0;
}

static void take_number(struct postgres_arguments *to, int at, Oid type, uint64_t word, int length)
{
    to->types[at] = type;
    to->words[at] = word;
    to->values[at] = (const char *)&to->words[at];
    to->lengths[at] = length;
    to->formats[at] = 1;
}

static int take_one(struct postgres_arguments *to, int at, struct arena *arena,
                    const struct portico_argument *argument, struct portico_error *error)
{
    uint64_t bits;
    switch (argument->kind) {
    case PORTICO_NULL: to->values[at] = NULL; return 0;
    case PORTICO_INTEGER:
    case PORTICO_TIME:
    case PORTICO_ID:
        take_number(to, at, TYPE_BIGINT, htobe64((uint64_t)argument->integer), 8);
        return 0;
    case PORTICO_REAL:
        memcpy(&bits, &argument->real, sizeof bits);
        take_number(to, at, TYPE_DOUBLE, htobe64(bits), 8);
        return 0;
    case PORTICO_BOOLEAN:
        take_number(to, at, TYPE_BOOLEAN, 0, 1);
        *(char *)&to->words[at] = argument->integer != 0;
        return 0;
    case PORTICO_TEXT: /* libpq wants a NUL behind it; inside it has none */
        to->values[at] = arena_strndup(arena, argument->text, argument->length);
        return to->values[at] ? 0 : error_set(error, PORTICO_ENOMEM, "Memory ended.");
    default: break;
    }
    return error_set(error, PORTICO_EINVAL,
                     "Parameter %d is of a kind the database cannot hold: pass null, boolean, "
                     "integer, real, text, time or id.",
                     at + 1);
}

/* One block for all that libpq wants. */
static int make_room_for(struct postgres_arguments *to, struct arena *arena, size_t count,
                         struct portico_error *error)
{
    size_t each = sizeof *to->words + sizeof *to->values + sizeof *to->types + sizeof *to->lengths +
                  sizeof *to->formats;
    to->words = arena_zalloc(arena, (count + 1) * each);
    if (!to->words)
        return error_set(error, PORTICO_ENOMEM, "Memory ended before the statement was sent.");
    to->values = (const char **)(to->words + count);
    to->types = (Oid *)(to->values + count);
    to->lengths = (int *)(to->types + count);
    to->formats = to->lengths + count;
    to->count = (int)count;
    return 0;
}

int postgres_arguments_take(struct postgres_arguments *to, struct arena *arena,
                            const struct postgres_statement *statement,
                            const struct store_viewer *viewer,
                            const struct portico_argument *arguments, size_t count,
                            struct portico_error *error)
{
    unsigned of_viewer = statement->audiences + statement->person;
    int code = make_room_for(to, arena, count + of_viewer, error);
    for (size_t i = 0; i < count && code == 0; i++)
        code = take_one(to, (int)i, arena, &arguments[i], error);
    for (unsigned i = 0; i < of_viewer && code == 0; i++) {
        int64_t value = statement_viewer_value(viewer, statement->audiences, i);
        take_number(to, (int)(count + i), TYPE_BIGINT, htobe64((uint64_t)value), 8);
    }
    return code;
}
