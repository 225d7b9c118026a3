#include "act.h"

#include "communities.h"

int act_target(struct portico_request *request, int is_comment, struct target *ret_target,
               struct portico_error *error)
{
    return target_read(request->context, is_comment, portico_id_read(portico_param(request, "id")),
                       ret_target, error);
}

/* The host's own answer where it has one: not found, too often, sign in. */
int act_failed(struct portico_request *request, int code, const struct portico_error *error)
{
    static const struct {
        int code;
        uint32_t status;
        const char *title;
    } answers[] = {
        { PORTICO_EPERM, 403, /* translated */ "That is not yours to do" },
        { PORTICO_ECONFLICT, 409, /* translated */ "That cannot be done now" },
        { PORTICO_EINVAL, 422, /* translated */ "That does not fit" },
    };
    portico_rollback(portico_db(request));
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (answers[i].code == code && error->message[0] && portico_person(request))
            return portico_reply_problem(request, answers[i].status, NULL,
                                         portico_translate(request, answers[i].title, NULL),
                                         error->message);
    if (code != PORTICO_ENOENT && code != PORTICO_ELIMIT && code != PORTICO_EPERM &&
        code != PORTICO_EEXIST && error->message[0])
        portico_log(request, PORTICO_LOG_ERROR, "%s", error->message);
    return code;
}

static const char *const statuses[] = { "shown", "held", "removed", "merged" };
static const char *const states[] = { "open", "answered", "solved" };

struct portico_value *act_object(struct portico_request *request, const struct target *target)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *object = portico_object(request), *row = NULL;
    struct target now = *target;
    (void)target_read(request->context, target->kind == TARGET_COMMENT, target->id, &now, &error);
    int code = portico_query_one(portico_db(request),
                                 ACTS_SQL "SELECT state, closed AS \"closed:boolean\"\n"
                                          "FROM communities_topic\n"
                                          "WHERE id = ?",
                                 PORTICO_ARGS(portico_arg_id(now.topic)), &row, &error);
    int64_t state = code == 0 ? portico_get_integer(row, "state", 0) : 0;
    portico_set_id(object, "id", now.id);
    portico_set_id(object, "topic", now.topic);
    portico_set_text(object, "status",
                     statuses[now.status < 0 || now.status > STATUS_MERGED ? 0 : now.status]);
    portico_set_text(object, "state", states[state < 0 || state > 2 ? 0 : state]);
    portico_set_boolean(object, "closed", portico_get_boolean(row, "closed", 0));
    portico_set_boolean(object, "accepted", now.accepted == now.id);
    return object;
}

const char *did_word(struct portico_request *request, const char *did)
{
    static const struct {
        const char *did, *word;
    } words[] = {
        { "flag", /* translated */ "Thank you. Moderators look at what you reported." },
        { "remove", /* translated */ "Removed. Only you and moderators still see it." },
        { "restore", /* translated */ "Restored." },
        { "close", /* translated */ "Closed: nothing is added any more." },
        { "reopen", /* translated */ "Open again." },
        { "move", /* translated */ "Moved to this space." },
        { "merge", /* translated */ "Merged: answers and comments of both stand here." },
        { "approve", /* translated */ "Approved: everybody sees it now." },
        { "keep", /* translated */ "It stays; the reports are declined." },
    };
    for (size_t i = 0; did && i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].did, did) == 0)
            return portico_translate(request, words[i].word, NULL);
    return NULL;
}

const char *act_path(struct portico_request *request, const struct target *target, const char *did)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct target now;
    int code =
        target_read(request->context, target->kind == TARGET_COMMENT, target->id, &now, &error);
    if (code < 0)
        return portico_printf(request, "/communities%s%s", did ? "?did=" : "", did ? did : "");
    const char *anchor = now.kind == TARGET_COMMENT ? "comment" : "post";
    return portico_printf(request, "/communities/topics/%lld/%s%s%s#%s-%lld", (long long)now.topic,
                          now.slug, did ? "?did=" : "", did ? did : "", anchor, (long long)now.id);
}

int act_done(struct portico_request *request, const struct target *target, const char *did)
{
    if (send_is_api(request))
        return portico_reply_json(request, act_object(request, target));
    return portico_reply_redirect(request, 303, act_path(request, target, did));
}

int act_merged(struct portico_request *request, portico_id topic, const char *path)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    portico_id into = 0;
    const char *slug = "";
    int code = topic_merged_into(request->context, topic, &into, &slug, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    int api = send_is_api(request);
    return portico_reply_redirect(request, 301,
                                  portico_printf(request, "%s%lld%s%s", path, (long long)into,
                                                 api ? "" : "/", api ? "" : slug));
}
