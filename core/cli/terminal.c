#include "cli/terminal.h"

#include "base/clock.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BAR_WIDTH 30
#define TERMINAL_PERIOD 100000 /* a bar is drawn at most this often */
#define PLAIN_PERIOD 10000000  /* and a line where it is no terminal */

static volatile sig_atomic_t stop_asked;

static void on_signal(int number)
{
    (void)number;
    stop_asked = 1;
}

void terminal_open(struct terminal *terminal)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    *terminal = (struct terminal){ .is_terminal = isatty(STDERR_FILENO), .begun = clock_steady() };
    terminal->shown = terminal->begun;
}

bool terminal_stop_asked(void)
{
    return stop_asked != 0;
}

static void draw_plain(int64_t seconds, int64_t done, int64_t total, unsigned percent)
{
    if (total > 0)
        fprintf(stderr, "%u%% after %lld s\n", percent, (long long)seconds);
    else
        fprintf(stderr, "%lld after %lld s\n", (long long)done, (long long)seconds);
}

static void draw(const struct terminal *terminal, int64_t done, int64_t total)
{
    unsigned percent = total > 0 ? (unsigned)((double)done * 100 / (double)total) : 0;
    if (percent > 100)
        percent = 100;
    int64_t seconds = (clock_steady() - terminal->begun) / 1000000;
    if (!terminal->is_terminal) {
        draw_plain(seconds, done, total, percent);
        return;
    }
    if (total <= 0) {
        fprintf(stderr, "\r%lld  %lld:%02lld ", (long long)done, (long long)(seconds / 60),
                (long long)(seconds % 60));
        return;
    }
    char bar[BAR_WIDTH + 1];
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', percent * BAR_WIDTH / 100);
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r[%s] %3u%%  %lld:%02lld ", bar, percent, (long long)(seconds / 60),
            (long long)(seconds % 60));
}

int terminal_progress(struct terminal *terminal, int64_t done, int64_t total)
{
    int64_t now = clock_steady();
    if (now - terminal->shown >= (terminal->is_terminal ? TERMINAL_PERIOD : PLAIN_PERIOD)) {
        draw(terminal, done, total);
        terminal->shown = now;
        terminal->drawn = true;
    }
    return stop_asked != 0;
}

void terminal_end(struct terminal *terminal, bool done)
{
    if (!terminal->is_terminal || !terminal->drawn)
        return;
    if (done)
        draw(terminal, 1, 1);
    fputc('\n', stderr);
}

static void clean_text(char *text, bool lines)
{
    for (char *at = text; *at; at++) {
        unsigned char c = (unsigned char)at[0], next = (unsigned char)at[1];
        if (c == '\n' || c == '\t')
            *at = lines ? *at : ' ';
        else if (c < 0x20 || c == 0x7f)
            *at = '?';
        else if (c == 0xc2 && next >= 0x80 && next < 0xa0)
            at[0] = at[1] = '?';
    }
}

static void clean(struct value *value, bool lines, const char *paragraphs)
{
    if (!value)
        return;
    if (value->kind == PORTICO_TEXT)
        clean_text((char *)(uintptr_t)value->text, lines);
    for (uint32_t i = 0; value->kind == PORTICO_OBJECT && i < value->count; i++) {
        const struct value_member *member = &value->members[i];
        bool here = paragraphs && text_equals(member->key, text_of(paragraphs));
        clean(member->value, here, paragraphs);
    }
    for (uint32_t i = 0; value->kind == PORTICO_LISTING && i < value->count; i++)
        clean(value->items[i], lines, paragraphs);
    size_t cells =
        value->kind == PORTICO_ROWS ? (size_t)value->count * value->rows->column_count : 0;
    for (size_t i = 0; i < cells; i++)
        if (value->rows->cells[i].kind == PORTICO_TEXT)
            clean_text((char *)(uintptr_t)value->rows->cells[i].text, lines);
}

void terminal_clean(struct value *value, const char *paragraphs)
{
    clean(value, false, paragraphs);
}
