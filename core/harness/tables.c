#include "harness/tables.h"

#include "base/error.h"
#include "harness/outside.h"

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>

static const struct bench *owner;
static const struct uses *needs; /* of the module under test */
static uint64_t fail_at;
static atomic_int depth;
static _Atomic uint64_t allocations;
static atomic_bool failed_now;

/* What calls of the module opened and have not ended: handle to what it is. */
static GHashTable *opened;
static pthread_mutex_t opened_lock = PTHREAD_MUTEX_INITIALIZER;

void tables_enter(void)
{
    atomic_fetch_add(&depth, 1);
}

void tables_leave(void)
{
    atomic_fetch_sub(&depth, 1);
}

uint64_t tables_allocations(void)
{
    return atomic_load(&allocations);
}

bool tables_failed(void)
{
    return atomic_exchange(&failed_now, false);
}

/* False: this allocation is the one that fails. */
bool tables_grant(const char *name)
{
    if (atomic_load_explicit(&depth, memory_order_relaxed) <= 0)
        return true;
    uint64_t number = atomic_fetch_add(&allocations, 1) + 1;
    if (number != fail_at)
        return true;
    atomic_store(&failed_now, true);
    bench_record(owner, RECORD_NOTE, "Allocation %llu, %s, failed as asked.",
                 (unsigned long long)number, name);
    return false;
}

int tables_no_memory(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOMEM, "Memory ended, as the test asked.");
}

static void remember(const void *handle, const char *what)
{
    if (atomic_load_explicit(&depth, memory_order_relaxed) <= 0)
        return;
    pthread_mutex_lock(&opened_lock);
    if (!opened)
        opened = g_hash_table_new(NULL, NULL);
    g_hash_table_insert(opened, (gpointer)(uintptr_t)handle, (gpointer)(uintptr_t)what);
    pthread_mutex_unlock(&opened_lock);
}

static void forget(const void *handle)
{
    pthread_mutex_lock(&opened_lock);
    if (opened)
        g_hash_table_remove(opened, handle);
    pthread_mutex_unlock(&opened_lock);
}

static gboolean report_one(gpointer handle, gpointer what, gpointer place)
{
    (void)handle;
    bench_record(owner, RECORD_VIOLATION, "%s left %s, on every way out of the call.",
                 (const char *)place, (const char *)what);
    return TRUE;
}

void tables_check(const struct bench *bench, const char *what)
{
    (void)bench;
    outside_transaction_ended(false); /* which a failed handler leaves to the host */
    pthread_mutex_lock(&opened_lock);
    if (opened)
        g_hash_table_foreach_remove(opened, report_one, (gpointer)(uintptr_t)what);
    pthread_mutex_unlock(&opened_lock);
}

/* ---- portico.value ---- */

static struct portico_value *value_make(const struct portico_value *sibling, uint32_t kind)
{
    return tables_grant("a new object or list") ? value_api.make(sibling, kind) : NULL;
}

static struct portico_value *value_make_text(const struct portico_value *sibling, const char *text,
                                             size_t length)
{
    return tables_grant("a new text") ? value_api.make_text(sibling, text, length) : NULL;
}

static struct portico_value *value_make_scalar(const struct portico_value *sibling, uint32_t kind,
                                               int64_t integer, double real)
{
    return tables_grant("a new scalar") ? value_api.make_scalar(sibling, kind, integer, real)
                                        : NULL;
}

static int value_set_member(struct portico_value *object, const char *key,
                            struct portico_value *value)
{
    return tables_grant("portico_set") ? value_api.set(object, key, value) : PORTICO_ENOMEM;
}

static int value_set_scalar(struct portico_value *object, const char *key, uint32_t kind,
                            int64_t integer, double real)
{
    return tables_grant("the setter of a scalar")
               ? value_api.set_scalar(object, key, kind, integer, real)
               : PORTICO_ENOMEM;
}

