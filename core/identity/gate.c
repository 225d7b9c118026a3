#include "identity/gate.h"

#include "base/clock.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAITING 8u     /* for each process: about a quarter of a second */
#define ANSWER_TIME 30 /* s; a hash takes 20 ms where the processor is free */

/* Belongs to who has taken it, else to who holds the gate's mutex. */
struct lane {
    pid_t pid;  /* 0: there is no process, and none is left to be waited for */
    int socket; /* -1: it was told to end */
    bool taken;
    int64_t last; /* steady time of its last answer */
};

/* What became of a process that did not answer. */
static const char ended[] = "ended";
static const char late[] = "gave no answer in time and was ended";
static const char nonsense[] = "gave an answer that is none and was ended";

struct turn {
    struct lane *lane;
    struct turn *next;
};

struct identity_gate {
    pthread_mutex_t mutex;
    pthread_cond_t given;
    struct turn *first, **last;
    unsigned count, waiting;
    struct lane *lanes;
    struct portico_error trouble; /* code 0: there was none */
};

/* ---- one process ---- */

static int spawn(int socket, pid_t *ret_pid)
{
    char program[] = "portico", word[] = IDENTITY_HASHER_WORD;
    char *const arguments[] = { program, word, NULL };
    char *const environment[] = { NULL };
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    int code = posix_spawn_file_actions_adddup2(&files, socket, STDIN_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (code == 0)
        code = posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    if (code == 0)
        code = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    if (code == 0)
        code = posix_spawnattr_setsigmask(&attributes, &none);
    /* No fork: that would copy the worker's tables of pages and hold up its other threads. */
    if (code == 0)
        code = posix_spawn(ret_pid, "/proc/self/exe", &files, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return code;
}

/* The errno of what failed, or 0. */
static int start(struct lane *lane)
{
    static const struct timeval limit = { .tv_sec = ANSWER_TIME };
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return errno;
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    int code = spawn(ends[1], &lane->pid);
    close(ends[1]);
    if (code != 0) {
        close(ends[0]);
        lane->pid = 0;
        return code;
    }
    lane->socket = ends[0];
    return 0;
}

/* Waits for the process by its number: a module may have children of its own. 0: it is there still
 * (WNOHANG); -1: somebody else waited for it, and what became of it is not known. */
static pid_t wait_for(struct lane *lane, int options, int *ret_status)
{
    pid_t pid = TEMP_FAILURE_RETRY(waitpid(lane->pid, ret_status, options));
    if (pid != 0)
        lane->pid = 0;
    return pid;
}

static void hang_up(struct lane *lane)
{
    if (lane->socket >= 0)
        close(lane->socket);
    lane->socket = -1;
}

/* Its end, with what became of it. It is killed, unless it is dead already: one that is stopped or
 * hangs does not see that its socket was closed. */
static pid_t end(struct lane *lane, int *ret_status)
{
    hang_up(lane);
    pid_t pid = lane->pid ? wait_for(lane, WNOHANG, ret_status) : -1;
    if (pid != 0)
        return pid;
    kill(lane->pid, SIGKILL);
    return wait_for(lane, 0, ret_status);
}

/* NULL: it answered. */
static const char *ask(const struct lane *lane, const struct identity_hash_question *question,
                       struct identity_hash_answer *ret_answer)
{
    struct identity_hash_answer answer;
    if (TEMP_FAILURE_RETRY(send(lane->socket, question, sizeof *question, MSG_NOSIGNAL)) < 0)
        return ended;
    ssize_t got = TEMP_FAILURE_RETRY(recv(lane->socket, &answer, sizeof answer, MSG_TRUNC));
    if (got < 0 && errno == EAGAIN)
        return late;
    if (got <= 0)
        return ended;
    if (got != (ssize_t)sizeof answer || answer.outcome > IDENTITY_HASH_NO_MEMORY ||
        !memchr(answer.hash, '\0', sizeof answer.hash))
        return nonsense;
    *ret_answer = answer;
    sodium_memzero(&answer, sizeof answer);
    return NULL;
}

/* ---- trouble, kept for the log ---- */

/* Under the mutex; `pid` as wait_for says it. */
static void note(struct identity_gate *gate, const char *what, pid_t pid, int status)
{
    if (what == ended && pid > 0 && WIFSIGNALED(status))
        error_set(&gate->trouble, PORTICO_EIO,
                  "A process that checks passwords was killed by signal %d (%s). Another takes its "
                  "place.",
                  WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (what == ended && pid > 0)
        error_set(&gate->trouble, PORTICO_EIO,
                  "A process that checks passwords ended by itself with code %d. Another takes its "
                  "place.",
                  WEXITSTATUS(status));
    else
        error_set(&gate->trouble, PORTICO_EIO,
                  "A process that checks passwords %s. Another takes its place.", what);
}

static void lose(struct identity_gate *gate, struct lane *lane, const char *what)
{
    int status = 0;
    pid_t pid = end(lane, &status);
    pthread_mutex_lock(&gate->mutex);
    note(gate, what, pid, status);
    pthread_mutex_unlock(&gate->mutex);
}

static void lack(struct identity_gate *gate, int code)
{
    pthread_mutex_lock(&gate->mutex);
    error_set(&gate->trouble, PORTICO_EIO,
              "No process can be started to check passwords: %s. Raise the limit of processes, "
              "descriptors or memory.",
              strerror(code));
    pthread_mutex_unlock(&gate->mutex);
}

/* ---- the queue ---- */

/* One that runs already, if there is a choice. */
static struct lane *free_lane(struct identity_gate *gate)
{
    struct lane *found = NULL;
    for (unsigned i = 0; i < gate->count; i++) {
        struct lane *lane = &gate->lanes[i];
        if (!lane->taken && (!found || (found->socket < 0 && lane->socket >= 0)))
            found = lane;
    }
    return found;
}

/* Under the mutex: waits until somebody hands a lane on. */
static struct lane *queue(struct identity_gate *gate)
{
    struct turn turn = { 0 };
    *gate->last = &turn;
    gate->last = &turn.next;
    gate->waiting++;
    while (!turn.lane)
        pthread_cond_wait(&gate->given, &gate->mutex);
    return turn.lane;
}

static struct lane *enter(struct identity_gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    struct lane *lane = free_lane(gate);
    if (!lane && gate->waiting < WAITING * gate->count)
        lane = queue(gate);
    if (lane)
        lane->taken = true;
    pthread_mutex_unlock(&gate->mutex);
    return lane;
}

static void leave(struct identity_gate *gate, struct lane *lane)
{
    pthread_mutex_lock(&gate->mutex);
    struct turn *turn = gate->first;
    lane->last = clock_steady();
    lane->taken = turn != NULL;
    if (turn) {
        gate->first = turn->next;
        if (!gate->first)
            gate->last = &gate->first;
        gate->waiting--;
        turn->lane = lane;
        pthread_cond_broadcast(&gate->given);
    }
    pthread_mutex_unlock(&gate->mutex);
}

/* A process that dies over a question is replaced once: what comes may be what it died of. */
static int answer_in(struct identity_gate *gate, struct lane *lane,
                     const struct identity_hash_question *question,
                     struct identity_hash_answer *ret_answer)
{
    const char *what = ended;
    int status;
    for (unsigned tries = 0; tries < 2 && what == ended; tries++) {
        if (lane->socket < 0)
            end(lane, &status);
        int code = lane->socket < 0 ? start(lane) : 0;
        if (code != 0) {
            lack(gate, code);
            return PORTICO_EBUSY;
        }
        what = ask(lane, question, ret_answer);
        if (what)
            lose(gate, lane, what);
    }
    return what ? PORTICO_EBUSY : PORTICO_OK;
}

int identity_gate_ask(struct identity_gate *gate, const struct identity_hash_question *question,
                      struct identity_hash_answer *ret_answer, struct portico_error *error)
{
    struct lane *lane = enter(gate);
    if (!lane)
        return error_set(error, PORTICO_EBUSY,
                         /* translated */
                         "Too many passwords are being checked at this moment: try again soon.");
    int code = answer_in(gate, lane, question, ret_answer);
    leave(gate, lane);
    return code == 0 ? code
                     : error_set(error, code, /* translated */
                                 "Passwords cannot be checked at this moment: try again soon.");
}

/* ---- its life ---- */

/* Under the mutex. */
static void tend(struct identity_gate *gate, struct lane *lane, int64_t idle)
{
    int status = 0;
    if (lane->taken || !lane->pid)
        return;
    pid_t pid = wait_for(lane, WNOHANG, &status);
    if (pid != 0 && lane->socket >= 0) {
        hang_up(lane);
        note(gate, ended, pid, status);
    } else if (pid == 0 && lane->socket >= 0 && clock_steady() - lane->last >= idle) {
        hang_up(lane);
    }
}

int identity_gate_tend(struct identity_gate *gate, int64_t idle, struct portico_error *error)
{
    static const struct portico_error none = PORTICO_ERROR_INIT;
    pthread_mutex_lock(&gate->mutex);
    for (unsigned i = 0; i < gate->count; i++)
        tend(gate, &gate->lanes[i], idle);
    const struct portico_error trouble = gate->trouble;
    gate->trouble = none;
    pthread_mutex_unlock(&gate->mutex);
    return trouble.code ? error_set(error, trouble.code, "%s", trouble.message) : PORTICO_OK;
}

struct identity_gate *identity_gate_new(unsigned processes)
{
    static const struct portico_error none = PORTICO_ERROR_INIT;
    struct identity_gate *gate = g_new0(struct identity_gate, 1);
    gate->trouble = none;
    gate->count = MAX(processes, 1);
    gate->lanes = g_new0(struct lane, gate->count);
    for (unsigned i = 0; i < gate->count; i++)
        gate->lanes[i].socket = -1;
    gate->last = &gate->first;
    pthread_mutex_init(&gate->mutex, NULL);
    pthread_cond_init(&gate->given, NULL);
    return gate;
}

void identity_gate_free(struct identity_gate *gate)
{
    int status;
    if (!gate)
        return;
    for (unsigned i = 0; i < gate->count; i++)
        end(&gate->lanes[i], &status);
    pthread_cond_destroy(&gate->given);
    pthread_mutex_destroy(&gate->mutex);
    g_free(gate->lanes);
    g_free(gate);
}
