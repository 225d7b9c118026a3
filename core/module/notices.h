/* What telling people needs of a generation: words of its modules, their kinds of notices. */
#ifndef MODULE_NOTICES_H
#define MODULE_NOTICES_H

#include "module/registry.h"
#include "notify/notice.h"

struct call;

/* Runs the host job NOTICE_JOB. `watch` may be NULL: nobody stops it. */
int module_tell_notices(struct module_host *host, const struct job_claim *claim,
                        struct module_job_watch *watch, struct portico_error *error);
/* A declared kind of a module; NULL: none. */
const struct portico_notice_kind *module_notice_kind(const struct registry *registry,
                                                     const char *module, const char *kind);
/* Queues a message, or hands it to who stands in for the queue. A person of it must be reachable:
 * ENOENT otherwise. */
int module_mail(struct module_host *host, struct store_session *session,
                const struct mail_message *message, int64_t *ret_id, struct portico_error *error);

#endif
