/* Events: written with the change, delivered in order, heard in the transaction. */
#include "../job/work.h"

#include "base/clock.h"
#include "event/event.h"

#include <sodium.h>

static const struct event_listener listeners[] = {
    { .module = "mail", .name = "tell", .types = "portal.shop.*", .attempts = 4 },
    { .module = "stock", .name = "take", .types = "portal.shop.order.placed" },
    { .module = "audit", .name = "count", .types = "portal.shop.order.*", .in_transaction = true },
    { .module = "other", .name = "deaf", .types = "portal.talk.*" },
};

/* What the handler in the transaction does. */
struct heard {
    unsigned count;
    int answer;
    bool emits;
    struct event_emitter *emitter;
    char type[64];
};

static int hear(const struct event_listener *listener, struct store_session *session,
                const struct event_record *event, void *data, struct portico_error *error)
{
    struct heard *heard = data;
    g_assert_cmpstr(listener->name, ==, "count");
    g_assert_true(store_in_transaction(session));
    heard->count++;
    g_strlcpy(heard->type, event->type, sizeof heard->type);
    if (heard->emits) {
        struct event_emitter inner = *heard->emitter;
        struct event_record next = *event;
        next.id = 0;
        inner.depth++;
        heard->emitter = &inner;
        return event_emit(session, &inner, &next, error);
    }
    if (heard->answer < 0)
        snprintf(error->message, sizeof error->message, "The till is closed.");
    return heard->answer;
}

static struct event_emitter emitter_of(struct heard *heard)
{
    return (struct event_emitter){
        .listeners = listeners, .count = G_N_ELEMENTS(listeners), .run = hear, .data = heard
    };
}

static struct event_record placed(const struct database *database, const char *subject)
{
    struct value *data = value_new(database->arena, PORTICO_OBJECT);
    value_set_integer(data, "total", 120);
    return (struct event_record){ .type = "portal.shop.order.placed",
                                  .source = "/modules/shop",
                                  .subject = subject,
                                  .person = 7,
                                  .account = 8,
                                  .data = data };
}

static void an_event_is_written_with_a_delivery_for_each_listener(gconstpointer kind)
{
    struct database database;
    struct heard heard = { 0 };
    struct event_emitter emitter = emitter_of(&heard);
    struct portico_error error = PORTICO_ERROR_INIT;
    struct job_claim claim;
    if (!work_new(&database, kind))
        return;
    struct event_record event = placed(&database, "order/1");
    database_must(event_emit(database.session, &emitter, &event, &error), &error);
    g_assert_cmpint(event.id, >, 0);
    g_assert_cmpint(event.time, >, 0);
    g_assert_true(event_trace_is_good(event.trace));
    g_assert_cmpuint(heard.count, ==, 1);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM portico_job"), ==, 2);

    g_assert_true(work_claim(&database, &claim));
    g_assert_cmpint(claim.kind, ==, JOB_EVENT);
    g_assert_cmpstr(claim.module, ==, "mail");
    g_assert_cmpstr(claim.name, ==, "tell");
    g_assert_cmpuint(claim.attempts, ==, 4);
    g_assert_cmpint(claim.person, ==, 7);
    g_assert_cmpint(claim.account, ==, 8);
    g_assert_cmpstr(claim.trace, ==, event.trace);
    g_assert_cmpint(event_of_delivery(&claim), ==, event.id);
    struct event_record loaded;
    database_must(event_load(database.session, event.id, &loaded, &error), &error);
    g_assert_cmpstr(loaded.type, ==, "portal.shop.order.placed");
    g_assert_cmpstr(loaded.source, ==, "/modules/shop");
    g_assert_cmpstr(loaded.subject, ==, "order/1");
    g_assert_cmpint(loaded.time, ==, event.time);
    g_assert_cmpint(loaded.sequence, ==, event.sequence);
    g_assert_cmpint(loaded.audience, ==, 0);
    g_assert_cmpint(value_get(loaded.data, TEXT("total"))->integer, ==, 120);
    g_assert_cmpint(event_load(database.session, 5, &loaded, &error), ==, PORTICO_ENOENT);
    database_free(&database);
}

