/* Editing questions, answers and comments: by who wrote them and by moderators, made from the text
 * that stands there now. */
#include "send.h"

/* What is edited, as its author or a moderator sees it. */
#define POST_COLUMNS                                                                               \
    "p.id AS \"id:id\", p.topic AS \"topic:id\", p.kind, p.source, p.status, p.revisions,\n"       \
    "    p.author AS \"author:id\", t.title, t.slug, t.tags, p.revisions AS version\n"
#define COMMENT_COLUMNS                                                                            \
    "c.id AS \"id:id\", c.topic AS \"topic:id\", c.post AS \"post:id\", c.source, c.status,\n"     \
    "    c.author AS \"author:id\", t.title, t.slug,\n"                                            \
    "    COALESCE(c.edited, c.created) AS version\n"

/* What stands here for everybody who sees it; one's own also while it is held, as long as one sees
 * where it stands. */
struct editable {
    const char *visible;
    const char *own;
};
static const struct editable posts = {
    "SELECT " POST_COLUMNS "FROM {visible communities_post} p\n"
    "JOIN {visible communities_topic} t ON t.id = p.topic\n" SPACE_JOIN("t") "\n"
                                                                             "WHERE p.id = ?",
    "{unfiltered own} SELECT " POST_COLUMNS "FROM communities_post p\n"
    "JOIN communities_topic t ON t.id = p.topic\n"
    "JOIN communities_author a ON a.id = p.author\n" SPACE_JOIN(
        "t") "\n"
             "WHERE p.id = ? AND a.person = ? AND p.status < 2 AND t.status < 2",
};
static const struct editable comments = {
    "SELECT " COMMENT_COLUMNS "FROM {visible communities_comment} c\n"
    "JOIN {visible communities_topic} t ON t.id = c.topic\n" SPACE_JOIN("t") "\n"
                                                                             "WHERE c.id = ?",
    "{unfiltered own} SELECT " COMMENT_COLUMNS "FROM communities_comment c\n"
    "JOIN communities_topic t ON t.id = c.topic\n"
    "JOIN communities_author a ON a.id = c.author\n" SPACE_JOIN(
        "t") "\n"
             "WHERE c.id = ? AND a.person = ? AND c.status < 2 AND t.status < 2",
};

/* EPERM: it is somebody else's. */
static int read_editable(struct portico_request *request, const struct editable *of, portico_id id,
                         struct portico_value **ret_row, struct portico_error *error)
{
    struct portico_value *row = NULL;
    portico_id author = 0, person = portico_person(request);
    int code = portico_query_one(portico_db(request), of->visible, PORTICO_ARGS(portico_arg_id(id)),
                                 &row, error);
    if (code == PORTICO_ENOENT && person)
        code = portico_query_one(portico_db(request), of->own,
                                 PORTICO_ARGS(portico_arg_id(id), portico_arg_id(person)), &row,
                                 error);
    if (code == 0)
        code = author_known(PORTICO_CONTEXT(request), &author, error);
    if (code < 0)
        return code;
    int is_mine = author && author == portico_get_integer(row, "author", 0);
    if (!is_mine && !portico_may(request, "communities.edit_others"))
        return PORTICO_EPERM;
    *ret_row = row;
    return PORTICO_OK;
}

static int refuse_imported(struct portico_request *request)
{
    return portico_reply_problem(
        request, 409, NULL, portico_translate(request, "This came from elsewhere", NULL),
        portico_translate(request, "It was brought along by an import and is edited at its source.",
                          NULL));
}

/* ---- what it is made from ---- */

/* The version named by If-Match (`"3"`, or `*` for whatever is there) or by the page's form; -1:
 * none, -2: nothing that could be one. */
static int64_t version_given(struct portico_request *request, const struct portico_value *row)
{
    int64_t version = 0;
    const char *given = portico_form(request, "version");
    if (send_is_api(request)) {
        given = portico_header(request, "If-Match");
        if (given && strcmp(given, "*") == 0)
            return portico_get_integer(row, "version", 0);
        size_t length = given ? strlen(given) : 0;
        if (length > 2 && given[0] == '"' && given[length - 1] == '"')
            given = portico_printf(request, "%.*s", (int)length - 2, given + 1);
        else if (given)
            return -2;
    }
    if (!given)
        return -1;
    return words_integer(given, &version) == 0 && version >= 0 ? version : -2;
}

