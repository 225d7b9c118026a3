/* A page of people by name, with a search: as those who look after people and those who look in
 * their place find them. */
#ifndef PORTAL_PEOPLE_LIST_H
#define PORTAL_PEOPLE_LIST_H

#include "portal/visit.h"

/* Members "people", "any", "query", "behind" (it is not the first page) and "next" (the id the next
 * one begins behind; null: there is none) as the address asks for. `show` appends what it shows of
 * a row of identity_people_list. */
int people_list_show(struct portico_request *request, struct store_session *session,
                     void (*show)(struct portico_request *request, const struct portico_value *row,
                                  struct portico_value *list),
                     struct portico_value *view, struct portico_error *error);

#endif
