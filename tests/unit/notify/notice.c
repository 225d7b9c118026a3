/* Notices: who is told, once, by which way, and who is not. */
#include "town.h"

/* ---- who is told ---- */

static void followers_are_told_and_who_did_it_is_not(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const struct portico_notice notice = answer();
    follow(&town, town.mara, PORTICO_FOLLOWS);
    follow(&town, town.ben, PORTICO_FOLLOWS);
    queue(&town, &notice, town.ben);
    tell(&town);
    struct value *rows = list(&town, town.mara);
    g_assert_cmpuint(rows->count, ==, 1);
    g_assert_cmpstr(shown(rows, 0, "title"), ==, "{actor} answered");
    g_assert_cmpstr(shown(rows, 0, "actor_name"), ==, "benjamin");
    g_assert_cmpstr(shown(rows, 0, "excerpt"), ==, "Restart it.");
    g_assert_cmpstr(shown(rows, 0, "reason"), ==, "because you follow this question");
    g_assert_cmpint(unread(&town, town.mara), ==, 1);
    g_assert_cmpuint(list(&town, town.ben)->count, ==, 0);
    g_assert_cmpuint(list(&town, town.noa)->count, ==, 0);
    town_free(&town);
}

static void nobody_outside_the_audience_is_told(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct portico_notice notice = answer();
    const int64_t named[] = { town.ben, town.kim, 999 };
    notice.audience = IDENTITY_AUDIENCE_STAFF;
    notice.people = named;
    notice.people_count = G_N_ELEMENTS(named);
    follow(&town, town.mara, PORTICO_FOLLOWS);
    queue(&town, &notice, 0);
    tell(&town);
    g_assert_cmpint(database_integer(&town.database, "{unfiltered test} SELECT count(*) FROM "
                                                     "portico_notice"),
                    ==, 1);
    g_assert_cmpint(unread(&town, town.kim), ==, 1);
    g_assert_cmpint(mails(&town), ==, 1);
    struct portico_notice nobody = answer();
    nobody.audience = 4;
    queue(&town, &nobody, 0);
    tell(&town);
    g_assert_cmpint(mails(&town), ==, 1);
    town_free(&town);
}

static void who_lost_the_right_is_shown_and_mailed_nothing(gconstpointer kind)
{
    struct town town;
    struct mail_message message;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!town_new(&town, kind))
        return;
    struct portico_notice notice = answer();
    notice.audience = IDENTITY_AUDIENCE_STAFF;
    follow(&town, town.kim, PORTICO_FOLLOWS);
    queue(&town, &notice, 0);
    tell(&town);
    database_must(
        identity_person_roles(town.database.session, town.kim, 0, IDENTITY_MODERATOR, &error),
        &error);
    g_assert_cmpuint(list(&town, town.kim)->count, ==, 0);
    g_assert_cmpint(unread(&town, town.kim), ==, 0);
    g_assert_cmpint(next_mail(&town, &message), ==, 0);
    town_free(&town);
}

static void disabled_people_are_neither_told_nor_mailed(gconstpointer kind)
{
    struct town town;
    struct mail_message message;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!town_new(&town, kind))
        return;
    const struct portico_notice notice = answer();
    follow(&town, town.mara, PORTICO_FOLLOWS);
    queue(&town, &notice, 0);
    tell(&town);
    database_must(
        identity_person_state(town.database.session, town.mara, IDENTITY_DISABLED, &error), &error);
    g_assert_cmpint(next_mail(&town, &message), ==, 0);
    queue(&town, &notice, 0);
    tell(&town);
    g_assert_cmpint(number(list(&town, town.mara), 0, "repeats"), ==, 1);
    g_assert_cmpint(mails(&town), ==, 1);
    town_free(&town);
}

