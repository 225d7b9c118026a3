/* Mail as a job of the host, and how the config says it leaves. */
#ifndef SERVER_MAIL_H
#define SERVER_MAIL_H

#include "config/follow.h"
#include "notify/mail.h"
#include "server/host_jobs.h"

#define MAIL_BACKOFF (60 * INT64_C(1000000))            /* after the first failure, then doubled */
#define MAIL_BACKOFF_MOST (4 * 3600 * INT64_C(1000000)) /* 20 tries take about two days */

/* Out of [mail], the password as its file has it now. ENOENT with the sentence: no mail leaves this
 * portal. Texts are of the config or the arena. */
int mail_server_read(struct config *config, struct follow *secrets, struct arena *arena,
                     struct mail_server *ret_server, struct portico_error *error);
/* The row "mail" of host_jobs. */
int mail_job(const struct host_call *call, struct portico_error *error);

#endif
