/* Memory a worker shares with the supervisor: one page set per worker, written only by that worker
 * and read by the supervisor as hostile input: numbers and text of fixed size, no pointers, no
 * locks. */
#ifndef SERVER_SHARED_H
#define SERVER_SHARED_H

#include "module/registry.h"

#include <stdint.h>

/* Ends of a worker's life that the supervisor tells apart; anything else but 0 or a signal is a
 * crash. */
enum server_exit {
    SERVER_EXIT_DRAINED = 0,
    SERVER_EXIT_REFUSED = 3,  /* its self-test failed; the reasons went up the channel */
    SERVER_EXIT_POISONED = 86 /* the database log is poisoned: recovery by one process alone */
};

struct server_page {
    struct module_trace_page trace;
    /* Steady time at which what the slot runs is late; 0: no deadline. Beside trace.slots. */
    _Atomic int64_t deadline[MODULE_TRACE_SLOTS];
    _Atomic uint32_t crashed; /* 1 + the slot whose thread took a fatal signal */
    _Atomic uint32_t signal;  /* and which signal */
    _Atomic uint64_t requests;
    _Atomic uint32_t running; /* requests in handlers or waiting for one */
    _Atomic uint32_t connections;
    _Atomic uint32_t stuck; /* handlers past their deadline */
};

/* A sealed-size memory file mapped shared; -1 when the system refuses. */
int server_page_create(struct server_page **ret_page);
struct server_page *server_page_map(int descriptor); /* NULL when the system refuses */
void server_page_unmap(struct server_page *page);    /* accepts NULL */

#endif
