/* managed.conf: what the CLI and the admin pages set, replaced atomically, with its history. */
#include "base/error.h"
#include "base/text.h"
#include "config/reader.h"
#include "config/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define HISTORY_MAX 20

/* The keys of managed.conf as they stand, by section; both in the order of the file. */
struct draft {
    struct arena *arena;
    GPtrArray *entries;  /* struct config_reader_entry */
    const char *problem; /* the first, or NULL */
    unsigned problem_line;
};

static bool draft_section(const char *section, const char *file, unsigned line, void *data)
{
    (void)section;
    (void)file;
    (void)line;
    (void)data;
    return true;
}

static void draft_entry(const struct config_reader_entry *entry, void *data)
{
    struct draft *draft = data;
    struct config_reader_entry *copy = arena_alloc(draft->arena, sizeof *copy);
    *copy = *entry;
    g_ptr_array_add(draft->entries, copy);
}

static void draft_problem(const char *file, unsigned line, const char *message, void *data)
{
    (void)file;
    struct draft *draft = data;
    if (draft->problem)
        return;
    draft->problem = arena_strdup(draft->arena, message);
    draft->problem_line = line;
}

static void draft_set(struct draft *draft, const char *section, const char *key, const char *value)
{
    guint last = draft->entries->len;
    for (guint i = 0; i < draft->entries->len; i++) {
        struct config_reader_entry *entry = draft->entries->pdata[i];
        if (strcmp(entry->section, section) != 0)
            continue;
        last = i + 1;
        if (strcmp(entry->key, key) != 0)
            continue;
        if (value)
            entry->value = value;
        else
            g_ptr_array_remove_index(draft->entries, i);
        return;
    }
    struct config_reader_entry *entry = arena_zalloc(draft->arena, sizeof *entry);
    *entry = (struct config_reader_entry){ section, key, value, NULL, 0 };
    if (value)
        g_ptr_array_insert(draft->entries, (gint)last, entry);
}

static void append_quoted(GString *out, const char *value)
{
    g_string_append_c(out, '"');
    for (const char *c = value; *c; c++) {
        if (*c == '"' || *c == '\\')
            g_string_append_c(out, '\\');
        if (*c == '\n')
            g_string_append(out, "\\n");
        else if (*c == '\t')
            g_string_append(out, "\\t");
        else
            g_string_append_c(out, *c);
    }
    g_string_append_c(out, '"');
}

static GString *draft_write(const struct draft *draft)
{
    GString *out =
        g_string_new("# Written by `portico` and the admin pages. A key that portico.conf or "
                     "conf.d sets wins over this file.\n");
    const char *section = "";
    for (guint i = 0; i < draft->entries->len; i++) {
        const struct config_reader_entry *entry = draft->entries->pdata[i];
        if (strcmp(section, entry->section) != 0)
            g_string_append_printf(out, "\n[%s]\n", entry->section);
        section = entry->section;
        g_string_append_printf(out, "%s = ", entry->key);
        bool plain = *entry->value && !strpbrk(entry->value, "\"\\\n\t") &&
                     entry->value[0] != ' ' && entry->value[strlen(entry->value) - 1] != ' ';
        if (plain)
            g_string_append(out, entry->value);
        else
            append_quoted(out, entry->value);
        g_string_append_c(out, '\n');
    }
    return out;
}

static int by_number(gconstpointer a, gconstpointer b)
{
    unsigned long left = *(const unsigned long *)a;
    unsigned long right = *(const unsigned long *)b;
    return (left > right) - (left < right);
}

/* Numbers of the versions before, lowest first; g_array_free it. */
static GArray *versions(const char *directory)
{
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(unsigned long));
    GDir *folder = g_dir_open(directory, 0, NULL);
    const char *name;
    while (folder && (name = g_dir_read_name(folder))) {
        long long number;
        if (g_str_has_prefix(name, "managed.conf.") &&
            text_to_int64(text_of(name + strlen("managed.conf.")), &number) && number > 0) {
            unsigned long kept = (unsigned long)number;
            g_array_append_val(numbers, kept);
        }
    }
    if (folder)
        g_dir_close(folder);
    g_array_sort(numbers, by_number);
    return numbers;
}

/* 0: there is none. */
static unsigned long latest_version(const char *directory)
{
    GArray *numbers = versions(directory);
    unsigned long latest =
        numbers->len ? g_array_index(numbers, unsigned long, numbers->len - 1) : 0;
    g_array_free(numbers, TRUE);
    return latest;
}

