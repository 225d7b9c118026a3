/* People: who somebody is, for pages and notices; never their addresses.
 *
 * A person is an object with "id" (id), "handle" (what follows "@"), "name", "initials", "hue"
 * (0 to 359, the same for this person everywhere), "staff" (boolean) and "active" (boolean: may
 * sign in). Who was erased is missing. Mail goes to a person by `person` of struct
 * portico_message. */
#ifndef PORTICO_PEOPLE_H
#define PORTICO_PEOPLE_H

#include "context.h"

/** Name of the interface. Since 0.1. */
#define PORTICO_PEOPLE "portico.people"

/** Most ids of one portico_people_look(). */
#define PORTICO_PEOPLE_MAX 1000

/** The people of a call; see portico_people(). Since 0.1. */
struct portico_people;
/** `portico.people` 1.1, remotable; 1.0 ended with `translate`. Declare "portico.people 1.0" in
 * PORTICO_MODULE_USES. Since 0.1. */
struct portico_people_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_people_look(). */
    int (*look)(struct portico_people *people, const portico_id *ids, size_t count,
                struct portico_value **ret_rows, struct portico_error *error);
    /** As portico_people_join(). */
    int (*join)(struct portico_people *people, const struct portico_value *items,
                const char *column, const char *member, struct portico_value **ret_items,
                struct portico_error *error);
    /** As portico_people_find(). */
    int (*find)(struct portico_people *people, const char *beginning, uint32_t limit,
                struct portico_value **ret_rows, struct portico_error *error);
    /** As portico_people_named(). */
    int (*named)(struct portico_people *people, const char *handle, struct portico_value **ret_row,
                 struct portico_error *error);
    /** As portico_people_external(). */
    int (*external)(struct portico_people *people, const char *external, portico_id *ret_id,
                    struct portico_error *error);
    /** As portico_people_may(). */
    int (*may)(struct portico_people *people, portico_id person, const char *permission);
    /** As portico_people_holding(). */
    int (*holding)(struct portico_people *people, const char *permission, uint32_t limit,
                   struct portico_value **ret_rows, struct portico_error *error);
    /** As portico_people_translate(). */
    const char *(*translate)(struct portico_people *people, portico_id person, const char *source,
                             const struct portico_value *arguments);
    /** As portico_people_may_in(). */
    int (*may_in)(struct portico_people *people, portico_id person, portico_id account,
                  const char *permission);
    /** As portico_people_holding_in(). */
    int (*holding_in)(struct portico_people *people, portico_id account, const char *permission,
                      uint32_t limit, struct portico_value **ret_rows, struct portico_error *error);
};
/** Public head: its table. */
struct portico_people {
    const struct portico_people_api *api; /**< what can be asked */
};

/** The people of this call, or NULL if the module did not declare "portico.people 1.0". Borrowed;
 * the calling thread's. Since 0.1. */
#define portico_people(handle)                                                                     \
    ((struct portico_people *)portico_interface((handle), PORTICO_PEOPLE, 1))

/**
 * The people of these ids: a list of objects in this call's memory, each person once, in any order.
 * 0 and unknown ids are passed over. ELIMIT: more than PORTICO_PEOPLE_MAX ids. Handler thread, as
 * all below. Since 0.1.
 */
static inline int portico_people_look(struct portico_people *people, const portico_id *ids,
                                      size_t count, struct portico_value **ret_rows,
                                      struct portico_error *error)
{
    return people ? people->api->look(people, ids, count, ret_rows, error)
                  : portico_undeclared(error);
}
/**
 * Puts to each of `items` (rows of a query, or a list of objects) the person whose id stands in its
 * member `column`, as its member `member`: for templates, `{{#author}}{{name}}{{/author}}`. Null
 * where there is none any more. `ret_items` is a list of objects: those of a list themselves,
 * copies of rows. Any number of items. Since 0.1.
 */