static void muting_holds_back_all_but_a_mention(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct portico_notice notice = answer();
    const int64_t named[] = { town.mara };
    follow(&town, town.mara, PORTICO_MUTED);
    notice.people = named;
    notice.people_count = 1;
    queue(&town, &notice, 0);
    tell(&town);
    g_assert_cmpuint(list(&town, town.mara)->count, ==, 0);
    notice.flags = PORTICO_NOTICE_MENTION | PORTICO_NOTICE_ONLY_NAMED;
    queue(&town, &notice, 0);
    tell(&town);
    g_assert_cmpuint(list(&town, town.mara)->count, ==, 1);
    struct mail_message message;
    g_assert_cmpint(next_mail(&town, &message), ==, 1);
    town_free(&town);
}

static void named_people_are_told_once_and_the_excepted_not_at_all(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct portico_notice notice = answer();
    const int64_t named[] = { town.mara, town.noa }, except[] = { town.ben, town.noa };
    follow(&town, town.mara, PORTICO_FOLLOWS);
    follow(&town, town.ben, PORTICO_FOLLOWS);
    notice.people = named;
    notice.people_count = 2;
    notice.except = except;
    notice.except_count = 2;
    notice.reason = NULL;
    queue(&town, &notice, 0);
    tell(&town);
    struct value *rows = list(&town, town.mara);
    g_assert_cmpuint(rows->count, ==, 1);
    g_assert_cmpint(number(rows, 0, "repeats"), ==, 1);
    g_assert_cmpstr(shown(rows, 0, "reason"), ==, "because it concerns you");
    g_assert_cmpuint(list(&town, town.ben)->count, ==, 0);
    g_assert_cmpuint(list(&town, town.noa)->count, ==, 0);
    town_free(&town);
}

static void without_an_audience_only_the_named_are_told(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct portico_notice notice = answer();
    const int64_t named[] = { town.noa };
    follow(&town, town.mara, PORTICO_FOLLOWS);
    notice.audience = 0;
    notice.people = named;
    notice.people_count = 1;
    queue(&town, &notice, 0);
    tell(&town);
    g_assert_cmpuint(list(&town, town.mara)->count, ==, 0);
    g_assert_cmpuint(list(&town, town.noa)->count, ==, 1);
    town_free(&town);
}

static void a_notice_rolled_back_told_nobody(gconstpointer kind)
{
    struct town town;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!town_new(&town, kind))
        return;
    const struct portico_notice notice = answer();
    database_must(store_begin(town.database.session, &error), &error);
    queue(&town, &notice, 0);
    store_rollback(town.database.session);
    g_assert_cmpint(database_integer(&town.database, "SELECT count(*) FROM portico_job"), ==, 0);
    town_free(&town);
}

static void who_follows_since_is_not_told_what_was_before(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const struct portico_notice notice = answer();
    follow(&town, town.ben, PORTICO_FOLLOWS);
    queue(&town, &notice, 0);
    follow(&town, town.mara, PORTICO_FOLLOWS);
    tell(&town);
    g_assert_cmpuint(list(&town, town.mara)->count, ==, 0);
    g_assert_cmpuint(list(&town, town.ben)->count, ==, 1);
    town_free(&town);
}

/* ---- storms ---- */

static void unread_news_of_one_subject_are_one_notice_and_one_mail_an_hour(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const struct portico_notice notice = answer();
    int64_t now = clock_now();
    follow(&town, town.mara, PORTICO_FOLLOWS);
    for (unsigned i = 0; i < 3; i++) {
        clock_stop(now + i * HOUR / 4);
        queue(&town, &notice, town.ben);
        tell(&town);
    }
    g_assert_cmpuint(list(&town, town.mara)->count, ==, 1);
    g_assert_cmpint(number(list(&town, town.mara), 0, "repeats"), ==, 3);
    g_assert_cmpint(mails(&town), ==, 1);
    clock_stop(now + HOUR);
    queue(&town, &notice, town.ben);
    tell(&town);
    g_assert_cmpint(mails(&town), ==, 2);
    struct portico_error error = PORTICO_ERROR_INIT;
    database_must(notice_seen(town.database.session, "talk", town.mara, "topic/1", &error), &error);
    g_assert_cmpint(unread(&town, town.mara), ==, 0);
    clock_stop(now + HOUR + 1);
    queue(&town, &notice, town.ben);
    tell(&town);
    g_assert_cmpuint(list(&town, town.mara)->count, ==, 2);
    g_assert_cmpint(number(list(&town, town.mara), 0, "repeats"), ==, 1);
    g_assert_cmpint(mails(&town), ==, 3);
    town_free(&town);
}

