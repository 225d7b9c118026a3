/* From when to when a membership holds, as two days of a form, and how it came about: the same on
 * the staff's page of somebody and on the company's own. */
#ifndef PORTAL_TERM_H
#define PORTAL_TERM_H

#include "identity/member.h"

#include <portico/portico.h>

struct store_session;

struct term {
    int64_t from, until;
    const char *from_wrong, *until_wrong; /* what is said beside the field; NULL: nothing */
};
/* What the form says, of which a day that it leaves out stays. False: one of them is wrong. */
bool term_read(struct portico_request *request, const struct identity_member *member,
               struct term *ret_term);
/* What the partial "member-days" shows: the days as they are, or as they were typed, beside what is
 * wrong with them; `again` NULL: nothing was typed. */
void term_show(struct portico_request *request, const struct identity_member *member,
               const struct term *again, struct portico_value *view);
/* "begins": its first day while that is still to come, else null. */
void term_show_begin(struct portico_request *request, int64_t from, struct portico_value *item);
/* "came", what the partial "member-came" shows: how, by whom and when; and "since": the day from
 * which they belong to it, null while it is still to come. */
void term_show_source(struct portico_request *request, struct store_session *session,
                      const struct identity_member *member, struct portico_value *view);

#endif
