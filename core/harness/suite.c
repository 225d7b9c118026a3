/* The parent: one child after the other, what each reported, TAP. */
#include "harness/harness.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/remove.h"
#include "harness/bench.h"
#include "server/process.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE 10000       /* ms */
#define OUTPUT_SHOWN 12000   /* bytes of a child's own output */
#define PROBLEMS_SHOWN 20000 /* bytes of one test's problems */

struct suite {
    const struct harness_options *options;
    const struct portico_test *tests;
    uint32_t count;
    char *scratch; /* directories of children below it */
    unsigned points, failed;
};

/* What is known of one child once it ended. */
struct outcome {
    GString *problems; /* failures and violations, a paragraph each */
    GString *notes;
    char *output;
    bool refused, returned, ended;
    int status;
    bool late;
    char running[sizeof((struct module_trace_slot *)0)->name];
    uint64_t allocations;
};

/* ---- one child ---- */

/* Memory-backed where the system has it: a test waits for no disk. */
static const char *scratch_parent(void)
{
    return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir();
}

static void child(struct bench *bench, int output)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    int none = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(none, 0);
    dup2(output, 1);
    dup2(output, 2);
    close(none);
    /* A program under LeakSanitizer would look again, at what the parent left us. */
    _exit(bench_run(bench));
}

/* What runs in the child, as its shared page says. Only the bytes are trusted. */
static void read_running(const struct server_page *page, char *ret_name, size_t size)
{
    for (unsigned i = 0; i < MODULE_TRACE_SLOTS; i++) {
        if (atomic_load(&page->trace.slots[i].kind) == 0)
            continue;
        g_strlcpy(ret_name, page->trace.slots[i].name, size);
        if (!g_utf8_validate(ret_name, -1, NULL))
            *ret_name = '\0';
        return;
    }
}

static void wait_for(pid_t pid, int limit, struct outcome *outcome)
{
    int handle = pidfd_open(pid, 0);
    struct pollfd watched = { .fd = handle, .events = POLLIN };
    int ready;
    do
        ready = handle >= 0 ? poll(&watched, 1, limit) : 1;
    while (ready < 0 && errno == EINTR);
    outcome->late = ready == 0;
    if (outcome->late)
        kill(pid, SIGKILL);
    while (waitpid(pid, &outcome->status, 0) < 0 && errno == EINTR)
        ;
    if (handle >= 0)
        close(handle);
}

static char *read_memory(int file)
{
    off_t size = lseek(file, 0, SEEK_END);
    char *text = g_malloc0((gsize)(size > 0 ? size : 0) + 1);
    if (size > 0 && pread(file, text, (size_t)size, 0) < 0)
        *text = '\0';
    return text;
}

static void take_records(const char *text, struct outcome *outcome)
{
    char separator[] = { RECORD_END, '\0' };
    char **records = g_strsplit(text, separator, -1);
    for (char **at = records; *at && **at; at++) {
        const char *words = *at + 1;
        switch (**at) {
        case RECORD_FAILURE:
        case RECORD_VIOLATION: g_string_append_printf(outcome->problems, "%s\n", words); break;
        case RECORD_REFUSED:
            outcome->refused = true;
            g_string_append_printf(outcome->notes, "%s\n", words);
            break;
        case RECORD_NOTE: g_string_append_printf(outcome->notes, "%s\n", words); break;
        case RECORD_RETURNED: outcome->returned = true; break;
        case RECORD_ENDED: outcome->ended = true; break;
        default: break;
        }
    }
    g_strfreev(records);
}

/* A child that did not come to its own end says by what it was stopped. */
static void judge_end(struct outcome *outcome, int limit)
{
    if (outcome->ended)
        return;
    const char *running = *outcome->running ? outcome->running : NULL;
    GString *text = outcome->problems;
    if (outcome->late) {
        g_string_append_printf(text, "It did not end within %d ms and was stopped", limit);
    } else if (WIFSIGNALED(outcome->status)) {
        int number = WTERMSIG(outcome->status);
        g_string_append_printf(text, "It crashed (%s)", g_strsignal(number));
    } else {
        g_string_append_printf(text, "It ended with exit status %d before the test was over",
                               WEXITSTATUS(outcome->status));
    }
    g_string_append_printf(text, "%s%s.\n", running ? " while it ran " : "",
                           running             ? running
                           : outcome->returned ? " after the test, while the module was stopped"
                                               : "");
}

static void outcome_free(struct outcome *outcome)
{
    g_string_free(outcome->problems, TRUE);
    g_string_free(outcome->notes, TRUE);
    g_free(outcome->output);
}