static void what_is_rolled_back_never_happened(gconstpointer kind)
{
    struct database database;
    struct heard heard = { 0 };
    struct event_emitter emitter = emitter_of(&heard);
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    struct event_record event = placed(&database, "");
    database_must(store_begin(database.session, &error), &error);
    database_must(event_emit(database.session, &emitter, &event, &error), &error);
    store_rollback(database.session);
    g_assert_cmpint(
        database_integer(&database, "{unfiltered a test} SELECT count(*) FROM portico_event"), ==,
        0);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM portico_job"), ==, 0);
    database_free(&database);
}

static int64_t edition_of(const struct database *database)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t edition = -1;
    database_must(store_edition(database->session, &edition, &error), &error);
    return edition;
}

static void an_event_that_outdates_begins_another_edition_with_its_transaction(gconstpointer kind)
{
    struct database database;
    struct event_emitter emitter = { .outdates = true };
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    int64_t first = edition_of(&database);
    struct event_record event = placed(&database, "");
    database_must(store_begin(database.session, &error), &error);
    database_must(event_emit(database.session, &emitter, &event, &error), &error);
    store_rollback(database.session);
    g_assert_cmpint(edition_of(&database), ==, first);

    database_must(store_begin(database.session, &error), &error);
    for (int i = 0; i < 2; i++) {
        event.id = 0;
        database_must(event_emit(database.session, &emitter, &event, &error), &error);
    }
    g_assert_cmpint(edition_of(&database), ==, first);
    database_must(store_commit(database.session, &error), &error);
    g_assert_cmpint(edition_of(&database), ==, first + 1);

    event.id = 0;
    database_must(event_emit(database.session, &emitter, &event, &error), &error);
    g_assert_cmpint(edition_of(&database), ==, first + 2);
    emitter.outdates = false;
    event.id = 0;
    database_must(event_emit(database.session, &emitter, &event, &error), &error);
    g_assert_cmpint(edition_of(&database), ==, first + 2);
    database_free(&database);
}

static void a_handler_that_refuses_leaves_only_the_rollback(gconstpointer kind)
{
    struct database database;
    struct heard heard = { .answer = PORTICO_EPERM };
    struct event_emitter emitter = emitter_of(&heard);
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    struct event_record event = placed(&database, "");
    database_must(store_begin(database.session, &error), &error);
    g_assert_cmpint(event_emit(database.session, &emitter, &event, &error), ==, PORTICO_EPERM);
    g_assert_nonnull(strstr(error.message, "handler count of module audit refused"));
    g_assert_nonnull(strstr(error.message, "The till is closed."));
    struct value *rows;
    g_assert_cmpint(store_query(database.session, "SELECT 1", PORTICO_NO_ARGS, &rows, &error), ==,
                    PORTICO_ECONFLICT);
    g_assert_nonnull(strstr(error.message, "The till is closed."));
    g_assert_cmpint(store_commit(database.session, &error), ==, PORTICO_ECONFLICT);
    g_assert_nonnull(strstr(error.message, "The till is closed."));
    g_assert_false(store_in_transaction(database.session));
    /* And one of its own is undone whole. */
    g_assert_cmpint(event_emit(database.session, &emitter, &event, &error), ==, PORTICO_EPERM);
    g_assert_false(store_in_transaction(database.session));
    g_assert_cmpint(
        database_integer(&database, "{unfiltered a test} SELECT count(*) FROM portico_event"), ==,
        0);
    database_free(&database);
}

