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

/* The slot is this thread's own: only the supervisor, after a crash, reads it besides. */
static void mark(struct module_trace_slot *slot, const struct trace_mark *given)
{
    memcpy(slot->name, given->name, sizeof slot->name);
    atomic_store_explicit(&slot->module, given->module, memory_order_relaxed);
    atomic_store_explicit(&slot->route, given->route, memory_order_relaxed);
    atomic_store_explicit(&slot->since, given->since, memory_order_relaxed);
    atomic_store_explicit(&slot->kind, given->kind, memory_order_release);
}

void trace_enter(uint32_t kind, uint32_t module, uint32_t route, const char *name,
                 struct trace_mark *ret_outer)
{
    struct module_trace_slot *slot = slot_of_this_thread();
    ret_outer->kind = 0;
    if (!slot)
        return;
    uint32_t outer = atomic_load_explicit(&slot->kind, memory_order_relaxed);
    if (outer) {
        ret_outer->module = atomic_load_explicit(&slot->module, memory_order_relaxed);
        ret_outer->route = atomic_load_explicit(&slot->route, memory_order_relaxed);
        ret_outer->since = atomic_load_explicit(&slot->since, memory_order_relaxed);
        memcpy(ret_outer->name, slot->name, sizeof ret_outer->name);
        ret_outer->kind = outer;
    }
    struct trace_mark inner = {
        .kind = kind, .module = module, .route = route, .since = clock_steady()
    };
    memcpy(inner.name, name, strnlen(name, sizeof inner.name - 1));
    mark(slot, &inner);
}

void trace_leave(const struct trace_mark *outer)
{
    struct module_trace_slot *slot = slot_of_this_thread();
    if (slot && outer->kind)
        mark(slot, outer);
    else if (slot)
        atomic_store_explicit(&slot->kind, 0, memory_order_release);
}
