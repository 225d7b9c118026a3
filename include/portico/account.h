/* Accounts: which company a request acts in, who belongs to it, and facts about it.
 *
 * An account is an object with "id" (id), "name", "kind" ("owner", "customer" or "partner") and
 * "parent" (id, or null). The viewer of a call knows about the accounts they can act in, those
 * above them, and the owner's; with the permission "portico.accounts.see", and in jobs and
 * commands, about all. Any other does not exist for the module: it is left out, or ENOENT. */
#ifndef PORTICO_ACCOUNT_H
#define PORTICO_ACCOUNT_H

#include "context.h"

/** Name of the interface. Since 0.1. */
#define PORTICO_ACCOUNTS "portico.account"

/** Id of the account of the portal's owner: its members are the staff. Since 0.1. */
#define PORTICO_ACCOUNT_OWNER 1

/** Most ids of one portico_account_look(). Since 0.1. */
#define PORTICO_ACCOUNTS_MAX 1000

/** What a fact holds. Since 0.1. */
enum portico_fact_type {
    PORTICO_FACT_TEXT = 1,    /**< one line of at most 500 characters; an http or https URL is shown
                                 as a link */
    PORTICO_FACT_NUMBER = 2,  /**< INTEGER or REAL */
    PORTICO_FACT_DATE = 3,    /**< a day, as TEXT: "2026-11-22" */
    PORTICO_FACT_BOOLEAN = 4, /**< BOOLEAN */
    PORTICO_FACT_CHOICE = 5,  /**< the value of one of `choices`, as TEXT */
};

/** How a fact behaves; combine with |. Since 0.1. */
enum portico_fact_flag {
    /** The account itself sees it too, on the page of its company; otherwise staff alone. */
    PORTICO_FACT_SHOWN = 1u << 0,
};

/**
 * A fact that this module knows about accounts, such as their tier or the end of a contract. In
 * .account_facts; written by code, shown by the host on the pages of accounts. Since 0.1.
 */
struct portico_account_fact {
    const char *key;   /**< lower-case words joined by "_", unique in the module */
    const char *title; /**< English source text */
    uint32_t type;     /**< enum portico_fact_type */
    uint32_t flags;    /**< enum portico_fact_flag */
    const char *help;  /**< a sentence for staff, English source text; or NULL */
    /** CHOICE: lines "value=English source text"; NULL for other types. */
    const char *choices;
};

/** The accounts of a call; see portico_accounts(). Since 0.1. */
struct portico_accounts;
/** `portico.account` 1.1, remotable; 1.0 ended with `set_fact`. Declare "portico.account 1.0" in
 * PORTICO_MODULE_USES, or 1.1 with portico_account_contacts() and what follows it. Since 0.1. */
struct portico_accounts_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_account_look(). */
    int (*look)(struct portico_accounts *accounts, const portico_id *ids, size_t count,
                struct portico_value **ret_rows, struct portico_error *error);
    /** As portico_account_join(). */
    int (*join)(struct portico_accounts *accounts, const struct portico_value *items,
                const char *column, const char *member, struct portico_value **ret_items,
                struct portico_error *error);
    /** As portico_account_external(). */
    int (*external)(struct portico_accounts *accounts, const char *external, portico_id *ret_id,
                    struct portico_error *error);
    /** As portico_accounts_of(). */
    int (*of)(struct portico_accounts *accounts, portico_id person, uint32_t limit,
              struct portico_value **ret_rows, struct portico_error *error);
    /** As portico_account_members(). */
    int (*members)(struct portico_accounts *accounts, const char *beginning, uint32_t limit,
                   struct portico_value **ret_rows, struct portico_error *error);
    /** As portico_account_roles(). */
    int (*roles)(struct portico_accounts *accounts, struct portico_value **ret_roles,
                 struct portico_error *error);
    /** As portico_fact(). */
    int (*fact)(struct portico_accounts *accounts, portico_id account, const char *key,
                struct portico_value **ret_value, struct portico_error *error);
    /** As portico_set_fact(). */
    int (*set_fact)(struct portico_accounts *accounts, portico_id account, const char *key,
                    const char *text, struct portico_error *error);
    /** As portico_account_contacts(). Since 1.1. */
    int (*contacts)(struct portico_accounts *accounts, portico_id account, const char *role,
                    struct portico_value **ret_rows, struct portico_error *error);
    /** As portico_account_team(). Since 1.1. */
    int (*team)(struct portico_accounts *accounts, portico_id account,
                struct portico_value **ret_rows, struct portico_error *error);
    /** As portico_account_partners(). Since 1.1. */
    int (*partners)(struct portico_accounts *accounts, portico_id account,
                    struct portico_value **ret_rows, struct portico_error *error);
};
/** Public head: its table. */
struct portico_accounts {
    const struct portico_accounts_api *api; /**< what can be asked */
};