static int refuse_version(struct portico_request *request, int64_t version)
{
    if (version == -1)
        return portico_reply_problem(
            request, 428, NULL, portico_translate(request, "Say what you edited", NULL),
            portico_translate(request,
                              "Send If-Match with the version you read, in quotation marks: the "
                              "member “version” of what you got.",
                              NULL));
    return portico_reply_problem(
        request, 412, NULL, portico_translate(request, "It has changed meanwhile", NULL),
        portico_translate(
            request, "There is a newer version than the one in If-Match. Read it and edit that.",
            NULL));
}

/* The form again, now made from the newer text, which stands a link away. */
static int answer_stale(struct portico_request *request, const struct sending *sending,
                        const struct editable *of, portico_id id, const struct portico_error *stale)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    portico_rollback(portico_db(request));
    if (send_is_api(request))
        return refuse_version(request, -2);
    int code = read_editable(request, of, id, &row, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    portico_set(sending->view, "version", portico_get(row, "version"));
    portico_set_boolean(sending->view, "is_stale", 1);
    portico_form_reject(sending->form, NULL, stale->message);
    return portico_form_reply(sending->form, sending->template, sending->view);
}

/* What is shown is judged again; what waits or is taken away does so already. */
static int judge(struct portico_request *request, const struct portico_value *row,
                 struct portico_form *form, const char *title, struct brakes_verdict *ret_verdict,
                 struct portico_error *error)
{
    const struct brakes_text before = {
        .act = BRAKES_EDIT,
        .title = title ? portico_get_text(row, "title", "") : NULL,
        .source = portico_get_text(row, "source", ""),
    };
    const struct brakes_text after = { .act = BRAKES_EDIT,
                                       .title = title,
                                       .source = portico_form_text(form, "body") };
    int code = brakes_edit(PORTICO_CONTEXT(request), &before, &after, ret_verdict, error);
    if (portico_get_integer(row, "status", 0) != STATUS_SHOWN)
        *ret_verdict = (struct brakes_verdict){ .status = STATUS_SHOWN };
    return code;
}

/* ---- questions and answers ---- */

static struct portico_value *edit_view(struct portico_request *request,
                                       const struct portico_value *row, const char *anchor,
                                       portico_id id)
{
    struct portico_value *view = view_page(request);
    portico_set(view, "version", portico_get(row, "version"));
    portico_set_boolean(view, "is_stale", 0);
    portico_set_text(view, "topic_title", portico_get_text(row, "title", ""));
    portico_set_text(view, "back",
                     send_path(request, portico_get_integer(row, "topic", 0),
                               portico_get_text(row, "slug", ""), anchor, id));
    return view;
}

static struct portico_form *edit_form(struct portico_request *request,
                                      const struct portico_value *row, portico_id id)
{
    struct portico_form *form =
        portico_form_open(request, "edit", portico_printf(request, "post/%lld", (long long)id));
    if (portico_get_integer(row, "kind", 0) == POST_QUESTION) {
        portico_form_set_text(form, "title", portico_get_text(row, "title", ""));
        portico_form_set_text(form, "tags", portico_get_text(row, "tags", ""));
    } else {
        portico_form_leave_out(form, "title");
        portico_form_leave_out(form, "tags");
    }
    portico_form_set_text(form, "body", portico_get_text(row, "source", ""));
    return form;
}

static int answer_edited(struct portico_request *request, const struct sending *sending,
                         const struct post_edit *edit, portico_id topic)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *json = NULL;
    char slug[WORDS_SLUG_MAX + 1];
    const char *path = NULL;
    if (send_is_api(request)) {
        json = portico_object(request);
        portico_set_id(json, "id", edit->post);
        portico_set_integer(json, "version", edit->revision + 1);
        portico_set_boolean(json, "held", edit->status == STATUS_HELD);
    } else {
        words_slug(edit->title ? edit->title : portico_get_text(sending->view, "topic_title", ""),
                   slug);
        path = edit->status == STATUS_HELD ? "/communities/waiting"
                                           : send_path(request, topic, slug, "post", edit->post);
    }
    int code = portico_form_done(sending->form, path, json, &error);
    return code < 0 ? send_refused(request, sending, code, &error) : code;
}

