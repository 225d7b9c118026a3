/* `portico module inspect`: everything a module registers, read without running its logic. */
#include "base/json.h"
#include "cli/module.h"
#include "cli/modules.h"
#include "config/paths.h"
#include "module/loader.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 9
#define CELL_MAX 60

/* Words for a member that is a number in the descriptor, by value; NULL ends. */
static const char *const setting_types[] = { "?",        "text", "integer", "boolean", "real",
                                             "duration", "size", "choice",  "secret",  NULL };
static const char *const phases[] = { "after commit", "in transaction", NULL };
static const char *const points[] = { "?", "before routing", "after permission", "before send",
                                      NULL };
static const char *const failures[] = { "fails closed", "fails open", NULL };
static const char *const mailed[] = { "by mail once switched on", "by mail", NULL };
static const char *const erasures[] = { "not personal", "rows", "columns", "kept", NULL };

/* A list as shown: members of an item from left to right, each with words or a unit if need be. */
struct column {
    const char *member;
    const char *const *words;
    const char *unit; /* in front of a number or text that is there, such as "at most " */
};
static const struct section {
    const char *heading, *list;
    struct column columns[COLUMNS_MAX];
} sections[] = {
#define SHOWN(member)                                                                              \
    {                                                                                              \
        member, NULL, NULL                                                                         \
    }
#define NAMED(member, words)                                                                       \
    {                                                                                              \
        member, words, NULL                                                                        \
    }
#define AFTER(unit, member)                                                                        \
    {                                                                                              \
        member, NULL, unit                                                                         \
    }
    { "Routes",
      "routes",
      { SHOWN("method"), SHOWN("pattern"), SHOWN("permission"), SHOWN("summary") } },
    { "Permissions",
      "permissions",
      { SHOWN("name"), AFTER("held by: ", "roles"), SHOWN("title"), SHOWN("description") } },
    { "Settings",
      "settings",
      { SHOWN("key"), NAMED("type", setting_types), AFTER("default ", "initial"),
        AFTER("from ", "minimum"), AFTER("to ", "maximum"), AFTER("one of: ", "choices"),
        SHOWN("title"), SHOWN("help") } },
    { "Navigation",
      "navigation",
      { SHOWN("path"), SHOWN("title"), SHOWN("icon"), SHOWN("group"), SHOWN("permission") } },
    { "Health checks", "health_checks", { SHOWN("name") } },
    { "Search kinds", "search_kinds", { SHOWN("kind"), SHOWN("title"), SHOWN("icon") } },
    { "Importers", "importers", { AFTER("--format ", "format"), SHOWN("summary") } },
    { "Event types", "event_types", { SHOWN("type"), SHOWN("title"), SHOWN("description") } },
    { "Event handlers",
      "event_handlers",
      { SHOWN("name"), SHOWN("types"), NAMED("phase", phases), AFTER("tries ", "attempts"),
        AFTER("ms ", "deadline_ms") } },
    { "Jobs",
      "jobs",
      { SHOWN("name"), SHOWN("title"), AFTER("at ", "schedule"), AFTER("tries ", "attempts"),
        AFTER("ms ", "deadline_ms"), AFTER("at once ", "concurrency") } },
    { "Hooks",
      "hooks",
      { SHOWN("name"), NAMED("point", points), NAMED("failure", failures), SHOWN("paths"),
        AFTER("before ", "before"), AFTER("after ", "after"), AFTER("ms ", "deadline_ms") } },
    { "Services", "services", { SHOWN("name"), SHOWN("version"), SHOWN("summary") } },
    { "Methods", "methods", { SHOWN("service"), SHOWN("name"), SHOWN("summary") } },
    { "Scenarios",
      "scenarios",
      { SHOWN("id"), SHOWN("title"), AFTER("starts ", "starts"), AFTER("finishes ", "finishes"),
        AFTER("by ", "correlate") } },
    { "Steps of scenarios",
      "scenario_steps",
      { SHOWN("scenario"), SHOWN("id"), SHOWN("title"), SHOWN("passes") } },
    { "Personal data",
      "personal_data",
      { SHOWN("table"), NAMED("erase", erasures), AFTER("by ", "person"), SHOWN("match"),
        AFTER("days ", "retention_days"), SHOWN("reason") } },
    { "Personal data beside tables", "personal_hooks", { SHOWN("name") } },
    { "Commands", "commands", { SHOWN("name"), SHOWN("arguments"), SHOWN("summary") } },
    { "Options of commands",
      "command_options",
      { SHOWN("command"), AFTER("--", "name"), SHOWN("argument"), SHOWN("help") } },
    { "Kinds of notices",
      "notices",
      { SHOWN("name"), SHOWN("title"), NAMED("mail", mailed), SHOWN("description") } },
#undef AFTER
#undef NAMED
#undef SHOWN
};
static const char *const kinds[] = { "templates", "migrations", "locale", "assets" };

