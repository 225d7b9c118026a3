/* Events and notices of what happens here. An event says what happened to whom it concerns by id,
 * never what was written; a notice holds an excerpt and goes only to who may read it. Whatever is
 * not shown has the audience of nobody, and its events are for handlers alone. */
#include "tell.h"

#include "events.h"
#include "reach.h"
#include "write.h"

#define TELL_SQL "{unfiltered telling} "
#define MODERATORS_MOST 100

const char *told_path(struct portico_context *context, const struct told *told)
{
    const char *anchor = told->comment ? "#comment-" : told->post ? "#post-" : "";
    portico_id id = told->comment ? told->comment : told->post;
    return id ? portico_printf(context, "/communities/topics/%lld/%s%s%lld", (long long)told->topic,
                               told->slug, anchor, (long long)id)
              : portico_printf(context, "/communities/topics/%lld/%s", (long long)told->topic,
                               told->slug);
}

/* What it looks like now, in this transaction, and whom it concerns. */
struct scene {
    portico_id audience;  /* of what it is about; 0: nobody's */
    portico_id space;     /* of the topic */
    portico_id writer;    /* person who wrote it; 0: none here */
    portico_id addressed; /* person who wrote what a comment stands under */
    int is_question;
};

static int read_scene(struct portico_context *context, const struct told *told,
                      struct scene *ret_scene, struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = portico_query_one(
        portico_db(context),
        TELL_SQL "SELECT COALESCE(c.audience, p.audience, t.audience) AS \"audience:id\",\n"
                 "    t.space AS \"space:id\", COALESCE(p.kind, 1) AS kind,\n"
                 "    w.person AS \"writer:id\", o.person AS \"addressed:id\"\n"
                 "FROM communities_topic t\n"
                 "LEFT JOIN communities_post p ON p.id = ?\n"
                 "LEFT JOIN communities_comment c ON c.id = ?\n"
                 "LEFT JOIN communities_author w ON w.id = ?\n"
                 "LEFT JOIN communities_author o ON o.id = p.author\n"
                 "WHERE t.id = ?",
        PORTICO_ARGS(portico_arg_id(told->post), portico_arg_id(told->comment),
                     portico_arg_id(told->author), portico_arg_id(told->topic)),
        &row, error);
    if (code < 0)
        return code;
    portico_id audience = portico_get_integer(row, "audience", 0);
    ret_scene->audience = audience == PORTICO_AUDIENCE_NOBODY ? 0 : audience;
    ret_scene->space = portico_get_integer(row, "space", 0);
    ret_scene->writer = portico_get_integer(row, "writer", 0);
    ret_scene->addressed = portico_get_integer(row, "addressed", 0);
    ret_scene->is_question = portico_get_integer(row, "kind", 0) == POST_QUESTION;
    return PORTICO_OK;
}

const char *topic_subject(struct portico_context *context, portico_id topic)
{
    return portico_printf(context, "topic/%lld", (long long)topic);
}

const char *moderation_subject(struct portico_context *context, portico_id topic)
{
    return portico_printf(context, "moderation/%lld", (long long)topic);
}

/* ---- events ---- */

static void set_id(struct portico_value *data, const char *name, portico_id id)
{
    if (id)
        portico_set_id(data, name, id);
}

static struct portico_value *data_of(struct portico_context *context, const struct told *told,
                                     const struct scene *scene)
{
    struct portico_value *data = portico_object(context);
    set_id(data, "topic", told->topic);
    set_id(data, "space", scene->space);
    set_id(data, "post", told->post);
    set_id(data, "comment", told->comment);
    portico_set_text(data, "kind",
                     told->comment        ? "comment"
                     : scene->is_question ? "question"
                                          : "answer");
    return data;
}

static int emit(struct portico_context *context, const char *type, const struct told *told,
                portico_id audience, const struct portico_value *data, struct portico_error *error)
{
    const struct portico_emission emission = {
        .size = sizeof emission,
        .type = type,
        .subject = topic_subject(context, told->topic),
        .audience = audience,
        .data = data,
    };
    return portico_emit(portico_events(context), &emission, NULL, error);
}

/* To everybody who may see it. */
static int emit_simply(struct portico_context *context, const char *type, const struct told *told,
                       const struct scene *scene, struct portico_error *error)
{
    return emit(context, type, told, scene->audience, data_of(context, told, scene), error);
}

