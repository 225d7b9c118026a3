/* How somebody signs in: password, authenticator app, recovery codes. One list. */
#include "base/error.h"
#include "identity/api_token.h"
#include "identity/password.h"
#include "portal/again.h"
#include "portal/letters.h"
#include "portal/pages.h"
#include "portal/passkey.h"
#include "portal/qr.h"
#include "portal/second.h"
#include "portal/visit.h"

#include <sodium.h>

#define PAGE "/account/security"
#define LOOKS_READ 100
#define LOOKS_SHOWN 5
#define SECOND_TIME 1000000 /* µs */

static const char *say(struct portico_request *request, const char *source)
{
    return portico_translate(request, source, NULL);
}

/* ---- shared with signing in ---- */

/* "ABCD EFGH …", as people type it over. */
static const char *in_fours(struct portico_request *request, const char *key)
{
    char text[TOTP_TEXT_SIZE * 5 / 4 + 1];
    size_t length = 0;
    for (size_t i = 0; key[i]; i++) {
        if (i && i % 4 == 0)
            text[length++] = ' ';
        text[length++] = key[i];
    }
    text[length] = '\0';
    const char *own = portico_printf(request, "%s", text);
    sodium_memzero(text, sizeof text);
    return own;
}

int second_show_offer(struct portico_request *request, struct store_session *session,
                      const struct identity_enrolling *enrolling, struct portico_value *view,
                      struct portico_error *error)
{
    struct module_host *host = inside_host(request);
    struct identity_person whose;
    char key[TOTP_TEXT_SIZE];
    unsigned side = 0;
    int code = identity_person_look(session, enrolling->person, &whose, error);
    if (code == 0)
        code = identity_app_offer(host->identity, session, enrolling, key, error);
    if (code < 0)
        return code;
    const char *address =
        totp_address(inside_arena(request), config_text(host->config, "portal", "name"),
                     whose.address ? whose.address : whose.handle, key);
    const char *path = address ? qr_path(inside_arena(request), address, &side) : NULL;
    portico_set_text(view, "qr", path);
    portico_set_integer(view, "side", side);
    portico_set_text(view, "key", in_fours(request, key));
    portico_set_header(request, "Cache-Control", "no-store");
    sodium_memzero(key, sizeof key);
    return 0;
}

void second_refuse(struct portico_request *request, struct portico_form *form)
{
    portico_form_reject(
        form, "code",
        say(request, /* translated */ "This is not the code the app shows now. If it stays so, "
                                      "check that the phone's clock is set by itself."));
}

int second_show_codes(struct portico_request *request, struct identity_recovery *recovery,
                      const char *next, const char *saved)
{
    struct portico_value *view = visit_view(request);
    struct portico_value *list = portico_set_list(view, "codes");
    const bool any = recovery->codes[0][0] != '\0';
    for (size_t i = 0; any && i < IDENTITY_RECOVERY_CODES; i++)
        portico_set_text(portico_append_object(list), "code", recovery->codes[i]);
    sodium_memzero(recovery, sizeof *recovery);
    portico_set_boolean(view, "any", any);
    portico_set_text(view, "next", next);
    portico_set_text(view, "saved", saved);
    portico_set_header(request, "Cache-Control", "no-store");
    return portico_reply_view(request, "recovery", view);
}

/* ---- the page ---- */

static const struct {
    const char *name, *words;
} outcomes[] = {
    { "password", /* translated */ "Your password is changed. You are signed out elsewhere." },
    { "removed", /* translated */ "The authenticator app is removed." },
    { "passkey-removed", /* translated */ "The passkey is removed." },
    { "needed", /* translated */ "Your role needs a second factor: set up another one first." },
    { "app", /* translated */ "The authenticator app is set up." },
};

struct security {
    struct portico_request *request;
    struct store_session *session;
    struct portico_form *password;
    struct identity_person person;
};

static const char *outcome(struct portico_request *request)
{
    const char *saved = portico_query_param(request, "saved");
    for (size_t i = 0; saved && i < sizeof outcomes / sizeof *outcomes; i++)
        if (strcmp(saved, outcomes[i].name) == 0)
            return say(request, outcomes[i].words);
    return NULL;
}

