#include "server/sessions.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "identity/account.h"
#include "identity/acting.h"
#include "identity/api_token.h"
#include "identity/looking.h"
#include "identity/second.h"
#include "identity/standing.h"
#include "module/cookie.h"
#include "module/network.h"
#include "notify/notice.h"

#include <glib.h>
#include <sodium.h>

#define KEY_BYTES 16
#define ENTRIES_MAX 4096      /* sessions known at a time */
#define SWEEP_EVERY 1000000   /* µs between two looks for what is no longer known */
#define READING_TIME 10000000 /* µs; past it the request is answered 503 */

/* A request that waits for what another asked. In its own memory. */
struct waiting {
    struct http_exchange *exchange;
    struct waiting *next;
};

/* What is known of one cookie. */
struct known {
    unsigned char key[KEY_BYTES]; /* a hash of its value */
    int64_t until;                /* steady */
    struct arena *arena;          /* of viewer and added; NULL: nobody */
    struct viewer viewer;
    struct text added; /* lines for the answers: a cookie that goes or comes; a static text or in
                        * the arena */
    unsigned refused;  /* the status for a token that opens nothing; 0: none */
    bool asking, telling, forgotten;
    struct waiting *first, **last;
};

/* The reading. In memory of its own, given to what is known in the end. */
struct reading {
    struct task task; /* must be first */
    struct sessions *sessions;
    struct known *known;
    struct arena *arena;
    char token[IDENTITY_API_TOKEN_SIZE];
    const char *renewed; /* as in struct viewer */
    bool look_over;      /* it ended with this reading */
    bool by_token;       /* an access token; else a session's */
    const char *network; /* it came from */
    struct viewer viewer;
    struct text added;
    int code;
    struct portico_error error;
};

struct sessions {
    struct sessions_options options;
    GHashTable *entries; /* of struct known */
    struct text gone;    /* the line that takes the cookie away */
    struct buffer gone_line;
    int64_t swept;
    struct sessions_counters counters;
};

/* ---- what is known ---- */

static guint key_hash(gconstpointer data)
{
    guint hash;
    memcpy(&hash, data, sizeof hash);
    return hash;
}

static gboolean key_equal(gconstpointer left, gconstpointer right)
{
    return memcmp(left, right, KEY_BYTES) == 0;
}

static void known_free(gpointer data)
{
    struct known *known = data;
    arena_free(known->arena);
    g_free(known);
}

static gboolean is_over(gpointer key, gpointer value, gpointer data)
{
    const struct known *known = value;
    (void)key;
    return !known->asking && !known->telling && known->until <= *(const int64_t *)data;
}

/* Nothing personal is held longer than needed, and never more than a bounded number. */
static void sweep(struct sessions *sessions, int64_t now)
{
    int64_t never = INT64_MAX;
    if (now - sessions->swept >= SWEEP_EVERY) {
        sessions->swept = now;
        g_hash_table_foreach_remove(sessions->entries, is_over, &now);
    }
    if (g_hash_table_size(sessions->entries) >= ENTRIES_MAX)
        g_hash_table_foreach_remove(sessions->entries, is_over, &never);
}

/* Gives a request what is known; false: memory ended. */
static bool give(const struct known *known, struct http_exchange *exchange)
{
    struct arena *arena = exchange->request.arena;
    if (known->added.length) {
        const char *added = arena_strndup(arena, known->added.data, known->added.length);
        if (!added)
            return false;
        exchange->added = (struct text){ added, known->added.length };
    }
    if (!known->viewer.person)
        return true;
    exchange->viewer = viewer_copy(arena, &known->viewer);
    return exchange->viewer != NULL;
}

/* True: the request goes on at its callbacks. */
static bool tell_others(struct sessions *sessions, const struct known *known,
                        struct http_exchange *exchange)
{
    const struct sessions_options *options = &sessions->options;
    if (known->refused)
        options->refused(exchange, known->refused, options->data);
    else if (!give(known, exchange))
        options->unknown(exchange, options->data);
    else
        return false;
    return true;
}

/* ---- reading it ---- */

static const char *or_null(const char *text)
{
    return text && *text ? text : NULL;
}

