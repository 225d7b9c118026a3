#include "portal/import_read.h"

#include "base/error.h"
#include "base/json.h"
#include "base/value.h"

static const char *const names[IMPORT_FIELDS] = {
    [IMPORT_EXTERNAL] = "external",  [IMPORT_NAME] = "name",
    [IMPORT_KIND] = "kind",          [IMPORT_ABOVE] = "above",
    [IMPORT_STATE] = "state",        [IMPORT_MAIL] = "mail",
    [IMPORT_LOCALE] = "locale",      [IMPORT_TIMEZONE] = "timezone",
    [IMPORT_ACCOUNT_ID] = "account", [IMPORT_PERSON_ID] = "person",
    [IMPORT_ROLES] = "roles",        [IMPORT_TITLE] = "title",
    [IMPORT_BELOW] = "below",        [IMPORT_FROM] = "from",
    [IMPORT_UNTIL] = "until",        [IMPORT_CONTACT_FOR] = "contact",
    [IMPORT_TEAM_ROLE] = "team",     [IMPORT_PHONE] = "phone",
};

static int no_column(const char *name, struct portico_error *error)
{
    return error_set(
        error, PORTICO_EINVAL,
        "\"%.60s\" is no column: there are external, name, kind, above and state of "
        "accounts; external, name, mail, locale and timezone of people; account, "
        "person, roles, title, below, from and until of memberships; account, person or "
        "mail, and contact of contacts; account, person or mail, team and phone of "
        "account teams.",
        name);
}