bool module_is_path(const char *word)
{
    return strchr(word, '/') || g_str_has_suffix(word, ".so") || strcmp(word, ".") == 0 ||
           strcmp(word, "..") == 0;
}

int module_find_place(const struct cli_call *call, const char *word, struct arena *arena,
                      struct module_place *ret_place)
{
    char *path = realpath(word, NULL);
    if (!path) {
        fprintf(stderr,
                "portico %s: there is no file or directory %s. Give a module's directory, or the "
                "NAME.so in it.\n",
                call->command->name, word);
        return CLI_FAILED;
    }
    bool directory = g_file_test(path, G_FILE_TEST_IS_DIR);
    char *folder = directory ? g_strdup(path) : g_path_get_dirname(path);
    char *name = g_path_get_basename(path);
    if (!directory && g_str_has_suffix(name, ".so"))
        name[strlen(name) - strlen(".so")] = '\0';
    *ret_place = (struct module_place){ arena_strdup(arena, folder), arena_strdup(arena, name) };
    g_free(name);
    g_free(folder);
    free(path);
    return 0;
}

static void collect(struct value *list, const char *directory, const char *below)
{
    char *path = below ? g_build_filename(directory, below, NULL) : g_strdup(directory);
    GDir *folder = g_dir_open(path, 0, NULL);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    const char *name;
    while (folder && (name = g_dir_read_name(folder)))
        g_ptr_array_add(names, below ? g_build_filename(below, name, NULL) : g_strdup(name));
    g_ptr_array_sort(names, (GCompareFunc)(void (*)(void))cli_compare_names);
    for (guint i = 0; i < names->len; i++) {
        char *full = g_build_filename(directory, names->pdata[i], NULL);
        if (g_file_test(full, G_FILE_TEST_IS_DIR) && !g_file_test(full, G_FILE_TEST_IS_SYMLINK))
            collect(list, directory, names->pdata[i]);
        else
            value_append(list, value_text(list->arena, names->pdata[i], strlen(names->pdata[i])));
        g_free(full);
    }
    if (folder)
        g_dir_close(folder);
    g_ptr_array_free(names, TRUE);
    g_free(path);
}

struct value *module_files(const char *directory, struct arena *arena)
{
    struct value *files = value_new(arena, PORTICO_OBJECT);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        struct value *list = value_new(arena, PORTICO_LISTING);
        char *path = g_build_filename(directory, kinds[i], NULL);
        collect(list, path, NULL);
        g_free(path);
        value_set(files, text_of(kinds[i]), list);
    }
    return files;
}

static void keep(const char *sentence, void *data)
{
    struct value *problems = data;
    value_append(problems, value_text(problems->arena, sentence, strlen(sentence)));
}

static struct value *note_to_value(const struct note *note, struct arena *arena)
{
    struct value *object = value_new(arena, PORTICO_OBJECT);
    struct value *uses = value_new(arena, PORTICO_LISTING);
    value_set_text(object, "id", note->id);
    value_set_text(object, "version", note->version);
    value_set_integer(object, "abi", note->abi);
    value_set_text(object, "sdk", note->sdk);
    for (unsigned i = 0; i < note->uses.count; i++) {
        const struct use *use = &note->uses.items[i];
        struct value *row = value_new(arena, PORTICO_OBJECT);
        value_set_text(row, "name", use->name);
        value_set_text(row, "version", arena_printf(arena, "%u.%u", use->major, use->minor));
        value_append(uses, row);
    }
    value_set(object, TEXT("uses"), uses);
    return object;
}

