#include "portal/visit.h"

#include "base/error.h"
#include "base/text.h"
#include "event/event.h"
#include "identity/audit.h"
#include "identity/second.h"
#include "identity/sign_in.h"
#include "portal/letters.h"

#include <glib.h>

int visit_set_cookies(struct portico_request *request, const char *token, const char *known,
                      bool remember)
{
    const struct identity_rules *rules = identity_rules(inside_host(request)->identity);
    int64_t life = remember && rules->remember ? rules->remember / 1000000 : COOKIE_UNTIL_CLOSED;
    int code = inside_set_cookie(request, COOKIE_SESSION, token, life);
    if (code == 0 && known)
        code = inside_set_cookie(request, COOKIE_DEVICE, known, VISIT_KNOWN);
    return code;
}

const char *visit_browser(struct portico_request *request)
{
    const char *visitor = inside_cookie(request, COOKIE_VISITOR);
    return portico_printf(request, "%s %s", visitor ? visitor : "", inside_agent(request));
}

const char *visit_path(struct portico_request *request, const char *page, const char *next)
{
    char *encoded = g_uri_escape_string(next, "/", FALSE);
    const char *path = portico_printf(request, "%s?next=%s", page, encoded);
    g_free(encoded);
    return path;
}

int visit_step(struct portico_request *request, unsigned step, const char *token, const char *next,
               const char **ret_path)
{
    static const char *const pages[] = {
        [IDENTITY_HALF_PROVE] = "/login/second",
        [IDENTITY_HALF_ENROL] = "/login/enrol",
        [IDENTITY_HALF_MORE] = "/login/more",
    };
    *ret_path = visit_path(request, pages[step], next);
    return inside_set_cookie(request, COOKIE_STEP, token, COOKIE_UNTIL_CLOSED);
}

static int begin_step(struct portico_request *request, struct store_session *session,
                      int64_t person, bool remember, struct identity_signed_in *in,
                      struct portico_error *error)
{
    struct identity *identity = inside_host(request)->identity;
    int code = identity_step_of(identity, session, person, &in->step, error);
    if (code < 0)
        return code;
    return in->step ? identity_half_start(identity, session, person, in->step, remember,
                                          visit_browser(request), in->token, error)
                    : identity_half_more(identity, session, person, remember, false,
                                         visit_browser(request), in, error);
}

static int begin_session(struct portico_request *request, struct store_session *session,
                         int64_t person, bool remember, struct identity_signed_in *in,
                         struct portico_error *error)
{
    const struct identity_device device = { .agent = inside_agent(request),
                                            .network = inside_network(request) };
    const char *before = inside_cookie(request, COOKIE_SESSION);
    int code = before ? identity_session_end(session, before, error) : 0;
    if (code == 0)
        code = identity_session_start(inside_host(request)->identity, session, person, &device,
                                      remember, in->token, error);
    if (code == 0)
        code = identity_signed(session, person, error);
    return code < 0 ? code
                    : identity_device_recall(session, person, inside_cookie(request, COOKIE_DEVICE),
                                             in->known, error);
}

int visit_enter(struct portico_request *request, int64_t person, const char *path,
                const char **ret_path, struct portico_error *error)
{
    struct identity_signed_in in = { .person = person };
    struct store_session *session;
    int code = visit_session(request, &session, error);
    if (code == 0)
        code = identity_half_more(inside_host(request)->identity, session, person, false, true,
                                  visit_browser(request), &in, error);
    if (code == 0 && in.step)
        return visit_step(request, in.step, in.token, path, ret_path);
    *ret_path = path;
    if (code == 0)
        code = begin_session(request, session, person, false, &in, error);
    if (code == 0)
        code = identity_session_proved(session, in.token, error);
    if (code == 0)
        code = visit_audit(request, "session.began", person, person, "passkey", error);
    if (code == 0)
        code = visit_began(request, person, error);
    return code < 0 ? code : visit_set_cookies(request, in.token, in.known, false);
}

/* In the open transaction. */
static int begin_in(struct portico_request *request, struct store_session *session, int64_t person,
                    bool remember, struct identity_signed_in *in, struct portico_error *error)
{
    int code = begin_step(request, session, person, remember, in, error);
    if (code < 0 || in->step)
        return code;
    code = begin_session(request, session, person, remember, in, error);
    if (code == 0)
        code = visit_audit(request, "session.began", person, person, NULL, error);
    return code < 0 ? code : visit_began(request, person, error);
}