static int field_named(const char *name)
{
    for (int i = 0; i < IMPORT_FIELDS; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static enum import_kind kind_of(const bool *there)
{
    if (there[IMPORT_TEAM_ROLE])
        return IMPORT_TEAM;
    if (there[IMPORT_CONTACT_FOR])
        return IMPORT_CONTACT;
    if (there[IMPORT_ACCOUNT_ID] || there[IMPORT_PERSON_ID])
        return IMPORT_MEMBERSHIP;
    return there[IMPORT_MAIL] ? IMPORT_PERSON : IMPORT_ACCOUNT;
}

/* What a contact or an account team has beside other things would be left out silently. */
static int check_columns(const bool *there, struct portico_error *error)
{
    const enum import_kind kind = kind_of(there);
    if (there[IMPORT_PHONE] && kind != IMPORT_TEAM)
        return error_set(error, PORTICO_EINVAL,
                         "\"phone\" stands beside \"team\" only: rows of an account team.");
    for (int i = 0; (kind == IMPORT_CONTACT || kind == IMPORT_TEAM) && i < IMPORT_FIELDS; i++)
        if (there[i] && i != IMPORT_ACCOUNT_ID && i != IMPORT_PERSON_ID && i != IMPORT_MAIL &&
            i != IMPORT_CONTACT_FOR && i != IMPORT_TEAM_ROLE && i != IMPORT_PHONE)
            return error_set(error, PORTICO_EINVAL,
                             "\"%s\" stands beside \"%s\": write rows of their own for each.",
                             names[i], kind == IMPORT_TEAM ? "team" : "contact");
    if (there[IMPORT_CONTACT_FOR] && kind == IMPORT_TEAM)
        return error_set(error, PORTICO_EINVAL,
                         "\"contact\" stands beside \"team\": write rows of their own for each.");
    return PORTICO_OK;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int read_heading(struct import_reader *reader, struct portico_error *error)
{
    struct csv_record heading;
    bool there[IMPORT_FIELDS] = { false };
    int code = csv_next(&reader->csv, &heading, error);
    if (code == 0)
        return error_set(error, PORTICO_EINVAL, "The file is empty: its first line names columns.");
    for (size_t i = 0; code > 0 && i < heading.count; i++) {
        reader->columns[i] = field_named(heading.fields[i]);
        if (reader->columns[i] < 0)
            return no_column(heading.fields[i], error);
        for (size_t before = 0; before < i; before++)
            if (reader->columns[before] == reader->columns[i])
                return error_set(error, PORTICO_EINVAL, "The column \"%s\" stands there twice.",
                                 heading.fields[i]);
        there[reader->columns[i]] = true;
    }
    if (code > 0)
        code = check_columns(there, error) < 0 ? PORTICO_EINVAL : 1;
    reader->column_count = code > 0 ? heading.count : 0;
    return code < 0 ? code : PORTICO_OK;
}

int import_read_begin(struct import_reader *reader, const char *data, size_t length,
                      struct portico_error *error)
{
    size_t first = 0;
    *reader = (struct import_reader){ .at = data, .end = data + length, .line = 1 };
    while (first < length && is_blank(data[first]))
        first++;
    reader->json = first < length && (data[first] == '[' || data[first] == '{');
    if (reader->json)
        return PORTICO_OK;
    csv_begin(&reader->csv, data, length);
    return read_heading(reader, error);
}

void import_read_end(struct import_reader *reader)
{
    csv_end(&reader->csv);
}

size_t import_read_left(const struct import_reader *reader)
{
    return reader->json ? (size_t)(reader->end - reader->at)
                        : (size_t)(reader->csv.end - reader->csv.at);
}

/* ---- CSV ---- */

static int next_csv(struct import_reader *reader, struct arena *arena, struct import_row *row,
                    struct portico_error *error)
{
    struct csv_record record = { 0 };
    bool there[IMPORT_FIELDS] = { false };
    for (size_t i = 0; i < reader->column_count; i++)
        there[reader->columns[i]] = true;
    row->kind = kind_of(there);
    int code = csv_next(&reader->csv, &record, error);
    row->line = record.line;
    if (code <= 0)
        return code;
    if (record.count != reader->column_count)
        return error_set(error, PORTICO_EINVAL,
                         "This line has %zu fields and the heading %zu: each column needs one.",
                         record.count, reader->column_count);
    for (size_t i = 0; i < record.count; i++) {
        const int field = reader->columns[i];
        row->fields[field] = arena_strdup(arena, record.fields[i]);
        if (!row->fields[field])
            return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    }
    return 1;
}

/* ---- JSON ---- */

/* Past blanks, commas and the brackets of an array. */
static void skip_between(struct import_reader *reader)
{
    while (reader->at < reader->end && (is_blank(*reader->at) || strchr("[],", *reader->at))) {
        reader->line += *reader->at == '\n';
        reader->at++;
    }
}

/* The end of the object that begins at `at`; NULL: it has none, or is too long. */
static const char *object_end(const struct import_reader *reader)
{
    unsigned depth = 0;
    bool quoted = false;
    for (const char *at = reader->at; at < reader->end && at - reader->at < (long)CSV_RECORD_MAX;
         at++) {
        if (quoted && *at == '\\')
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (!quoted && *at == '{')
            depth++;
        else if (!quoted && *at == '}' && --depth == 0)
            return at + 1;
    }
    return NULL;
}

static void skip_line(struct import_reader *reader)
{
    const char *end = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    reader->at = end ? end : reader->end;
}

static int read_members(const struct value *object, struct import_row *row,
                        struct portico_error *error)
{
    const struct portico_value *members = value_public((struct value *)(uintptr_t)object);
    bool there[IMPORT_FIELDS] = { false };
    for (size_t i = 0; i < portico_count(members); i++) {
        const char *name = portico_key_at(members, i);
        const int field = field_named(name);
        const struct portico_value *value = portico_get(members, name);
        if (field < 0)
            return no_column(name, error);
        there[field] = true;
        if (portico_kind(value) == PORTICO_NULL)
            continue;
        if (portico_kind(value) != PORTICO_TEXT)
            return error_set(error, PORTICO_EINVAL, "\"%s\" is no text: write it in quotes.", name);
        row->fields[field] = portico_text_of(value, NULL);
    }
    row->kind = kind_of(there);
    return check_columns(there, error) < 0 ? PORTICO_EINVAL : 1;
}

static int next_json(struct import_reader *reader, struct arena *arena, struct import_row *row,
                     struct portico_error *error)
{
    struct value *object = NULL;
    skip_between(reader);
    row->line = reader->line;
    if (reader->at == reader->end)
        return 0;
    const char *end = *reader->at == '{' ? object_end(reader) : NULL;
    if (!end) {
        skip_line(reader);
        return error_set(error, PORTICO_EINVAL,
                         "Here is no JSON object, or one that does not end within 64 KiB.");
    }
    const char *begin = reader->at;
    for (reader->at = begin; reader->at < end; reader->at++)
        reader->line += *reader->at == '\n';
    int code = json_parse(arena, begin, (size_t)(end - begin), &object, error);
    return code < 0 ? PORTICO_EINVAL : read_members(object, row, error);
}

int import_read_next(struct import_reader *reader, struct arena *arena, struct import_row *ret_row,
                     struct portico_error *error)
{
    *ret_row = (struct import_row){ 0 };
    return reader->json ? next_json(reader, arena, ret_row, error)
                        : next_csv(reader, arena, ret_row, error);
}
