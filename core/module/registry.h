/* The modules of one generation: loaded, checked, with everything they registered and who owns it.
 */
#ifndef MODULE_REGISTRY_H
#define MODULE_REGISTRY_H

#include "config/config.h"
#include "event/event.h"
#include "event/scenario.h"
#include "http/exchange.h"
#include "identity/identity.h"
#include "job/schedule.h"
#include "page/page.h"
#include "route/tree.h"
#include "store/store.h"

#include <portico/module.h>

/* Of the portal's own routes, beside the public PORTICO_ROUTE_… and from the other end, so that
 * they never meet: no access token opens it, whatever it may. */
#define ROUTE_OF_SESSIONS (1u << 31)

struct registry;
struct module;
struct module_host;

/* A route as the host keeps it: a copy, with its owner. */
struct module_route {
    struct module *owner; /* NULL: the host's own */
    struct portico_route route;
    const char *label; /* "communities GET /communities/{space}" for logs and metrics */
    unsigned index;    /* position in the registry: slot for counters */
    _Atomic unsigned running;
    _Atomic uint64_t requests, failures, microseconds;
};

struct registry_options {
    struct config *config;
    struct store *store; /* may be NULL for `check` */
    struct page_set
        *pages; /* modules' templates are added to it; NULL: an inspection makes its own */
    const char *const *directories; /* where module directories lie, NULL-terminated */
    const char *cache_directory;    /* verified copies are loaded from here (0700) */
    /* The portal's own module: compiled in, always enabled, before all others; its templates and
     * words are those of "portico" in `pages`. NULL: there is none, as when files are inspected. */
    const struct portico_module *portal;
    bool inspect_only; /* check everything through the inspector child; load nothing */
    bool keep_sound;   /* of an inspection: give what could be read all the same */
};

/* Loads every enabled module: note, permissions of the files, inspector child, verified copy,
 * dlopen, descriptor, clashes, settings, templates. All problems go to the config's problem list;
 * PORTICO_EINVAL if there was any, unless the sound ones are to be kept. */
int registry_new(const struct registry_options *options, struct registry **ret_registry,
                 struct portico_error *error);
/* Calls `start` of each module, in dependency order, on the calling thread. */
int registry_start(struct registry *registry, struct module_host *host,
                   struct portico_error *error);
void registry_stop(struct registry *registry, struct module_host *host);
void registry_free(struct registry *registry);

const struct route_tree *registry_routes(const struct registry *registry); /* struct module_route */
size_t registry_route_count(const struct registry *registry);
struct module_route *registry_route_at(const struct registry *registry, size_t index);
size_t registry_module_count(const struct registry *registry);
struct module *registry_module_at(const struct registry *registry, size_t index);
struct module *registry_find(const struct registry *registry, const char *id);
const char *module_id(const struct module *module);
const char *module_version(const struct module *module);
const char *module_directory(const struct module *module);
bool module_is_built_in(const struct module *module);
const struct portico_module *module_descriptor(const struct module *module);

/* Who asks. The server makes it; texts are borrowed from the request's memory. */
#define VIEWER_ACCOUNTS 6 /* of the switcher in the shell; its page has all */
/* An account somebody can act in. */
struct viewer_account {
    int64_t id;
    const char *name;    /* "": the owner's */
    const char *through; /* the partner for which they act there; "": they belong to it */
};
struct viewer {
    int64_t person; /* 0: anonymous; then all below but `rows` and `may` is NULL or 0 */
    int64_t account;
    struct store_viewer rows;
    bool (*may)(const struct viewer *viewer, const char *permission);
    const char *name, *initials, *handle;
    const char *locale;   /* the person's choice; NULL: none */
    const char *timezone; /* IANA name; NULL: none chosen */
    int64_t unread;    /* notices, 100 for more than 99; as old as what is known of the session */
    const char *token; /* what forms of this session carry; "": none that is shown now counts */
    bool former;       /* known by the token before its own: what that one's forms carry is over */
    int64_t session;
    const char *renewed;   /* the session's token, made when it was read, where it is not the
                            * cookie's any more; NULL: it is */
    bool by_token;         /* an access token, whose id `session` is: the API alone is open */
    unsigned step;         /* one is due before anything else: as of identity_step_due */
    int64_t rights;        /* of the person, with what is shown to them alone, when it was read */
    int64_t number, until; /* as of struct identity_standing */
    const char *account_name; /* of the active account; NULL: none */
    int64_t through;          /* the partner for which they act there; 0: they belong to it */
    const char *through_name; /* of it; NULL or "": none */
    bool entered;             /* they look into it as staff */
    bool look_over; /* they looked until just now: what is sent may be of a page they saw so */
    int64_t asker;  /* who looks in that person's place, and whose session it is; 0: they
                     * themselves */
    const char *asker_name; /* NULL: nobody looks */
    int64_t acting;         /* the account the session asks for; others than `account`: it is
                             * not open to them any more */
    const struct viewer_account *accounts; /* they can act in, used last first; one more than
                                            * VIEWER_ACCOUNTS where there are more */
    size_t account_count;
    bool lists_accounts;   /* the page is a list that shows all their accounts where asked to */
    bool all_accounts;     /* and does: `rows` are those of all of them */
    const char *came_from; /* name of the account a link took them from lately; NULL: none did */
    int64_t came_from_id;
    uint64_t roles;       /* what `may` judges by */
    const uint64_t *held; /* of the permissions, as bits; NULL: as the modules declared them */
    const struct identity_permission *permissions; /* the registry's, sorted */
    size_t permission_count;
};
extern struct viewer viewer_anonymous;
/* The host itself, in jobs, deliveries, imports and commands: it may all, no row is hidden. */
extern const struct viewer viewer_host;
/* True for PORTICO_PUBLIC, for PORTICO_SIGNED_IN with a person, and for what `may` grants. The
 * server asks it with the route's permission before every call. */
