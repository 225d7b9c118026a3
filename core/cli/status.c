/* `portico status`: what runs, how it is, and what was taken out. */
#include "base/clock.h"
#include "base/json.h"
#include "base/value_copy.h"
#include "cli/ask.h"
#include "cli/database.h"
#include "cli/modules.h"
#include "cli/terminal.h"
#include "config/follow.h"
#include "job/job.h"
#include "server/mail.h"

#include <glib.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define RUNNING_MOST 100 /* jobs that are named */
/* What does not answer is shown as such: an admin asks just when something does not. */
#define HEALTH_TIME 1500000 /* µs */
#define CONNECT_TIME 1000000

static int connect_unix(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, strlen(path));
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor >= 0 && connect(descriptor, (void *)&address, sizeof address) != 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

/* "http://HOST:PORT/" */
static int connect_url(struct arena *arena, const char *url)
{
    char *host = arena_strdup(arena, url + strlen("http://"));
    char *end = host ? strchr(host, '/') : NULL;
    char *port = NULL;
    if (end)
        *end = '\0';
    port = host ? strrchr(host, ':') : NULL;
    if (!port)
        return -1;
    *port++ = '\0';
    size_t length = strlen(host);
    if (host[0] == '[' && length > 1) {
        host[length - 1] = '\0';
        host++;
    }
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return -1;
    int descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor >= 0 && connect(descriptor, found->ai_addr, found->ai_addrlen) != 0) {
        close(descriptor);
        descriptor = -1;
    }
    freeaddrinfo(found);
    return descriptor;
}

/* What /readyz says at the portal's first address; NULL if it does not answer in time. */
static struct value *ask_health(struct arena *arena, const char *address)
{
    static const char request[] =
        "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    const struct timeval limit = { HEALTH_TIME / 1000000, HEALTH_TIME % 1000000 };
    int descriptor = strncmp(address, "http://", 7) == 0 ? connect_url(arena, address)
                     : strncmp(address, "unix:", 5) == 0 ? connect_unix(address + 5)
                                                         : -1;
    if (descriptor < 0)
        return NULL;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    struct buffer answer = { 0 };
    ssize_t got = send(descriptor, request, sizeof request - 1, MSG_NOSIGNAL);
    while (got > 0 && answer.length < 1024 * 1024) {
        char *room = buffer_room(&answer, 4096);
        got = room ? recv(descriptor, room, 4096, 0) : -1;
        answer.length += got > 0 ? (size_t)got : 0;
    }
    close(descriptor);
    struct value *health = NULL;
    const char *body = answer.length ? memmem(answer.data, answer.length, "\r\n\r\n", 4) : NULL;
    if (body)
        json_parse(arena, body + 4, answer.length - (size_t)(body + 4 - answer.data), &health,
                   NULL);
    buffer_free(&answer);
    return health;
}

/* Asked beside the database: together they take as long as the slower one. */
struct health {
    const char *address;
    struct arena *arena;
    struct value *answer;
    GThread *thread;
};

static gpointer health_main(gpointer data)
{
    struct health *health = data;
    health->answer = ask_health(health->arena, health->address);
    return NULL;
}

static void health_begin(struct health *health, const struct value *status)
{
    const struct portico_value *addresses = portico_get(value_public(status), "addresses");
    health->address = portico_text_of(portico_at(addresses, 0), NULL);
    health->arena = health->address ? arena_new(0) : NULL;
    if (health->arena)
        health->thread = g_thread_new("health", health_main, health);
}

/* The answer lives until health_free. */
static void health_end(struct health *health, struct value *status)
{
    if (health->thread)
        g_thread_join(health->thread);
    if (health->answer)
        value_set(status, TEXT("health"), health->answer);
}

