/* Asking a question: the form, the step that shows similar ones, and the API's way. */
#include "reach.h"
#include "readers.h"
#include "send.h"

/* Spaces the viewer may ask in, as choices. */
static int add_spaces(struct portico_request *request, struct portico_form *form,
                      struct portico_value **ret_spaces, struct portico_error *error)
{
    struct portico_value *rows = NULL;
    int own_people = 0;
    int code = portico_query(
        portico_db(request),
        "SELECT s.id AS \"id:id\", s.slug, s.title, s.audience AS \"audience:id\",\n"
        "    s.own_topics AS \"own_topics:boolean\", s.own_people AS \"own_people:boolean\"\n"
        "FROM {visible communities_space} s\n"
        "WHERE s.closed = ? AND (s.kind = 0 AND s.writers = 0 OR ? = 1)\n"
        "    AND (NOT s.own_topics OR ? = 1)\n"
        "ORDER BY s.position, s.title, s.id\n"
        "LIMIT 200",
        PORTICO_ARGS(portico_arg_boolean(0),
                     portico_arg_integer(portico_may(request, "communities.moderate")),
                     portico_arg_integer(portico_account(request) != 0)),
        &rows, error);
    if (code < 0)
        return code;
    for (size_t i = 0; i < portico_count(rows); i++) {
        const struct portico_value *space = portico_at(rows, i);
        portico_form_choice(form, "space", portico_get_text(space, "slug", ""),
                            reach_choice(request, space));
        own_people |= portico_get_boolean(space, "own_people", 0);
    }
    if (own_people && !portico_form_sent(form) && !send_is_api(request))
        reach_prepare(request);
    *ret_spaces = rows;
    return PORTICO_OK;
}

static portico_id space_chosen(const struct portico_value *spaces, const char *slug)
{
    for (size_t i = 0; i < portico_count(spaces); i++)
        if (strcmp(portico_get_text(portico_at(spaces, i), "slug", ""), slug) == 0)
            return portico_get_integer(portico_at(spaces, i), "id", 0);
    return 0;
}

/* What the address brings along: the space somebody came from, the words they searched for. */
static void set_beginning(struct portico_request *request, struct portico_form *form,
                          const struct portico_value *spaces)
{
    const char *space = portico_query_param(request, "space");
    const char *title = portico_query_param(request, "title");
    if (space && space_chosen(spaces, space))
        portico_form_set_text(form, "space", space);
    else if (portico_count(spaces) == 1)
        portico_form_set_text(form, "space", portico_get_text(portico_at(spaces, 0), "slug", ""));
    if (title)
        portico_form_set_text(form, "title", title);
}

static void show_readers(struct portico_request *request, struct portico_value *view,
                         const struct portico_value *spaces, const char *sent)
{
    struct portico_value *list = portico_set_list(view, "spaces");
    portico_set_text(view, "shown",
                     readers_shown(request, spaces, readers_of_asking(request), sent));
    for (size_t i = 0; i < portico_count(spaces); i++) {
        struct portico_value *space = portico_append_object(list);
        portico_set(space, "title", portico_get(portico_at(spaces, i), "title"));
        portico_set_text(space, "readers", reach_sentence(request, portico_at(spaces, i)));
    }
}

/* The form again, which says from now on who reads it. */
static int show_others(struct portico_request *request, const struct sending *sending,
                       const struct portico_value *spaces, const char *sentence)
{
    portico_rollback(portico_db(request));
    portico_form_reject(sending->form, "space", sentence);
    portico_set_text(sending->view, "shown",
                     readers_shown(request, spaces, readers_of_asking(request), ""));
    return portico_form_reply(sending->form, sending->template, sending->view);
}

