/* Passwords hashed by processes of their own. This program is such a process too, and a bad one
 * where a file of the folder it runs in says so. */
#include "identity/gate.h"

#include "../remove.h"
#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PASSWORD "three blue kettles"
#define PATIENCE INT64_C(60000000) /* µs; the machine may be busy */

static struct identity_hash_question to_make(const char *password)
{
    struct identity_hash_question question = { .task = IDENTITY_HASH_MAKE };
    g_strlcpy(question.password, password, sizeof question.password);
    return question;
}

static struct identity_hash_question to_compare(const char *password, const char *hash)
{
    struct identity_hash_question question = to_make(password);
    question.task = IDENTITY_HASH_COMPARE;
    g_strlcpy(question.hash, hash, sizeof question.hash);
    return question;
}

static enum identity_hash_outcome outcome(struct identity_gate *gate,
                                          struct identity_hash_question question)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_hash_answer answer;
    if (identity_gate_ask(gate, &question, &answer, &error) < 0)
        g_error("%s", error.message);
    return answer.outcome;
}

/* A line of /proc/PID/status, such as "PPid"; "" when there is no such process. */
static char *status_of(pid_t pid, const char *key)
{
    char *path = g_strdup_printf("/proc/%d/status", (int)pid), *text = NULL, *found = NULL;
    char *start = g_strdup_printf("%s:\t", key);
    if (g_file_get_contents(path, &text, NULL, NULL)) {
        char *line = strstr(text, start);
        if (line)
            found = g_strndup(line + strlen(start), strcspn(line + strlen(start), "\n"));
    }
    g_free(path);
    g_free(start);
    g_free(text);
    return found ? found : g_strdup("");
}

/* Our children, the first `room` of them; zombies too. */
static unsigned children(pid_t *ret_pids, unsigned room)
{
    unsigned count = 0;
    DIR *directory = opendir("/proc");
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        pid_t pid = (pid_t)atoi(entry->d_name);
        char *parent = pid > 0 ? status_of(pid, "PPid") : g_strdup("");
        if (atoi(parent) == getpid() && count++ < room)
            ret_pids[count - 1] = pid;
        g_free(parent);
    }
    closedir(directory);
    return count;
}

static pid_t only_child(void)
{
    pid_t pid = 0;
    g_assert_cmpuint(children(&pid, 1), ==, 1);
    return pid;
}

