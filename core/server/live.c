#include "server/live.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "http/form.h"
#include "module/network.h"
#include "module/respond.h"
#include "server/feed.h"

#include <glib.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SUBJECTS_MAX 20
#define SUBJECT_BYTES 200
#define STREAMS_OF_PERSON 6
#define STREAMS_OF_NETWORK 60 /* of people who are not signed in */
#define QUEUE_MAX ((size_t)64 * 1024)
#define HEARTBEAT ((int64_t)15 * 1000000)
#define BEAT 1 /* s between two looks at all streams */

/* One open page. */
struct stream {
    struct live *live;
    struct stream *before, *after;
    struct http_exchange *exchange;
    uint64_t number;
    int64_t person;
    struct identity_watched watched; /* the session, where there is a person */
    char *network;
    struct store_viewer rows; /* with a set of its own */
    char **subjects;          /* NULL-terminated */
    struct buffer queue;
    int64_t pushed; /* steady */
    bool joined;    /* what it missed is in its queue */
    bool ending;
};

struct live {
    struct live_options options;
    struct feed *feed;
    int signal;
    struct event *signal_event, *beat_event;
    struct stream *first, *last;
    struct stream *cursor; /* the next to be looked at: sending to one may end several */
    unsigned count;
    uint64_t numbers;
    bool draining;
};

/* ---- one stream ---- */

static void stream_free(struct stream *stream)
{
    struct live *live = stream->live;
    if (live->cursor == stream)
        live->cursor = stream->after;
    *(stream->before ? &stream->before->after : &live->first) = stream->after;
    *(stream->after ? &stream->after->before : &live->last) = stream->before;
    live->count--;
    if (live->count == 0)
        feed_watch(live->feed, false);
    buffer_free(&stream->queue);
    g_strfreev(stream->subjects);
    g_free((int64_t *)(uintptr_t)stream->rows.audiences);
    g_free(stream->network);
    g_free(stream);
}

/* The http server's, whenever the peer took what came before. */
static int produce(struct buffer *piece, void *data)
{
    struct stream *stream = data;
    if (stream->queue.length == 0)
        return stream->ending ? 0 : HTTP_LATER;
    buffer_append(piece, stream->queue.data, stream->queue.length);
    buffer_clear(&stream->queue);
    return 1;
}

static void produce_end(void *data)
{
    stream_free(data);
}

/* Sends what was put into the queue behind the first `before` bytes, which were sent for before;
 * the stream may be gone after it. A reader that does not keep up is cut, however much came at once
 * for those who do: it comes back with the id of its last event, and is told what it missed. */
static void push(struct stream *stream, size_t before)
{
    stream->pushed = clock_steady();
    if (before > QUEUE_MAX || stream->queue.failed)
        http_exchange_cut(stream->exchange);
    else
        http_exchange_more(stream->exchange);
}

static void end(struct stream *stream)
{
    stream->ending = true;
    http_exchange_more(stream->exchange);
}

/* Each stream in turn, whatever ends meanwhile: begin with first(). NULL: that was the last. */
static struct stream *next(struct live *live)
{
    struct stream *stream = live->cursor;
    if (stream)
        live->cursor = stream->after;
    return stream;
}

static struct stream *first(struct live *live)
{
    live->cursor = live->first;
    return next(live);
}

static bool may_see(const struct stream *stream, const struct feed_event *event)
{
    bool told = store_viewer_sees(&stream->rows, event->audience), watched = false;
    for (size_t i = 0; told && stream->subjects[i]; i++)
        watched |= strcmp(stream->subjects[i], event->subject) == 0;
    return watched;
}

static void put_event(struct stream *stream, const struct feed_event *event)
{
    struct buffer *queue = &stream->queue;
    char time[40];
    size_t length = clock_rfc3339(event->time, time, sizeof time);
    buffer_printf(queue, "id: %lld\nevent: %s\ndata: {\"subject\":", (long long)event->id,
                  event->type);
    buffer_append_json_text(queue, event->subject, strlen(event->subject));
    buffer_printf(queue, ",\"time\":\"%.*s\",\"person_is_me\":%s}\n\n", (int)length, time,
                  event->person && event->person == stream->person ? "true" : "false");
}

/* ---- what the feed found ---- */

static struct stream *find(const struct live *live, uint64_t number)
{
    for (struct stream *stream = live->first; stream; stream = stream->after)
        if (stream->number == number)
            return stream;
    return NULL;
}

static void tell_new(struct live *live, const struct feed_batch *batch)
{
    for (struct stream *stream = first(live); stream; stream = next(live)) {
        size_t before = stream->queue.length;
        for (size_t i = 0; stream->joined && i < batch->event_count; i++)
            if (may_see(stream, &batch->events[i]))
                put_event(stream, &batch->events[i]);
        if (stream->queue.length > before)
            push(stream, before);
    }
}

