#include "page/po.h"

#include "base/error.h"

enum po_part { PART_NONE, PART_CONTEXT, PART_ID, PART_PLURAL, PART_FORM };

struct po_reader {
    struct arena *arena;
    const char *file;
    unsigned line;
    struct po_entry entry;
    enum po_part part;
    bool fuzzy_next;
    bool failed; /* memory ended */
    int (*each)(const struct po_entry *entry, void *data);
    void *data;
    struct portico_error *error;
};

static int wrong(struct po_reader *reader, const char *what)
{
    return error_set(reader->error, PORTICO_EINVAL, "%s:%u: %s", reader->file, reader->line, what);
}

static int unescape(struct po_reader *reader, struct text quoted, struct text *ret_text)
{
    static const struct {
        char letter, byte;
    } escapes[] = { { 'n', '\n' }, { 't', '\t' }, { 'r', '\r' }, { '"', '"' }, { '\\', '\\' } };
    char *copy = arena_alloc(reader->arena, quoted.length + 1);
    size_t length = 0;
    if (!copy)
        return error_set(reader->error, PORTICO_ENOMEM, "Memory ended while %s was read.",
                         reader->file);
    for (size_t i = 0; i < quoted.length; i++) {
        char c = quoted.data[i];
        if (c == '"')
            return wrong(reader, "A quote stands inside the text. Write it as \\\".");
        if (c == '\\') {
            size_t e = 0;
            char letter = ++i < quoted.length ? quoted.data[i] : '\0';
            while (e < sizeof escapes / sizeof *escapes && escapes[e].letter != letter)
                e++;
            if (e == sizeof escapes / sizeof *escapes)
                return wrong(reader, "Unknown escape. Expected one of \\n \\t \\r \\\" \\\\.");
            c = escapes[e].byte;
        }
        copy[length++] = c;
    }
    copy[length] = '\0';
    *ret_text = (struct text){ copy, length };
    return 0;
}

static struct text *part_of(struct po_reader *reader)
{
    switch (reader->part) {
    case PART_CONTEXT: return &reader->entry.context;
    case PART_ID: return &reader->entry.id;
    case PART_PLURAL: return &reader->entry.plural;
    case PART_FORM: return &reader->entry.forms[reader->entry.form_count - 1];
    default: return NULL;
    }
}

/* Appends one quoted string to the part that is being read. */
static int read_quoted(struct po_reader *reader, struct text line)
{
    struct text more = { NULL, 0 }, *part = part_of(reader);
    line = text_trim(line);
    if (line.length < 2 || line.data[0] != '"' || line.data[line.length - 1] != '"')
        return wrong(reader, "Expected a text in double quotes on one line.");
    if (!part)
        return wrong(reader, "A text without a keyword. Expected msgid or msgstr before it.");
    int code = unescape(reader, (struct text){ line.data + 1, line.length - 2 }, &more);
    if (code < 0)
        return code;
    char *joined = arena_alloc(reader->arena, part->length + more.length + 1);
    if (!joined)
        return error_set(reader->error, PORTICO_ENOMEM, "Memory ended while %s was read.",
                         reader->file);
    if (part->length)
        memcpy(joined, part->data, part->length);
    memcpy(joined + part->length, more.data, more.length + 1);
    *part = (struct text){ joined, part->length + more.length };
    return 0;
}

static int finish_entry(struct po_reader *reader)
{
    struct po_entry *entry = &reader->entry;
    int code = 0;
    if (entry->id.data && !entry->form_count)
        return wrong(reader,
                     "The entry before this line has no msgstr. Write msgstr \"\" for one that "
                     "is not translated yet.");
    if (entry->context.data && !entry->id.data)
        return wrong(reader, "msgctxt without msgid. Write the msgid below it.");
    if (entry->id.length)
        code = reader->each(entry, reader->data);
    *entry = (struct po_entry){ .fuzzy = false };
    reader->part = PART_NONE;
    return code;
}

