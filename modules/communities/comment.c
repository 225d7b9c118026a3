/* Commenting on a question or answer: a small form below each post, a page of its own for it, and
 * the API's way. */
#include "mention.h"
#include "send.h"

static int read_post(struct portico_request *request, portico_id id, struct portico_value **ret_row,
                     struct portico_error *error)
{
    return portico_query_one(
        portico_db(request),
        "SELECT p.id AS \"id:id\", p.topic AS \"topic:id\", p.kind = 1 AS "
        "\"is_question:boolean\",\n"
        "    p.created AS \"created:time\", p.body AS \"body:html\", t.title, t.slug,\n"
        "    COALESCE(p.author_name, a.name) AS author_name, a.source_id AS author_number\n"
        "FROM {visible communities_post} p\n"
        "JOIN {visible communities_topic} t ON t.id = p.topic\n" SPACE_JOIN(
            "t") "\n"
                 "LEFT JOIN communities_author a ON a.id = p.author\n"
                 "WHERE p.id = ?",
        PORTICO_ARGS(portico_arg_id(id)), ret_row, error);
}

static struct portico_value *comment_view(struct portico_request *request,
                                          const struct portico_value *row)
{
    static const char *const same[] = { "id", "body", "created", "is_question" };
    struct portico_value *view = view_page(request);
    struct portico_value *post = portico_set_object(view, "post");
    view_copy(post, row, same, sizeof same / sizeof *same);
    portico_set_text(post, "author", view_author(request, row));
    mention_view(request, &(struct mention_memory){ 0 }, post);
    portico_set_text(view, "opened", send_opened(request));
    portico_set_text(view, "topic_title", portico_get_text(row, "title", ""));
    portico_set_text(view, "topic_path",
                     send_path(request, portico_get_integer(row, "topic", 0),
                               portico_get_text(row, "slug", ""), "post",
                               portico_get_integer(row, "id", 0)));
    return view;
}

static int create(struct portico_request *request, const struct sending *sending,
                  const struct portico_value *row)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct brakes_verdict verdict = { 0 };
    portico_id id = 0;
    struct comment_new comment = {
        .post = portico_get_integer(row, "id", 0),
        .source = portico_form_text(sending->form, "body"),
    };
    int code = portico_form_begin(sending->form, &error);
    if (code == 0)
        code = send_judge(request, sending->form, BRAKES_COMMENT, &verdict, &error);
    comment.status = verdict.status;
    if (code == 0)
        code = comment_create(PORTICO_CONTEXT(request), &comment, &id, &error);
    if (code == 0)
        code = brakes_held(PORTICO_CONTEXT(request), &verdict, portico_get_integer(row, "topic", 0),
                           id, &error);
    if (code < 0)
        return send_refused(request, sending, code, &error);
    const char *path =
        send_onward(&verdict, send_path(request, portico_get_integer(row, "topic", 0),
                                        portico_get_text(row, "slug", ""), "comment", id));
    struct portico_value *json = portico_object(request);
    portico_set_id(json, "id", id);
    portico_set_id(json, "post", comment.post);
    portico_set_boolean(json, "held", verdict.status != STATUS_SHOWN);
    if (send_is_api(request))
        path = portico_printf(request, "/api/communities/v1/comments/%lld", (long long)id);
    code = portico_form_done(sending->form, path, json, &error);
    return code < 0 ? send_refused(request, sending, code, &error) : code;
}

int send_comment(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    portico_id id = portico_id_read(portico_param(request, "id"));
    int code = id ? read_post(request, id, &row, &error) : PORTICO_ENOENT;
    if (code < 0)
        return view_failed(request, code, &error);
    struct sending sending = {
        .form = portico_form_open(request, "comment",
                                  portico_printf(request, "post/%lld", (long long)id)),
        .field = "body",
        .template = send_is_api(request) ? NULL : "comment",
        .view = comment_view(request, row),
    };
    return portico_form_valid(sending.form)
               ? create(request, &sending, row)
               : portico_form_reply(sending.form, sending.template, sending.view);
}
