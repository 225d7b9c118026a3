/* Photos of those who look after an account, shown to who sees its team. A photo is kept as a file
 * of the person it shows, so that it goes when they are erased. */
#ifndef PORTAL_PHOTO_H
#define PORTAL_PHOTO_H

#include "portal/inside.h"

/* In the open transaction: the image that came in `field` takes the place of the one before;
 * nothing came: that stays. EINVAL, ELIMIT: what to say of it, in the reader's language. */
int photo_take(struct portico_request *request, const char *field, int64_t account, int64_t person,
               struct portico_error *error);
/* In the open transaction. */
int photo_drop(struct store_session *session, int64_t account, int64_t person,
               struct portico_error *error);
/* Where it is shown; NULL: there is none. In the request's memory. */
int photo_path(struct portico_request *request, struct store_session *session, int64_t account,
               int64_t person, const char **ret_path, struct portico_error *error);

#endif
