#include "module/switch.h"

#include "module/module.h"

#include <stdatomic.h>

#define LABEL_MAX (sizeof((struct module_trace_slot *)0)->name)

struct module_switch *registry_add_switch(struct registry *registry, const char *label)
{
    struct module_switch *made = arena_zalloc(registry->arena, sizeof *made);
    if (!made || !label)
        return NULL;
    made->label = label;
    g_hash_table_insert(registry->switches, (gpointer)(uintptr_t)label, made);
    return made;
}

struct module_switch *registry_find_switch(const struct registry *registry, const char *label)
{
    return g_hash_table_lookup(registry->switches, label);
}

void registry_set_switch(struct registry *registry, const char *label,
                         enum module_switch_state state)
{
    GHashTableIter all;
    gpointer found;
    g_hash_table_iter_init(&all, registry->switches);
    while (g_hash_table_iter_next(&all, NULL, &found)) {
        struct module_switch *given = found;
        if (strncmp(given->label, label, LABEL_MAX - 1) == 0)
            atomic_store(&given->state, state);
    }
}

bool switch_allows(struct module_switch *given, bool *ret_trying)
{
    int to_try = SWITCH_TO_TRY;
    *ret_trying = false;
    int state = given ? atomic_load_explicit(&given->state, memory_order_relaxed) : SWITCH_ON;
    if (state == SWITCH_ON || state == SWITCH_WENT_WELL)
        return true;
    *ret_trying = atomic_compare_exchange_strong(&given->state, &to_try, SWITCH_UNDER_TRIAL);
    return *ret_trying;
}

/* The supervisor may have spoken meanwhile: its word counts. */
void switch_returned(struct registry *registry, struct module_switch *given, bool trying)
{
    int under_trial = SWITCH_UNDER_TRIAL;
    if (trying && atomic_compare_exchange_strong(&given->state, &under_trial, SWITCH_WENT_WELL))
        atomic_store(&registry->any_tried, true);
}

void registry_tell_tried(struct registry *registry, void (*tell)(const char *label, void *data),
                         void *data)
{
    GHashTableIter all;
    gpointer found;
    bool any = true;
    if (!atomic_load_explicit(&registry->any_tried, memory_order_relaxed) ||
        !atomic_compare_exchange_strong(&registry->any_tried, &any, false))
        return;
    g_hash_table_iter_init(&all, registry->switches);
    while (g_hash_table_iter_next(&all, NULL, &found)) {
        struct module_switch *given = found;
        int well = SWITCH_WENT_WELL;
        if (atomic_compare_exchange_strong(&given->state, &well, SWITCH_ON))
            tell(given->label, data);
    }
}
