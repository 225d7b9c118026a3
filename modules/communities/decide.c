/* Acts that ask something first, each a page with a form: report, remove, close, reopen, move,
 * merge. The API sends the same forms. */
#include "act.h"

#include "communities.h"
#include "reach.h"
#include "readers.h"

/* An act with a form. Words are English source texts. */
struct deed {
    const char *form, *did;
    const char *title, *words, *submit;
    /* Inside the transaction. NULL fields of the form are "". */
    int (*perform)(struct portico_request *request, struct portico_form *form,
                   struct target *target, struct portico_error *error);
    /* Before the form is checked: choices, fields left out. May be NULL. */
    int (*prepare)(struct portico_request *request, struct portico_form *form,
                   const struct target *target, struct portico_error *error);
    const char *field; /* beside which a sentence of EINVAL stands; NULL: above */
    /* What the page carries of who reads what, "" in `sent` at first. May be NULL. */
    const char *(*carry)(struct portico_request *request, const char *sent);
};

/* `sent`: what an earlier page carried, which is still to be held. */
static int reply_page(struct portico_request *request, const struct deed *deed,
                      struct portico_form *form, const struct target *target, const char *sent)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = view_page(request);
    const char *excerpt = "";
    int code = target_excerpt(request->context, target, &excerpt, &error);
    if (code < 0)
        return act_failed(request, code, &error);
    portico_set_text(view, "act", portico_translate(request, deed->title, NULL));
    portico_set_text(view, "words",
                     deed->words ? portico_translate(request, deed->words, NULL) : NULL);
    portico_set_text(view, "about", target->title);
    portico_set_text(view, "excerpt", excerpt);
    portico_set_text(view, "back", target_path(request->context, target));
    portico_set_text(view, "shown", deed->carry ? deed->carry(request, sent) : NULL);
    if (deed->carry)
        portico_form_leave_out(form, READERS); /* the page writes it itself */
    return portico_form_reply(form, "act", view);
}

static int send_form(struct portico_request *request, const struct deed *deed,
                     struct portico_form *form, struct target *target)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = portico_form_begin(form, &error);
    if (code == 0)
        code = deed->perform(request, form, target, &error);
    if (code == 0)
        return send_is_api(request)
                   ? portico_form_done(form, NULL, act_object(request, target), &error)
                   : portico_form_done(form, act_path(request, target, deed->did), NULL, &error);
    int above = code == PORTICO_ELIMIT && !send_is_api(request);
    if ((code != PORTICO_EINVAL && !above) || !error.message[0])
        return act_failed(request, code, &error);
    portico_rollback(portico_db(request));
    portico_form_reject(form, above ? NULL : deed->field, error.message);
    return reply_page(request, deed, form, target, "");
}

static int run(struct portico_request *request, const struct deed *deed, struct target *target)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *subject = portico_printf(request, "%s/%lld", deed->did, (long long)target->id);
    struct portico_form *form = portico_form_open(request, deed->form, subject);
    portico_form_submit(form, portico_translate(request, deed->submit, NULL));
    int code = deed->prepare ? deed->prepare(request, form, target, &error) : PORTICO_OK;
    if (code < 0)
        return act_failed(request, code, &error);
    if (portico_form_sent(form) && portico_form_valid(form))
        return send_form(request, deed, form, target);
    return reply_page(request, deed, form, target,
                      deed->carry && portico_form_sent(form) ? portico_form_text(form, READERS)
                                                             : "");
}

static int on_post_or_comment(struct portico_request *request, const struct deed *deed,
                              int is_comment)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct target target;
    int code = act_target(request, is_comment, &target, &error);
    return code < 0 ? act_failed(request, code, &error) : run(request, deed, &target);
}

static int on_topic(struct portico_request *request, const struct deed *deed)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct target target;
    int code = target_topic(request->context, portico_id_read(portico_param(request, "id")),
                            &target, &error);
    return code < 0 ? act_failed(request, code, &error) : run(request, deed, &target);
}

/* ---- reporting ---- */

