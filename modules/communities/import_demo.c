/* `portico import communities --format demo DIR`: communities of our own writing, one file a space.
 *
 * Texts are Markdown, ages count back from the first import, so that the portal looks alive on its
 * first day. A file is read three times: checked as a whole, so that of a broken one nothing is in,
 * then written in batches: first what was said, then, once that is counted, what became of it. Its
 * position is the number of elements done.
 */
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
    const char *file, *bytes;
    size_t length;
    XML_Parser parser;
    int code;
    int is_checking; /* nothing is written yet */
    int is_story;    /* what was said is written, and what became of it is now */
    struct import_space_words words;
    const char *space, *readers, *account;
    int is_inside; /* behind <community> */
    const char *fingerprint;
    struct import_record record;
    struct import_deed deed;
    int64_t at; /* elements passed */
    struct demo_person {
        const char *key;
        portico_id author; /* while it is checked: its number */
    } people[DEMO_PEOPLE_MAX];
    size_t people_count;
    int64_t *places; /* what others may belong to: see place_of() */
    size_t place_count, place_room;
    char element[16];
    char *text;
    size_t text_length;
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

/* Memory for a while: what was checked is not kept. */
static int begin_check(struct demo *demo)
{
    struct importer *importer = demo->importer;
    if (demo->at % IMPORT_BATCH_ROWS == 0)
        import_abandon(importer);
    if (!importer->scope)
        importer->scope = portico_scope(importer->context);
    if (!importer->scope)
        return PORTICO_ENOMEM;
    importer->content = portico_content(importer->scope);
    return PORTICO_OK;
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

/* Kept for the whole file. */
static const char *keep(struct demo *demo, const char **attributes, const char *name)
{
    const char *text = import_attribute(attributes, name);
    return text ? portico_printf(demo->importer->context, "%s", text) : NULL;
}

static void check_community(struct demo *demo, const char **attributes)
{
    const char *kind = import_attribute(attributes, "kind");
    demo->space = keep(demo, attributes, "space");
    demo->readers = keep(demo, attributes, "readers");
    demo->account = keep(demo, attributes, "account");
    demo->words = (struct import_space_words){
        .title = keep(demo, attributes, "title"),
        .description = keep(demo, attributes, "description"),
        .position = number(attributes, "position"),
        .is_announcements = kind && strcmp(kind, "announcements") == 0,
        .own_topics = number(attributes, "own") != 0,
    };
    if (!demo->space || !demo->words.title || !demo->words.description)
        refuse(demo, "<community> needs space, title and description");
    else if (!demo_knows_readers(demo->readers))
        refuse(demo, "readers are everyone, signed-in, staff, account or below");
}

/* Whatever is written is written in a batch. */
static int begin_batch(struct demo *demo)
{
    return demo->importer->scope ? PORTICO_OK : import_begin(demo->importer);
}

/* Of a run that goes on the people come again before what is behind its position. */
static int commit_batch(struct demo *demo)
{
    struct importer *importer = demo->importer;
    return import_end(importer, demo->at > importer->position ? demo->at : importer->position, 0);
}

static void end_batch(struct demo *demo)
{
    demo->importer->rows++;
    int code = import_is_full(demo->importer) ? commit_batch(demo) : PORTICO_OK;
    if (code < 0)
        stop(demo, code);
}

static int write_person(struct demo *demo, const char **attributes, portico_id *ret_author)
{
    struct importer *importer = demo->importer;
    int code = begin_batch(demo);
    if (code < 0)
        return code;
    const struct import_person words = {
        .external = portico_printf(importer->scope, "demo:%s", import_attribute(attributes, "key")),
        .name = import_attribute(attributes, "name"),
        .company = import_attribute(attributes, "company"),
    };
    return words.external
               ? import_write_person(importer, (int64_t)demo->people_count, &words, ret_author)
               : PORTICO_ENOMEM;
}

/* Everybody again in each run: one that goes on finds their rows by them. */
static void add_person(struct demo *demo, const char **attributes)
{
    const char *key = import_attribute(attributes, "key");
    demo->at++;
    if (!key || !import_attribute(attributes, "name") || demo->people_count == DEMO_PEOPLE_MAX) {
        refuse(demo, "<person> needs key and name, and a file names at most 64");
        return;
    }
    struct demo_person *person = &demo->people[demo->people_count++];
    *person = (struct demo_person){ keep(demo, attributes, "key"), (portico_id)demo->people_count };
    int code = person->key ? PORTICO_OK : PORTICO_ENOMEM;
    if (code == 0 && !demo->is_checking)
        code = write_person(demo, attributes, &person->author);
    if (code < 0)
        stop(demo, code);
    else if (!demo->is_checking)
        end_batch(demo);
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
    /* In the transaction of the import: beside it this would wait for its end. */
    int code = portico_audience_person(portico_audiences(importer->scope), demo->record.account,
                                       PORTICO_NO_PERSON, &demo->record.alone, importer->error);
    return code < 0 ? code : note_own(importer, demo->record.alone);
}

/* Whose a question is. A portal without the demo's companies shows what is theirs to the staff. */
static int read_owner(struct demo *demo, const char *account)
{
    int code =
        demo_readers(demo->importer, "account", account, &demo->record.own, &demo->record.account);
    if (code == 0)
        code = note_own(demo->importer, demo->record.own);
    return code == 0 && demo->record.account ? note_alone(demo) : code;
}

static void begin_record(struct demo *demo, const char *element, const char **attributes)
{
    const int is_question = strcmp(element, "question") == 0;
    const char *account = is_question ? import_attribute(attributes, "account") : NULL;
    int code = demo->is_checking ? begin_check(demo) : begin_batch(demo);
    if (code < 0) {
        stop(demo, code);
        return;
    }
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
    if (demo->record.source_id <= 0 || !demo->record.author ||
        (is_question ? !demo->record.title : demo->record.parent <= 0) ||
        read_times(demo, attributes) < 0) {
        refuse(demo, "a question, answer or comment needs id, age and the key of a person above as "
                     "author, and a title or to");
        return;
    }
    if (account && !demo->is_checking)
        code = read_owner(demo, account);
    if (code < 0) {
        stop(demo, code);
        return;
    }
    snprintf(demo->element, sizeof demo->element, "%s", element);
    demo->text_length = 0;
}

static void begin_deed(struct demo *demo, const char *element, const char **attributes)
{
    int64_t age = 0;
    int code = demo->is_checking ? begin_check(demo) : begin_batch(demo);
    if (code < 0) {
        stop(demo, code);
        return;
    }
    demo->deed = (struct import_deed){
        .to = number(attributes, "to"),
        .on = copy(demo, import_attribute(attributes, "on")),
        .author = author_of(demo, import_attribute(attributes, "author")),
        .name = copy(demo, import_attribute(attributes, "name")),
        .reason = copy(demo, import_attribute(attributes, "reason")),
        .note = copy(demo, import_attribute(attributes, "note")),
        .space = copy(demo, import_attribute(attributes, "space")),
        .into = number(attributes, "into"),
        .title = copy(demo, import_attribute(attributes, "title")),
        .tags = copy(demo, import_attribute(attributes, "tags")),
    };
    const char *when = import_attribute(attributes, "age");
    const int is_told = strcmp(element, "notice") == 0; /* when it is loaded, of whoever wrote it */
    const int has_age = !is_told && strcmp(element, "follow") != 0;
    if ((!is_told && !demo->deed.author) || (has_age && words_age(when, &age) < 0)) {
        refuse(demo, "an edit, flag or action needs age and the key of a person above as author, "
                     "and a follow the author");
        return;
    }
    demo->deed.at = demo->importer->started - age;
    snprintf(demo->element, sizeof demo->element, "%s", element);
    demo->text_length = 0;
}

static int is_said(const char *element)
{
    static const char *const elements[] = { "question", "answer", "comment", "edit" };
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (strcmp(elements[i], element) == 0)
            return 1;
    return 0;
}

/* What a run before has done is passed, and what has a reading of its own. */
static void on_element(struct demo *demo, const char *element, const char **attributes)
{
    const int is_deed = !is_said(element) || strcmp(element, "edit") == 0;
    if (++demo->at <= demo->importer->position && !demo->is_checking)
        return;
    if (!demo->is_checking && is_said(element) == demo->is_story)
        return;
    if (is_deed)
        begin_deed(demo, element, attributes);
    else
        begin_record(demo, element, attributes);
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct demo *demo = data;
    if (demo->code)
        return;
    if (!demo->is_inside && strcmp(name, "community") == 0) {
        demo->is_inside = 1;
        if (demo->is_checking)
            check_community(demo, attributes);
    } else if (!demo->is_inside)
        refuse(demo, "the file does not begin with <community>");
    else if (strcmp(name, "person") == 0)
        add_person(demo, attributes);
    else if (is_said(name) || story_has(name))
        on_element(demo, name, attributes);
    else
        refuse(demo, "only person, question, answer, comment, edit, flag, action, follow and "
                     "notice stand inside <community>");
}

static void XMLCALL on_text(void *data, const XML_Char *text, int length)
{
    struct demo *demo = data;
    if (!*demo->element || demo->code)
        return;
    if (demo->text_length + (size_t)length >= DEMO_TEXT_MAX) {
        refuse(demo, "a text is longer than 64 KiB");
        return;
    }
    memcpy(demo->text + demo->text_length, text, (size_t)length);
    demo->text_length += (size_t)length;
}

/* Posts and comments have numbers of their own. */
static int64_t place_of(int64_t id, int is_comment)
{
    return id << 1 | is_comment;
}

/* 1: it stands before; what belongs to something mostly follows it. */
static int has_place(const struct demo *demo, int64_t place)
{
    size_t at = demo->place_count;
    while (at > 0 && demo->places[at - 1] != place)
        at--;
    return at > 0;
}

static int add_place(struct demo *demo, int64_t place)
{
    if (demo->place_count == demo->place_room) {
        const size_t room = demo->place_room ? 2 * demo->place_room : 256;
        int64_t *places = realloc(demo->places, room * sizeof *places);
        if (!places)
            return PORTICO_ENOMEM;
        demo->places = places;
        demo->place_room = room;
    }
    demo->places[demo->place_count++] = place;
    return PORTICO_OK;
}

static int render(struct demo *demo, const char *source, const struct portico_value **ret_html)
{
    *ret_html =
        portico_markdown(demo->importer->content, source, strlen(source), demo->importer->error);
    return *ret_html ? PORTICO_OK : PORTICO_EINVAL;
}

static void check_record(struct demo *demo, const char *element, char *text)
{
    const int is_comment = strcmp(element, "comment") == 0;
    if (is_comment && !has_place(demo, place_of(demo->record.parent, 0))) {
        refuse(demo, "a comment stands before the post it belongs to");
        return;
    }
    demo->record.source = text;
    int code = demo_check_images(demo->importer, text);
    if (code == 0)
        code = render(demo, text, &demo->record.html);
    if (code == 0)
        code = add_place(demo, place_of(demo->record.source_id, is_comment));
    if (code < 0)
        stop(demo, code);
}

static void check_deed(struct demo *demo, const char *element, char *text)
{
    const struct import_deed *deed = &demo->deed;
    const int on_comment = deed->on && strcmp(deed->on, "comment") == 0;
    const char *wrong = is_said(element) ? NULL : story_check(element, deed);
    if (!has_place(demo, place_of(deed->to, on_comment)) ||
        (deed->into && !has_place(demo, place_of(deed->into, 0))))
        wrong = "it stands before the question, answer or comment that it is about";
    if (wrong)
        refuse(demo, wrong);
    else if (is_said(element) && render(demo, text, &demo->deed.html) < 0)
        stop(demo, PORTICO_EINVAL);
}

static void write_deed(struct demo *demo, const char *element, const char *text)
{
    struct importer *importer = demo->importer;
    demo->deed.source = text;
    int code = is_said(element) ? render(demo, text, &demo->deed.html) : PORTICO_OK;
    if (code == 0)
        code = is_said(element) ? story_edit(importer, &demo->deed)
                                : story_write(importer, element, &demo->deed);
    if (code < 0)
        stop(demo, code);
    else
        end_batch(demo);
}

static void write_record(struct demo *demo, const char *element, const char *text)
{
    struct importer *importer = demo->importer;
    enum import_kind kind = strcmp(element, "comment") == 0 ? IMPORT_COMMENT : IMPORT_POST;
    portico_id id = import_id(importer, kind, demo->record.source_id);
    const char *subject = portico_printf(
        importer->scope, "%s/%lld", kind == IMPORT_COMMENT ? "comment" : "post", (long long)id);
    demo->record.source = demo_images(importer, text, subject);
    int64_t changed = 1;
    int code = demo->record.source ? render(demo, demo->record.source, &demo->record.html)
                                   : PORTICO_EINVAL;
    if (code == 0 && strcmp(element, "question") == 0)
        code = import_write_question(importer, &demo->record);
    else if (code == 0 && strcmp(element, "answer") == 0)
        code = import_write_answer(importer, &demo->record);
    else if (code == 0)
        code = import_write_comment(importer, &demo->record, &changed);
    if (code == 0 && changed)
        code = demo_show_images(importer, kind, id, subject);
    if (code < 0)
        stop(demo, code);
    else
        end_batch(demo);
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
    struct demo *demo = data;
    if (demo->code || strcmp(name, demo->element) != 0)
        return;
    demo->text[demo->text_length] = '\0';
    char *text = demo->text + strspn(demo->text, "\n");
    *demo->element = '\0';
    const int is_deed = !is_said(name) || strcmp(name, "edit") == 0;
    if (demo->is_checking)
        (is_deed ? check_deed : check_record)(demo, name, text);
    else
        (is_deed ? write_deed : write_record)(demo, name, text);
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

static int parse(struct demo *demo)
{
    demo->parser = XML_ParserCreate("UTF-8");
    demo->text = malloc(DEMO_TEXT_MAX);
    demo->code = demo->parser && demo->text ? PORTICO_OK : PORTICO_ENOMEM;
    demo->at = 0;
    demo->people_count = 0;
    demo->is_inside = 0;
    *demo->element = '\0';
    if (demo->code == 0) {
        XML_SetUserData(demo->parser, demo);
        XML_SetElementHandler(demo->parser, on_start, on_end);
        XML_SetCharacterDataHandler(demo->parser, on_text);
        XML_SetStartDoctypeDeclHandler(demo->parser, on_doctype);
        if (XML_Parse(demo->parser, demo->bytes, (int)demo->length, 1) != XML_STATUS_OK &&
            !demo->code)
            refuse(demo, XML_ErrorString(XML_GetErrorCode(demo->parser)));
    }
    XML_ParserFree(demo->parser);
    free(demo->text);
    demo->parser = NULL;
    demo->text = NULL;
    return demo->code;
}

static int check(struct demo *demo)
{
    demo->is_checking = 1;
    int code = parse(demo);
    demo->is_checking = 0;
    free(demo->places);
    demo->places = NULL;
    demo->place_count = demo->place_room = 0;
    import_abandon(demo->importer);
    return code;
}

static int write_posts(struct importer *importer)
{
    struct demo *demo = importer->format;
    int code = parse(demo);
    const int is_more = importer->scope && demo->at > importer->position;
    return code == 0 && is_more ? commit_batch(demo) : code;
}

static int write_story(struct importer *importer)
{
    struct demo *demo = importer->format;
    demo->is_story = 1;
    int code = write_posts(importer);
    demo->is_story = 0;
    return code;
}

static const struct {
    const char *name, *next;
    int (*run)(struct importer *importer);
} phases[] = {
    { "posts", "topics", write_posts },     { "topics", "tags", import_topics },
    { "tags", "space", import_tags },       { "space", "authors", import_space },
    { "authors", "story", import_authors }, { "story", "finished", write_story },
};

/* 1: this very file is in already. */
static int open_community(struct demo *demo)
{
    struct importer *importer = demo->importer;
    portico_id account = 0;
    int code =
        demo_readers(importer, demo->readers, demo->account, &demo->words.audience, &account);
    if (code < 0)
        return code;
    words_slug(demo->space, importer->source);
    return import_open(importer, "demo", demo->fingerprint, phases[0].name, &demo->words);
}

static int import_file(struct importer *importer, const char *file)
{
    struct demo demo = { .importer = importer, .file = file };
    const char *path =
        portico_printf(importer->context, "%s/%s", importer->import->directory, file);
    demo.bytes = path ? read_file(importer, path, &demo.length) : NULL;
    if (!demo.bytes)
        return PORTICO_EIO;
    demo.fingerprint = portico_printf(importer->context, "%016llx",
                                      (unsigned long long)digest(demo.bytes, demo.length));
    int code = demo.fingerprint ? check(&demo) : PORTICO_ENOMEM;
    if (code == 0)
        code = open_community(&demo);
    importer->format = &demo;
    for (size_t i = 0; code == 0 && i < sizeof phases / sizeof *phases; i++)
        if (strcmp(importer->phase, phases[i].name) == 0)
            code = import_run_phase(importer, phases[i].next, 0, phases[i].run);
    importer->format = NULL;
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
