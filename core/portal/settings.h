/* A form made from a schema of settings: shown, checked, written to managed.conf, taken into
 * service. */
#ifndef PORTAL_SETTINGS_H
#define PORTAL_SETTINGS_H

#include "config/manage.h"
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
 * service yet). As sent by this request if `sent`; then "changed" if somebody else changed one of
 * them since it was shown. */
int settings_show(const struct settings *settings, bool sent, struct portico_value *view,
                  struct portico_error *error);
/* Checks what was sent, writes it, and has the portal take it into service. 0: `ret_saved` is the
 * outcome for "?saved="; EINVAL: a field does not pass or stands otherwise by now, `view` has the
 * fields with errors, and "refused" where the portal refused it as a whole, which then stays as it
 * was. */
int settings_save(const struct settings *settings, struct portico_value *view,
                  const char **ret_saved, struct portico_error *error);
/* Writes these and has the portal take them into service: 0, or EINVAL with the portal's reason in
 * `ret_reason`; then everything stays as it was. */
int settings_apply(struct portico_request *request, const struct config_change *changes,
                   size_t count, const char **ret_saved, const char **ret_reason,
                   struct portico_error *error);
/* Back to what was written before the last change. EINVAL too if that is another than `version`;
 * NULL: whichever it is. */
int settings_go_back(struct portico_request *request, const char *version, const char **ret_saved,
                     const char **ret_reason, struct portico_error *error);
/* Puts the words for "?saved=" into the view as "saved", and "undoes": the version that "Undo" then
 * undoes. */
void settings_outcome(struct portico_request *request, struct portico_value *view);

#endif
