#include "module/inspect.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX (8 * 1024 * 1024)

/* What the child announces before each step, so that a crash can be told with its cause. */
static const struct stage {
    const char *word;
    const char *culprit;
} stages[] = {
    { "load", "A constructor of it" },
    { "entry", "Its portico_module_entry" },
    { "read", "Its descriptor" },
};

struct output {
    struct buffer bytes;
    int status; /* of waitpid */
    bool too_late;
    bool too_long;
};

/* The child loads the very file that was checked, whatever its path leads to by then: the number
 * lives in that one process, which loads nothing else by it. */
static pid_t spawn(int file, int *ret_reader)
{
    int ends[2];
    char program[] = "portico", command[] = "inspect-module", path[] = INSPECT_CHILD_PATH;
    char *const arguments[] = { program, command, path, NULL };
    char *const environment[] = { NULL };
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    int none = open("/dev/null", O_RDWR | O_CLOEXEC);
    pid_t child = none < 0 ? -1 : fork();
    if (child == 0) {
        /* Only async-signal-safe calls: other threads may hold locks. Ends are moved high first, so
         * that none of them is 3 or below when the low numbers are given out. */
        int writer = fcntl(ends[1], F_DUPFD, 10);
        int nothing = fcntl(none, F_DUPFD, 10);
        int library = fcntl(file, F_DUPFD, 10);
        if (writer < 0 || nothing < 0 || library < 0 || dup2(nothing, 0) < 0 ||
            dup2(nothing, 1) < 0 || dup2(nothing, 2) < 0 || dup2(writer, 3) < 0 ||
            dup2(library, INSPECT_CHILD_FILE) < 0)
            _exit(126);
        close_range(INSPECT_CHILD_FILE + 1, ~0u, 0);
        setsid();
        execve("/proc/self/exe", arguments, environment);
        _exit(126);
    }
    if (none >= 0)
        close(none);
    close(ends[1]);
    if (child < 0)
        close(ends[0]);
    else
        *ret_reader = ends[0];
    return child;
}

/* Reads until the end, the deadline or the limit; then nothing of the child's session is left
 * running. */
static void collect(pid_t child, int reader, int64_t time, struct output *output)
{
    int64_t deadline = clock_steady() + time;
    for (;;) {
        int64_t left = deadline - clock_steady();
        struct pollfd wait = { .fd = reader, .events = POLLIN };
        output->too_late = left <= 0;
        output->too_long = output->bytes.length > OUTPUT_MAX;
        if (output->too_late || output->too_long)
            break;
        if (poll(&wait, 1, (int)(left / 1000) + 1) <= 0)
            continue;
        char *room = buffer_room(&output->bytes, 65536);
        ssize_t got = room ? read(reader, room, 65536) : 0;
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        output->bytes.length += (size_t)got;
    }
    close(reader);
    if (output->too_late || output->too_long) {
        kill(-child, SIGKILL);
        kill(child, SIGKILL);
    }
    /* The pipe may be closed while the child goes on: it has the rest of its time. */
    while (waitpid(child, &output->status, WNOHANG) == 0) {
        if (clock_steady() >= deadline) {
            output->too_late = true;
            kill(-child, SIGKILL);
            kill(child, SIGKILL);
        }
        poll(NULL, 0, 1);
    }
    kill(-child, SIGKILL);
}

/* The last stage announced, and the JSON line if there is one. */
static const struct stage *read_output(const struct buffer *bytes, struct text *ret_result)
{
    const struct stage *stage = NULL;
    struct text rest = { bytes->data, bytes->length };
    while (rest.length) {
        const char *end = memchr(rest.data, '\n', rest.length);
        struct text line = { rest.data, end ? (size_t)(end - rest.data) : rest.length };
        if (end && text_starts(line, TEXT("R ")))
            *ret_result = (struct text){ line.data + 2, line.length - 2 };
        for (size_t i = 0; end && i < sizeof stages / sizeof *stages; i++)
            if (text_equals(line, text_of(stages[i].word)))
                stage = &stages[i];
        rest.data += line.length + (end != NULL);
        rest.length -= line.length + (end != NULL);
    }
    return stage;
}

static void report_end(const struct output *output, const struct stage *stage, int64_t time,
                       struct descriptor_report *report)
{
    const char *culprit = stage ? stage->culprit : "Its inspection";
    const char *advice = "Nothing may run when a module is loaded: move it to .start.";
    if (output->too_late)
        descriptor_say(report, "%s did not come back within %.1f s. %s", culprit,
                       (double)time / 1000000, advice);
    else if (output->too_long)
        descriptor_say(report,
                       "Its descriptor is larger than 8 MiB: shorten its lists and schemas.");
    else if (WIFSIGNALED(output->status) && WTERMSIG(output->status) == SIGXCPU)
        descriptor_say(report, "%s used up its processor time. %s", culprit, advice);
    else if (WIFSIGNALED(output->status))
        descriptor_say(report, "%s crashed (signal %d, %s). %s", culprit, WTERMSIG(output->status),
                       strsignal(WTERMSIG(output->status)),
                       stage == &stages[2] ? "Its texts and lists must be static const data."
                                           : advice);
    else
        descriptor_say(report, "%s ended the process with status %d. %s", culprit,
                       WEXITSTATUS(output->status), advice);
}

/* The child's own findings, then the descriptor, if it is one. */
static void read_result(struct text result, struct arena *arena, struct portico_module *ret_module,
                        struct descriptor_report *report)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *value = NULL;
    unsigned before = report->count;
    if (json_parse(arena, result.data, result.length, &value, &error) < 0) {
        descriptor_say(report, "What the inspection of it reported cannot be read: %s",
                       error.message);
        return;
    }
    const struct value *problems = value_get(value, TEXT("problems"));
    for (uint32_t i = 0; problems && problems->kind == PORTICO_LISTING && i < problems->count; i++)
        if (problems->items[i]->kind == PORTICO_TEXT)
            descriptor_say(report, "%s", problems->items[i]->text);
    struct portico_module module;
    const struct value *described = value_get(value, TEXT("module"));
    if (!described && report->count > before)
        return;
    if (!descriptor_from_value(described, arena, &module, report))
        return;
    /* The child may be the module's prey: what it did not find is looked for again. */
    if (report->count == before)
        descriptor_check(&module, report);
    *ret_module = module;
}

bool inspect_module(int file, int64_t time, struct arena *arena, struct portico_module *ret_module,
                    struct descriptor_report *report)
{
    unsigned before = report->count;
    struct output output = { .status = 0 };
    int reader = -1;
    pid_t child = spawn(file, &reader);
    if (child < 0) {
        descriptor_say(report,
                       "It cannot be inspected: %s. Free memory or processes and run it again.",
                       strerror(errno));
        return false;
    }
    collect(child, reader, time, &output);
    struct text result = { 0 };
    const struct stage *stage = read_output(&output.bytes, &result);
    bool whole = !output.too_late && !output.too_long && WIFEXITED(output.status) &&
                 WEXITSTATUS(output.status) == 0 && result.data;
    if (whole)
        read_result(result, arena, ret_module, report);
    else
        report_end(&output, stage, time, report);
    buffer_free(&output.bytes);
    return report->count == before;
}
