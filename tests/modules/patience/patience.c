/* A command that goes on until it is asked to stop. */
#include <portico/portico.h>

#include <time.h>

static int wait_for_stop(struct portico_context *context, const struct portico_command_call *call,
                         struct portico_error *error)
{
    (void)error;
    const struct timespec moment = { .tv_nsec = 10000000 };
    call->write(context, "waiting\n", 8);
    while (!call->progress(context, 0, 0))
        nanosleep(&moment, NULL);
    return call->write(context, "asked to stop\n", 14);
}

static const struct portico_command commands[] = {
    { .name = "wait", .summary = "Wait for Ctrl-C", .run = wait_for_stop },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Patience",
    .commands = PORTICO_LIST(commands),
};
PORTICO_EXPORT_MODULE(module)