static void print_span(long long seconds)
{
    if (seconds >= 86400)
        printf("%lldd %lldh", seconds / 86400, seconds % 86400 / 3600);
    else if (seconds >= 3600)
        printf("%lldh %lldmin", seconds / 3600, seconds % 3600 / 60);
    else if (seconds >= 60)
        printf("%lldmin %llds", seconds / 60, seconds % 60);
    else
        printf("%llds", seconds);
}

static long long integer(const struct portico_value *object, const char *key)
{
    return (long long)portico_get_integer(object, key, 0);
}

static void print_workers(const struct portico_value *workers)
{
    printf("\n%-9s %-8s %-10s %-9s %10s %10s %12s %10s\n", "WORKER", "PID", "GENERATION", "STATE",
           "REQUESTS", "IN FLIGHT", "CONNECTIONS", "MEMORY");
    for (size_t i = 0; i < portico_count(workers); i++) {
        const struct portico_value *row = portico_at(workers, i);
        printf("%-9lld %-8lld %-10lld %-9s %10lld %10lld %12lld %6.1f MiB\n", integer(row, "slot"),
               integer(row, "pid"), integer(row, "generation"), portico_get_text(row, "state", "?"),
               integer(row, "requests"), integer(row, "in_flight"), integer(row, "connections"),
               (double)integer(row, "memory_kib") / 1024);
    }
}

static void print_jobs_processes(const struct portico_value *jobs)
{
    if (portico_count(jobs))
        printf("\n%-9s %-8s %-10s %-9s %10s %10s %12s %10s\n", "JOBS", "PID", "GENERATION", "STATE",
               "RUNNING", "LATE", "", "MEMORY");
    for (size_t i = 0; i < portico_count(jobs); i++) {
        const struct portico_value *row = portico_at(jobs, i);
        printf("%-9lld %-8lld %-10lld %-9s %10lld %10lld %12s %6.1f MiB\n", integer(row, "slot"),
               integer(row, "pid"), integer(row, "generation"), portico_get_text(row, "state", "?"),
               integer(row, "running"), integer(row, "stuck"), "",
               (double)integer(row, "memory_kib") / 1024);
    }
}

static void print_mail(const struct portico_value *mail)
{
    const char *problem = portico_get_text(mail, "problem", NULL);
    if (problem)
        printf("\nMail: %s\n", problem);
    else
        printf("\nMail: through %s as %s\n", portico_get_text(mail, "server", "?"),
               portico_get_text(mail, "from", "?"));
}

/* Counts of the whole queue, and what runs now. */
static void print_queue(const struct portico_value *queue)
{
    const char *problem = portico_get_text(queue, "problem", NULL);
    if (problem) {
        printf("\nQueue: %s\n", problem);
        return;
    }
    printf("\nQueue: %lld waiting, %lld running, %lld failed, %lld done, %lld cancelled",
           integer(queue, "waiting"), integer(queue, "running"), integer(queue, "failed"),
           integer(queue, "done"), integer(queue, "cancelled"));
    if (integer(queue, "oldest_due_age") >= 1000000) {
        printf("; the oldest waits ");
        print_span(integer(queue, "oldest_due_age") / 1000000);
    }
    printf("\n");
    const struct portico_value *running = portico_get(queue, "running_jobs");
    for (size_t i = 0; i < portico_count(running); i++) {
        const struct portico_value *job = portico_at(running, i);
        const char *note = portico_get_text(job, "note", "");
        printf("  %s %s, try %lld", portico_get_text(job, "module", "?"),
               portico_get_text(job, "name", "?"), integer(job, "attempt"));
        if (integer(job, "total"))
            printf(", %lld of %lld", integer(job, "done"), integer(job, "total"));
        else if (integer(job, "done"))
            printf(", %lld done", integer(job, "done"));
        printf("%s%s\n", *note ? ": " : "", note);
    }
}