/* Keeps the version that is about to go as the next number, and the latest HISTORY_MAX of all. */
static int keep_history(const char *directory, const char *file, struct portico_error *error)
{
    if (access(file, F_OK) != 0)
        return 0;
    GArray *numbers = versions(directory);
    unsigned long next = numbers->len ? g_array_index(numbers, unsigned long, numbers->len - 1) : 0;
    char *copy = g_strdup_printf("%s.%lu", file, next + 1);
    int code = link(file, copy) == 0 ? 0
                                     : error_set(error, PORTICO_EIO, "%s cannot be written: %s.",
                                                 copy, g_strerror(errno));
    g_free(copy);
    for (guint i = 0; code == 0 && numbers->len >= HISTORY_MAX && i <= numbers->len - HISTORY_MAX;
         i++) {
        char *oldest = g_strdup_printf("%s.%lu", file, g_array_index(numbers, unsigned long, i));
        unlink(oldest);
        g_free(oldest);
    }
    g_array_free(numbers, TRUE);
    return code;
}

static bool write_whole(int descriptor, const GString *text)
{
    size_t written = 0;
    while (written < text->len) {
        ssize_t count = write(descriptor, text->str + written, text->len - written);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        written += (size_t)count;
    }
    return fsync(descriptor) == 0;
}

/* A reader sees the old file or the new one; after a power cut too. */
static int replace(const char *directory, const char *file, const GString *text,
                   struct portico_error *error)
{
    char *draft = g_strdup_printf("%s/managed.new", directory);
    int descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool written = descriptor >= 0 && write_whole(descriptor, text);
    int why = errno;
    if (descriptor >= 0)
        close(descriptor);
    int code = written ? keep_history(directory, file, error) : 0;
    if (written && code == 0) {
        written = rename(draft, file) == 0;
        why = errno;
    }
    if (!written || code < 0)
        unlink(draft);
    g_free(draft);
    if (code < 0)
        return code;
    if (!written)
        return error_set(error, PORTICO_EIO, "%s cannot be written: %s.", file, g_strerror(why));
    int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        fsync(folder);
        close(folder);
    }
    return 0;
}

/* Reads, changes and replaces the file while nobody else does. */
static int change(const char *directory, const struct config_change *changes, size_t count,
                  struct portico_error *error)
{
    struct draft draft = { .arena = arena_new(0), .entries = g_ptr_array_new() };
    const char *file = arena_printf(draft.arena, "%s/managed.conf", directory);
    struct config_reader reader = { draft.arena, draft_section, draft_entry, draft_problem,
                                    &draft };
    int code = config_reader_read(&reader, file, error);
    if (code == PORTICO_ENOENT)
        code = 0;
    if (code == 0 && draft.problem)
        code =
            error_set(error, PORTICO_EINVAL, "%s:%u: %s Mend the file first; nothing was changed.",
                      file, draft.problem_line, draft.problem);
    if (code == 0) {
        for (size_t i = 0; i < count; i++)
            draft_set(&draft, changes[i].section, changes[i].key, changes[i].value);
        GString *text = draft_write(&draft);
        code = replace(directory, file, text, error);
        g_string_free(text, TRUE);
    }
    g_ptr_array_free(draft.entries, TRUE);
    arena_free(draft.arena);
    return code;
}

/* Puts the version before in its place; the one that goes is kept like any other. */
static int go_back(const char *directory, struct portico_error *error)
{
    char *file = g_strdup_printf("%s/managed.conf", directory);
    unsigned long latest = latest_version(directory);
    char *before = g_strdup_printf("%s.%lu", file, latest);
    GString *text = g_string_new("");
    char *read = NULL;
    gsize length = 0;
    int code = 0;
    if (latest && !g_file_get_contents(before, &read, &length, NULL))
        code = error_set(error, PORTICO_EIO, "%s cannot be read.", before);
    else if (!latest && access(file, F_OK) != 0)
        code = error_set(error, PORTICO_ENOENT, "Nothing was changed yet.");
    g_string_append_len(text, read ? read : "", (gssize)length);
    if (code == 0)
        code = replace(directory, file, text, error);
    g_string_free(text, TRUE);
    g_free(read);
    g_free(before);
    g_free(file);
    return code;
}

/* `changes` NULL: back to the version before. */
static int change_locked(const char *directory, const struct config_change *changes, size_t count,
                         struct portico_error *error)
{
    if (g_mkdir_with_parents(directory, 0700) < 0)
        return error_set(error, PORTICO_EIO, "The data directory %s cannot be made: %s.", directory,
                         g_strerror(errno));
    char *lock = g_strdup_printf("%s/managed.lock", directory);
    int descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int code = 0;
    if (descriptor < 0)
        code = error_set(error, PORTICO_EIO, "%s cannot be opened: %s.", lock, g_strerror(errno));
    while (code == 0 && flock(descriptor, LOCK_EX) < 0)
        if (errno != EINTR)
            code =
                error_set(error, PORTICO_EIO, "%s cannot be locked: %s.", lock, g_strerror(errno));
    if (code == 0)
        code = changes ? change(directory, changes, count, error) : go_back(directory, error);
    if (descriptor >= 0)
        close(descriptor);
    g_free(lock);
    return code;
}