static void tell_missed(struct live *live, const struct feed_join *join)
{
    struct stream *stream = find(live, join->stream);
    if (!stream)
        return;
    size_t before = stream->queue.length;
    stream->joined = true;
    if (join->lost)
        buffer_append_text(&stream->queue, "event: portico.lost\ndata: {}\n\n");
    for (size_t i = 0; !join->lost && i < join->count; i++)
        if (may_see(stream, &join->missed[i]))
            put_event(stream, &join->missed[i]);
    buffer_append_text(&stream->queue, "event: portico.ready\ndata: {}\n\n");
    push(stream, before);
}

static void end_sessions(struct live *live, const struct feed_batch *batch)
{
    for (struct stream *stream = first(live); stream; stream = next(live)) {
        bool over = stream->person && batch->failed;
        /* Not by session: another page of the same one may have begun since, with what holds now.
         */
        for (size_t i = 0; i < batch->over_count; i++)
            over |= batch->over[i] == stream->number;
        if (over && !stream->ending)
            end(stream);
    }
}

/* Those of a round that failed ask again with the next. */
static void tell_batch(struct live *live, const struct feed_batch *batch)
{
    end_sessions(live, batch);
    tell_new(live, batch);
    for (size_t i = 0; i < batch->join_count; i++) {
        const struct feed_join *join = &batch->joins[i];
        if (!batch->failed)
            tell_missed(live, join);
        else if (find(live, join->stream))
            feed_join(live->feed, join->stream, join->last, join->since);
    }
}

static void on_signal(evutil_socket_t descriptor, short what, void *data)
{
    struct live *live = data;
    uint64_t count;
    (void)what;
    while (read(descriptor, &count, sizeof count) > 0)
        ;
    for (struct feed_batch *batch = feed_take(live->feed), *later; batch; batch = later) {
        later = batch->next;
        tell_batch(live, batch);
        feed_batch_free(batch);
    }
}

/* ---- the beat ---- */

static void name_sessions(const struct live *live)
{
    GArray *sessions = g_array_new(FALSE, FALSE, sizeof(struct identity_watched));
    for (const struct stream *stream = live->first; stream; stream = stream->after)
        if (stream->person && !stream->ending)
            g_array_append_val(sessions, stream->watched);
    feed_sessions(live->feed, (const struct identity_watched *)(void *)sessions->data,
                  sessions->len);
    g_array_free(sessions, TRUE);
}

/* A proxy on the way closes what is silent, and a peer that is gone is noticed by sending. */
static void on_beat(evutil_socket_t descriptor, short what, void *data)
{
    struct live *live = data;
    int64_t now = clock_steady();
    (void)descriptor;
    (void)what;
    for (struct stream *stream = first(live); stream; stream = next(live)) {
        if (now - stream->pushed < HEARTBEAT || stream->ending)
            continue;
        size_t before = stream->queue.length;
        buffer_append_text(&stream->queue, ":\n\n");
        push(stream, before);
    }
}

/* ---- a new one ---- */

static bool is_subject(struct text text)
{
    return text.length <= SUBJECT_BYTES && text_is_line(text.data, text.length);
}

struct wish {
    char **subjects;
    int64_t last, since;
};

static int64_t number_of(struct text text)
{
    long long number = 0;
    return text_to_int64(text, &number) && number > 0 ? number : 0;
}

/* False: it names no subject, too many, or what is none. */
static bool read_wish(const struct http_request *request, struct wish *ret_wish)
{
    struct http_pair *pairs = NULL;
    size_t count = 0;
    GPtrArray *subjects = g_ptr_array_new_with_free_func(g_free);
    struct wish wish = { .last = number_of(http_request_field(request, TEXT("last-event-id"))) };
    bool good = http_form_parse(request->arena, request->query, &pairs, &count) == 0;
    for (size_t i = 0; good && i < count; i++) {
        if (text_equals(pairs[i].name, TEXT("watch"))) {
            good = is_subject(pairs[i].value) && subjects->len < SUBJECTS_MAX;
            g_ptr_array_add(subjects, g_strndup(pairs[i].value.data, pairs[i].value.length));
        } else if (text_equals(pairs[i].name, TEXT("since"))) {
            wish.since = number_of(pairs[i].value);
        } else if (text_equals(pairs[i].name, TEXT("last")) && !wish.last) {
            wish.last = number_of(pairs[i].value); /* of a stream opened anew by script */
        }
    }
    good = good && subjects->len > 0;
    g_ptr_array_add(subjects, NULL);
    g_ptr_array_set_free_func(subjects, NULL);
    wish.subjects = (char **)g_ptr_array_free(subjects, FALSE);
    if (good)
        *ret_wish = wish;
    else
        g_strfreev(wish.subjects);
    return good;
}

static bool too_many(const struct live *live, const struct viewer *viewer, const char *network)
{
    unsigned same = 0;
    for (const struct stream *stream = live->first; stream; stream = stream->after)
        same += viewer->person ? stream->person == viewer->person
                               : !stream->person && strcmp(stream->network, network) == 0;
    return same >= (viewer->person ? STREAMS_OF_PERSON : STREAMS_OF_NETWORK);
}