struct stopper {
    struct town *town;
    unsigned left;
};

static bool stop_soon(void *data)
{
    struct stopper *stopper = data;
    return stopper->left-- == 0;
}

static bool kind_of_stopper(const char *module, const char *kind, bool *ret_mail, void *data)
{
    return kind_of(module, kind, ret_mail, ((struct stopper *)data)->town);
}

static void a_telling_that_was_stopped_goes_on_where_it_was(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const struct portico_notice notice = answer();
    for (unsigned i = 0; i < 100; i++) {
        char *name = g_strdup_printf("reader-%03u", i);
        follow(&town, settle(&town, name, 0, false, "en"), PORTICO_FOLLOWS);
        g_free(name);
    }
    queue(&town, &notice, 0);
    for (unsigned stops = 0;; stops++) {
        struct stopper stopper = { &town, 1 };
        struct notice_host host = host_of(&town);
        host.kind = kind_of_stopper;
        host.must_stop = stop_soon;
        host.data = &stopper;
        int code = tell_with(&town, &host);
        if (code == 0) {
            g_assert_cmpuint(stops, >=, 2);
            break;
        }
        g_assert_cmpint(code, ==, PORTICO_EBUSY);
    }
    g_assert_cmpint(database_integer(&town.database, "{unfiltered test} SELECT count(*) FROM "
                                                     "portico_notice WHERE repeats = 1"),
                    ==, 100);
    town_free(&town);
}

static void a_subject_taken_back_is_told_to_nobody_any_more(gconstpointer kind)
{
    struct town town;
    struct mail_message message;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!town_new(&town, kind))
        return;
    const struct portico_notice notice = answer();
    follow(&town, town.mara, PORTICO_FOLLOWS);
    queue(&town, &notice, 0);
    tell(&town);
    queue(&town, &notice, 0); /* waits */
    database_must(notice_withdraw(town.database.session, "talk", "topic/1", NULL, &error), &error);
    tell(&town);
    g_assert_cmpuint(list(&town, town.mara)->count, ==, 0);
    g_assert_cmpint(next_mail(&town, &message), ==, 0);
    queue(&town, &notice, 0); /* it is back */
    tell(&town);
    g_assert_cmpuint(list(&town, town.mara)->count, ==, 1);
    town_free(&town);
}

static void a_part_taken_back_leaves_what_was_told_of_the_rest(gconstpointer kind)
{
    struct town town;
    struct mail_message message;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!town_new(&town, kind))
        return;
    struct portico_notice first = answer(), second = answer();
    first.part = "post/1";
    second.part = "post/2";
    second.text = "Turn it off.";
    follow(&town, town.mara, PORTICO_FOLLOWS);
    queue(&town, &first, town.ben);
    tell(&town);
    queue(&town, &second, town.ben);
    tell(&town);
    database_must(notice_withdraw(town.database.session, "talk", "topic/1", "post/1", &error),
                  &error);
    struct value *rows = list(&town, town.mara);
    g_assert_cmpstr(shown(rows, 0, "excerpt"), ==, "Turn it off.");
    g_assert_cmpint(next_mail(&town, &message), ==, 0); /* it holds the first */
    queue(&town, &first, town.ben); /* it is back, and goes again before it is told */
    database_must(notice_withdraw(town.database.session, "talk", "topic/1", "post/1", &error),
                  &error);
    tell(&town);
    g_assert_cmpint(number(list(&town, town.mara), 0, "repeats"), ==, 2);
    database_must(notice_withdraw(town.database.session, "talk", "topic/1", "post/2", &error),
                  &error);
    rows = list(&town, town.mara);
    g_assert_cmpuint(rows->count, ==, 1);
    g_assert_cmpint(number(rows, 0, "repeats"), ==, 1);
    g_assert_null(shown(rows, 0, "excerpt"));
    g_assert_null(shown(rows, 0, "actor_name"));
    database_must(notice_seen(town.database.session, "talk", town.mara, "topic/1", &error), &error);
    queue(&town, &second, town.ben);
    tell(&town);
    g_assert_cmpuint(list(&town, town.mara)->count, ==, 2);
    database_must(notice_withdraw(town.database.session, "talk", "topic/1", "post/2", &error),
                  &error);
    g_assert_cmpuint(list(&town, town.mara)->count, ==, 1);
    g_assert_cmpint(notice_withdraw(town.database.session, "talk", "topic/1", "no part", &error),
                    ==, PORTICO_EINVAL);
    town_free(&town);
}

