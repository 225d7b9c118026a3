/* Acts of one press: vote, accept, follow, restore. Each says what is to be, so that twice is as
 * once; pages send a form's field, programs JSON. */
#include "act.h"

/* A member of the JSON body or, on pages, a field. */
static const char *word_of(struct portico_request *request, const char *name,
                           struct portico_error *error)
{
    const char *word = send_is_api(request)
                           ? portico_get_text(portico_json(request, error), name, NULL)
                           : portico_form(request, name);
    return word ? word : "";
}

static int refuse_value(struct portico_request *request)
{
    return portico_reply_problem(
        request, 400, NULL, portico_translate(request, "That does not fit", NULL),
        portico_translate(request, "The form holds a value that is none. Open the page again.",
                          NULL));
}

/* ---- votes ---- */

static int read_value(struct portico_request *request, int *ret_value, struct portico_error *error)
{
    static const struct {
        const char *word;
        int value;
    } words[] = { { "up", 1 }, { "none", 0 }, { "down", -1 } };
    if (send_is_api(request)) {
        const struct portico_value *json = portico_json(request, error);
        *ret_value = (int)portico_get_integer(json, "value", 0);
        return json ? PORTICO_OK : PORTICO_EINVAL;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, word_of(request, "value", error)) == 0) {
            *ret_value = words[i].value;
            return PORTICO_OK;
        }
    return PORTICO_EINVAL;
}

static int vote(struct portico_request *request, int is_comment)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct target target;
    int value = 0;
    int64_t score = 0;
    if (read_value(request, &value, &error) < 0 || (is_comment && value < 0))
        return refuse_value(request);
    int code = act_target(request, is_comment, &target, &error);
    if (code == 0)
        code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = vote_cast(request->context, &target, value, &score, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    if (code < 0)
        return act_failed(request, code, &error);
    if (!send_is_api(request))
        return portico_reply_redirect(request, 303, act_path(request, &target, NULL));
    struct portico_value *object = portico_object(request);
    portico_set_integer(object, "value", value);
    portico_set_integer(object, "score", score);
    return portico_reply_json(request, object);
}

int act_vote_post(struct portico_request *request)
{
    return vote(request, 0);
}

int act_vote_comment(struct portico_request *request)
{
    return vote(request, 1);
}

/* ---- the answer that helped ---- */

int act_accept(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct target target;
    int accepted = send_is_api(request)
                       ? portico_get_boolean(portico_json(request, &error), "accepted", 0)
                       : strcmp(word_of(request, "accepted", &error), "yes") == 0;
    int code = act_target(request, 0, &target, &error);
    if (code == 0)
        code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = answer_accept(request->context, &target, accepted, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    return code < 0 ? act_failed(request, code, &error) : act_done(request, &target, NULL);
}

/* ---- following ---- */

int act_follow(struct portico_request *request)
{
    static const struct {
        const char *word;
        int32_t level;
    } levels[] = {
        { "follow", PORTICO_FOLLOWS },
        { "normal", PORTICO_NORMAL },
        { "mute", PORTICO_MUTED },
    };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct target target;
    size_t at = 0, count = sizeof levels / sizeof *levels;
    const char *word = word_of(request, "level", &error);
    while (at < count && strcmp(levels[at].word, word) != 0)
        at++;
    if (at == count)
        return refuse_value(request);
    int code = target_topic(request->context, portico_id_read(portico_param(request, "id")),
                            &target, &error);
    if (code == 0)
        code = portico_follow(portico_notices(request), portico_person(request),
                              portico_printf(request, "topic/%lld", (long long)target.topic),
                              levels[at].level, &error);
    if (code < 0)
        return act_failed(request, code, &error);
    if (!send_is_api(request))
        return portico_reply_redirect(request, 303,
                                      send_path(request, target.topic, target.slug, NULL, 0));
    struct portico_value *object = portico_object(request);
    portico_set_text(object, "level", levels[at].word);
    return portico_reply_json(request, object);
}

/* ---- putting back ---- */

static int restore(struct portico_request *request, int is_comment)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct target target;
    int code = act_target(request, is_comment, &target, &error);
    if (code == 0)
        code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = target_restore(request->context, &target, NULL, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    return code < 0 ? act_failed(request, code, &error) : act_done(request, &target, "restore");
}

int act_restore_post(struct portico_request *request)
{
    return restore(request, 0);
}

int act_restore_comment(struct portico_request *request)
{
    return restore(request, 1);
}