static int create(struct portico_request *request, const struct sending *sending,
                  const struct portico_value *spaces, const char *tags, const char *readers)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_form *form = sending->form;
    struct brakes_verdict verdict = { 0 };
    portico_id id = 0, post = 0;
    struct topic_new topic = {
        .space = space_chosen(spaces, portico_form_text(form, "space")),
        .title = portico_form_text(form, "title"),
        .source = portico_form_text(form, "body"),
        .tags = tags,
    };
    const char *others = NULL;
    int code = portico_form_begin(form, &error);
    if (code == 0)
        code = send_judge(request, form, BRAKES_QUESTION, &verdict, &error);
    topic.status = verdict.status;
    if (code == 0)
        code = topic_create(PORTICO_CONTEXT(request), &topic, &id, &post, &error);
    if (code == 0)
        code = brakes_held(PORTICO_CONTEXT(request), &verdict, id, post, &error);
    /* Counting the question has locked the space: who reads it now is who reads what is written. */
    if (code == 0)
        code = readers_are_others(request, topic.space, readers_of_asking(request), readers,
                                  &others, &error);
    if (code == 1)
        return show_others(request, sending, spaces, others);
    if (code < 0)
        return send_refused(request, sending, code, &error);
    char slug[WORDS_SLUG_MAX + 1];
    words_slug(topic.title, slug);
    const char *path = send_onward(&verdict, send_path(request, id, slug, NULL, 0));
    struct portico_value *json = portico_object(request);
    portico_set_id(json, "id", id);
    portico_set_id(json, "post", post);
    portico_set_text(json, "slug", slug);
    portico_set_boolean(json, "held", topic.status != STATUS_SHOWN);
    if (send_is_api(request))
        path = portico_printf(request, "/api/communities/v1/topics/%lld", (long long)id);
    code = portico_form_done(form, path, json, &error);
    return code < 0 ? send_refused(request, sending, code, &error) : code;
}

/* Whoever has seen the similar questions says so by sending the form once more. */
static int has_similar(struct portico_request *request, struct portico_form *form,
                       struct portico_value *view)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *hits = NULL;
    const char *seen = portico_form(request, "seen");
    if (seen && *seen)
        return 0;
    /* That nothing similar can be found must not keep anybody from asking. */
    if (similar_read(request, portico_form_text(form, "title"), &hits, &error) < 0)
        portico_log(request, PORTICO_LOG_WARNING, "Similar questions could not be read: %s",
                    error.message);
    if (portico_count(hits) == 0)
        return 0;
    portico_set(view, "similar", hits);
    portico_set_boolean(view, "has_similar", 1);
    portico_set_text(view, "seen", "yes");
    return 1;
}

/* Whoever comes from a space that another of their companies sees goes over to that one. */
static int check_space(struct portico_request *request, struct portico_form *form,
                       const struct portico_value *spaces, struct portico_error *error)
{
    struct portico_value *space = NULL;
    const char *slug = portico_query_param(request, "space");
    return send_is_api(request) || portico_form_sent(form) || !slug || space_chosen(spaces, slug)
               ? PORTICO_OK
               : space_read(request, slug, &space, error);
}

int send_question(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *spaces = NULL, *view = view_page(request);
    char tags[WORDS_TAGS_MAX + 1] = "";
    struct sending sending = {
        .form = portico_form_open(request, "ask", NULL),
        .field = "body",
        .template = send_is_api(request) ? NULL : "ask",
        .view = view,
    };
    int code = add_spaces(request, sending.form, &spaces, &error);
    if (code == 0)
        code = check_space(request, sending.form, spaces, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    const char *seen = portico_form(request, "seen");
    portico_set_text(view, "seen", seen ? seen : "");
    portico_set_text(view, "opened", send_opened(request));
    portico_set_boolean(view, "has_similar", 0);
    portico_set_boolean(view, "has_spaces", portico_count(spaces) > 0);
    set_beginning(request, sending.form, spaces);
    int valid = portico_form_valid(sending.form);
    const char *readers =
        portico_form_sent(sending.form) ? portico_form_text(sending.form, READERS) : "";
    show_readers(request, view, spaces, readers);
    if (!send_is_api(request)) /* the page writes it itself */
        portico_form_leave_out(sending.form, READERS);
    if (portico_form_sent(sending.form) && send_tags(request, sending.form, tags) < 0)
        valid = 0;
    if (!valid || (!send_is_api(request) && has_similar(request, sending.form, view)))
        return portico_form_reply(sending.form, sending.template, view);
    return create(request, &sending, spaces, tags, readers);
}
