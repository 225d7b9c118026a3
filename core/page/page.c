#include "page/page.h"
#include "page/format.h"

#include "base/error.h"
#include "page/template.h"
#include "page/words.h"

#include <stdio.h>

#define CORE "portico"
#define SUFFIX ".mustache"

struct page_set {
    struct arena *arena;
    struct template_names names;
    GHashTable *templates; /* "module/name" to struct template */
    struct catalogue catalogue;
    GHashTable *mistakes; /* module to what is wrong with its files; in development only */
    char *core_directory;
    char *brand_directory;
    bool development;
};

const struct catalogue *page_set_catalogue(const struct page_set *set)
{
    return &set->catalogue;
}

void page_set_free(struct page_set *set)
{
    if (!set)
        return;
    template_names_clear(&set->names);
    catalogue_clear(&set->catalogue);
    if (set->templates)
        g_hash_table_destroy(set->templates);
    if (set->mistakes)
        g_hash_table_destroy(set->mistakes);
    g_free(set->core_directory);
    g_free(set->brand_directory);
    arena_free(set->arena);
    g_free(set);
}

/* One module's files being added. */
struct addition {
    struct page_set *set;
    const char *module;
    struct template_report report;
    GPtrArray *added; /* struct template */
};

static bool ends_with(const char *name, const char *suffix)
{
    return g_str_has_suffix(name, suffix);
}

/* What a template makes is said by its name: feed.xml.mustache, mail.txt.mustache; markup that
 * begins with an XML declaration is XML, too. */
static enum template_mode mode_of(const char *name, struct text text)
{
    static const char *const xml[] = { ".xml", ".atom", ".rss", ".svg" };
    static const char *const plain[] = { ".txt", ".csv", ".ics", ".md" };
    for (size_t i = 0; i < G_N_ELEMENTS(xml); i++)
        if (ends_with(name, xml[i]))
            return TEMPLATE_XML;
    for (size_t i = 0; i < G_N_ELEMENTS(plain); i++)
        if (ends_with(name, plain[i]))
            return TEMPLATE_TEXT;
    return text_starts(text, TEXT("<?xml")) ? TEMPLATE_XML : TEMPLATE_HTML;
}

static void say_unreadable(struct addition *addition, const char *file, const GError *failure)
{
    template_say(&addition->report, file, 1, "The file cannot be read: %s.", failure->message);
}

