/* One invocation of module code: what it runs for, its scopes, and what a module may reach from it.
 */
#ifndef MODULE_CALL_H
#define MODULE_CALL_H

#include "base/log.h"
#include "http/multipart.h"
#include "module/interface.h"
#include "module/module.h"
#include "module/thread.h"
#include "module/trace.h"

#define SCOPE_MAGIC 0x73636f70u
#define REQUEST_MAGIC 0x72657175u
#define DB_MAGIC 0x64622020u
#define CURSOR_MAGIC 0x63757273u
#define SEARCH_MAGIC 0x73656172u
#define CONTENT_MAGIC 0x636f6e74u
#define EVENTS_MAGIC 0x65766e74u
#define JOBS_MAGIC 0x6a6f6273u
#define JOB_MAGIC 0x6a6f6220u
#define SECRETS_MAGIC 0x73656372u
#define FETCH_MAGIC 0x66657463u
#define MAIL_MAGIC 0x6d61696cu
#define FILES_MAGIC 0x66696c65u
#define PEOPLE_MAGIC 0x70656f70u
#define NOTICES_MAGIC 0x6e6f7469u
#define LIMITS_MAGIC 0x6c696d69u
#define ACCOUNTS_MAGIC 0x6163636fu
#define AUDIENCES_MAGIC 0x61756469u
#define SESSION_MAGIC 0x73657373u

/* Memory, database session and interface handles that end together: a call's own, or a scope in it.
 */
struct scope {
    struct portico_context context; /* must be first: this is struct portico_context */
    uint32_t magic;
    struct call *call;
    struct arena *arena;
    struct store_session *session; /* opened when first used */
    struct scope *inner;           /* scopes opened in the call and not yet ended; head only */
    struct scope *next;
    void *handles[32]; /* by position of the interface */
};

struct request_handle {
    struct portico_request public; /* must be first */
    uint32_t magic;
    struct call *call;
};

/* Pairs of a query or form, decoded before the handler runs. */
struct call_pairs {
    struct http_pair *pairs;
    size_t count;
};

/* What an importer reports to. */
struct call_import {
    int (*progress)(int64_t done, int64_t total, void *data);
    void *data;
    struct value *counts;  /* object: name to number */
    struct value *skipped; /* object: reason to { "count", "first" } */
};

/* A try of a job, or a delivery. */
struct call_job {
    const struct job_claim *claim;
    struct module_job_watch *watch; /* NULL: a delivery */
};

struct call {
    enum call_kind kind;
    pthread_t thread; /* on which it began, and where its handles may be used */
    struct module_host *host;
    struct module *module;
    struct module_route *route;
    const struct route_match *match;
    const struct viewer *viewer;
    struct http_exchange *exchange;
    const char *locale;
    int64_t now;
    bool replied;
    uint32_t status;  /* set_status; 0: not set */
    bool own_caching; /* the module set Cache-Control itself */
    struct call_pairs query, form;
    const char *visitor_token;     /* of the forms shown to who is not signed in, once asked for */
    const struct http_part *parts; /* of a multipart form, whose fields are in `form` as well */
    size_t part_count;
    const struct value *json; /* the body, once parsed */
    struct call_import *import;
    const struct call_command *command;
    const char *label;                  /* of a hook or method, for the log; NULL for others */
    const struct module_answer *answer; /* of a hook: what it may read */
    unsigned depth;                     /* calls of services around this one */
    struct http_response *around;       /* of a service: the answer it is called for; or NULL */
    struct call_job *job;
    struct store_session *lent; /* of an event's handler in the transaction: the emitter's */
    unsigned handlers;          /* such handlers around this call */
    bool settled;               /* what it emits came about anyhow: none of these is asked */
    const char *trace;          /* traceparent, once known */
    unsigned retry_after;       /* seconds, once a limit was reached; 0: none was */
    const char *limit_words;    /* what the reader is told then */
    struct scope scope;
    struct request_handle request;
};

/* Fills a call for `module`; memory is `arena`. `call` must be zeroed but for what the kind needs.
 */
void call_begin(struct call *call, enum call_kind kind, struct module_host *host,
                struct module *module, const struct viewer *viewer, struct arena *arena);
/* Ends every scope and the session, which rolls back and logs what was left open. */
void call_end(struct call *call);

/* Everything between the two runs on behalf of the call's module: it is named in log and trace
 * page, and called by nobody else if it is serial. They nest, as services call services. call_leave
 * ends the call. */
struct call_entered {
    struct log_scope outer;
    struct trace_mark trace;
};
struct call_entered call_enter(struct call *call, uint32_t route, const char *name);
void call_leave(struct call *call, const struct call_entered *entered);

/* The thing behind a public handle; aborts with a log line when it is not one. */
struct scope *scope_of(const struct portico_context *context);
struct call *call_of(const struct portico_request *request);
struct call *call_checked(struct call *call, const char *function);
/* Wherever a module's call comes in, its thread is checked under the name of that function. */
#define scope_of(context) thread_scope(scope_of(context), "portico.context", __func__)
#define call_of(request) call_checked(call_of(request), __func__)
void call_stale_handle(const char *what) __attribute__((noreturn));

/* The session of a scope; NULL (with `error`) when the process has no database or memory ended. */
struct store_session *scope_session(struct scope *scope, struct portico_error *error);
/* The call learnt what not every viewer of the same audiences would: the answer made with it is
 * kept for nobody else. */
void call_vary(struct call *call);
/* The session of the call that has a transaction open, lent ones included; NULL: none. What waits
 * (for other modules, for HTTP) is refused then. */
struct store_session *call_transaction(struct call *call);

/* The traceparent of the call: its request's if that is valid, its job's or event's, or a new one.
 */
const char *call_trace(struct call *call);
/* Runs a handler in the emitter's open transaction, as its own module. */
int call_event_in_transaction(const struct event_listener *listener, struct store_session *session,
                              const struct event_record *event, void *data,
                              struct portico_error *error);

#endif
