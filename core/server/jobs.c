/* A jobs process: the modules, and a runner in place of a server. */
#include "base/error.h"
#include "base/log.h"
#include "server/channel.h"
#include "server/member.h"
#include "server/runner.h"

#include <unistd.h>

#define GIVE_BACK_TIME 1000000 /* µs for giving back what the draining time did not suffice for */

struct jobs {
    struct member member; /* must be first */
    struct metrics *metrics;
    struct runner *runner;
    bool late;
};

static void message(struct member *member, const char *type, const struct value *given)
{
    struct jobs *jobs = (struct jobs *)member;
    const char *label = channel_text(given, "route");
    if (strcmp(type, "serve") == 0)
        runner_serve(jobs->runner);
    else if (strcmp(type, "gone") == 0)
        runner_gone(jobs->runner, (int)channel_integer(given, "pid"),
                    (unsigned)channel_integer(given, "slot"));
    else if (strcmp(type, "take_out") == 0)
        runner_take_out(jobs->runner, label);
    else if (strcmp(type, "try") == 0)
        runner_try(jobs->runner, label);
    else if (strcmp(type, "put_back") == 0)
        runner_put_back(jobs->runner, label);
}

static void drain(struct member *member, int give)
{
    const struct jobs *jobs = (struct jobs *)member;
    if (give >= 0)
        close(give);
    runner_drain(jobs->runner);
}

static void late(struct member *member)
{
    struct jobs *jobs = (struct jobs *)member;
    const struct timeval more = { .tv_usec = GIVE_BACK_TIME % 1000000,
                                  .tv_sec = GIVE_BACK_TIME / 1000000 };
    if (jobs->late) {
        member_end(member, SERVER_EXIT_DRAINED);
        return;
    }
    jobs->late = true;
    log_warning("The draining time is over; %u jobs go back to the queue.",
                runner_running(jobs->runner));
    runner_give_back(jobs->runner);
    event_add(member->limit_event, &more);
}

static void beat(struct member *member)
{
    const struct jobs *jobs = (struct jobs *)member;
    runner_beat(jobs->runner);
    metrics_jobs_beat(jobs->metrics, member->room.store);
}

static void turn(struct member *member)
{
    const struct jobs *jobs = (struct jobs *)member;
    runner_turn(jobs->runner);
}

static void on_tested(const char *problem, void *data)
{
    struct jobs *jobs = data;
    struct buffer report = { 0 };
    if (problem)
        member_end(&jobs->member, member_refuse(&report, problem));
    else
        member_send_ready(&jobs->member);
    buffer_free(&report);
}

static void on_stuck(const char *label, void *data)
{
    (void)data;
    member_send("replace", "route", label);
}

static void on_tried(const char *label, void *data)
{
    (void)data;
    member_send_state(label, "tried", 0);
}

static void on_emptied(void *data)
{
    struct jobs *jobs = data;
    if (!jobs->member.ended)
        member_end(&jobs->member, SERVER_EXIT_DRAINED);
}

static const struct member_kind kind = {
    .word = "jobs",
    .message = message,
    .drain = drain,
    .late = late,
    .beat = beat,
    .turn = turn,
};

static int open_jobs(struct jobs *jobs, struct portico_error *error)
{
    struct member *member = &jobs->member;
    jobs->metrics = metrics_new(member->board, member->options->slot);
    const struct runner_options options = { .base = member->base,
                                            .host = &member->room.host,
                                            .settings = &member->room.settings,
                                            .page = member->page,
                                            .board = member->board,
                                            .metrics = jobs->metrics,
                                            .slot = member->options->slot,
                                            .tested = on_tested,
                                            .stuck = on_stuck,
                                            .tried = on_tried,
                                            .emptied = on_emptied,
                                            .data = jobs };
    return runner_new(&options, &jobs->runner, error);
}

int jobs_run(const struct worker_options *options)
{
    struct jobs jobs = { .metrics = NULL };
    struct buffer report = { 0 };
    struct portico_error error = PORTICO_ERROR_INIT;
    close(WORKER_HANDED);
    int code = member_open(&jobs.member, &kind, options, &report, &error);
    if (code == 0)
        code = open_jobs(&jobs, &error);
    if (code == 0)
        member_loop(&jobs.member);
    else
        jobs.member.exit_code = member_refuse(&report, error.message);
    int exit_code = jobs.member.exit_code;
    buffer_free(&report);
    /* What still runs uses everything; the process ends with it as it stands. */
    if (jobs.runner && runner_running(jobs.runner))
        _exit(exit_code);
    runner_free(jobs.runner);
    metrics_free(jobs.metrics);
    member_close(&jobs.member);
    return exit_code;
}