static int show_passkeys(const struct security *security, bool may_remove,
                         struct portico_value *view, struct portico_error *error)
{
    struct portico_value *list = portico_set_list(view, "passkeys");
    struct value *rows;
    int code = identity_passkeys(security->session, security->person.id, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(list);
        const int64_t used = portico_get_integer(row, "used", 0);
        portico_set_id(item, "id", portico_get_integer(row, "id", 0));
        portico_set_text(item, "name", portico_get_text(row, "name", ""));
        portico_set_time(item, "created", portico_get_integer(row, "created", 0));
        if (used)
            portico_set_time(item, "used", used);
        else
            portico_set_text(item, "used", NULL);
        portico_set_boolean(item, "may_remove", may_remove || rows->count > 1);
    }
    return code;
}

/* The newest of a kind about them; those within `together` µs are told as one. */
static int show_seen(const struct security *security, const char *kind, int64_t together,
                     struct portico_value *list, struct portico_error *error)
{
    const struct identity_audit_filter filter = { .person = security->person.id,
                                                  .about = true,
                                                  .kind = kind };
    struct value *rows;
    int64_t last = INT64_MAX;
    int code = identity_audit_list(security->session, &filter, LOOKS_READ, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count && portico_count(list) < LOOKS_SHOWN; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        const int64_t time = portico_get_integer(row, "time", 0);
        if (last - time < together)
            continue;
        struct portico_value *item = portico_append_object(list);
        portico_set_text(item, "name", portico_get_text(row, "actor_name", NULL));
        portico_set_text(item, "why", portico_get_text(row, "object", NULL));
        portico_set_time(item, "time", time);
        last = time;
    }
    return code;
}

/* What staff saw of theirs: the portal in their place, and letters whose links let in. */
static int show_looked(const struct security *security, struct portico_value *view,
                       struct portico_error *error)
{
    struct portico_value *looked = portico_set_list(view, "looked");
    struct portico_value *read = portico_set_list(view, "read");
    /* One look is written down for each company it could see. */
    int code = show_seen(security, "view-as.began", SECOND_TIME, looked, error);
    if (code == 0)
        code = show_seen(security, "mail.read", 0, read, error);
    portico_set_boolean(view, "any_looked", portico_count(looked) > 0);
    portico_set_boolean(view, "any_read", portico_count(read) > 0);
    return code;
}

/* A new password ends sessions, and leaves the programs that act by tokens at work: said with it.
 */
static int show_tokens(const struct security *security, struct portico_value *view,
                       struct portico_error *error)
{
    const char *saved = portico_query_param(security->request, "saved");
    struct value *rows;
    int64_t open = 0;
    if (!saved || strcmp(saved, "password") != 0)
        return PORTICO_OK;
    int code = identity_api_tokens(inside_host(security->request)->identity, security->session,
                                   security->person.id, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++)
        open += !portico_get_boolean(value_public(value_at(rows, i)), "over", 0);
    if (code == 0 && open)
        portico_set_integer(view, "tokens", open);
    return code;
}

static int show(const struct security *security, bool refused)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = security->request;
    struct portico_value *view = visit_view(request);
    struct identity_second second;
    const char *role = NULL;
    int code = identity_second_look(security->session, security->person.id, &second, &error);
    if (code == 0)
        code = identity_second_needed(inside_host(request)->identity, security->session,
                                      security->person.id, &role, &error);
    if (code == 0)
        code = show_passkeys(security, !role || second.app, view, &error);
    if (code == 0)
        code = show_looked(security, view, &error);
    portico_set_text(view, "tokens", NULL);
    if (code == 0 && !refused)
        code = show_tokens(security, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_set_boolean(view, "passkeys_work", inside_host(request)->origin != NULL);
    const struct {
        const char *name;
        int64_t time;
    } times[] = { { "password_changed", security->person.password_changed },
                  { "app_since", second.app_since } };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (times[i].time)
            portico_set_time(view, times[i].name, times[i].time);
        else
            portico_set_text(view, times[i].name, NULL);
    portico_set(view, "password", portico_form_view(security->password));
    portico_set_text(view, "saved", refused ? NULL : outcome(request));
    portico_set_boolean(view, "app", second.app);
    portico_set_boolean(view, "second", second.any);
    portico_set_boolean(view, "needed", role != NULL);
    portico_set_boolean(view, "may_remove", second.app && (!role || second.passkeys));
    portico_set_integer(view, "left", second.recovery);
    portico_set_boolean(view, "few", second.any && second.recovery < 3);
    if (refused)
        portico_set_status(request, 422);
    portico_set_header(request, "Cache-Control", "private, no-cache");
    return portico_reply_view(request, "security", view);
}