static unsigned entries(const char *path)
{
    unsigned count = 0;
    DIR *directory = opendir(path);
    g_assert_nonnull(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count - 2; /* . and .. */
}

/* The state of a process or of one of our threads: 'S', 'T', 'Z' …; 0: there is none. */
static char state_of(pid_t id)
{
    char *state = status_of(id, "State"), first = *state;
    g_free(state);
    return first;
}

static void wait_for_state(pid_t id, char state)
{
    int64_t deadline = clock_steady() + PATIENCE;
    while (state_of(id) != state) {
        g_assert_cmpint(clock_steady(), <, deadline);
        g_usleep(500);
    }
}

static void wait_until_gone(struct identity_gate *gate, pid_t pid)
{
    int64_t deadline = clock_steady() + PATIENCE;
    while (state_of(pid)) {
        g_assert_cmpint(clock_steady(), <, deadline);
        g_assert_cmpint(identity_gate_tend(gate, INT64_MAX, NULL), ==, 0);
        g_usleep(500);
    }
}

static void no_child_is_left(void)
{
    g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
    g_assert_cmpint(errno, ==, ECHILD);
}

/* One question that another thread asks. */
struct asker {
    struct identity_gate *gate;
    struct identity_hash_question question;
    struct identity_hash_answer answer;
    pthread_t thread;
    _Atomic pid_t id;
    int code;
};

static void *ask(void *data)
{
    struct asker *asker = data;
    asker->id = (pid_t)syscall(SYS_gettid);
    asker->code = identity_gate_ask(asker->gate, &asker->question, &asker->answer, NULL);
    return NULL;
}

static void start_asking(struct asker *asker)
{
    g_assert_cmpint(pthread_create(&asker->thread, NULL, ask, asker), ==, 0);
}

static void passwords_are_hashed_and_compared_elsewhere(void)
{
    struct identity_gate *gate = identity_gate_new(1);
    struct identity_hash_question question = to_make(PASSWORD);
    struct identity_hash_answer answer;
    unsigned open = entries("/proc/self/fd");
    no_child_is_left();
    g_assert_cmpint(identity_gate_ask(gate, &question, &answer, NULL), ==, 0);
    g_assert_cmpint(answer.outcome, ==, IDENTITY_HASH_DONE);
    g_assert_cmpint(crypto_pwhash_str_verify(answer.hash, PASSWORD, strlen(PASSWORD)), ==, 0);
    pid_t first = only_child();
    g_assert_cmpint(outcome(gate, to_compare(PASSWORD, answer.hash)), ==, IDENTITY_HASH_DONE);
    g_assert_cmpint(outcome(gate, to_compare("another", answer.hash)), ==, IDENTITY_HASH_NO);
    g_assert_cmpint(outcome(gate, to_compare("", "no hash")), ==, IDENTITY_HASH_NO);
    g_assert_cmpint(only_child(), ==, first);
    g_assert_cmpint(identity_gate_tend(gate, INT64_MAX, NULL), ==, 0);
    identity_gate_free(gate);
    no_child_is_left();
    g_assert_cmpuint(entries("/proc/self/fd"), ==, open);
}

static void the_process_has_nothing_but_its_socket(void)
{
    struct identity_gate *gate = identity_gate_new(1);
    sigset_t all, before;
    int kept = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, as a careless module has it */
    sigfillset(&all);
    g_assert_cmpint(pthread_sigmask(SIG_SETMASK, &all, &before), ==, 0);
    g_setenv("PORTICO_SECRET", "the key to everything", TRUE);
    outcome(gate, to_make(PASSWORD));
    g_unsetenv("PORTICO_SECRET");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pid_t pid = only_child();
    static const struct {
        const char *key, *value;
    } lines[] = { { "Name", "passwords" },
                  { "SigBlk", "0000000000000000" },
                  { "NoNewPrivs", "1" },
                  { "Threads", "1" } };
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        char *value = status_of(pid, lines[i].key);
        g_assert_cmpstr(value, ==, lines[i].value);
        g_free(value);
    }
    struct rlimit cores;
    g_assert_cmpint(prlimit(pid, RLIMIT_CORE, NULL, &cores), ==, 0);
    g_assert_cmpuint(cores.rlim_max, ==, 0);
    g_assert_cmpint(getpriority(PRIO_PROCESS, (id_t)pid), ==,
                    MIN(getpriority(PRIO_PROCESS, 0) + 10, 19));
    char *path = g_strdup_printf("/proc/%d/fd", (int)pid), *environment = NULL;
    g_assert_cmpuint(entries(path), ==, 3);
    g_free(path);
    path = g_strdup_printf("/proc/%d/environ", (int)pid);
    g_assert_true(g_file_get_contents(path, &environment, NULL, NULL));
    g_assert_cmpstr(environment, ==, "");
    g_free(environment);
    g_free(path);
    close(kept);
    identity_gate_free(gate);
}

static void the_longest_password_crosses_whole(void)
{
    struct identity_gate *gate = identity_gate_new(1);
    struct identity_hash_question question = { .task = IDENTITY_HASH_MAKE };
    struct identity_hash_answer answer;
    struct portico_error error = PORTICO_ERROR_INIT;
    size_t length = sizeof question.password - 1;
    memset(question.password, 'x', length);
    g_assert_cmpint(identity_gate_ask(gate, &question, &answer, NULL), ==, 0);
    g_assert_cmpint(crypto_pwhash_str_verify(answer.hash, question.password, length), ==, 0);
    g_assert_cmpint(crypto_pwhash_str_verify(answer.hash, question.password, length - 1), ==, -1);
    /* One that does not end is no question, and nothing that a process goes on after. */
    question.password[length] = 'x';
    g_assert_cmpint(identity_gate_ask(gate, &question, &answer, NULL), ==, PORTICO_EBUSY);
    g_assert_cmpint(identity_gate_tend(gate, INT64_MAX, &error), ==, PORTICO_EIO);
    g_assert_nonnull(strstr(error.message, "ended by itself with code 2"));
    g_assert_cmpint(outcome(gate, to_make(PASSWORD)), ==, IDENTITY_HASH_DONE);
    identity_gate_free(gate);
    no_child_is_left();
}