/* A cookie of the session for the answer, as a line. */
static int add_cookie(struct reading *reading, const struct identity_session *found,
                      const char *token)
{
    struct http_response response = { .file = -1 };
    int64_t life =
        found->remembered ? (found->expires - clock_now()) / 1000000 : (int64_t)COOKIE_UNTIL_CLOSED;
    int code = cookie_set(&response, reading->sessions->options.host->secure, COOKIE_SESSION,
                          text_of(token), life);
    const char *line =
        code == 0 ? arena_strndup(reading->arena, response.fields.data, response.fields.length)
                  : NULL;
    reading->added = (struct text){ line, line ? response.fields.length : 0 };
    buffer_free(&response.fields);
    return line ? 0 : PORTICO_ENOMEM;
}

/* What was known under the old cookie opens nothing more. ENOENT: another request
 * did it, and its answer brings the new one. */
static int rotate(struct reading *reading, struct store_session *session,
                  const struct identity_session *found, enum identity_rotation why)
{
    char token[IDENTITY_TOKEN_SIZE];
    int code =
        identity_session_rotate(session, found->id, reading->token, why, token, &reading->error);
    if (code == PORTICO_ENOENT)
        return 0;
    if (code == 0)
        code = add_cookie(reading, found, token);
    if (code == 0) {
        memcpy(reading->token, token, sizeof token);
        reading->renewed = arena_strdup(reading->arena, token);
        code = reading->renewed ? 0 : PORTICO_ENOMEM;
    }
    sodium_memzero(token, sizeof token);
    return code;
}

/* What the switcher offers, and where a link took them from. */
static int fill_accounts(struct reading *reading, struct store_session *session,
                         const struct identity_session *found)
{
    struct viewer *viewer = &reading->viewer;
    struct identity_account from = { 0 };
    struct value *rows;
    int code = identity_accounts_lately(session, viewer->person, VIEWER_ACCOUNTS + 1, &rows,
                                        &reading->error);
    struct viewer_account *accounts =
        code == 0 ? arena_alloc(reading->arena, (rows->count + 1) * sizeof *accounts) : NULL;
    if (!accounts)
        return code < 0 ? code : PORTICO_ENOMEM;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        accounts[i] = (struct viewer_account){ cells[0].integer, cells[1].text, cells[2].text };
    }
    viewer->accounts = accounts;
    viewer->account_count = rows->count;
    if (found->came_from && !found->look.session &&
        identity_account_look(session, found->came_from, &from, &reading->error) == 0) {
        viewer->came_from = from.name;
        viewer->came_from_id = from.id;
    }
    return PORTICO_OK;
}

/* Who acts so, as the person's session would show it. */
static void describe(struct reading *reading, const struct identity_person *person,
                     const struct identity_standing *standing)
{
    struct viewer *viewer = &reading->viewer;
    viewer->person = person->id;
    viewer->rights = person->rights + person->shown;
    viewer->name = person->name;
    viewer->initials = person->initials;
    viewer->handle = person->handle;
    viewer->locale = or_null(person->locale);
    viewer->timezone = or_null(person->timezone);
    registry_stand(reading->sessions->options.host->registry, standing, viewer);
}

static int read_token(struct reading *reading, struct store_session *session)
{
    struct identity_api_token used;
    int code = identity_api_token_use(reading->sessions->options.host->identity, session,
                                      reading->token, reading->network, &used, &reading->error);
    if (code < 0)
        return code;
    reading->viewer =
        (struct viewer){ .session = used.id, .by_token = true, .step = used.step, .token = "" };
    describe(reading, &used.person, &used.standing);
    reading->viewer.acting = reading->viewer.account;
    reading->viewer.rows.every_account &= viewer_may(&reading->viewer, "portico.accounts.see");
    return PORTICO_OK;
}

/* Under other rights. The forms that are open can still be sent, and all pages go on showing the
 * token they have. */
static int renew(struct reading *reading, struct store_session *session,
                 struct identity_session *found)
{
    char form[IDENTITY_TOKEN_SIZE];
    if (!identity_form_token(reading->token, form))
        return PORTICO_ENOENT;
    if (!found->form_token)
        found->form_token = arena_strdup(reading->arena, form);
    return rotate(reading, session, found, IDENTITY_RIGHTS_CHANGED);
}

/* A look that may not go on ends with the reading that finds it so, and forms shown in it are over.
 * What cannot be written down now is with the next one. */