/** The accounts of this call, or NULL if the module did not declare "portico.account 1.0".
 * Borrowed; the calling thread's. Since 0.1. */
#define portico_accounts(handle)                                                                   \
    ((struct portico_accounts *)portico_interface((handle), PORTICO_ACCOUNTS, 1))

/**
 * The accounts of these ids that the viewer may know about: a list of objects in this call's
 * memory, each once, in any order. The active one has the id portico_account(). ELIMIT: more than
 * PORTICO_ACCOUNTS_MAX ids. Handler thread, as all below. Since 0.1.
 */
static inline int portico_account_look(struct portico_accounts *accounts, const portico_id *ids,
                                       size_t count, struct portico_value **ret_rows,
                                       struct portico_error *error)
{
    return accounts ? accounts->api->look(accounts, ids, count, ret_rows, error)
                    : portico_undeclared(error);
}
/** One of them. ENOENT: there is none of that id that the viewer may know about. Since 0.1. */
static inline int portico_account_named(struct portico_accounts *accounts, portico_id id,
                                        struct portico_value **ret_account,
                                        struct portico_error *error)
{
    struct portico_value *rows = NULL;
    int code = portico_account_look(accounts, &id, 1, &rows, error);
    if (code < 0)
        return code;
    if (portico_count(rows) == 0)
        return PORTICO_ENOENT;
    *ret_account = portico_at(rows, 0);
    return PORTICO_OK;
}
/** Puts to each of `items` the account whose id stands in its member `column`, as its member
 * `member`; null where the viewer knows of none. As portico_people_join() otherwise. Since 0.1. */
static inline int portico_account_join(struct portico_accounts *accounts,
                                       const struct portico_value *items, const char *column,
                                       const char *member, struct portico_value **ret_items,
                                       struct portico_error *error)
{
    return accounts ? accounts->api->join(accounts, items, column, member, ret_items, error)
                    : portico_undeclared(error);
}
/** The account that another system calls `external`, such as "crm:0815". ENOENT: there is none that
 * the viewer may know about. Since 0.1. */
static inline int portico_account_external(struct portico_accounts *accounts, const char *external,
                                           portico_id *ret_id, struct portico_error *error)
{
    return accounts ? accounts->api->external(accounts, external, ret_id, error)
                    : portico_undeclared(error);
}
/** The accounts in which a person can act (0: the viewer), by name, at most `limit` (1 to 200);
 * those that the viewer may know about. Since 0.1. */
static inline int portico_accounts_of(struct portico_accounts *accounts, portico_id person,
                                      uint32_t limit, struct portico_value **ret_rows,
                                      struct portico_error *error)
{
    return accounts ? accounts->api->of(accounts, person, limit, ret_rows, error)
                    : portico_undeclared(error);
}
/**
 * Active people who can act in the active account and whose name, or handle, begins with
 * `beginning` in any case (NULL or "": all), by name, at most `limit` (1 to 50); objects as in
 * people.h. For choosing whom a thing is given to. EPERM: the viewer lacks the permission
 * "portico.members" there, which every member of an account has unless the owner changed that.
 * Since 0.1.
 */
static inline int portico_account_members(struct portico_accounts *accounts, const char *beginning,
                                          uint32_t limit, struct portico_value **ret_rows,
                                          struct portico_error *error)
{
    return accounts ? accounts->api->members(accounts, beginning, limit, ret_rows, error)
                    : portico_undeclared(error);
}
/** The roles that the viewer has in the active account and in the owner's: a list of objects with
 * "key" and "title" (in the reader's language). To show; what somebody may is asked by
 * portico_may(). Since 0.1. */