static void a_kind_without_its_module_tells_nobody(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const struct portico_notice notice = answer();
    follow(&town, town.mara, PORTICO_FOLLOWS);
    queue(&town, &notice, 0);
    town.gone = true;
    tell(&town);
    g_assert_cmpuint(list(&town, town.mara)->count, ==, 0);
    town_free(&town);
}

/* ---- mail ---- */

static void a_mail_is_in_its_readers_language_and_ends_at_one_click(gconstpointer kind)
{
    struct town town;
    struct mail_message message;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct notice_switch off;
    bool is_off = false;
    if (!town_new(&town, kind))
        return;
    const struct portico_notice notice = answer();
    follow(&town, town.mara, PORTICO_FOLLOWS);
    queue(&town, &notice, town.ben);
    tell(&town);
    g_assert_cmpint(next_mail(&town, &message), ==, 1);
    g_assert_cmpstr(message.to, ==, "mara@example.com");
    g_assert_cmpstr(message.subject, ==, "de: benjamin answered");
    g_assert_cmpstr(message.thread, ==, "topic/1");
    g_assert_nonnull(strstr(message.text, "> Restart it."));
    g_assert_nonnull(strstr(message.text, "https://portal.example.com/talk/topic/1\n"));
    g_assert_nonnull(strstr(message.text, "de: You get this mail de: because you follow this "
                                          "question."));
    g_assert_true(g_str_has_prefix(message.unsubscribe, "/portico/unsubscribe/"));
    g_assert_nonnull(strstr(message.text, message.unsubscribe));
    char *token = g_strdup(message.unsubscribe + strlen("/portico/unsubscribe/"));
    database_must(notice_switch_read(town.ring, token, town.database.arena, &off, &error), &error);
    g_assert_cmpint(off.person, ==, town.mara);
    g_assert_true(off.follows);
    database_must(notice_switch_set(town.database.session, &off, false, &error), &error);
    database_must(notice_switch_is_off(town.database.session, &off, &is_off, &error), &error);
    g_assert_true(is_off);
    queue(&town, &notice, town.ben);
    tell(&town);
    g_assert_cmpint(number(list(&town, town.mara), 0, "repeats"), ==, 1);
    database_must(notice_switch_read(town.ring, token, town.database.arena, &off, &error), &error);
    database_must(notice_switch_set(town.database.session, &off, true, &error), &error);
    database_must(notice_switch_is_off(town.database.session, &off, &is_off, &error), &error);
    g_assert_false(is_off);
    g_free(token);
    town_free(&town);
}

static void the_link_of_a_mention_ends_mail_of_its_kind(gconstpointer kind)
{
    struct town town;
    struct mail_message message;
    struct notice_switch off;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!town_new(&town, kind))
        return;
    struct portico_notice notice = answer();
    const int64_t named[] = { town.ben };
    notice.people = named;
    notice.people_count = 1;
    notice.flags = PORTICO_NOTICE_MENTION;
    queue(&town, &notice, town.mara);
    tell(&town);
    g_assert_cmpint(next_mail(&town, &message), ==, 1);
    database_must(notice_switch_read(town.ring,
                                     message.unsubscribe + strlen("/portico/unsubscribe/"),
                                     town.database.arena, &off, &error),
                  &error);
    g_assert_false(off.follows);
    database_must(notice_switch_set(town.database.session, &off, false, &error), &error);
    database_must(notice_seen(town.database.session, "talk", town.ben, "topic/1", &error), &error);
    queue(&town, &notice, town.mara);
    tell(&town);
    g_assert_cmpuint(list(&town, town.ben)->count, ==, 2);
    g_assert_cmpint(mails(&town), ==, 1);
    town_free(&town);
}

