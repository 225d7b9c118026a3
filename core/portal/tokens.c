/* Access tokens of the API: people make, see and revoke their own. */
#include "portal/tokens.h"
#include "base/clock.h"
#include "base/error.h"
#include "identity/again.h"
#include "identity/api_token.h"
#include "portal/again.h"
#include "portal/company.h"
#include "portal/letters.h"
#include "portal/pages.h"
#include "portal/reasons.h"
#include "portal/visit.h"

#include <glib.h>
#include <sodium.h>

#define PAGE "/account/tokens"
#define DAY (INT64_C(24) * 3600 * 1000000)
#define FIRST_LIFE (90 * DAY)
#define SCOPE "scope-"

static const char *say(struct portico_request *request, const char *source)
{
    return portico_translate(request, source, NULL);
}

/* ---- days: the last one counts ---- */

/* The last day of what is over at `end`; "" of 0. */
static const char *last_day(struct portico_request *request, int64_t end)
{
    char text[11];
    clock_last_day(end, text);
    return portico_printf(request, "%s", text);
}

/* The first moment after that day; 0: none was written; negative: it is no day. */
static int64_t end_of_day(const char *day)
{
    return day && *day ? clock_parse_last_day(day, strlen(day)) : 0;
}

/* ---- lists ---- */

static const char *title_of(struct portico_request *request, const char *permission)
{
    return reasons_permission(inside_host(request), inside_arena(request), portico_locale(request),
                              permission);
}

static void show_scopes(struct portico_request *request, const char *scopes,
                        struct portico_value *item)
{
    struct portico_value *list = portico_set_list(item, "scopes");
    char **words = g_strsplit(scopes, " ", -1);
    for (size_t i = 0; words[i]; i++)
        if (*words[i])
            portico_set_text(portico_append_object(list), "title", title_of(request, words[i]));
    portico_set_boolean(item, "any_scopes", portico_count(list) > 0);
    g_strfreev(words);
}

int tokens_show(struct portico_request *request, struct store_session *session, int64_t person,
                struct portico_value *view, struct portico_error *error)
{
    struct value *rows;
    struct portico_value *list = portico_set_list(view, "tokens");
    int code = identity_api_tokens(inside_host(request)->identity, session, person, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(list);
        const int64_t account = portico_get_integer(row, "account", 0);
        const int64_t expires = portico_get_integer(row, "expires", 0);
        portico_set_id(item, "token", portico_get_integer(row, "id", 0));
        portico_set_text(item, "name", portico_get_text(row, "name", ""));
        portico_set_text(item, "company",
                         account > IDENTITY_OWNER ? portico_get_text(row, "account_name", NULL)
                                                  : NULL);
        portico_set_time(item, "created", portico_get_integer(row, "created", 0));
        if (portico_get_integer(row, "used", 0))
            portico_set_time(item, "used", portico_get_integer(row, "used", 0));
        else
            portico_set_text(item, "used", NULL);
        portico_set_text(item, "last_day", expires ? last_day(request, expires) : NULL);
        portico_set_boolean(item, "over", portico_get_boolean(row, "over", 0));
        show_scopes(request, portico_get_text(row, "scopes", ""), item);
    }
    portico_set_boolean(view, "any_tokens", portico_count(list) > 0);
    return code;
}

static const struct company_outcome outcomes[] = {
    { "revoked", /* translated */ "Revoked: the token opens nothing any more." },
};

int tokens_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session;
    struct portico_value *view = visit_view(request);
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = tokens_show(request, session, inside_viewer(request)->person, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_set_text(view, "saved",
                     company_said(request, outcomes, sizeof outcomes / sizeof *outcomes));
    portico_set_header(request, "Cache-Control", "private, no-cache");
    return portico_reply_view(request, "tokens", view);
}

/* ---- making one ---- */

/* What was written or sent for a new one. */
struct wish {
    const char *name, *day, *scopes;
    const char *refused; /* the sentence */
};

static bool has_word(const char *words, const char *word)
{
    const char *padded = strstr(words, word);
    size_t length = strlen(word);
    for (; padded; padded = strstr(padded + length, word))
        if ((padded == words || padded[-1] == ' ') &&
            (padded[length] == '\0' || padded[length] == ' '))
            return true;
    return false;
}

static int64_t longest(struct portico_request *request)
{
    return identity_rules(inside_host(request)->identity)->tokens;
}

