/* Answering: the form at the end of a topic, and the API's way. */
#include "send.h"

struct portico_form *answer_form(struct portico_request *request, portico_id topic)
{
    struct portico_form *form = portico_form_open(
        request, "answer", portico_printf(request, "topic/%lld", (long long)topic));
    portico_form_action(form,
                        portico_printf(request, "/communities/topics/%lld", (long long)topic));
    return form;
}

/* The slug of a topic the viewer sees. */
static int read_slug(struct portico_request *request, portico_id topic, const char **ret_slug,
                     struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code =
        portico_query_one(portico_db(request),
                          "SELECT t.slug\n"
                          "FROM {visible communities_topic} t\n" SPACE_JOIN("t") "\n"
                                                                                 "WHERE t.id = ?",
                          PORTICO_ARGS(portico_arg_id(topic)), &row, error);
    if (code == 0)
        *ret_slug = portico_get_text(row, "slug", "");
    return code;
}

static int create(struct portico_request *request, const struct sending *sending, portico_id topic,
                  const char *slug)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct brakes_verdict verdict = { 0 };
    portico_id id = 0;
    struct answer_new answer = {
        .topic = topic,
        .source = portico_form_text(sending->form, "body"),
    };
    int code = portico_form_begin(sending->form, &error);
    if (code == 0)
        code = send_judge(request, sending->form, BRAKES_ANSWER, &verdict, &error);
    answer.status = verdict.status;
    if (code == 0)
        code = answer_create(PORTICO_CONTEXT(request), &answer, &id, &error);
    if (code == 0)
        code = brakes_held(PORTICO_CONTEXT(request), &verdict, topic, id, &error);
    if (code < 0)
        return send_refused(request, sending, code, &error);
    const char *path = send_onward(&verdict, send_path(request, topic, slug, "post", id));
    struct portico_value *json = portico_object(request);
    portico_set_id(json, "id", id);
    portico_set_id(json, "topic", topic);
    portico_set_boolean(json, "held", verdict.status != STATUS_SHOWN);
    if (send_is_api(request))
        path = portico_printf(request, "/api/communities/v1/posts/%lld", (long long)id);
    code = portico_form_done(sending->form, path, json, &error);
    return code < 0 ? send_refused(request, sending, code, &error) : code;
}

int send_answer(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *slug = "", *path = NULL;
    portico_id topic = portico_id_read(portico_param(request, "id"));
    int code = topic ? read_slug(request, topic, &slug, &error) : PORTICO_ENOENT;
    if (code < 0)
        return view_failed(request, code, &error);
    struct sending sending = { .form = answer_form(request, topic), .field = "body" };
    if (!send_is_api(request)) {
        sending.template = "topic";
        code = topic_view(request, topic, 0, &sending.view, &path, &error);
    }
    if (code < 0)
        return view_failed(request, code, &error);
    return portico_form_valid(sending.form)
               ? create(request, &sending, topic, slug)
               : portico_form_reply(sending.form, sending.template, sending.view);
}
