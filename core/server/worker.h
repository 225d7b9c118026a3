/* One worker process: loads the modules, tests itself, serves until it is told to drain. */
#ifndef SERVER_WORKER_H
#define SERVER_WORKER_H

/* What the supervisor hands a worker, at these descriptors. */
enum worker_descriptor {
    WORKER_CHANNEL = 3,   /* messages with the supervisor */
    WORKER_PAGE = 4,      /* struct server_page */
    WORKER_HANDED = 5,    /* connections that draining workers give away */
    WORKER_BOARD = 6,     /* struct board */
    WORKER_LISTENERS = 7, /* and on: the listening sockets */
};

struct worker_options {
    const char *config;
    unsigned slot; /* of ids and logs: unique among living processes of this node */
    unsigned generation;
    unsigned listeners;
    unsigned supervisor; /* its pid */
};

/* Runs to the end; an enum server_exit. */
int worker_run(const struct worker_options *options);

#endif
