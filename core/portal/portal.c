#define PORTICO_MODULE_ID "portico"
#define PORTICO_MODULE_VERSION PORTICO_VERSION
#define PORTICO_MODULE_USES                                                                        \
    "portico.content 1.0, portico.db 1.0, portico.file 1.0, portico.limit 1.0, portico.notice 1.0"

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
    { .method = "POST",
      .pattern = "/portico/markdown",
      .handler = markdown_show,
      .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/portico/language",
      .handler = language_page,
      .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/portico/language",
      .handler = language_choose,
      .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/account/notices",
      .handler = notices_page,
      .permission = PORTICO_SIGNED_IN },
    { .method = "POST",
      .pattern = "/account/notices/read",
      .handler = notices_read,
      .permission = PORTICO_SIGNED_IN },
    { .method = "POST",
      .pattern = "/account/notices/mute",
      .handler = notices_mute,
      .permission = PORTICO_SIGNED_IN },
    { .method = "GET",
      .pattern = "/account/notices/settings",
      .handler = notices_settings_page,
      .permission = PORTICO_SIGNED_IN },
    { .method = "POST",
      .pattern = "/account/notices/settings",
      .handler = notices_settings,
      .permission = PORTICO_SIGNED_IN },
    { .method = "GET",
      .pattern = "/portico/unsubscribe/{token}",
      .handler = unsubscribe_page,
      .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/portico/unsubscribe/{token}",
      .handler = unsubscribe,
      .permission = PORTICO_PUBLIC,
      .flags = PORTICO_ROUTE_OUTSIDE | PORTICO_ROUTE_IDEMPOTENT },
    { .method = "GET",
      .pattern = "/admin/mail",
      .handler = mail_page,
      .permission = "portico.admin" },
    { .method = "GET",
      .pattern = "/admin/mail/{id}",
      .handler = mail_message_page,
      .permission = "portico.admin" },
    { .method = "POST",
      .pattern = "/admin/mail/{id}",
      .handler = mail_retry,
      .permission = "portico.admin" },
};

static const struct portico_permission permissions[] = {
    { .name = "portico.admin", .title = "Look after the portal", .roles = "admin" },
    { .name = "portico.unlimited", .title = "Do things as often as needed", .roles = "moderator" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Portal",
    .routes = PORTICO_LIST(routes),
    .permissions = PORTICO_LIST(permissions),
};

const struct portico_module *portal_module(void)
{
    return &module;
}
