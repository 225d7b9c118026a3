/* `portico module dev`: builds a module, serves it in a portal of its own, follows its changes. */
#include "base/json.h"
#include "base/remove.h"
#include "cli/children.h"
#include "cli/dev_portal.h"
#include "cli/module.h"
#include "cli/module_diff.h"
#include "cli/watch.h"
#include "config/paths.h"
#include "module/loader.h"
#include "server/control.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUIET_MS 100 /* a change is taken up when nothing more changed for this long */
#define STEP_MS 50   /* between two looks whether it serves */

struct bench {
    struct arena *arena;
    char *directory, *build; /* absolute: sources, and where they are built */
    char *module, *id;       /* what was built: its directory and name; NULL before */
    char *config;            /* of the portal that serves it */
    struct dev_portal portal;
    bool own;  /* the portal is this command's own */
    pid_t pid; /* of the own portal; 0: it does not run */
    int signals, watch;
    struct arena *shown_arena;
    struct value *shown; /* what the module registered last; NULL before */
};

enum outcome { GOOD, BAD, INTERRUPTED };

static enum outcome run_tool(struct bench *bench, const char *const *arguments,
                             struct buffer *ret_output)
{
    int status = child_run(arguments, bench->signals, ret_output);
    if (status == -1)
        fprintf(stderr, "%s cannot be started: %s.\n", arguments[0], strerror(errno));
    if (status == 127)
        fprintf(stderr, "There is no program %s here; install it.\n", arguments[0]);
    return status == -2 ? INTERRUPTED : status == 0 ? GOOD : BAD;
}

/* Steps of the build are of no interest, only what compiler and CMake complain about. */
static void print_complaints(struct buffer *output)
{
    char **lines = g_strsplit(buffer_text(output) ? buffer_text(output) : "", "\n", -1);
    for (char **line = lines; *line; line++) {
        bool step = (*line)[0] == '[' && strpbrk(*line, "/%") &&
                    strspn(*line + 1, " 0123456789/%") == strcspn(*line + 1, "]");
        if (**line && !step && !g_str_has_prefix(*line, "ninja: ") &&
            !g_str_has_prefix(*line, "gmake") && !g_str_has_prefix(*line, "-- "))
            fprintf(stderr, "%s\n", *line);
    }
    g_strfreev(lines);
}

static enum outcome configure(struct bench *bench)
{
    char *cache = g_build_filename(bench->build, "CMakeCache.txt", NULL);
    bool there = g_file_test(cache, G_FILE_TEST_EXISTS);
    g_free(cache);
    if (there)
        return GOOD;
    /* The SDK of this program's own installation, unless the author names another. */
    char *bin = g_path_get_dirname(paths_executable());
    char *prefix = g_path_get_dirname(bin);
    const char *own = arena_printf(bench->arena, "-DCMAKE_PREFIX_PATH=%s", prefix);
    const char *const arguments[] = {
        "cmake", "-S",         bench->directory,
        "-B",    bench->build, g_getenv("CMAKE_PREFIX_PATH") ? NULL : own,
        NULL
    };
    g_free(prefix);
    g_free(bin);
    struct buffer output = { 0 };
    enum outcome outcome = run_tool(bench, arguments, &output);
    if (outcome == BAD)
        print_complaints(&output);
    buffer_free(&output);
    return outcome;
}

/* The one module below build/modules. */
static enum outcome find_module(struct bench *bench)
{
    char *modules = g_build_filename(bench->build, "modules", NULL);
    GDir *directory = g_dir_open(modules, 0, NULL);
    const char *name;
    unsigned count = 0;
    while (directory && (name = g_dir_read_name(directory))) {
        char *file = g_strdup_printf("%s/%s/%s.so", modules, name, name);
        if (g_file_test(file, G_FILE_TEST_EXISTS) && count++ == 0) {
            bench->id = arena_strdup(bench->arena, name);
            bench->module = arena_printf(bench->arena, "%s/%s", modules, name);
        }
        g_free(file);
    }
    if (directory)
        g_dir_close(directory);
    if (count != 1)
        fprintf(stderr,
                "The build made %s in %s: call portico_add_module(NAME …) once in "
                "CMakeLists.txt.\n",
                count ? "several modules" : "no module", modules);
    g_free(modules);
    return count == 1 ? GOOD : BAD;
}

static enum outcome build(struct bench *bench)
{
    enum outcome outcome = configure(bench);
    if (outcome != GOOD)
        return outcome;
    const char *const arguments[] = { "cmake", "--build", bench->build, NULL };
    struct buffer output = { 0 };
    outcome = run_tool(bench, arguments, &output);
    if (outcome == BAD) {
        print_complaints(&output);
        fprintf(stderr, "The build failed; what was built before goes on.\n");
    }
    buffer_free(&output);
    return outcome == GOOD ? find_module(bench) : outcome;
}