static struct outcome run_child(struct suite *suite, const struct portico_test *test,
                                enum harness_mode mode, uint64_t fail_at,
                                struct bench_shared *shared)
{
    struct outcome outcome = { .problems = g_string_new(NULL), .notes = g_string_new(NULL) };
    int report = memfd_create("portico-test-report", MFD_CLOEXEC);
    int output = memfd_create("portico-test-output", MFD_CLOEXEC);
    int limit = test->deadline_ms ? (int)test->deadline_ms : DEADLINE;
    struct bench bench = { .options = suite->options,
                           .test = test,
                           .mode = mode,
                           .fail_at = fail_at,
                           .shared = shared,
                           .report = report,
                           .directory = g_build_filename(suite->scratch, "run", NULL) };
    memset(&shared->page, 0, sizeof shared->page);
    g_mkdir_with_parents(bench.directory, 0700);
    fflush(NULL);
    pid_t pid = report < 0 || output < 0 ? -1 : fork();
    if (pid == 0)
        child(&bench, output);
    if (pid > 0) {
        wait_for(pid, limit, &outcome);
        char *records = read_memory(report);
        take_records(records, &outcome);
        g_free(records);
        outcome.output = read_memory(output);
        read_running(&shared->page, outcome.running, sizeof outcome.running);
        outcome.allocations = shared->allocations;
        judge_end(&outcome, limit);
    } else {
        g_string_append_printf(outcome.problems, "A process could not be made: %s.\n",
                               strerror(errno));
    }
    if (report >= 0)
        close(report);
    if (output >= 0)
        close(output);
    remove_tree(bench.directory);
    g_free(bench.directory);
    return outcome;
}

/* ---- TAP ---- */

static void write_out(int file, const char *text)
{
    size_t length = strlen(text);
    while (length) {
        ssize_t wrote = write(file, text, length);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return;
        text += wrote;
        length -= (size_t)wrote;
    }
}

/* Every line behind "# ", cut where it gets long. */
static void add_lines(GString *out, const char *text, size_t limit)
{
    size_t length = strlen(text);
    size_t end = length > limit ? limit : length;
    for (size_t at = 0; at < end;) {
        size_t line = strcspn(text + at, "\n");
        if (line > end - at)
            line = end - at;
        g_string_append_printf(out, "#   %.*s\n", (int)line, text + at);
        at += line + 1;
    }
    if (end < length)
        g_string_append(out, "#   …\n");
}

static void point(struct suite *suite, const char *name, const char *where, const char *problems,
                  const struct outcome *outcome)
{
    bool good = *problems == '\0';
    GString *text = g_string_new(NULL);
    suite->failed += !good;
    g_string_append_printf(text, "%sok %u - %s%s%s%s\n", good ? "" : "not ", ++suite->points, name,
                           *where ? " (" : "", where, *where ? ")" : "");
    if (!good)
        add_lines(text, problems, PROBLEMS_SHOWN);
    if (!good && outcome && outcome->notes->len)
        add_lines(text, outcome->notes->str, PROBLEMS_SHOWN);
    if (!good && outcome && outcome->output && *outcome->output) {
        g_string_append(text, "#   its output:\n");
        add_lines(text, outcome->output, OUTPUT_SHOWN);
    }
    write_out(suite->options->output, text->str);
    g_string_free(text, TRUE);
}

/* ---- modes ---- */

static bool run_once(struct suite *suite, const struct portico_test *test, enum harness_mode mode,
                     const char *where, struct bench_shared *shared, uint64_t *ret_allocations)
{
    struct outcome outcome = run_child(suite, test, mode, 0, shared);
    if (outcome.refused)
        g_string_append(outcome.problems, "The module was refused.\n");
    point(suite, test->name, where, outcome.problems->str, &outcome);
    bool good = outcome.problems->len == 0;
    *ret_allocations = outcome.allocations;
    outcome_free(&outcome);
    return good;
}

/* The first few, where start and first call are, then evenly to the last. */
static uint64_t nth(unsigned at, unsigned count, uint64_t all)
{
    unsigned dense = count / 4;
    if (all <= count || at < dense)
        return at + 1;
    unsigned rest = count - dense - 1;
    return dense + 1 + (rest ? (uint64_t)(at - dense) * (all - dense - 1) / rest : 0);
}

