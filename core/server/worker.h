/* The processes of a generation: workers serve requests, jobs processes run what is queued. Both
 * load the modules, test themselves, and work until they are told to drain. */
#ifndef SERVER_WORKER_H
#define SERVER_WORKER_H

/* What the supervisor hands a worker, at these descriptors. */
enum worker_descriptor {
    WORKER_CHANNEL = 3,   /* messages with the supervisor */
    WORKER_PAGE = 4,      /* struct server_page */
    WORKER_HANDED = 5,    /* connections that draining workers give away */
    WORKER_BOARD = 6,     /* struct board */
    WORKER_WAKE = 7,      /* eventfd: something was queued for the jobs processes */
    WORKER_LISTENERS = 8, /* and on: the listening sockets; none in a jobs process */
};

enum worker_kind { WORKER_SERVES, WORKER_JOBS };

struct worker_options {
    const char *config;
    unsigned slot; /* of ids and logs: unique among living processes of this node */
    unsigned generation;
    unsigned listeners;
    unsigned supervisor; /* its pid */
};

/* Run to the end; an enum server_exit. */
int worker_run(const struct worker_options *options);
int jobs_run(const struct worker_options *options); /* jobs.c */

#endif
