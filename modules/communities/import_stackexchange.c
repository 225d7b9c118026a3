/* `portico import communities --format stackexchange DIR`: the phases of a Stack Exchange dump. */
#include "import.h"

#include <ctype.h>
#include <stdio.h>
#include <sys/stat.h>

static int people(struct importer *importer)
{
    return import_stream(importer, "Users.xml", import_user);
}
static int tag_names(struct importer *importer)
{
    return import_stream(importer, "Tags.xml", import_tag);
}
static int posts(struct importer *importer)
{
    return import_stream(importer, "Posts.xml", import_post);
}
static int comments(struct importer *importer)
{
    return import_stream(importer, "Comments.xml", import_comment);
}
static int votes(struct importer *importer)
{
    return import_stream(importer, "Votes.xml", import_vote);
}

/* In order. A phase without a file walks what is in the database by then. */
static const struct phase {
    const char *name;
    const char *file;
    int (*run)(struct importer *importer);
} phases[] = {
    { "people", "Users.xml", people },        { "tag names", "Tags.xml", tag_names },
    { "posts", "Posts.xml", posts },          { "orphans", NULL, import_orphans },
    { "comments", "Comments.xml", comments }, { "votes", "Votes.xml", votes },
    { "topics", NULL, import_topics },        { "tags", NULL, import_tags },
    { "space", NULL, import_space },
};
enum { PHASE_COUNT = sizeof phases / sizeof *phases };

static const char *file_path(struct importer *importer, const char *file)
{
    return portico_printf(importer->context, "%s/%s", importer->import->directory, file);
}

/* Sizes and dates of the files: the same input is imported once, another is read again. */
static const char *fingerprint(struct importer *importer, int64_t sizes[PHASE_COUNT])
{
    const char *text = "";
    for (size_t i = 0; i < PHASE_COUNT && text; i++) {
        struct stat file;
        sizes[i] = -1;
        const char *path = phases[i].file ? file_path(importer, phases[i].file) : NULL;
        if (!path || stat(path, &file) != 0 || !S_ISREG(file.st_mode))
            continue;
        sizes[i] = file.st_size;
        text = portico_printf(importer->context, "%s%s %lld %lld.%09ld\n", text, phases[i].file,
                              (long long)file.st_size, (long long)file.st_mtim.tv_sec,
                              file.st_mtim.tv_nsec);
    }
    return text;
}

/* The space is named by the setting, else by the directory: "coffee.stackexchange.com". */
static void name_source(struct importer *importer, struct import_space_words *ret_words)
{
    const char *base = strrchr(importer->import->directory, '/');
    base = base ? base + 1 : importer->import->directory;
    const char *space = portico_setting_text(importer->context, "import_space");
    const char *site = portico_setting_text(importer->context, "import_site");
    int is_host = strchr(base, '.') != NULL && strspn(base, "abcdefghijklmnopqrstuvwxyz"
                                                            "0123456789-.") == strlen(base);
    if (site && *site)
        snprintf(importer->site, sizeof importer->site, "%s", site);
    else if (is_host)
        snprintf(importer->site, sizeof importer->site, "https://%s", base);
    words_slug(space && *space ? space : base, importer->source);

    char *title = portico_printf(importer->context, "%.*s",
                                 (int)(space && *space ? strlen(space) : strcspn(base, ".")),
                                 space && *space ? space : base);
    if (title)
        *title = (char)toupper((unsigned char)*title);
    ret_words->title = title ? title : importer->source;
    ret_words->description = "";
}

static size_t phase_named(const char *name)
{
    size_t i = 0;
    while (i < PHASE_COUNT && strcmp(phases[i].name, name) != 0)
        i++;
    return i;
}

static int run_phases(struct importer *importer, const int64_t sizes[PHASE_COUNT])
{
    int64_t weights[PHASE_COUNT];
    for (size_t i = 0; i < PHASE_COUNT; i++) {
        weights[i] =
            phases[i].file ? (sizes[i] > 0 ? sizes[i] : 0) : sizes[phase_named("posts")] / 8;
        importer->total += weights[i];
    }
    size_t first = phase_named(importer->phase);
    for (size_t i = 0; i < first && i < PHASE_COUNT; i++)
        importer->before += weights[i];
    for (size_t i = first; i < PHASE_COUNT; i++) {
        if (phases[i].file && sizes[i] < 0)
            continue;
        importer->phase = phases[i].name;
        const char *next = i + 1 < PHASE_COUNT ? phases[i + 1].name : "finished";
        int code = import_run_phase(importer, next, weights[i], phases[i].run);
        if (code < 0)
            return code;
    }
    return PORTICO_OK;
}

int import_stackexchange(struct portico_context *context, const struct portico_import *import,
                         struct portico_error *error)
{
    struct importer *importer = portico_alloc(context, sizeof *importer);
    if (!importer)
        return PORTICO_ENOMEM;
    *importer = (struct importer){ .context = context, .import = import, .error = error };
    int64_t sizes[PHASE_COUNT];
    const char *print = fingerprint(importer, sizes);
    if (!print)
        return PORTICO_ENOMEM;
    if (sizes[phase_named("posts")] < 0)
        return import_fail(importer, PORTICO_ENOENT,
                           "There is no Posts.xml in %s. Name the directory a Stack Exchange dump "
                           "was unpacked into.",
                           import->directory);
    importer->knows_people = sizes[phase_named("people")] >= 0;
    struct import_space_words words;
    name_source(importer, &words);

    int code = import_open(importer, "stackexchange", print, phases[0].name, &words);
    if (code == 0)
        code = run_phases(importer, sizes);
    return code < 0 ? code : import_report(importer);
}
