#include "server/crash.h"

#include "module/trace.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#define ALTERNATE_STACK 32768

static struct server_page *crash_page;
static _Thread_local volatile unsigned crash_slot; /* 1 + slot */
static _Thread_local void *crash_stack;

/* Async-signal-safe: two stores, then the default action by the returning, now default, signal. */
static void on_crash(int number)
{
    uint32_t none = 0;
    if (crash_slot &&
        atomic_compare_exchange_strong(&crash_page->crashed, &none, (uint32_t)crash_slot))
        atomic_store(&crash_page->signal, (uint32_t)number);
    raise(number);
}

void crash_claim(unsigned slot)
{
    crash_slot = slot + 1;
    /* A handler that overflows its stack has none left for the signal. Kept as long as the thread.
     * One that is there already is a sanitizer's, which unmaps whatever stands there when the
     * thread ends. */
    stack_t present;
    if (sigaltstack(NULL, &present) == 0 && !(present.ss_flags & SS_DISABLE))
        return;
    crash_stack = malloc(ALTERNATE_STACK);
    stack_t stack = { .ss_sp = crash_stack, .ss_size = ALTERNATE_STACK };
    if (crash_stack)
        sigaltstack(&stack, NULL);
}

void crash_release(void)
{
    const stack_t none = { .ss_flags = SS_DISABLE };
    if (!crash_stack)
        return;
    sigaltstack(&none, NULL);
    free(crash_stack);
    crash_stack = NULL;
}

void crash_enter(unsigned slot, void *data)
{
    (void)data;
    module_trace_claim(slot);
    crash_claim(slot);
}

void crash_leave(void *data)
{
    (void)data;
    crash_release();
}

void crash_install(struct server_page *page)
{
    static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS };
    struct sigaction action = { .sa_handler = on_crash, .sa_flags = SA_ONSTACK | SA_RESETHAND };
    crash_page = page;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        sigaction(fatal[i], &action, NULL);
}