bool viewer_may(const struct viewer *viewer, const char *permission);
/* One in the arena's memory, with all that it borrows but what is the registry's. NULL: memory
 * ended. */
struct viewer *viewer_copy(struct arena *arena, const struct viewer *viewer);
/* Whether they only look, into an account or in somebody's place, or did until just now. */
bool viewer_looks(const struct viewer *viewer);
/* Tells which permissions there are: borrowed from the registry. */
void registry_declare(const struct registry *registry, struct identity *identity);
/* Makes somebody who stands so of a zeroed viewer: account, audiences, permissions and `may`. What
 * is borrowed from the standing stays so. */
struct identity_standing;
void registry_stand(const struct registry *registry, const struct identity_standing *standing,
                    struct viewer *viewer);
/* The same of somebody with these roles who belongs to no account. */
void registry_viewer(const struct registry *registry, uint64_t roles, struct viewer *viewer);

/* What a handler thread needs to run module code; one per worker. */
struct module_host {
    struct registry *registry;
    struct store *store;
    struct page_set *pages;
    struct config *config;
    struct identity *identity;
    const struct value *portal; /* brand, assets: frame of every page */
    const char *canonical_url;  /* without trailing slash */
    const char *origin;         /* of the configured URL, as browsers send it; NULL: none is set */
    bool secure;                /* people come by https */
    const char *sign_in;        /* path of the page where one signs in; NULL: there is none */
    const char *access;         /* path of the page that explains what one may not open, and stands
                                 * instead of it; NULL: there is none */
    bool development;
    bool asks_always;   /* health each time, not once a second: tests move the clock */
    bool gives_secrets; /* as settings hold them, which a test sets; else as their files are now */
    bool check_results; /* of services and routes against their schemas, not only in development */
    struct module_outgoing *outgoing; /* keys, secrets, rules; from registry_start on */
    void (*live)(void *data);         /* a live event was committed; any thread; or NULL */
    void *live_data;
    const struct module_outside *outside; /* NULL: the network and the queue of mail */
    /* Asks the portal itself ("reload", "status") and waits for its answer, an object in `arena`;
     * handler thread. ETIMEDOUT: it goes on. NULL: this is no portal that serves. */
    int (*control)(const struct module_host *host, const char *command, struct arena *arena,
                   struct value **ret_answer, struct portico_error *error);
};

/* Stands in for what lies outside, in hosts that are no portal, such as the tests of modules. What
 * it gets has passed every check that needs no network; both return 0 or negative with `error`. */
struct fetch_request;
struct fetch_answer;
struct mail_message;
struct module_outside {
    /* In place of fetch_send; the answer lies in `arena`. */
    int (*fetch)(const struct fetch_request *request, struct arena *arena,
                 struct fetch_answer *ret_answer, void *data, struct portico_error *error);
    /* In place of the queue; told within the call that sends, before its transaction ends. */
    int (*mail)(const struct mail_message *message, int64_t id, void *data,
                struct portico_error *error);
    void *data;
};

/* Once per process, before any module runs: opens `:html` columns with the page room's sanitizer.
 */
void module_host_prepare(void);

/* Handler thread: calls the route's handler on the exchange and leaves its response there. Records
 * what is running in the worker's shared page. Never fails: what goes wrong becomes the right error
 * response. */
void module_call_route(struct module_host *host, struct module_route *route,
                       const struct route_match *match, const struct viewer *viewer,
                       struct http_exchange *exchange);
/* Error page or RFC 9457 problem by the request's Accept (and always problem below /api). `title`
 * and `detail` are English source texts, translated with `arguments`; NULL: the usual words of the
 * status. */
