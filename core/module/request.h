/* What a request brings, made ready before module code sees it. */
#ifndef MODULE_REQUEST_H
#define MODULE_REQUEST_H

#include "module/call.h"

/* Decodes query, form and JSON body; JSON is checked against the route's schema. False: what came
 * is wrong and has been answered (400, 413, 415 or 422). */
bool request_prepare(struct call *call);
/* The same for a hook, which judges by itself: what cannot be decoded is not there. */
void request_prepare_pairs(struct call *call);
/* Whether its forms may be as large as uploads. Any thread. */
bool request_takes_files(const struct module_route *route);
/* The file somebody chose for the field `name` of a multipart form; NULL: none. */
const struct http_part *request_upload(const struct call *call, const char *name);
/* The JSON body; NULL with `error` set if there is none. */
const struct value *request_json(struct call *call, struct portico_error *error);

#endif
