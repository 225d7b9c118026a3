/* `portico import communities --format demo DIR`: communities of our own writing, one file a space.
 *
 * Texts are Markdown, ages count back from the first import, so that the portal looks alive on its
 * first day. A file is one transaction: it is in or it is not. */
#include "import.h"

#include <dirent.h>
#include <expat.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEMO_BYTES_MAX (4 * 1024 * 1024)
#define DEMO_TEXT_MAX (64 * 1024)
#define DEMO_PEOPLE_MAX 64

struct demo {
    struct importer *importer;
    const char *file;
    XML_Parser parser;
    int code;
    int is_opened; /* <community> has named the space */
    int is_done;   /* this very file is in already */
    const char *fingerprint;
    struct import_record record;
    struct demo_person {
        const char *key;
        portico_id author;
    } people[DEMO_PEOPLE_MAX];
    size_t people_count;
    char element[16];
    char *text;
    size_t length;
};

static void stop(struct demo *demo, int code)
{
    demo->code = code;
    XML_StopParser(demo->parser, XML_FALSE);
}

static void refuse(struct demo *demo, const char *what)
{
    stop(demo,
         import_fail(demo->importer, PORTICO_EINVAL,
                     "%s, line %lu: %s. Nothing of this file "
                     "was imported; mend it and run the same command again.",
                     demo->file, (unsigned long)XML_GetCurrentLineNumber(demo->parser), what));
}

static const char *copy(struct demo *demo, const char *text)
{
    return text ? portico_printf(demo->importer->scope, "%s", text) : NULL;
}

static int64_t number(const char **attributes, const char *name)
{
    int64_t value = 0;
    words_integer(import_attribute(attributes, name), &value);
    return value;
}

static void open_community(struct demo *demo, const char **attributes)
{
    struct importer *importer = demo->importer;
    const char *space = import_attribute(attributes, "space");
    const char *kind = import_attribute(attributes, "kind");
    struct import_space_words words = {
        .title = import_attribute(attributes, "title"),
        .description = import_attribute(attributes, "description"),
        .position = number(attributes, "position"),
        .is_announcements = kind && strcmp(kind, "announcements") == 0,
        .own_topics = number(attributes, "own") != 0,
    };
    portico_id account = 0;
    if (!space || !words.title || !words.description) {
        refuse(demo, "<community> needs space, title and description");
        return;
    }
    if (demo_readers(importer, import_attribute(attributes, "readers"),
                     import_attribute(attributes, "account"), &words.audience, &account) < 0) {
        refuse(demo, "readers are everyone, signed-in, staff, account or below");
        return;
    }
    words_slug(space, importer->source);
    int code = import_open_batch(importer, "demo", demo->fingerprint, "posts", &words);
    if (code < 0) {
        stop(demo, code);
        return;
    }
    demo->is_opened = 1;
    demo->is_done = code == 1 || strcmp(importer->phase, "posts") != 0;
    if (demo->is_done)
        XML_StopParser(demo->parser, XML_FALSE);
}

/* Their keys outlive the batch: a later phase of the file may ask for them. */
static void add_person(struct demo *demo, const char **attributes)
{
    struct importer *importer = demo->importer;
    const char *key = import_attribute(attributes, "key");
    const char *name = import_attribute(attributes, "name");
    if (!key || !name || demo->people_count == DEMO_PEOPLE_MAX) {
        refuse(demo, "<person> needs key and name, and a file names at most 64");
        return;
    }
    struct demo_person *person = &demo->people[demo->people_count];
    int64_t number = (int64_t)++demo->people_count;
    const struct import_person words = {
        .external = portico_printf(importer->context, "demo:%s", key),
        .name = name,
        .company = import_attribute(attributes, "company"),
    };
    person->key = portico_printf(importer->context, "%s", key);
    int code = person->key && words.external
                   ? import_write_person(importer, number, &words, &person->author)
                   : PORTICO_ENOMEM;
    if (code < 0)
        stop(demo, code);
}

/* The author's row of a key; 0 if the file does not name them before. */
static portico_id author_of(const struct demo *demo, const char *key)
{
    for (size_t i = 0; key && i < demo->people_count; i++)
        if (strcmp(demo->people[i].key, key) == 0)
            return demo->people[i].author;
    return 0;
}

/* Times of a record: created `age` ago; a question's last activity `active` ago. */
static int read_times(struct demo *demo, const char **attributes)
{
    int64_t age = 0, active = 0;
    const char *last = import_attribute(attributes, "active");
    if (words_age(import_attribute(attributes, "age"), &age) < 0 ||
        (last && words_age(last, &active) < 0))
        return PORTICO_EINVAL;
    demo->record.created = demo->importer->started - age;
    demo->record.active = demo->importer->started - (last ? active : age);
    return PORTICO_OK;
}

