/* Calls that do harm in a process that others share: threads, modules and the host. */
#include "module/examine.h"

#define SHARED "returns memory that all threads share"

/* Symbols, what they do to the host, and what to use instead. One ending in "*" stands for all that
 * begin so. */
static const struct import {
    const char *symbols; /* with a blank between */
    enum examine_weight weight;
    const char *why, *instead;
} imports[] = {
    { "fork", EXAMINE_ERROR, "copies a process with other threads' locks held and its sockets open",
      "start a helper outside the portal and talk to it, or queue a job" },
    { "vfork", EXAMINE_ERROR, "stops the whole process until its child runs something else",
      "start a helper outside the portal and talk to it, or queue a job" },
    { "daemon", EXAMINE_ERROR, "ends the process that serves everybody",
      "run the program as a service of its own" },
    { "exit _exit _Exit quick_exit", EXAMINE_ERROR,
      "ends the process with every request that runs in it", "return a negative PORTICO_E… code" },
    { "pthread_exit", EXAMINE_ERROR, "ends a handler thread that belongs to the host",
      "return from the handler" },
    { "abort", EXAMINE_ADVICE, "stops the worker and takes the requests beside yours with it",
      "return PORTICO_EFAULT; keep it for what cannot happen" },
    { "__assert_fail", EXAMINE_ADVICE,
      "stops the worker when an assertion fails, with the requests beside yours",
      "build releases with -DNDEBUG and check input with code" },
    { "setlocale", EXAMINE_ERROR, "changes the language of every thread of the process",
      "use portico_translate and portico_locale, or newlocale with the _l functions" },
    { "uselocale", EXAMINE_ADVICE, "changes the language of a thread that others use next",
      "use the _l functions, or set it back before you return" },
    { "signal sigaction", EXAMINE_ERROR, "replaces a handler of the host",
      "leave signals to the host" },
    { "__sysv_signal", EXAMINE_ERROR, "replaces a handler of the host (it is signal in strict C)",
      "leave signals to the host" },
    { "sigprocmask", EXAMINE_ERROR, "changes which signals reach the host",
      "leave signals to the host" },
    { "pthread_sigmask", EXAMINE_ADVICE, "changes which signals reach a thread of the host",
      "set it only in threads of your own" },
    { "alarm", EXAMINE_ERROR, "sends the process a signal nobody handles",
      "use a deadline of the route or job" },
    { "setitimer", EXAMINE_ERROR, "sends the process signals nobody handles",
      "use a schedule or a deadline" },
    { "kill", EXAMINE_ADVICE, "sends signals to processes that may be the portal's",
      "leave processes to who started them" },
    { "raise", EXAMINE_ADVICE, "sends the process a signal", "return a negative PORTICO_E… code" },
    { "system", EXAMINE_ERROR, "runs a shell: it forks, waits and hands text to a command line",
      "use a library, or queue a job that talks to a helper" },
    { "popen", EXAMINE_ERROR, "runs a shell: it forks and hands text to a command line",
      "use a library, or queue a job that talks to a helper" },
    { "exec*", EXAMINE_ERROR, "replaces the process that serves everybody",
      "start a helper outside the portal" },
    { "posix_spawn*", EXAMINE_ADVICE,
      "starts a process that inherits the portal's rights and counts in its limits",
      "run the helper as a service of its own" },
    { "dlclose", EXAMINE_ERROR, "unloads code that another thread may be in",
      "keep libraries loaded" },
    { "chdir fchdir", EXAMINE_ERROR, "moves the whole process to another directory",
      "use absolute paths, or openat" },
    { "chroot", EXAMINE_ERROR, "moves the whole process into another root", "use openat" },
    { "umask", EXAMINE_ERROR, "changes the mode of files that other threads make",
      "give the mode to open, then fchmod" },
    { "setenv unsetenv putenv", EXAMINE_ERROR,
      "changes the environment while other threads read it", "use a setting of the module" },
    { "clearenv", EXAMINE_ERROR, "empties the environment while other threads read it",
      "use a setting of the module" },
    { "getenv", EXAMINE_ADVICE, "reads what admins do not see in `portico check`",
      "declare a setting: the environment can set it, too" },
    { "setuid setgid", EXAMINE_ERROR, "changes whose rights the portal has",
      "leave rights to the host" },
    { "setrlimit* prlimit*", EXAMINE_ERROR, "changes limits of the whole process",
      "leave limits to the host" },
    { "prctl", EXAMINE_ADVICE, "can change properties of the whole process",
      "leave the process to the host" },
    { "mallopt", EXAMINE_ERROR, "changes memory management of the whole process",
      "leave it to the host" },
    { "atexit on_exit", EXAMINE_ERROR, "runs code after the host has taken everything down",
      "put it into .stop" },
    { "pthread_atfork", EXAMINE_ERROR, "runs code whenever the host starts a process",
      "keep no state that a fork would break" },
    { "pthread_create", EXAMINE_ADVICE,
      "starts a thread that may not call the SDK and must end in .stop",
      "queue a job, or join the thread in .stop" },
    { "gethostbyname", EXAMINE_ERROR, SHARED, "use portico_fetch_url, or getaddrinfo" },
    { "gethostbyaddr", EXAMINE_ERROR, SHARED, "use getnameinfo" },
    { "strtok", EXAMINE_ERROR, "keeps its place in memory that all threads share",
      "use strtok_r, or strchr" },
    { "strerror", EXAMINE_ADVICE, "may return memory that threads share", "use strerror_r or %m" },
    { "localtime", EXAMINE_ERROR, SHARED,
      "use localtime_r; templates format times for the reader" },
    { "gmtime", EXAMINE_ERROR, SHARED, "use gmtime_r or portico_time_text" },
    { "ctime asctime", EXAMINE_ERROR, SHARED, "use portico_time_text" },
    { "getpwnam", EXAMINE_ERROR, SHARED, "use getpwnam_r" },
    { "getpwuid", EXAMINE_ERROR, SHARED, "use getpwuid_r" },
    { "getgrnam", EXAMINE_ERROR, SHARED, "use getgrnam_r" },
    { "crypt", EXAMINE_ERROR, SHARED, "leave passwords to the host" },
    { "rand random drand48", EXAMINE_ADVICE, "can be guessed, and shares its state between threads",
      "use portico_random" },
    { "srand", EXAMINE_ADVICE, "sets the state of every thread's rand", "use portico_random" },
    { "tmpnam mktemp tempnam", EXAMINE_ERROR, "names a file that somebody else may make first",
      "use mkstemp" },
    { "gets", EXAMINE_ERROR, "writes past the end of any buffer", "use fgets" },
    { "strcpy strcat sprintf", EXAMINE_ADVICE, "writes past the end of a buffer that is too short",
      "use snprintf or portico_printf" },
    { "sleep usleep", EXAMINE_ADVICE, "holds a handler thread that others wait for",
      "queue a job with a later time" },
    { "printf puts", EXAMINE_ADVICE, "writes to the host's output, where nobody looks for it",
      "use portico_log" },
    { "syslog", EXAMINE_ADVICE, "writes beside the host's log", "use portico_log" },
    { "openlog", EXAMINE_ERROR, "renames the log of the whole process", "use portico_log" },
};

static bool is_meant(const struct import *import, const char *symbol)
{
    const char *at = import->symbols;
    while (*at) {
        size_t length = strcspn(at, " ");
        bool begins = at[length - 1] == '*';
        if (begins ? strncmp(symbol, at, length - 1) == 0
                   : strlen(symbol) == length && memcmp(symbol, at, length) == 0)
            return true;
        at += length + strspn(at + length, " ");
    }
    return false;
}

/* The checked variants of glibc (-D_FORTIFY_SOURCE) are safe where the plain ones are not. */
void examine_import(const char *symbol, struct examine_report *report)
{
    for (size_t i = 0; i < sizeof imports / sizeof *imports; i++)
        if (is_meant(&imports[i], symbol)) {
            examine_say(report, imports[i].weight, "imports", "It calls %s, which %s: %s.", symbol,
                        imports[i].why, imports[i].instead);
            return;
        }
}
