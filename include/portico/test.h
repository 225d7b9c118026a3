/* Tests of a module: requests, jobs and clock in one process, without a portal or a network.
 *
 * Tests are a shared object of their own beside the module; `portico module test` loads both into
 * the real host: its router, pages, database, search and queue. Nothing is linked: what a test
 * calls stands in a table, as everywhere in the SDK. Each test has a process and an empty,
 * migrated database of its own. Built with portico_add_module_test(NAME SOURCES …), or by hand with
 * `cc -shared -fPIC`. portico.h does not include this header. */
#ifndef PORTICO_TEST_H
#define PORTICO_TEST_H

#include "portico.h"

/** What a test works with. It is given to each test and ends with it. */
struct portico_bench;

/** One test. Since 0.1. */
struct portico_test {
    const char *name; /**< a sentence about behaviour: "A visit is counted once"; unique */
    /** Runs on the main thread of a process of its own. Every check that fails is reported; the
     * test goes on unless it returns. */
    void (*run)(struct portico_bench *bench);
    /** Settings of the module under test from its start on, lines as in the config:
     * "remember = false\nlimit = 3". NULL: the defaults. */
    const char *settings;
    /** Longest running time; 0: 10 s. A test that takes longer is ended and reported. */
    uint32_t deadline_ms;
    uint32_t reserved; /**< 0 */
};

/** What a test file exports; PORTICO_EXPORT_TESTS makes it. Since 0.1. */
struct portico_test_suite {
    uint32_t size;             /**< sizeof(struct portico_test_suite) */
    uint32_t abi;              /**< PORTICO_ABI */
    struct portico_list tests; /**< struct portico_test */
};

/** Who sends requests. Zero is anonymous. Since 0.1. */
struct portico_test_viewer {
    uint32_t size;      /**< sizeof(struct portico_test_viewer) */
    uint32_t reserved;  /**< 0 */
    portico_id person;  /**< 0: nobody signed in */
    portico_id account; /**< active account; 0: none */
    const char *may;    /**< permissions separated by blanks, "notes.edit notes.view"; NULL: none */
    const int64_t *sees; /**< audiences beside everyone (and signed-in for a person); NULL: none */
    size_t sees_count;   /**< how many of them */
    const char *locale;  /**< BCP 47 tag, such as "de"; NULL: "en" */
};

/** One request. Since 0.1. */
struct portico_test_request {
    uint32_t size;          /**< sizeof(struct portico_test_request) */
    uint32_t reserved;      /**< 0 */
    const char *method;     /**< "GET"; NULL: GET, or POST with a body */
    const char *target;     /**< path and query as sent, "/notes?page=2" */
    const char *fields;     /**< header lines, "If-Match: \"a\"\nAccept: text/html"; NULL: none */
    const char *media_type; /**< of the body; NULL: none is sent */
    const void *body;       /**< NULL: none */
    size_t body_length;     /**< in bytes */
};

/** Somebody of a test's portal. Since 0.1. */
struct portico_test_person {
    uint32_t size;       /**< sizeof(struct portico_test_person) */
    uint32_t reserved;   /**< 0 */
    const char *handle;  /**< what follows "@": "mara" */
    const char *name;    /**< NULL: the handle */
    const char *roles;   /**< "moderator", "admin" or both; NULL: none but member */
    const char *address; /**< main and verified, for mail; NULL: none */
    const char *locale;  /**< BCP 47 tag; NULL: English */
};

/** A company of a test's portal. Since 0.1. */
struct portico_test_account {
    uint32_t size;        /**< sizeof(struct portico_test_account) */
    uint32_t reserved;    /**< 0 */
    const char *name;     /**< "Acme" */
    const char *kind;     /**< "customer" or "partner"; NULL: customer */
    const char *external; /**< id elsewhere, "crm:0815"; NULL: none */
    portico_id parent;    /**< the account above it; 0: none */
};

/** Somebody's place in a company of a test's portal. Since 0.1. */
struct portico_test_member {
    uint32_t size;      /**< sizeof(struct portico_test_member) */
    uint32_t below;     /**< 1: in the accounts below as well */
    portico_id account; /**< PORTICO_ACCOUNT_OWNER makes staff of them */
    portico_id person;  /**< made by portico_test_person() */
    const char *roles;  /**< keys separated by blanks, such as "account-admin"; NULL: none */
};