/* The brand's file of that name if there is one, else the given one. Free with g_free. */
static char *overridden(struct addition *addition, const char *kind, const char *name,
                        const char *file)
{
    const char *brand = addition->set->brand_directory;
    char *path = brand ? g_build_filename(brand, kind, addition->module, name, NULL) : NULL;
    if (path && g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return path;
    g_free(path);
    return g_strdup(file);
}

/* Stands for one that was not compiled, so that those that name it are not refused for that. */
static struct template *refused(struct arena *arena, const struct template_source *source)
{
    struct template *template = arena_zalloc(arena, sizeof *template);
    if (template)
        *template = (struct template){ .file = arena_strdup(arena, source->file),
                                       .module = arena_strdup(arena, source->module),
                                       .name = arena_strdup(arena, source->name),
                                       .mode = source->mode,
                                       .state = TEMPLATE_REFUSED };
    return template;
}

static void add_template(struct addition *addition, const char *file, const char *relative)
{
    char *path = overridden(addition, "templates", relative, file);
    char *name = g_strndup(relative, strlen(relative) - strlen(SUFFIX));
    struct text text = { NULL, 0 };
    char *content = NULL;
    GError *failure = NULL;
    if (!g_file_get_contents(path, &content, &text.length, &failure)) {
        say_unreadable(addition, path, failure);
        g_error_free(failure);
    } else {
        text.data = content;
        struct template_source source = { .file = path,
                                          .module = addition->module,
                                          .name = name,
                                          .text = text,
                                          .mode = mode_of(name, text) };
        unsigned before = addition->report.count;
        struct template *template = template_compile(&addition->set->names, addition->set->arena,
                                                     &source, &addition->report);
        if (!template && addition->report.count == before)
            template_say(&addition->report, path, 1, "Memory ended while it was read.");
        if (!template)
            template = refused(addition->set->arena, &source);
        if (template) {
            g_hash_table_replace(addition->set->templates,
                                 g_strdup_printf("%s/%s", addition->module, name), template);
            g_ptr_array_add(addition->added, template);
        }
    }
    g_free(content);
    g_free(name);
    g_free(path);
}

static void add_words(struct addition *addition, const char *file, const char *relative)
{
    char *tag = g_strndup(relative, strlen(relative) - strlen(".po"));
    struct portico_error error = PORTICO_ERROR_INIT;
    struct text text = { NULL, 0 };
    char *content = NULL;
    GError *failure = NULL;
    if (!g_file_get_contents(file, &content, &text.length, &failure)) {
        say_unreadable(addition, file, failure);
        g_error_free(failure);
    } else {
        text.data = content;
        if (catalogue_add(&addition->set->catalogue, addition->module, tag, file, text, &error) <
            0) {
            addition->report.count++;
            if (addition->report.say)
                addition->report.say(error.message, addition->report.data);
        }
    }
    g_free(content);
    g_free(tag);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Calls `add` for each file below `directory` that ends with `suffix`, in the order of names. */
static void
each_file(struct addition *addition, const char *directory, const char *prefix, const char *suffix,
          void (*add)(struct addition *addition, const char *file, const char *relative))
{
    GDir *open = g_dir_open(directory, 0, NULL);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    const char *entry;
    while (open && (entry = g_dir_read_name(open)))
        if (entry[0] != '.')
            g_ptr_array_add(names, g_strdup(entry));
    if (open)
        g_dir_close(open);
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        char *path = g_build_filename(directory, name, NULL);
        char *relative = g_strconcat(prefix, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
            char *below = g_strconcat(relative, "/", NULL);
            each_file(addition, path, below, suffix, add);
            g_free(below);
        } else if (ends_with(name, suffix)) {
            add(addition, path, relative);
        }
        g_free(relative);
        g_free(path);
    }
    g_ptr_array_free(names, TRUE);
}

/* Templates the brand has and the module has not are added, too: partials of its overrides. */
static void add_brand_template(struct addition *addition, const char *file, const char *relative)
{
    char *name = g_strndup(relative, strlen(relative) - strlen(SUFFIX));
    char *key = g_strdup_printf("%s/%s", addition->module, name);
    if (!g_hash_table_contains(addition->set->templates, key))
        add_template(addition, file, relative);
    g_free(key);
    g_free(name);
}

static void add_directory(struct addition *addition, const char *directory)
{
    char *templates = g_build_filename(directory, "templates", NULL);
    char *locale = g_build_filename(directory, "locale", NULL);
    each_file(addition, templates, "", SUFFIX, add_template);
    each_file(addition, locale, "", ".po", add_words);
    g_free(locale);
    g_free(templates);
    const char *brand = addition->set->brand_directory;
    if (!brand)
        return;
    templates = g_build_filename(brand, "templates", addition->module, NULL);
    locale = g_build_filename(brand, "locale", addition->module, NULL);
    each_file(addition, templates, "", SUFFIX, add_brand_template);
    each_file(addition, locale, "", ".po", add_words);
    g_free(locale);
    g_free(templates);
}

static struct template *find(const struct page_set *set, const char *module, struct text name)
{
    char key[320];
    size_t length = strlen(module);
    if (length + 1 + name.length >= sizeof key)
        return NULL;
    memcpy(key, module, length);
    key[length++] = '/';
    memcpy(key + length, name.data, name.length);
    key[length + name.length] = '\0';
    return g_hash_table_lookup(set->templates, key);
}

/* "NAME" is of the same module, "portico/NAME" of the portal; other modules' are none of its
 * business. */
static struct template *resolve(const struct template *from, struct text name, void *data)
{
    const struct page_set *set = data;
    struct template *own = find(set, from->module, name);
    if (own)
        return own;
    if (!text_starts(name, TEXT(CORE "/")))
        return NULL;
    size_t prefix = strlen(CORE "/");
    return find(set, CORE, (struct text){ name.data + prefix, name.length - prefix });
}

/* Keeps the first sentence, for an error. */
static void keep_first(const char *sentence, void *data)
{
    char **first = data;
    if (!*first)
        *first = g_strdup(sentence);
}

/* Keeps them all, a line each. */
static void keep_all(const char *sentence, void *data)
{
    char **all = data;
    char *more = *all ? g_strconcat(*all, "\n", sentence, NULL) : g_strdup(sentence);
    g_free(*all);
    *all = more;
}

int page_set_add(struct page_set *set, const char *module, const char *directory,
                 void (*report)(const char *sentence, void *data), void *data,
                 struct portico_error *error)
{
    bool shown = set->development && strcmp(module, CORE) != 0;
    char *first = NULL;
    struct addition addition = { .set = set,
                                 .module = module,
                                 .report = { shown ? keep_all : report, shown ? &first : data,
                                             0 } };
    addition.added = g_ptr_array_new();
    add_directory(&addition, directory);
    for (guint i = 0; i < addition.added->len; i++)
        template_link(g_ptr_array_index(addition.added, i), resolve, set, &addition.report);
    for (guint i = 0; i < addition.added->len; i++)
        template_check(set->arena, g_ptr_array_index(addition.added, i), &addition.report);
    g_ptr_array_free(addition.added, TRUE);
    if (shown && first)
        g_hash_table_replace(set->mistakes, g_strdup(module), first);
    if (shown || addition.report.count == 0)
        return 0;
    return error_set(error, PORTICO_EINVAL,
                     "%u %s in the templates and words of \"%s\". Mend them and try again.",
                     addition.report.count,
                     addition.report.count == 1 ? "mistake was found" : "mistakes were found",
                     module);
}

struct page_set *page_set_new(const struct page_options *options, struct portico_error *error)
{
    struct page_set *set = g_new0(struct page_set, 1);
    set->arena = arena_new(64 * 1024);
    if (!set->arena) {
        page_set_free(set);
        error_set(error, PORTICO_ENOMEM, "Memory ended while templates were loaded.");
        return NULL;
    }
    template_names_init(&set->names, set->arena);
    catalogue_init(&set->catalogue, set->arena);
    set->templates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    set->mistakes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    set->core_directory = g_strdup(options->core_directory);
    set->brand_directory = g_strdup(options->brand_directory);
    set->development = options->development;
    char *first = NULL;
    int code = options->core_directory
                   ? page_set_add(set, CORE, options->core_directory, keep_first, &first, error)
                   : 0;
    if (code < 0) {
        if (first)
            error_set(error, code, "%s", first);
        page_set_free(set);
        set = NULL;
    }
    g_free(first);
    return set;
}

/* A view by its name; one that says its format in the name ("feed.xml") is found without it, too.
 */
static struct template *find_view(const struct page_set *set, const char *module, const char *view)
{
    static const char *const endings[] = { "", ".xml", ".atom", ".rss", ".txt" };
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
        char name[256];
        size_t length = g_strlcpy(name, view, sizeof name);
        if (length < sizeof name)
            length += g_strlcpy(name + length, endings[i], sizeof name - length);
        if (length >= sizeof name)
            return NULL;
        struct template *template = find(set, module, (struct text){ name, length });
        if (template)
            return template;
    }
    return NULL;
}