static void a_handler_that_hears_what_it_causes_is_stopped(gconstpointer kind)
{
    struct database database;
    struct heard heard = { .emits = true };
    struct event_emitter emitter = emitter_of(&heard);
    struct portico_error error = PORTICO_ERROR_INIT;
    heard.emitter = &emitter;
    if (!work_new(&database, kind))
        return;
    struct event_record event = placed(&database, "");
    g_assert_cmpint(event_emit(database.session, &emitter, &event, &error), ==, PORTICO_ELIMIT);
    g_assert_cmpuint(heard.count, ==, EVENT_DEPTH_MAX);
    g_assert_nonnull(strstr(error.message, "refused"));
    g_assert_cmpint(
        database_integer(&database, "{unfiltered a test} SELECT count(*) FROM portico_event"), ==,
        0);
    database_free(&database);
}

static void one_subjects_events_reach_a_handler_in_their_order(gconstpointer kind)
{
    struct database database;
    struct heard heard = { 0 };
    struct event_listener ordered[] = { listeners[1] };
    struct event_emitter emitter = {
        .listeners = ordered, .count = 1, .run = hear, .data = &heard
    };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct job_claim claim, second;
    if (!work_new(&database, kind))
        return;
    struct event_record events[4];
    static const char *const subjects[] = { "order/1", "order/1", "order/2", "" };
    for (size_t i = 0; i < 4; i++) {
        events[i] = placed(&database, subjects[i]);
        database_must(event_emit(database.session, &emitter, &events[i], &error), &error);
        g_assert_cmpint(events[i].sequence, ==, (int64_t)i + 1);
    }
    /* The first of order/1 runs; its second waits, the others do not. */
    g_assert_true(work_claim(&database, &claim));
    g_assert_cmpint(event_of_delivery(&claim), ==, events[0].id);
    g_assert_true(work_claim(&database, &second));
    g_assert_cmpint(event_of_delivery(&second), ==, events[2].id);
    g_assert_true(work_claim(&database, &second));
    g_assert_cmpint(event_of_delivery(&second), ==, events[3].id);
    g_assert_false(work_claim(&database, &second));
    database_must(job_done(database.session, &claim, &error), &error);
    g_assert_true(work_claim(&database, &claim));
    g_assert_cmpint(event_of_delivery(&claim), ==, events[1].id);
    database_free(&database);
}

static void a_listener_of_one_lane_hears_all_in_order(gconstpointer kind)
{
    struct database database;
    struct event_listener one = {
        .module = "core", .name = "all", .types = "portal.*", .one_lane = true
    };
    struct event_emitter emitter = { .listeners = &one, .count = 1 };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct job_claim claim;
    if (!work_new(&database, kind))
        return;
    static const char *const subjects[] = { "order/1", "order/2", "" };
    for (size_t i = 0; i < 3; i++) {
        struct event_record event = placed(&database, subjects[i]);
        database_must(event_emit(database.session, &emitter, &event, &error), &error);
    }
    for (size_t i = 0; i < 3; i++) {
        struct job_claim other;
        struct event_record event;
        g_assert_true(work_claim(&database, &claim));
        g_assert_false(work_claim(&database, &other));
        database_must(event_load(database.session, event_of_delivery(&claim), &event, &error),
                      &error);
        g_assert_cmpstr(event.subject, ==, subjects[i]);
        database_must(job_done(database.session, &claim, &error), &error);
    }
    database_free(&database);
}

static void what_is_no_event_is_refused(gconstpointer kind)
{
    struct database database;
    struct heard heard = { 0 };
    struct event_emitter emitter = emitter_of(&heard);
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    /* A line break, a C1 control, a noncharacter, half a character: CloudEvents forbids them. */
    static const char *const subjects[] = { "a\nb", "a\xc2\x85", "a\xef\xbf\xbf", "a\xc3" };
    for (size_t i = 0; i < G_N_ELEMENTS(subjects); i++) {
        struct event_record event = placed(&database, subjects[i]);
        g_assert_cmpint(event_emit(database.session, &emitter, &event, &error), ==, PORTICO_EINVAL);
    }
    struct event_record event = placed(&database, "x");
    event.data = NULL;
    g_assert_cmpint(event_emit(database.session, &emitter, &event, &error), ==, PORTICO_EINVAL);
    event.data = value_text(database.arena, "x", 1);
    g_assert_cmpint(event_emit(database.session, &emitter, &event, &error), ==, PORTICO_EINVAL);
    event = placed(&database, "x");
    char *text = g_strnfill(EVENT_DATA_MAX, 'x');
    value_set_text(event.data, "text", text);
    g_assert_cmpint(event_emit(database.session, &emitter, &event, &error), ==, PORTICO_ELIMIT);
    g_free(text);
    /* Fine letters are welcome. */
    event = placed(&database, "Bestellung/Größe");
    database_must(event_emit(database.session, &emitter, &event, &error), &error);
    database_free(&database);
}

