/* What stands around every page: brand, navigation, language, search words. */
#ifndef MODULE_FRAME_H
#define MODULE_FRAME_H

#include "module/registry.h"

/* The frame of one request: the host's `portal` members plus what depends on the request and
 * viewer, as core/page/templates/README.md lists them. NULL when memory ended. */
struct value *frame_make(struct module_host *host, struct arena *arena, const struct viewer *viewer,
                         const struct http_request *request, const char *locale);

#endif