static int open_page(struct security *security)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = security->request;
    int code = visit_session(request, &security->session, &error);
    if (code == 0)
        code = identity_person_look(security->session, inside_viewer(request)->person,
                                    &security->person, &error);
    security->password = portico_form_open(request, "new_password", NULL);
    if (code == 0)
        code = again_ask(request, security->password, &error);
    return code < 0 ? visit_failed(request, code, &error) : 0;
}

/* Their other sessions are over, and whoever the password is of reads that it was changed. */
static int tell_set(void *data, int64_t person, struct portico_error *error)
{
    struct portico_request *request = data;
    struct letters_before before;
    int code = letters_before(request, person, &before, error);
    if (code == 0)
        code = visit_tell(request, "portal.portico.session.ended", person, "all others", error);
    return code < 0 ? code
                    : letters_tell_before(request, &before, LETTERS_PASSWORD_SET, NULL, error);
}

static int save_password(const struct security *security)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = security->request;
    struct portico_form *form = security->password;
    const char *reason = NULL;
    const struct identity_act act = { .actor = security->person.id,
                                      .origin = inside_network(request) };
    const struct identity_opening set = { tell_set, request };
    int code = again_passes(request, form, &error);
    if (code == 0)
        return show(security, true);
    if (code > 0)
        code =
            identity_password_set_by(inside_host(request)->identity, security->session,
                                     security->person.id, portico_form_text(form, "password"),
                                     inside_viewer(request)->session, &act, &set, &reason, &error);
    if (code == PORTICO_EINVAL) {
        portico_form_reject(form, "password", say(request, reason ? reason : error.message));
        return show(security, true);
    }
    if (code == 0)
        code = visit_rotate(request, &error);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_form_done(form, PAGE "?saved=password", NULL, &error);
}

int security_page(struct portico_request *request)
{
    struct security security = { .request = request };
    int code = open_page(&security);
    if (code < 0)
        return code;
    if (portico_form_valid(security.password))
        return save_password(&security);
    return show(&security, portico_form_sent(security.password));
}

/* ---- the app ---- */

static struct identity_enrolling enrolling_of(struct portico_request *request)
{
    const struct viewer *viewer = inside_viewer(request);
    return (struct identity_enrolling){ .person = viewer->person, .id = viewer->session };
}

static int show_app(struct portico_request *request, struct store_session *session,
                    struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = visit_view(request);
    const struct identity_enrolling enrolling = enrolling_of(request);
    int code = second_show_offer(request, session, &enrolling, view, &error);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_form_reply(form, "security-app", view);
}

/* One change of the person's own, and the mail that tells of it. */
struct change {
    struct portico_request *request;
    struct store_session *session;
    const char *code; /* typed */
    struct identity_recovery recovery;
};

static int confirm(struct change *change, int64_t person, struct portico_error *error)
{
    struct portico_request *request = change->request;
    const struct identity_enrolling enrolling = enrolling_of(request);
    const char *sealed;
    int code = identity_app_offered(change->session, &enrolling, &sealed, error);
    if (code == 0)
        code = identity_app_confirm(inside_host(request)->identity, change->session, person, sealed,
                                    change->code, &change->recovery, error);
    return code < 0
               ? code
               : identity_session_prove(change->session, inside_viewer(request)->session, error);
}

