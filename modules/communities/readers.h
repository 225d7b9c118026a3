/* What a form said of who would read what is asked, held against who would by the time it is sent.
 *
 * It is said in words: "person", "own", "role:ACCOUNT:KEY", "team:TEAM", "account:ACCOUNT",
 * "below:ACCOUNT", "signed-in", "everyone", "staff", and "some" for whom the viewer may not know. A
 * page carries "SPACE=WORD" for each space it offers, blanks between; a program sends one word
 * alone, and may leave out what stands behind a colon. Whoever sends it speaks for themselves only:
 * a wrong word keeps them from asking, or lets them ask as without one. */
#ifndef COMMUNITIES_READERS_H
#define COMMUNITIES_READERS_H

#include "communities.h"

/* The field of forms that offer spaces; pages write it themselves. */
#define READERS "readers"
#define READERS_MOST 30000
/* clang-format off */
#define READERS_FIELD(of)                                                                          \
    { .form = of, .name = READERS, .type = PORTICO_FIELD_HIDDEN, .initial = "everyone",            \
      .maximum_length = READERS_MOST,                                                              \
      .help = "Who may read it there, in a word: “person” (who asked), “account” (their company), " \
              "“own” (each company its own), “role”, “team”, “below” (a company and those below "  \
              "it), “signed-in”, “staff” or “everyone”. Refused where others read the space by "   \
              "then. Left out: whoever reads it." }
/* clang-format on */

/* Who reads, in a space of own questions, what the viewer asks there; or what somebody else did. */
const char *readers_of_asking(struct portico_request *request);
#define READERS_OF_MOVING "own"

/* What the form carries for `spaces`, rows of slug, audience, own_topics and own_people, where
 * `own` is one of the above. What was sent of a space before stays until it was refused; "":
 * nothing was. */
const char *readers_shown(struct portico_request *request, const struct portico_value *spaces,
                          const char *own, const char *sent);
/* In the open transaction, which holds the space: 1 if others read it than `sent` says, with a
 * sentence that says who does. */
int readers_are_others(struct portico_request *request, portico_id space, const char *own,
                       const char *sent, const char **ret_sentence, struct portico_error *error);

#endif
