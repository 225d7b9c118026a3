/* Translations: does every language have words for all that the module says? */
#include "module/examine.h"

#include "page/po.h"
#include "page/scan.h"

#include <glib.h>
#include <stdio.h>

/* Source texts of a module: key and value are the text. */
struct texts {
    struct arena *arena;
    GHashTable *set;
};

static void add(struct texts *texts, struct text text)
{
    if (text.length)
        g_hash_table_add(texts->set, arena_strndup(texts->arena, text.data, text.length));
}

static bool is_one_of(struct text word, const char *const *words)
{
    while (*words && !text_equals(word, text_of(*words)))
        words++;
    return *words != NULL;
}

/* Lines "value=Title" of a form's field; those of a setting are words without titles. */
static void add_choices(struct texts *readers, const char *lines)
{
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        const char *title = memchr(lines, '=', length);
        if (title)
            add(readers, (struct text){ title + 1, length - (size_t)(title + 1 - lines) });
        lines += length + (lines[length] == '\n');
    }
}

/* The members of a descriptor that people read, as `sdk/catalogue.mjs` knows them: in the lists
 * that readers meet (`wanted`), or in the others, which admins meet. */
static void add_members(struct texts *readers, struct texts *admins, const struct value *object,
                        bool is_reader)
{
    static const char *const members[] = { "title", "description", "help",   "summary",
                                           "group", "label",       "submit", NULL };
    static const char *const lists[] = { "navigation",    "permissions",    "search_kinds",
                                         "scenarios",     "scenario_steps", "personal_data",
                                         "notices",       "forms",          "form_fields",
                                         "account_facts", "session_values", NULL };
    for (uint32_t i = 0; i < object->count; i++) {
        const struct value *value = object->members[i].value;
        struct text name = object->members[i].key;
        if (value->kind == PORTICO_TEXT && is_one_of(name, members))
            add(is_reader ? readers : admins, (struct text){ value->text, value->count });
        if (value->kind == PORTICO_TEXT && text_equals(name, TEXT("choices")))
            add_choices(readers, value->text);
        for (uint32_t n = 0; value->kind == PORTICO_LISTING && n < value->count; n++)
            if (value->items[n]->kind == PORTICO_OBJECT)
                add_members(readers, admins, value->items[n], is_one_of(name, lists));
    }
}

/* The first text in quotes of a helper's content, its escapes taken out. */
static struct text quoted(struct texts *texts, struct text content)
{
    const char *open = memchr(content.data, '"', content.length);
    struct text none = { NULL, 0 };
    if (!open)
        return none;
    size_t at = (size_t)(open - content.data) + 1, length = 0;
    char *text = arena_alloc(texts->arena, content.length);
    for (; text && at < content.length && content.data[at] != '"'; at++) {
        if (content.data[at] == '\\' && at + 1 < content.length)
            at++;
        text[length++] = content.data[at];
    }
    return text ? (struct text){ text, length } : none;
}

static void ignore(const char *sentence, void *data)
{
    (void)sentence;
    (void)data;
}

/* {{t "…"}} and {{plural count "one" "many"}}; what is wrong with templates is said elsewhere. */
static void add_template(struct texts *texts, const char *path)
{
    struct template_report report = { .say = ignore };
    char *source = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &source, &length, NULL))
        return;
    bool whole = false;
    GArray *tags = scan_tags(path, (struct text){ source, length }, &report, &whole);
    for (guint i = 0; i < tags->len; i++) {
        const struct scan_tag *tag = &g_array_index(tags, struct scan_tag, i);
        if (tag->kind == SCAN_HELPER &&
            (text_starts(tag->content, TEXT("t ")) || text_starts(tag->content, TEXT("plural "))))
            add(texts, quoted(texts, tag->content));
    }
    g_array_free(tags, TRUE);
    g_free(source);
}