int visit_begin(struct portico_request *request, int64_t person, bool remember, const char *path,
                const char **ret_path, struct portico_error *error)
{
    struct identity_signed_in in = { .person = person };
    struct store_session *session;
    int code = visit_session(request, &session, error);
    const bool own = code == 0 && !store_in_transaction(session);
    if (code == 0 && own)
        code = portico_begin(portico_db(request), error);
    if (code == 0)
        code = begin_in(request, session, person, remember, &in, error);
    if (code == 0 && own)
        code = portico_commit(portico_db(request), error);
    else if (own)
        portico_rollback(portico_db(request));
    if (code < 0)
        return code;
    if (in.step)
        return visit_step(request, in.step, in.token, path, ret_path);
    *ret_path = path;
    return visit_set_cookies(request, in.token, in.known, remember);
}

int visit_rotate(struct portico_request *request, struct portico_error *error)
{
    char token[IDENTITY_TOKEN_SIZE];
    const char *before = inside_session_token(request);
    struct identity_session found;
    struct store_session *session;
    int code = visit_session(request, &session, error);
    if (code == 0)
        code = identity_session_find(inside_host(request)->identity, session, before ? before : "",
                                     &found, error);
    if (code == 0)
        code = identity_session_rotate(session, found.id, before, IDENTITY_SECRET_CHANGED, token,
                                       error);
    return code < 0 ? code : visit_set_cookies(request, token, NULL, found.remembered);
}

int visit_new_token(struct portico_request *request, const char *token, struct portico_error *error)
{
    struct identity_session found;
    struct store_session *session;
    int code = visit_session(request, &session, error);
    if (code == 0)
        code = identity_session_find(inside_host(request)->identity, session, token, &found, error);
    return code < 0 ? code : visit_set_cookies(request, token, NULL, found.remembered);
}

int64_t visit_number(const char *text)
{
    long long number = 0;
    return text && text_to_int64(text_of(text), &number) ? number : 0;
}

int64_t visit_chosen(const char *text)
{
    const int64_t number = visit_number(text);
    const bool none = !text || !*text || strcmp(text, "0") == 0;
    return number > 0 || none ? number : -1;
}

const char *visit_words(struct portico_request *request, const char *source, const char *name,
                        const char *text)
{
    struct portico_value *arguments = name ? portico_object(request) : NULL;
    if (name)
        portico_set_text(arguments, name, text);
    return portico_translate(request, source, arguments);
}

const char *visit_wrong_name(struct portico_request *request, const char *name,
                             const struct identity_person *whose)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct arena *arena = inside_arena(request);
    const char *kept;
    if (identity_name_check(name, arena, &kept, NULL) < 0)
        return portico_translate(request, "Write a name people know you by.", NULL);
    /* Those who run the portal may say so. */
    const bool own = whose && whose->roles & IDENTITY_STAFF;
    if (own || (whose && strcmp(kept, whose->name) == 0) ||
        identity_name_chosen(inside_host(request)->identity, name, arena, &kept, &error) == 0)
        return NULL;
    return portico_translate(request, error.message, NULL);
}

struct portico_value *visit_view(struct portico_request *request)
{
    const struct module_host *host = inside_host(request);
    const char *contact = config_text(host->config, "portal", "contact");
    struct portico_value *view = portico_object(request);
    const char *link =
        contact && *contact
            ? portico_printf(request, "%s%s", strchr(contact, ':') ? "" : "mailto:", contact)
            : NULL;
    portico_set_text(view, "contact", link ? contact : NULL);
    portico_set_text(view, "contact_link", link);
    portico_set_boolean(view, "can_mail", letters_leave(request));
    portico_set_boolean(view, "sign_up", identity_rules(host->identity)->sign_up);
    return view;
}

int visit_session(struct portico_request *request, struct store_session **ret_session,
                  struct portico_error *error)
{
    *ret_session = inside_session(request, error);
    return *ret_session ? 0 : error->code < 0 ? error->code : PORTICO_EIO;
}

/* ---- a module's word ---- */

#define BEGAN "portal.portico.session.began"

/* Whom a module kept out, from the refusal to the answer of the same request on its thread: what an
 * error says may be anybody's words. */