/** A role that the owner of a test's portal defined. Since 0.1. */
struct portico_test_role {
    uint32_t size;           /**< sizeof(struct portico_test_role) */
    uint32_t owner;          /**< 1: held in the owner's account, and so everywhere */
    const char *key;         /**< "finance" */
    const char *title;       /**< "Finance"; NULL: the key */
    const char *permissions; /**< what it allows, "notes.edit notes.view"; NULL: nothing */
};

/** How portico_test_matrix() judges; combine with |. Since 0.1. */
enum portico_matrix_flag {
    /** The staff may see and do what accounts have: they are not held to be foreign. */
    PORTICO_MATRIX_STAFF = 1u << 0,
    /** A route that writes and that nobody reaches is named in a note and is no failure: its body
     * follows from no form and no schema, so that only its refusals were compared. */
    PORTICO_MATRIX_UNREACHED = 1u << 1,
    /** The rows are for some of their account alone: for a role, a team, people by name, all held
     * by its admin, who makes them. To its plain member they are foreign as to everybody else. */
    PORTICO_MATRIX_NARROW = 1u << 2,
};

/**
 * `portico.test` 1.2, in-process only; 1.0 ended with `notices`, 1.1 with `matrix`. Texts and
 * values given out live until the test ends. What they say of an answer is said of the last one.
 * Main thread of the test only. Since 0.1.
 */
struct portico_test_api {
    struct portico_table table; /**< size and version of this table */
    /** Behind the PORTICO_CHECK macros. */
    int (*check)(struct portico_bench *bench, const char *file, int line, int good,
                 const char *what, const char *actual, const char *expected);
    /** As portico_test_note(). */
    void (*note)(struct portico_bench *bench, const char *text);
    /** As portico_test_as_viewer(). */
    void (*as)(struct portico_bench *bench, const struct portico_test_viewer *viewer);
    /** As portico_test_send(). */
    uint32_t (*send)(struct portico_bench *bench, const struct portico_test_request *request);
    /** As portico_test_status(). */
    uint32_t (*status)(struct portico_bench *bench);
    /** As portico_test_header(). */
    const char *(*header)(struct portico_bench *bench, const char *name);
    /** As portico_test_body(). */
    const char *(*body)(struct portico_bench *bench, size_t *ret_length);
    /** As portico_test_json(). */
    const struct portico_value *(*json)(struct portico_bench *bench);
    /** As portico_test_json_text(). */
    const char *(*json_text)(struct portico_bench *bench, const char *path);
    /** As portico_test_count(). */
    size_t (*count)(struct portico_bench *bench, const char *selector);
    /** As portico_test_element_at(). */
    const char *(*element)(struct portico_bench *bench, const char *selector, size_t index);
    /** As portico_test_attribute(), of element `index`. */
    const char *(*attribute)(struct portico_bench *bench, const char *selector, size_t index,
                             const char *name);
    /** As portico_test_context(). */
    struct portico_context *(*context)(struct portico_bench *bench);
    /** As portico_test_now(). */
    portico_time (*now)(struct portico_bench *bench);
    /** As portico_test_set_clock(). */
    void (*set_clock)(struct portico_bench *bench, portico_time time);
    /** As portico_test_set(). */
    int (*set)(struct portico_bench *bench, const char *key, const char *value);
    /** As portico_test_run_jobs(). */
    int (*run_jobs)(struct portico_bench *bench);
    /** As portico_test_mails(). */
    const struct portico_value *(*mails)(struct portico_bench *bench);
    /** As portico_test_answer_fetch(), with media type (NULL: text/plain) and bytes. */
    void (*answer_fetch)(struct portico_bench *bench, const char *url, uint32_t status,
                         const char *media_type, const void *body, size_t length);
    /** As portico_test_fetched(). */
    const struct portico_value *(*fetched)(struct portico_bench *bench);
    /** As portico_test_emit(). */
    int (*emit)(struct portico_bench *bench, const char *type, const char *subject,
                const char *data_json);
    /** As portico_test_call(). */
    int (*call)(struct portico_bench *bench, const char *service, const char *method,
                const char *arguments_json, struct portico_value **ret_result);
    /** As portico_test_command(). */
    int (*command)(struct portico_bench *bench, const char *words, const char **ret_output);
    /** As portico_test_import(). */
    int (*import)(struct portico_bench *bench, const char *format, const char *directory,
                  const struct portico_value **ret_report);
    /** As portico_test_file(). */
    const char *(*file)(struct portico_bench *bench, const char *name, const char *content);
    /** As portico_test_message(). */
    const char *(*message)(struct portico_bench *bench);
    /** As portico_test_deliver_again(). */
    int (*deliver_again)(struct portico_bench *bench);
    /** As portico_test_make_person(). */
    portico_id (*make_person)(struct portico_bench *bench,
                              const struct portico_test_person *person);
    /** As portico_test_notices(). */
    const struct portico_value *(*notices)(struct portico_bench *bench, portico_id person);
    /** As portico_test_make_account(). */
    portico_id (*make_account)(struct portico_bench *bench,
                               const struct portico_test_account *account);
    /** As portico_test_make_member(). */
    int (*make_member)(struct portico_bench *bench, const struct portico_test_member *member);
    /** As portico_test_team(). */
    portico_id (*make_team)(struct portico_bench *bench, portico_id account, const char *name,
                            const portico_id *people, size_t count);
    /** As portico_test_make_role(). */
    int (*make_role)(struct portico_bench *bench, const struct portico_test_role *role);
    /** As portico_test_act(). */
    int (*act)(struct portico_bench *bench, portico_id person, portico_id account);
    /** As portico_test_matrix(). */
    int (*matrix)(struct portico_bench *bench,
                  const char *(*make)(struct portico_bench *bench, portico_id account,
                                      const char *canary),
                  uint32_t flags);
    /** As portico_test_carry(). */
    int (*carry)(struct portico_bench *bench, const char *values_json);
};