static int check_look(struct reading *reading, struct store_session *session,
                      struct identity_session *found)
{
    const struct module_host *host = reading->sessions->options.host;
    int holds = found->look.session
                    ? identity_look_holds(host->identity, session, &found->look, &reading->error)
                    : 1;
    if (holds != 0)
        return MIN(holds, 0);
    identity_look_end(session, found->id, "portal", &reading->error);
    found->look = (struct identity_look){ 0 };
    found->form_token = NULL;
    reading->look_over = true;
    return rotate(reading, session, found, IDENTITY_ACCOUNT_CHANGED);
}

/* In somebody's place: all but the session is theirs, and nothing of theirs is written. */
static int look_as(struct reading *reading, struct store_session *session,
                   const struct identity_session *found, int64_t until)
{
    struct viewer *viewer = &reading->viewer;
    struct identity_standing standing;
    struct identity_person *person = arena_alloc(reading->arena, sizeof *person);
    int code = person ? identity_person_look(session, found->look.person, person, &reading->error)
                      : PORTICO_ENOMEM;
    if (code == 0)
        code =
            identity_standing_looked(reading->sessions->options.host->identity, session, person->id,
                                     found->look.account, &standing, &reading->error);
    if (code < 0)
        return code;
    standing.until = MIN(standing.until, until);
    viewer->asker = found->person.id;
    viewer->asker_name = found->person.name;
    describe(reading, person, &standing);
    viewer->rights += found->person.rights + found->person.shown;
    viewer->rows.looks = true;
    viewer->rows.in_place = true;
    viewer->rows.person = 0; /* what was shown to them by name is not for who looks */
    viewer->acting = found->look.account;
    return PORTICO_OK;
}

static int fill_viewer(struct reading *reading, struct store_session *session,
                       const struct identity_session *found)
{
    const struct module_host *host = reading->sessions->options.host;
    const struct identity_person *person = &found->person;
    const struct identity_look *look = &found->look;
    const bool enters = look->session && !look->person;
    struct identity_standing standing;
    char token[IDENTITY_TOKEN_SIZE];
    struct viewer *viewer = &reading->viewer;
    if (!identity_form_token(reading->token, token))
        return PORTICO_ENOENT;
    *viewer = (struct viewer){ .session = found->id,
                               .former = found->former,
                               .token = found->former ? "" : arena_strdup(reading->arena, token),
                               .renewed = reading->renewed,
                               .look_over = reading->look_over };
    viewer->acting = enters ? look->account : found->account;
    int code = (enters ? identity_standing_entered : identity_standing)(
        host->identity, session, person->id, viewer->acting, &standing, &reading->error);
    if (code == 0 && look->session)
        standing.until = MIN(standing.until, look->until);
    if (code == 0)
        code = identity_step_due(host->identity, session, found, &standing, &viewer->step,
                                 &reading->error);
    if (code == 0 && look->person)
        code = look_as(reading, session, found, standing.until);
    else if (code == 0)
        describe(reading, person, &standing);
    /* Pages that are open can still be sent, but not in another account's name. */
    if (code == 0 && found->form_token && !look->session && viewer->account == found->account)
        viewer->token = found->form_token;
    /* What cannot be written down now is so with the next reading. */
    if (code == 0 && !look->session && !found->account && viewer->account &&
        identity_session_settle(session, found->id, person->id, viewer->account, &reading->error) ==
            0)
        viewer->acting = viewer->account;
    if (code == 0)
        code = fill_accounts(reading, session, found);
    return code == 0 && !viewer->token ? PORTICO_ENOMEM : code;
}

static int read_session(struct reading *reading, struct store_session *session)
{
    const struct module_host *host = reading->sessions->options.host;
    struct identity_session found = { 0 };
    int code =
        identity_session_find(host->identity, session, reading->token, &found, &reading->error);
    if (code == 0 && found.due)
        code = identity_session_seen(session, found.id, &reading->error);
    if (code == 0)
        code = check_look(reading, session, &found);
    /* Once: the browser knows the token before this one, and no other between. */
    if (code == 0 && found.stale && !reading->look_over)
        code = renew(reading, session, &found);
    if (code == 0)
        code = fill_viewer(reading, session, &found);
    /* A bell without its number is no reason to turn somebody away. */
    if (code == 0)
        notice_unread(session,
                      &(struct notice_reader){ host->identity, reading->viewer.person,
                                               reading->viewer.asker != 0 },
                      &reading->viewer.unread, &reading->error);
    return code;
}

