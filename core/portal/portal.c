#define PORTICO_MODULE_ID "portico"
#define PORTICO_MODULE_VERSION PORTICO_VERSION
#define PORTICO_MODULE_USES "portico.db 1.0, portico.file 1.0, portico.limit 1.0"

#include "portal/portal.h"

#include "portal/pages.h"

static const struct portico_route routes[] = {
    { .method = "GET",
      .pattern = "/portico/files/{id}/{name}",
      .handler = file_page,
      .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/portico/images",
      .handler = image_take,
      .permission = PORTICO_SIGNED_IN,
      .flags = PORTICO_ROUTE_FILES },
    { .method = "GET",
      .pattern = "/portico/language",
      .handler = language_page,
      .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/portico/language",
      .handler = language_choose,
      .permission = PORTICO_PUBLIC },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Portal",
    .routes = PORTICO_LIST(routes),
};

const struct portico_module *portal_module(void)
{
    return &module;
}