static int value_set_words(struct portico_value *object, const char *key, const char *text,
                           size_t length)
{
    return tables_grant("portico_set_text") ? value_api.set_text(object, key, text, length)
                                            : PORTICO_ENOMEM;
}

static int value_append_item(struct portico_value *list, struct portico_value *value)
{
    return tables_grant("portico_append") ? value_api.append(list, value) : PORTICO_ENOMEM;
}

/* ---- portico.context ---- */

static void *context_alloc(struct portico_context *context, size_t size)
{
    return tables_grant("portico_alloc") ? interface_context.alloc(context, size) : NULL;
}

__attribute__((format(printf, 2, 0))) static char *
context_vprintf(struct portico_context *context, const char *format, va_list arguments)
{
    return tables_grant("portico_printf") ? interface_context.vprintf(context, format, arguments)
                                          : NULL;
}

static struct portico_value *context_make(struct portico_context *context, uint32_t kind)
{
    return tables_grant("portico_object or portico_listing") ? interface_context.make(context, kind)
                                                             : NULL;
}

static struct portico_context *context_scope(struct portico_context *context)
{
    struct portico_context *scope =
        tables_grant("portico_scope") ? interface_context.scope(context) : NULL;
    if (scope)
        remember(scope, "a scope open: end it with portico_end_scope");
    return scope;
}

static void context_end_scope(struct portico_context *scope)
{
    forget(scope);
    interface_context.end_scope(scope);
}

static const struct portico_value *context_setting(struct portico_context *context, const char *key)
{
    return tables_grant("portico_setting") ? interface_context.setting(context, key) : NULL;
}

/* Without memory for the words the host gives the English ones. */
static const char *context_translate(struct portico_context *context, const char *source,
                                     const struct portico_value *arguments)
{
    return tables_grant("portico_translate")
               ? interface_context.translate(context, source, arguments)
               : source;
}

static int context_call(struct portico_context *context, const char *service, const char *method,
                        const struct portico_value *arguments, struct portico_value **ret_result,
                        struct portico_error *error)
{
    return tables_grant("portico_call")
               ? interface_context.call(context, service, method, arguments, ret_result, error)
               : tables_no_memory(error);
}

static const char *context_time_text(struct portico_context *context, portico_time time)
{
    return tables_grant("portico_time_text") ? interface_context.time_text(context, time) : NULL;
}

/* ---- portico.request ---- */

static int request_reply_view(struct portico_request *request, const char *view,
                              struct portico_value *data)
{
    return tables_grant("portico_reply_view") ? interface_request.reply_view(request, view, data)
                                              : PORTICO_ENOMEM;
}

static int request_reply_json(struct portico_request *request, const struct portico_value *data)
{
    return tables_grant("portico_reply_json") ? interface_request.reply_json(request, data)
                                              : PORTICO_ENOMEM;
}

static int request_reply_bytes(struct portico_request *request, const char *media_type,
                               const void *bytes, size_t length)
{
    return tables_grant("portico_reply_bytes")
               ? interface_request.reply_bytes(request, media_type, bytes, length)
               : PORTICO_ENOMEM;
}

static int request_reply_template(struct portico_request *request, const char *media_type,
                                  const char *view, struct portico_value *data)
{
    return tables_grant("portico_reply_template")
               ? interface_request.reply_template(request, media_type, view, data)
               : PORTICO_ENOMEM;
}

/* ---- portico.db ---- */

static struct portico_db_api own_db;

static int db_query(struct portico_db *db, const char *sql,
                    const struct portico_argument *arguments, size_t count,
                    struct portico_value **ret_rows, struct portico_error *error)
{
    return tables_grant("portico_query")
               ? interface_db.query(db, sql, arguments, count, ret_rows, error)
               : tables_no_memory(error);
}

static int db_execute(struct portico_db *db, const char *sql,
                      const struct portico_argument *arguments, size_t count, int64_t *ret_changed,
                      struct portico_error *error)
{
    return tables_grant("portico_execute")
               ? interface_db.execute(db, sql, arguments, count, ret_changed, error)
               : tables_no_memory(error);
}