static int begin_entry(struct po_reader *reader)
{
    if (reader->entry.id.data || reader->entry.context.data) {
        int code = finish_entry(reader);
        if (code < 0)
            return code;
    }
    reader->entry.fuzzy = reader->fuzzy_next;
    reader->fuzzy_next = false;
    reader->entry.line = reader->line;
    return 0;
}

static int read_form(struct po_reader *reader, struct text line, unsigned number, bool indexed)
{
    struct po_entry *entry = &reader->entry;
    if (!entry->id.data || indexed != (entry->plural.data != NULL))
        return wrong(reader, indexed ? "msgstr[n] without msgid_plural. Write msgstr."
                                     : "msgstr where msgid or msgstr[0] was expected.");
    if (number != entry->form_count || number >= PO_FORMS_MAX)
        return wrong(reader,
                     "The forms are out of order. Expected msgstr[0], msgstr[1] and so on.");
    entry->form_count++;
    reader->part = PART_FORM;
    return read_quoted(reader, line);
}

static bool take(struct text *line, struct text word)
{
    if (!text_starts(*line, word))
        return false;
    char next = line->length > word.length ? line->data[word.length] : '\0';
    if (next != ' ' && next != '\t' && next != '"')
        return false;
    line->data += word.length;
    line->length -= word.length;
    return true;
}

static int read_keyword(struct po_reader *reader, struct text line)
{
    if (take(&line, TEXT("msgctxt"))) {
        int code = begin_entry(reader);
        reader->part = PART_CONTEXT;
        return code < 0 ? code : read_quoted(reader, line);
    }
    if (take(&line, TEXT("msgid"))) {
        bool has_context = reader->entry.context.data && !reader->entry.id.data;
        int code = has_context ? 0 : begin_entry(reader);
        reader->part = PART_ID;
        return code < 0 ? code : read_quoted(reader, line);
    }
    if (take(&line, TEXT("msgid_plural"))) {
        if (!reader->entry.id.data || reader->entry.plural.data || reader->entry.form_count)
            return wrong(reader, "msgid_plural without msgid. Write it right below its msgid.");
        reader->part = PART_PLURAL;
        return read_quoted(reader, line);
    }
    if (take(&line, TEXT("msgstr")))
        return read_form(reader, line, 0, false);
    if (text_starts(line, TEXT("msgstr[")) && line.length > 9 && line.data[8] == ']' &&
        line.data[7] >= '0' && line.data[7] <= '9') {
        unsigned number = (unsigned)(line.data[7] - '0');
        return read_form(reader, (struct text){ line.data + 9, line.length - 9 }, number, true);
    }
    return wrong(reader,
                 "Expected msgctxt, msgid, msgid_plural, msgstr, a quoted text or a comment.");
}

static int read_line(struct po_reader *reader, struct text line)
{
    line = text_trim(line);
    if (!line.length)
        return 0;
    if (line.data[0] == '#') {
        if (text_starts(line, TEXT("#,")) && memmem(line.data, line.length, "fuzzy", 5))
            reader->fuzzy_next = true;
        return 0;
    }
    return line.data[0] == '"' ? read_quoted(reader, line) : read_keyword(reader, line);
}

int po_read(struct arena *arena, const char *file, struct text source,
            int (*each)(const struct po_entry *entry, void *data), void *data,
            struct portico_error *error)
{
    struct po_reader reader = {
        .arena = arena, .file = file, .each = each, .data = data, .error = error
    };
    int code = 0;
    if (text_starts(source, TEXT("\xEF\xBB\xBF"))) {
        source.data += 3;
        source.length -= 3;
    }
    reader.line = 1;
    if (!text_is_utf8(source.data, source.length))
        return wrong(&reader, "The file is not UTF-8. Save it as UTF-8.");
    for (size_t at = 0; code >= 0 && at < source.length; reader.line++) {
        const char *newline = memchr(source.data + at, '\n', source.length - at);
        size_t end = newline ? (size_t)(newline - source.data) : source.length;
        size_t length = end - at;
        if (length && source.data[end - 1] == '\r')
            length--;
        code = read_line(&reader, (struct text){ source.data + at, length });
        at = end + 1;
        if (code < 0)
            return code;
    }
    return code < 0 ? code : finish_entry(&reader);
}
