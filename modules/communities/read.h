/* Reading, as far as it is told: for the scenario "find an answer", and so that what was read is no
 * longer news. Nothing here fails a page. */
#ifndef COMMUNITIES_READ_H
#define COMMUNITIES_READ_H

#include <portico/portico.h>

/* The viewer opened a topic of topic_read(). */
void read_tell(struct portico_request *request, const struct portico_value *topic);
/* The viewer searched, and found so many on the first page. */
void search_tell(struct portico_request *request, int64_t hits);
/* A moderator looks at what waits. */
void queue_seen(struct portico_request *request);

#endif