int page_render(struct page_set *set, const char *module, const char *view, struct arena *arena,
                const struct value *data, const struct value *portal,
                const struct page_reader *reader, struct buffer *out, struct portico_error *error)
{
    const char *owner = module ? module : CORE;
    const char *mistake = g_hash_table_lookup(set->mistakes, owner);
    if (mistake)
        return error_set(error, PORTICO_EINVAL, "%s", mistake);
    struct template *template = find_view(set, owner, view);
    if (!template && g_str_has_prefix(view, CORE "/"))
        template = find_view(set, CORE, view + strlen(CORE "/"));
    if (!template)
        return error_set(error, PORTICO_ENOENT,
                         "The module \"%s\" has no template \"%s\". Expected the file "
                         "templates/%s.mustache in its directory.",
                         owner, view, view);
    struct template_context context = { .names = &set->names,
                                        .arena = arena,
                                        .portal = portal,
                                        .set = set,
                                        .reader = reader,
                                        .development = set->development };
    size_t before = out->length;
    int code = template_render(template, &context, data, out, error);
    if (code < 0 && !out->failed)
        out->length = before;
    return code;
}

static void fill(struct buffer *out, struct text text, const struct value *arguments,
                 const struct page_reader *reader, bool pseudo)
{
    struct text literal, name;
    for (size_t at = 0; words_next(text, &at, &literal, &name);) {
        if (pseudo)
            words_pseudo(out, literal);
        else
            buffer_append(out, literal.data, literal.length);
        const struct value *value = name.length ? value_get(arguments, name) : NULL;
        if (value && (value->kind == PORTICO_TEXT || value->kind == PORTICO_HTML))
            buffer_append(out, value->text, value->count);
        else if (value && (value->kind == PORTICO_INTEGER || value->kind == PORTICO_ID))
            buffer_append_integer(out, value->integer);
        else if (value && value->kind == PORTICO_REAL)
            buffer_printf(out, "%g", value->real);
        else if (value && value->kind == PORTICO_TIME)
            format_time(out, reader, FORMAT_DATE, value->integer);
        else if (name.length)
            buffer_append(out, name.data - 1, name.length + 2);
    }
}

const char *page_translate(struct page_set *set, const char *module, struct arena *arena,
                           const char *locale, const char *source, const struct value *arguments)
{
    struct buffer out = { 0 };
    const char *owner = module ? module : CORE;
    const struct page_reader reader = { .locale = locale };
    bool pseudo = words_is_pseudo(set, owner, locale, text_of(source));
    struct text text = words_find(set, owner, locale, text_of(source));
    if (pseudo)
        buffer_append_char(&out, '[');
    fill(&out, text, arguments, &reader, pseudo);
    if (pseudo) {
        words_pseudo_tail(&out, text.length);
        buffer_append_char(&out, ']');
    }
    const char *words =
        out.failed ? NULL : arena_strndup(arena, out.length ? out.data : "", out.length);
    buffer_free(&out);
    return words ? words : source;
}

const char *page_negotiate_locale(struct page_set *set, const char *accept_language)
{
    return catalogue_negotiate(&set->catalogue, accept_language, set->development);
}

const char *page_language_at(const struct page_set *set, size_t index)
{
    const GPtrArray *tags = set->catalogue.tags;
    return index < tags->len ? g_ptr_array_index(tags, index) : NULL;
}
