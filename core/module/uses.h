/* What a module needs: "portico.db 1.0, catalog.prices 1.0, communities 2.1?" – host interfaces,
 * services of other modules, and other modules. */
#ifndef MODULE_USES_H
#define MODULE_USES_H

#include "base/arena.h"

#include <portico/base.h>

#include <stdbool.h>

#define USES_MAX 64
#define USES_NAME_MAX 63

/* One need. A name that begins with "portico." is an interface of the host, another with a dot a
 * service of the module before the dot, any other a module. */
struct use {
    char name[USES_NAME_MAX + 1];
    unsigned major, minor;
    bool optional; /* written with "?" behind it: the module can do without */
};
struct uses {
    struct use items[USES_MAX];
    unsigned count;
};

/* Parses the text; EINVAL with a sentence that quotes the wrong part. */
int uses_parse(const char *text, struct uses *ret_uses, struct portico_error *error);
const struct use *uses_find(const struct uses *uses, const char *name);
bool use_is_interface(const struct use *use);
bool use_is_service(const struct use *use);
/* The id of the module that is needed; empty for an interface of the host. */
void use_module(const struct use *use, char ret_id[USES_NAME_MAX + 1]);
/* True if this version is enough: the same major, and the minor or a later one. */
bool use_fits(const struct use *use, unsigned major, unsigned minor);
/* "1.4.2" into 1 and 4; false if it is no version of two or three numbers. */
bool uses_parse_version(const char *text, unsigned *ret_major, unsigned *ret_minor);
/* 0, or ENOTSUP with the sentence for the first interface that this host lacks or has too old, and
 * that the module cannot do without. */
int uses_check_host(const struct uses *uses, struct portico_error *error);

#endif