/* One cell, as short as a line wants it. */
static const char *cell_text(const struct value *item, const struct column *column,
                             struct arena *arena)
{
    const struct value *value = value_get(item, text_of(column->member));
    const char *unit = column->unit ? column->unit : "";
    if (!value || value->kind == PORTICO_NULL)
        return "";
    if (value->kind == PORTICO_INTEGER && column->words) {
        for (int64_t i = 0; column->words[i]; i++)
            if (i == value->integer)
                return column->words[i];
        return arena_printf(arena, "unknown (%lld)", (long long)value->integer);
    }
    if (value->kind == PORTICO_INTEGER)
        return value->integer ? arena_printf(arena, "%s%lld", unit, (long long)value->integer) : "";
    if (value->kind != PORTICO_TEXT || value->count == 0)
        return "";
    size_t length = text_utf8_cut(value->text, value->count < CELL_MAX ? value->count : CELL_MAX);
    return arena_printf(arena, "%s%.*s%s", unit, (int)length, value->text,
                        length < value->count ? "…" : "");
}

/* Aligned columns; those that are empty in every item are left out. */
static void print_section(const struct section *section, const struct value *items,
                          struct arena *arena)
{
    glong widths[COLUMNS_MAX] = { 0 };
    if (!items || !items->count)
        return;
    for (uint32_t i = 0; i < items->count; i++)
        for (size_t c = 0; c < COLUMNS_MAX && section->columns[c].member; c++) {
            const char *cell = cell_text(items->items[i], &section->columns[c], arena);
            widths[c] = MAX(widths[c], g_utf8_strlen(cell, -1));
        }
    printf("\n%s\n", section->heading);
    for (uint32_t i = 0; i < items->count; i++) {
        GString *line = g_string_new(" ");
        for (size_t c = 0; c < COLUMNS_MAX && section->columns[c].member; c++) {
            const char *cell = cell_text(items->items[i], &section->columns[c], arena);
            if (!widths[c])
                continue;
            g_string_append_printf(line, " %s%*s ", cell,
                                   (int)(widths[c] - g_utf8_strlen(cell, -1)), "");
        }
        printf("%s\n", g_strchomp(line->str));
        g_string_free(line, TRUE);
    }
}

static void print_files(const struct value *files)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const struct value *list = value_get(files, text_of(kinds[i]));
        if (!list || !list->count)
            continue;
        printf("\n%c%s\n", g_ascii_toupper(kinds[i][0]), kinds[i] + 1);
        for (uint32_t n = 0; n < list->count; n++)
            printf("  %s\n", list->items[n]->text);
    }
}

static const char *text_in(const struct value *object, const char *key)
{
    const struct value *value = value_get(object, text_of(key));
    return value && value->kind == PORTICO_TEXT ? value->text : "";
}

static void print_uses(const struct value *note)
{
    const struct value *uses = value_get(note, TEXT("uses"));
    printf("  uses       ");
    for (uint32_t i = 0; uses && i < uses->count; i++)
        printf("%s%s %s", i ? ", " : "", text_in(uses->items[i], "name"),
               text_in(uses->items[i], "version"));
    printf("%s\n", uses && uses->count ? "" : "nothing");
}

