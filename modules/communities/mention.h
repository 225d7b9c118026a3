/* People as the viewer may see them: their row by a handle, and links to them in what is read. */
#ifndef COMMUNITIES_MENTION_H
#define COMMUNITIES_MENTION_H

#include <portico/portico.h>

#define MENTION_MEMORY 100

/* Handles that were looked at for this answer. Begins as { 0 }. */
struct mention_memory {
    const char *handle[MENTION_MEMORY];
    int opens[MENTION_MEMORY];
    size_t count;
};

/* Who has the handle: "id" (of the author; 0: never wrote), "name", "handle", "initials", "staff".
 * ENOENT, as for a handle that nobody has, but for oneself, those of whom the viewer sees something
 * they wrote or changed, and those whom the viewer may name. */
int person_read(struct portico_request *request, const char *handle, struct portico_value **ret_row,
                struct portico_error *error);

/* The "body" of a post or comment, with links to those people alone whose page the viewer can open;
 * of others stands "@handle", as it was written. */
void mention_view(struct portico_request *request, struct mention_memory *memory,
                  struct portico_value *post);

#endif