/* See migration 0005. */
static int note_own(struct importer *importer, portico_id audience)
{
    return portico_execute(importer->db,
                           "INSERT INTO communities_own (audience)\n"
                           "VALUES (?)\n"
                           "ON CONFLICT (audience) DO NOTHING",
                           PORTICO_ARGS(portico_arg_id(audience)), NULL, importer->error);
}

static int note_alone(struct demo *demo)
{
    struct importer *importer = demo->importer;
    /* In the transaction of the import, if one is open: beside it this would wait for its end. */
    struct portico_context *context = importer->scope ? importer->scope : importer->context;
    int code = portico_audience_person(portico_audiences(context), demo->record.account,
                                       PORTICO_NO_PERSON, &demo->record.alone, importer->error);
    return code < 0 ? code : note_own(importer, demo->record.alone);
}

/* A portal without the demo's companies shows what is theirs to the staff. */
static void begin_record(struct demo *demo, const char *element, const char **attributes)
{
    demo->record = (struct import_record){
        .source_id = number(attributes, "id"),
        .parent = number(attributes, "to"),
        .author = author_of(demo, import_attribute(attributes, "author")),
        .accepted = number(attributes, "accepted"),
        .score = number(attributes, "score"),
        .views = number(attributes, "views"),
        .title = copy(demo, import_attribute(attributes, "title")),
        .tags = copy(demo, import_attribute(attributes, "tags")),
    };
    int is_question = strcmp(element, "question") == 0;
    if (demo->record.source_id <= 0 || !demo->record.author ||
        (is_question ? !demo->record.title : demo->record.parent <= 0) ||
        read_times(demo, attributes) < 0) {
        refuse(demo, "a question, answer or comment needs id, age and the key of a person above as "
                     "author, and a title or to");
        return;
    }
    const char *account = import_attribute(attributes, "account");
    if (account && is_question) {
        int code = demo_readers(demo->importer, "account", account, &demo->record.own,
                                &demo->record.account);
        if (code == 0)
            code = note_own(demo->importer, demo->record.own);
        if (code == 0 && demo->record.account)
            code = note_alone(demo);
        if (code < 0) {
            stop(demo, code);
            return;
        }
    }
    snprintf(demo->element, sizeof demo->element, "%s", element);
    demo->length = 0;
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct demo *demo = data;
    if (demo->code || demo->is_done)
        return;
    if (!demo->is_opened && strcmp(name, "community") == 0)
        open_community(demo, attributes);
    else if (!demo->is_opened)
        refuse(demo, "the file does not begin with <community>");
    else if (strcmp(name, "person") == 0)
        add_person(demo, attributes);
    else if (strcmp(name, "question") == 0 || strcmp(name, "answer") == 0 ||
             strcmp(name, "comment") == 0)
        begin_record(demo, name, attributes);
    else
        refuse(demo, "only person, question, answer and comment stand inside <community>");
}

static void XMLCALL on_text(void *data, const XML_Char *text, int length)
{
    struct demo *demo = data;
    if (!*demo->element || demo->code || demo->is_done)
        return;
    if (demo->length + (size_t)length >= DEMO_TEXT_MAX) {
        refuse(demo, "a text is longer than 64 KiB");
        return;
    }
    memcpy(demo->text + demo->length, text, (size_t)length);
    demo->length += (size_t)length;
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
    struct demo *demo = data;
    if (demo->code || demo->is_done || strcmp(name, demo->element) != 0)
        return;
    struct importer *importer = demo->importer;
    enum import_kind kind = strcmp(name, "comment") == 0 ? IMPORT_COMMENT : IMPORT_POST;
    portico_id id = import_id(importer, kind, demo->record.source_id);
    const char *subject = portico_printf(
        importer->scope, "%s/%lld", kind == IMPORT_COMMENT ? "comment" : "post", (long long)id);
    demo->text[demo->length] = '\0';
    demo->record.source = demo_images(importer, demo->text + strspn(demo->text, "\n"), subject);
    demo->record.html = demo->record.source
                            ? portico_markdown(importer->content, demo->record.source,
                                               strlen(demo->record.source), importer->error)
                            : NULL;
    int64_t changed = 1;
    int code = demo->record.html ? PORTICO_OK : PORTICO_EINVAL;
    if (code == 0 && strcmp(name, "question") == 0)
        code = import_write_question(importer, &demo->record);
    else if (code == 0 && strcmp(name, "answer") == 0)
        code = import_write_answer(importer, &demo->record);
    else if (code == 0)
        code = import_write_comment(importer, &demo->record, &changed);
    if (code == 0 && changed)
        code = demo_show_images(importer, kind, id, subject);
    *demo->element = '\0';
    if (code < 0)
        stop(demo, code);
    else if (!changed)
        refuse(demo, "a comment stands before the post it belongs to");
}

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int has_internal_subset)
{
    (void)name, (void)system, (void)public, (void)has_internal_subset;
    refuse(data, "a DOCTYPE has no place here");
}

