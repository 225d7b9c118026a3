#include "config/reader.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Longest piece of a wrong line that is repeated in its message. */
#define SHOWN_MAX 40

/* One run over one file. */
struct run {
    const struct config_reader *reader;
    const char *file;
    unsigned line;
    const char *section; /* NULL: none yet, or one that is passed over */
    bool passing;        /* the section's own line was wrong: its keys are not worth a word */
    unsigned problems;
    GHashTable *sections; /* name → line */
    GHashTable *keys;     /* "section\nkey" → line */
};

static void G_GNUC_PRINTF(2, 3) report(struct run *run, const char *format, ...)
{
    run->problems++;
    if (run->problems > CONFIG_READER_PROBLEMS_MAX)
        return;
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_vprintf(run->reader->arena, format, arguments);
    va_end(arguments);
    run->reader->problem(run->file, run->line, message ? message : "Memory ended.",
                         run->reader->data);
}

/* The beginning of a text for a message, cut between characters. */
static const char *shown(struct run *run, struct text text)
{
    bool cut = text.length > SHOWN_MAX;
    size_t length = cut ? text_utf8_cut(text.data, SHOWN_MAX) : text.length;
    return arena_printf(run->reader->arena, "%.*s%s", (int)length, text.data, cut ? "…" : "");
}

static bool is_name(struct text name, bool dashes)
{
    if (!name.length)
        return false;
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        bool fits = g_ascii_isalnum(c) || c == '_' || (dashes && c == '-');
        if (!fits)
            return false;
    }
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* "module   NAME" → "module NAME"; NULL (and a problem) if it is no section name. */
static const char *section_name(struct run *run, struct text inside)
{
    struct arena *arena = run->reader->arena;
    if (is_name(inside, true)) {
        if (text_equals(inside, TEXT("module"))) {
            report(run, "[module] lacks the module's name. Write `[module NAME]`, "
                        "such as `[module communities]`.");
            return NULL;
        }
        return arena_strndup(arena, inside.data, inside.length);
    }
    size_t word = 0;
    while (word < inside.length && !is_blank(inside.data[word]))
        word++;
    struct text rest = text_trim((struct text){ inside.data + word, inside.length - word });
    if (text_equals((struct text){ inside.data, word }, TEXT("module")) && is_name(rest, true))
        return arena_printf(arena, "module %.*s", (int)rest.length, rest.data);
    if (!inside.length)
        report(run, "The brackets are empty. Write the section's name between them, "
                    "such as `[http]` or `[module NAME]`.");
    else
        report(run,
               "`[%s]` is no section name. Write one word of letters, digits, `_` and `-`, "
               "such as `[http]`, or `[module NAME]`.",
               shown(run, inside));
    return NULL;
}

static void read_section(struct run *run, struct text line)
{
    run->section = NULL;
    run->passing = true;
    const char *end = memchr(line.data, ']', line.length);
    if (!end) {
        report(run, "The section `%s` lacks its closing bracket `]`.", shown(run, line));
        return;
    }
    struct text after =
        text_trim((struct text){ end + 1, line.length - (size_t)(end + 1 - line.data) });
    struct text inside = text_trim((struct text){ line.data + 1, (size_t)(end - line.data) - 1 });
    const char *name = section_name(run, inside);
    if (!name)
        return;
    if (after.length)
        report(run, "Only blanks may follow `[%s]`, not `%s`. A comment needs a line of its own.",
               name, shown(run, after));
    unsigned first = GPOINTER_TO_UINT(g_hash_table_lookup(run->sections, name));
    bool known = first ? true : run->reader->section(name, run->file, run->line, run->reader->data);
    if (first)
        report(run, "The section [%s] began already in line %u. Move these keys there.", name,
               first);
    else if (known)
        g_hash_table_insert(run->sections, (gpointer)name, GUINT_TO_POINTER(run->line));
    if (known) {
        run->section = name;
        run->passing = false;
    }
}

/* The text between quotes, escapes opened; NULL (and a problem) if it is malformed. */
static const char *quoted_value(struct run *run, const char *key, struct text value)
{
    char *out = arena_alloc(run->reader->arena, value.length + 1);
    size_t length = 0;
    size_t i = 1;
    for (; out && i < value.length && value.data[i] != '"'; i++) {
        char c = value.data[i];
        if (c == '\\' && i + 1 < value.length) {
            static const char from[] = "\"\\nt";
            static const char to[] = "\"\\\n\t";
            const char *at = strchr(from, value.data[++i]);
            if (!at) {
                const char *character = value.data + i;
                report(run,
                       "The escape `\\%.*s` in the value of `%s` is unknown. Known are \\\" "
                       "\\\\ \\n and \\t; write a backslash as \\\\.",
                       (int)(g_utf8_next_char(character) - character), character, key);
                return NULL;
            }
            c = to[at - from];
        }
        out[length++] = c;
    }
    if (!out)
        return NULL;
    if (i >= value.length) {
        report(run, "The value of `%s` lacks its closing quote. A value stands on one line.", key);
        return NULL;
    }
    struct text after = text_trim((struct text){ value.data + i + 1, value.length - i - 1 });
    if (after.length) {
        report(run,
               "Only blanks may follow the closing quote of `%s`, not `%s`. Write a quote "
               "inside the value as \\\"; a comment needs a line of its own.",
               key, shown(run, after));
        return NULL;
    }
    out[length] = '\0';
    return out;
}

static const char *plain_value(struct run *run, const char *key, struct text value)
{
    if (value.length && value.data[value.length - 1] == '\\') {
        report(run,
               "The value of `%s` ends in a backslash, but values do not continue on the "
               "next line. Write it on one line, or in quotes.",
               key);
        return NULL;
    }
    return arena_strndup(run->reader->arena, value.data, value.length);
}

