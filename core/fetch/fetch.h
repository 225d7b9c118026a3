/* One request to another server, over libcurl: rules, limits and redirects in one place. */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include "base/arena.h"
#include "base/value.h"
#include "fetch/place.h"

#define FETCH_TIME 10000u          /* ms, unless the request says otherwise */
#define FETCH_TIME_MAX 60000u      /* ms */
#define FETCH_ANSWER (1024 * 1024) /* bytes, unless the request says otherwise */
#define FETCH_ANSWER_MAX (16 * 1024 * 1024)
#define FETCH_HEAD_MAX (64 * 1024) /* bytes of all header fields of all answers */
#define FETCH_FIELDS_MAX 256u /* header lines of all answers: joining many costs their square */
#define FETCH_HEADERS_MAX 64  /* of a request */
#define FETCH_BODY_MAX (16 * 1024 * 1024)
#define FETCH_REDIRECTS_MAX 5u

/* Zero or NULL where the limits above or nothing shall hold. */
struct fetch_request {
    const char *method, *url;
    const struct value *headers; /* object of texts */
    const void *body;
    size_t body_length;
    size_t answer_max;
    unsigned timeout_ms, redirects;
};

struct fetch_answer {
    unsigned status;
    struct value *headers; /* object; names in lower case, values of one name joined by ", " */
    const char *body;      /* NUL-terminated beyond its length */
    size_t body_length;
};

/* Method, address, headers and limits by the rules, without connecting: 0, or what fetch_send would
 * say. */
int fetch_check(const struct fetch_rules *rules, const struct fetch_request *request,
                struct portico_error *error);
/* Sends it and waits; the answer lies in the arena. Codes as portico_fetch_url has them. */
int fetch_send(const struct fetch_rules *rules, const struct fetch_request *request,
               struct arena *arena, struct fetch_answer *ret_answer, struct portico_error *error);
/* Once per process before the first use of libcurl; any number of times, from any thread. */
int fetch_prepare(struct portico_error *error);

#endif