static struct stream *stream_new(struct live *live, struct http_exchange *exchange,
                                 const struct viewer *viewer, const char *network,
                                 const struct wish *wish)
{
    struct stream *stream = g_new0(struct stream, 1);
    *stream = (struct stream){
        .live = live,
        .before = live->last,
        .exchange = exchange,
        .number = ++live->numbers,
        .person = viewer->person,
        .watched = { .session = viewer->session,
                     .token = viewer->by_token,
                     .account = viewer->acting,
                     .as = viewer->asker ? viewer->person : 0,
                     .rights = viewer->rights,
                     .number = viewer->number,
                     .until = viewer->until },
        .network = g_strdup(network),
        .rows = viewer->rows,
        .subjects = wish->subjects,
        .pushed = clock_steady(),
        .ending = live->draining,
    };
    stream->watched.stream = stream->number;
    stream->rows.audiences = g_memdup2(viewer->rows.audiences, viewer->rows.audience_count *
                                                                   sizeof *viewer->rows.audiences);
    *(live->last ? &live->last->after : &live->first) = stream;
    live->last = stream;
    live->count++;
    /* How long the browser waits before it comes back. */
    buffer_append_text(&stream->queue, "retry: 1000\n\n");
    return stream;
}

static void begin(struct live *live, struct http_exchange *exchange, const struct viewer *viewer,
                  const char *network, const struct wish *wish)
{
    struct http_response *response = &exchange->response;
    struct stream *stream = stream_new(live, exchange, viewer, network, wish);
    response->status = 200;
    respond_field(response, "Content-Type", "text/event-stream; charset=utf-8");
    respond_field(response, "Cache-Control", "no-store");
    respond_field(response, "X-Accel-Buffering", "no"); /* nginx passes it on at once */
    response->produce = produce;
    response->produce_end = produce_end;
    response->produce_data = stream;
    feed_watch(live->feed, true);
    feed_join(live->feed, stream->number, wish->last, wish->since);
    name_sessions(live);
}

void live_answer(struct live *live, struct http_exchange *exchange)
{
    const struct viewer *viewer = exchange->viewer ? exchange->viewer : &viewer_anonymous;
    struct module_host *host = live->options.host;
    const char *network = network_of(exchange->request.arena, exchange->request.remote);
    struct wish wish = { 0 };
    if (!read_wish(&exchange->request, &wish)) {
        module_error_response(host, exchange, 400, NULL, NULL, NULL);
        return;
    }
    if (network && live->count < live->options.streams && !too_many(live, viewer, network)) {
        begin(live, exchange, viewer, network, &wish);
        return;
    }
    g_strfreev(wish.subjects);
    module_error_response(host, exchange,
                          network && live->count < live->options.streams ? 429 : 503,
                          /* translated */ "Too many pages are open",
                          /* translated */
                          "This one is not told of news by itself: close others, or load it again "
                          "now and then.",
                          NULL);
    if (exchange->response.status == 429)
        respond_field(&exchange->response, "Retry-After", "30");
}

/* ---- making and ending ---- */

void live_drain(struct live *live)
{
    live->draining = true;
    for (struct stream *stream = first(live); stream; stream = next(live)) {
        end(stream);
    }
}

unsigned live_streams(const struct live *live)
{
    return live->count;
}

int live_new(const struct live_options *options, struct live **ret_live,
             struct portico_error *error)
{
    const struct timeval beat = { .tv_sec = BEAT };
    struct live *live = g_new0(struct live, 1);
    live->options = *options;
    live->signal = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    live->signal_event = live->signal < 0 ? NULL
                                          : event_new(options->base, live->signal,
                                                      EV_READ | EV_PERSIST, on_signal, live);
    live->beat_event = event_new(options->base, -1, EV_PERSIST, on_beat, live);
    const struct feed_options feed = { .host = options->host, .signal = live->signal };
    int code = 0;
    if (!live->signal_event || !live->beat_event || event_add(live->signal_event, NULL) != 0 ||
        event_add(live->beat_event, &beat) != 0)
        code = error_set(error, PORTICO_EIO, "Cannot make the events of open pages.");
    if (code == 0)
        code = feed_new(&feed, &live->feed, error);
    if (code < 0) {
        live_free(live);
        return code;
    }
    options->host->live_data = live->feed;
    options->host->live = feed_nudge;
    *ret_live = live;
    return PORTICO_OK;
}

void live_free(struct live *live)
{
    if (!live)
        return;
    live->options.host->live = NULL;
    feed_free(live->feed);
    if (live->signal_event)
        event_free(live->signal_event);
    if (live->beat_event)
        event_free(live->beat_event);
    if (live->signal >= 0)
        close(live->signal);
    g_free(live);
}