static void print_text(const struct value *row, struct arena *arena)
{
    const struct value *note = value_get(row, TEXT("note"));
    const struct value *module = value_get(row, TEXT("descriptor"));
    const struct value *problems = value_get(row, TEXT("problems"));
    printf("%s (%s)\n  file       %s\n", text_in(row, "name"), text_in(row, "state"),
           text_in(row, "file"));
    if (note) {
        printf("  version    %s\n", text_in(note, "version"));
        printf("  ABI        %lld, SDK %s (this host: %d, SDK %s)\n",
               (long long)value_get(note, TEXT("abi"))->integer, text_in(note, "sdk"), PORTICO_ABI,
               PORTICO_SDK_VERSION);
        print_uses(note);
    }
    if (module) {
        const struct value *concurrency = value_get(module, TEXT("concurrency"));
        printf("  title      %s\n", text_in(module, "title"));
        printf("  handlers   %s\n", concurrency && concurrency->integer == PORTICO_SERIAL
                                        ? "one at a time"
                                        : "at the same time");
        if (*text_in(module, "description"))
            printf("\n%s\n", text_in(module, "description"));
    }
    if (problems->count) {
        printf("\nRefused because\n");
        for (uint32_t i = 0; i < problems->count; i++)
            printf("  %s\n", problems->items[i]->text);
    }
    for (size_t i = 0; module && i < G_N_ELEMENTS(sections); i++)
        print_section(&sections[i], value_get(module, text_of(sections[i].list)), arena);
    print_files(value_get(row, TEXT("files")));
}

/* What is known of a module, refused or not: the JSON of this command. */
static struct value *describe(const struct module_place *place, const struct config_module *wanted,
                              struct arena *arena)
{
    struct value *row = value_new(arena, PORTICO_OBJECT);
    struct value *problems = value_new(arena, PORTICO_LISTING);
    struct descriptor_report report = { keep, problems, 0 };
    const struct loader_options options = { .directory = place->directory,
                                            .id = place->id,
                                            .inspect_only = true };
    struct loader_findings findings;
    bool good = loader_inspect(&options, arena, &findings, &report);
    const char *version = findings.described    ? findings.module.version
                          : findings.note.found ? findings.note.version
                                                : "";
    value_set_text(row, "name", findings.note.found ? findings.note.id : place->id);
    value_set_boolean(row, "enabled", wanted && wanted->enabled);
    value_set_text(row, "state",
                   !good                       ? "broken"
                   : wanted && wanted->enabled ? "enabled"
                                               : "disabled");
    value_set_text(row, "version", version);
    value_set_text(row, "title", findings.described ? findings.module.title : "");
    value_set_text(row, "directory", place->directory);
    value_set_text(row, "file", findings.file);
    if (problems->count)
        value_set_text(row, "problem", problems->items[0]->text);
    value_set(row, TEXT("problems"), problems);
    if (findings.note.found) {
        value_set_integer(row, "abi", findings.note.abi);
        value_set_text(row, "sdk", findings.note.sdk);
        value_set(row, TEXT("note"), note_to_value(&findings.note, arena));
    }
    if (findings.described)
        value_set(row, TEXT("descriptor"), descriptor_to_value(&findings.module, arena));
    value_set(row, TEXT("files"), module_files(place->directory, arena));
    return row;
}

/* By name: where the config's directories have it. */
static int find_named(const struct cli_call *call, const struct config *config, const char *name,
                      struct arena *arena, struct module_place *ret_place)
{
    char *directory = paths_module_directory(config, name);
    if (!directory) {
        fprintf(stderr,
                "portico module: there is no module `%s` in the module directories. `portico "
                "module list` lists those there are; a module elsewhere is given by its path.\n",
                name);
        return CLI_FAILED;
    }
    *ret_place = (struct module_place){ arena_strdup(arena, directory), arena_strdup(arena, name) };
    free(directory);
    return cli_become_owner(call, config);
}

int module_inspect(const struct cli_call *call, struct config *config, struct arena *arena)
{
    const char *word = call->arguments[1];
    struct module_place place = { 0 };
    const struct config_module *wanted = NULL;
    int exit;
    if (module_is_path(word)) {
        exit = module_find_place(call, word, arena, &place);
    } else {
        exit = cli_load(call, &config);
        if (exit == 0)
            exit = find_named(call, config, word, arena, &place);
        if (exit == 0)
            wanted = cli_wanted_module(config, word);
    }
    if (exit == 0) {
        const struct value *row = describe(&place, wanted, arena);
        if (cli_value(call, "json"))
            cli_print_json(row);
        else
            print_text(row, arena);
        exit = value_get(row, TEXT("problems"))->count ? CLI_CONFIG : CLI_OK;
    }
    config_free(config);
    return exit;
}
