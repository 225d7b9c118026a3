/* The handlers of the portal's own routes, one block per file. */
#ifndef PORTAL_PAGES_H
#define PORTAL_PAGES_H

#include <portico/portico.h>

/* files.c */
int file_page(struct portico_request *request);
int image_take(struct portico_request *request);

/* language.c */
int language_page(struct portico_request *request);
int language_choose(struct portico_request *request);

#endif
