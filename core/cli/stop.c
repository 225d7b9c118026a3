/* `portico stop`: ends the portal and waits until it is gone. */
#include "cli/ask.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Waits for the end of a process that is not ours. */
static void wait_for_end(int pid)
{
    int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd end = { .fd = descriptor, .events = POLLIN };
    if (descriptor < 0)
        return;
    while (poll(&end, 1, -1) < 0 && errno == EINTR)
        ;
    close(descriptor);
}

static int run(const struct cli_call *call)
{
    struct arena *arena = arena_new(0);
    struct value *status = NULL, *answer = NULL;
    int exit = arena ? ask(call, "status", arena, &status) : CLI_FAILED;
    if (exit == CLI_OK)
        exit = ask(call, "stop", arena, &answer);
    if (exit == CLI_OK) {
        wait_for_end(ask_pid(status));
        printf("The portal has ended.\n");
    }
    arena_free(arena);
    return exit;
}

const struct cli_command cli_stop = {
    .name = "stop",
    .summary = "end the portal that runs with this config",
    .arguments = "",
    .description = "What is under way is finished first, within [server] drain_time. Returns once "
                   "the portal has ended.",
    .run = run,
};