/** Public head of a bench: its table. */
struct portico_bench {
    const struct portico_test_api *api; /**< set by the host */
};

/* ---- checks: each returns 1 if it held, else 0 and the test is reported as failed ---- */

/** The condition holds. */
#define PORTICO_CHECK(bench, condition)                                                            \
    ((bench)->api->check((bench), __FILE__, __LINE__, (condition) != 0, #condition, NULL, NULL))
/** Two texts are the same; NULL equals only NULL. */
#define PORTICO_CHECK_TEXT(bench, actual, expected)                                                \
    portico_test_check_text((bench), __FILE__, __LINE__, #actual, (actual), (expected))
/** The text holds a part. */
#define PORTICO_CHECK_HOLDS(bench, text, part)                                                     \
    portico_test_check_holds((bench), __FILE__, __LINE__, #text, (text), (part))
/** Two integers (ids, times, counts, codes) are the same. */
#define PORTICO_CHECK_INTEGER(bench, actual, expected)                                             \
    portico_test_check_integer((bench), __FILE__, __LINE__, #actual, (int64_t)(actual),            \
                               (int64_t)(expected))
/** The last answer has this status. */
#define PORTICO_CHECK_STATUS(bench, expected)                                                      \
    portico_test_check_integer((bench), __FILE__, __LINE__, "status", portico_test_status(bench),  \
                               (int64_t)(expected))
/** Like PORTICO_CHECK, and ends the test (`return`) if it does not hold. */
#define PORTICO_REQUIRE(bench, condition)                                                          \
    do {                                                                                           \
        if (!PORTICO_CHECK(bench, condition))                                                      \
            return;                                                                                \
    } while (0)

/** Behind PORTICO_CHECK_TEXT. */
static inline int portico_test_check_text(struct portico_bench *bench, const char *file, int line,
                                          const char *what, const char *actual,
                                          const char *expected)
{
    int good = actual && expected ? strcmp(actual, expected) == 0 : actual == expected;
    return bench->api->check(bench, file, line, good, what, actual ? actual : "(NULL)",
                             expected ? expected : "(NULL)");
}
/** Behind PORTICO_CHECK_HOLDS. */
static inline int portico_test_check_holds(struct portico_bench *bench, const char *file, int line,
                                           const char *what, const char *text, const char *part)
{
    int good = text && part && strstr(text, part) != NULL;
    return bench->api->check(bench, file, line, good, what, text ? text : "(NULL)",
                             part ? part : "(NULL)");
}
/** Decimal digits of `number` in `ret_text`, of at least 24 bytes. */
static inline const char *portico_test_digits(int64_t number, char *ret_text)
{
    char reversed[24];
    size_t count = 0, length = 0;
    uint64_t left = number < 0 ? (uint64_t) - (number + 1) + 1 : (uint64_t)number;
    do
        reversed[count++] = (char)('0' + left % 10);
    while (left /= 10);
    if (number < 0)
        ret_text[length++] = '-';
    while (count > 0)
        ret_text[length++] = reversed[--count];
    ret_text[length] = '\0';
    return ret_text;
}
/** Behind PORTICO_CHECK_INTEGER and PORTICO_CHECK_STATUS. */
static inline int portico_test_check_integer(struct portico_bench *bench, const char *file,
                                             int line, const char *what, int64_t actual,
                                             int64_t expected)
{
    char left[24], right[24];
    return bench->api->check(bench, file, line, actual == expected, what,
                             portico_test_digits(actual, left),
                             portico_test_digits(expected, right));
}
/** A line in the report, shown when the test fails. */
static inline void portico_test_note(struct portico_bench *bench, const char *text)
{
    bench->api->note(bench, text);
}

/* ---- requests ---- */

/** From now on requests come from this viewer. */
static inline void portico_test_as_viewer(struct portico_bench *bench,
                                          const struct portico_test_viewer *viewer)
{
    bench->api->as(bench, viewer);
}
/** From now on requests come from person `person` (0: anonymous) who has the permissions `may`,
 * separated by blanks; NULL: none. */
static inline void portico_test_as(struct portico_bench *bench, portico_id person, const char *may)
{
    struct portico_test_viewer viewer;
    memset(&viewer, 0, sizeof viewer);
    viewer.size = sizeof viewer;
    viewer.person = person;
    viewer.may = may;
    bench->api->as(bench, &viewer);
}
/** Sends a request and waits for the answer: through parser, hooks, routing, permission, schema and
 * handler as in a portal, only that no answer is kept for the next. Returns the status; 0 after a
 * report if there was no answer. A cookie is not carried on. */
static inline uint32_t portico_test_send(struct portico_bench *bench,
                                         const struct portico_test_request *request)
{
    return bench->api->send(bench, request);
}
/** Behind the requests below. */
static inline uint32_t portico_test_send_simply(struct portico_bench *bench, const char *method,
                                                const char *target, const char *media_type,
                                                const char *body)
{
    struct portico_test_request request;
    memset(&request, 0, sizeof request);
    request.size = sizeof request;
    request.method = method;
    request.target = target;
    request.media_type = media_type;
    request.body = body;
    request.body_length = body ? strlen(body) : 0;
    return bench->api->send(bench, &request);
}
/** GET of path and query. */
static inline uint32_t portico_test_get(struct portico_bench *bench, const char *target)
{
    return portico_test_send_simply(bench, NULL, target, NULL, NULL);
}
/** A request with a JSON body; `json` NULL sends none. */
static inline uint32_t portico_test_json_request(struct portico_bench *bench, const char *method,
                                                 const char *target, const char *json)
{
    return portico_test_send_simply(bench, method, target, json ? "application/json" : NULL, json);
}
/** POST of a form, encoded as a browser does: "name=Dana&text=a+b%26c". */
static inline uint32_t portico_test_post(struct portico_bench *bench, const char *target,
                                         const char *form)
{
    return portico_test_send_simply(bench, "POST", target, "application/x-www-form-urlencoded",
                                    form);
}
/**
 * POST of one file as a browser's form sends it: `field` of a multipart form, with the name a
 * person gave it. `more` are other fields of the form, "title" before its value, NULL at the end;
 * NULL: none. 0 when memory ended. Since 0.1.
 */
static inline uint32_t portico_test_upload(struct portico_bench *bench, const char *target,
                                           const char *field, const char *name, const void *data,
                                           size_t length, const char *const *more)
{
    struct portico_context *context = bench->api->context(bench);
    struct portico_test_request request;
    char *fields = portico_printf(context, "%s", "");
    for (; fields && more && more[0]; more += 2)
        fields = portico_printf(context,
                                "%s--portico-test-part\r\nContent-Disposition: form-data; "
                                "name=\"%s\"\r\n\r\n%s\r\n",
                                fields, more[0], more[1]);
    char *head = fields ? portico_printf(context,
                                         "%s--portico-test-part\r\nContent-Disposition: form-data; "
                                         "name=\"%s\"; filename=\"%s\"\r\nContent-Type: "
                                         "application/octet-stream\r\n\r\n",
                                         fields, field, name)
                        : NULL;
    static const char end[] = "\r\n--portico-test-part--\r\n";
    size_t head_length = head ? strlen(head) : 0;
    size_t whole = head_length + length + sizeof end - 1;
    char *body = head ? (char *)portico_alloc(context, whole) : NULL;
    if (!body)
        return 0;
    memcpy(body, head, head_length);
    memcpy(body + head_length, data, length);
    memcpy(body + head_length + length, end, sizeof end - 1);
    memset(&request, 0, sizeof request);
    request.size = sizeof request;
    request.method = "POST";
    request.target = target;
    request.media_type = "multipart/form-data; boundary=portico-test-part";
    request.body = body;
    request.body_length = whole;
    return bench->api->send(bench, &request);
}
/** Status of the last answer; 0 before the first. */
static inline uint32_t portico_test_status(struct portico_bench *bench)
{
    return bench->api->status(bench);
}
/** A field of the last answer, its name in any case; NULL if absent. */
static inline const char *portico_test_header(struct portico_bench *bench, const char *name)
{
    return bench->api->header(bench, name);
}
/** Body of the last answer, followed by a NUL; "" if it has none. `ret_length` may be NULL. */
static inline const char *portico_test_body(struct portico_bench *bench, size_t *ret_length)
{
    return bench->api->body(bench, ret_length);
}
/** The last answer's body read as JSON; NULL if it is none. */
static inline const struct portico_value *portico_test_json(struct portico_bench *bench)
{
    return bench->api->json(bench);
}
/** A scalar of the JSON body as text, by its path: "items.0.title". NULL if there is none; numbers
 * in decimal, booleans "true" and "false", null "null". */
static inline const char *portico_test_json_text(struct portico_bench *bench, const char *path)
{
    return bench->api->json_text(bench, path);
}
/** How many elements of the last answer's HTML a selector finds. A selector is made of `element`,
 * `.class`, `#id`, `[attribute]` and `[attribute=value]` written together, and of blanks between
 * those that stand inside one another: "main ul.topics a[href]". */
static inline size_t portico_test_count(struct portico_bench *bench, const char *selector)
{
    return bench->api->count(bench, selector);
}
/** Text of the first element found, blanks folded; NULL if there is none. */
static inline const char *portico_test_element(struct portico_bench *bench, const char *selector)
{
    return bench->api->element(bench, selector, 0);
}
/** Text of element `index`, from 0. */
static inline const char *portico_test_element_at(struct portico_bench *bench, const char *selector,
                                                  size_t index)
{
    return bench->api->element(bench, selector, index);
}
/** An attribute of the first element found; NULL if there is none. */
static inline const char *portico_test_attribute(struct portico_bench *bench, const char *selector,
                                                 const char *name)
{
    return bench->api->attribute(bench, selector, 0, name);
}

/** Behind portico_test_send_form(): "&name=value" of one of its hidden fields, percent-encoded. */
static inline const char *portico_test_hidden(struct portico_bench *bench, const char *selector,
                                              size_t index)
{
    static const char digits[] = "0123456789ABCDEF";
    struct portico_context *context = bench->api->context(bench);
    const char *name = bench->api->attribute(bench, selector, index, "name");
    const char *value = bench->api->attribute(bench, selector, index, "value");
    size_t at = 0, length = value ? strlen(value) : 0;
    char *encoded = name ? (char *)portico_alloc(context, 3 * length + 1) : NULL;
    if (!encoded)
        return "";
    for (size_t i = 0; i < length; i++) {
        encoded[at++] = '%';
        encoded[at++] = digits[(unsigned char)value[i] >> 4];
        encoded[at++] = digits[(unsigned char)value[i] & 15];
    }
    const char *pair = portico_printf(context, "&%s=%s", name, encoded);
    return pair ? pair : "";
}
/** Sends form `form` that page `target` shows, as its viewer does: gets the page, takes what the
 * form carries along (its name, key and token), adds `fields` ("title=Tea&pieces=2",
 * percent-encoded; nothing that the page only shows), and posts it to where it goes. A form with a
 * subject is "name-subject", each other character than letters, digits and "_" being "-":
 * "comment-post-12". Gives the status; 0 when the page shows no such form. Since 0.1. */
static inline uint32_t portico_test_send_form(struct portico_bench *bench, const char *target,
                                              const char *form, const char *fields)
{
    struct portico_context *context = bench->api->context(bench);
    const char *selector = portico_printf(context, "#form-%s", form);
    portico_test_get(bench, target);
    const char *action = selector ? bench->api->attribute(bench, selector, 0, "action") : NULL;
    const char *body = fields ? fields : "";
    const char *hidden = portico_printf(context, "#form-%s input[type=hidden]", form);
    if (!action || !hidden)
        return 0;
    for (size_t i = 0; body && bench->api->attribute(bench, hidden, i, "name"); i++)
        body = portico_printf(context, "%s%s", body, portico_test_hidden(bench, hidden, i));
    return body ? portico_test_post(bench, action, body) : 0;
}

/* ---- the module's surroundings ---- */

/** A context of the module under test, for the test itself: its database, translations, settings,
 * other modules' services, as the viewer of the moment. It lives as long as the test; what it reads
 * outside a transaction holds what requests, jobs, events and commands before have written. */
static inline struct portico_context *portico_test_context(struct portico_bench *bench)
{
    return bench->api->context(bench);
}
/** What the clock says. It stands still: at 2026-01-15T12:00:00Z until it is set. */
static inline portico_time portico_test_now(struct portico_bench *bench)
{
    return bench->api->now(bench);
}
/** Sets the clock: portico_now, schedules, jobs that wait. */
static inline void portico_test_set_clock(struct portico_bench *bench, portico_time time)
{
    bench->api->set_clock(bench, time);
}
/** Puts the clock forward by some seconds. */
static inline void portico_test_advance(struct portico_bench *bench, int64_t seconds)
{
    bench->api->set_clock(bench, bench->api->now(bench) + seconds * 1000000);
}
/** Changes a setting of the module under test for the calls to come, written as in the config. Of a
 * secret `key` takes the text itself and `key_file` the path of a file, such as portico_test_file
 * made. `start` does not run again: what it reads goes into `settings` of the test. EINVAL (see
 * portico_test_message): no such setting, or a value it does not take. */
static inline int portico_test_set(struct portico_bench *bench, const char *key, const char *value)
{
    return bench->api->set(bench, key, value);
}
/** Delivers events and runs jobs, scheduled ones too, until nothing is due by the clock. How many
 * tries failed, 0 if none did (portico_test_message: the last one's words); negative if the queue
 * itself failed. */
static inline int portico_test_run_jobs(struct portico_bench *bench)
{
    return bench->api->run_jobs(bench);
}
/** Delivers each event that was delivered after its commit once more, as happens in a portal after
 * a crash, and runs what is due: what a handler does must count once. Returns as
 * portico_test_run_jobs(). */
static inline int portico_test_deliver_again(struct portico_bench *bench)
{
    return bench->api->deliver_again(bench);
}
/** Makes somebody who is active, and returns their id; 0 after a report if it was refused
 * (portico_test_message). The test's portal has nobody else. Requests come from them after
 * portico_test_as(). Since 0.1. */
static inline portico_id portico_test_make_person(struct portico_bench *bench,
                                                  const struct portico_test_person *person)
{
    return bench->api->make_person(bench, person);
}
/** Somebody who is called so, with an address "HANDLE@example.com" and `roles` (NULL: none but
 * member). Since 0.1. */
static inline portico_id portico_test_person(struct portico_bench *bench, const char *handle,
                                             const char *roles)
{
    struct portico_test_person person;
    char address[80];
    size_t length = strlen(handle);
    memset(&person, 0, sizeof person);
    person.size = sizeof person;
    person.handle = handle;
    person.roles = roles;
    if (length + sizeof "@example.com" <= sizeof address) {
        memcpy(address, handle, length);
        memcpy(address + length, "@example.com", sizeof "@example.com");
        person.address = address;
    }
    return bench->api->make_person(bench, &person);
}
/** What a person was told, once portico_test_run_jobs() has told it, newest first: a list of
 * objects with "kind", "subject", "title" (in English, filled in), "text", "url", "reason",
 * "count" (how many news it stands for) and "unread". Since 0.1. */
static inline const struct portico_value *portico_test_notices(struct portico_bench *bench,
                                                               portico_id person)
{
    return bench->api->notices(bench, person);
}
/** Mail that was to be sent: a list of objects with "to", "subject", "text" and what else was
 * given. Nothing leaves. */
static inline const struct portico_value *portico_test_mails(struct portico_bench *bench)
{
    return bench->api->mails(bench);
}
/** What a fetch of `url` is answered with, from now on. A fetch of any other fails with EIO. */
static inline void portico_test_answer_fetch(struct portico_bench *bench, const char *url,
                                             uint32_t status, const char *body)
{
    bench->api->answer_fetch(bench, url, status, NULL, body, body ? strlen(body) : 0);
}
/** What was fetched: a list of objects with "method", "url", "headers" and "body". */
static inline const struct portico_value *portico_test_fetched(struct portico_bench *bench)
{
    return bench->api->fetched(bench);
}
/** Emits an event as the module of its type would ("portal.ID.entity.verb"), with `data_json` for
 * its data; handlers in the transaction have run when it returns. 0 or negative. */
static inline int portico_test_emit(struct portico_bench *bench, const char *type,
                                    const char *subject, const char *data_json)
{
    return bench->api->emit(bench, type, subject, data_json);
}
/** Calls a method of a service of any loaded module. 0 or negative, portico_test_message has the
 * words. */
static inline int portico_test_call(struct portico_bench *bench, const char *service,
                                    const char *method, const char *arguments_json,
                                    struct portico_value **ret_result)
{
    return bench->api->call(bench, service, method, arguments_json, ret_result);
}
/** Runs a command of the module: "sweep --dry 30" as after `portico ID`, parted at blanks.
 * `ret_output` is what it wrote. 0 or negative. */
static inline int portico_test_command(struct portico_bench *bench, const char *words,
                                       const char **ret_output)
{
    return bench->api->command(bench, words, ret_output);
}
/** Runs an importer of the module. `ret_report` (may be NULL): an object with "counts" and
 * "skipped". */
static inline int portico_test_import(struct portico_bench *bench, const char *format,
                                      const char *directory,
                                      const struct portico_value **ret_report)
{
    return bench->api->import(bench, format, directory, ret_report);
}
/** Writes a file into the test's own directory and returns its path; the path of its directory with
 * NULL for both. Gone with the test. */
static inline const char *portico_test_file(struct portico_bench *bench, const char *name,
                                            const char *content)
{
    return bench->api->file(bench, name, content);
}
/** The sentence of the last call of this header that returned a negative code; "" if none did. */
static inline const char *portico_test_message(struct portico_bench *bench)
{
    return bench->api->message(bench);
}

/* ---- companies ---- */

/** Reports that this host cannot do what the test asks for, and returns PORTICO_ENOTSUP. Since 0.1.
 */
static inline int portico_test_older(struct portico_bench *bench)
{
    bench->api->check(bench, __FILE__, __LINE__, 0,
                      "This portal is older than the test: update Portico, or leave it out.", "",
                      "");
    return PORTICO_ENOTSUP;
}

/** Makes a company and returns its id; 0 after a report if it was refused (portico_test_message).
 * Since 0.1. */
static inline portico_id portico_test_make_account(struct portico_bench *bench,
                                                   const struct portico_test_account *account)
{
    if (!PORTICO_HAS(bench->api, make_account))
        portico_test_older(bench);
    return PORTICO_HAS(bench->api, make_account) ? bench->api->make_account(bench, account) : 0;
}
/** The same with a name alone. Since 0.1. */
static inline portico_id portico_test_account(struct portico_bench *bench, const char *name)
{
    struct portico_test_account account;
    memset(&account, 0, sizeof account);
    account.size = sizeof account;
    account.name = name;
    if (!PORTICO_HAS(bench->api, make_account))
        portico_test_older(bench);
    return PORTICO_HAS(bench->api, make_account) ? bench->api->make_account(bench, &account) : 0;
}
/** Makes somebody a member of a company. Negative after a report if it was refused. Since 0.1. */
static inline int portico_test_make_member(struct portico_bench *bench,
                                           const struct portico_test_member *member)
{
    return PORTICO_HAS(bench->api, make_member) ? bench->api->make_member(bench, member)
                                                : portico_test_older(bench);
}
/** The same with role keys, separated by blanks; NULL: none. Since 0.1. */
static inline int portico_test_join(struct portico_bench *bench, portico_id account,
                                    portico_id person, const char *roles)
{
    struct portico_test_member member;
    memset(&member, 0, sizeof member);
    member.size = sizeof member;
    member.account = account;
    member.person = person;
    member.roles = roles;
    return PORTICO_HAS(bench->api, make_member) ? bench->api->make_member(bench, &member)
                                                : portico_test_older(bench);
}
/** Makes a team of some members of a company and returns its id; 0 after a report. Since 0.1. */
static inline portico_id portico_test_team(struct portico_bench *bench, portico_id account,
                                           const char *name, const portico_id *people, size_t count)
{
    if (!PORTICO_HAS(bench->api, make_team))
        portico_test_older(bench);
    return PORTICO_HAS(bench->api, make_team)
               ? bench->api->make_team(bench, account, name, people, count)
               : 0;
}
/** Defines a role, as the owner does. Negative after a report if it was refused. Since 0.1. */
static inline int portico_test_make_role(struct portico_bench *bench,
                                         const struct portico_test_role *role)
{
    return PORTICO_HAS(bench->api, make_role) ? bench->api->make_role(bench, role)
                                              : portico_test_older(bench);
}
/**
 * From now on requests come from this person in this account, as in a portal: what they may and see
 * follows from their memberships, teams and roles, and is read anew for each request. `account` 0:
 * where they would act by themselves. Negative after a report: there is no such person, or they
 * cannot act there. Since 0.1.
 */
static inline int portico_test_act(struct portico_bench *bench, portico_id person,
                                   portico_id account)
{
    return PORTICO_HAS(bench->api, act) ? bench->api->act(bench, person, account)
                                        : portico_test_older(bench);
}

/**
 * The session of whoever asks now carries these values of the module, as if a service of it had
 * attached them at the sign-in: an object by key, such as {"department":"Sales"}. They are gone
 * with the next portico_test_as() or portico_test_act(). Negative after a report: nobody is signed
 * in, or a value is not one of .session_values. Since 0.1.
 */
static inline int portico_test_carry(struct portico_bench *bench, const char *values_json)
{
    return PORTICO_HAS(bench->api, carry) ? bench->api->carry(bench, values_json)
                                          : portico_test_older(bench);
}

/**
 * Runs the authorization matrix over every route of the module: asked by nobody, by a member and an
 * admin of one account, a member of another, one of the staff and an admin of the portal, each for
 * rows of their own account, of the other, for rows there are none of, and with ids that are none.
 * A foreign row is answered exactly like a missing one, in status, header and body, and stays as it
 * is, also where another id of the address is one's own; ids that are none are 400 or 404; no list,
 * count, feed, search or API answer changes by what others have, or says anything of it. What does
 * not hold is reported; returns how much. In other surroundings than the plain ones it does
 * nothing.
 *
 * `make` makes a row for the account, shared with its members, with the text `canary` in it
 * wherever people write. It is called as an admin of that account, several times, and returns what
 * the routes' parameters take for it, "id=123 space=45", in the memory of the test's context; NULL:
 * it could not. "topics/id=123" is for the "{id}" behind "/topics/" alone. A parameter that is the
 * same for both accounts stands for no row. "query:space=45" is an id that routes take in their
 * query, asked of all lists; "body:parent=123" one in field `parent` of a body, asked of all
 * whose form or schema has it. Bodies are made from forms and schemas. Set .deadline_ms of the test
 * to a minute. Since 0.1.
 */
static inline int portico_test_matrix(struct portico_bench *bench,
                                      const char *(*make)(struct portico_bench *bench,
                                                          portico_id account, const char *canary),
                                      uint32_t flags)
{
    return PORTICO_HAS(bench->api, matrix) ? bench->api->matrix(bench, make, flags)
                                           : portico_test_older(bench);
}

/** Exports an array of struct portico_test. Once per test file, at the end. */
#define PORTICO_EXPORT_TESTS(array)                                                                \
    static const struct portico_test_suite portico_test_suite_ = {                                 \
        sizeof(struct portico_test_suite),                                                         \
        PORTICO_ABI,                                                                               \
        PORTICO_LIST(array),                                                                       \
    };                                                                                             \
    PORTICO_C PORTICO_VISIBLE const struct portico_test_suite *portico_tests_entry(void);          \
    const struct portico_test_suite *portico_tests_entry(void)                                     \
    {                                                                                              \
        return &portico_test_suite_;                                                               \
    }

#endif
