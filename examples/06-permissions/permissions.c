/* Permissions: the host checks a route's before the handler runs, and hides what a viewer may not
 * use. */
#include <portico/portico.h>

static int show(struct portico_request *request)
{
    struct portico_value *answer = portico_object(request);
    portico_set_boolean(answer, "may_moderate", portico_may(request, "permissions.moderate"));
    portico_set_id(answer, "person", portico_person(request)); /* 0: nobody is signed in */
    return portico_reply_json(request, answer);
}

static const struct portico_permission permissions[] = {
    { .name = "permissions.moderate",
      .title = "Moderate",
      .description = "Hide and restore what others wrote.",
      .roles = "moderator",
      .flags = PORTICO_PERMISSION_OWNER },
};

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/permissions", .handler = show, .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/permissions/mine",
      .handler = show,
      .permission = PORTICO_SIGNED_IN },
    { .method = "GET",
      .pattern = "/permissions/all",
      .handler = show,
      .permission = "permissions.moderate" },
};

static const struct portico_navigation navigation[] = {
    { .path = "/permissions", .title = "For everyone", .permission = PORTICO_PUBLIC },
    { .path = "/permissions/all", .title = "For moderators", .permission = "permissions.moderate" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Permissions",
    .routes = PORTICO_LIST(routes),
    .permissions = PORTICO_LIST(permissions),
    .navigation = PORTICO_LIST(navigation),
};
PORTICO_EXPORT_MODULE(module)
