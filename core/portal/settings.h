/* A form made from a schema of settings: shown, checked, written to managed.conf, taken into
 * service. */
#ifndef PORTAL_SETTINGS_H
#define PORTAL_SETTINGS_H

#include "portal/inside.h"

struct settings {
    struct portico_request *request;
    const char *section;                 /* "portal", "module ideas" */
    const char *words;                   /* the module whose catalogue has the texts */
    const struct portico_setting *items; /* in the order shown */
    size_t count;
    const char *path; /* of the page */
};

/* Puts "fields" into the view, "editable" (one is not locked), "pending" (what is written is not in
 * service yet). As sent by this request if `sent`. */
int settings_show(const struct settings *settings, bool sent, struct portico_value *view,
                  struct portico_error *error);
/* Checks what was sent, writes it, and has the portal take it into service. 0: `ret_saved` is the
 * outcome for "?saved="; EINVAL: a field does not pass, `view` has the fields with errors, and
 * "refused" where the portal refused it as a whole, which then stays as it was. */
int settings_save(const struct settings *settings, struct portico_value *view,
                  const char **ret_saved, struct portico_error *error);
/* Writes these and has the portal take them into service: 0, or EINVAL with the portal's reason in
 * `ret_reason`; then everything stays as it was. */
int settings_apply(struct portico_request *request, const struct config_change *changes,
                   size_t count, const char **ret_saved, const char **ret_reason,
                   struct portico_error *error);
/* Back to what was written before the last change. */
int settings_go_back(struct portico_request *request, const char **ret_saved,
                     const char **ret_reason, struct portico_error *error);
/* Words for "?saved=", or NULL. */
const char *settings_outcome(struct portico_request *request);

#endif