/* Of the last 30 days. */
static void print_scenarios(const struct portico_value *scenarios)
{
    if (portico_count(scenarios))
        printf("\nScenarios of the last 30 days:\n");
    for (size_t i = 0; i < portico_count(scenarios); i++) {
        const struct portico_value *row = portico_at(scenarios, i);
        printf("  %s %s: %lld begun, %lld finished, %lld given up, %lld open",
               portico_get_text(row, "module", "?"), portico_get_text(row, "title", "?"),
               integer(row, "started"), integer(row, "finished"), integer(row, "given_up"),
               integer(row, "open"));
        if (portico_get(row, "median_minutes"))
            printf(", half within %lld min", integer(row, "median_minutes"));
        printf("\n");
        const struct portico_value *steps = portico_get(row, "steps");
        for (size_t s = 0; s < portico_count(steps); s++)
            printf("    %-40s %lld\n", portico_get_text(portico_at(steps, s), "title", "?"),
                   integer(portico_at(steps, s), "passed"));
    }
}

static void print_health(const struct portico_value *health)
{
    printf("\nHealth: %s\n", portico_get_text(health, "state", "does not answer"));
    const struct portico_value *checks = portico_get(health, "checks");
    for (size_t i = 0; i < portico_count(checks); i++) {
        const struct portico_value *check = portico_at(checks, i);
        const char *message = portico_get_text(check, "message", NULL);
        printf("  %-24s %s%s%s\n", portico_get_text(check, "check", "?"),
               portico_get_text(check, "state", "?"), message && *message ? ": " : "",
               message ? message : "");
    }
}

/* What no process calls, and routes that some workers do not call. */
static void print_taken_out(const struct portico_value *out, const struct portico_value *workers)
{
    if (portico_count(out))
        printf("\nTaken out:\n");
    for (size_t i = 0; i < portico_count(out); i++) {
        const struct portico_value *row = portico_at(out, i);
        long long not_calling = integer(row, "workers"), wait = integer(row, "retry_in_seconds");
        printf("  %s: %s", portico_get_text(row, "route", "?"),
               portico_get_text(row, "reason", "?"));
        if (not_calling)
            printf(" %lld of %zu workers %s not call it.", not_calling, portico_count(workers),
                   not_calling == 1 ? "does" : "do");
        if (wait)
            printf(" Tried again in %lld s.\n", wait);
        else
            printf(" The next %s tries it again.\n",
                   strcmp(portico_get_text(row, "kind", ""), "job") == 0 ? "job" : "call");
    }
}

static void print_status(const struct portico_value *status)
{
    terminal_clean(value_of(status), "last_refusal");
    printf("Portico %s, %s, generation %lld, up ", portico_get_text(status, "version", "?"),
           portico_get_text(status, "state", "?"), integer(status, "generation"));
    print_span(integer(status, "uptime_seconds"));
    printf(", supervisor %lld\n", integer(status, "pid"));
    const struct portico_value *addresses = portico_get(status, "addresses");
    for (size_t i = 0; i < portico_count(addresses); i++)
        printf("  %s\n", portico_text_of(portico_at(addresses, i), NULL));
    print_workers(portico_get(status, "workers"));
    print_jobs_processes(portico_get(status, "jobs"));
    print_queue(portico_get(status, "queue"));
    print_mail(portico_get(status, "mail"));
    const struct portico_value *modules = portico_get(status, "modules");
    printf("\nModules:%s\n", portico_count(modules) ? "" : " none");
    for (size_t i = 0; i < portico_count(modules); i++)
        printf("  %-24s %s\n", portico_get_text(portico_at(modules, i), "id", "?"),
               portico_get_text(portico_at(modules, i), "version", "?"));
    print_scenarios(portico_get(status, "scenarios"));
    print_health(portico_get(status, "health"));
    const struct portico_value *out = portico_get(status, "taken_out");
    print_taken_out(out, portico_get(status, "workers"));
    const char *refusal = portico_get_text(status, "last_refusal", NULL);
    if (refusal)
        printf("\nThe last reload was refused:\n%s\n", refusal);
}

