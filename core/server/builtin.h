/* The server's own routes: health, metrics, search, the way in. */
#ifndef SERVER_BUILTIN_H
#define SERVER_BUILTIN_H

#include "server/dispatch.h"

/* A route without a module. */
struct builtin {
    struct text path;
    const char *label;
    /* Leaves a response on the exchange. On the loop, or with `threaded` on a handler thread. */
    void (*answer)(struct dispatch *dispatch, struct http_exchange *exchange);
    bool threaded;
};
/* The one for a path, or NULL. */
const struct builtin *builtin_find(struct text path);
/* All of them, open to everyone. */
const struct builtin *builtin_all(size_t *ret_count);

/* Fills a response with a body of text and a media type. */
void builtin_reply(struct http_exchange *exchange, unsigned status, const char *media_type,
                   struct text body);

/* Prometheus text exposition 0.0.4. */
void metrics_answer(struct dispatch *dispatch, struct http_exchange *exchange);

#endif
