#include "server/feed.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/log.h"
#include "event/event.h"
#include "identity/session.h"

#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#define POLL 1000000        /* µs between two looks while nothing is committed here */
#define SESSION_POLL 500000 /* µs between two looks at sessions */
#define PAUSE 50000         /* µs between two rounds, however much is committed */
#define OVERLAP 10000000    /* µs: a transaction commits within, so that no event comes later */

struct feed {
    struct feed_options options;
    pthread_t thread;
    bool has_thread;

    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool closing, on, nudged;
    GArray *joins;    /* struct feed_join */
    GArray *sessions; /* struct identity_watched */
    struct feed_batch *first, **last;

    /* The thread's own. */
    bool placed;
    int64_t highest;   /* sequence of the last event read */
    int64_t floor;     /* below it nothing new comes any more */
    int64_t mark;      /* the highest at `marked` */
    int64_t marked;    /* steady */
    GHashTable *seen;  /* ids above the floor to their sequence */
    GHashTable *types; /* live ones */
    int64_t looked;    /* steady: at sessions */
};

static void *copy_of(struct arena *arena, const GArray *array, size_t size)
{
    void *copy = arena_alloc(arena, array->len * size);
    if (copy && array->len)
        memcpy(copy, array->data, array->len * size);
    return copy;
}

/* ---- reading events ---- */

static gboolean is_below(gpointer id, gpointer sequence, gpointer data)
{
    (void)id;
    return *(const int64_t *)sequence <= *(const int64_t *)data;
}

/* True the first time. */
static bool first_sight(struct feed *feed, int64_t id, int64_t sequence)
{
    if (g_hash_table_contains(feed->seen, &id))
        return false;
    g_hash_table_insert(feed->seen, g_memdup2(&id, sizeof id),
                        g_memdup2(&sequence, sizeof sequence));
    return true;
}

/* On SQLite events are committed in their order. On PostgreSQL one that was written earlier may be
 * committed later, so what is recent is read again. */
static void move_floor(struct feed *feed)
{
    int64_t now = clock_steady();
    if (store_kind(feed->options.host->store) == STORE_SQLITE) {
        feed->floor = feed->highest;
    } else if (now - feed->marked >= OVERLAP) {
        feed->floor = feed->mark;
        feed->mark = feed->highest;
        feed->marked = now;
    } else {
        return;
    }
    g_hash_table_foreach_remove(feed->seen, is_below, &feed->floor);
}

static bool is_live(const struct feed *feed, const struct event_mark *mark)
{
    return mark->audience && g_hash_table_contains(feed->types, mark->type);
}

static struct feed_event event_of(const struct event_mark *mark)
{
    return (struct feed_event){ mark->id,       mark->time, mark->person,
                                mark->audience, mark->type, mark->subject };
}

/* Where the order stands now: what is there already is not new. */
static int find_place(struct feed *feed, struct store_session *session, struct portico_error *error)
{
    struct event_mark *marks = NULL;
    size_t count = 0;
    g_hash_table_remove_all(feed->seen);
    int code = event_marks_last(session, &marks, &count, error);
    if (code < 0)
        return code;
    feed->highest = feed->floor = 0;
    for (size_t i = 0; i < count; i++) {
        first_sight(feed, marks[i].id, marks[i].sequence);
        feed->highest = MAX(feed->highest, marks[i].sequence);
    }
    if (count == EVENT_MARKS_MAX)
        feed->floor = marks[count - 1].sequence - 1;
    feed->mark = feed->highest;
    feed->marked = clock_steady();
    feed->placed = true;
    move_floor(feed);
    return PORTICO_OK;
}

static int read_new(struct feed *feed, struct store_session *session, struct feed_batch *batch,
                    struct portico_error *error)
{
    GArray *events = g_array_new(FALSE, FALSE, sizeof(struct feed_event));
    int64_t after = feed->floor;
    struct event_mark *marks = NULL;
    size_t count = 0;
    int code;
    do {
        code = event_marks_after(session, after, &marks, &count, error);
        for (size_t i = 0; code == 0 && i < count; i++) {
            after = marks[i].sequence;
            feed->highest = MAX(feed->highest, marks[i].sequence);
            if (first_sight(feed, marks[i].id, marks[i].sequence) && is_live(feed, &marks[i])) {
                const struct feed_event event = event_of(&marks[i]);
                g_array_append_val(events, event);
            }
        }
    } while (code == 0 && count == EVENT_MARKS_MAX);
    batch->events = copy_of(batch->arena, events, sizeof *batch->events);
    batch->event_count = batch->events ? events->len : 0;
    g_array_free(events, TRUE);
    if (code == 0)
        move_floor(feed);
    return code;
}