static void mail_about_what_was_read_meanwhile_is_not_sent(gconstpointer kind)
{
    struct town town;
    struct mail_message message;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!town_new(&town, kind))
        return;
    const struct portico_notice notice = answer();
    follow(&town, town.mara, PORTICO_FOLLOWS);
    queue(&town, &notice, 0);
    tell(&town);
    database_must(notice_seen(town.database.session, "talk", town.mara, "topic/1", &error), &error);
    g_assert_cmpint(next_mail(&town, &message), ==, 0);
    town_free(&town);
}

static void each_way_is_switched_by_itself(gconstpointer kind)
{
    struct town town;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!town_new(&town, kind))
        return;
    const struct portico_notice notice = answer();
    static const struct {
        bool on_page, by_mail;
        int64_t listed, mailed;
    } rows[] = { { true, false, 1, 0 }, { false, true, 1, 1 }, { false, false, 1, 1 } };
    follow(&town, town.mara, PORTICO_FOLLOWS);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct notice_choice choice = { rows[i].on_page, rows[i].by_mail };
        database_must(
            notice_choose(town.database.session, town.mara, "talk", "answers", &choice, &error),
            &error);
        queue(&town, &notice, 0);
        tell(&town);
        g_assert_cmpuint(list(&town, town.mara)->count, ==, rows[i].listed);
        g_assert_cmpint(mails(&town), ==, rows[i].mailed);
        database_must(notice_seen(town.database.session, "talk", town.mara, "topic/1", &error),
                      &error);
    }
    town_free(&town);
}

static void a_kind_may_be_silent_until_mail_is_wished_for(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const struct portico_notice notice = answer();
    town.mail = false;
    follow(&town, town.mara, PORTICO_FOLLOWS);
    queue(&town, &notice, 0);
    tell(&town);
    g_assert_cmpuint(list(&town, town.mara)->count, ==, 1);
    g_assert_cmpint(mails(&town), ==, 0);
    town_free(&town);
}

static void a_link_made_elsewhere_switches_nothing_off(gconstpointer kind)
{
    struct town town;
    struct notice_switch off;
    if (!town_new(&town, kind))
        return;
    static const char *const tokens[] = { "", "x", "s1.1.AAAA", "m1.1.AAAA" };
    for (size_t i = 0; i < G_N_ELEMENTS(tokens); i++)
        g_assert_cmpint(notice_switch_read(town.ring, tokens[i], town.database.arena, &off, NULL),
                        ==, PORTICO_EINVAL);
    town_free(&town);
}

/* ---- following ---- */

static void following_is_kept_as_it_was_last_said(gconstpointer kind)
{
    struct town town;
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t count = -1;
    int level = 9;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = town.database.session;
    static const int levels[] = { PORTICO_FOLLOWS, PORTICO_FOLLOWS, PORTICO_MUTED, PORTICO_NORMAL };
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        follow(&town, town.mara, levels[i]);
        database_must(notice_following(session, "talk", town.mara, "topic/1", &level, &error),
                      &error);
        g_assert_cmpint(level, ==, levels[i]);
        database_must(notice_followers(session, "talk", "topic/1", &count, &error), &error);
        g_assert_cmpint(count, ==, levels[i] == PORTICO_FOLLOWS);
    }
    g_assert_cmpint(notice_follow(session, "talk", town.mara, "topic/1", 2, NULL), ==,
                    PORTICO_EINVAL);
    g_assert_cmpint(notice_follow(session, "talk", 0, "topic/1", 1, NULL), ==, PORTICO_EINVAL);
    g_assert_cmpint(notice_follow(session, "talk", town.mara, "a b", 1, NULL), ==, PORTICO_EINVAL);
    town_free(&town);
}