/* ---- notices ---- */

static const char *part_of(struct portico_context *context, const char *kind, portico_id id)
{
    return id ? portico_printf(context, "%s/%lld", kind, (long long)id) : NULL;
}

/* What all notices of a topic share. */
static struct portico_notice notice_of(struct portico_context *context, const struct told *told,
                                       const char *kind, const char *title)
{
    struct portico_value *arguments = portico_object(context);
    portico_set_text(arguments, "title", told->title);
    struct portico_notice notice = {
        .size = sizeof notice,
        .kind = kind,
        .subject = topic_subject(context, told->topic),
        .title = title,
        .arguments = arguments,
        .text = told->text && *told->text ? told->text : NULL,
        .url = told_path(context, told),
        .part = told->comment ? part_of(context, "comment", told->comment)
                              : part_of(context, "post", told->post),
    };
    return notice;
}

/* Who asks or answers wants to know what comes of it, unless they said otherwise. */
static int follow(struct portico_context *context, portico_id person, portico_id topic,
                  struct portico_error *error)
{
    struct portico_notices *notices = portico_notices(context);
    const char *subject = topic_subject(context, topic);
    int32_t level = PORTICO_NORMAL;
    if (!person)
        return PORTICO_OK;
    int code = portico_following(notices, person, subject, &level, error);
    if (code < 0 || level != PORTICO_NORMAL)
        return code;
    return portico_follow(notices, person, subject, PORTICO_FOLLOWS, error);
}

int tell_topic_created(struct portico_context *context, const struct told *told,
                       struct portico_error *error)
{
    struct scene scene = { 0 };
    int code = read_scene(context, told, &scene, error);
    if (code == 0)
        code = follow(context, scene.writer, told->topic, error);
    return code < 0 ? code : emit_simply(context, EVENT_CREATED, told, &scene, error);
}

int tell_answered(struct portico_context *context, const struct told *told,
                  struct portico_error *error)
{
    struct scene scene = { 0 };
    int code = read_scene(context, told, &scene, error);
    if (code == 0)
        code = emit_simply(context, EVENT_ANSWERED, told, &scene, error);
    if (code == 0 && scene.audience) {
        struct portico_notice notice =
            notice_of(context, told, "answers", /* translated */ "{actor} answered “{title}”");
        notice.audience = scene.audience;
        notice.actor = scene.writer;
        notice.except = told->mentioned; /* named in it: told so */
        notice.except_count = told->mentioned_count;
        notice.reason = /* translated */ "because you follow this question";
        code = portico_notify(portico_notices(context), &notice, error);
    }
    return code < 0 ? code : follow(context, scene.writer, told->topic, error);
}

static int is_among(portico_id person, const portico_id *people, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (people[i] == person)
            return 1;
    return 0;
}

int tell_commented(struct portico_context *context, const struct told *told,
                   struct portico_error *error)
{
    struct scene scene = { 0 };
    int code = read_scene(context, told, &scene, error);
    if (code == 0)
        code = emit_simply(context, EVENT_COMMENTED, told, &scene, error);
    if (code < 0 || !scene.audience || !scene.addressed ||
        is_among(scene.addressed, told->mentioned, told->mentioned_count))
        return code;
    struct portico_notice notice =
        notice_of(context, told, "comments",
                  /* translated */ "{actor} commented on what you wrote in “{title}”");
    notice.flags = PORTICO_NOTICE_ONLY_NAMED;
    notice.audience = scene.audience;
    notice.actor = scene.writer;
    notice.people = &scene.addressed;
    notice.people_count = 1;
    notice.reason = /* translated */ "because you wrote what the comment is about";
    return portico_notify(portico_notices(context), &notice, error);
}

int tell_edited(struct portico_context *context, const struct told *told,
                struct portico_error *error)
{
    struct scene scene = { 0 };
    int code = read_scene(context, told, &scene, error);
    return code < 0 ? code : emit_simply(context, EVENT_EDITED, told, &scene, error);
}