static int remove_app(struct change *change, int64_t person, struct portico_error *error)
{
    return identity_app_remove(inside_host(change->request)->identity, change->session, person,
                               error);
}

static int make_codes(struct change *change, int64_t person, struct portico_error *error)
{
    return identity_recovery_make(inside_host(change->request)->identity, change->session, person,
                                  &change->recovery, error);
}

/* What is done, told by mail and written down. */
static const struct kind {
    int (*run)(struct change *change, int64_t person, struct portico_error *error);
    enum letters_news news;
    const char *act, *object;
} app_set = { confirm, LETTERS_APP_SET, "second-factor.added", "app" },
  app_gone = { remove_app, LETTERS_APP_GONE, "second-factor.removed", "app" },
  codes_made = { make_codes, LETTERS_RECOVERY_MADE, "recovery.made", NULL };

static int make(struct change *change, const struct kind *kind, struct portico_error *error)
{
    struct portico_request *request = change->request;
    const int64_t person = inside_viewer(request)->person;
    int code = portico_begin(portico_db(request), error);
    if (code < 0)
        return code;
    code = kind->run(change, person, error);
    if (code == 0)
        code = letters_tell(request, person, kind->news, error);
    if (code == 0)
        code = visit_audit(request, kind->act, person, person, kind->object, error);
    if (code == 0)
        return portico_commit(portico_db(request), error);
    portico_rollback(portico_db(request));
    return code;
}

/* A code that should confirm the app is a guess as well: whoever took over the session must not try
 * them all. */
static int take_guess(struct portico_request *request, struct store_session *session,
                      struct portico_error *error)
{
    struct identity *identity = inside_host(request)->identity;
    const char *whom = portico_printf(request, "%lld", (long long)inside_viewer(request)->person);
    return identity_guess_take(identity, session, "confirm app", whom,
                               identity_rules(identity)->guesses, NULL, error);
}

static int set_up(struct portico_request *request, struct store_session *session,
                  struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct change change = { .request = request,
                             .session = session,
                             .code = portico_form_text(form, "code") };
    int code = take_guess(request, session, &error);
    if (code == 0)
        code = make(&change, &app_set, &error);
    if (code == PORTICO_EPERM || code == PORTICO_ENOENT)
        second_refuse(request, form);
    else if (code == PORTICO_ELIMIT)
        portico_form_reject(form, "code",
                            say(request, /* translated */ "Too many tries. Try again in an hour."));
    else
        return code < 0 ? visit_failed(request, code, &error)

                        : second_show_codes(request, &change.recovery, PAGE,
                                            say(request, "The authenticator app is set up."));
    return show_app(request, session, form);
}

int security_app(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_form *form = portico_form_open(request, "app", NULL);
    struct store_session *session;
    int answer;
    if (!again_or_ask(request, PAGE "/app", &answer))
        return answer;
    int code = visit_session(request, &session, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    return portico_form_valid(form) ? set_up(request, session, form)
                                    : show_app(request, session, form);
}

int security_remove(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct change change = { .request = request };
    int answer;
    if (!again_or_ask(request, PAGE, &answer))
        return answer;
    int code = visit_session(request, &change.session, &error);
    if (code == 0)
        code = make(&change, &app_gone, &error);
    if (code < 0 && code != PORTICO_ECONFLICT)
        return visit_failed(request, code, &error);
    return portico_reply_redirect(request, 303,
                                  code < 0 ? PAGE "?saved=needed" : PAGE "?saved=removed");
}

int security_codes(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct change change = { .request = request };
    int answer;
    if (!again_or_ask(request, PAGE, &answer))
        return answer;
    int code = visit_session(request, &change.session, &error);
    if (code == 0)
        code = make(&change, &codes_made, &error);
    if (code == PORTICO_ENOENT)
        return portico_reply_redirect(request, 303, PAGE);
    return code < 0 ? visit_failed(request, code, &error)
                    : second_show_codes(request, &change.recovery, PAGE, NULL);
}
