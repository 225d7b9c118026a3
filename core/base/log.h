/* JSON log lines on standard error: one object a line, written with one write(2). Thread-safe. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>
#include <stdint.h>

enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7
};

/* What this thread is doing; added to each of its lines. Borrowed pointers, NULL: absent. */
struct log_scope {
    const char *request;
    const char *module;
    const char *route;
};
extern _Thread_local struct log_scope log_scope;

void log_set_level(int level);
int log_level(void);
/* Name of the process in each line: "supervisor", "worker 2". Kept by reference. */
void log_set_process(const char *name);
/* Plain sentences for a terminal instead of JSON, as `portico run` in the foreground wants. */
void log_set_plain(int plain);

void log_write(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_vwrite(int level, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)                                                                             \
    (log_level() >= LOG_LEVEL_DEBUG ? log_write(LOG_LEVEL_DEBUG, __VA_ARGS__) : (void)0)

/* One access line: {"time","level","process","request","method","path","status","bytes","ms",...}.
 */
void log_access(const char *request, const char *method, const char *path, unsigned status,
                uint64_t bytes, int64_t microseconds, const char *route, const char *remote);

#endif