static void run(struct task *task)
{
    struct reading *reading = (struct reading *)task;
    struct store_session *session = store_session_new(reading->sessions->options.host->store,
                                                      reading->arena, &store_viewer_host, "core");
    reading->code = session ? (reading->by_token ? read_token : read_session)(reading, session)
                            : error_set(&reading->error, PORTICO_ENOMEM,
                                        "There is no memory for a database session.");
    store_session_end(session);
}

/* ---- back on the loop ---- */

/* Those who wait are told, one way or the other, and those who come meanwhile: an answer sent may
 * have its connection's next request follow at once. `found` is false: it cannot be known now. */
static void release(struct sessions *sessions, struct known *known, bool found)
{
    const struct sessions_options *options = &sessions->options;
    known->telling = true;
    while (known->first) {
        struct http_exchange *exchange = known->first->exchange;
        known->first = known->first->next;
        if (!known->first)
            known->last = &known->first;
        if (!found)
            options->unknown(exchange, options->data);
        else if (!tell_others(sessions, known, exchange))
            options->known(exchange, options->data);
    }
    known->telling = false;
}

static void give_up(struct task *task)
{
    struct reading *reading = (struct reading *)task;
    release(reading->sessions, reading->known, false);
}

static void late(struct task *task, int64_t now)
{
    log_warning("Reading who is signed in takes longer than %lld ms.",
                (long long)(task->limit / 1000));
    (void)now;
    give_up(task);
}

/* What holds until then is not trusted past it. */
static int64_t trusted(int64_t until)
{
    int64_t left = until - clock_now();
    return left < SESSIONS_TRUST ? MAX(left, 0) : SESSIONS_TRUST;
}

static void done(struct task *task, bool ran)
{
    struct reading *reading = (struct reading *)task;
    struct sessions *sessions = reading->sessions;
    struct known *known = reading->known;
    int code = ran ? reading->code : PORTICO_EBUSY;
    bool limited = reading->by_token && code == PORTICO_ELIMIT;
    bool nobody = code == PORTICO_ENOENT || limited;
    if (ran && code < 0 && !nobody)
        log_error("Who is signed in could not be read: %s", reading->error.message);
    known->asking = false;
    known->until = 0;
    if (code == 0 || nobody) {
        known->until = clock_steady() + trusted(nobody ? INT64_MAX : reading->viewer.until);
        known->viewer = nobody ? (struct viewer){ 0 } : reading->viewer;
        known->added = reading->by_token ? TEXT("") : nobody ? sessions->gone : reading->added;
        known->refused = !reading->by_token || !nobody ? 0 : limited ? 429 : 401;
        known->arena = reading->arena;
    }
    sodium_memzero(reading->token, sizeof reading->token);
    struct arena *unused = known->until ? NULL : reading->arena;
    if (known->forgotten)
        known->until = 0;
    release(sessions, known, code == 0 || nobody);
    arena_free(unused);
}

static const struct task_kind reading_kind = {
    .run = run, .dropped = give_up, .late = late, .done = done
};

/* ---- asking ---- */

static bool wait_for(struct known *known, struct http_exchange *exchange)
{
    struct waiting *waiting = arena_alloc(exchange->request.arena, sizeof *waiting);
    if (!waiting)
        return false;
    *waiting = (struct waiting){ .exchange = exchange };
    *known->last = waiting;
    known->last = &waiting->next;
    return true;
}

/* False: it cannot be read now. */
static bool begin(struct sessions *sessions, struct known *known, struct text secret,
                  const struct http_exchange *exchange)
{
    const struct sessions_options *options = &sessions->options;
    struct arena *arena = arena_new(0);
    struct reading *reading = arena ? arena_zalloc(arena, sizeof *reading) : NULL;
    if (!reading) {
        arena_free(arena);
        return false;
    }
    task_init(&reading->task, &reading_kind, options->route);
    reading->task.wait = reading->task.limit = READING_TIME;
    reading->sessions = sessions;
    reading->known = known;
    reading->arena = arena;
    reading->error = (struct portico_error)PORTICO_ERROR_INIT;
    reading->by_token = sessions_token_of(&exchange->request).data != NULL;
    reading->network = network_of(arena, exchange->request.remote);
    if (secret.length < sizeof reading->token)
        memcpy(reading->token, secret.data, secret.length);
    int64_t now = clock_steady();
    bool allowed = tasks_allow(&reading->task, now);
    if (!allowed || tasks_line_too_long(options->tasks, options->route)) {
        if (allowed)
            tasks_give_up(&reading->task, now);
        arena_free(arena);
        return false;
    }
    sessions->counters.read++;
    known->asking = true;
    known->forgotten = false;
    arena_free(known->arena);
    known->arena = NULL;
    tasks_submit(options->tasks, &reading->task);
    return true;
}

