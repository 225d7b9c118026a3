/* What the pages share on which somebody asks for what they lack, and others answer. */
#ifndef PORTAL_ACCESS_H
#define PORTAL_ACCESS_H

#include "identity/account.h"
#include "identity/asking.h"

#include <portico/portico.h>

#define ACCESS_PATH "/account/access"
#define ACCESS_REQUESTS "/account/access/requests"
#define ACCESS_ELSEWHERE 5                       /* other accounts that are looked at */
#define ACCESS_RECENT (INT64_C(24) * 3600000000) /* µs: so long nobody is told again */

/* The page about that path, once somebody was asked. */
const char *access_address(struct portico_request *request, const char *path);
/* A record of an act about access, in the open transaction. */
int access_record(struct portico_request *request, const char *kind, int64_t account,
                  int64_t person, const char *permission, struct portico_error *error);

#endif