static int show_new(struct portico_request *request, const struct wish *wish)
{
    const struct viewer *viewer = inside_viewer(request);
    struct portico_value *view = visit_view(request);
    struct portico_value *list = portico_set_list(view, "scopes");
    for (size_t i = 0; i < viewer->permission_count; i++) {
        const char *name = viewer->permissions[i].name;
        if (!viewer_may(viewer, name))
            continue;
        struct portico_value *item = portico_append_object(list);
        portico_set_text(item, "name", name);
        portico_set_text(item, "title", title_of(request, name));
        portico_set_boolean(item, "chosen", has_word(wish->scopes, name));
    }
    portico_set_boolean(view, "any", portico_count(list) > 0);
    portico_set_text(view, "name", wish->name);
    portico_set_text(view, "day", wish->day);
    portico_set_boolean(view, "needs_day", longest(request) != 0);
    portico_set_integer(view, "days", longest(request) / DAY);
    portico_set_text(view, "company",
                     viewer->account > IDENTITY_OWNER ? viewer->account_name : NULL);
    portico_set_text(view, "refused", wish->refused);
    portico_set_header(request, "Cache-Control", "private, no-cache");
    if (wish->refused)
        portico_set_status(request, 422);
    return portico_reply_view(request, "token-new", view);
}

static int make_in(struct portico_request *request, struct store_session *session,
                   struct identity_new_api_token *made, char ret_token[IDENTITY_API_TOKEN_SIZE],
                   int64_t *ret_id, struct portico_error *error)
{
    struct identity *identity = inside_host(request)->identity;
    const char *cookie = inside_cookie(request, COOKIE_SESSION);
    struct identity_session live;
    int code = identity_session_find(identity, session, cookie ? cookie : "", &live, error);
    if (code < 0)
        return code;
    made->proved = live.proved;
    code = identity_api_token_make(identity, session, made, ret_token, ret_id, error);
    if (code == 0)
        code = letters_tell(request, made->person, LETTERS_TOKEN_MADE, error);
    const struct identity_act act = {
        .kind = "token.made",
        .actor = made->person,
        .person = made->person,
        .account = made->account,
        .object = portico_printf(request, "%lld", (long long)*ret_id),
        .origin = inside_network(request),
    };
    return code < 0 ? code : identity_audit(session, &act, error);
}

/* Of the person who asks, in the account they act in. */
static int make(struct portico_request *request, const struct wish *wish,
                char ret_token[IDENTITY_API_TOKEN_SIZE], int64_t *ret_id,
                struct portico_error *error)
{
    const struct viewer *viewer = inside_viewer(request);
    struct identity_new_api_token made = { .person = viewer->person,
                                           .account = viewer->account,
                                           .name = wish->name,
                                           .scopes = wish->scopes,
                                           .expires = end_of_day(wish->day) };
    struct store_session *session;
    if (made.expires < 0)
        return error_set(error, PORTICO_EINVAL, "This is no day: write it as 2027-03-31.");
    int code = visit_session(request, &session, error);
    if (code == 0)
        code = portico_begin(portico_db(request), error);
    if (code == 0)
        code = make_in(request, session, &made, ret_token, ret_id, error);
    if (code == 0)
        return portico_commit(portico_db(request), error);
    portico_rollback(portico_db(request));
    return code;
}

static const char *reason_of(struct portico_request *request, int code, const struct wish *wish)
{
    switch (code) {
    case PORTICO_EINVAL:
        return strlen(wish->name) == 0 || strlen(wish->name) > IDENTITY_API_TOKEN_NAME_MAX
                   ? say(request, /* translated */ "Write a short name, so that you know the token "
                                                   "among others.")
                   : visit_words(
                         request, /* translated */
                         "Write a last day from today on, at most {days} days from now.", "days",
                         longest(request)
                             ? portico_printf(request, "%lld", (long long)(longest(request) / DAY))
                             : "36500");
    case PORTICO_EPERM:
        return say(request, /* translated */ "What you may changed meanwhile: choose once more.");
    case PORTICO_ELIMIT:
        return say(request, /* translated */ "Fifty tokens are the most: revoke one first.");
    default: return NULL;
    }
}

/* The boxes ticked, separated by blanks. */
static const char *scopes_sent(struct portico_request *request)
{
    const struct viewer *viewer = inside_viewer(request);
    const char *scopes = "";
    for (size_t i = 0; i < viewer->permission_count; i++) {
        const char *name = viewer->permissions[i].name;
        if (portico_form(request, portico_printf(request, SCOPE "%s", name)))
            scopes = portico_printf(request, "%s%s%s", scopes, *scopes ? " " : "", name);
    }
    return scopes;
}

static int make_from_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *name = portico_form(request, "name");
    struct wish wish = { .name = name ? name : "",
                         .day = portico_form(request, "last_day"),
                         .scopes = scopes_sent(request) };
    char token[IDENTITY_API_TOKEN_SIZE];
    int64_t id = 0;
    int code = make(request, &wish, token, &id, &error);
    wish.refused = reason_of(request, code, &wish);
    if (wish.refused)
        return show_new(request, &wish);
    if (code < 0)
        return visit_failed(request, code, &error);
    struct portico_value *view = visit_view(request);
    portico_set_text(view, "name", wish.name);
    portico_set_text(view, "token", token);
    sodium_memzero(token, sizeof token);
    portico_set_header(request, "Cache-Control", "no-store");
    return portico_reply_view(request, "token-made", view);
}

