/* What became of a demo's questions, answers and comments: edits with their history, reports, what
 * moderators did, who follows what, and what people are told of. Written as people's own acts write
 * it, but at the time the file says. */
#include "acts.h"
#include "communities.h"
#include "import.h"
#include "tell.h"

/* What it is about, as it stands. */
struct subject {
    portico_id id, topic, author;
    enum target_kind kind;
    const struct portico_value *row;
};

static int is_on_comment(const struct import_deed *deed)
{
    return deed->on && strcmp(deed->on, "comment") == 0;
}

static int read_subject(struct importer *importer, const struct import_deed *deed, int64_t number,
                        struct subject *ret_subject)
{
    static const char post[] = IMPORT_SQL
        "SELECT p.id AS \"id:id\", p.topic AS \"topic:id\", p.author AS \"author:id\",\n"
        "    p.kind, p.source, p.created AS \"created:time\", p.revisions,\n"
        "    p.audience AS \"audience:id\", p.id AS \"post:id\", p.body AS \"body:html\",\n"
        "    t.title, t.slug, t.tags, t.accepted AS \"accepted:id\", a.person AS \"person:id\"\n"
        "FROM communities_post p\n"
        "JOIN communities_topic t ON t.id = p.topic\n"
        "LEFT JOIN communities_author a ON a.id = p.author\n"
        "WHERE p.id = ?";
    static const char comment[] = IMPORT_SQL
        "SELECT c.id AS \"id:id\", c.topic AS \"topic:id\", c.author AS \"author:id\",\n"
        "    3 AS kind, c.source, c.created AS \"created:time\", c.revisions,\n"
        "    c.audience AS \"audience:id\", c.post AS \"post:id\", c.body AS \"body:html\",\n"
        "    t.title, t.slug\n"
        "FROM communities_comment c\n"
        "JOIN communities_topic t ON t.id = c.topic\n"
        "WHERE c.id = ?";
    const int on_comment = is_on_comment(deed);
    struct portico_value *row = NULL;
    portico_id id = import_id(importer, on_comment ? IMPORT_COMMENT : IMPORT_POST, number);
    int code = portico_query_one(importer->db, on_comment ? comment : post,
                                 PORTICO_ARGS(portico_arg_id(id)), &row, importer->error);
    if (code == 0)
        *ret_subject = (struct subject){
            .id = id,
            .topic = portico_get_integer(row, "topic", 0),
            .author = portico_get_integer(row, "author", 0),
            .kind = (enum target_kind)portico_get_integer(row, "kind", 0),
            .row = row,
        };
    return code;
}

/* ---- edits ---- */

static int keep_texts(struct importer *importer, const struct subject *subject,
                      const struct import_deed *deed)
{
    const int is_question = subject->kind == TARGET_QUESTION;
    const char *title = portico_get_text(subject->row, "title", "");
    const char *tags = portico_get_text(subject->row, "tags", "");
    const struct revision first = {
        .of = subject->id,
        .author = subject->author,
        .title = is_question ? title : NULL,
        .tags = is_question ? tags : NULL,
        .source = portico_get_text(subject->row, "source", ""),
        .created = portico_get_integer(subject->row, "created", 0),
    };
    const struct revision next = {
        .of = subject->id,
        .author = deed->author,
        .number = portico_get_integer(subject->row, "revisions", 0) + 1,
        .title = is_question ? deed->title ? deed->title : title : NULL,
        .tags = is_question ? deed->tags ? deed->tags : tags : NULL,
        .source = deed->source,
        .note = deed->note,
        .created = deed->at,
    };
    return write_revisions(importer->scope, &first, &next, importer->error);
}

static int edit_text(struct importer *importer, const struct subject *subject,
                     const struct import_deed *deed)
{
    static const char post[] = IMPORT_SQL "UPDATE communities_post\n"
                                          "SET body = ?, source = ?, edited = ?,\n"
                                          "    revisions = revisions + 1\n"
                                          "WHERE id = ?";
    static const char comment[] = IMPORT_SQL "UPDATE communities_comment\n"
                                             "SET body = ?, source = ?, edited = ?,\n"
                                             "    revisions = revisions + 1\n"
                                             "WHERE id = ?";
    const char *body = portico_html_seal(importer->content, deed->html);
    return !body ? import_fail(importer, PORTICO_ENOMEM, "Memory ended.")
                 : portico_execute(
                       importer->db, is_on_comment(deed) ? comment : post,
                       PORTICO_ARGS(portico_arg_text(body), portico_arg_text(deed->source),
                                    portico_arg_time(deed->at), portico_arg_id(subject->id)),
                       NULL, importer->error);
}