static void read_entry(struct run *run, struct text line)
{
    if (run->passing)
        return;
    const char *equals = memchr(line.data, '=', line.length);
    if (!equals) {
        report(run,
               "`%s` is neither `[section]`, `key = value` nor a comment. Comments begin "
               "with `#` or `;`.",
               shown(run, line));
        return;
    }
    struct text name = text_trim((struct text){ line.data, (size_t)(equals - line.data) });
    if (!is_name(name, false)) {
        if (name.length)
            report(run, "`%s` is no key. Keys are letters, digits and `_`.", shown(run, name));
        else
            report(run, "The key before `=` is missing. Write `key = value`.");
        return;
    }
    char *key = arena_strndup(run->reader->arena, name.data, name.length);
    if (!run->section) {
        report(run,
               "The key `%s` stands before any section. Put it below a line such as "
               "`[http]`.",
               key);
        return;
    }
    struct text text =
        text_trim((struct text){ equals + 1, line.length - (size_t)(equals + 1 - line.data) });
    const char *value = text.length && text.data[0] == '"' ? quoted_value(run, key, text)
                                                           : plain_value(run, key, text);
    char *path = arena_printf(run->reader->arena, "%s\n%s", run->section, key);
    unsigned first = GPOINTER_TO_UINT(g_hash_table_lookup(run->keys, path));
    if (first) {
        report(run, "`%s` in [%s] is set already in line %u. Delete one of the two.", key,
               run->section, first);
        return;
    }
    g_hash_table_insert(run->keys, path, GUINT_TO_POINTER(run->line));
    if (!value)
        return;
    struct config_reader_entry entry = { run->section, key, value, run->file, run->line };
    run->reader->entry(&entry, run->reader->data);
}

static bool has_control(struct text line)
{
    for (size_t i = 0; i < line.length; i++)
        if ((unsigned char)line.data[i] < 0x20 && line.data[i] != '\t')
            return true;
    return memchr(line.data, 0x7F, line.length) != NULL;
}

static void read_line(struct run *run, struct text line)
{
    if (line.length && line.data[line.length - 1] == '\r')
        line.length--;
    if (line.length > CONFIG_READER_LINE_MAX) {
        report(run, "The line is %zu bytes long; at most %d are read.", line.length,
               CONFIG_READER_LINE_MAX);
        return;
    }
    if (!line.length)
        return;
    if (!text_is_utf8(line.data, line.length)) {
        report(run, "The line is not valid UTF-8. Save the file in UTF-8.");
        return;
    }
    if (has_control(line)) {
        report(run, "The line holds a control character. Delete it; in quotes \\n and \\t are "
                    "known.");
        return;
    }
    line = text_trim(line);
    if (!line.length || line.data[0] == '#' || line.data[0] == ';')
        return;
    if (line.data[0] == '[')
        read_section(run, line);
    else
        read_entry(run, line);
}

void config_reader_parse(const struct config_reader *reader, const char *file, const char *bytes,
                         size_t length)
{
    struct run run = { .reader = reader, .file = file };
    if (length > CONFIG_READER_FILE_MAX) {
        report(&run, "The file is %zu bytes long; at most %d are read.", length,
               CONFIG_READER_FILE_MAX);
        return;
    }
    run.sections = g_hash_table_new(g_str_hash, g_str_equal);
    run.keys = g_hash_table_new(g_str_hash, g_str_equal);
    size_t at = 0;
    /* Editors of other systems put a byte order mark before the first line. */
    if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
        at = 3;
    while (at < length && run.problems <= CONFIG_READER_PROBLEMS_MAX) {
        const char *end = memchr(bytes + at, '\n', length - at);
        size_t stop = end ? (size_t)(end - bytes) : length;
        run.line++;
        read_line(&run, (struct text){ bytes + at, stop - at });
        at = stop + 1;
    }
    if (run.problems > CONFIG_READER_PROBLEMS_MAX)
        reader->problem(file, run.line,
                        "There are more mistakes; the rest of the file was not read.",
                        reader->data);
    g_hash_table_destroy(run.keys);
    g_hash_table_destroy(run.sections);
}

static int refuse(const char *file, int code, struct portico_error *error)
{
    if (code == ENOENT)
        return error_set(error, PORTICO_ENOENT, "%s does not exist.", file);
    return error_set(error, PORTICO_EIO, "%s cannot be read: %s.", file, g_strerror(code));
}

/* Reads to the end of the file; the size of stat is only a hint, for an editor may be writing. */
static int read_all(int descriptor, GByteArray *bytes)
{
    guint8 part[8192];
    ssize_t count;
    while ((count = read(descriptor, part, sizeof part)) != 0) {
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno;
        g_byte_array_append(bytes, part, (guint)count);
        if (bytes->len > CONFIG_READER_FILE_MAX)
            break;
    }
    return 0;
}

int config_reader_read(const struct config_reader *reader, const char *file,
                       struct portico_error *error)
{
    /* Non-blocking: a FIFO in the file's place must not hang the start. */
    int descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return refuse(file, errno, error);
    struct stat status;
    if (fstat(descriptor, &status) < 0 || !S_ISREG(status.st_mode)) {
        close(descriptor);
        return error_set(error, PORTICO_EINVAL, "%s is not a regular file.", file);
    }
    GByteArray *bytes = g_byte_array_new();
    int code = read_all(descriptor, bytes);
    close(descriptor);
    if (code == 0)
        config_reader_parse(reader, file, (const char *)bytes->data, bytes->len);
    g_byte_array_free(bytes, TRUE);
    return code ? refuse(file, code, error) : 0;
}