int tell_mentioned(struct portico_context *context, const struct told *told,
                   struct portico_error *error)
{
    struct scene scene = { 0 };
    int code = read_scene(context, told, &scene, error);
    if (code < 0 || !scene.audience || !told->mentioned_count)
        return code;
    struct portico_notice notice =
        notice_of(context, told, "mentions", /* translated */ "{actor} mentioned you in “{title}”");
    notice.flags = PORTICO_NOTICE_ONLY_NAMED | PORTICO_NOTICE_MENTION;
    notice.audience = scene.audience;
    notice.actor = scene.writer;
    notice.people = told->mentioned;
    notice.people_count = told->mentioned_count;
    notice.reason = /* translated */ "because you are named there";
    return portico_notify(portico_notices(context), &notice, error);
}

/* ---- moderators, and what they do ---- */

/* What waits is one notice for each moderator until they look; of those who would see it if it were
 * shown. */
static int tell_moderators(struct portico_context *context, const struct told *told,
                           const char *title, struct portico_error *error)
{
    struct portico_value *rows = NULL;
    portico_id people[MODERATORS_MOST];
    int code = portico_people_holding(portico_people(context), "communities.moderate",
                                      MODERATORS_MOST, &rows, error);
    size_t count = code < 0 ? 0 : portico_count(rows);
    for (size_t i = 0; i < count; i++)
        people[i] = portico_get_integer(portico_at(rows, i), "id", 0);
    if (code < 0 || !count)
        return code;
    struct portico_notice notice = notice_of(context, told, "reports", title);
    code = reach_of(context, told->topic, &notice.audience, error);
    if (code < 0)
        return code;
    notice.flags = PORTICO_NOTICE_ONLY_NAMED;
    notice.subject = QUEUE_SUBJECT;
    notice.url = "/communities/moderation";
    notice.people = people;
    notice.people_count = count;
    notice.reason = /* translated */ "because you moderate the community";
    return portico_notify(portico_notices(context), &notice, error);
}

int tell_held(struct portico_context *context, const struct told *told, struct portico_error *error)
{
    struct scene scene = { 0 };
    int code = read_scene(context, told, &scene, error);
    int topic = scene.is_question && !told->comment;
    if (code == 0)
        code = emit(context, topic ? EVENT_TOPIC_HELD : EVENT_HELD, told, 0,
                    data_of(context, told, &scene), error);
    return code < 0
               ? code
               : tell_moderators(context, told,
                                 /* translated */ "Something waits for you in “{title}”", error);
}

int tell_flagged(struct portico_context *context, const struct told *told,
                 struct portico_error *error)
{
    struct scene scene = { 0 };
    int code = read_scene(context, told, &scene, error);
    struct portico_value *data = data_of(context, told, &scene);
    portico_set_text(data, "reason", told->text);
    if (code == 0)
        code = emit(context, EVENT_FLAGGED, told, 0, data, error);
    struct told without = *told; /* the reason is a word of ours, not what somebody wrote */
    without.text = NULL;
    return code < 0
               ? code
               : tell_moderators(context, &without,
                                 /* translated */ "Something was reported in “{title}”", error);
}

int tell_decided(struct portico_context *context, const struct told *told,
                 struct portico_error *error)
{
    const char *part = told->comment ? part_of(context, "comment", told->comment)
                                     : part_of(context, "post", told->post);
    return portico_notice_withdraw_part(portico_notices(context), QUEUE_SUBJECT, part, error);
}

/* Whose it is learns what a moderator did with it, by being named: others do not see it, maybe. */
static int tell_writer(struct portico_context *context, const struct told *told,
                       const struct scene *scene, const char *title, struct portico_error *error)
{
    if (!scene->writer)
        return PORTICO_OK;
    struct portico_notice notice = notice_of(context, told, "moderation", title);
    notice.flags = PORTICO_NOTICE_ONLY_NAMED;
    notice.subject = moderation_subject(context, told->topic);
    notice.people = &scene->writer;
    notice.people_count = 1;
    notice.reason = /* translated */ "because you wrote it";
    return portico_notify(portico_notices(context), &notice, error);
}

struct act {
    const char *of_topic; /* event of a question */
    const char *of_post;  /* of an answer or comment */
    const char *title;    /* of the notice to whose it is */
};