static void hear(const char *sentence, void *data)
{
    fprintf(stderr, "%s: %s\n", (const char *)data, sentence);
}

/* What the module registers, read in a process of its own, and its files; NULL after messages. */
static struct value *read_registrations(struct bench *bench, struct arena *arena)
{
    struct descriptor_report report = { hear, bench->id, 0 };
    struct loader_options options = { .directory = bench->module,
                                      .id = bench->id,
                                      .inspect_only = true };
    struct portico_module module;
    if (!loader_open(&options, arena, &module, &report))
        return NULL;
    struct value *both = value_new(arena, PORTICO_OBJECT);
    value_set(both, TEXT("registered"), descriptor_to_value(&module, arena));
    value_set(both, TEXT("files"), module_files(bench->module, arena));
    return both;
}

/* Prints what changed since the last time; takes the arena. */
static void print_difference(struct bench *bench, struct value *now, struct arena *arena)
{
    struct buffer out = { 0 };
    size_t count = 0;
    for (size_t i = 0; i < now->count; i++)
        count += module_diff(bench->shown ? bench->shown->members[i].value : NULL,
                             now->members[i].value, &out);
    if (count > 0)
        fwrite(out.data, 1, out.length, stdout);
    else
        printf("= it registers what it did before\n");
    fflush(stdout);
    buffer_free(&out);
    arena_free(bench->shown_arena);
    bench->shown_arena = arena;
    bench->shown = now;
}

static const char *free_address(struct arena *arena)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool got = descriptor >= 0 && bind(descriptor, (void *)&address, length) == 0 &&
               getsockname(descriptor, (void *)&address, &length) == 0;
    if (descriptor >= 0)
        close(descriptor);
    return got ? arena_printf(arena, "127.0.0.1:%u", ntohs(address.sin_port)) : "127.0.0.1:8090";
}

static enum outcome write_config(const struct bench *bench)
{
    return dev_portal_write(&bench->portal, bench->id, bench->module, bench->arena) ? GOOD : BAD;
}

/* Everything that the portal would refuse, once and before it is asked to. */
static enum outcome check_portal(struct bench *bench)
{
    const char *const arguments[] = { paths_executable(), "check", "--config", bench->config,
                                      NULL };
    struct buffer output = { 0 };
    enum outcome outcome = run_tool(bench, arguments, &output);
    if (outcome == BAD)
        fwrite(output.data, 1, output.length, stderr);
    buffer_free(&output);
    if (outcome == BAD && dev_portal_has_changed_migrations(&bench->portal))
        fprintf(stderr, "Or throw the database of this portal away, which has had the former "
                        "migrations: end this with Ctrl-C and begin again with "
                        "`portico module dev --fresh`.\n");
    if (outcome == BAD)
        fprintf(stderr, "%s\n",
                bench->pid ? "What was served before goes on; mend what it says and save."
                           : "The portal does not start; mend what it says and save.");
    return outcome;
}

static bool serves(const char *data)
{
    char *answer = NULL;
    struct arena *arena = arena_new(0);
    struct value *status = NULL;
    bool yes = arena && control_request(data, "{\"command\":\"status\"}", &answer, NULL) == 0 &&
               json_parse(arena, answer, strlen(answer), &status, NULL) == 0 &&
               strcmp(portico_get_text(value_public(status), "state", ""), "serving") == 0;
    free(answer);
    arena_free(arena);
    return yes;
}

/* BAD: it ended instead. */
static enum outcome await_portal(struct bench *bench)
{
    const char *data = arena_printf(bench->arena, "%s/portal/data", bench->build);
    struct pollfd wait = { .fd = bench->signals, .events = POLLIN };
    while (!serves(data)) {
        poll(&wait, 1, STEP_MS);
        if (children_interrupted(bench->signals))
            return INTERRUPTED;
        if (waitpid(bench->pid, NULL, WNOHANG) != 0)
            return BAD;
    }
    printf("%s serves at http://%s/%s\n", bench->id, bench->portal.listen, bench->id);
    return GOOD;
}

static enum outcome start_portal(struct bench *bench)
{
    const char *const arguments[] = { paths_executable(), "run", "--config", bench->config, NULL };
    bench->pid = child_start(arguments, STDERR_FILENO, STDERR_FILENO);
    enum outcome outcome = bench->pid > 0 ? await_portal(bench) : BAD;
    if (outcome != BAD)
        return outcome;
    bench->pid = 0;
    fprintf(stderr, "The portal does not start; mend what it says and save.\n");
    return BAD;
}

static enum outcome reload_portal(struct bench *bench)
{
    const char *const arguments[] = { paths_executable(), "reload", "--config", bench->config,
                                      NULL };
    struct buffer output = { 0 };
    enum outcome outcome = run_tool(bench, arguments, &output);
    if (output.length)
        fwrite(output.data, 1, output.length, outcome == GOOD ? stdout : stderr);
    fflush(stdout);
    buffer_free(&output);
    return outcome;
}

