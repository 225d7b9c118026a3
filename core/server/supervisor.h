/* The supervisor: owns sockets and processes, runs no module code and sees no request.
 *
 * supervisor.c starts, listens to signals and the control socket, and ends; generation.c starts and
 * drains workers; change.c takes a new config through check, migration, start and hand-over;
 * watchdog.c reads the workers' pages; blame.c keeps book of crashes; status.c reports. */
#ifndef SERVER_SUPERVISOR_H
#define SERVER_SUPERVISOR_H

#include "base/json.h"
#include "server/board.h"
#include "server/channel.h"
#include "server/control.h"
#include "server/listener.h"
#include "server/settings.h"
#include "server/shared.h"
#include "server/worker.h"

#include <glib.h>
#include <sys/types.h>

/* Ends of `portico run`. */
enum supervisor_exit {
    SUPERVISOR_STOPPED = 0,
    SUPERVISOR_FAILED = 1,
    SUPERVISOR_REFUSED = 3 /* config or modules have problems: all were printed */
};

struct supervisor_options {
    const char *config;  /* absolute path */
    const char *version; /* of the program, for status */
};
/* `portico run`: serves until it is told to stop; an enum supervisor_exit. */
int supervisor_run(const struct supervisor_options *options);

/* ---- between the files of the supervisor ---- */

struct supervisor;

enum worker_state { WORKER_STARTING, WORKER_READY, WORKER_SERVING, WORKER_DRAINING };

/* A worker or jobs process, from start until it was waited for. */
struct worker_process {
    enum worker_kind kind;
    struct supervisor *supervisor;
    struct generation *generation;
    struct worker_process *replaces; /* drains when this one serves; NULL: none */
    bool replaced;                   /* another is on its way to replace this one */
    bool condemned;                  /* killed by us: its end is no surprise */
    pid_t pid;
    unsigned slot;
    enum worker_state state;
    int channel;
    struct event *event;
    struct server_page *page;
    int64_t started;                   /* steady */
    uint64_t beat;                     /* last seen */
    int64_t beat_seen;                 /* when it last changed */
    int64_t named[MODULE_TRACE_SLOTS]; /* `since` of what was already named as late */
};

struct generation {
    struct supervisor *supervisor;
    unsigned number;
    struct config *config;
    struct server_settings settings;
    struct listener_set listeners;
    int handed[2];         /* connections handed to it: its workers read 0, draining ones write 1 */
    GPtrArray *workers;    /* struct worker_process, of both kinds */
    struct value *modules; /* as its first ready worker said, in `arena` */
    struct arena *arena;
    unsigned quick_deaths;
    struct event *respawn;
    bool draining;
    int64_t started;
};

/* generation.c */
struct generation *generation_new(struct supervisor *supervisor, const struct listener_set *old,
                                  struct buffer *report, struct portico_error *error);
void generation_free(struct generation *generation); /* without workers; accepts NULL */
/* Starts workers and jobs processes until there are as many as the config wants. */
int generation_fill(struct generation *generation, struct portico_error *error);
int generation_replace(struct worker_process *old);
void generation_serve(struct generation *generation);
/* Tells every worker to drain; its idle connections go to `heir` (NULL: they are closed). */
void generation_drain(struct generation *generation, const struct generation *heir);
void generation_kill(struct generation *generation);
bool generation_all_ready(const struct generation *generation);
/* Tells a serving jobs process whose leases end now. */
void generation_tell_gone(struct worker_process *worker);
/* A worker ended: forgets it; starts another if it is missed. */
void generation_worker_ended(struct worker_process *worker, int status);
void worker_process_drain(struct worker_process *worker, const struct generation *heir,
                          int64_t limit);
/* "Worker" or "Jobs process": the first word of a sentence about it. */
const char *worker_process_word(const struct worker_process *worker);

/* change.c */
struct change;
/* Takes the config as it stands now into service; `client` (may be NULL) gets the outcome. While
 * another change is under way it begins after that. */
void change_begin(struct supervisor *supervisor, struct control_client *client);
void change_worker_ready(struct supervisor *supervisor, struct worker_process *worker);
void change_worker_refused(struct supervisor *supervisor, struct worker_process *worker,
                           const char *reason);