static int edit_topic(struct importer *importer, const struct subject *subject,
                      const struct import_deed *deed)
{
    char slug[WORDS_SLUG_MAX + 1], tags[WORDS_TAGS_MAX + 1];
    const char *title = deed->title ? deed->title : portico_get_text(subject->row, "title", "");
    const char *excerpt = portico_html_plain(importer->content, deed->html, 240);
    words_slug(title, slug);
    words_tags(deed->tags ? deed->tags : portico_get_text(subject->row, "tags", ""), tags);
    return portico_execute(
        importer->db,
        IMPORT_SQL "UPDATE communities_topic\n"
                   "SET title = ?, slug = ?, tags = ?, excerpt = ?\n"
                   "WHERE id = ?",
        PORTICO_ARGS(portico_arg_text(title), portico_arg_text(slug), portico_arg_text(tags),
                     portico_arg_text(excerpt ? excerpt : ""), portico_arg_id(subject->topic)),
        NULL, importer->error);
}

int story_edit(struct importer *importer, const struct import_deed *deed)
{
    struct subject subject;
    int code = read_subject(importer, deed, deed->to, &subject);
    if (code == 0)
        code = keep_texts(importer, &subject, deed);
    if (code == 0)
        code = edit_text(importer, &subject, deed);
    return code == 0 && subject.kind == TARGET_QUESTION ? edit_topic(importer, &subject, deed)
                                                        : code;
}

/* ---- telling ---- */

/* What was told and followed in the first run is not told anew when the file has changed. */
static int is_first_time(const struct importer *importer)
{
    return importer->round == 1;
}

static struct told told_of(struct importer *importer, const struct subject *subject)
{
    const char *words =
        portico_html_plain(importer->content, portico_get(subject->row, "body"), 240);
    return (struct told){
        .topic = subject->topic,
        .post = portico_get_integer(subject->row, "post", 0),
        .comment = subject->kind == TARGET_COMMENT ? subject->id : 0,
        .author = subject->author,
        .audience = portico_get_integer(subject->row, "audience", 0),
        .title = portico_get_text(subject->row, "title", ""),
        .slug = portico_get_text(subject->row, "slug", ""),
        .text = words ? words : "",
    };
}

static int tell(struct importer *importer, const struct import_deed *deed)
{
    struct subject subject;
    int code = is_first_time(importer) ? read_subject(importer, deed, deed->to, &subject) : 1;
    if (code != 0)
        return code < 0 ? code : PORTICO_OK;
    const struct told told = told_of(importer, &subject);
    if (subject.kind == TARGET_COMMENT)
        return tell_commented(importer->scope, &told, importer->error);
    return subject.kind == TARGET_ANSWER ? tell_answered(importer->scope, &told, importer->error)
                                         : PORTICO_OK;
}

static int follow(struct importer *importer, const struct import_deed *deed)
{
    struct subject subject;
    struct portico_value *row = NULL;
    int code = is_first_time(importer) ? read_subject(importer, deed, deed->to, &subject) : 1;
    if (code == 0)
        code = portico_query_one(importer->db,
                                 "SELECT person AS \"person:id\"\n"
                                 "FROM communities_author\n"
                                 "WHERE id = ?",
                                 PORTICO_ARGS(portico_arg_id(deed->author)), &row, importer->error);
    portico_id person = code == 0 ? portico_get_integer(row, "person", 0) : 0;
    if (code != 0 || !person)
        return code < 0 ? code : PORTICO_OK;
    return portico_follow(portico_notices(importer->scope), person,
                          portico_printf(importer->scope, "topic/%lld", (long long)subject.topic),
                          PORTICO_FOLLOWS, importer->error);
}

/* ---- reports ---- */

static int report(struct importer *importer, const struct import_deed *deed)
{
    struct subject subject;
    int64_t made = 0;
    int code = read_subject(importer, deed, deed->to, &subject);
    if (code == 0)
        code = portico_execute(
            importer->db,
            "INSERT INTO communities_flag (id, target, kind, topic, author, reason, note, state,\n"
            "    created)\n"
            "VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)\n"
            "ON CONFLICT (target, author) DO NOTHING",
            PORTICO_ARGS(portico_arg_id(portico_new_id(importer->scope)),
                         portico_arg_id(subject.id), portico_arg_integer(subject.kind),
                         portico_arg_id(subject.topic), portico_arg_id(deed->author),
                         portico_arg_text(deed->reason), portico_arg_text(deed->note),
                         portico_arg_time(deed->at)),
            &made, importer->error);
    if (code < 0 || !made || !is_first_time(importer))
        return code;
    struct told told = told_of(importer, &subject);
    told.text = deed->reason;
    return tell_flagged(importer->scope, &told, importer->error);
}

/* ---- what moderators did ---- */