static int tell_act(struct portico_context *context, const struct told *told, const struct act *act,
                    struct portico_error *error)
{
    struct scene scene = { 0 };
    int code = read_scene(context, told, &scene, error);
    int topic = scene.is_question && !told->comment;
    if (code == 0)
        code = emit_simply(context, topic ? act->of_topic : act->of_post, told, &scene, error);
    return code < 0 || !act->title ? code : tell_writer(context, told, &scene, act->title, error);
}

int tell_approved(struct portico_context *context, const struct told *told,
                  struct portico_error *error)
{
    static const struct act act = { EVENT_TOPIC_APPROVED, EVENT_APPROVED,
                                    /* translated */ "What you wrote in “{title}” is shown now" };
    struct told without = *told;
    without.text = NULL;
    return tell_act(context, &without, &act, error);
}

static int withdraw_part(struct portico_context *context, const struct told *told, const char *kind,
                         portico_id id, struct portico_error *error)
{
    return portico_notice_withdraw_part(portico_notices(context),
                                        topic_subject(context, told->topic),
                                        part_of(context, kind, id), error);
}

/* Notices hold excerpts: nobody reads on there what is gone here. With an answer its comments are
 * gone, with a question all of it. */
static int withdraw(struct portico_context *context, const struct told *told,
                    struct portico_error *error)
{
    struct scene scene = { 0 };
    struct portico_value *rows = NULL;
    if (told->comment)
        return withdraw_part(context, told, "comment", told->comment, error);
    int code = read_scene(context, told, &scene, error);
    if (code == 0 && scene.is_question)
        return portico_notice_withdraw(portico_notices(context),
                                       topic_subject(context, told->topic), error);
    if (code == 0)
        code = withdraw_part(context, told, "post", told->post, error);
    if (code == 0)
        code = portico_query(portico_db(context),
                             TELL_SQL "SELECT id AS \"id:id\"\n"
                                      "FROM communities_comment\n"
                                      "WHERE post = ?\n"
                                      "ORDER BY id",
                             PORTICO_ARGS(portico_arg_id(told->post)), &rows, error);
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++)
        code = withdraw_part(context, told, "comment",
                             portico_get_integer(portico_at(rows, i), "id", 0), error);
    return code;
}

int tell_removed(struct portico_context *context, const struct told *told,
                 struct portico_error *error)
{
    static const struct act act = {
        EVENT_REMOVED, EVENT_POST_REMOVED,
        /* translated */ "A moderator removed what you wrote in “{title}”"
    };
    int code = withdraw(context, told, error);
    return code < 0 ? code : tell_act(context, told, &act, error);
}

int tell_restored(struct portico_context *context, const struct told *told,
                  struct portico_error *error)
{
    static const struct act act = {
        EVENT_RESTORED, EVENT_POST_RESTORED,
        /* translated */ "A moderator restored what you wrote in “{title}”"
    };
    return tell_act(context, told, &act, error);
}

int tell_closed(struct portico_context *context, const struct told *told,
                struct portico_error *error)
{
    static const struct act act = { EVENT_CLOSED, EVENT_CLOSED,
                                    /* translated */ "A moderator closed “{title}”" };
    return tell_act(context, told, &act, error);
}

int tell_reopened(struct portico_context *context, const struct told *told,
                  struct portico_error *error)
{
    static const struct act act = { EVENT_REOPENED, EVENT_REOPENED,
                                    /* translated */ "A moderator opened “{title}” again" };
    return tell_act(context, told, &act, error);
}

/* To whom the place is closed it is not named. */
#define TO_THE_TEAM /* translated */                                                               \
    "A moderator moved “{title}” to a space that not everybody reads"

static int is_for_the_team(portico_id audience)
{
    return audience != PORTICO_AUDIENCE_EVERYONE && audience != PORTICO_AUDIENCE_SIGNED_IN;
}

int tell_moved(struct portico_context *context, const struct told *told, const char *space,
               struct portico_error *error)
{
    struct scene scene = { 0 };
    int code = read_scene(context, told, &scene, error);
    if (code == 0)
        code = emit_simply(context, EVENT_MOVED, told, &scene, error);
    if (code < 0 || !scene.writer || told->audience == PORTICO_AUDIENCE_NOBODY)
        return code;
    int closed = is_for_the_team(told->audience);
    struct portico_notice notice =
        notice_of(context, told, "moderation",
                  closed ? TO_THE_TEAM : /* translated */ "A moderator moved “{title}” to {space}");
    struct portico_value *arguments = portico_object(context);
    portico_set_text(arguments, "title", told->title);
    portico_set_text(arguments, "space", closed ? NULL : space);
    notice.arguments = arguments;
    notice.flags = PORTICO_NOTICE_ONLY_NAMED;
    notice.subject = moderation_subject(context, told->topic);
    notice.people = &scene.writer;
    notice.people_count = 1;
    notice.reason = /* translated */ "because you wrote it";
    return portico_notify(portico_notices(context), &notice, error);
}