void change_task_ended(struct supervisor *supervisor, int status);
/* An old generation is gone: what it needed in the database may go too. */
void change_generation_gone(struct supervisor *supervisor);
/* The database log is poisoned: stop the workers, recover, start them again. */
void change_recover(struct supervisor *supervisor);
void change_tick(struct supervisor *supervisor, int64_t now);

/* watchdog.c */
void watchdog_look(struct supervisor *supervisor, int64_t now);

/* blame.c */
struct blame;
struct blame *blame_new(void);
void blame_free(struct blame *blame); /* accepts NULL */
/* The slot's name as printable ASCII; `ret_label` has the size of the slot's. */
void blame_label(const struct module_trace_slot *slot, char ret_label[]);
/* What the worker was running when it ended, as one sentence part; "" if nothing. Books its crash.
 */
const char *blame_worker(struct supervisor *supervisor, const struct worker_process *worker,
                         int status, char *ret_text, size_t size);
/* What a worker that does not serve yet was doing, as a clause; "" if nobody knows. */
const char *blame_start(const struct worker_process *worker, char *ret_text, size_t size);
/* A route or job made its process stuck: counts like a crash. */
void blame_stuck(struct supervisor *supervisor, const struct worker_process *worker,
                 const char *label);
/* A worker stopped calling a route that keeps missing its deadline, for at least `wait` µs, or
 * calls it again: for status. */
void blame_breaker(struct supervisor *supervisor, const struct worker_process *worker,
                   const char *label, bool open, int64_t wait);
/* A worker ended: what only it did not call is called again. */
void blame_gone(struct supervisor *supervisor, const struct worker_process *worker);
void blame_tell(struct supervisor *supervisor, struct worker_process *worker);
void blame_tried(struct supervisor *supervisor, const char *label);
void blame_forget(struct supervisor *supervisor);
void blame_tick(struct supervisor *supervisor, int64_t now);
struct value *blame_list(const struct supervisor *supervisor, struct arena *arena);

/* status.c */
struct value *status_make(struct supervisor *supervisor, struct arena *arena);

enum change_step {
    CHANGE_NONE,
    CHANGE_RECOVER,
    CHANGE_CHECK,
    CHANGE_BEFORE,
    CHANGE_START,
    CHANGE_AFTER
};

/* A jobs process that ended. */
struct supervisor_gone {
    pid_t pid;
    unsigned slot;
};

struct supervisor {
    const struct supervisor_options *options;
    struct event_base *base;
    struct control *control;
    int pid_file;
    char *run_directory;
    struct blame *blame;
    struct board *board; /* of the portal's figures, as long as it runs */
    int board_file;
    GArray *gone; /* struct supervisor_gone: no jobs process was told of them yet */
    int wake;     /* eventfd of the jobs processes: any process of the portal writes it */

    struct generation *current; /* serves; NULL before the first is ready */
    GPtrArray *old;             /* draining generations */
    unsigned generations;

    /* change.c */
    enum change_step step;
    struct generation *next;
    GPtrArray *waiting; /* control clients of the change under way */
    GPtrArray *queued;  /* of the one after it */
    bool queued_change, after_due, poisoned;
    int64_t step_deadline, retry_at;
    pid_t task;
    int task_output;
    struct event *task_event;
    struct buffer task_text;
    struct buffer last_refusal;
    int64_t last_change; /* UTC */

    int64_t looked; /* steady: when the watchdog did so last */

    bool stopping;
    int exit_code;
    int64_t started;
    struct event *signals[4];
    struct event *tick;
    int64_t stop_deadline;
};

/* supervisor.c */
struct worker_process *supervisor_find(struct supervisor *supervisor, pid_t pid);
/* The lowest free id slot. */
unsigned supervisor_free_slot(const struct supervisor *supervisor);
/* Calls `each` for all workers of all generations. */
void supervisor_each(struct supervisor *supervisor,
                     void (*each)(struct worker_process *worker, void *data), void *data);
void supervisor_stop(struct supervisor *supervisor, int exit_code);
void supervisor_end_if_empty(struct supervisor *supervisor);
/* sd_notify(3) without the library: "READY=1" and so on to NOTIFY_SOCKET, if there is one. */
void supervisor_notify(const char *state);

#endif
