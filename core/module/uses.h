/* What a module needs: "portico.db 1.0, communities 2.1" – host interfaces and other modules. */
#ifndef MODULE_USES_H
#define MODULE_USES_H

#include "base/arena.h"

#include <portico/base.h>

#include <stdbool.h>

#define USES_MAX 64
#define USES_NAME_MAX 63

/* One need. A name that begins with "portico." is an interface of the host, any other a module. */
struct use {
    char name[USES_NAME_MAX + 1];
    unsigned major, minor;
};
struct uses {
    struct use items[USES_MAX];
    unsigned count;
};

/* Parses the text; EINVAL with a sentence that quotes the wrong part. */
int uses_parse(const char *text, struct uses *ret_uses, struct portico_error *error);
const struct use *uses_find(const struct uses *uses, const char *name);
bool use_is_interface(const struct use *use);
/* "1.4.2" into 1 and 4; false if it is no version of two or three numbers. */
bool uses_parse_version(const char *text, unsigned *ret_major, unsigned *ret_minor);
/* 0, or ENOTSUP with the sentence for the first interface that this host lacks or has too old. */
int uses_check_host(const struct uses *uses, struct portico_error *error);

#endif
