/* "Firefox on Linux" of what a browser says it is. */
#ifndef PORTAL_DEVICE_H
#define PORTAL_DEVICE_H

#include <portico/portico.h>
#include <stdbool.h>

/* The names in a User-Agent; NULL where it names none that is known. `ret_phone`: it is held in the
 * hand. Static texts. */
void device_read(const char *agent, const char **ret_browser, const char **ret_system,
                 bool *ret_phone);
/* A row of identity_session_list for a template: "id device phone network seen began here". */
void device_show(struct portico_request *request, const struct portico_value *row,
                 struct portico_value *item);

/* "Firefox on Android", in the reader's language. */
const char *device_words(struct portico_request *request, const char *agent);

#endif
