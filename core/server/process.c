#include "server/process.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between fork and exec only what is safe there. Never returns. */
__attribute__((noreturn)) static void become(const struct process_options *options,
                                             const char **arguments)
{
    int high[PROCESS_DESCRIPTORS_MAX];
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int number = 1; number < 32; number++) {
        if (number != SIGPIPE)
            signal(number, SIG_DFL);
    }
    if (options->output >= 0) {
        dup2(options->output, STDOUT_FILENO);
        dup2(options->output, STDERR_FILENO);
    }
    /* First out of the way, then into place: a source may lie where a target belongs. */
    for (size_t i = 0; i < options->descriptor_count; i++) {
        high[i] = fcntl(options->descriptors[i], F_DUPFD_CLOEXEC, 3 + PROCESS_DESCRIPTORS_MAX);
        if (high[i] < 0)
            _exit(126);
    }
    for (size_t i = 0; i < options->descriptor_count; i++) {
        if (dup2(high[i], 3 + (int)i) < 0)
            _exit(126);
    }
    execv("/proc/self/exe", (char *const *)(uintptr_t)arguments);
    _exit(127);
}

pid_t process_start(const struct process_options *options, struct portico_error *error)
{
    const char *arguments[64] = { "portico" };
    size_t count = 1;
    for (size_t i = 0; options->arguments[i] && count < 63; i++)
        arguments[count++] = options->arguments[i];
    if (options->descriptor_count > PROCESS_DESCRIPTORS_MAX)
        return error_set(error, PORTICO_ELIMIT, "A child process was to get too many descriptors.");
    pid_t pid = fork();
    if (pid == 0)
        become(options, arguments);
    if (pid < 0)
        return error_set(error, PORTICO_EBUSY,
                         "Cannot start a process: %s. The limit of processes or memory is reached.",
                         strerror(errno));
    return pid;
}

const char *process_end_text(int status, char *ret_text, size_t size)
{
    if (WIFSIGNALED(status))
        snprintf(ret_text, size, "was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(ret_text, size, "ended with code %d", WEXITSTATUS(status));
    return ret_text;
}