static int db_begin(struct portico_db *db, struct portico_error *error)
{
    int code = interface_db.begin(db, error);
    if (code >= 0)
        outside_transaction_begun();
    if (code >= 0)
        remember(db, "a transaction open: end it with portico_commit or portico_rollback");
    return code;
}

static int db_commit(struct portico_db *db, struct portico_error *error)
{
    forget(db);
    int code = interface_db.commit(db, error);
    outside_transaction_ended(code >= 0);
    return code;
}

static void db_rollback(struct portico_db *db)
{
    forget(db);
    interface_db.rollback(db);
    outside_transaction_ended(false);
}

static int db_cursor_open(struct portico_db *db, const char *sql,
                          const struct portico_argument *arguments, size_t count,
                          struct portico_cursor **ret_cursor, struct portico_error *error)
{
    if (!tables_grant("portico_cursor_open"))
        return tables_no_memory(error);
    struct portico_cursor *cursor = NULL;
    int code = interface_db.cursor_open(db, sql, arguments, count, &cursor, error);
    if (code < 0)
        return code;
    cursor->api = &own_db;
    remember(cursor, "a cursor open: close it with portico_cursor_close");
    *ret_cursor = cursor;
    return code;
}

static int db_cursor_next(struct portico_cursor *cursor, struct portico_value **ret_row,
                          struct portico_error *error)
{
    return tables_grant("portico_cursor_next") ? interface_db.cursor_next(cursor, ret_row, error)
                                               : tables_no_memory(error);
}

static void db_cursor_close(struct portico_cursor *cursor)
{
    forget(cursor);
    interface_db.cursor_close(cursor);
}

static int db_page(struct portico_db *db, const struct portico_page_query *query,
                   struct portico_page *ret_page, struct portico_error *error)
{
    return tables_grant("portico_page") ? interface_db.page(db, query, ret_page, error)
                                        : tables_no_memory(error);
}

static int db_page_count(struct portico_db *db, const struct portico_page_query *query,
                         int64_t *ret_count, int *ret_more, struct portico_error *error)
{
    return tables_grant("portico_page_count")
               ? interface_db.page_count(db, query, ret_count, ret_more, error)
               : tables_no_memory(error);
}

/* ---- portico.search and portico.content ---- */

static int search_index(struct portico_search *search, const struct portico_document *document,
                        struct portico_error *error)
{
    return tables_grant("portico_search_index") ? interface_search.index(search, document, error)
                                                : tables_no_memory(error);
}

static int search_query(struct portico_search *search, const struct portico_search_query *query,
                        struct portico_value **ret_hits, struct portico_error *error)
{
    return tables_grant("portico_search_query")
               ? interface_search.query(search, query, ret_hits, error)
               : tables_no_memory(error);
}

static struct portico_value *content_sanitize(struct portico_content *content, const char *html,
                                              size_t length, struct portico_error *error)
{
    if (tables_grant("portico_html_sanitize"))
        return interface_content.sanitize(content, html, length, error);
    tables_no_memory(error);
    return NULL;
}

static struct portico_value *content_markdown(struct portico_content *content, const char *markdown,
                                              size_t length, struct portico_error *error)
{
    if (tables_grant("portico_markdown"))
        return interface_content.markdown(content, markdown, length, error);
    tables_no_memory(error);
    return NULL;
}

static char *content_plain(struct portico_content *content, const struct portico_value *html,
                           size_t limit)
{
    return tables_grant("portico_html_plain") ? interface_content.plain(content, html, limit)
                                              : NULL;
}

static const char *content_seal(struct portico_content *content, const struct portico_value *html)
{
    return tables_grant("portico_html_seal") ? interface_content.seal(content, html) : NULL;
}

/* ---- what leaves the call ---- */

static int event_emit_one(struct portico_events *events, const struct portico_emission *emission,
                          portico_id *ret_id, struct portico_error *error)
{
    return tables_grant("portico_emit") ? interface_event.emit(events, emission, ret_id, error)
                                        : tables_no_memory(error);
}