/* The queue's figures and the jobs that run, as the database has them; "problem" if it does not
 * answer: a status that fails with the database would be of little use. */
static struct value *read_queue(struct cli_database *database, int opened,
                                struct portico_error *error, struct arena *arena)
{
    struct value *figures = NULL, *jobs = NULL, *queue = NULL;
    int code = opened;
    if (code == 0)
        code = job_figures(database->session, &figures, error);
    if (code == 0)
        code = job_list(database->session, JOB_RUNNING, RUNNING_MOST, &jobs, error);
    if (code == 0) {
        queue = value_copy(arena, figures);
        if (queue)
            value_set(queue, TEXT("running_jobs"), value_copy(arena, jobs));
    } else {
        queue = value_new(arena, PORTICO_OBJECT);
        value_set_text(queue, "problem", error->message);
    }
    return queue;
}

/* What the scenarios of the enabled modules came to; empty if nobody can say. */
static struct value *read_scenarios(const struct cli_call *call, struct cli_database *database,
                                    struct arena *arena)
{
    struct cli_modules modules = { 0 };
    struct value *figures = NULL, *scenarios = NULL;
    size_t count = 0;
    if (cli_modules_inspect(call, &modules) == 0 && modules.registry) {
        const struct scenario_entry *entries = registry_scenarios(modules.registry, &count);
        if (count &&
            scenario_figures(database->session, entries, count, clock_now(), &figures, NULL) == 0)
            scenarios = value_copy(arena, figures);
    }
    cli_modules_free(&modules);
    return scenarios ? scenarios : value_new(arena, PORTICO_LISTING);
}

/* How mail leaves, or why none does. */
static void add_mail(const struct cli_call *call, struct value *status)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *mail = value_new(status->arena, PORTICO_OBJECT);
    struct follow *secrets = follow_new(NULL);
    struct config *config = NULL;
    struct mail_server server;
    int code = config_load(call->config, &config, &error);
    if (code == 0)
        code = mail_server_read(config, secrets, status->arena, &server, &error);
    value_set_boolean(mail, "configured", code == 0);
    if (code == 0) {
        value_set_text(mail, "server", server.url);
        value_set_text(mail, "from", server.from);
    } else {
        value_set_text(mail, "problem", error.message);
    }
    value_set(status, TEXT("mail"), mail);
    config_free(config);
    follow_free(secrets);
}

static void add_database(const struct cli_call *call, struct value *status)
{
    struct cli_database database = { .connect_time = CONNECT_TIME };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct arena *arena = status->arena;
    int code = cli_database_try(call, &database, &error);
    value_set(status, TEXT("queue"), read_queue(&database, code, &error, arena));
    value_set(status, TEXT("scenarios"),
              code == 0 ? read_scenarios(call, &database, arena)
                        : value_new(arena, PORTICO_LISTING));
    cli_database_close(&database);
}

static int run(const struct cli_call *call)
{
    struct arena *arena = arena_new(0);
    struct value *status = NULL;
    int exit = arena ? ask(call, "status", arena, &status) : CLI_FAILED;
    if (exit == CLI_OK && status) {
        struct health health = { 0 };
        health_begin(&health, status);
        add_mail(call, status);
        add_database(call, status);
        health_end(&health, status);
        if (cli_value(call, "json"))
            cli_print_json(status);
        else
            print_status(value_public(status));
        arena_free(health.arena);
    }
    arena_free(arena);
    return exit;
}

static const struct cli_option options[] = {
    { "json", NULL, "One JSON object instead of a table." },
};

const struct cli_command cli_status = {
    .name = "status",
    .summary = "show processes, modules, jobs, health and what was taken out",
    .arguments = "",
    .description = "Asks the portal that runs with this config. Ends with 4 if none runs.",
    CLI_OPTIONS(options),
    .run = run,
};