struct act {
    const struct import_deed *deed;
    struct subject subject, into;
    struct topic_change change;
    const char *before, *after;
};

static int set_status(struct importer *importer, struct act *act, enum status status)
{
    static const char post[] = IMPORT_SQL "UPDATE communities_post\nSET status = ?\nWHERE id = ?";
    static const char comment[] =
        IMPORT_SQL "UPDATE communities_comment\nSET status = ?\nWHERE id = ?";
    int code =
        portico_execute(importer->db, act->subject.kind == TARGET_COMMENT ? comment : post,
                        PORTICO_ARGS(portico_arg_integer(status), portico_arg_id(act->subject.id)),
                        NULL, importer->error);
    if (code == 0 && act->subject.kind == TARGET_QUESTION)
        code = portico_execute(
            importer->db, IMPORT_SQL "UPDATE communities_topic\nSET status = ?\nWHERE id = ?",
            PORTICO_ARGS(portico_arg_integer(status), portico_arg_id(act->subject.topic)), NULL,
            importer->error);
    return code;
}

/* The number of its links or the like stands behind the reason. */
static int hold(struct importer *importer, struct act *act)
{
    act->after = act->deed->note;
    return set_status(importer, act, STATUS_HELD);
}

/* Moderators are told of reports that are open, not of those that this decides. */
static int take_away(struct importer *importer, struct act *act)
{
    int64_t closed = 0;
    int code = set_status(importer, act, STATUS_REMOVED);
    if (code == 0)
        code = portico_execute(importer->db,
                               "UPDATE communities_flag\n"
                               "SET state = 1, closed = ?, closed_by = ?\n"
                               "WHERE target = ? AND state = 0",
                               PORTICO_ARGS(portico_arg_time(act->deed->at),
                                            portico_arg_id(act->deed->author),
                                            portico_arg_id(act->subject.id)),
                               &closed, importer->error);
    if (code < 0 || !closed || !is_first_time(importer))
        return code;
    const struct told told = told_of(importer, &act->subject);
    return tell_decided(importer->scope, &told, importer->error);
}

static int close_topic(struct importer *importer, struct act *act)
{
    act->before = portico_get_text(act->subject.row, "title", "");
    return portico_execute(importer->db,
                           IMPORT_SQL "UPDATE communities_topic\n"
                                      "SET closed = ?, closed_reason = ?\n"
                                      "WHERE id = ?",
                           PORTICO_ARGS(portico_arg_boolean(1), portico_arg_text(act->deed->reason),
                                        portico_arg_id(act->subject.topic)),
                           NULL, importer->error);
}

static int move_topic(struct importer *importer, struct act *act)
{
    struct portico_value *from = NULL, *to = NULL;
    char slug[WORDS_SLUG_MAX + 1];
    words_slug(act->deed->space ? act->deed->space : "", slug);
    int code = portico_query_one(
        importer->db,
        IMPORT_SQL "SELECT id AS \"id:id\", title\nFROM communities_space\nWHERE slug = ?",
        PORTICO_ARGS(portico_arg_text(slug)), &to, importer->error);
    if (code == PORTICO_ENOENT)
        return import_fail(importer, PORTICO_EINVAL,
                           "A question is moved to the space “%s”, which is not there. Files are "
                           "read in the order of their names: name one that comes before.",
                           slug);
    if (code == 0)
        code = portico_query_one(
            importer->db, IMPORT_SQL "SELECT title\nFROM communities_space\nWHERE id = ?",
            PORTICO_ARGS(portico_arg_id(act->change.space)), &from, importer->error);
    if (code < 0)
        return code;
    act->before = portico_get_text(from, "title", "");
    act->after = portico_get_text(to, "title", "");
    return portico_execute(importer->db,
                           IMPORT_SQL "UPDATE communities_topic\nSET space = ?\nWHERE id = ?",
                           PORTICO_ARGS(portico_arg_id(portico_get_integer(to, "id", 0)),
                                        portico_arg_id(act->subject.topic)),
                           NULL, importer->error);
}

static struct target target_of(const struct subject *subject)
{
    return (struct target){
        .id = subject->id,
        .kind = TARGET_QUESTION,
        .topic = subject->topic,
        .accepted = portico_get_integer(subject->row, "accepted", 0),
    };
}

static int merge_topic(struct importer *importer, struct act *act)
{
    struct topic_change whole;
    int code = read_subject(importer, act->deed, act->deed->into, &act->into);
    if (code == 0)
        code = topic_change_begin(importer->scope, act->into.topic, &whole, importer->error);
    const struct target question = target_of(&act->subject);
    const struct target into = code == 0 ? target_of(&act->into) : (struct target){ 0 };
    if (code == 0)
        code = topic_join(importer->scope, &question, &into, importer->error);
    if (code == 0)
        code = topic_change_end(importer->scope, &whole, importer->error);
    act->before = portico_get_text(act->subject.row, "title", "");
    act->after = code == 0 ? portico_get_text(act->into.row, "title", "") : NULL;
    return code;
}

