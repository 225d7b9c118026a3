/* What each handler thread of this worker is running, for the supervisor to read after a crash. */
#include "module/trace.h"

#include "base/clock.h"

#include <stdatomic.h>
#include <string.h>

static _Atomic(struct module_trace_page *) trace_page;
static _Thread_local unsigned trace_slot = MODULE_TRACE_SLOTS;

void module_trace_use(struct module_trace_page *page)
{
    atomic_store(&trace_page, page);
}

void module_trace_claim(unsigned slot)
{
    trace_slot = slot;
}

static struct module_trace_slot *slot_of_this_thread(void)
{
    struct module_trace_page *page = atomic_load_explicit(&trace_page, memory_order_relaxed);
    return page && trace_slot < MODULE_TRACE_SLOTS ? &page->slots[trace_slot] : NULL;
}

void trace_enter(uint32_t kind, uint32_t module, uint32_t route, const char *name)
{
    struct module_trace_slot *slot = slot_of_this_thread();
    if (!slot)
        return;
    size_t length = strnlen(name, sizeof slot->name - 1);
    memcpy(slot->name, name, length);
    slot->name[length] = '\0';
    atomic_store_explicit(&slot->module, module, memory_order_relaxed);
    atomic_store_explicit(&slot->route, route, memory_order_relaxed);
    atomic_store_explicit(&slot->since, clock_steady(), memory_order_relaxed);
    atomic_store_explicit(&slot->kind, kind, memory_order_release);
}

void trace_leave(void)
{
    struct module_trace_slot *slot = slot_of_this_thread();
    if (slot)
        atomic_store_explicit(&slot->kind, 0, memory_order_release);
}
