#include "harness/newer.h"

#include "base/arena.h"

#define TAIL 64
#define GARBAGE 0xa5
#define FIRST_LIST offsetof(struct portico_module, routes)

/* Sizes this host knows, in the order of the lists. */
static const uint32_t known[] = {
    sizeof(struct portico_route),          sizeof(struct portico_permission),
    sizeof(struct portico_setting),        sizeof(struct portico_navigation),
    sizeof(struct portico_health_check),   sizeof(struct portico_search_kind),
    sizeof(struct portico_importer),       sizeof(struct portico_event_type),
    sizeof(struct portico_event_handler),  sizeof(struct portico_job_type),
    sizeof(struct portico_hook),           sizeof(struct portico_service),
    sizeof(struct portico_method),         sizeof(struct portico_scenario),
    sizeof(struct portico_scenario_step),  sizeof(struct portico_personal_table),
    sizeof(struct portico_personal_hook),  sizeof(struct portico_command),
    sizeof(struct portico_command_option), sizeof(struct portico_form_type),
    sizeof(struct portico_field),          sizeof(struct portico_notice_kind),
    sizeof(struct portico_account_fact),   sizeof(struct portico_session_value),
};
_Static_assert(sizeof known / sizeof *known ==
                   (sizeof(struct portico_module) - FIRST_LIST) / sizeof(struct portico_list),
               "a list of the descriptor has no size here");

/* For as long as the process: the host copies, but a module may look at its own. */
static struct arena *memory;

/* What the module gave, zeros up to what the host knows, garbage behind it. */
static int stretch(struct portico_list *list, uint32_t host_size)
{
    uint32_t own = list->item_size;
    uint32_t kept = own > host_size ? own : host_size;
    uint32_t size = kept + TAIL;
    unsigned char *items = arena_zalloc(memory, (size_t)list->count * size);
    if (!items)
        return -1;
    for (uint32_t i = 0; i < list->count; i++) {
        unsigned char *item = items + (size_t)i * size;
        memcpy(item, (const unsigned char *)list->items + (size_t)i * own, own);
        memset(item + kept, GARBAGE, TAIL);
    }
    list->items = items;
    list->item_size = size;
    return 0;
}

const struct portico_module *newer_descriptor(const struct portico_module *foreign)
{
    size_t kept = foreign->size > sizeof *foreign ? foreign->size : sizeof *foreign;
    memory = memory ? memory : arena_new(0);
    unsigned char *bytes = memory ? arena_zalloc(memory, kept + TAIL) : NULL;
    if (!bytes)
        return foreign;
    memcpy(bytes, foreign, foreign->size);
    memset(bytes + kept, GARBAGE, TAIL);
    struct portico_module *made = (struct portico_module *)(void *)bytes;
    made->size = (uint32_t)(kept + TAIL);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct portico_list *list =
            (struct portico_list *)(void *)(bytes + FIRST_LIST + i * sizeof *list);
        if (list->count && stretch(list, known[i]) < 0)
            return foreign;
    }
    return made;
}