static void who_followed_a_merged_subject_follows_the_other(gconstpointer kind)
{
    struct town town;
    struct portico_error error = PORTICO_ERROR_INIT;
    int level = 9;
    if (!town_new(&town, kind))
        return;
    const struct portico_notice notice = answer();
    follow(&town, town.mara, PORTICO_FOLLOWS);
    follow(&town, town.ben, PORTICO_FOLLOWS);
    queue(&town, &notice, 0);
    tell(&town);
    struct store_session *session = town.database.session;
    database_must(notice_follow(session, "talk", town.ben, "topic/2", PORTICO_MUTED, &error),
                  &error);
    database_must(notice_follow_move(session, "talk", "topic/1", "topic/2", &error), &error);
    database_must(notice_following(session, "talk", town.mara, "topic/2", &level, &error), &error);
    g_assert_cmpint(level, ==, PORTICO_FOLLOWS);
    database_must(notice_following(session, "talk", town.ben, "topic/2", &level, &error), &error);
    g_assert_cmpint(level, ==, PORTICO_MUTED);
    g_assert_cmpstr(shown(list(&town, town.mara), 0, "subject"), ==, "topic/2");
    g_assert_cmpint(database_integer(&town.database, "SELECT count(*) FROM portico_follow WHERE "
                                                     "subject = 'topic/1'"),
                    ==, 0);
    town_free(&town);
}

