#include "module/registry.h"

#include "base/arena.h"
#include "identity/standing.h"

#include <string.h>

static const char *copy(struct arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

static const void *copy_bytes(struct arena *arena, const void *bytes, size_t length)
{
    void *own = arena_alloc(arena, length + 1);
    return own && length ? memcpy(own, bytes, length) : own;
}

static bool copy_accounts(struct arena *arena, struct viewer *viewer)
{
    struct viewer_account *accounts =
        arena_alloc(arena, (viewer->account_count + 1) * sizeof *accounts);
    for (size_t i = 0; accounts && i < viewer->account_count; i++) {
        accounts[i] = viewer->accounts[i];
        accounts[i].name = copy(arena, viewer->accounts[i].name);
        accounts[i].through = copy(arena, viewer->accounts[i].through);
        if (!accounts[i].name || !accounts[i].through)
            return false;
    }
    viewer->accounts = accounts;
    return accounts != NULL;
}

struct viewer *viewer_copy(struct arena *arena, const struct viewer *viewer)
{
    struct viewer *own = arena_alloc(arena, sizeof *own);
    if (!own)
        return NULL;
    *own = *viewer;
    own->name = copy(arena, viewer->name);
    own->initials = copy(arena, viewer->initials);
    own->handle = copy(arena, viewer->handle);
    own->locale = copy(arena, viewer->locale);
    own->timezone = copy(arena, viewer->timezone);
    own->token = copy(arena, viewer->token);
    own->renewed = copy(arena, viewer->renewed);
    own->account_name = copy(arena, viewer->account_name);
    own->through_name = copy(arena, viewer->through_name);
    own->came_from = copy(arena, viewer->came_from);
    own->asker_name = copy(arena, viewer->asker_name);
    if (!copy_accounts(arena, own))
        return NULL;
    own->rows.audiences = copy_bytes(arena, viewer->rows.audiences,
                                     viewer->rows.audience_count * sizeof *viewer->rows.audiences);
    own->held = copy_bytes(arena, viewer->held,
                           IDENTITY_HELD_WORDS(viewer->permission_count) * sizeof *viewer->held);
    return own->name && own->initials && own->handle && !own->token == !viewer->token &&
                   own->rows.audiences && own->held && !own->renewed == !viewer->renewed
               ? own
               : NULL;
}
