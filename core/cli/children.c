#include "cli/children.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 10000
#define STEP_MS 20

int children_open(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool children_interrupted(int signals)
{
    static bool interrupted;
    struct signalfd_siginfo one;
    while (read(signals, &one, sizeof one) == sizeof one)
        interrupted |= one.ssi_signo != SIGCHLD;
    return interrupted;
}

/* Between fork and exec only what is safe there. Never returns. */
__attribute__((noreturn)) static void become(const char *const *arguments, int output, int errors,
                                             pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(126);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0)
        dup2(nothing, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    execvp(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

pid_t child_start(const char *const *arguments, int output, int errors)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        become(arguments, output, errors, parent);
    if (pid > 0)
        setpgid(pid, pid);
    return pid;
}

static int await(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int child_run(const char *const *arguments, int signals, struct buffer *ret_output)
{
    int pipe[2];
    if (pipe2(pipe, O_CLOEXEC) < 0)
        return -1;
    pid_t pid = child_start(arguments, pipe[1], pipe[1]);
    close(pipe[1]);
    struct pollfd wait[] = { { .fd = pipe[0], .events = POLLIN },
                             { .fd = signals, .events = POLLIN } };
    bool interrupted = false;
    while (pid > 0) {
        poll(wait, 2, -1);
        interrupted = children_interrupted(signals);
        char *room = buffer_room(ret_output, 4096);
        ssize_t length = wait[0].revents && room ? read(pipe[0], room, 4096) : 0;
        if (length > 0)
            ret_output->length += (size_t)length;
        if (interrupted || !room || (wait[0].revents && length <= 0))
            break;
    }
    close(pipe[0]);
    if (pid < 0)
        return -1;
    if (interrupted)
        child_end(pid);
    return interrupted ? -2 : await(pid);
}

void child_end(pid_t pid)
{
    const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };
    if (pid <= 0)
        return;
    kill(-pid, SIGTERM);
    for (int waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
        if (waitpid(pid, NULL, WNOHANG) != 0)
            break;
        nanosleep(&step, NULL);
    }
    /* What it started and left behind, and itself if it did not listen. */
    kill(-pid, SIGKILL);
    waitpid(pid, NULL, 0);
}
