/* Facts about accounts, kept for the modules that know them: texts as typed. What a key means, and
 * who may see it, stands in the module's descriptor: module/facts.h puts both together for pages.
 */
#ifndef IDENTITY_FACT_H
#define IDENTITY_FACT_H

#include "identity/audit.h"

/* NULL takes it away. In the open transaction or one of its own. ENOENT: no such account. */
int identity_fact_set(struct store_session *session, int64_t account, const char *module,
                      const char *fact, const char *content, struct portico_error *error);
/* The same with a record where it becomes another: `act` says the kind, who and where from. What it
 * was and is stands in it, each cut to IDENTITY_FACT_TOLD bytes: "shop.tier: none: now gold". */
#define IDENTITY_FACT_TOLD 40
struct identity_fact_change {
    int64_t account;
    const char *module, *fact, *content;
};
int identity_fact_change(struct store_session *session, const struct identity_fact_change *change,
                         const struct identity_act *act, struct portico_error *error);
/* In the session's arena. ENOENT: it is not set. */
int identity_fact(struct store_session *session, int64_t account, const char *module,
                  const char *fact, const char **ret_content, struct portico_error *error);
/* Rows "module fact content changed" of an account, by module and fact. */
int identity_facts(struct store_session *session, int64_t account, struct value **ret_rows,
                   struct portico_error *error);
/* All of one account to another, which keeps what it has: for accounts that become one. In the
 * open transaction or one of its own. */
int identity_facts_move(struct store_session *session, int64_t from, int64_t to,
                        struct portico_error *error);

#endif
