/* Writing responses: pages in the portal's frame, JSON, problems; the reader's language. */
#ifndef MODULE_RESPOND_H
#define MODULE_RESPOND_H

#include "module/registry.h"

#define RESPOND_STEP "/login/step" /* the page where a second step begins */

/* The language the viewer chose, else that of the cookie or Accept-Language; one of the loaded
 * ones. `viewer` may be NULL. */
const char *respond_locale(const struct module_host *host, const struct http_request *request,
                           const struct viewer *viewer);
/* True if the answer to this request must be a problem document: below /api, or JSON preferred. */
bool respond_prefers_problem(const struct http_request *request);
/* What an error says; NULL members: the usual words of the status, type about:blank, no cause. */
struct respond_words {
    const char *type, *title, *detail;
    const char *cause; /* shown in development only */
};
/* Path of the sign-in page that leads back to what was asked for, if one may be led there: not to
 * the pages around signing in, nor to what is no GET. In `arena`; NULL: there is no such page. */
const char *respond_sign_in_path(const struct module_host *host, struct arena *arena,
                                 const struct http_request *request);
/* Nobody is signed in, and somebody must be: a browser that reads is sent to the sign-in page, and
 * from there back; others get 401. */
void respond_sign_in(struct module_host *host, struct http_exchange *exchange);
/* Whoever asks has a second step to do before anything else: a browser is sent to it, and from
 * there to what it read; others get 403. */
void respond_step(struct module_host *host, struct http_exchange *exchange);
/* Whether a page opens before that step is done: signing in and out, and the language. */
bool respond_opens_before_step(struct text path);
/* Replaces whatever stands in the response by an error page or problem document. `words` may be
 * NULL. */
void respond_error(struct module_host *host, struct http_exchange *exchange,
                   const struct viewer *viewer, unsigned status, const struct respond_words *words);
/* A path on this portal, that a browser may be sent to. */
bool respond_is_local(const char *location);
/* Appends `text` percent-encoded, as one value of a query. */
void respond_append_query(struct buffer *out, struct text text);
/* Sets "name: value" of the response; what cannot be written is left out. */
void respond_field(struct http_response *response, const char *name, const char *value);
/* The value of the first such field in header lines with CRLF; NULL data if there is none. */
struct text respond_find_field(struct text fields, struct text name);
/* Sets a strong ETag made from the body. */
void respond_etag(struct http_exchange *exchange);
/* Page `module`/`view` into the response body; what page_render returns. */
int respond_render(struct module_host *host, struct http_exchange *exchange,
                   const struct viewer *viewer, const char *locale, const char *module,
                   const char *view, const struct value *data, struct portico_error *error);

#endif