static void run_failing(struct suite *suite, const struct portico_test *test,
                        struct bench_shared *shared, uint64_t allocations)
{
    unsigned most = suite->options->failures;
    unsigned count = (unsigned)(most && allocations > most ? most : allocations);
    char where[64];
    snprintf(where, sizeof where, "%u of %llu allocations failing", count,
             (unsigned long long)allocations);
    for (unsigned i = 0; i < count; i++) {
        uint64_t number = nth(i, count, allocations);
        struct outcome outcome = run_child(suite, test, HARNESS_FAILING, number, shared);
        if (outcome.problems->len) {
            point(suite, test->name, where, outcome.problems->str, &outcome);
            outcome_free(&outcome);
            return;
        }
        outcome_free(&outcome);
    }
    point(suite, test->name, where, "", NULL);
}

static void run_test(struct suite *suite, const struct portico_test *test,
                     struct bench_shared *shared)
{
    unsigned modes = suite->options->modes;
    uint64_t allocations = 0, ignored;
    bool good = run_once(suite, test, HARNESS_PLAIN, "", shared, &allocations);
    if (!good)
        return; /* the others would say the same again */
    if (modes & HARNESS_OLDER)
        run_once(suite, test, HARNESS_OLDER, "older host", shared, &ignored);
    if (modes & HARNESS_NEWER)
        run_once(suite, test, HARNESS_NEWER, "newer descriptor", shared, &ignored);
    if (modes & HARNESS_FAILING)
        run_failing(suite, test, shared, allocations);
}

/* ---- the whole ---- */

/* The list is copied: an item may be shorter than ours. */
static int load(struct suite *suite, struct portico_test **ret_tests, struct portico_error *error)
{
    void *library = dlopen(suite->options->tests, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, "portico_tests_entry") : NULL;
    const struct portico_test_suite *(*entry)(void) = NULL;
    memcpy(&entry, &symbol, sizeof entry);
    const struct portico_test_suite *given = entry ? entry() : NULL;
    if (!given) {
        const char *why = dlerror();
        return error_set(error, PORTICO_EINVAL,
                         "%s cannot be loaded: %s. Write PORTICO_EXPORT_TESTS at its end.",
                         suite->options->tests, why ? why : "it has no portico_tests_entry");
    }
    if (given->abi != PORTICO_ABI || given->size < sizeof *given)
        return error_set(error, PORTICO_EINVAL,
                         "%s was built for ABI %u of the SDK, this program has %u: build it again.",
                         suite->options->tests, given->abi, PORTICO_ABI);
    const struct portico_list *list = &given->tests;
    size_t shared = list->item_size < sizeof **ret_tests ? list->item_size : sizeof **ret_tests;
    suite->count = list->count;
    *ret_tests = g_new0(struct portico_test, list->count ? list->count : 1);
    for (uint32_t i = 0; i < list->count; i++) {
        memcpy(&(*ret_tests)[i], (const char *)list->items + (size_t)i * list->item_size, shared);
        if (!(*ret_tests)[i].name || !(*ret_tests)[i].run)
            return error_set(error, PORTICO_EINVAL, "Test %u of %s lacks a name or a function.",
                             i + 1, suite->options->tests);
    }
    suite->tests = *ret_tests;
    return 0;
}

static int run_all(struct suite *suite, struct portico_error *error)
{
    struct bench_shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    suite->scratch = g_build_filename(scratch_parent(), "portico-test-XXXXXX", NULL);
    int code = 0;
    if (shared == MAP_FAILED || !g_mkdtemp(suite->scratch))
        code = error_set(error, PORTICO_EIO, "A place for the tests cannot be made: %s.",
                         strerror(errno));
    for (uint32_t i = 0; code == 0 && i < suite->count; i++) {
        const char *filter = suite->options->filter;
        if (!filter || strstr(suite->tests[i].name, filter))
            run_test(suite, &suite->tests[i], shared);
    }
    if (code == 0 && suite->points == 0)
        code = error_set(error, PORTICO_ENOENT, "%s has no such test.", suite->options->tests);
    if (code == 0) {
        char plan[64];
        snprintf(plan, sizeof plan, "1..%u\n", suite->points);
        write_out(suite->options->output, plan);
    }
    remove_tree(suite->scratch);
    g_free(suite->scratch);
    if (shared != MAP_FAILED)
        munmap(shared, sizeof *shared);
    return code < 0 ? code : suite->failed > 0;
}

int harness_run(const struct harness_options *options, struct portico_error *error)
{
    struct suite suite = { .options = options };
    struct portico_test *tests = NULL;
    int code = load(&suite, &tests, error);
    if (code == 0)
        code = run_all(&suite, error);
    g_free(tests);
    return code;
}