/* Of those older than a day. */
static void prune(struct database *database, unsigned most)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t before;
    database_must(event_prune_before(database->session, 86400000000, &before, &error), &error);
    database_must(event_prune(database->session, before, most, &error), &error);
}

static void lists_are_read_on_and_old_events_go_when_delivered(gconstpointer kind)
{
    struct database database;
    struct event_listener one = { .module = "mail", .name = "tell", .types = "portal.shop.*" };
    struct event_emitter emitter = { .listeners = &one, .count = 1 };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *list;
    struct job_claim claim;
    int64_t now = clock_now();
    if (!work_new(&database, kind))
        return;
    for (size_t i = 0; i < 5; i++) {
        struct event_record event = placed(&database, "");
        event.type = i % 2 ? "portal.shop.order.paid" : "portal.shop.order.placed";
        event.time = now - INT64_C(10) * 86400000000;
        database_must(event_emit(database.session, &emitter, &event, &error), &error);
    }
    database_must(event_list(database.session, NULL, 0, 3, &list, &error), &error);
    g_assert_cmpuint(list->count, ==, 3);
    int64_t last = value_get(value_at(list, 2), TEXT("sequence"))->integer;
    database_must(event_list(database.session, NULL, last, 3, &list, &error), &error);
    g_assert_cmpuint(list->count, ==, 2);
    database_must(event_list(database.session, "portal.shop.order.paid", 0, 9, &list, &error),
                  &error);
    g_assert_cmpuint(list->count, ==, 2);
    g_assert_cmpstr(value_get(value_at(list, 0), TEXT("type"))->text, ==, "portal.shop.order.paid");

    /* A delivery under way keeps them. */
    database_execute(&database, "UPDATE portico_job SET created = 1", PORTICO_NO_ARGS);
    prune(&database, 100);
    g_assert_cmpint(
        database_integer(&database, "{unfiltered a test} SELECT count(*) FROM portico_event"), ==,
        5);
    while (work_claim(&database, &claim))
        database_must(job_done(database.session, &claim, &error), &error);
    prune(&database, 2);
    g_assert_cmpint(
        database_integer(&database, "{unfiltered a test} SELECT count(*) FROM portico_event"), ==,
        3);
    prune(&database, 100);
    g_assert_cmpint(
        database_integer(&database, "{unfiltered a test} SELECT count(*) FROM portico_event"), ==,
        1);
    database_free(&database);
}

int main(int argc, char **argv)
{
    g_assert_cmpint(sodium_init(), >=, 0);
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("event", an_event_is_written_with_a_delivery_for_each_listener);
    DATABASE_TEST("event", what_is_rolled_back_never_happened);
    DATABASE_TEST("event", an_event_that_outdates_begins_another_edition_with_its_transaction);
    DATABASE_TEST("event", a_handler_that_refuses_leaves_only_the_rollback);
    DATABASE_TEST("event", a_handler_that_hears_what_it_causes_is_stopped);
    DATABASE_TEST("event", one_subjects_events_reach_a_handler_in_their_order);
    DATABASE_TEST("event", a_listener_of_one_lane_hears_all_in_order);
    DATABASE_TEST("event", what_is_no_event_is_refused);
    DATABASE_TEST("event", lists_are_read_on_and_old_events_go_when_delivered);
    return g_test_run();
}
