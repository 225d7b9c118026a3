/* Tests of scenarios: runs begin, pass steps, finish and are given up, each event counted once. */
#include "../store/database.h"

#include "base/id.h"
#include "event/scenario.h"

#define MINUTE INT64_C(60000000)
#define NOON INT64_C(1767225600000000)

static const struct portico_scenario scenarios[] = {
    { .id = "buy",
      .title = "Buy something",
      .starts = "portal.shop.cart.filled",
      .finishes = "portal.shop.order.placed",
      .abandon_hours = 2 },
    { .id = "ask",
      .title = "Get an answer",
      .starts = "portal.talk.question.asked",
      .finishes = "portal.talk.question.solved",
      .correlate = "subject" },
    { .id = "pay",
      .title = "Pay a bill",
      .starts = "portal.bills.bill.sent",
      .finishes = "portal.bills.bill.paid",
      .correlate = "bill" },
};
static const struct portico_scenario_step steps[] = {
    { .scenario = "buy",
      .id = "address",
      .title = "Gave an address",
      .passes = "portal.shop.address.given" },
    { .scenario = "buy",
      .id = "payment",
      .title = "Chose a payment",
      .passes = "portal.shop.payment.chosen portal.shop.card.stored" },
    { .scenario = "ask",
      .id = "answered",
      .title = "Got a first answer",
      .passes = "portal.talk.question.answered" },
};
static const struct scenario_entry entries[] = {
    { "shop", &scenarios[0], steps, G_N_ELEMENTS(steps) },
    { "shop", &scenarios[1], steps, G_N_ELEMENTS(steps) },
    { "shop", &scenarios[2], steps, G_N_ELEMENTS(steps) },
};

static bool fresh(struct database *database, gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    char *text = NULL;
    if (!database_new(database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return false;
    char *here = g_path_get_dirname(__FILE__);
    char *path = g_build_filename(here, "..", "..", "..", "core", "store", "migrations",
                                  "0005-scenarios.before.sql", NULL);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_free(path);
    g_free(here);
    database_must(database_try_migrate(database, "core", "0001-scenarios.before.sql", text,
                                       MIGRATE_BEFORE, &error),
                  &error);
    g_free(text);
    return true;
}

static struct event_record event_of(const char *type, const char *subject, int64_t person,
                                    int64_t minutes)
{
    return (struct event_record){ .id = id_new(),
                                  .time = NOON + minutes * MINUTE,
                                  .person = person,
                                  .account = person ? 7 : 0,
                                  .type = type,
                                  .source = "/modules/x",
                                  .subject = subject,
                                  .trace = "" };
}

static void take(struct database *database, const struct event_record *event)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    database_must(scenario_take(database->session, entries, G_N_ELEMENTS(entries), event, &error),
                  &error);
}

static void tell(struct database *database, const char *type, const char *subject, int64_t person,
                 int64_t minutes)
{
    struct event_record event = event_of(type, subject, person, minutes);
    take(database, &event);
}

static const struct portico_value *figures_of(struct database *database, size_t index)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *figures = NULL;
    database_must(scenario_figures(database->session, entries, G_N_ELEMENTS(entries),
                                   NOON + 600 * MINUTE, &figures, &error),
                  &error);
    g_assert_cmpuint(portico_count(value_public(figures)), ==, G_N_ELEMENTS(entries));
    return portico_at(value_public(figures), index);
}

static void assert_figures(struct database *database, size_t index, int64_t started,
                           int64_t finished, int64_t given_up, int64_t open)
{
    const struct portico_value *row = figures_of(database, index);
    g_assert_cmpint(portico_get_integer(row, "started", -1), ==, started);
    g_assert_cmpint(portico_get_integer(row, "finished", -1), ==, finished);
    g_assert_cmpint(portico_get_integer(row, "given_up", -1), ==, given_up);
    g_assert_cmpint(portico_get_integer(row, "open", -1), ==, open);
}

static void a_run_begins_passes_its_steps_and_ends(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    tell(&database, "portal.shop.address.given", "", 1, 0); /* nothing has begun */
    tell(&database, "portal.shop.cart.filled", "cart/1", 1, 1);
    tell(&database, "portal.shop.cart.filled", "cart/2", 1, 2); /* the same job goes on */
    tell(&database, "portal.shop.address.given", "", 1, 3);
    tell(&database, "portal.shop.address.given", "", 1, 4);
    tell(&database, "portal.shop.card.stored", "", 1, 5);
    tell(&database, "portal.shop.payment.chosen", "", 1, 6);
    tell(&database, "portal.shop.payment.chosen", "", 2, 6); /* somebody else, who never began */
    assert_figures(&database, 0, 1, 0, 0, 1);
    tell(&database, "portal.shop.order.placed", "order/1", 1, 11);
    assert_figures(&database, 0, 1, 1, 0, 0);
    const struct portico_value *row = figures_of(&database, 0);
    g_assert_cmpstr(portico_get_text(row, "title", ""), ==, "Buy something");
    g_assert_cmpstr(portico_get_text(row, "module", ""), ==, "shop");
    g_assert_cmpfloat(portico_get_real(row, "median_minutes", -1), ==, 10);
    const struct portico_value *list = portico_get(row, "steps");
    g_assert_cmpuint(portico_count(list), ==, 2);
    g_assert_cmpint(portico_get_integer(portico_at(list, 0), "passed", -1), ==, 1);
    g_assert_cmpint(portico_get_integer(portico_at(list, 1), "passed", -1), ==, 1);
    tell(&database, "portal.shop.cart.filled", "cart/3", 1, 12);
    assert_figures(&database, 0, 2, 1, 0, 1);
    g_assert_null(portico_get(figures_of(&database, 1), "median_minutes"));
    database_free(&database);
}