static void a_process_that_is_killed_over_a_hash_is_replaced(void)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct asker asker = { .gate = identity_gate_new(1), .question = to_make(PASSWORD) };
    outcome(asker.gate, to_make(PASSWORD));
    unsigned open = entries("/proc/self/fd");
    pid_t first = only_child();
    g_assert_cmpint(kill(first, SIGSTOP), ==, 0);
    wait_for_state(first, 'T');
    start_asking(&asker);
    while (!asker.id)
        g_usleep(100);
    wait_for_state(asker.id, 'S');
    g_assert_cmpint(kill(first, SIGKILL), ==, 0);
    pthread_join(asker.thread, NULL);
    g_assert_cmpint(asker.code, ==, 0);
    g_assert_cmpint(crypto_pwhash_str_verify(asker.answer.hash, PASSWORD, strlen(PASSWORD)), ==, 0);
    g_assert_cmpint(only_child(), !=, first);
    g_assert_cmpint(identity_gate_tend(asker.gate, INT64_MAX, &error), ==, PORTICO_EIO);
    g_assert_cmpstr(error.message, ==,
                    "A process that checks passwords was killed by signal 9 (Killed). Another "
                    "takes its place.");
    g_assert_cmpint(identity_gate_tend(asker.gate, INT64_MAX, &error), ==, 0);
    g_assert_cmpuint(entries("/proc/self/fd"), ==, open);
    identity_gate_free(asker.gate);
    no_child_is_left();
}

static void a_process_killed_at_rest_is_missed_by_nobody(void)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_gate *gate = identity_gate_new(1);
    int64_t deadline = clock_steady() + PATIENCE;
    outcome(gate, to_make(PASSWORD));
    g_assert_cmpint(kill(only_child(), SIGKILL), ==, 0);
    while (identity_gate_tend(gate, INT64_MAX, &error) == 0)
        g_assert_cmpint(clock_steady(), <, deadline);
    g_assert_nonnull(strstr(error.message, "was killed by signal 9"));
    no_child_is_left();
    g_assert_cmpint(outcome(gate, to_make(PASSWORD)), ==, IDENTITY_HASH_DONE);
    g_assert_cmpint(kill(only_child(), SIGKILL), ==, 0);
    g_assert_cmpint(outcome(gate, to_make(PASSWORD)), ==, IDENTITY_HASH_DONE);
    identity_gate_free(gate);
}

/* A module may wait for every child there is. */
static void a_process_that_others_waited_for_is_replaced(void)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_gate *gate = identity_gate_new(1);
    outcome(gate, to_make(PASSWORD));
    pid_t pid = only_child();
    g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(-1, NULL, 0), ==, pid);
    g_assert_cmpint(outcome(gate, to_make(PASSWORD)), ==, IDENTITY_HASH_DONE);
    g_assert_cmpint(identity_gate_tend(gate, INT64_MAX, &error), ==, PORTICO_EIO);
    g_assert_cmpstr(error.message, ==,
                    "A process that checks passwords ended. Another takes its place.");
    identity_gate_free(gate);
    no_child_is_left();
}

static void a_process_without_work_ends_and_leaves_nothing(void)
{
    struct identity_gate *gate = identity_gate_new(1);
    unsigned open = entries("/proc/self/fd");
    outcome(gate, to_make(PASSWORD));
    pid_t pid = only_child();
    g_assert_cmpint(identity_gate_tend(gate, INT64_MAX, NULL), ==, 0);
    g_assert_cmpuint(entries("/proc/self/fd"), ==, open + 1);
    g_assert_cmpint(identity_gate_tend(gate, 0, NULL), ==, 0);
    wait_until_gone(gate, pid);
    no_child_is_left();
    g_assert_cmpuint(entries("/proc/self/fd"), ==, open);
    g_assert_cmpint(outcome(gate, to_make(PASSWORD)), ==, IDENTITY_HASH_DONE);
    /* Asked again before its end was seen: that of the old one is waited for first. */
    g_assert_cmpint(identity_gate_tend(gate, 0, NULL), ==, 0);
    g_assert_cmpint(outcome(gate, to_make(PASSWORD)), ==, IDENTITY_HASH_DONE);
    only_child();
    identity_gate_free(gate);
    no_child_is_left();
}

static void a_stop_of_everything_lets_it_finish(void)
{
    static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
    struct identity_gate *gate = identity_gate_new(1);
    outcome(gate, to_make(PASSWORD));
    pid_t pid = only_child();
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
        g_assert_cmpint(kill(pid, signals[i]), ==, 0);
    g_assert_cmpint(outcome(gate, to_make(PASSWORD)), ==, IDENTITY_HASH_DONE);
    g_assert_cmpint(only_child(), ==, pid);
    /* One that is stopped cannot hold up the end. */
    g_assert_cmpint(kill(pid, SIGSTOP), ==, 0);
    identity_gate_free(gate);
    no_child_is_left();
}

