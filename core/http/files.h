/* Static files: hashed immutable names, precompressed variants, served from memory on the loop. */
#ifndef HTTP_FILES_H
#define HTTP_FILES_H

#include "http/exchange.h"

#include <portico/base.h>

struct http_files;

/* Loads a directory below a URL prefix ("/assets/"): files up to 256 KiB are kept in memory, larger
 * ones are sent from disk. `name.br` and `name.gz` beside `name` are its variants. A name with an 8
 * or more digit hex hash before its ending ("portico.1a2b3c4d.css") is cached for a year,
 * immutable. Hidden files, links that leave the directory and sockets are not served. */
struct http_files *http_files_new(void);
int http_files_add(struct http_files *files, const char *prefix, const char *directory,
                   struct portico_error *error);
void http_files_free(struct http_files *files);
/* Sets the response to a GET or HEAD of a file and returns true: the caller finishes the exchange.
 * False: not a file of ours, and nothing was set. Any thread, once nothing is added any more. */
bool http_files_serve(struct http_files *files, struct http_exchange *exchange);
/* Whether a path is a file's. Any thread, as above. */
bool http_files_have(const struct http_files *files, struct text path);

#endif
