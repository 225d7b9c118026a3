#include "diff.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct token {
    const char *text;
    size_t length;
};

struct side {
    struct token *tokens;
    unsigned char *changed; /* a truth for each token */
    int count;
};

struct diff {
    struct side before, after;
    int *forward, *backward; /* furthest reach on each diagonal, from either end */
};

static int is_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 || c == '_';
}

/* A word, a run of blanks, or any other single character. */
static size_t token_length(const char *text)
{
    size_t length = 0;
    if (is_word(*text))
        while (is_word(text[length]))
            length++;
    else if (*text == ' ' || *text == '\t')
        while (text[length] == ' ' || text[length] == '\t')
            length++;
    return length ? length : 1;
}

static int split_side(struct side *side, const char *text)
{
    size_t count = 0;
    for (const char *at = text; *at; at += token_length(at))
        count++;
    if (count > INT_MAX / 4)
        return -1;
    side->tokens = calloc(count + 1, sizeof *side->tokens);
    side->changed = calloc(count + 1, 1);
    if (!side->tokens || !side->changed)
        return -1;
    for (const char *at = text; *at; at += side->tokens[side->count++].length) {
        side->tokens[side->count].text = at;
        side->tokens[side->count].length = token_length(at);
    }
    return 0;
}

static int is_same(const struct diff *diff, int x, int y)
{
    const struct token *a = &diff->before.tokens[x], *b = &diff->after.tokens[y];
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/* Tokens from..to of both sides: a box of the edit graph. */
struct box {
    int x0, x1, y0, y1;
};

/* The diagonals a search has reached, growing by one at both ends each round, within the box. */
struct reach {
    int *at; /* by diagonal x - y */
    int least, most;
};

static void grow(struct reach *reach, const struct box *box, int outside)
{
    if (reach->least > box->x0 - box->y1)
        reach->at[--reach->least - 1] = outside;
    else
        ++reach->least;
    if (reach->most < box->x1 - box->y0)
        reach->at[++reach->most + 1] = outside;
    else
        --reach->most;
}

static int covers(const struct reach *reach, int diagonal)
{
    return diagonal >= reach->least && diagonal <= reach->most;
}

static int step_forward(const struct diff *diff, const struct box *box, struct reach *forward,
                        const struct reach *backward, int *ret_x)
{
    int odd = (box->x0 - box->y0 - box->x1 + box->y1) & 1;
    grow(forward, box, -1);
    for (int d = forward->most; d >= forward->least; d -= 2) {
        int below = forward->at[d - 1], above = forward->at[d + 1];
        int x = below >= above ? below + 1 : above;
        for (; x < box->x1 && x - d < box->y1 && is_same(diff, x, x - d); x++)
            ;
        forward->at[d] = x;
        if (odd && covers(backward, d) && backward->at[d] <= x) {
            *ret_x = x;
            return d;
        }
    }
    return INT_MAX;
}

static int step_backward(const struct diff *diff, const struct box *box, struct reach *backward,
                         const struct reach *forward, int *ret_x)
{
    int odd = (box->x0 - box->y0 - box->x1 + box->y1) & 1;
    grow(backward, box, INT_MAX);
    for (int d = backward->most; d >= backward->least; d -= 2) {
        int below = backward->at[d - 1], above = backward->at[d + 1];
        int x = below < above ? below : above - 1;
        for (; x > box->x0 && x - d > box->y0 && is_same(diff, x - 1, x - d - 1); x--)
            ;
        backward->at[d] = x;
        if (!odd && covers(forward, d) && x <= forward->at[d]) {
            *ret_x = x;
            return d;
        }
    }
    return INT_MAX;
}

/* A point in the middle of a shortest path through the box; 0: it is longer than worth looking. */
static int find_middle(const struct diff *diff, const struct box *box, int *ret_x, int *ret_y)
{
    /* Diagonals are negative too: the arrays are looked at from their middle. */
    int zero = diff->after.count + 1, x = 0;
    int first = box->x0 - box->y0, last = box->x1 - box->y1;
    struct reach forward = { diff->forward + zero, first, first };
    struct reach backward = { diff->backward + zero, last, last };
    forward.at[first] = box->x0;
    backward.at[last] = box->x1;
    for (int cost = 0; cost < DIFF_COST / 2; cost++) {
        int diagonal = step_forward(diff, box, &forward, &backward, &x);
        if (diagonal == INT_MAX)
            diagonal = step_backward(diff, box, &backward, &forward, &x);
        if (diagonal != INT_MAX) {
            *ret_x = x;
            *ret_y = x - diagonal;
            return 1;
        }
    }
    return 0;
}

static void compare(struct diff *diff, struct box box)
{
    int x, y;
    while (box.x0 < box.x1 && box.y0 < box.y1 && is_same(diff, box.x0, box.y0))
        box.x0++, box.y0++;
    while (box.x0 < box.x1 && box.y0 < box.y1 && is_same(diff, box.x1 - 1, box.y1 - 1))
        box.x1--, box.y1--;
    if (box.x0 < box.x1 && box.y0 < box.y1 && find_middle(diff, &box, &x, &y)) {
        compare(diff, (struct box){ box.x0, x, box.y0, y });
        compare(diff, (struct box){ x, box.x1, y, box.y1 });
        return;
    }
    memset(diff->before.changed + box.x0, 1, (size_t)(box.x1 - box.x0));
    memset(diff->after.changed + box.y0, 1, (size_t)(box.y1 - box.y0));
}

/* A blank that stays between two words that change would only tear the runs apart. */
static void join_blanks(struct diff *diff)
{
    struct side *a = &diff->before, *b = &diff->after;
    int x = 0, y = 0, changed = 0;
    while (x < a->count && y < b->count) {
        if (a->changed[x] || b->changed[y]) {
            changed = 1;
            if (a->changed[x])
                x++;
            else
                y++;
            continue;
        }
        int next =
            (x + 1 < a->count && a->changed[x + 1]) && (y + 1 < b->count && b->changed[y + 1]);
        int blank = strchr(" \t", a->tokens[x].text[0]) != NULL;
        if (changed && next && blank)
            a->changed[x] = b->changed[y] = 1;
        else
            changed = 0;
        x++, y++;
    }
}

static void emit_run(const struct side *side, int from, int to, enum diff_kind kind,
                     diff_emit *emit, void *data)
{
    if (from == to)
        return;
    const struct token *last = &side->tokens[to - 1];
    const char *text = side->tokens[from].text;
    emit(data, kind, text, (size_t)(last->text - text) + last->length);
}

static void emit_all(const struct diff *diff, diff_emit *emit, void *data)
{
    const struct side *a = &diff->before, *b = &diff->after;
    for (int x = 0, y = 0; x < a->count || y < b->count;) {
        int x0 = x, y0 = y;
        while (x < a->count && a->changed[x])
            x++;
        while (y < b->count && b->changed[y])
            y++;
        emit_run(a, x0, x, DIFF_REMOVED, emit, data);
        emit_run(b, y0, y, DIFF_ADDED, emit, data);
        y0 = y;
        while (x < a->count && y < b->count && !a->changed[x] && !b->changed[y])
            x++, y++;
        emit_run(b, y0, y, DIFF_SAME, emit, data);
    }
}

int diff_words(const char *before, const char *after, diff_emit *emit, void *data)
{
    struct diff diff = { 0 };
    int code = split_side(&diff.before, before) < 0 || split_side(&diff.after, after) < 0 ? -1 : 0;
    size_t diagonals = (size_t)diff.before.count + (size_t)diff.after.count + 3;
    if (code == 0) {
        diff.forward = calloc(diagonals, sizeof *diff.forward);
        diff.backward = calloc(diagonals, sizeof *diff.backward);
        code = diff.forward && diff.backward ? 0 : -1;
    }
    if (code == 0) {
        compare(&diff, (struct box){ 0, diff.before.count, 0, diff.after.count });
        join_blanks(&diff);
        emit_all(&diff, emit, data);
    }
    free(diff.before.tokens);
    free(diff.before.changed);
    free(diff.after.tokens);
    free(diff.after.changed);
    free(diff.forward);
    free(diff.backward);
    return code;
}