static int jobs_queue(struct portico_jobs *jobs, const struct portico_job_request *request,
                      portico_id *ret_id, struct portico_error *error)
{
    return tables_grant("portico_job_queue") ? interface_jobs.queue(jobs, request, ret_id, error)
                                             : tables_no_memory(error);
}

static int jobs_look(struct portico_jobs *jobs, portico_id id, struct portico_value **ret_job,
                     struct portico_error *error)
{
    return tables_grant("portico_job_look") ? interface_jobs.look(jobs, id, ret_job, error)
                                            : tables_no_memory(error);
}

static int job_save_state(struct portico_job *job, const struct portico_value *state,
                          struct portico_error *error)
{
    return tables_grant("portico_job_save") ? interface_job.save(job, state, error)
                                            : tables_no_memory(error);
}

static int secret_read(struct portico_secrets *secrets, const char *key, const char **ret_text,
                       struct portico_error *error)
{
    return tables_grant("portico_secret_read")
               ? interface_secret.read(secrets, key, ret_text, error)
               : tables_no_memory(error);
}

static int secret_seal(struct portico_secrets *secrets, const char *purpose, const void *bytes,
                       size_t length, char **ret_text, struct portico_error *error)
{
    return tables_grant("portico_seal")
               ? interface_secret.seal(secrets, purpose, bytes, length, ret_text, error)
               : tables_no_memory(error);
}

static int secret_open(struct portico_secrets *secrets, const char *purpose, const char *text,
                       void **ret_bytes, size_t *ret_length, struct portico_error *error)
{
    return tables_grant("portico_open")
               ? interface_secret.open(secrets, purpose, text, ret_bytes, ret_length, error)
               : tables_no_memory(error);
}

static int secret_sign(struct portico_secrets *secrets, const char *purpose, const void *bytes,
                       size_t length, char **ret_text, struct portico_error *error)
{
    return tables_grant("portico_sign")
               ? interface_secret.sign(secrets, purpose, bytes, length, ret_text, error)
               : tables_no_memory(error);
}

static int mail_send(struct portico_mail *mail, const struct portico_message *message,
                     portico_id *ret_id, struct portico_error *error)
{
    return tables_grant("portico_mail_send") ? interface_mail.send(mail, message, ret_id, error)
                                             : tables_no_memory(error);
}

static int fetch_one(struct portico_fetch *fetch, const struct portico_fetch_request *request,
                     struct portico_fetch_answer *ret_answer, struct portico_error *error)
{
    return tables_grant("portico_fetch_url")
               ? interface_fetch.fetch(fetch, request, ret_answer, error)
               : tables_no_memory(error);
}

/* ---- what modules get ---- */

static struct portico_event_api own_event;
static struct portico_jobs_api own_jobs;
static struct portico_job_api own_job;
static struct portico_secret_api own_secret;
static struct portico_mail_api own_mail;
static struct portico_fetch_api own_fetch;

static struct portico_value_api own_value;
static struct portico_context_api own_context;
static struct portico_request_api own_request;
static struct portico_search_api own_search;
static struct portico_content_api own_content;

static const struct tables_shown shown[] = {
    { &interface_context, &own_context, PORTICO_CONTEXT_INTERFACE,
      END_OF(portico_context_api, end_scope) },
    { &interface_request, &own_request, PORTICO_REQUEST_INTERFACE,
      END_OF(portico_request_api, reply_template) },
    { &interface_db, &own_db, PORTICO_DB, 0 },
    { &interface_search, &own_search, PORTICO_SEARCH, 0 },
    { &interface_content, &own_content, PORTICO_CONTENT, 0 },
    { &interface_event, &own_event, PORTICO_EVENTS, 0 },
    { &interface_jobs, &own_jobs, PORTICO_JOBS, 0 },
    { &interface_job, &own_job, PORTICO_JOBS, 0 },
    { &interface_secret, &own_secret, PORTICO_SECRETS, 0 },
    { &interface_mail, &own_mail, PORTICO_MAIL, 0 },
    { &interface_fetch, &own_fetch, PORTICO_FETCH, 0 },
    { &value_api, &own_value, "portico.value", 0 },
};

