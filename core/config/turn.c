/* managed.conf, replaced atomically, with its history; whoever changes it has the turn until it is
 * known whether the portal takes the change. */
#include "config/turn.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "config/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define HISTORY_MAX 20

/* Who holds `lock` on managed.lock. */
struct config_turn {
    char *directory, *file;
    int lock;
    bool written;       /* there is something to take back */
    unsigned long kept; /* the version that went for it; 0: there was no file */
};

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

/* Only the latest HISTORY_MAX of all versions stay. */
static void trim_history(const char *directory, const char *file)
{
    GArray *numbers = versions(directory);
    for (guint i = 0; i + HISTORY_MAX < numbers->len; i++) {
        char *oldest = g_strdup_printf("%s.%lu", file, g_array_index(numbers, unsigned long, i));
        unlink(oldest);
        g_free(oldest);
    }
    g_array_free(numbers, TRUE);
}

/* Keeps the version that is about to go as the next number, given in `ret_kept`; none: 0. */
static int keep_history(const char *directory, const char *file, unsigned long *ret_kept,
                        struct portico_error *error)
{
    *ret_kept = 0;
    if (access(file, F_OK) != 0)
        return 0;
    unsigned long next = latest_version(directory) + 1;
    char *copy = g_strdup_printf("%s.%lu", file, next);
    int code = link(file, copy) == 0 ? 0
                                     : error_set(error, PORTICO_EIO, "%s cannot be written: %s.",
                                                 copy, g_strerror(errno));
    g_free(copy);
    if (code == 0)
        *ret_kept = next;
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

static void flush_directory(const char *directory)
{
    int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return;
    fsync(folder);
    close(folder);
}

/* A reader sees the old file or the new one; after a power cut too. */
static int replace(struct config_turn *turn, const GString *text, struct portico_error *error)
{
    const char *directory = turn->directory, *file = turn->file;
    char *draft = g_strdup_printf("%s/managed.new", directory);
    int descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool written = descriptor >= 0 && write_whole(descriptor, text);
    int why = errno;
    if (descriptor >= 0)
        close(descriptor);
    int code = written ? keep_history(directory, file, &turn->kept, error) : 0;
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
    turn->written = true;
    flush_directory(directory);
    return 0;
}

/* ---- the turn ---- */

static int take_lock(const char *directory, int *ret_descriptor, struct portico_error *error)
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
    if (code < 0 && descriptor >= 0)
        close(descriptor);
    if (code == 0)
        *ret_descriptor = descriptor;
    g_free(lock);
    return code;
}

int config_turn_take(const char *directory, struct config_turn **ret_turn,
                     struct portico_error *error)
{
    int lock = -1;
    int code = take_lock(directory, &lock, error);
    if (code < 0)
        return code;
    struct config_turn *turn = g_new0(struct config_turn, 1);
    turn->directory = g_strdup(directory);
    turn->file = g_strdup_printf("%s/managed.conf", directory);
    turn->lock = lock;
    *ret_turn = turn;
    return 0;
}

int config_turn_write(struct config_turn *turn, const struct config_change *changes, size_t count,
                      struct portico_error *error)
{
    struct draft draft = { .arena = arena_new(0), .entries = g_ptr_array_new() };
    struct config_reader reader = { draft.arena, draft_section, draft_entry, draft_problem,
                                    &draft };
    int code = config_reader_read(&reader, turn->file, error);
    if (code == PORTICO_ENOENT)
        code = 0;
    if (code == 0 && draft.problem)
        code =
            error_set(error, PORTICO_EINVAL, "%s:%u: %s Mend the file first; nothing was changed.",
                      turn->file, draft.problem_line, draft.problem);
    if (code == 0) {
        for (size_t i = 0; i < count; i++)
            draft_set(&draft, changes[i].section, changes[i].key, changes[i].value);
        GString *text = draft_write(&draft);
        code = replace(turn, text, error);
        g_string_free(text, TRUE);
    }
    g_ptr_array_free(draft.entries, TRUE);
    arena_free(draft.arena);
    return code;
}

int config_turn_undo(struct config_turn *turn, struct portico_error *error)
{
    unsigned long latest = latest_version(turn->directory);
    char *before = g_strdup_printf("%s.%lu", turn->file, latest);
    GString *text = g_string_new("");
    char *read = NULL;
    gsize length = 0;
    int code = 0;
    if (latest && !g_file_get_contents(before, &read, &length, NULL))
        code = error_set(error, PORTICO_EIO, "%s cannot be read.", before);
    else if (!latest && access(turn->file, F_OK) != 0)
        code = error_set(error, PORTICO_ENOENT, "Nothing was changed yet.");
    g_string_append_len(text, read ? read : "", (gssize)length);
    if (code == 0)
        code = replace(turn, text, error);
    g_string_free(text, TRUE);
    g_free(read);
    g_free(before);
    return code;
}

int config_turn_refuse(struct config_turn *turn, struct portico_error *error)
{
    if (!turn->written)
        return 0;
    char *before = g_strdup_printf("%s.%lu", turn->file, turn->kept);
    int done = turn->kept ? rename(before, turn->file) : unlink(turn->file);
    int code = done == 0 ? 0
                         : error_set(error, PORTICO_EIO, "%s cannot be put back: %s.", turn->file,
                                     g_strerror(errno));
    g_free(before);
    if (code == 0)
        turn->written = false;
    flush_directory(turn->directory);
    return code;
}

void config_turn_end(struct config_turn *turn)
{
    if (!turn)
        return;
    if (turn->written)
        trim_history(turn->directory, turn->file);
    close(turn->lock);
    g_free(turn->directory);
    g_free(turn->file);
    g_free(turn);
}

unsigned long config_turn_version(const char *directory)
{
    return latest_version(directory);
}
