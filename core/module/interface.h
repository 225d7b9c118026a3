/* The interface tables modules get, one file each, and the handles behind them.
 *
 * Every handle begins with its table (the public head), a magic word and its scope. Entry points
 * turn the public pointer into the handle with the *_of functions, which abort on a wrong magic
 * word: a module that passes a stale or foreign handle is stopped, named by the trace page, and
 * replaced. */
#ifndef MODULE_INTERFACE_H
#define MODULE_INTERFACE_H

#include "base/arena.h"

#include <portico/account.h>
#include <portico/audience.h>
#include <portico/content.h>
#include <portico/context.h>
#include <portico/db.h>
#include <portico/event.h>
#include <portico/fetch.h>
#include <portico/file.h>
#include <portico/form.h>
#include <portico/job.h>
#include <portico/limit.h>
#include <portico/mail.h>
#include <portico/notice.h>
#include <portico/people.h>
#include <portico/request.h>
#include <portico/search.h>
#include <portico/secret.h>
#include <portico/session.h>

#include <stdbool.h>
#include <string.h>

struct call;
struct scope;

/* A table of this host. `open` makes the handle of a scope, in its arena; NULL: memory ended. */
struct interface {
    const char *name;
    unsigned major, minor;
    bool remotable; /* false: in-process only, not for modules in a process of their own */
    void *(*open)(struct scope *scope);
};
/* Reads a struct that a module passes and that begins with its size: whatever both sides know, zero
 * for what only the host knows. False if it is smaller than version 1.0 had it. */
static inline bool interface_read(void *own, size_t own_size, const void *given, size_t least)
{
    uint32_t size = 0;
    if (given)
        memcpy(&size, given, sizeof size);
    if (size < least)
        return false;
    memcpy(own, given, size < own_size ? size : own_size);
    return true;
}

/* For the tests of modules: which table a handle shows instead of the host's own. Set before any
 * module runs; NULL in a portal. */
extern const void *(*interface_substitute)(const void *table);
static inline const void *interface_shown(const void *table)
{
    return interface_substitute ? interface_substitute(table) : table;
}

/* By name, such as "portico.db"; NULL if this host has none. */
const struct interface *interface_find(const char *name);
const struct interface *interface_at(unsigned index); /* NULL past the end */

extern const struct portico_context_api interface_context;
extern const struct portico_request_api interface_request;
extern const struct portico_db_api interface_db;
extern const struct portico_search_api interface_search;
extern const struct portico_content_api interface_content;
extern const struct portico_event_api interface_event;
extern const struct portico_jobs_api interface_jobs;
extern const struct portico_job_api interface_job;
extern const struct portico_secret_api interface_secret;
extern const struct portico_fetch_api interface_fetch;
extern const struct portico_mail_api interface_mail;
extern const struct portico_file_api interface_file;
extern const struct portico_people_api interface_people;
extern const struct portico_notice_api interface_notice;
extern const struct portico_limit_api interface_limit;
extern const struct portico_accounts_api interface_account;
extern const struct portico_audiences_api interface_audience;
extern const struct portico_session_api interface_session;
extern const struct portico_forms_api interface_forms;
extern const struct portico_form_api interface_form;

/* As the tables above do it, for other parts of the host: what is kept or counted is `module`'s.
 * The id of a file is the caller's, which may say its address before. */
struct upload;
int interface_file_keep(struct scope *scope, const char *module, const struct upload *upload,
                        int64_t id, const char *subject, int64_t audience,
                        struct portico_error *error);
const char *interface_file_path(struct arena *arena, int64_t id, const char *name);
int interface_limit_take(struct scope *scope, const char *module, const char *name, uint32_t most,
                         uint32_t seconds, struct portico_error *error);

void *interface_db_open(struct scope *scope);
void *interface_search_open(struct scope *scope);
void *interface_content_open(struct scope *scope);
void *interface_event_open(struct scope *scope);
void *interface_job_open(struct scope *scope);
void *interface_secret_open(struct scope *scope);
void *interface_fetch_open(struct scope *scope);
void *interface_mail_open(struct scope *scope);
void *interface_file_open(struct scope *scope);
void *interface_people_open(struct scope *scope);
void *interface_notice_open(struct scope *scope);
void *interface_limit_open(struct scope *scope);
/* The handler's ELIMIT is answered with 429, what happened (a text of the host's catalogue; NULL:
 * nothing is said of it) and after how many µs to try again. The error has the same words. */
int interface_limit_reached(struct scope *scope, int64_t wait, const char *what,
                            struct portico_error *error);
void *interface_form_open(struct scope *scope);
void *interface_account_open(struct scope *scope);
void *interface_audience_open(struct scope *scope);
void *interface_session_open(struct scope *scope);

#endif