static inline int portico_account_roles(struct portico_accounts *accounts,
                                        struct portico_value **ret_roles,
                                        struct portico_error *error)
{
    return accounts ? accounts->api->roles(accounts, ret_roles, error) : portico_undeclared(error);
}
/** A fact of this module about an account, of the kind its type says. ENOENT: it is not set, or the
 * viewer may know about no such account. EINVAL: not one of .account_facts. Since 0.1. */
static inline int portico_fact(struct portico_accounts *accounts, portico_id account,
                               const char *key, struct portico_value **ret_value,
                               struct portico_error *error)
{
    return accounts ? accounts->api->fact(accounts, account, key, ret_value, error)
                    : portico_undeclared(error);
}
/** Sets it, in the open transaction or one of its own: a text as people type it, "3.5",
 * "2026-11-22", "true" or "false"; NULL or "" takes the fact away. EINVAL: not one of
 * .account_facts, or no value of its type. ENOENT: the viewer may not know the account. EPERM: they
 * know it and do not act in it, and have no permission "portico.accounts.see". Where it becomes
 * another the audit log says what it was and is, which the account's admins read of facts with
 * PORTICO_FACT_SHOWN: nothing about people belongs into a fact. Since 0.1. */
static inline int portico_set_fact(struct portico_accounts *accounts, portico_id account,
                                   const char *key, const char *text, struct portico_error *error)
{
    return accounts ? accounts->api->set_fact(accounts, account, key, text, error)
                    : portico_undeclared(error);
}

/**
 * People of an account (0: the active one) whom one asks about `role`: "billing", "technical",
 * "security" or "legal"; NULL: about all of these. A list of objects with "role", "person" (id),
 * "name" and "handle", by role and name, at most 20 a role. To show and, by portico_mail_send(), to
 * write to; being named gives no right. EINVAL: there is no such role. ENOENT:
 * the viewer may not know the account. EPERM: they know it and are not of it with the permission
 * "portico.members", which every member has unless the owner changed that, nor have
 * "portico.accounts.see". ENOTSUP: the host is older. Since 0.1.
 */
static inline int portico_account_contacts(struct portico_accounts *accounts, portico_id account,
                                           const char *role, struct portico_value **ret_rows,
                                           struct portico_error *error)
{
    if (!accounts)
        return portico_undeclared(error);
    return PORTICO_HAS(accounts->api, contacts)
               ? accounts->api->contacts(accounts, account, role, ret_rows, error)
               : PORTICO_ENOTSUP;
}
/** The owner's people who look after an account (0: the active one): a list of objects with
 * "person" (id), "name", "handle", "role" (what they are for it, such as "Account manager"),
 * "phone" and "address" (null: there is none), in the order they were named. Errors as of
 * portico_account_contacts(). Since 0.1. */
static inline int portico_account_team(struct portico_accounts *accounts, portico_id account,
                                       struct portico_value **ret_rows, struct portico_error *error)
{
    if (!accounts)
        return portico_undeclared(error);
    return PORTICO_HAS(accounts->api, team)
               ? accounts->api->team(accounts, account, ret_rows, error)
               : PORTICO_ENOTSUP;
}
/**
 * Who acts for an account (0: the active one) and for whom it acts: a list of objects with "id",
 * "account" (id) and "account_name" (whose), "partner" (id) and "partner_name" (who acts there),
 * "roles" (a list of keys; "account-member": what all its members see and do), "until" (time),
 * "accepted" (boolean; false: it is offered, and lets nobody in) and "reason"; those given first,
 * then those received, the first 1,000 of them, by the other's name; none that are over. All of
 * them stand on the account's page of partners. EPERM: the viewer does not look
 * after the account's people (permission "portico.company" there), nor has "portico.accounts.see".
 * Other errors as of portico_account_contacts(). Since 0.1.
 */
static inline int portico_account_partners(struct portico_accounts *accounts, portico_id account,
                                           struct portico_value **ret_rows,
                                           struct portico_error *error)
{
    if (!accounts)
        return portico_undeclared(error);
    return PORTICO_HAS(accounts->api, partners)
               ? accounts->api->partners(accounts, account, ret_rows, error)
               : PORTICO_ENOTSUP;
}

#endif
