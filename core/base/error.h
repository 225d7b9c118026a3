/* Filling the caller-owned struct portico_error. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <portico/base.h>

/* Sets code and message (cut on a character boundary) and returns `code`. `error` may be NULL. */
int error_set(struct portico_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Puts a sentence's beginning before the message that stands there: "modules/x.so: " + message. */
int error_prefix(struct portico_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The name of a code, such as "EINVAL", for logs. */
const char *error_name(int code);

#endif