static const struct {
    const char *name;
    int (*perform)(struct importer *importer, struct act *act);
    int of_question; /* only questions */
    int same_words;
} acts[] = {
    { "hold", hold, 0, 0 },       { "remove", take_away, 0, 0 },  { "close", close_topic, 1, 1 },
    { "move", move_topic, 1, 0 }, { "merge", merge_topic, 1, 0 },
};
#define ACTS (sizeof acts / sizeof *acts)

static size_t find_act(const char *name)
{
    size_t at = 0;
    while (at < ACTS && (!name || strcmp(acts[at].name, name) != 0))
        at++;
    return at;
}

/* 1: a run before, or somebody here, did so already. */
static int is_done(struct importer *importer, const struct act *act)
{
    struct portico_value *rows = NULL;
    int code = portico_query(importer->db,
                             "SELECT 1 AS found\n"
                             "FROM communities_action\n"
                             "WHERE topic = ? AND target = ? AND name = ?",
                             PORTICO_ARGS(portico_arg_id(act->subject.topic),
                                          portico_arg_id(act->subject.id),
                                          portico_arg_text(act->deed->name)),
                             &rows, importer->error);
    return code < 0 ? code : portico_count(rows) > 0;
}

static int log_act(struct importer *importer, const struct act *act)
{
    return portico_execute(
        importer->db,
        "INSERT INTO communities_action (id, author, name, topic, target, before, after, reason,\n"
        "    created)\n"
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(portico_new_id(importer->scope)),
                     portico_arg_id(act->deed->author), portico_arg_text(act->deed->name),
                     portico_arg_id(act->subject.topic), portico_arg_id(act->subject.id),
                     portico_arg_text(act->before), portico_arg_text(act->after),
                     portico_arg_text(act->deed->reason), portico_arg_time(act->deed->at)),
        NULL, importer->error);
}

static int perform(struct importer *importer, const struct import_deed *deed)
{
    struct act act = { .deed = deed };
    const size_t at = find_act(deed->name);
    int code = read_subject(importer, deed, deed->to, &act.subject);
    if (code == 0)
        code = is_done(importer, &act);
    if (code != 0)
        return code < 0 ? code : PORTICO_OK;
    code = topic_change_begin(importer->scope, act.subject.topic, &act.change, importer->error);
    if (code == 0)
        code = acts[at].perform(importer, &act);
    act.change.same_words = acts[at].same_words;
    if (code == 0)
        code = topic_change_end(importer->scope, &act.change, importer->error);
    return code < 0 ? code : log_act(importer, &act);
}

/* ---- elements ---- */

static const char *check_report(const struct import_deed *deed)
{
    static const char *const reasons[] = { "spam", "rude", "off-topic", "other" };
    for (size_t i = 0; deed->reason && i < sizeof reasons / sizeof *reasons; i++)
        if (strcmp(reasons[i], deed->reason) == 0)
            return NULL;
    return "the reason of a flag is spam, rude, off-topic or other";
}

static const char *check_act(const struct import_deed *deed)
{
    const size_t at = find_act(deed->name);
    if (at == ACTS || !deed->reason)
        return "an action has a reason and the name hold, remove, close, move or merge";
    if (acts[at].of_question && is_on_comment(deed))
        return "comments are held and removed, not closed, moved or merged";
    if (acts[at].perform == move_topic && !deed->space)
        return "an action that moves a question names a space";
    return acts[at].perform == merge_topic && deed->into <= 0
               ? "an action that merges a question says into which"
               : NULL;
}

static const struct {
    const char *name;
    int (*write)(struct importer *importer, const struct import_deed *deed);
    const char *(*check)(const struct import_deed *deed); /* may be NULL */
} elements[] = {
    { "flag", report, check_report },
    { "action", perform, check_act },
    { "follow", follow, NULL },
    { "notice", tell, NULL },
};
#define ELEMENTS (sizeof elements / sizeof *elements)

static size_t find_element(const char *name)
{
    size_t at = 0;
    while (at < ELEMENTS && strcmp(elements[at].name, name) != 0)
        at++;
    return at;
}

int story_has(const char *element)
{
    return find_element(element) < ELEMENTS;
}

const char *story_check(const char *element, const struct import_deed *deed)
{
    const size_t at = find_element(element);
    return elements[at].check ? elements[at].check(deed) : NULL;
}

int story_write(struct importer *importer, const char *element, const struct import_deed *deed)
{
    return elements[find_element(element)].write(importer, deed);
}
