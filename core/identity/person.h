/* People and their addresses. */
#ifndef IDENTITY_PERSON_H
#define IDENTITY_PERSON_H

#include "identity/identity.h"

enum identity_state {
    IDENTITY_WAITING = 0, /* signed up, no address confirmed: nobody yet, for nobody to see */
    IDENTITY_ACTIVE = 1,
    IDENTITY_DISABLED = 2, /* may not sign in; what they wrote stays theirs */
};

#define IDENTITY_NAME_MAX 80     /* characters */
#define IDENTITY_ADDRESS_MAX 254 /* bytes */
#define IDENTITY_HANDLE_MAX 40   /* bytes; [a-z0-9.-] */

/* Somebody, in the memory of the session's arena. */
struct identity_person {
    int64_t id;
    const char *handle, *name;
    const char *initials;          /* one or two letters */
    unsigned hue;                  /* 0-359, of the id, for the round picture */
    const char *locale, *timezone; /* "" where the portal's own holds */
    const char *external;          /* or NULL */
    const char *address;           /* the main verified one; NULL: none */
    enum identity_state state;
    uint64_t roles; /* the owner's, with everyone and member where active */
    int64_t rights; /* generation */
    int64_t shown;  /* generation of what is for them alone */
    int64_t created, last_sign_in, password_changed; /* 0: never */
    int64_t merged_into; /* who they turned out to be; 0: nobody else. Disabled for ever then */
};

/* What makes a person. The handle is made from the name where it is NULL. */
struct identity_new_person {
    const char *name;
    const char *handle;            /* NULL: made from the name */
    const char *address;           /* or NULL */
    bool verified;                 /* the address counts at once (CLI, import) */
    const char *locale, *timezone; /* or NULL */
    const char *external;          /* id elsewhere: "demo:mara"; or NULL */
    uint64_t roles;                /* IDENTITY_STORED ones, which make staff of them */
    enum identity_state state;
    int64_t created; /* 0: now */
};
/* EINVAL: a name, handle or address that is none; EEXIST: the handle, the external id or the
 * verified address is somebody's, and the sentence says which. */
int identity_person_make(struct store_session *session, const struct identity_new_person *made,
                         int64_t *ret_person, struct portico_error *error);
/* ENOENT: there is none of that id. */
int identity_person_look(struct store_session *session, int64_t id,
                         struct identity_person *ret_person, struct portico_error *error);
/* By what people call them: handle (also of somebody they were merged with), verified address,
 * "external:…" or id. ENOENT with `who`. */
int identity_person_named(struct store_session *session, const char *who,
                          struct identity_person *ret_person, struct portico_error *error);
/* By the id elsewhere; of somebody merged it is that of whom they became. For imports and names. */
int identity_person_external(struct store_session *session, const char *external, int64_t *ret_id,
                             struct portico_error *error);
/* The same of who signs in there: of somebody merged it is they themselves, whose sign-in ended. */
int identity_person_elsewhere(struct store_session *session, const char *external, int64_t *ret_id,
                              struct portico_error *error);
/* Of all ids elsewhere that lead to a person the one whose rows say what they are: their own, else
 * that of whoever was merged into them first. NULL: there is none. */
int identity_person_leading(struct store_session *session, int64_t person,
                            const char **ret_external, struct portico_error *error);
/* Those of `ids` that there are, waiting ones left out: rows "id handle name initials hue staff
 * active"; behind an id of somebody merged stands what is said of whom they became. At most 1,000
 * ids. */
int identity_people(struct store_session *session, const int64_t *ids, size_t count,
                    struct value **ret_rows, struct portico_error *error);
/* For lists of the admin and the CLI, without those who were merged into others: rows "id handle
 * name address roles state created last_sign_in sessions" by name behind `after` (name and id of
 * the last one; NULL: from the first), where name, handle or address begins with `beginning` ("" :
 * all). */
struct identity_place {
    const char *name;
    int64_t id;
};
int identity_people_list(struct store_session *session, const char *beginning,
                         const struct identity_place *after, unsigned limit,
                         struct value **ret_rows, struct portico_error *error);