int send_edit(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    char tags[WORDS_TAGS_MAX + 1] = "";
    portico_id id = portico_id_read(portico_param(request, "id"));
    int code = id ? read_editable(request, &posts, id, &row, &error) : PORTICO_ENOENT;
    if (code < 0)
        return view_failed(request, code, &error);
    if (!portico_get_text(row, "source", NULL))
        return refuse_imported(request);
    int is_question = portico_get_integer(row, "kind", 0) == POST_QUESTION;
    struct sending sending = {
        .form = edit_form(request, row, id),
        .field = "body",
        .template = send_is_api(request) ? NULL : "edit",
        .view = edit_view(request, row, "post", id),
    };
    portico_set_id(sending.view, "post", id);
    portico_set_boolean(sending.view, "is_question", is_question);
    int valid = portico_form_valid(sending.form);
    if (portico_form_sent(sending.form) && is_question &&
        send_tags(request, sending.form, tags) < 0)
        valid = 0;
    if (!valid)
        return portico_form_reply(sending.form, sending.template, sending.view);
    int64_t version = version_given(request, row);
    if (version < 0)
        return refuse_version(request, version);
    struct post_edit edit = {
        .post = id,
        .revision = version,
        .source = portico_form_text(sending.form, "body"),
        .title = is_question ? portico_form_text(sending.form, "title") : NULL,
        .tags = is_question ? tags : NULL,
        .note = portico_form_text(sending.form, "note"),
    };
    struct brakes_verdict verdict = { .status = STATUS_SHOWN };
    code = portico_form_begin(sending.form, &error);
    if (code == 0) /* still so, in the transaction of the edit */
        code = read_editable(request, &posts, id, &row, &error);
    if (code == 0)
        code = judge(request, row, sending.form, edit.title, &verdict, &error);
    edit.status = verdict.status;
    if (code == 0)
        code = post_edit(PORTICO_CONTEXT(request), &edit, &error);
    if (code == 0)
        code = brakes_held(PORTICO_CONTEXT(request), &verdict, portico_get_integer(row, "topic", 0),
                           id, &error);
    if (code == PORTICO_ECONFLICT)
        return answer_stale(request, &sending, &posts, id, &error);
    if (code < 0)
        return send_refused(request, &sending, code, &error);
    return answer_edited(request, &sending, &edit, portico_get_integer(row, "topic", 0));
}

/* ---- comments ---- */

int send_comment_edit(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL, *json = NULL;
    portico_id id = portico_id_read(portico_param(request, "id"));
    int code = id ? read_editable(request, &comments, id, &row, &error) : PORTICO_ENOENT;
    if (code < 0)
        return view_failed(request, code, &error);
    if (!portico_get_text(row, "source", NULL))
        return refuse_imported(request);
    struct sending sending = {
        .form = portico_form_open(request, "edit_comment",
                                  portico_printf(request, "comment/%lld", (long long)id)),
        .field = "body",
        .template = send_is_api(request) ? NULL : "edit-comment",
        .view = edit_view(request, row, "comment", id),
    };
    portico_set_id(sending.view, "comment", id);
    portico_form_set_text(sending.form, "body", portico_get_text(row, "source", ""));
    if (!portico_form_valid(sending.form))
        return portico_form_reply(sending.form, sending.template, sending.view);
    int64_t version = version_given(request, row);
    if (version < 0)
        return refuse_version(request, version);
    struct brakes_verdict verdict = { .status = STATUS_SHOWN };
    code = portico_form_begin(sending.form, &error);
    if (code == 0) /* still so, in the transaction of the edit */
        code = read_editable(request, &comments, id, &row, &error);
    if (code == 0)
        code = judge(request, row, sending.form, NULL, &verdict, &error);
    if (code == 0)
        code = comment_edit(PORTICO_CONTEXT(request), id, version,
                            portico_form_text(sending.form, "body"), verdict.status, &error);
    if (code == 0)
        code = brakes_held(PORTICO_CONTEXT(request), &verdict, portico_get_integer(row, "topic", 0),
                           id, &error);
    if (code == PORTICO_ECONFLICT)
        return answer_stale(request, &sending, &comments, id, &error);
    if (code < 0)
        return send_refused(request, &sending, code, &error);
    if (send_is_api(request)) {
        json = portico_object(request);
        portico_set_id(json, "id", id);
        portico_set_integer(json, "version", portico_now(request));
        portico_set_boolean(json, "held", verdict.status == STATUS_HELD);
    }
    const char *path = send_onward(&verdict, portico_get_text(sending.view, "back", ""));
    code = portico_form_done(sending.form, json ? NULL : path, json, &error);
    return code < 0 ? send_refused(request, &sending, code, &error) : code;
}
