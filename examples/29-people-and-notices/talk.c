/* People and notices: who wrote what, who follows it, and who is told. */
#include <portico/portico.h>

static const char *subject_of(struct portico_request *request)
{
    return portico_printf(request, "topic/%s", portico_param(request, "topic"));
}

/* GET /talk/{topic}: the answers with their authors, and how the reader stands to the topic. */
static int show(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = portico_object(request), *rows, *answers;
    int32_t level = PORTICO_NORMAL;
    int code = portico_query(portico_db(request),
                             "SELECT id AS \"id:id\", author AS \"author_id:id\", body "
                             "FROM talk_answer WHERE topic = ? ORDER BY id",
                             PORTICO_ARGS(portico_arg_text(portico_param(request, "topic"))), &rows,
                             &error);
    if (code == 0)
        code = portico_people_join(portico_people(request), rows, "author_id", "author", &answers,
                                   &error);
    if (code == 0)
        code = portico_following(portico_notices(request), portico_person(request),
                                 subject_of(request), &level, &error);
    if (code == 0)
        code = portico_notice_seen(portico_notices(request), subject_of(request), &error);
    if (code < 0)
        return code;
    portico_set(view, "answers", answers);
    portico_set_boolean(view, "follows", level == PORTICO_FOLLOWS);
    return portico_reply_json(request, view);
}

#define PAGE 20

/* GET /talk: the topics the reader follows, those followed last first. */
static int followed(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = portico_object(request), *topics;
    int code = portico_followed(portico_notices(request), portico_person(request), "topic/",
                                portico_query_param(request, "after"), PAGE, &topics, &error);
    if (code == PORTICO_EINVAL)
        return portico_reply_problem(request, 400, NULL, "There is no such place", error.message);
    if (code < 0)
        return code;
    portico_set(view, "topics", topics);
    return portico_reply_json(request, view);
}

/* Who is named by "@handle" in the text is told so, whether they follow or not. */
static int tell_mentioned(struct portico_request *request, const char *body, portico_id *ret_person,
                          struct portico_error *error)
{
    const char *at = strchr(body, '@');
    size_t length = at ? strspn(at + 1, "abcdefghijklmnopqrstuvwxyz0123456789-") : 0;
    const char *handle = at ? portico_printf(request, "%.*s", (int)length, at + 1) : "";
    struct portico_value *person;
    int code = portico_people_named(portico_people(request), handle, &person, error);
    if (code == PORTICO_ENOENT)
        return 0;
    if (code < 0)
        return code;
    const portico_id mentioned = portico_get_integer(person, "id", 0);
    const struct portico_notice notice = {
        .size = sizeof notice,
        .flags = PORTICO_NOTICE_ONLY_NAMED | PORTICO_NOTICE_MENTION,
        .kind = "mentions",
        .subject = subject_of(request),
        .title = "{actor} mentioned you",
        .text = body,
        .url = portico_path(request),
        .people = &mentioned,
        .people_count = 1,
        .reason = "because your name was mentioned",
    };
    *ret_person = mentioned;
    return portico_notify(portico_notices(request), &notice, error);
}

/* The answer, its author as a follower, and the notices are one change: all of it or nothing. */
static int write(struct portico_request *request, const char *body, struct portico_error *error)
{
    portico_id author = portico_person(request), mentioned = 0;
    int code = portico_execute(portico_db(request),
                               "INSERT INTO talk_answer (id, topic, author, body) "
                               "VALUES (?, ?, ?, ?)",
                               PORTICO_ARGS(portico_arg_id(portico_new_id(request)),
                                            portico_arg_text(portico_param(request, "topic")),
                                            portico_arg_id(author), portico_arg_text(body)),
                               NULL, error);
    if (code == 0)
        code = tell_mentioned(request, body, &mentioned, error);
    const struct portico_notice notice = {
        .size = sizeof notice,
        .kind = "answers",
        .subject = subject_of(request),
        .title = "{actor} answered in {topic}",
        .arguments = portico_object(request),
        .text = body,
        .url = portico_path(request),
        .audience = PORTICO_AUDIENCE_EVERYONE,
        .except = &mentioned, /* told already */
        .except_count = 1,
        .reason = "because you follow this topic",
    };
    portico_set_text((struct portico_value *)notice.arguments, "topic",
                     portico_param(request, "topic"));
    if (code == 0)
        code = portico_notify(portico_notices(request), &notice, error);
    return code < 0 ? code
                    : portico_follow(portico_notices(request), author, notice.subject,
                                     PORTICO_FOLLOWS, error);
}

/* POST /talk/{topic} (body). */
static int answer(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *body = portico_form(request, "body");
    int code = body && *body ? portico_begin(portico_db(request), &error) : PORTICO_EINVAL;
    if (code == 0)
        code = write(request, body, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    if (code < 0)
        portico_rollback(portico_db(request));
    return code < 0 ? code : portico_reply_redirect(request, 303, portico_path(request));
}

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/talk", .handler = followed, .permission = PORTICO_SIGNED_IN },
    { .method = "GET", .pattern = "/talk/{topic}", .handler = show, .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/talk/{topic}",
      .handler = answer,
      .permission = PORTICO_SIGNED_IN },
};
static const struct portico_notice_kind notices[] = {
    { .name = "answers", .title = "Answers in topics I follow", .mail = 1 },
    { .name = "mentions", .title = "My name is mentioned", .mail = 1 },
};
static const struct portico_personal_table personal_data[] = {
    { .table = "talk_answer",
      .title = "Answers",
      .erase = PORTICO_ERASE_ROWS,
      .person = "author",
      .columns = "topic body" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Talk",
    .routes = PORTICO_LIST(routes),
    .notices = PORTICO_LIST(notices),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
