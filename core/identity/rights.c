/* The roles every portal has, as words and bits, and what they may as the modules declared it. */
#include "identity/room.h"

#include <portico/module.h>

#include <stdio.h>
#include <stdlib.h>

/* From the lowest: one that is higher says its word first. */
static const struct {
    const char *word;
    uint64_t role;
} roles_known[] = {
    { "everyone", IDENTITY_EVERYONE },
    { "member", IDENTITY_MEMBER },
    { "account-member", IDENTITY_ACCOUNT_MEMBER },
    { "account-admin", IDENTITY_ACCOUNT_ADMIN },
    { "staff", IDENTITY_STAFF },
    { "moderator", IDENTITY_MODERATOR },
    { "admin", IDENTITY_ADMIN },
};

uint64_t identity_role_named(const char *word, size_t length)
{
    for (size_t i = 0; i < G_N_ELEMENTS(roles_known); i++)
        if (strlen(roles_known[i].word) == length && memcmp(roles_known[i].word, word, length) == 0)
            return roles_known[i].role;
    return 0;
}

int identity_roles_read(const char *words, uint64_t *ret_roles, struct portico_error *error)
{
    uint64_t roles = 0;
    for (const char *at = words; *(at += strspn(at, " "));) {
        size_t length = strcspn(at, " ");
        uint64_t role = identity_role_named(at, length);
        if (!role)
            return error_set(error, PORTICO_EINVAL,
                             "\"%.*s\" is no role: write words of everyone, member, "
                             "account-member, account-admin, staff, moderator and admin, separated "
                             "by blanks.",
                             (int)(length < 40 ? length : 40), at);
        roles |= role;
        at += length;
    }
    *ret_roles = roles;
    return PORTICO_OK;
}

void identity_roles_write(uint64_t roles, char ret_words[32])
{
    size_t length = 0;
    ret_words[0] = '\0';
    for (size_t i = G_N_ELEMENTS(roles_known); i-- > 0;)
        if (roles & roles_known[i].role & IDENTITY_STORED)
            length += (size_t)snprintf(ret_words + length, 32 - length, "%s%s", length ? " " : "",
                                       roles_known[i].word);
}

static int by_name(const void *name, const void *permission)
{
    return strcmp(name, ((const struct identity_permission *)permission)->name);
}

/* What needs no permission of a module; -1: this one does. */
static int may_without(uint64_t roles, const char *permission)
{
    if (strcmp(permission, PORTICO_PUBLIC) == 0 || roles & IDENTITY_ADMIN)
        return 1;
    if (strcmp(permission, PORTICO_SIGNED_IN) == 0)
        return (roles & IDENTITY_MEMBER) != 0;
    return -1;
}

static const struct identity_permission *find(const struct identity_permission *permissions,
                                              size_t count, const char *permission)
{
    return count ? bsearch(permission, permissions, count, sizeof *permissions, by_name) : NULL;
}

bool identity_may(const struct identity_permission *permissions, size_t count, uint64_t roles,
                  const char *permission)
{
    int without = may_without(roles, permission);
    if (without >= 0)
        return without;
    const struct identity_permission *found = find(permissions, count, permission);
    return found && (found->roles & roles) != 0;
}

bool identity_holds(const struct identity_permission *permissions, size_t count,
                    const uint64_t *held, uint64_t roles, const char *permission)
{
    int without = may_without(roles, permission);
    if (without >= 0)
        return without;
    const struct identity_permission *found = find(permissions, count, permission);
    size_t at = found ? (size_t)(found - permissions) : 0;
    return found && held[at / 64] & UINT64_C(1) << (at % 64);
}

size_t identity_rights(const struct identity_permission *permissions, size_t count, uint64_t roles,
                       const char **ret_names)
{
    size_t held = 0;
    for (size_t i = 0; i < count; i++)
        if (identity_may(permissions, count, roles, permissions[i].name))
            ret_names[held++] = permissions[i].name;
    return held;
}

const int64_t *identity_audiences(uint64_t roles, size_t *ret_count)
{
    static const int64_t audiences[] = { IDENTITY_AUDIENCE_EVERYONE, IDENTITY_AUDIENCE_MEMBERS,
                                         IDENTITY_AUDIENCE_STAFF };
    *ret_count = roles & (IDENTITY_STAFF | IDENTITY_STORED) ? 3 : roles & IDENTITY_MEMBER ? 2 : 1;
    return audiences;
}
