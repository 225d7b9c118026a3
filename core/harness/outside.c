/* What lies outside of a portal, recorded and answered here: mail and other servers. */
#include "harness/outside.h"

#include "base/error.h"
#include "base/value_copy.h"
#include "fetch/fetch.h"
#include "notify/mail.h"

#include <pthread.h>

/* An answer a test has made ready. */
struct ready {
    const char *url, *media_type;
    unsigned status;
    struct text body;
    const struct ready *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct arena *memory; /* of all below */
static struct value *mails, *fetched;
static const struct ready *answers; /* the last one first */
static uint32_t kept;               /* mails of transactions before the open one */
static bool undecided;              /* a transaction is open */

static void set_text(struct value *object, const char *key, const char *text)
{
    if (text)
        value_set_text(object, key, text);
}

static int keep_mail(const struct mail_message *message, int64_t id, void *data,
                     struct portico_error *error)
{
    (void)data;
    pthread_mutex_lock(&lock);
    struct value *mail = value_new(memory, PORTICO_OBJECT);
    int code = mail ? value_append(mails, mail) : PORTICO_ENOMEM;
    if (code == 0) {
        value_set(mail, TEXT("id"), value_scalar(memory, PORTICO_ID, id, 0));
        set_text(mail, "module", message->module);
        set_text(mail, "to", message->to);
        set_text(mail, "subject", message->subject);
        set_text(mail, "text", message->text);
        set_text(mail, "html", message->html);
        set_text(mail, "reply_to", message->reply_to);
        set_text(mail, "unsubscribe", message->unsubscribe);
        set_text(mail, "thread", message->thread);
        if (message->person)
            value_set(mail, TEXT("person"), value_scalar(memory, PORTICO_ID, message->person, 0));
    }
    pthread_mutex_unlock(&lock);
    return code < 0 ? error_set(error, code, "Memory ended while a mail was recorded.") : 0;
}

void outside_transaction_begun(void)
{
    pthread_mutex_lock(&lock);
    kept = mails->count;
    undecided = true;
    pthread_mutex_unlock(&lock);
}

void outside_transaction_ended(bool committed)
{
    pthread_mutex_lock(&lock);
    if (undecided && !committed)
        mails->count = kept;
    undecided = false;
    pthread_mutex_unlock(&lock);
}

static const struct ready *find(const char *url)
{
    for (const struct ready *at = answers; at; at = at->next)
        if (strcmp(at->url, url) == 0)
            return at;
    return NULL;
}

static void keep_fetch(const struct fetch_request *request)
{
    struct value *row = value_new(memory, PORTICO_OBJECT);
    if (!row || value_append(fetched, row) < 0)
        return;
    value_set_text(row, "method", request->method ? request->method : "GET");
    value_set_text(row, "url", request->url);
    if (request->headers)
        value_set(row, TEXT("headers"), value_copy(memory, request->headers));
    if (request->body)
        value_set(row, TEXT("body"), value_text(memory, request->body, request->body_length));
}

static int answer_fetch(const struct fetch_request *request, struct arena *arena,
                        struct fetch_answer *ret_answer, void *data, struct portico_error *error)
{
    (void)data;
    pthread_mutex_lock(&lock);
    keep_fetch(request);
    const struct ready *ready = find(request->url);
    pthread_mutex_unlock(&lock);
    if (!ready)
        return error_set(error, PORTICO_EIO,
                         "The test has no answer for %s: give one with portico_test_answer_fetch.",
                         request->url);
    size_t most = request->answer_max ? request->answer_max : FETCH_ANSWER;
    if (ready->body.length > most)
        return error_set(error, PORTICO_ELIMIT, "The answer of %s is longer than %zu bytes.",
                         request->url, most);
    struct fetch_answer answer = { .status = ready->status,
                                   .headers = value_new(arena, PORTICO_OBJECT),
                                   .body =
                                       arena_strndup(arena, ready->body.data, ready->body.length),
                                   .body_length = ready->body.length };
    if (!answer.headers || !answer.body)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while an answer was read.");
    value_set_text(answer.headers, "content-type", ready->media_type);
    *ret_answer = answer;
    return 0;
}

static const struct module_outside outside = { .fetch = answer_fetch, .mail = keep_mail };

void outside_begin(struct bench *bench)
{
    memory = bench->arena;
    mails = value_new(memory, PORTICO_LISTING);
    fetched = value_new(memory, PORTICO_LISTING);
    bench->room.host.outside = &outside;
}

const struct portico_value *outside_mails(struct portico_bench *public)
{
    (void)bench_of(public);
    return value_public(mails);
}

const struct portico_value *outside_fetched(struct portico_bench *public)
{
    (void)bench_of(public);
    return value_public(fetched);
}

void outside_answer(struct portico_bench *public, const char *url, uint32_t status,
                    const char *media_type, const void *body, size_t length)
{
    struct bench *bench = bench_of(public);
    struct ready *ready = url ? arena_zalloc(bench->arena, sizeof *ready) : NULL;
    if (!ready)
        return;
    pthread_mutex_lock(&lock);
    *ready = (struct ready){
        .url = arena_strdup(bench->arena, url),
        .media_type =
            arena_strdup(bench->arena, media_type ? media_type : "application/octet-stream"),
        .status = status,
        .body = { arena_strndup(bench->arena, body ? body : "", length), length },
        .next = answers,
    };
    answers = ready;
    pthread_mutex_unlock(&lock);
}