#define SHOWN (sizeof shown / sizeof *shown + TABLES_PEOPLE)

static const struct tables_shown *shown_at(size_t i)
{
    return i < TABLES_PEOPLE ? &tables_people[i] : &shown[i - TABLES_PEOPLE];
}

static const void *substitute(const void *table)
{
    for (size_t i = 0; i < SHOWN; i++)
        if (shown_at(i)->host == table)
            return shown_at(i)->own;
    return table;
}

/* Stands where an older host's table has ended. */
static void beyond(void)
{
    bench_record(owner, RECORD_VIOLATION,
                 "The module called a function that an older host does not have: ask "
                 "PORTICO_HAS first, or declare the minor in PORTICO_MODULE_USES.");
    abort();
}

/* As the host before the last minor had it, unless the module says that it needs this one. */
static void clip(const struct tables_shown *one)
{
    struct portico_table *head = one->own;
    void (*trap)(void) = beyond;
    const struct use *use = uses_find(needs, one->name);
    if (one->before == 0 || (use && use->minor >= head->minor))
        return;
    for (size_t at = one->before; at + sizeof trap <= head->size; at += sizeof trap)
        memcpy((char *)one->own + at, &trap, sizeof trap);
    head->size = (uint32_t)one->before;
    head->minor--;
}

static void replace_functions(void)
{
    own_value.make = value_make;
    own_value.make_text = value_make_text;
    own_value.make_scalar = value_make_scalar;
    own_value.set = value_set_member;
    own_value.set_scalar = value_set_scalar;
    own_value.set_text = value_set_words;
    own_value.append = value_append_item;
    own_context.alloc = context_alloc;
    own_context.vprintf = context_vprintf;
    own_context.make = context_make;
    own_context.scope = context_scope;
    own_context.end_scope = context_end_scope;
    own_context.time_text = context_time_text;
    own_context.setting = context_setting;
    own_context.translate = context_translate;
    own_context.call = context_call;
    own_request.reply_view = request_reply_view;
    own_request.reply_json = request_reply_json;
    own_request.reply_bytes = request_reply_bytes;
    own_request.reply_template = request_reply_template;
    own_db.query = db_query;
    own_db.execute = db_execute;
    own_db.begin = db_begin;
    own_db.commit = db_commit;
    own_db.rollback = db_rollback;
    own_db.cursor_open = db_cursor_open;
    own_db.cursor_next = db_cursor_next;
    own_db.cursor_close = db_cursor_close;
    own_db.page = db_page;
    own_db.page_count = db_page_count;
    own_search.index = search_index;
    own_search.query = search_query;
    own_content.sanitize = content_sanitize;
    own_content.markdown = content_markdown;
    own_content.plain = content_plain;
    own_content.seal = content_seal;
    own_event.emit = event_emit_one;
    own_jobs.queue = jobs_queue;
    own_jobs.look = jobs_look;
    own_job.save = job_save_state;
    own_secret.read = secret_read;
    own_secret.seal = secret_seal;
    own_secret.open = secret_open;
    own_secret.sign = secret_sign;
    own_mail.send = mail_send;
    own_fetch.fetch = fetch_one;
}

void tables_install(const struct bench *bench, const struct uses *uses, bool older, uint64_t which)
{
    owner = bench;
    needs = uses;
    fail_at = which;
    for (size_t i = 0; i < SHOWN; i++) {
        const struct portico_table *head = shown_at(i)->host;
        memcpy(shown_at(i)->own, shown_at(i)->host, head->size);
    }
    replace_functions();
    tables_people_replace();
    for (size_t i = 0; older && i < SHOWN; i++)
        clip(shown_at(i));
    value_shown = &own_value;
    interface_substitute = substitute;
}