int tell_merged(struct portico_context *context, const struct told *told, const struct told *whole,
                struct portico_error *error)
{
    struct scene scene = { 0 };
    int code = read_scene(context, told, &scene, error);
    struct portico_value *data = data_of(context, told, &scene);
    set_id(data, "into", whole->topic);
    /* `told` is for nobody by now; who could see it may see where it went. */
    portico_id audience = told->audience == PORTICO_AUDIENCE_NOBODY ? 0 : whole->audience;
    if (code == 0)
        code = emit(context, EVENT_MERGED, told, audience, data, error);
    if (code < 0)
        return code;
    if (is_for_the_team(whole->audience))
        return tell_writer(context, told, &scene, TO_THE_TEAM, error);
    struct told there = *whole;
    there.text = told->text;
    return tell_writer(context, &there, &scene,
                       /* translated */ "A moderator merged your question into “{title}”", error);
}

/* ---- what helped ---- */

int tell_solved(struct portico_context *context, const struct told *told,
                struct portico_error *error)
{
    struct scene scene = { 0 };
    int code = read_scene(context, told, &scene, error);
    if (code == 0)
        code = emit_simply(context, EVENT_SOLVED, told, &scene, error);
    if (code < 0 || !scene.writer || !scene.audience)
        return code;
    struct portico_notice notice = notice_of(
        context, told, "accepted", /* translated */ "{actor} accepted your answer to “{title}”");
    notice.flags = PORTICO_NOTICE_ONLY_NAMED;
    notice.audience = scene.audience;
    notice.people = &scene.writer;
    notice.people_count = 1;
    notice.reason = /* translated */ "because you wrote the answer";
    return portico_notify(portico_notices(context), &notice, error);
}

int tell_unsolved(struct portico_context *context, const struct told *told,
                  struct portico_error *error)
{
    struct scene scene = { 0 };
    int code = read_scene(context, told, &scene, error);
    return code < 0 ? code : emit_simply(context, EVENT_UNSOLVED, told, &scene, error);
}

int tell_voted(struct portico_context *context, const struct told *told, int value, int64_t score,
               struct portico_error *error)
{
    struct scene scene = { 0 };
    int code = read_scene(context, told, &scene, error);
    struct portico_value *data = data_of(context, told, &scene);
    portico_set_integer(data, "value", value);
    portico_set_integer(data, "score", score);
    /* Who voted how is nobody's to know. */
    return code < 0 ? code : emit(context, EVENT_VOTED, told, 0, data, error);
}

/* ---- spaces ---- */

/* To those who see it. */
static int emit_space(struct portico_context *context, const char *type, portico_id space,
                      struct portico_error *error)
{
    struct portico_value *row = NULL, *data = portico_object(context);
    int code = portico_query_one(portico_db(context),
                                 TELL_SQL "SELECT audience AS \"audience:id\"\n"
                                          "FROM communities_space\n"
                                          "WHERE id = ?",
                                 PORTICO_ARGS(portico_arg_id(space)), &row, error);
    set_id(data, "space", space);
    const struct portico_emission emission = {
        .size = sizeof emission,
        .type = type,
        .subject = portico_printf(context, "space/%lld", (long long)space),
        .audience = portico_get_integer(row, "audience", 0),
        .data = data,
    };
    return code < 0 ? code : portico_emit(portico_events(context), &emission, NULL, error);
}

int tell_space_created(struct portico_context *context, portico_id space,
                       struct portico_error *error)
{
    return emit_space(context, EVENT_SPACE_CREATED, space, error);
}

int tell_space_changed(struct portico_context *context, portico_id space,
                       struct portico_error *error)
{
    return emit_space(context, EVENT_SPACE_CHANGED, space, error);
}
