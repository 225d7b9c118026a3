#include "base/log.h"

#include "base/buffer.h"
#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

_Thread_local struct log_scope log_scope;
static _Atomic int threshold = LOG_LEVEL_INFO;
static const char *process = "portico";
static int plain;

void log_set_level(int level)
{
    threshold = level;
}

int log_level(void)
{
    return threshold;
}

void log_set_process(const char *name)
{
    process = name;
}

void log_set_plain(int on)
{
    plain = on;
}

static const char *level_name(int level)
{
    switch (level) {
    case LOG_LEVEL_ERROR: return "error";
    case LOG_LEVEL_WARNING: return "warning";
    case LOG_LEVEL_DEBUG: return "debug";
    default: return "info";
    }
}

/* DEL and the C1 controls, which steer terminals as those do that JSON escapes by itself, become
 * \u00xx as well. The text is well-formed UTF-8. */
static void append_steady(struct buffer *line, const char *text, size_t length)
{
    static const char hex[] = "0123456789abcdef";
    struct buffer json = { 0 };
    size_t plain_from = 0;
    buffer_append_json_text(&json, text, length);
    for (size_t i = 0; i < json.length; i++) {
        unsigned char c = (unsigned char)json.data[i];
        bool c1 = c == 0xc2 && i + 1 < json.length && (unsigned char)json.data[i + 1] < 0xa0;
        if (c != 0x7f && !c1)
            continue;
        buffer_append(line, json.data + plain_from, i - plain_from);
        unsigned char control = c1 ? (unsigned char)json.data[++i] : c;
        const char escaped[] = { '\\', 'u', '0', '0', hex[control >> 4], hex[control & 15] };
        buffer_append(line, escaped, sizeof escaped);
        plain_from = i + 1;
    }
    buffer_append(line, json.data + plain_from, json.length - plain_from);
    line->failed |= json.failed;
    buffer_free(&json);
}

static void member(struct buffer *line, const char *key, const char *text)
{
    if (!text)
        return;
    size_t length = strlen(text);
    buffer_append(line, ",\"", 2);
    buffer_append_text(line, key);
    buffer_append(line, "\":", 2);
    if (text_is_utf8(text, length))
        append_steady(line, text, length);
    else
        buffer_append_text(line, "\"(not UTF-8)\"");
}

static void begin(struct buffer *line, int level)
{
    char time[32];
    clock_rfc3339(clock_now(), time, sizeof time);
    buffer_printf(line, "{\"time\":\"%s\",\"level\":\"%s\"", time, level_name(level));
    member(line, "process", process);
}

/* One write a line: lines of several processes do not mix in a pipe or an O_APPEND file. */
static void finish(struct buffer *line)
{
    size_t done = 0;
    while (!line->failed && done < line->length) {
        ssize_t wrote = write(STDERR_FILENO, line->data + done, line->length - done);
        if (wrote <= 0)
            break;
        done += (size_t)wrote;
    }
    buffer_free(line);
}

void log_vwrite(int level, const char *format, va_list arguments)
{
    if (level > threshold)
        return;
    char message[2048];
    struct buffer line = { 0 };
    vsnprintf(message, sizeof message, format, arguments);
    message[text_utf8_cut(message, strlen(message))] = '\0';
    if (plain) {
        buffer_printf(&line, "%s: %s%s%s\n", level_name(level),
                      log_scope.module ? log_scope.module : "", log_scope.module ? ": " : "",
                      message);
        finish(&line);
        return;
    }
    begin(&line, level);
    member(&line, "request", log_scope.request);
    member(&line, "module", log_scope.module);
    member(&line, "route", log_scope.route);
    member(&line, "message", message);
    buffer_append(&line, "}\n", 2);
    finish(&line);
}

void log_write(int level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_vwrite(level, format, arguments);
    va_end(arguments);
}

void log_access(const char *request, const char *method, const char *path, unsigned status,
                uint64_t bytes, int64_t microseconds, const char *route, const char *remote)
{
    if (plain || threshold < LOG_LEVEL_INFO)
        return;
    struct buffer line = { 0 };
    begin(&line, LOG_LEVEL_INFO);
    member(&line, "request", request);
    member(&line, "method", method);
    member(&line, "path", path);
    member(&line, "route", route);
    member(&line, "remote", remote);
    buffer_printf(&line, ",\"status\":%u,\"bytes\":%llu,\"ms\":%lld.%03lld}\n", status,
                  (unsigned long long)bytes, (long long)(microseconds / 1000),
                  (long long)(microseconds % 1000));
    finish(&line);
}
