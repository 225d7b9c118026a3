/* Which route a dead worker was running, and which of them crash too often to be called. */
#include "server/supervisor.h"

#include "base/clock.h"
#include "base/log.h"
#include "module/check.h"
#include "server/breaker.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>

#define CRASHES 5
#define WINDOW (60 * 1000000ll)
#define BACK_OFF_FIRST (30 * 1000000ll)
#define BACK_OFF_LAST (3600 * 1000000ll)
#define SUSPECTS_MAX 1024
#define SLOTS 1024 /* of workers' ids */
#define LABEL_MAX (sizeof((struct module_trace_slot *)0)->name)

struct suspect {
    enum worker_kind kind; /* of the processes that call it */
    char label[LABEL_MAX];
    int64_t crashes[CRASHES]; /* steady times, the oldest is overwritten */
    unsigned next;
    bool out, trying;
    pid_t trier; /* which process tries it */
    /* Slots of the workers that do not call it because it missed its deadline, a bit each. */
    uint64_t open[SLOTS / 64];
    int64_t open_retry; /* when the last of them to say so tries it */
    int64_t back_off, retry_at;
};

struct blame {
    GPtrArray *suspects; /* struct suspect */
};

struct blame *blame_new(void)
{
    struct blame *blame = g_new0(struct blame, 1);
    blame->suspects = g_ptr_array_new_with_free_func(g_free);
    return blame;
}

void blame_free(struct blame *blame)
{
    if (!blame)
        return;
    g_ptr_array_free(blame->suspects, TRUE);
    g_free(blame);
}

/* Labels come from processes that run module code and go on to other processes, the log and
 * terminals: whole characters that can be shown, or "?" for each byte. */
static void clean_label(char *label)
{
    size_t length = text_utf8_cut(label, strlen(label));
    label[length] = '\0';
    bool utf8 = text_is_utf8(label, length);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)label[i];
        bool c1 = c == 0xc2 && (unsigned char)label[i + 1] < 0xa0;
        if (c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8))
            label[i] = '?';
        else if (c1)
            label[i] = label[i + 1] = '?';
    }
}

void blame_label(const struct module_trace_slot *slot, char ret_label[])
{
    memcpy(ret_label, slot->name, LABEL_MAX);
    ret_label[LABEL_MAX - 1] = '\0';
    clean_label(ret_label);
}

/* What a message says, in the form of blame_label. */
static void copy_label(const char *given, char ret_label[LABEL_MAX])
{
    g_strlcpy(ret_label, given, LABEL_MAX);
    clean_label(ret_label);
}

static struct suspect *find(struct blame *blame, const char *label)
{
    for (guint i = 0; i < blame->suspects->len; i++) {
        struct suspect *suspect = g_ptr_array_index(blame->suspects, i);
        if (strncmp(suspect->label, label, LABEL_MAX - 1) == 0)
            return suspect;
    }
    return NULL;
}

struct note {
    const char *type, *label;
};

static void send_note(struct worker_process *worker, void *data)
{
    const struct note *note = data;
    struct arena *arena = arena_new(0);
    struct value *message = arena ? value_new(arena, PORTICO_OBJECT) : NULL;
    if (message && worker->state == WORKER_SERVING) {
        value_set_text(message, "type", note->type);
        value_set_text(message, "route", note->label);
        channel_send(worker->channel, message, -1);
    }
    if (arena)
        arena_free(arena);
}

static void take_out(struct supervisor *supervisor, struct suspect *suspect, int64_t now)
{
    int64_t twice = suspect->back_off * 2;
    suspect->back_off = !suspect->back_off      ? BACK_OFF_FIRST
                        : twice < BACK_OFF_LAST ? twice
                                                : BACK_OFF_LAST;
    suspect->out = true;
    suspect->trying = false;
    suspect->retry_at = now + suspect->back_off;
    log_error("%s crashed %d times within a minute and is taken out; it is tried again in %lld s.",
              suspect->label, CRASHES, (long long)(suspect->back_off / 1000000));
    struct note note = { "take_out", suspect->label };
    supervisor_each(supervisor, send_note, &note);
}

/* NULL when the book is full: labels come from processes that run module code. */
static struct suspect *find_or_add(struct blame *blame, enum worker_kind kind, const char *label,
                                   int64_t now)
{
    struct suspect *suspect = find(blame, label);
    if (suspect || blame->suspects->len >= SUSPECTS_MAX)
        return suspect;
    suspect = g_new0(struct suspect, 1);
    suspect->kind = kind;
    g_strlcpy(suspect->label, label, sizeof suspect->label);
    for (unsigned i = 0; i < CRASHES; i++)
        suspect->crashes[i] = now - 2 * WINDOW;
    g_ptr_array_add(blame->suspects, suspect);
    return suspect;
}