static void add_templates(struct texts *texts, const char *directory)
{
    GDir *folder = g_dir_open(directory, 0, NULL);
    const char *name;
    while (folder && (name = g_dir_read_name(folder))) {
        char *path = g_build_filename(directory, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            add_templates(texts, path);
        else if (g_str_has_suffix(name, ".mustache"))
            add_template(texts, path);
        g_free(path);
    }
    if (folder)
        g_dir_close(folder);
}

static int add_entry(const struct po_entry *entry, void *data)
{
    if (!entry->context.data)
        add(data, entry->id);
    return 0;
}

static int add_translated(const struct po_entry *entry, void *data)
{
    bool whole = !entry->fuzzy && entry->form_count > 0;
    for (unsigned i = 0; i < entry->form_count; i++)
        whole &= entry->forms[i].length > 0;
    if (whole && !entry->context.data)
        add(data, entry->id);
    return 0;
}

/* Reads a PO file; false after a finding. A file that is not there holds nothing. */
static bool read_entries(struct texts *texts, const char *path,
                         int (*each)(const struct po_entry *entry, void *data),
                         struct examine_report *report)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    char *source = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &source, &length, NULL))
        return true;
    int code = po_read(texts->arena, path, (struct text){ source, length }, each, texts, &error);
    g_free(source);
    if (code < 0)
        examine_say(report, EXAMINE_ERROR, "texts", "%s", error.message);
    return code == 0;
}

static gint by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

static void compare(const struct texts *wanted, const struct texts *has, const char *path,
                    const char *script, enum examine_weight weight, struct examine_report *report)
{
    GList *all = g_list_sort(g_hash_table_get_keys(wanted->set), by_text);
    GString *named = g_string_new(NULL);
    unsigned missing = 0;
    for (const GList *at = all; at; at = at->next)
        if (!g_hash_table_contains(has->set, at->data) &&
            (++missing <= report->named || !report->named))
            g_string_append_printf(named, "%s\"%.80s\"", missing > 1 ? ", " : "",
                                   (const char *)at->data);
    if (report->named && missing > report->named)
        g_string_append_printf(named, " and %u more", missing - report->named);
    if (missing)
        examine_say(report, weight, "texts",
                    "%s lacks a translation of %u text%s: %s. %s of that language see English "
                    "there: run `node %s` with the directory of the module's sources, which brings "
                    "its .po files up to date, and translate.",
                    path, missing, missing == 1 ? "" : "s", named->str,
                    weight == EXAMINE_ERROR ? "Readers" : "Admins", script);
    g_string_free(named, TRUE);
    g_list_free(all);
}

static struct texts texts_new(struct arena *arena)
{
    return (struct texts){ arena, g_hash_table_new(g_str_hash, g_str_equal) };
}

static void examine_language(const struct texts *readers, const struct texts *admins,
                             const char *path, const char *host, const char *script,
                             struct examine_report *report)
{
    struct texts has = texts_new(readers->arena);
    if (read_entries(&has, path, add_translated, report) &&
        read_entries(&has, host, add_translated, report)) {
        compare(readers, &has, path, script, EXAMINE_ERROR, report);
        compare(admins, &has, path, script, EXAMINE_ADVICE, report);
    }
    g_hash_table_destroy(has.set);
}

static void examine_locale(const char *directory, const struct portico_module *module,
                           const char *share, GDir *folder, struct arena *arena,
                           struct examine_report *report)
{
    struct texts readers = texts_new(arena), admins = texts_new(arena);
    char *templates = g_build_filename(directory, "templates", NULL);
    char *script = g_build_filename(share, "sdk", "catalogue.mjs", NULL);
    char *catalogue = g_strdup_printf("%s/locale/%s.pot", directory, module->id);
    const struct value *described = descriptor_to_value(module, arena);
    if (described)
        add_members(&readers, &admins, described, true);
    add_templates(&readers, templates);
    read_entries(&readers, catalogue, add_entry, report);
    const char *name;
    while ((name = g_dir_read_name(folder))) {
        char *path = g_build_filename(directory, "locale", name, NULL);
        char *host = g_build_filename(share, "locale", name, NULL);
        if (g_str_has_suffix(name, ".po"))
            examine_language(&readers, &admins, path, host, script, report);
        g_free(host);
        g_free(path);
    }
    g_hash_table_destroy(admins.set);
    g_hash_table_destroy(readers.set);
    g_free(catalogue);
    g_free(script);
    g_free(templates);
}

void examine_texts(const char *directory, const struct portico_module *module, const char *share,
                   struct examine_report *report)
{
    struct arena *arena = arena_new(0);
    char *locale = g_build_filename(directory, "locale", NULL);
    GDir *folder = arena ? g_dir_open(locale, 0, NULL) : NULL;
    if (folder) {
        examine_locale(directory, module, share, folder, arena, report);
        g_dir_close(folder);
    }
    g_free(locale);
    arena_free(arena);
}
