/* Drafts of a module's demo: what its people began to write in its forms. */
#ifndef CLI_DEMO_DRAFTS_H
#define CLI_DEMO_DRAFTS_H

#include "module/registry.h"
#include "store/store.h"

/* Writes those of the module's demo/drafts.json, if there is one. Who has signed in since they were
 * made keeps what they have. EINVAL: the file names a form or a field that is none. */
struct identity;
int demo_drafts(struct identity *identity, struct store_session *session, struct module *module,
                struct arena *arena, struct portico_error *error);

#endif