/* Of its line at most, with quotes: the file has to be read again. */
static size_t written_length(const char *key, const char *value)
{
    size_t length = strlen(key) + strlen(" = \"\"") + strlen(value);
    for (const char *c = value; *c; c++)
        length += strchr("\"\\\n\t", *c) != NULL;
    return length;
}

/* The schema's word on section, key and value; a module's own keys are checked when it is loaded.
 */
static int check_change(const char *section, const char *key, const char *value,
                        struct portico_error *error)
{
    bool module = g_str_has_prefix(section, "module ");
    if (!module && !config_schema_has_section(section))
        return error_set(error, PORTICO_EINVAL, "Unknown section [%s].", section);
    if (module && !config_is_module_name(section + strlen("module ")))
        return error_set(error, PORTICO_EINVAL, "`%.80s` is no module name.",
                         section + strlen("module "));
    int index = module ? -1 : config_schema_find(section, key);
    if (!module && index < 0)
        return error_set(error, PORTICO_EINVAL, "Unknown key `%s` in [%s].", key, section);
    if (!key[0] || key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_")])
        return error_set(error, PORTICO_EINVAL,
                         "`%.60s` is no key. Keys are lower-case letters, digits and `_`.", key);
    if (config_schema_is_protected(section, key))
        return error_set(error, PORTICO_EPERM,
                         "`%s` in [%s] points at files or code. Set it in portico.conf.", key,
                         section);
    if (!value)
        return 0;
    for (const char *c = value; *c; c++)
        if (((unsigned char)*c < 0x20 && *c != '\n' && *c != '\t') || *c == 0x7F)
            return error_set(error, PORTICO_EINVAL, "The value holds a control character.");
    if (!text_is_utf8(value, strlen(value)))
        return error_set(error, PORTICO_EINVAL, "The value is not valid UTF-8.");
    if (written_length(key, value) > CONFIG_READER_LINE_MAX)
        return error_set(error, PORTICO_EINVAL,
                         "The value of `%s` is longer than a line may be, %d bytes. Shorten it.",
                         key, CONFIG_READER_LINE_MAX);
    const struct portico_setting *setting = index >= 0 ? &config_keys[index].setting : NULL;
    if (module && strcmp(key, "enabled") == 0)
        setting = &config_module_keys[0];
    struct config_value parsed;
    int code = setting ? config_parse_value(setting, value, &parsed, error) : 0;
    return code < 0 ? code : config_schema_validate(section, key, value, error);
}

static int check_origin(const struct config *config, const struct config_change *change,
                        struct portico_error *error)
{
    struct config_origin origin = config_origin(config, change->section, change->key);
    if (origin.locked && origin.line)
        return error_set(error, PORTICO_EPERM,
                         "`%s` in [%s] is set in %s:%u and locked by it. Change it there.",
                         change->key, change->section, origin.file, origin.line);
    if (origin.locked)
        return error_set(error, PORTICO_EPERM, "`%s` in [%s] is set by the %s. Change it there.",
                         change->key, change->section, origin.file);
    return 0;
}

int config_manage_all(const char *file, const struct config_change *changes, size_t count,
                      struct portico_error *error)
{
    struct config *config;
    int code = 0;
    if (count == 0)
        return 0;
    for (size_t i = 0; code == 0 && i < count; i++)
        code = check_change(changes[i].section, changes[i].key, changes[i].value, error);
    if (code == 0)
        code = config_load(file, &config, error);
    if (code < 0)
        return code;
    for (size_t i = 0; code == 0 && i < count; i++)
        code = check_origin(config, &changes[i], error);
    if (code == 0)
        code = change_locked(config->data, changes, count, error);
    config_free(config);
    return code;
}

int config_manage(const char *file, const char *section, const char *key, const char *value,
                  struct portico_error *error)
{
    return config_manage_all(file, &(struct config_change){ section, key, value }, 1, error);
}

int config_manage_undo(const char *file, struct portico_error *error)
{
    struct config *config;
    int code = config_load(file, &config, error);
    if (code < 0)
        return code;
    code = change_locked(config->data, NULL, 0, error);
    config_free(config);
    return code;
}