/* The whole of a small file; NULL with the error set otherwise. */
static char *read_file(struct importer *importer, const char *path, size_t *ret_length)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    char *bytes = NULL;
    ssize_t length = -1;
    if (descriptor >= 0 && fstat(descriptor, &status) == 0 && status.st_size <= DEMO_BYTES_MAX &&
        (bytes = portico_alloc(importer->context, (size_t)status.st_size + 1)))
        length = read(descriptor, bytes, (size_t)status.st_size);
    if (descriptor >= 0)
        close(descriptor);
    if (length < 0) {
        import_fail(importer, PORTICO_EIO, "%s cannot be read, or is larger than 4 MiB.", path);
        return NULL;
    }
    *ret_length = (size_t)length;
    return bytes;
}

/* FNV-1a: tells an edited file from the one imported before; nobody attacks it. */
static uint64_t digest(const char *bytes, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
    return hash;
}

static int parse(struct demo *demo, const char *bytes, size_t length)
{
    demo->parser = XML_ParserCreate("UTF-8");
    demo->text = malloc(DEMO_TEXT_MAX);
    int code = PORTICO_ENOMEM;
    if (demo->parser && demo->text) {
        XML_SetUserData(demo->parser, demo);
        XML_SetElementHandler(demo->parser, on_start, on_end);
        XML_SetCharacterDataHandler(demo->parser, on_text);
        XML_SetStartDoctypeDeclHandler(demo->parser, on_doctype);
        code = PORTICO_OK;
        if (XML_Parse(demo->parser, bytes, (int)length, 1) != XML_STATUS_OK && !demo->is_done) {
            if (!demo->code)
                refuse(demo, XML_ErrorString(XML_GetErrorCode(demo->parser)));
            code = demo->code;
        }
    }
    XML_ParserFree(demo->parser);
    free(demo->text);
    return code;
}

static const struct {
    const char *name, *next;
    int (*run)(struct importer *importer);
} finish[] = {
    { "topics", "tags", import_topics },
    { "tags", "space", import_tags },
    { "space", "authors", import_space },
    { "authors", "finished", import_authors },
};

static int import_file(struct importer *importer, const char *file)
{
    size_t length = 0;
    const char *path =
        portico_printf(importer->context, "%s/%s", importer->import->directory, file);
    char *bytes = path ? read_file(importer, path, &length) : NULL;
    if (!bytes)
        return PORTICO_EIO;
    struct demo demo = {
        .importer = importer,
        .file = file,
        .fingerprint =
            portico_printf(importer->context, "%016llx", (unsigned long long)digest(bytes, length)),
    };
    int code = demo.fingerprint ? parse(&demo, bytes, length) : PORTICO_ENOMEM;
    if (code == 0 && !demo.is_done) {
        importer->phase = "topics";
        code = import_end(importer, 0, 0);
    }
    import_abandon(importer);
    for (size_t i = 0; code == 0 && i < sizeof finish / sizeof *finish; i++)
        if (strcmp(importer->phase, finish[i].name) == 0)
            code = import_run_phase(importer, finish[i].next, 0, finish[i].run);
    return code < 0 ? code : import_report(importer);
}

static int is_demo_file(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".xml") == 0;
}

int import_demo(struct portico_context *context, const struct portico_import *import,
                struct portico_error *error)
{
    struct importer *importer = portico_alloc(context, sizeof *importer);
    if (!importer)
        return PORTICO_ENOMEM;
    struct dirent **entries = NULL;
    int count = scandir(import->directory, &entries, is_demo_file, alphasort);
    *importer = (struct importer){ .context = context, .import = import, .error = error };
    int code = PORTICO_OK;
    if (count <= 0)
        code = import_fail(importer, PORTICO_ENOENT,
                           "There is no .xml file in %s. Name the directory "
                           "of the demo communities.",
                           import->directory);
    for (int i = 0; i < count; i++) {
        if (code == 0) {
            *importer = (struct importer){ .context = context,
                                           .import = import,
                                           .error = error,
                                           .knows_people = 1,
                                           .before = i,
                                           .total = count };
            code = import_file(importer, entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
    return code;
}