static _Thread_local struct {
    bool refused;
    int64_t person;
} veto;

int visit_began(void *data, int64_t person, struct portico_error *error)
{
    struct portico_request *request = data;
    int code = portal_tell(request->context, BEGAN, person, NULL, error);
    veto.refused = code < 0 && strstr(error->message, " refused the event " BEGAN " ");
    veto.person = person;
    return code;
}

bool visit_vetoed(const struct portico_error *error)
{
    return veto.refused && error->code < 0;
}

bool visit_kept_out(int code, const struct portico_error *error)
{
    return visit_vetoed(error) && code == PORTICO_EPERM && strstr(error->message, EVENT_REFUSED);
}

static void record_refusal(struct portico_request *request, int64_t person, const char *why)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session;
    if (visit_session(request, &session, &error) == 0)
        identity_refused(inside_host(request)->identity, session, person, inside_network(request),
                         why);
}

static const char *silent(struct portico_request *request)
{
    return portico_translate(request, /* translated */
                             "A part of the portal that is asked about each sign-in does not "
                             "answer, so nobody is let in. Try again soon.",
                             NULL);
}

static const char *not_signed_in(struct portico_request *request)
{
    return portico_translate(request, /* translated */ "You are not signed in", NULL);
}

int visit_refused(struct portico_request *request, unsigned status, const char *why)
{
    return portico_reply_problem(request, status, NULL, not_signed_in(request), why);
}

int visit_shut(struct portico_request *request, int64_t person)
{
    record_refusal(request, person, "module failed");
    return visit_refused(request, 503, silent(request));
}

/* Whoever is refused knew the password: that it was right is told to nobody else. */
static int answer_veto(struct portico_request *request, int code, const struct portico_error *error)
{
    const bool meant = visit_kept_out(code, error);
    const char *said = strstr(error->message, EVENT_REFUSED);
    veto.refused = false;
    portico_log(request, PORTICO_LOG_WARNING, "%s", error->message);
    record_refusal(request, veto.person, meant ? "module" : "module failed");
    return portico_reply_problem(request, meant ? 403 : 503, NULL, not_signed_in(request),
                                 meant ? said + strlen(EVENT_REFUSED) : silent(request));
}

int visit_failed(struct portico_request *request, int code, const struct portico_error *error)
{
    if (visit_vetoed(error))
        return answer_veto(request, code, error);
    if (code != PORTICO_EEXIST && code != PORTICO_ECONFLICT && code != PORTICO_EBUSY &&
        code != PORTICO_ENOENT)
        portico_log(request, PORTICO_LOG_ERROR, "%s", error->message);
    return code;
}

bool visit_event_refused(int code, const struct portico_error *error)
{
    return code < 0 && strstr(error->message, EVENT_REFUSED);
}

const char *visit_event_words(struct portico_request *request, int code,
                              const struct portico_error *error)
{
    if (!visit_event_refused(code, error))
        return NULL;
    portico_log(request, PORTICO_LOG_WARNING, "%s", error->message);
    return code == PORTICO_EPERM
               ? strstr(error->message, EVENT_REFUSED) + strlen(EVENT_REFUSED)
               : portico_translate(request, /* translated */
                                   "A part of the portal that is asked about it does not answer. "
                                   "Nothing was changed: try again soon.",
                                   NULL);
}

int visit_not_joined(struct portico_request *request, int code, const struct portico_error *error)
{
    const char *words = visit_event_words(request, code, error);
    return words ? portico_reply_problem(
                       request, code == PORTICO_EPERM ? 403 : 503, NULL,
                       portico_translate(request, /* translated */ "You did not join", NULL), words)
                 : visit_failed(request, code, error);
}

int visit_audit(struct portico_request *request, const char *kind, int64_t actor, int64_t person,
                const char *object, struct portico_error *error)
{
    const struct identity_act act = { .kind = kind,
                                      .actor = actor,
                                      .person = person,
                                      .other = inside_viewer(request)->through,
                                      .object = object,
                                      .origin = inside_network(request) };
    struct store_session *session;
    int code = visit_session(request, &session, error);
    return code < 0 ? code : identity_audit(session, &act, error);
}

int visit_tell(struct portico_request *request, const char *type, int64_t person,
               const char *change, struct portico_error *error)
{
    return portal_tell(request->context, type, person, change, error);
}