static inline int portico_people_join(struct portico_people *people,
                                      const struct portico_value *items, const char *column,
                                      const char *member, struct portico_value **ret_items,
                                      struct portico_error *error)
{
    return people ? people->api->join(people, items, column, member, ret_items, error)
                  : portico_undeclared(error);
}
/** The object of `id` in rows of this header, or NULL. Since 0.1. */
static inline struct portico_value *portico_people_among(const struct portico_value *rows,
                                                         portico_id id)
{
    for (size_t i = 0; i < portico_count(rows); i++) {
        struct portico_value *row = portico_at(rows, i);
        if (portico_get_integer(row, "id", 0) == id)
            return row;
    }
    return NULL;
}
/**
 * Active people whose name or handle begins with `beginning`, in any case, and whom the viewer may
 * name: those of the accounts they act in as members, the staff, and, for who belongs to no
 * account, others who do not. Viewers with "portico.accounts.see", jobs and commands find all. For
 * "@" while typing, and to ask whether somebody may be named: whose handle it is comes first, the
 * others by name, at most `limit` (1 to 50). An empty beginning finds nobody. EPERM: nobody is
 * signed in, and strangers list nobody. Since 0.1.
 */
static inline int portico_people_find(struct portico_people *people, const char *beginning,
                                      uint32_t limit, struct portico_value **ret_rows,
                                      struct portico_error *error)
{
    return people ? people->api->find(people, beginning, limit, ret_rows, error)
                  : portico_undeclared(error);
}
/** The person of a handle, without "@", in any case, active or not. ENOENT: there is none. It does
 * not ask whether the viewer may know them: who shows the name asks portico_people_find(), or has
 * something of theirs that the viewer sees. Since 0.1. */
static inline int portico_people_named(struct portico_people *people, const char *handle,
                                       struct portico_value **ret_row, struct portico_error *error)
{
    return people ? people->api->named(people, handle, ret_row, error) : portico_undeclared(error);
}
/** The person an import or the demo content knows by `external`, such as "demo:mara". ENOENT: there
 * is none. Since 0.1. */
static inline int portico_people_external(struct portico_people *people, const char *external,
                                          portico_id *ret_id, struct portico_error *error)
{
    return people ? people->api->external(people, external, ret_id, error)
                  : portico_undeclared(error);
}
/** 1 if the person is active and has the permission, which may be PORTICO_PUBLIC or
 * PORTICO_SIGNED_IN, wherever they act: by being signed in, or by a role of the owner's account;
 * else 0, also when it cannot be read. What the owner changed of roles counts. For the viewer of
 * the call portico_may() is cheaper. Since 0.1. */
static inline int portico_people_may(struct portico_people *people, portico_id person,
                                     const char *permission)
{
    return people ? people->api->may(people, person, permission) : 0;
}
/** The same about an account, such as that of a row: 1 if the person can act in it and has the
 * permission there, or has it everywhere. For jobs and notices that concern one account's things.
 * 0 for an account that the viewer may not know about; jobs know all. Since 0.1. */
static inline int portico_people_may_in(struct portico_people *people, portico_id person,
                                        portico_id account, const char *permission)
{
    return people && PORTICO_HAS(people->api, may_in)
               ? people->api->may_in(people, person, account, permission)
               : 0;
}
/** Active people who have the permission everywhere, by a role that not everybody has: who can act.
 * Moderators before others, at most `limit` (1 to 100). Empty for a permission of every member.
 * EINVAL: no module of this portal has such a permission. Since 0.1. */
static inline int portico_people_holding(struct portico_people *people, const char *permission,
                                         uint32_t limit, struct portico_value **ret_rows,
                                         struct portico_error *error)
{
    return people ? people->api->holding(people, permission, limit, ret_rows, error)
                  : portico_undeclared(error);
}
/** The same with those who have it in an account, before the others: "ask Dana or Lee". ENOENT: the
 * viewer may know about no such account. Since 0.1. */
static inline int portico_people_holding_in(struct portico_people *people, portico_id account,
                                            const char *permission, uint32_t limit,
                                            struct portico_value **ret_rows,
                                            struct portico_error *error)
{
    if (!people)
        return portico_undeclared(error);
    return PORTICO_HAS(people->api, holding_in)
               ? people->api->holding_in(people, account, permission, limit, ret_rows, error)
               : PORTICO_ENOTSUP;
}
/** As portico_translate(), in that person's language; in the reader's where it is not known, in
 * English for the host itself. Borrowed for the call. Since 0.1. */
static inline const char *portico_people_translate(struct portico_people *people, portico_id person,
                                                   const char *source,
                                                   const struct portico_value *arguments)
{
    return people ? people->api->translate(people, person, source, arguments) : source;
}

#endif
