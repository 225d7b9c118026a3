/* What the server takes from the config, in its own units: microseconds and bytes. */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

#include "config/config.h"
#include "http/server.h"
#include "store/store.h"

struct server_settings {
    unsigned workers;
    unsigned jobs;       /* jobs processes */
    int64_t events_keep; /* age at which delivered events go */
    int64_t audit_keep;  /* and records of the audit log */
    unsigned threads;
    unsigned queue_length; /* requests waiting for a handler; past it 503 at once */
    int64_t queue_time;    /* longest wait for a handler */
    int64_t run_time;      /* longest run of a handler whose route names none */
    int64_t drain_time;    /* longest life of a draining worker */
    int64_t start_time;    /* longest way of a worker to its self-test */
    size_t cache_bytes;
    bool access_log;
    bool development;
    int log_level;
    const char *const *listen; /* NULL-terminated */
    const char *canonical_url; /* without trailing slash */
    char *origin;              /* of that, if it is configured; else NULL */
    bool secure;               /* that is https */
    const char *name;          /* of the portal */
    const char *data;          /* directory */
    char *run;                 /* DATA/run: pid file and control socket */
    char *locks;               /* DATA/locks: the database's lock files and poison mark */
    char *copies;              /* DATA/modules: verified copies of module files */
    const char *proxies; /* whose X-Forwarded-For is believed, as http_proxies_new reads them */
    struct http_limits limits;
    struct store_options store;
};

/* Borrows from the config; makes the directories below DATA (0700). */
int server_settings_read(const struct config *config, struct server_settings *ret_settings,
                         struct portico_error *error);
void server_settings_free(struct server_settings *settings);

#endif