/* Builds, asks what is registered, serves it, tells the difference. */
static enum outcome take_up(struct bench *bench)
{
    enum outcome outcome = build(bench);
    if (outcome != GOOD)
        return outcome;
    struct arena *arena = arena_new(0);
    struct value *now = arena ? read_registrations(bench, arena) : NULL;
    outcome = !now ? BAD : bench->own ? write_config(bench) : GOOD;
    if (outcome == GOOD && bench->own)
        outcome = check_portal(bench);
    if (outcome == GOOD)
        outcome = bench->own && !bench->pid ? start_portal(bench) : reload_portal(bench);
    if (outcome == GOOD)
        print_difference(bench, now, arena);
    else
        arena_free(arena);
    return outcome;
}

/* The own portal ended by itself: the next change starts it again. */
static void notice_end(struct bench *bench)
{
    if (bench->pid <= 0 || waitpid(bench->pid, NULL, WNOHANG) == 0)
        return;
    fprintf(stderr, "The portal ended; the next change starts it again.\n");
    bench->pid = 0;
}

/* Follows changes until Ctrl-C. */
static void follow(struct bench *bench)
{
    struct pollfd wait[] = { { .fd = bench->watch, .events = POLLIN },
                             { .fd = bench->signals, .events = POLLIN } };
    bool changed = false;
    while (!children_interrupted(bench->signals)) {
        int ready = poll(wait, 2, changed ? QUIET_MS : -1);
        notice_end(bench);
        if (ready > 0 && wait[0].revents)
            changed |= watch_read(bench->watch, bench->directory, bench->build);
        if (ready != 0 || !changed)
            continue;
        changed = false;
        if (take_up(bench) == INTERRUPTED)
            break;
    }
}

/* What belongs to the own portal cannot be said of another. */
static int check_options(const struct cli_call *call)
{
    static const char *const own[] = { "listen", "fresh", "with" };
    for (size_t i = 0; call->config_given && i < G_N_ELEMENTS(own); i++)
        if (cli_value(call, own[i])) {
            fprintf(stderr,
                    "portico module: --%s is for the portal that dev makes; the one of --config "
                    "has its own config. Leave one of them out.\n",
                    own[i]);
            return CLI_USAGE;
        }
    return CLI_OK;
}

/* Absolute paths, and what must be there. */
static int open_bench(const struct cli_call *call, struct bench *bench)
{
    const char *given = call->argument_count > 1 ? call->arguments[1] : ".";
    char *directory = realpath(given, NULL);
    bench->directory = arena_strdup(bench->arena, directory ? directory : given);
    free(directory);
    char *list = g_build_filename(bench->directory, "CMakeLists.txt", NULL);
    bool there = g_file_test(list, G_FILE_TEST_EXISTS);
    g_free(list);
    if (!there) {
        fprintf(stderr,
                "portico module: there is no CMakeLists.txt in %s. `portico module new NAME` makes "
                "a module to begin with.\n",
                bench->directory);
        return CLI_FAILED;
    }
    bench->build = arena_printf(bench->arena, "%s/build", bench->directory);
    const char *listen = cli_value(call, "listen");
    bench->own = !call->config_given;
    bench->config = bench->own ? arena_printf(bench->arena, "%s/portal/portico.conf", bench->build)
                               : arena_strdup(bench->arena, call->config);
    bench->portal = (struct dev_portal){
        .beside = bench->directory,
        .build = bench->build,
        .config = bench->config,
        .listen = listen && *listen ? listen : free_address(bench->arena),
        .with = cli_value(call, "with"),
    };
    if (bench->own && cli_value(call, "fresh"))
        remove_tree(arena_printf(bench->arena, "%s/portal/data", bench->build));
    bench->signals = children_open();
    bench->watch = watch_open(bench->directory, bench->build);
    if (bench->signals >= 0 && bench->watch >= 0)
        return CLI_OK;
    fprintf(stderr, "portico module: %s cannot be watched: %s.\n", bench->directory,
            strerror(errno));
    return CLI_FAILED;
}

int module_dev(const struct cli_call *call, struct config *config, struct arena *arena)
{
    (void)config;
    struct bench bench = { .arena = arena, .signals = -1, .watch = -1 };
    /* A portal refuses files that others may write. */
    umask(022);
    int exit = check_options(call);
    if (exit == CLI_OK)
        exit = open_bench(call, &bench);
    if (exit == CLI_OK) {
        if (take_up(&bench) != INTERRUPTED)
            follow(&bench);
        printf("Ended.\n");
    }
    if (bench.pid > 0)
        child_end(bench.pid);
    if (bench.watch >= 0)
        close(bench.watch);
    if (bench.signals >= 0)
        close(bench.signals);
    arena_free(bench.shown_arena);
    return exit;
}