static int perform_flag(struct portico_request *request, struct portico_form *form,
                        struct target *target, struct portico_error *error)
{
    struct flag flag = {
        .reason = portico_form_text(form, "reason"),
        .note = portico_form_text(form, "note"),
    };
    if (strcmp(flag.reason, "other") == 0 && !*flag.note)
        return write_fail(error, PORTICO_EINVAL,
                          portico_translate(request, "Say in a sentence what is wrong.", NULL));
    return flag_raise(request->context, target, &flag, error);
}

static const struct deed flagging = {
    .form = "flag",
    .did = "flag",
    .title = /* translated */ "Report to the moderators",
    .words = /* translated */ "Moderators read it and decide. Who wrote it does not learn who "
                              "reported it.",
    .submit = /* translated */ "Report",
    .perform = perform_flag,
    .field = "note",
};

int act_flag_post(struct portico_request *request)
{
    return on_post_or_comment(request, &flagging, 0);
}

int act_flag_comment(struct portico_request *request)
{
    return on_post_or_comment(request, &flagging, 1);
}

/* ---- removing ---- */

static int perform_remove(struct portico_request *request, struct portico_form *form,
                          struct target *target, struct portico_error *error)
{
    return target_remove(request->context, target, portico_form_text(form, "reason"), error);
}

/* To oneself nobody gives reasons. */
static int prepare_remove(struct portico_request *request, struct portico_form *form,
                          const struct target *target, struct portico_error *error)
{
    (void)request;
    (void)error;
    if (target->is_mine)
        portico_form_leave_out(form, "reason");
    return PORTICO_OK;
}

static const struct deed removing = {
    .form = "decide",
    .did = "remove",
    .title = /* translated */ "Remove",
    .words = /* translated */ "It is gone from lists, search and feeds. It can be restored.",
    .submit = /* translated */ "Remove",
    .perform = perform_remove,
    .prepare = prepare_remove,
};

int act_remove_post(struct portico_request *request)
{
    return on_post_or_comment(request, &removing, 0);
}

int act_remove_comment(struct portico_request *request)
{
    return on_post_or_comment(request, &removing, 1);
}

/* ---- approving and keeping, for programs; pages have the queue ---- */

static int perform_approve(struct portico_request *request, struct portico_form *form,
                           struct target *target, struct portico_error *error)
{
    return target_approve(request->context, target, portico_form_text(form, "reason"), error);
}

static int perform_keep(struct portico_request *request, struct portico_form *form,
                        struct target *target, struct portico_error *error)
{
    return target_keep(request->context, target, portico_form_text(form, "reason"), error);
}

static const struct deed approving = { .form = "decide",
                                       .did = "approve",
                                       .title = /* translated */ "Approve",
                                       .submit = /* translated */ "Approve",
                                       .perform = perform_approve };
static const struct deed keeping = { .form = "decide",
                                     .did = "keep",
                                     .title = /* translated */ "Keep it",
                                     .submit = /* translated */ "Keep it",
                                     .perform = perform_keep };

int api_approve_post(struct portico_request *request)
{
    return on_post_or_comment(request, &approving, 0);
}

int api_approve_comment(struct portico_request *request)
{
    return on_post_or_comment(request, &approving, 1);
}

int api_keep_post(struct portico_request *request)
{
    return on_post_or_comment(request, &keeping, 0);
}

int api_keep_comment(struct portico_request *request)
{
    return on_post_or_comment(request, &keeping, 1);
}

/* ---- closing ---- */

static int perform_close(struct portico_request *request, struct portico_form *form,
                         struct target *target, struct portico_error *error)
{
    return topic_close(request->context, target, portico_form_text(form, "reason"), error);
}

static int perform_reopen(struct portico_request *request, struct portico_form *form,
                          struct target *target, struct portico_error *error)
{
    return topic_reopen(request->context, target, portico_form_text(form, "reason"), error);
}

static const struct deed closing = {
    .form = "decide",
    .did = "close",
    .title = /* translated */ "Close the question",
    .words = /* translated */ "It stays to be read; nobody adds answers or comments.",
    .submit = /* translated */ "Close",
    .perform = perform_close,
};
static const struct deed reopening = {
    .form = "decide",
    .did = "reopen",
    .title = /* translated */ "Reopen the question",
    .words = /* translated */ "Answers and comments can be added again.",
    .submit = /* translated */ "Reopen",
    .perform = perform_reopen,
};