/* What a stream missed between its last event, or the making of its page, and now. */
static int read_missed(struct feed *feed, struct store_session *session, struct feed_join *join,
                       struct portico_error *error)
{
    int64_t since = join->last ? id_time(join->last) : join->since;
    int64_t sequence = 0;
    struct event_mark *marks = NULL;
    size_t count = 0;
    if (!since)
        return PORTICO_OK;
    if (since < clock_now() - FEED_MISSED_TIME) {
        join->lost = true;
        return PORTICO_OK;
    }
    if (join->last) {
        int code = event_mark_find(session, join->last, &sequence, error);
        if (code == PORTICO_ENOENT)
            join->lost = true;
        if (code < 0)
            return code == PORTICO_ENOENT ? PORTICO_OK : code;
    }
    bool ordered = store_kind(feed->options.host->store) == STORE_SQLITE;
    int code = event_marks_since(session, join->last ? since - OVERLAP : since,
                                 ordered ? sequence : 0, &marks, &count, error);
    if (code < 0)
        return code;
    join->lost = count == EVENT_MARKS_MAX;
    join->missed = arena_alloc(store_session_arena(session), (count + 1) * sizeof *join->missed);
    for (size_t i = 0; join->missed && i < count; i++)
        if (marks[i].id != join->last && is_live(feed, &marks[i]))
            join->missed[join->count++] = event_of(&marks[i]);
    return PORTICO_OK;
}

/* ---- a round ---- */

static int look_at_sessions(struct feed *feed, struct store_session *session,
                            const GArray *sessions, struct feed_batch *batch,
                            struct portico_error *error)
{
    size_t count = sessions->len;
    struct identity_watched *watched = arena_zalloc(batch->arena, (count + 1) * sizeof *watched);
    batch->over = arena_alloc(batch->arena, (count + 1) * sizeof *batch->over);
    if (!watched || !batch->over)
        return error_set(error, PORTICO_ENOMEM, "There is no memory to look at sessions.");
    for (size_t i = 0; i < count; i++)
        watched[i] = g_array_index(sessions, struct identity_watched, i);
    int code = identity_session_watch(feed->options.host->identity, session, watched, count, error);
    for (size_t i = 0; code == 0 && i < count; i++)
        if (watched[i].over)
            batch->over[batch->over_count++] = watched[i].stream;
    return code;
}

static int run_round(struct feed *feed, struct store_session *session, const GArray *sessions,
                     struct feed_batch *batch, struct portico_error *error)
{
    int code =
        feed->placed ? read_new(feed, session, batch, error) : find_place(feed, session, error);
    for (size_t i = 0; code == 0 && i < batch->join_count; i++)
        code = read_missed(feed, session, &batch->joins[i], error);
    if (code == 0 && sessions)
        code = look_at_sessions(feed, session, sessions, batch, error);
    /* Nobody is told of what could be undone by a power loss. */
    return code < 0 ? code : store_settle(feed->options.host->store, error);
}