static void a_crowd_is_served_or_told_to_come_again(void)
{
    struct asker askers[40];
    struct identity_gate *gate = identity_gate_new(2);
    unsigned right = 0, busy = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(askers); i++) {
        askers[i] = (struct asker){ .gate = gate, .question = to_make(PASSWORD) };
        start_asking(&askers[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(askers); i++) {
        pthread_join(askers[i].thread, NULL);
        right += askers[i].code == 0 && askers[i].answer.outcome == IDENTITY_HASH_DONE;
        busy += askers[i].code == PORTICO_EBUSY;
    }
    pid_t pids[8];
    g_assert_cmpuint(right, >=, 16);
    g_assert_cmpuint(right + busy, ==, 40);
    g_assert_cmpuint(children(pids, 8), <=, 2);
    identity_gate_free(gate);
    no_child_is_left();
}

static void a_lack_of_memory_is_no_wrong_password(void)
{
    const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
    struct identity_gate *gate = identity_gate_new(1);
    const struct identity_hash_question question = to_make(PASSWORD);
    struct identity_hash_answer made;
    g_assert_cmpint(identity_gate_ask(gate, &question, &made, NULL), ==, 0);
    pid_t pid = only_child();
    /* Ten MiB more than it has: enough for all but a hash. */
    char *size = status_of(pid, "VmSize");
    const struct rlimit little = { (strtoull(size, NULL, 10) + 10240) * 1024, RLIM_INFINITY };
    g_free(size);
    g_assert_cmpint(prlimit(pid, RLIMIT_AS, &little, NULL), ==, 0);
    g_assert_cmpint(outcome(gate, to_compare(PASSWORD, made.hash)), ==, IDENTITY_HASH_NO_MEMORY);
    g_assert_cmpint(outcome(gate, question), ==, IDENTITY_HASH_NO_MEMORY);
    g_assert_cmpint(prlimit(pid, RLIMIT_AS, &all, NULL), ==, 0);
    g_assert_cmpint(outcome(gate, to_compare(PASSWORD, made.hash)), ==, IDENTITY_HASH_DONE);
    g_assert_cmpint(outcome(gate, to_compare("another", made.hash)), ==, IDENTITY_HASH_NO);
    g_assert_cmpint(only_child(), ==, pid);
    identity_gate_free(gate);
}

static void more_than_the_queue_holds_is_refused(void)
{
    struct asker askers[9];
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_hash_answer answer;
    struct identity_gate *gate = identity_gate_new(1);
    const struct identity_hash_question question = to_make(PASSWORD);
    outcome(gate, question);
    pid_t pid = only_child();
    g_assert_cmpint(kill(pid, SIGSTOP), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(askers); i++) {
        askers[i] = (struct asker){ .gate = gate, .question = question };
        start_asking(&askers[i]);
        while (!askers[i].id)
            g_usleep(100);
        wait_for_state(askers[i].id, 'S');
    }
    g_assert_cmpint(identity_gate_ask(gate, &question, &answer, &error), ==, PORTICO_EBUSY);
    g_assert_cmpstr(error.message, ==,
                    "Too many passwords are being checked at this moment: try again soon.");
    g_assert_cmpint(kill(pid, SIGCONT), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(askers); i++) {
        pthread_join(askers[i].thread, NULL);
        g_assert_cmpint(askers[i].code, ==, 0);
    }
    identity_gate_free(gate);
}

/* With files named after what a bad process does. */
static void what_a_bad_process_says_is_not_believed(void)
{
    static const struct {
        const char *file, *trouble;
    } bad[] = {
        { "ends", "ended by itself with code 3" },
        { "is short", "gave an answer that is none" },
        { "is long", "gave an answer that is none" },
        { "is unknown", "gave an answer that is none" },
        { "never ends", "gave an answer that is none" },
    };
    char *folder = g_dir_make_tmp("portico-gate-XXXXXX", NULL), *home = g_get_current_dir();
    g_assert_cmpint(g_chdir(folder), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct identity_gate *gate = identity_gate_new(1);
        struct identity_hash_question question = to_make(PASSWORD);
        struct identity_hash_answer answer;
        struct portico_error error = PORTICO_ERROR_INIT;
        g_assert_true(g_file_set_contents(bad[i].file, "", 0, NULL));
        g_assert_cmpint(identity_gate_ask(gate, &question, &answer, &error), ==, PORTICO_EBUSY);
        g_assert_cmpstr(error.message, ==,
                        "Passwords cannot be checked at this moment: try again soon.");
        g_assert_cmpint(identity_gate_tend(gate, INT64_MAX, &error), ==, PORTICO_EIO);
        if (!strstr(error.message, bad[i].trouble))
            g_error("%s: %s", bad[i].file, error.message);
        no_child_is_left();
        g_assert_cmpint(g_unlink(bad[i].file), ==, 0);
        g_assert_cmpint(outcome(gate, question), ==, IDENTITY_HASH_DONE);
        identity_gate_free(gate);
    }
    g_assert_cmpint(g_chdir(home), ==, 0);
    remove_below(folder);
    g_free(folder);
    g_free(home);
}

static void where_no_process_can_start_the_log_says_why(void)
{
    struct rlimit before, few;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_gate *gate = identity_gate_new(1);
    struct identity_hash_question question = to_make(PASSWORD);
    struct identity_hash_answer answer;
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
    few = before;
    few.rlim_cur = (rlim_t)dup(STDIN_FILENO); /* the next number */
    close((int)few.rlim_cur);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
    g_assert_cmpint(identity_gate_ask(gate, &question, &answer, NULL), ==, PORTICO_EBUSY);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
    g_assert_cmpint(identity_gate_tend(gate, INT64_MAX, &error), ==, PORTICO_EIO);
    g_assert_cmpstr(error.message, ==,
                    "No process can be started to check passwords: Too many open files. Raise the "
                    "limit of processes, descriptors or memory.");
    g_assert_cmpint(outcome(gate, question), ==, IDENTITY_HASH_DONE);
    identity_gate_free(gate);
}

/* The other end of the socket, as good or bad as the test wants it. */
static int be_a_process(void)
{
    struct identity_hash_question question;
    struct {
        struct identity_hash_answer answer;
        char more;
    } said = { .answer = { .outcome = IDENTITY_HASH_DONE } };
    bool is_short = g_access("is short", F_OK) == 0, is_long = g_access("is long", F_OK) == 0,
         is_unknown = g_access("is unknown", F_OK) == 0,
         never_ends = g_access("never ends", F_OK) == 0;
    if (g_access("ends", F_OK) == 0)
        return 3;
    if (!is_short && !is_long && !is_unknown && !never_ends)
        return identity_hasher_main();
    while (recv(STDIN_FILENO, &question, sizeof question, 0) > 0) {
        if (is_unknown)
            said.answer.outcome = 77;
        if (never_ends)
            memset(said.answer.hash, 'x', sizeof said.answer.hash);
        size_t length = sizeof said.answer;
        send(STDIN_FILENO, &said, is_short ? length - 1 : is_long ? length + 1 : length, 0);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], IDENTITY_HASHER_WORD) == 0)
        return be_a_process();
    g_assert_cmpint(sodium_init(), >=, 0);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gate/elsewhere", passwords_are_hashed_and_compared_elsewhere);
    g_test_add_func("/gate/nothing-but-its-socket", the_process_has_nothing_but_its_socket);
    g_test_add_func("/gate/longest", the_longest_password_crosses_whole);
    g_test_add_func("/gate/killed", a_process_that_is_killed_over_a_hash_is_replaced);
    g_test_add_func("/gate/killed-at-rest", a_process_killed_at_rest_is_missed_by_nobody);
    g_test_add_func("/gate/waited-for", a_process_that_others_waited_for_is_replaced);
    g_test_add_func("/gate/idle", a_process_without_work_ends_and_leaves_nothing);
    g_test_add_func("/gate/stop", a_stop_of_everything_lets_it_finish);
    g_test_add_func("/gate/crowd", a_crowd_is_served_or_told_to_come_again);
    g_test_add_func("/gate/memory", a_lack_of_memory_is_no_wrong_password);
    g_test_add_func("/gate/queue", more_than_the_queue_holds_is_refused);
    g_test_add_func("/gate/bad", what_a_bad_process_says_is_not_believed);
    g_test_add_func("/gate/no-process", where_no_process_can_start_the_log_says_why);
    return g_test_run();
}