/* Name, locale and time zone are the person's own to change; NULL leaves one as it is. */
struct identity_profile {
    const char *name, *handle, *locale, *timezone;
};
int identity_person_change(struct store_session *session, int64_t person,
                           const struct identity_profile *profile, struct portico_error *error);
/* Stored roles added and taken. ECONFLICT: the last active admin would be gone. */
int identity_person_roles(struct store_session *session, int64_t person, uint64_t added,
                          uint64_t taken, struct portico_error *error);
/* The same, and whether they came into the owner's account by it (1), left it (-1), or neither. */
int identity_person_staff(struct store_session *session, int64_t person, uint64_t added,
                          uint64_t taken, int *ret_came, struct portico_error *error);
/* Active or disabled. Disabling ends all sessions. ECONFLICT: the last active admin. ENOENT: there
 * is none, or they were merged into somebody. */
int identity_person_state(struct store_session *session, int64_t person, enum identity_state state,
                          struct portico_error *error);
/* Whether an active admin exists. */
int identity_has_admin(struct store_session *session, bool *ret_has, struct portico_error *error);

/* Both are one mailbox; `address` NULL: none is. */
bool identity_address_is(struct store_session *session, const char *written, const char *address);
/* Keys of addresses, invitations and domains from before there was one form of each get it; how
 * many stay, because another row is the same mailbox or domain already. For the hourly job. */
int identity_addresses_settle(struct store_session *session, int64_t *ret_clashes,
                              struct portico_error *error);

/* A name as it is kept: blanks trimmed and joined, NFC; EINVAL for empty, too long, control
 * characters, or what reads as markup of other scripts' direction. */
int identity_name_check(const char *name, struct arena *arena, const char **ret_name,
                        struct portico_error *error);
/* The same of what is newly written by people who are not the portal's own: a team, a company, and
 * so on. EINVAL also for one with an address of the web or of mail in it. */
int identity_name_plain(const char *name, struct arena *arena, const char **ret_name,
                        struct portico_error *error);
/* And of a person: EINVAL also for one that reads as those who run the portal ("Support", its own
 * name), however it is spelled. */
int identity_name_chosen(const struct identity *identity, const char *name, struct arena *arena,
                         const char **ret_name, struct portico_error *error);
int identity_handle_check(const char *handle, struct portico_error *error);
/* "Måra Lindqvist" makes "mara.lindqvist"; always 3 to 40 of [a-z0-9.-], in the arena. */
int identity_handle_make(const char *name, struct arena *arena, const char **ret_handle,
                         struct portico_error *error);
/* "Mara Lindqvist" makes "ML". */
const char *identity_initials(const char *name, struct arena *arena);
unsigned identity_hue(int64_t person);

/* An address as it is kept and its key, by which two are the same: NFKC, lower case. EINVAL. */
int identity_address_check(const char *written, struct arena *arena, const char **ret_address,
                           const char **ret_key, struct portico_error *error);
/* Rows "id address verified main created" of a person, the main one first. */
int identity_addresses(struct store_session *session, int64_t person, struct value **ret_rows,
                       struct portico_error *error);
/* The main verified address, for mail. ENOENT: none. */
int identity_address_of(struct store_session *session, int64_t person, const char **ret_address,
                        struct portico_error *error);
/* Adds one that does not count yet; confirmed by link.h. Adding it again finds it. ELIMIT: five.
 * `ret_taken`: it counts as somebody else's, who may be told so; the person may not. */
int identity_address_add(struct store_session *session, int64_t person, const char *address,
                         int64_t *ret_id, bool *ret_taken, struct portico_error *error);
/* A verified one becomes the main one. */
int identity_address_main(struct store_session *session, int64_t person, int64_t id,
                          struct portico_error *error);
/* Never the main one: ECONFLICT. */
int identity_address_remove(struct store_session *session, int64_t person, int64_t id,
                            struct portico_error *error);

#endif