static void each_event_counts_once_however_often_it_is_delivered(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    struct event_record begin = event_of("portal.shop.cart.filled", "", 1, 0);
    struct event_record pass = event_of("portal.shop.address.given", "", 1, 1);
    struct event_record end = event_of("portal.shop.order.placed", "", 1, 2);
    const struct event_record *const all[] = { &begin, &pass, &end };
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        for (int round = 0; round < 3; round++)
            take(&database, all[i]);
    take(&database, &begin); /* long after its run ended */
    assert_figures(&database, 0, 1, 1, 0, 0);
    database_free(&database);
}

static void a_subject_or_a_member_ties_what_several_people_do(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    tell(&database, "portal.talk.question.asked", "topic/1", 1, 0);
    tell(&database, "portal.talk.question.asked", "topic/2", 1, 0);
    tell(&database, "portal.talk.question.asked", "", 1, 0); /* nothing ties it */
    tell(&database, "portal.talk.question.answered", "topic/1", 2, 1);
    tell(&database, "portal.talk.question.solved", "topic/1", 3, 4);
    assert_figures(&database, 1, 2, 1, 0, 1);
    struct event_record bill = event_of("portal.bills.bill.sent", "", 0, 0);
    bill.data = value_new(database.arena, PORTICO_OBJECT);
    value_set_text(bill.data, "bill", "2026/17");
    take(&database, &bill);
    struct event_record paid = event_of("portal.bills.bill.paid", "", 9, 1);
    paid.data = bill.data;
    take(&database, &paid);
    assert_figures(&database, 2, 1, 1, 0, 0);
    struct value *rows = database_query(
        &database, "SELECT person, account FROM portico_scenario_run WHERE correlation = 'topic/1'",
        PORTICO_NO_ARGS);
    g_assert_cmpint(value_rows_at(rows, 0)[0].integer, ==, 1);
    g_assert_cmpint(value_rows_at(rows, 0)[1].integer, ==, 7);
    database_free(&database);
}

static void a_run_without_news_is_given_up(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t given_up = 0;
    if (!fresh(&database, kind))
        return;
    tell(&database, "portal.shop.cart.filled", "", 1, 0);
    tell(&database, "portal.shop.cart.filled", "", 2, 0);
    tell(&database, "portal.shop.address.given", "", 2, 90);
    tell(&database, "portal.talk.question.asked", "topic/1", 1, 0);
    database_must(scenario_abandon(database.session, entries, G_N_ELEMENTS(entries),
                                   NOON + 121 * MINUTE, 100, &given_up, &error),
                  &error);
    g_assert_cmpint(given_up, ==, 1);
    assert_figures(&database, 0, 2, 0, 1, 1);
    assert_figures(&database, 1, 1, 0, 0, 1);
    tell(&database, "portal.shop.order.placed", "", 1, 122); /* too late */
    assert_figures(&database, 0, 2, 0, 1, 1);
    database_free(&database);
}

static void runs_long_over_are_removed_with_their_steps(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t removed = 0;
    if (!fresh(&database, kind))
        return;
    tell(&database, "portal.shop.cart.filled", "", 1, 0);
    tell(&database, "portal.shop.address.given", "", 1, 1);
    tell(&database, "portal.shop.order.placed", "", 1, 2);
    tell(&database, "portal.shop.cart.filled", "", 2, 0);
    database_must(scenario_prune(database.session, NOON + 3 * MINUTE, 10, &removed, &error),
                  &error);
    g_assert_cmpint(removed, ==, 1);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM portico_scenario_pass"), ==,
                    0);
    assert_figures(&database, 0, 1, 0, 0, 1);
    database_free(&database);
}

static void the_listener_hears_each_named_type_once(void)
{
    struct arena *arena = arena_new(0);
    g_assert_cmpstr(scenario_types(entries, 2, arena), ==,
                    "portal.shop.cart.filled portal.shop.order.placed portal.shop.address.given "
                    "portal.shop.payment.chosen portal.shop.card.stored "
                    "portal.talk.question.asked portal.talk.question.solved "
                    "portal.talk.question.answered");
    g_assert_cmpstr(scenario_types(NULL, 0, arena), ==, "");
    arena_free(arena);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("scenario", a_run_begins_passes_its_steps_and_ends);
    DATABASE_TEST("scenario", each_event_counts_once_however_often_it_is_delivered);
    DATABASE_TEST("scenario", a_subject_or_a_member_ties_what_several_people_do);
    DATABASE_TEST("scenario", a_run_without_news_is_given_up);
    DATABASE_TEST("scenario", runs_long_over_are_removed_with_their_steps);
    g_test_add_func("/scenario/the_listener_hears_each_named_type_once",
                    the_listener_hears_each_named_type_once);
    return g_test_run();
}
