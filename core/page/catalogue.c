#include "page/catalogue.h"

#include <stdlib.h>

static gint compare_tags(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GHashTable *language(struct catalogue *catalogue, const char *tag)
{
    GHashTable *messages = g_hash_table_lookup(catalogue->languages, tag);
    if (messages)
        return messages;
    char *kept = arena_strdup(catalogue->arena, tag);
    messages = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(catalogue->languages, kept, messages);
    g_ptr_array_add(catalogue->tags, kept);
    g_ptr_array_sort(catalogue->tags, compare_tags);
    return messages;
}

void catalogue_init(struct catalogue *catalogue, struct arena *arena)
{
    catalogue->arena = arena;
    catalogue->languages =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_hash_table_destroy);
    catalogue->tags = g_ptr_array_new();
    catalogue->modules = g_hash_table_new(g_str_hash, g_str_equal);
    language(catalogue, "en");
}

void catalogue_clear(struct catalogue *catalogue)
{
    if (catalogue->languages)
        g_hash_table_destroy(catalogue->languages);
    if (catalogue->tags)
        g_ptr_array_free(catalogue->tags, TRUE);
    if (catalogue->modules)
        g_hash_table_destroy(catalogue->modules);
    *catalogue = (struct catalogue){ 0 };
}

struct addition {
    struct catalogue *catalogue;
    const char *module;
    GHashTable *messages;
};

static int add_entry(const struct po_entry *entry, void *data)
{
    struct addition *addition = data;
    struct arena *arena = addition->catalogue->arena;
    if (entry->fuzzy || !entry->forms[0].length)
        return 0;
    struct catalogue_message *message = arena_zalloc(arena, sizeof *message);
    char *key = arena_printf(arena, "%s\x04%s%s%s", addition->module,
                             entry->context.data ? entry->context.data : "",
                             entry->context.data ? "\x04" : "", entry->id.data);
    if (!message || !key)
        return PORTICO_ENOMEM;
    memcpy(message->forms, entry->forms, sizeof message->forms);
    message->form_count = entry->form_count;
    g_hash_table_replace(addition->messages, key, message);
    return 0;
}

int catalogue_add(struct catalogue *catalogue, const char *module, const char *tag,
                  const char *file, struct text source, struct portico_error *error)
{
    struct addition addition = { catalogue, module, language(catalogue, tag) };
    if (!g_hash_table_contains(catalogue->modules, module))
        g_hash_table_add(catalogue->modules, arena_strdup(catalogue->arena, module));
    return po_read(catalogue->arena, file, source, add_entry, &addition, error);
}

static const struct catalogue_message *find_in(GHashTable *messages, const char *module,
                                               struct text source)
{
    char room[512];
    size_t module_length = strlen(module), length = module_length + 1 + source.length;
    char *key = length < sizeof room ? room : malloc(length + 1);
    if (!key)
        return NULL;
    memcpy(key, module, module_length);
    key[module_length] = '\x04';
    memcpy(key + module_length + 1, source.data, source.length);
    key[length] = '\0';
    const struct catalogue_message *message = g_hash_table_lookup(messages, key);
    if (key != room)
        free(key);
    return message;
}

const struct catalogue_message *catalogue_find(const struct catalogue *catalogue,
                                               const char *module, const char *tag,
                                               struct text source)
{
    GHashTable *messages = g_hash_table_lookup(catalogue->languages, tag);
    if (!messages || g_hash_table_size(messages) == 0)
        return NULL;
    const struct catalogue_message *message = find_in(messages, module, source);
    return message ? message : find_in(messages, "portico", source);
}

bool catalogue_misses(const struct catalogue *catalogue, const char *module, struct text source)
{
    bool found = !g_hash_table_contains(catalogue->modules, module);
    for (guint i = 0; !found && i < catalogue->tags->len; i++)
        found = catalogue_find(catalogue, module, catalogue->tags->pdata[i], source) != NULL;
    return !found;
}

/* The loaded tag for a range: "de-AT" is cut to "de" until one is found (RFC 4647 section 3.4). */
static const char *lookup(const struct catalogue *catalogue, struct text range, bool pseudo)
{
    if (pseudo && text_equals_ignoring_case(range, TEXT(CATALOGUE_PSEUDO)))
        return CATALOGUE_PSEUDO;
    while (range.length) {
        for (guint i = 0; i < catalogue->tags->len; i++) {
            const char *tag = g_ptr_array_index(catalogue->tags, i);
            if (text_equals_ignoring_case(range, text_of(tag)))
                return tag;
        }
        while (range.length && range.data[--range.length] != '-')
            ;
        if (range.length > 2 && range.data[range.length - 2] == '-')
            range.length -= 2;
    }
    return NULL;
}

/* The weight behind ";q=", in thousandths (RFC 9110 section 12.4.2); 0 if it is ill-formed. */
static int weight_of(struct text parameters)
{
    const char *q = parameters.length ? memmem(parameters.data, parameters.length, "q=", 2) : NULL;
    if (!q)
        return 1000;
    const char *at = q + 2, *end = parameters.data + parameters.length;
    if (at >= end || (*at != '0' && *at != '1'))
        return 0;
    int weight = (*at++ - '0') * 1000;
    if (at < end && *at == '.') {
        at++;
        for (int unit = 100; unit && at < end && g_ascii_isdigit(*at); unit /= 10)
            weight += (*at++ - '0') * unit;
    }
    return weight > 1000 ? 1000 : weight;
}

const char *catalogue_negotiate(const struct catalogue *catalogue, const char *accept_language,
                                bool pseudo)
{
    const char *best = "en";
    int best_weight = 0;
    for (const char *at = accept_language; at && *at;) {
        const char *comma = strchr(at, ',');
        struct text item = { at, comma ? (size_t)(comma - at) : strlen(at) };
        const char *semicolon = memchr(item.data, ';', item.length);
        struct text range = text_trim(
            (struct text){ item.data, semicolon ? (size_t)(semicolon - item.data) : item.length });
        struct text parameters = { semicolon,
                                   semicolon ? item.length - (size_t)(semicolon - item.data) : 0 };
        int weight = weight_of(parameters);
        const char *tag = weight > best_weight ? lookup(catalogue, range, pseudo) : NULL;
        if (tag) {
            best = tag;
            best_weight = weight;
        }
        at = comma ? comma + 1 : NULL;
    }
    return best;
}