void module_error_response(struct module_host *host, struct http_exchange *exchange,
                           unsigned status, const char *title, const char *detail,
                           const struct value *arguments);
/* Runs a module's health checks; worst state, messages appended as list of objects. */
int module_call_health(struct module_host *host, struct module *module, struct value *ret_list);
/* Runs an importer; prints nothing itself. */
int module_call_importer(struct module_host *host, struct module *module,
                         const struct portico_importer *importer, const char *directory,
                         int (*progress)(int64_t done, int64_t total, void *data), void *data,
                         struct value *ret_report, struct portico_error *error);
/* Runs `work` in the module's name, as the host itself, where no request, job or event is: what a
 * command of this program does. */
int module_call_work(struct module_host *host, struct module *module, const char *name,
                     int (*work)(struct portico_context *context, void *data,
                                 struct portico_error *error),
                     void *data, struct portico_error *error);
/* The terminal of a command: where it writes and what it was called with. */
struct call_command {
    const char *(*option)(const char *name, void *data);
    int (*write)(const char *text, size_t length, void *data);
    int (*progress)(int64_t done, int64_t total, void *data);
    void *data;
};
/* Runs a command of the module, as the host itself. */
int module_call_command(struct module_host *host, struct module *module,
                        const struct portico_command *command, const char *const *arguments,
                        size_t argument_count, const struct call_command *terminal,
                        struct portico_error *error);

/* What the generation's modules registered for jobs and events. Listeners stand in the order of the
 * modules and of their lists; `data` of one is its struct portico_event_handler. */
const struct event_listener *registry_listeners(const struct registry *registry, size_t *ret_count);
const struct schedule_entry *registry_schedule(const struct registry *registry, size_t *ret_count);
/* The host's own listener to what they name is one of the listeners: module "core". */
const struct scenario_entry *registry_scenarios(const struct registry *registry, size_t *ret_count);
/* By the names in a claim; NULL: this generation has none. `ret_module` may be NULL. */
const struct portico_job_type *registry_job(const struct registry *registry, const char *module,
                                            const char *name, struct module **ret_module);
const struct portico_event_handler *registry_handler(const struct registry *registry,
                                                     const char *module, const char *name,
                                                     struct module **ret_module);

/* What a job and those who watch over it tell each other while it runs. Zeroed by the runner. */
struct module_job_watch {
    _Atomic bool stop; /* runner: the portal drains, or an admin asked */
    _Atomic bool lost; /* either: the lease is another's now */
};
/* Handler thread of a jobs process: runs one try of a job of this module as the host itself (no
 * rows hidden), under its serial lock, in a session guarded by the claim. The caller has called
 * store_settle after the claim, renews the lease meanwhile, and concludes the job with
 * job_conclude. Returns what the module returned, with its sentence in `error`. */
int module_call_job(struct module_host *host, struct module *module,
                    const struct portico_job_type *type, const struct job_claim *claim,
                    struct module_job_watch *watch, struct portico_error *error);
/* The same for a delivery: the claim is of kind JOB_EVENT, `event` what event_load found for the id
 * in its arguments. */
int module_call_event(struct module_host *host, struct module *module,
                      const struct portico_event_handler *handler, const struct event_record *event,
                      const struct job_claim *claim, struct portico_error *error);

/* For what module code runs. A job's or handler's name in the trace is "MODULE job NAME" and
 * "MODULE event NAME". A handler in a transaction stands in its emitter's place while it runs. */
enum call_kind {
    CALL_ROUTE = 1,
    CALL_START,
    CALL_STOP,
    CALL_HEALTH,
    CALL_IMPORTER,
    CALL_JOB,
    CALL_EVENT,             /* after the commit */
    CALL_EVENT_TRANSACTION, /* in it */
    CALL_HOOK,
    CALL_METHOD,
    CALL_COMMAND,
    CALL_PERSONAL,
};

/* The worker's shared page: what each handler thread is running, read by the supervisor as hostile
 * input. */
struct module_trace_slot {
    _Atomic uint32_t kind;   /* 0 idle, else an enum call_kind */
    _Atomic uint32_t module; /* index in the registry */
    _Atomic uint32_t route;  /* index of the route, UINT32_MAX for what is none */
    _Atomic int64_t since;   /* clock_steady */
    char name[96];           /* label, NUL-terminated, may be torn */
};
#define MODULE_TRACE_SLOTS 160
struct module_trace_page {
    _Atomic uint64_t beat; /* the loop's heartbeat */
    struct module_trace_slot slots[MODULE_TRACE_SLOTS];
};
/* Uses `page` (in shared memory) from now on; each handler thread claims a slot. */
void module_trace_use(struct module_trace_page *page);
void module_trace_claim(unsigned slot);

#endif