/* Signing in, the account and administration: without them nobody could look after the rest. What
 * jobs processes run of the portal's is no way in, nor what answers without a module ("portico
 * /search"). */
static bool is_way_in(enum worker_kind kind, const char *label)
{
    static const char portal[] = CHECK_PORTAL " ";
    size_t length = sizeof portal - 1;
    return kind != WORKER_JOBS && strncmp(label, portal, length) == 0 && label[length] != '/';
}

static void note_way_in(struct suspect *suspect, int64_t now)
{
    log_error("%s crashed %d times within a minute. It belongs to signing in and administration, "
              "so it goes on being called; report this.",
              suspect->label, CRASHES);
    for (unsigned i = 0; i < CRASHES; i++)
        suspect->crashes[i] = now - 2 * WINDOW;
}

static void book(struct supervisor *supervisor, enum worker_kind kind, const char *label)
{
    int64_t now = clock_steady();
    struct suspect *suspect = find_or_add(supervisor->blame, kind, label, now);
    if (!suspect)
        return;
    suspect->kind = kind; /* a method may be called from both: the last one knows who calls it */
    suspect->crashes[suspect->next] = now;
    suspect->next = (suspect->next + 1) % CRASHES;
    /* The slot written next is the oldest of the five. */
    bool often = now - suspect->crashes[suspect->next] < WINDOW;
    if (is_way_in(kind, label)) {
        if (often)
            note_way_in(suspect, now);
    } else if (suspect->trying || (!suspect->out && often)) {
        take_out(supervisor, suspect, now);
    }
}

static bool is_running(const struct module_trace_slot *slot)
{
    switch (atomic_load_explicit(&slot->kind, memory_order_acquire)) {
    case CALL_ROUTE:
    case CALL_JOB:
    case CALL_EVENT:
    case CALL_EVENT_TRANSACTION:
    case CALL_HOOK:
    case CALL_METHOD: return true;
    default: return false;
    }
}

/* The slot whose thread crashed; without a signal of its own, the only one that ran. -1: nobody's.
 */
static int guilty_slot(const struct server_page *page, int status)
{
    uint32_t crashed = atomic_load(&page->crashed);
    int only = -1;
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM))
        return -1;
    if (crashed > 0 && crashed <= MODULE_TRACE_SLOTS)
        return is_running(&page->trace.slots[crashed - 1]) ? (int)crashed - 1 : -1;
    for (int i = 0; i < MODULE_TRACE_SLOTS; i++) {
        if (!is_running(&page->trace.slots[i]))
            continue;
        if (only >= 0)
            return -1;
        only = i;
    }
    return only;
}

const char *blame_worker(struct supervisor *supervisor, const struct worker_process *worker,
                         int status, char *ret_text, size_t size)
{
    char label[LABEL_MAX];
    int guilty = guilty_slot(worker->page, status);
    *ret_text = '\0';
    if (guilty >= 0) {
        blame_label(&worker->page->trace.slots[guilty], ret_text);
        book(supervisor, worker->kind, ret_text);
        return ret_text;
    }
    size_t used = 0;
    for (int i = 0; i < MODULE_TRACE_SLOTS && used + LABEL_MAX + 4 < size; i++) {
        if (!is_running(&worker->page->trace.slots[i]))
            continue;
        blame_label(&worker->page->trace.slots[i], label);
        used += (size_t)snprintf(ret_text + used, size - used, "%s%s", used ? ", " : "", label);
    }
    return ret_text;
}

const char *blame_start(const struct worker_process *worker, char *ret_text, size_t size)
{
    static const struct {
        const char *thing, *does;
    } kinds[] = {
        [2] = { "module", "starting" },
        [4] = { "health check", "running" },
    };
    char label[LABEL_MAX];
    *ret_text = '\0';
    for (int i = 0; i < MODULE_TRACE_SLOTS && !*ret_text; i++) {
        const struct module_trace_slot *slot = &worker->page->trace.slots[i];
        uint32_t kind = atomic_load_explicit(&slot->kind, memory_order_acquire);
        if (kind >= G_N_ELEMENTS(kinds) || !kinds[kind].thing)
            continue;
        blame_label(slot, label);
        snprintf(ret_text, size, "the %s %s was %s", kinds[kind].thing, label, kinds[kind].does);
    }
    return ret_text;
}

void blame_stuck(struct supervisor *supervisor, const struct worker_process *worker,
                 const char *label)
{
    char clean[LABEL_MAX];
    copy_label(label, clean);
    log_error("%s %u (pid %d) has handlers that do not return, of %s; it is replaced.",
              worker_process_word(worker), worker->slot, (int)worker->pid, clean);
    if (*clean)
        book(supervisor, worker->kind, clean);
}

