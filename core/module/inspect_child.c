/* The inspected side: runs module code, in a process that has nothing to lose. */
#include "base/json.h"
#include "module/inspect.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define MEMORY_MAX (1024UL * 1024 * 1024)

/* The sanitizers map terabytes of address space for their shadow. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LIMIT_MEMORY 0
#else
#define LIMIT_MEMORY 1
#endif

static void limit(int resource, rlim_t value)
{
    const struct rlimit limit = { value, value };
    setrlimit(resource, &limit);
}

/* A crash must end the child by its signal, whatever this program does with signals otherwise. */
static void let_signals_kill(void)
{
    static const int signals[] = { SIGSEGV, SIGBUS,  SIGILL,  SIGFPE,
                                   SIGABRT, SIGTRAP, SIGXCPU, SIGTERM };
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
}

static void confine(void)
{
    let_signals_kill();
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NOFILE, 64);
    limit(RLIMIT_CPU, 5);
    if (LIMIT_MEMORY)
        limit(RLIMIT_AS, MEMORY_MAX);
}

/* To descriptor 3, or to standard output when a person runs the command. A pipe is no file: the
 * limit of file sizes does not touch it. */
static void put(const char *bytes, size_t length)
{
    int to = fcntl(3, F_GETFD) < 0 ? STDOUT_FILENO : 3;
    while (length > 0) {
        ssize_t wrote = write(to, bytes, length);
        if (wrote <= 0)
            _exit(1);
        bytes += wrote;
        length -= (size_t)wrote;
    }
}

static void announce(const char *stage)
{
    put(stage, strlen(stage));
    put("\n", 1);
}

static void keep_sentence(const char *sentence, void *data)
{
    struct value *problems = data;
    value_append(problems, value_text(problems->arena, sentence, strlen(sentence)));
}

/* Loads the file and reads its descriptor into `ret_module`; false: reported. */
static bool examine(const char *path, struct arena *arena, struct portico_module *ret_module,
                    struct descriptor_report *report)
{
    announce("load");
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library) {
        const char *why = dlerror();
        if (why && strncmp(why, path, strlen(path)) == 0 && why[strlen(path)] == ':')
            why += strlen(path) + 2; /* what the file is called here says nothing to anybody */
        descriptor_say(report,
                       "It cannot be loaded: %s. Install the library it needs, or build it "
                       "again for this system.",
                       why ? why : "no reason was given");
        return false;
    }
    const struct portico_module *(*entry)(void) = NULL;
    void *symbol = dlsym(library, "portico_module_entry");
    memcpy(&entry, &symbol, sizeof entry);
    if (!entry) {
        descriptor_say(report, "It does not export portico_module_entry: end the source with "
                               "PORTICO_EXPORT_MODULE(module).");
        return false;
    }
    announce("entry");
    const struct portico_module *foreign = entry();
    if (!foreign) {
        descriptor_say(report,
                       "Its portico_module_entry returned NULL instead of a descriptor: use "
                       "PORTICO_EXPORT_MODULE(module).");
        return false;
    }
    announce("read");
    return descriptor_copy(foreign, arena, ret_module, report);
}

int inspect_main(int argc, char **argv)
{
    struct arena *arena = arena_new(65536);
    struct value *result = arena ? value_new(arena, PORTICO_OBJECT) : NULL;
    struct value *problems = result ? value_new(arena, PORTICO_LISTING) : NULL;
    if (argc != 3 || !problems || value_set(result, TEXT("problems"), problems) < 0) {
        arena_free(arena);
        return 2;
    }
    struct descriptor_report report = { keep_sentence, problems, 0 };
    struct portico_module module = { 0 };
    confine();
    if (examine(argv[2], arena, &module, &report)) {
        descriptor_check(&module, &report);
        value_set(result, TEXT("module"), descriptor_to_value(&module, arena));
    }
    struct buffer line = { 0 };
    buffer_append_text(&line, "R ");
    json_write(&line, result);
    buffer_append_char(&line, '\n');
    put(line.data, line.length);
    buffer_free(&line);
    arena_free(arena);
    /* Not exit: destructors of the module have no business here. */
    _exit(0);
}
