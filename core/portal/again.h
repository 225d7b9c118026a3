/* Before something grave: whoever sits there proves again that it is them, unless they did so
 * within ten minutes; signing in counts. One way for all pages. */
#ifndef PORTAL_AGAIN_H
#define PORTAL_AGAIN_H

#include "portal/inside.h"

/* The field of such a form, of portal.c. */
#define AGAIN_FIELD "current"

/* Takes the field out of the form where nothing needs to be typed. Before portico_form_valid(). */
int again_ask(struct portico_request *request, struct portico_form *form,
              struct portico_error *error);
/* Whether what was typed is the password or a code of who sits there: 1; 0: it is not, and the form
 * says so. Never in an open transaction. */
int again_passes(struct portico_request *request, struct portico_form *form,
                 struct portico_error *error);
/* For what is one button: 1: it may be done; 0: `ret_answer` is the code to return, which leads to
 * the page that asks and from there back to `path`. */
int again_or_ask(struct portico_request *request, const char *path, int *ret_answer);
/* As again_or_ask for a form that was filled in, of PORTICO_FORM_DRAFT: back at `path` it stands as
 * it was typed, but for files. */
int again_or_keep(struct portico_request *request, struct portico_form *form, const char *path,
                  int *ret_answer);

#endif