static void set_open(struct suspect *suspect, unsigned slot, bool open)
{
    uint64_t bit = (uint64_t)1 << slot % 64;
    uint64_t *word = &suspect->open[slot % SLOTS / 64];
    *word = open ? *word | bit : *word & ~bit;
}

static unsigned count_open(const struct suspect *suspect)
{
    unsigned count = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(suspect->open); i++)
        count += (unsigned)__builtin_popcountll(suspect->open[i]);
    return count;
}

void blame_breaker(struct supervisor *supervisor, const struct worker_process *worker,
                   const char *label, bool open, int64_t wait)
{
    int64_t now = clock_steady();
    char clean[LABEL_MAX];
    copy_label(label, clean);
    struct suspect *suspect = open && *clean
                                  ? find_or_add(supervisor->blame, worker->kind, clean, now)
                                  : find(supervisor->blame, clean);
    if (!suspect)
        return;
    set_open(suspect, worker->slot, open);
    if (open)
        suspect->open_retry = now + CLAMP(wait, 0, BREAKER_LAST);
}

void blame_gone(struct supervisor *supervisor, const struct worker_process *worker)
{
    for (guint i = 0; i < supervisor->blame->suspects->len; i++) {
        struct suspect *suspect = g_ptr_array_index(supervisor->blame->suspects, i);
        set_open(suspect, worker->slot, false);
        /* It ended for another reason before it had tried: somebody else does. */
        if (suspect->trying && suspect->trier == worker->pid)
            suspect->trying = false;
    }
}

void blame_tell(struct supervisor *supervisor, struct worker_process *worker)
{
    for (guint i = 0; i < supervisor->blame->suspects->len; i++) {
        const struct suspect *suspect = g_ptr_array_index(supervisor->blame->suspects, i);
        struct note note = { "take_out", suspect->label };
        if (suspect->out)
            send_note(worker, &note);
    }
}

void blame_tried(struct supervisor *supervisor, const char *label)
{
    char clean[LABEL_MAX];
    copy_label(label, clean);
    struct suspect *suspect = find(supervisor->blame, clean);
    if (!suspect || !suspect->out || !suspect->trying)
        return;
    log_info("%s %s again and is back.", suspect->label,
             suspect->kind == WORKER_JOBS ? "ran well" : "answered");
    struct note note = { "put_back", suspect->label };
    supervisor_each(supervisor, send_note, &note);
    if (count_open(suspect)) {
        suspect->out = suspect->trying = false;
        suspect->back_off = 0;
    } else {
        g_ptr_array_remove(supervisor->blame->suspects, suspect);
    }
}

void blame_forget(struct supervisor *supervisor)
{
    g_ptr_array_set_size(supervisor->blame->suspects, 0);
}

/* One process gets to try it. */
static void try_once(struct supervisor *supervisor, struct suspect *suspect)
{
    const GPtrArray *workers = supervisor->current ? supervisor->current->workers : NULL;
    for (guint i = 0; workers && i < workers->len; i++) {
        struct worker_process *worker = g_ptr_array_index(workers, i);
        if (worker->state != WORKER_SERVING || worker->kind != suspect->kind)
            continue;
        struct note note = { "try", suspect->label };
        send_note(worker, &note);
        suspect->trying = true;
        suspect->trier = worker->pid;
        return;
    }
}

void blame_tick(struct supervisor *supervisor, int64_t now)
{
    for (guint i = 0; i < supervisor->blame->suspects->len; i++) {
        struct suspect *suspect = g_ptr_array_index(supervisor->blame->suspects, i);
        if (suspect->out && !suspect->trying && now >= suspect->retry_at)
            try_once(supervisor, suspect);
    }
}

struct value *blame_list(const struct supervisor *supervisor, struct arena *arena)
{
    struct value *list = value_new(arena, PORTICO_LISTING);
    int64_t now = clock_steady();
    for (guint i = 0; list && i < supervisor->blame->suspects->len; i++) {
        const struct suspect *suspect = g_ptr_array_index(supervisor->blame->suspects, i);
        unsigned open = count_open(suspect);
        struct value *row = suspect->out || open ? value_new(arena, PORTICO_OBJECT) : NULL;
        if (!row)
            continue;
        value_set_text(row, "route", suspect->label);
        value_set_text(row, "kind", suspect->kind == WORKER_JOBS ? "job" : "route");
        value_set_text(row, "reason",
                       suspect->out ? "It crashed or hung its process 5 times within a minute."
                                    : "It missed its deadline again and again.");
        if (!suspect->out)
            value_set_integer(row, "workers", open);
        int64_t wait = (suspect->out ? suspect->retry_at : suspect->open_retry) - now;
        wait = wait > 0 ? wait : 0;
        value_set_integer(row, "retry_in_seconds", wait / 1000000);
        value_append(list, row);
    }
    return list;
}
