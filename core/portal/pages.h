/* The handlers of the portal's own routes, one block per file. */
#ifndef PORTAL_PAGES_H
#define PORTAL_PAGES_H

#include <portico/portico.h>

/* language.c */
int language_page(struct portico_request *request);
int language_choose(struct portico_request *request);

#endif