/* The entry for a cookie's value, made if there is none. */
static struct known *entry_of(struct sessions *sessions, struct text cookie, bool make)
{
    unsigned char key[KEY_BYTES];
    crypto_generichash(key, sizeof key, (const unsigned char *)cookie.data, cookie.length, NULL, 0);
    struct known *known = g_hash_table_lookup(sessions->entries, key);
    if (known || !make)
        return known;
    sweep(sessions, clock_steady());
    known = g_new0(struct known, 1);
    memcpy(known->key, key, sizeof key);
    known->last = &known->first;
    g_hash_table_replace(sessions->entries, known->key, known);
    return known;
}

static struct text cookie_of(const struct sessions *sessions, const struct http_request *request)
{
    return cookie_find(request, cookie_name(sessions->options.host->secure, COOKIE_SESSION));
}

/* RFC 6750 section 2.1. Other schemes and tokens are not the portal's. */
struct text sessions_token_of(const struct http_request *request)
{
    static const struct text scheme = TEXT("Bearer ");
    struct text field = http_request_field(request, TEXT("authorization"));
    struct text none = { NULL, 0 };
    if (field.length <= scheme.length ||
        !text_equals_ignoring_case((struct text){ field.data, scheme.length }, scheme))
        return none;
    struct text token = { field.data + scheme.length, field.length - scheme.length };
    return text_starts(token, TEXT(IDENTITY_API_TOKEN_PREFIX)) ? token : none;
}

bool sessions_ask(struct sessions *sessions, struct http_exchange *exchange)
{
    const struct sessions_options *options = &sessions->options;
    struct text secret = sessions_token_of(&exchange->request);
    const bool by_token = secret.data != NULL;
    if (!by_token)
        secret = cookie_of(sessions, &exchange->request);
    if (!secret.data)
        return false;
    if (!by_token && secret.length != IDENTITY_TOKEN_SIZE - 1) {
        exchange->added = sessions->gone;
        return false;
    }
    struct known *known = entry_of(sessions, secret, true);
    bool waits = known->asking || known->telling;
    if (!waits && known->until > clock_steady()) {
        sessions->counters.known++;
        return tell_others(sessions, known, exchange);
    }
    if (!wait_for(known, exchange)) {
        options->unknown(exchange, options->data);
        return true;
    }
    if (!waits && !begin(sessions, known, secret, exchange))
        release(sessions, known, false);
    return true;
}

const struct sessions_counters *sessions_counters(const struct sessions *sessions)
{
    return &sessions->counters;
}

void sessions_forget(struct sessions *sessions, const struct http_request *request)
{
    struct text cookie = cookie_of(sessions, request);
    struct known *known =
        cookie.length == IDENTITY_TOKEN_SIZE - 1 ? entry_of(sessions, cookie, false) : NULL;
    if (!known)
        return;
    known->until = 0;
    known->forgotten = known->asking;
}

int sessions_new(const struct sessions_options *options, struct sessions **ret_sessions,
                 struct portico_error *error)
{
    struct http_response response = { .file = -1 };
    if (cookie_set(&response, options->host->secure, COOKIE_SESSION, TEXT(""), COOKIE_REMOVED) <
        0) {
        buffer_free(&response.fields);
        return error_set(error, PORTICO_ENOMEM, "There is no memory for the sessions.");
    }
    struct sessions *sessions = g_new0(struct sessions, 1);
    sessions->options = *options;
    sessions->gone_line = response.fields;
    sessions->gone = (struct text){ response.fields.data, response.fields.length };
    sessions->entries = g_hash_table_new_full(key_hash, key_equal, NULL, known_free);
    *ret_sessions = sessions;
    return PORTICO_OK;
}

void sessions_free(struct sessions *sessions)
{
    if (!sessions)
        return;
    g_hash_table_destroy(sessions->entries);
    buffer_free(&sessions->gone_line);
    g_free(sessions);
}