static void what_somebody_follows_is_listed_page_by_page(gconstpointer kind)
{
    static const char *const others[] = { "space/1", "Topic/1", "top", "topi%/1" };
    struct town town;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *rows;
    char subject[20];
    if (!town_new(&town, kind))
        return;
    struct store_session *session = town.database.session;
    for (int i = 1; i <= 5; i++) {
        g_snprintf(subject, sizeof subject, "topic/%d", i);
        database_must(notice_follow(session, "talk", town.mara, subject, 1, &error), &error);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        database_must(notice_follow(session, "talk", town.mara, others[i], 1, &error), &error);
    database_must(notice_follow(session, "talk", town.mara, "topic/6", -1, &error), &error);
    database_must(notice_follow(session, "talk", town.ben, "topic/7", 1, &error), &error);
    database_must(notice_follow(session, "shop", town.mara, "topic/8", 1, &error), &error);
    /* Two of them in the same moment. */
    database_execute(&town.database,
                     "UPDATE portico_follow SET changed = 7 WHERE subject IN "
                     "('topic/3', 'topic/4')",
                     PORTICO_NO_ARGS);
    GString *seen = g_string_new(NULL);
    const char *after = NULL;
    do {
        database_must(
            notice_followed(session, "talk", town.mara, "topic/", after, 2, &rows, &error), &error);
        for (uint32_t i = 0; i < rows->count; i++)
            g_string_append_printf(seen, "%s ", shown(rows, i, "subject") + strlen("topic/"));
        after = rows->count ? shown(rows, rows->count - 1, "place") : NULL;
    } while (after);
    g_assert_cmpstr(seen->str, ==, "5 2 1 4 3 ");
    g_string_free(seen, TRUE);
    const struct {
        const char *prefix, *after;
        unsigned most;
    } wrong[] = { { NULL, NULL, 9 },       { "topic/", NULL, 0 },   { "topic/", NULL, 101 },
                  { "topic/", "soon", 9 }, { "topic/", "7", 9 },    { "topic/", "7/", 9 },
                  { "topic/", "/a", 9 },   { "topic/", "7/a b", 9 } };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_cmpint(notice_followed(session, "talk", town.mara, wrong[i].prefix, wrong[i].after,
                                        wrong[i].most, &rows, &error),
                        ==, PORTICO_EINVAL);
    town_free(&town);
}

static void what_is_no_notice_is_refused(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct portico_notice wrong[7];
    struct value *list = value_new(town.database.arena, PORTICO_LISTING);
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        wrong[i] = answer();
    wrong[0].subject = "";
    wrong[1].title = "a\nb";
    wrong[2].url = "https://elsewhere.example/";
    wrong[3].url = "//elsewhere.example/";
    wrong[4].text = "\xff";
    wrong[5].people_count = 1;
    wrong[6].arguments = value_public(list);
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_cmpint(notice_queue(town.database.session, "talk", &wrong[i], 0, NULL), ==,
                        PORTICO_EINVAL);
    struct portico_notice crowd = answer();
    crowd.people = &town.mara;
    crowd.people_count = PORTICO_NOTICE_PEOPLE_MAX + 1;
    g_assert_cmpint(notice_queue(town.database.session, "talk", &crowd, 0, NULL), ==,
                    PORTICO_ELIMIT);
    town_free(&town);
}

static void old_notices_are_removed(gconstpointer kind)
{
    struct town town;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!town_new(&town, kind))
        return;
    const struct portico_notice notice = answer();
    follow(&town, town.mara, PORTICO_FOLLOWS);
    queue(&town, &notice, 0);
    tell(&town);
    int64_t now = clock_now();
    g_assert_cmpint(notice_prune(town.database.session, now, 10, &error), ==, 0);
    g_assert_cmpint(notice_prune(town.database.session, now + NOTICE_KEPT + 1, 10, &error), ==, 1);
    g_assert_cmpuint(list(&town, town.mara)->count, ==, 0);
    town_free(&town);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(gconstpointer kind);
    } tests[] = {
        { "followers are told, and who did it is not", followers_are_told_and_who_did_it_is_not },
        { "what somebody follows is listed page by page",
          what_somebody_follows_is_listed_page_by_page },
        { "nobody outside the audience is told", nobody_outside_the_audience_is_told },
        { "who lost the right is shown and mailed nothing",
          who_lost_the_right_is_shown_and_mailed_nothing },
        { "disabled people are neither told nor mailed",
          disabled_people_are_neither_told_nor_mailed },
        { "muting holds back all but a mention", muting_holds_back_all_but_a_mention },
        { "named people are told once, and the excepted not at all",
          named_people_are_told_once_and_the_excepted_not_at_all },
        { "without an audience only the named are told",
          without_an_audience_only_the_named_are_told },
        { "a notice rolled back told nobody", a_notice_rolled_back_told_nobody },
        { "who follows since is not told what was before",
          who_follows_since_is_not_told_what_was_before },
        { "unread news of one subject are one notice, and one mail an hour",
          unread_news_of_one_subject_are_one_notice_and_one_mail_an_hour },
        { "a telling that was stopped goes on where it was",
          a_telling_that_was_stopped_goes_on_where_it_was },
        { "a subject taken back is told to nobody any more",
          a_subject_taken_back_is_told_to_nobody_any_more },
        { "a part taken back leaves what was told of the rest",
          a_part_taken_back_leaves_what_was_told_of_the_rest },
        { "a kind without its module tells nobody", a_kind_without_its_module_tells_nobody },
        { "a mail is in its reader's language and ends at one click",
          a_mail_is_in_its_readers_language_and_ends_at_one_click },
        { "the link of a mention ends mail of its kind",
          the_link_of_a_mention_ends_mail_of_its_kind },
        { "mail about what was read meanwhile is not sent",
          mail_about_what_was_read_meanwhile_is_not_sent },
        { "each way is switched by itself", each_way_is_switched_by_itself },
        { "a kind may be silent until mail is wished for",
          a_kind_may_be_silent_until_mail_is_wished_for },
        { "a link made elsewhere switches nothing off",
          a_link_made_elsewhere_switches_nothing_off },
        { "following is kept as it was last said", following_is_kept_as_it_was_last_said },
        { "who followed a merged subject follows the other",
          who_followed_a_merged_subject_follows_the_other },
        { "what is no notice is refused", what_is_no_notice_is_refused },
        { "old notices are removed", old_notices_are_removed },
    };
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        for (int kind = STORE_SQLITE; kind <= STORE_POSTGRES; kind++) {
            char *path = g_strdup_printf(
                "/notice/%s/%s", kind == STORE_SQLITE ? "sqlite" : "postgres", tests[i].name);
            g_test_add_data_func(path, GINT_TO_POINTER(kind), tests[i].run);
            g_free(path);
        }
    return g_test_run();
}