int token_new_page(struct portico_request *request)
{
    const int64_t most = longest(request);
    const int64_t life = most && most < FIRST_LIFE ? most : FIRST_LIFE;
    const struct wish first = { .name = "",
                                .scopes = "",
                                .day = last_day(request, portico_now(request) + life) };
    int answer;
    if (!again_or_ask(request, PAGE "/new", &answer))
        return answer;
    return portico_form(request, "make") ? make_from_page(request) : show_new(request, &first);
}

/* ---- revoking one ---- */

int tokens_revoke(struct portico_request *request, struct store_session *session, int64_t person,
                  int64_t id, struct portico_error *error)
{
    int64_t whose = 0;
    int code = identity_api_token_revoke(session, person, id, &whose, error);
    return code < 0 ? code
                    : visit_audit(request, "token.revoked", inside_viewer(request)->person, whose,
                                  portico_printf(request, "%lld", (long long)id), error);
}

static int revoke_own(struct portico_request *request, int64_t id, struct portico_error *error)
{
    struct store_session *session;
    int code = visit_session(request, &session, error);
    if (code == 0)
        code = portico_begin(portico_db(request), error);
    if (code == 0)
        code = tokens_revoke(request, session, inside_viewer(request)->person, id, error);
    if (code == 0)
        return portico_commit(portico_db(request), error);
    portico_rollback(portico_db(request));
    return code;
}

int token_revoke(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = revoke_own(request, visit_number(portico_form(request, "id")), &error);
    return code < 0 && code != PORTICO_ENOENT
               ? visit_failed(request, code, &error)
               : portico_reply_redirect(request, 303, PAGE "?saved=revoked");
}

/* ---- the API ---- */

/* What a browser's session alone may do: a token makes, sees and revokes none. */
int tokens_api(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session;
    struct portico_value *answer = portico_object(request);
    struct portico_value *items = portico_set_list(answer, "items");
    struct value *rows;
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = identity_api_tokens(inside_host(request)->identity, session,
                                   inside_viewer(request)->person, &rows, &error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(items);
        const int64_t expires = portico_get_integer(row, "expires", 0);
        const int64_t used = portico_get_integer(row, "used", 0);
        portico_set_id(item, "id", portico_get_integer(row, "id", 0));
        portico_set_text(item, "name", portico_get_text(row, "name", ""));
        portico_set_text(item, "scopes", portico_get_text(row, "scopes", ""));
        portico_set_time(item, "created", portico_get_integer(row, "created", 0));
        if (portico_get_integer(row, "account", 0))
            portico_set_id(item, "account", portico_get_integer(row, "account", 0));
        if (expires)
            portico_set_text(item, "last_day", last_day(request, expires));
        if (used)
            portico_set_time(item, "used", used);
        portico_set_boolean(item, "over", portico_get_boolean(row, "over", 0));
    }
    return code < 0 ? visit_failed(request, code, &error) : portico_reply_json(request, answer);
}

int token_api_make(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct portico_value *body = portico_json(request, &error);
    const struct wish wish = { .name = portico_get_text(body, "name", ""),
                               .day = portico_get_text(body, "last_day", NULL),
                               .scopes = portico_get_text(body, "scopes", "") };
    char token[IDENTITY_API_TOKEN_SIZE];
    struct store_session *session;
    int64_t id = 0;
    bool fresh = false;
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = identity_is_fresh(session, inside_viewer(request)->session, &fresh, &error);
    if (code == 0 && !fresh)
        return portico_reply_problem(request, 403, NULL, say(request, "Is it still you?"),
                                     say(request,
                                         /* translated */ "It is a while since you signed in: open "
                                                          "/account/again in a browser first."));
    if (code == 0)
        code = make(request, &wish, token, &id, &error);
    const char *reason = reason_of(request, code, &wish);
    if (reason)
        return portico_reply_problem(request, code == PORTICO_EPERM ? 403 : 422, NULL,
                                     say(request, /* translated */ "No token was made"), reason);
    if (code < 0)
        return visit_failed(request, code, &error);
    struct portico_value *answer = portico_object(request);
    portico_set_id(answer, "id", id);
    portico_set_text(answer, "token", token);
    sodium_memzero(token, sizeof token);
    portico_set_status(request, 201);
    portico_set_header(request, "Cache-Control", "no-store");
    return portico_reply_json(request, answer);
}

int token_api_revoke(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = revoke_own(request, visit_number(portico_param(request, "id")), &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    struct portico_value *answer = portico_object(request);
    portico_set_boolean(answer, "revoked", 1);
    return portico_reply_json(request, answer);
}