int act_close(struct portico_request *request)
{
    return on_topic(request, &closing);
}

int act_reopen(struct portico_request *request)
{
    return on_topic(request, &reopening);
}

/* ---- moving ---- */

static int prepare_move(struct portico_request *request, struct portico_form *form,
                        const struct target *target, struct portico_error *error)
{
    struct portico_value *spaces = NULL;
    int code = spaces_read(request, &spaces, error);
    for (size_t i = 0; code == 0 && i < portico_count(spaces); i++) {
        const struct portico_value *space = portico_at(spaces, i);
        if (portico_get_integer(space, "id", 0) == target->space)
            continue;
        code = portico_form_choice(form, "space", portico_get_text(space, "slug", ""),
                                   reach_choice(request, space));
    }
    return code;
}

static int perform_move(struct portico_request *request, struct portico_form *form,
                        struct target *target, struct portico_error *error)
{
    struct portico_value *space = NULL;
    const char *others = NULL;
    int code = space_read(request, portico_form_text(form, "space"), &space, error);
    const portico_id id = portico_get_integer(space, "id", 0);
    if (code == 0)
        code = topic_move(request->context, target, id, portico_form_text(form, "reason"), error);
    if (code == 0) /* counting has locked both spaces */
        code = readers_are_others(request, id, READERS_OF_MOVING, portico_form_text(form, READERS),
                                  &others, error);
    return code == 1 ? write_fail(error, PORTICO_EINVAL, others) : code;
}

static const char *carry_move(struct portico_request *request, const char *sent)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *spaces = NULL;
    return spaces_read(request, &spaces, &error) < 0
               ? sent
               : readers_shown(request, spaces, READERS_OF_MOVING, sent);
}

static const struct deed moving = {
    .form = "move",
    .did = "move",
    .title = /* translated */ "Move to another space",
    .words = /* translated */
    "It is for those who read the other space from then on, and for nobody else: "
    "look who that is. Its address stays the same, and who asked is told.",
    .submit = /* translated */ "Move",
    .perform = perform_move,
    .prepare = prepare_move,
    .field = "space",
    .carry = carry_move,
};

int act_move(struct portico_request *request)
{
    return on_topic(request, &moving);
}

/* ---- merging ---- */

/* An id, or the number in an address such as "https://portal/communities/topics/12/words". */
static portico_id read_into(const char *text)
{
    static const char before[] = "/communities/topics/";
    const char *at = strstr(text, before);
    char digits[24];
    at = at ? at + sizeof before - 1 : text;
    size_t length = strspn(at, "0123456789");
    if (!length || length >= sizeof digits || (at[length] && !strchr("/?# ", at[length])))
        return 0;
    memcpy(digits, at, length);
    digits[length] = '\0';
    return portico_id_read(digits);
}

static int perform_merge(struct portico_request *request, struct portico_form *form,
                         struct target *target, struct portico_error *error)
{
    struct target into;
    int code =
        target_topic(request->context, read_into(portico_form_text(form, "into")), &into, error);
    if (code == PORTICO_ENOENT)
        return write_fail(error, PORTICO_EINVAL,
                          portico_translate(request,
                                            "There is no such question. Copy its address from the "
                                            "browser.",
                                            NULL));
    if (code == 0)
        code =
            topic_merge(request->context, target, &into, portico_form_text(form, "reason"), error);
    if (code == 0)
        *target = into; /* readers go on there */
    return code;
}

static const struct deed merging = {
    .form = "merge",
    .did = "merge",
    .title = /* translated */ "Merge into another question",
    .words =
        /* translated */ "Answers, comments and followers go to the other question, which the same "
                         "people read, or fewer. This address leads there. This cannot be undone.",
    .submit = /* translated */ "Merge",
    .perform = perform_merge,
    .field = "into",
};

int act_merge(struct portico_request *request)
{
    return on_topic(request, &merging);
}