static void give(struct feed *feed, struct feed_batch *batch)
{
    const uint64_t one = 1;
    pthread_mutex_lock(&feed->lock);
    *feed->last = batch;
    feed->last = &batch->next;
    pthread_mutex_unlock(&feed->lock);
    while (write(feed->options.signal, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

static void go_round(struct feed *feed, const GArray *joins, const GArray *sessions)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct arena *arena = arena_new(0);
    struct feed_batch *batch = arena ? arena_zalloc(arena, sizeof *batch) : NULL;
    struct store_session *session =
        batch ? store_session_new(feed->options.host->store, arena, &store_viewer_host, "core")
              : NULL;
    if (!session) {
        arena_free(arena);
        return;
    }
    batch->arena = arena;
    batch->joins = copy_of(arena, joins, sizeof *batch->joins);
    batch->join_count = batch->joins ? joins->len : 0;
    int code = run_round(feed, session, sessions, batch, &error);
    store_session_end(session);
    if (code < 0) {
        log_warning("Open pages are not told what happened: %s", error.message);
        feed->placed = false;
        batch->failed = true;
        batch->event_count = 0;
    }
    if (batch->failed || batch->event_count || batch->join_count || batch->over_count)
        give(feed, batch);
    else
        feed_batch_free(batch);
}

/* ---- the thread ---- */

/* With the lock held. */
static void wait_until(struct feed *feed, int64_t steady)
{
    const struct timespec time = { .tv_sec = steady / 1000000, .tv_nsec = steady % 1000000 * 1000 };
    pthread_cond_timedwait(&feed->wake, &feed->lock, &time);
}

/* With the lock held: until there is something to do. False: the process ends. */
static bool wait_for_work(struct feed *feed, int64_t last)
{
    while (!feed->closing) {
        int64_t now = clock_steady();
        bool asked = feed->nudged || feed->joins->len;
        if (!feed->on) {
            feed->placed = false;
            pthread_cond_wait(&feed->wake, &feed->lock);
        } else if (asked ? now >= last + PAUSE : now >= last + SESSION_POLL) {
            return true;
        } else {
            wait_until(feed, last + (asked ? PAUSE : SESSION_POLL));
        }
    }
    return false;
}

static void *feed_main(void *data)
{
    struct feed *feed = data;
    int64_t last = 0, read = 0;
    pthread_mutex_lock(&feed->lock);
    while (wait_for_work(feed, last)) {
        last = clock_steady();
        bool due = last - feed->looked >= SESSION_POLL;
        GArray *joins = feed->joins;
        GArray *sessions = due ? g_array_copy(feed->sessions) : NULL;
        bool asked = feed->nudged || joins->len || last - read >= POLL;
        feed->joins = g_array_new(FALSE, FALSE, sizeof(struct feed_join));
        feed->nudged = false;
        pthread_mutex_unlock(&feed->lock);
        if (due)
            feed->looked = last;
        if (asked)
            read = last;
        if (asked || (sessions && sessions->len))
            go_round(feed, joins, sessions);
        g_array_free(joins, TRUE);
        if (sessions)
            g_array_free(sessions, TRUE);
        pthread_mutex_lock(&feed->lock);
    }
    pthread_mutex_unlock(&feed->lock);
    return NULL;
}

/* ---- for the loop ---- */

void feed_watch(struct feed *feed, bool on)
{
    pthread_mutex_lock(&feed->lock);
    feed->on = on;
    pthread_cond_signal(&feed->wake);
    pthread_mutex_unlock(&feed->lock);
}

void feed_join(struct feed *feed, uint64_t stream, int64_t last, int64_t since)
{
    const struct feed_join join = { .stream = stream, .last = last, .since = since };
    pthread_mutex_lock(&feed->lock);
    g_array_append_val(feed->joins, join);
    pthread_cond_signal(&feed->wake);
    pthread_mutex_unlock(&feed->lock);
}

void feed_sessions(struct feed *feed, const struct identity_watched *sessions, size_t count)
{
    pthread_mutex_lock(&feed->lock);
    g_array_set_size(feed->sessions, 0);
    if (count)
        g_array_append_vals(feed->sessions, sessions, (guint)count);
    pthread_mutex_unlock(&feed->lock);
}

void feed_nudge(void *data)
{
    struct feed *feed = data;
    pthread_mutex_lock(&feed->lock);
    feed->nudged = true;
    if (feed->on)
        pthread_cond_signal(&feed->wake);
    pthread_mutex_unlock(&feed->lock);
}

struct feed_batch *feed_take(struct feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    struct feed_batch *first = feed->first;
    feed->first = NULL;
    feed->last = &feed->first;
    pthread_mutex_unlock(&feed->lock);
    return first;
}

void feed_batch_free(struct feed_batch *batch)
{
    if (batch)
        arena_free(batch->arena);
}

static void find_types(struct feed *feed)
{
    const struct registry *registry = feed->options.host->registry;
    for (size_t i = 0; i < registry_module_count(registry); i++) {
        const struct portico_module *module = module_descriptor(registry_module_at(registry, i));
        const struct portico_event_type *types = module->event_types.items;
        for (uint32_t n = 0; n < module->event_types.count; n++)
            if (types[n].flags & PORTICO_EVENT_LIVE)
                g_hash_table_add(feed->types, (gpointer)(uintptr_t)types[n].type);
    }
}

int feed_new(const struct feed_options *options, struct feed **ret_feed,
             struct portico_error *error)
{
    struct feed *feed = g_new0(struct feed, 1);
    pthread_condattr_t attributes;
    sigset_t all, before;
    feed->options = *options;
    feed->joins = g_array_new(FALSE, FALSE, sizeof(struct feed_join));
    feed->sessions = g_array_new(FALSE, FALSE, sizeof(struct identity_watched));
    feed->seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    feed->types = g_hash_table_new(g_str_hash, g_str_equal);
    feed->last = &feed->first;
    pthread_mutex_init(&feed->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&feed->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    find_types(feed);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&feed->thread, NULL, feed_main, feed);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    feed->has_thread = failure == 0;
    if (failure) {
        feed_free(feed);
        return error_set(error, PORTICO_EBUSY, "Cannot start the thread of open pages: %s.",
                         g_strerror(failure));
    }
    *ret_feed = feed;
    return PORTICO_OK;
}

void feed_free(struct feed *feed)
{
    if (!feed)
        return;
    pthread_mutex_lock(&feed->lock);
    feed->closing = true;
    pthread_cond_signal(&feed->wake);
    pthread_mutex_unlock(&feed->lock);
    if (feed->has_thread)
        pthread_join(feed->thread, NULL);
    for (struct feed_batch *batch = feed_take(feed), *next; batch; batch = next) {
        next = batch->next;
        feed_batch_free(batch);
    }
    g_array_free(feed->joins, TRUE);
    g_array_free(feed->sessions, TRUE);
    g_hash_table_destroy(feed->seen);
    g_hash_table_destroy(feed->types);
    pthread_cond_destroy(&feed->wake);
    pthread_mutex_destroy(&feed->lock);
    g_free(feed);
}
