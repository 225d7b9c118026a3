#include "base/csv.h"

#include "base/error.h"

static bool ends_line(char c)
{
    return c == '\n' || c == '\r';
}

static void find_separator(struct csv *csv)
{
    static const char separators[] = { ',', ';', '\t' };
    size_t counts[sizeof separators] = { 0 }, best = 0;
    bool quoted = false;
    for (const char *at = csv->at; at < csv->end && (quoted || !ends_line(*at)); at++) {
        quoted ^= *at == '"';
        for (size_t i = 0; i < sizeof separators; i++)
            counts[i] += !quoted && *at == separators[i];
    }
    for (size_t i = 1; i < sizeof separators; i++)
        best = counts[i] > counts[best] ? i : best;
    csv->separator = separators[best];
}

void csv_begin(struct csv *csv, const char *data, size_t length)
{
    static const char mark[] = "\xEF\xBB\xBF";
    const size_t skipped =
        length >= sizeof mark - 1 && memcmp(data, mark, sizeof mark - 1) == 0 ? sizeof mark - 1 : 0;
    *csv = (struct csv){ .at = data + skipped, .end = data + length, .line = 1 };
    find_separator(csv);
}

void csv_end(struct csv *csv)
{
    buffer_free(&csv->fields);
}

/* Behind the end of the line, be it \n, \r or both. */
static void skip_line_end(struct csv *csv)
{
    const bool pair = csv->end - csv->at > 1 && csv->at[0] == '\r' && csv->at[1] == '\n';
    csv->at += pair ? 2 : 1;
    csv->line++;
}

/* To the line behind the one that a wrong record began in. */
static void skip_line(struct csv *csv)
{
    while (csv->at < csv->end && !ends_line(*csv->at))
        csv->at++;
    if (csv->at < csv->end)
        skip_line_end(csv);
}

struct reading {
    struct csv *csv;
    const char *limit; /* of this record */
    struct portico_error *error;
};

static int refuse(const struct reading *reading, const char *why)
{
    return error_set(reading->error, PORTICO_EINVAL, "%s", why);
}

/* From behind the opening quote to behind the closing one. */
static int read_quoted(struct reading *reading)
{
    struct csv *csv = reading->csv;
    while (csv->at < reading->limit) {
        if (*csv->at == '"' && csv->at + 1 < csv->end && csv->at[1] == '"') {
            csv->at++;
        } else if (*csv->at == '"') {
            csv->at++;
            return PORTICO_OK;
        }
        if (*csv->at == '\n' || (*csv->at == '\r' && csv->end - csv->at > 1 && csv->at[1] != '\n'))
            csv->line++;
        buffer_append_char(&csv->fields, *csv->at++);
    }
    return refuse(reading, csv->at == csv->end
                               ? /* translated */ "A quotation mark is opened here, and none "
                                                  "closes it: write one behind the field."
                               : /* translated */ "This line is longer than 64 KiB: shorten it, or "
                                                  "close its quotation marks.");
}

static int read_field(struct reading *reading)
{
    struct csv *csv = reading->csv;
    int code = PORTICO_OK;
    if (csv->at < csv->end && *csv->at == '"') {
        csv->at++;
        code = read_quoted(reading);
        if (code == 0 && csv->at < csv->end && !ends_line(*csv->at) && *csv->at != csv->separator)
            code = refuse(reading,
                          /* translated */ "Something stands behind a closing quotation mark: "
                                           "double the marks inside a field.");
        return code;
    }
    while (csv->at < reading->limit && !ends_line(*csv->at) && *csv->at != csv->separator)
        buffer_append_char(&csv->fields, *csv->at++);
    if (csv->at == reading->limit && csv->at < csv->end)
        code = refuse(reading, /* translated */ "This line is longer than 64 KiB: shorten it, or "
                                                "close its quotation marks.");
    return code;
}

/* Fields one behind the other, each with a NUL: where they begin is known when none moves any more.
 */
static int read_record(struct reading *reading, size_t ret_starts[CSV_FIELDS_MAX],
                       size_t *ret_count)
{
    struct csv *csv = reading->csv;
    size_t count = 0;
    for (;;) {
        if (count == CSV_FIELDS_MAX)
            return refuse(reading, /* translated */ "This line has more than 64 fields.");
        size_t start = csv->fields.length;
        int code = read_field(reading);
        if (code < 0)
            return code;
        buffer_append_char(&csv->fields, '\0');
        if (csv->fields.failed)
            return error_set(reading->error, PORTICO_ENOMEM, "Memory ended.");
        if (!text_is_utf8(csv->fields.data + start, csv->fields.length - start - 1))
            return refuse(reading, /* translated */ "This line is not UTF-8: save the file as "
                                                    "\"CSV UTF-8\".");
        ret_starts[count++] = start;
        if (csv->at == csv->end || ends_line(*csv->at))
            break;
        csv->at++;
    }
    *ret_count = count;
    return PORTICO_OK;
}

int csv_next(struct csv *csv, struct csv_record *ret_record, struct portico_error *error)
{
    size_t starts[CSV_FIELDS_MAX], count = 0;
    while (csv->at < csv->end && ends_line(*csv->at))
        skip_line_end(csv);
    if (csv->at == csv->end)
        return 0;
    const char *begin = csv->at;
    const size_t left = (size_t)(csv->end - begin);
    struct reading reading = { csv, begin + (left < CSV_RECORD_MAX ? left : CSV_RECORD_MAX),
                               error };
    ret_record->line = csv->line;
    buffer_clear(&csv->fields);
    int code = read_record(&reading, starts, &count);
    if (code < 0) {
        csv->at = begin;
        csv->line = ret_record->line;
        skip_line(csv);
        return code;
    }
    if (csv->at < csv->end)
        skip_line_end(csv);
    ret_record->count = count;
    for (size_t i = 0; i < count; i++)
        ret_record->fields[i] = csv->fields.data + starts[i];
    return 1;
}

/* Where tables take the rest of a field for something to reckon: OWASP, "CSV Injection". In some
 * languages they do so of the wide signs too. */
static bool is_formula(const char *text)
{
    static const char *const signs[] = { "=",  "+",  "-",  "@",  "\t", "\r",
                                         "\n", "＝", "＋", "－", "＠" };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strncmp(text, signs[i], strlen(signs[i])) == 0)
            return true;
    return false;
}

void csv_write(struct buffer *buffer, const char *text)
{
    const bool formula = is_formula(text);
    const bool fresh = buffer->length == 0 || buffer->data[buffer->length - 1] == '\n';
    if (!fresh)
        buffer_append_char(buffer, ',');
    if (!formula && (*text || !fresh) && !strpbrk(text, ",;\t\r\n\"")) {
        buffer_append_text(buffer, text);
        return;
    }
    buffer_append_char(buffer, '"');
    if (formula)
        buffer_append_char(buffer, '\'');
    for (; *text; text++) {
        if (*text == '"')
            buffer_append_char(buffer, '"');
        buffer_append_char(buffer, *text);
    }
    buffer_append_char(buffer, '"');
}

void csv_write_end(struct buffer *buffer)
{
    buffer_append_text(buffer, "\r\n");
}
