/* Access tokens: what one may is what was chosen and is still held, until its end. */
#include "identity/api_token.h"
#include "identity/audit.h"
#include "identity/member.h"
#include "town.h"

static int make(struct town *town, int64_t account, const char *scopes, int64_t expires,
                char ret_token[IDENTITY_API_TOKEN_SIZE])
{
    const struct identity_new_api_token made = { .person = town->dana,
                                                 .account = account,
                                                 .name = "Ledger",
                                                 .scopes = scopes,
                                                 .expires = expires };
    int64_t id;
    return identity_api_token_make(town->people.identity, people_session(&town->people), &made,
                                   ret_token, &id, &town->people.error);
}

static int use(struct town *town, const char *token, struct identity_api_token *ret_used)
{
    return identity_api_token_use(town->people.identity, people_session(&town->people), token,
                                  "192.0.2.0/24", ret_used, &town->people.error);
}

static void it_may_what_was_chosen_and_is_still_held(gconstpointer kind)
{
    struct town town;
    char token[IDENTITY_API_TOKEN_SIZE], bare[IDENTITY_API_TOKEN_SIZE];
    struct identity_api_token used;
    if (!town_new(&town, kind))
        return;
    int64_t membership = join(&town, town.dana, town.harbour, "account-admin");
    g_assert_cmpint(make(&town, town.harbour, "bills.pay talk.moderate", 0, token), ==,
                    PORTICO_EPERM);
    g_assert_cmpint(make(&town, town.mill, "bills.pay", 0, token), ==, PORTICO_EPERM);
    people_must(&town.people, make(&town, town.harbour, " bills.pay ", 0, token));
    people_must(&town.people, make(&town, town.harbour, "", 0, bare));
    people_must(&town.people, use(&town, token, &used));
    g_assert_cmpint(used.standing.account, ==, town.harbour);
    g_assert_true(may(&used.standing, "bills.pay"));
    g_assert_false(may(&used.standing, "bills.see"));
    g_assert_cmpuint(used.standing.roles &
                         ~(IDENTITY_EVERYONE | IDENTITY_MEMBER | IDENTITY_ACCOUNT_MEMBER),
                     ==, 0);
    people_must(&town.people, use(&town, bare, &used));
    g_assert_false(may(&used.standing, "bills.pay"));
    people_must(&town.people, identity_member_roles(people_session(&town.people), membership, NULL,
                                                    "account-admin", &town.people.error));
    people_must(&town.people, use(&town, token, &used));
    g_assert_false(may(&used.standing, "bills.pay"));
    people_free(&town.people);
}

static void each_permission_is_kept_once(gconstpointer kind)
{
    struct town town;
    struct value *rows;
    char token[IDENTITY_API_TOKEN_SIZE];
    if (!town_new(&town, kind))
        return;
    join(&town, town.dana, town.harbour, "account-admin");
    people_must(&town.people,
                make(&town, town.harbour, "bills.pay bills.see  bills.pay bills.pay", 0, token));
    people_must(&town.people, store_host_query(people_session(&town.people),
                                               "SELECT scopes FROM portico_api_token", NULL, 0,
                                               &rows, &town.people.error));
    g_assert_cmpstr(value_rows_at(rows, 0)->text, ==, "bills.pay bills.see");
    people_free(&town.people);
}

/* More of both than one statement asks for. */
static void streams_of_tokens_and_sessions_are_told_apart(gconstpointer kind)
{
    struct town town;
    char api[IDENTITY_API_TOKEN_SIZE];
    struct identity_watched watched[90];
    struct identity_api_token used = { 0 };
    if (!town_new(&town, kind))
        return;
    join(&town, town.dana, town.harbour, NULL);
    people_must(&town.people, make(&town, town.harbour, "", 0, api));
    people_must(&town.people, use(&town, api, &used));
    for (size_t i = 0; i < G_N_ELEMENTS(watched); i++)
        watched[i] = (struct identity_watched){ .session = i % 3 == 2 ? 4711 + (int64_t)i : used.id,
                                                .account = town.harbour,
                                                .rights = used.person.rights,
                                                .number = used.standing.number,
                                                .until = INT64_MAX,
                                                .token = i % 3 != 1 };
    people_must(&town.people,
                identity_session_watch(town.people.identity, people_session(&town.people), watched,
                                       G_N_ELEMENTS(watched), &town.people.error));
    for (size_t i = 0; i < G_N_ELEMENTS(watched); i++)
        g_assert_cmpint(watched[i].over, ==, i % 3 != 0);
    people_free(&town.people);
}

static int64_t records(struct town *town, const char *kind)
{
    struct value *rows;
    people_must(&town->people,
                store_host_query(people_session(&town->people),
                                 "SELECT count(*) FROM portico_audit WHERE kind = ?",
                                 PORTICO_ARGS(portico_arg_text(kind)), &rows, &town->people.error));
    return value_rows_at(rows, 0)->integer;
}

static void after_its_last_day_it_opens_nothing_and_that_is_recorded(gconstpointer kind)
{
    struct town town;
    char token[IDENTITY_API_TOKEN_SIZE];
    struct identity_api_token used;
    if (!town_new(&town, kind))
        return;
    join(&town, town.dana, town.harbour, NULL);
    people_must(&town.people, make(&town, town.harbour, "", NOON + DAY, token));
    people_must(&town.people, use(&town, token, &used));
    g_assert_cmpint(used.standing.until, ==, NOON + DAY);
    clock_stop(NOON + DAY);
    for (int i = 0; i < 3; i++)
        g_assert_cmpint(use(&town, token, &used), ==, PORTICO_ENOENT);
    g_assert_cmpint(records(&town, "token.refused"), ==, 1);
    people_free(&town.people);
}

static void the_rules_of_today_hold_for_tokens_made_before(gconstpointer kind)
{
    struct town town;
    char token[IDENTITY_API_TOKEN_SIZE];
    struct identity_api_token used;
    if (!town_new(&town, kind))
        return;
    join(&town, town.dana, town.harbour, NULL);
    people_must(&town.people, make(&town, town.harbour, "", 0, token));
    clock_stop(NOON + 40 * DAY);
    people_must(&town.people, use(&town, token, &used));
    struct identity_rules rules = people_rules();
    rules.tokens = 30 * DAY;
    people_rule(&town.people, &rules);
    g_assert_cmpint(use(&town, token, &used), ==, PORTICO_ENOENT);
    g_assert_cmpint(make(&town, town.harbour, "", 0, token), ==, PORTICO_EINVAL);
    g_assert_cmpint(make(&town, town.harbour, "", NOON + 80 * DAY, token), ==, PORTICO_EINVAL);
    people_free(&town.people);
}

static void one_made_for_no_account_does_not_come_along_into_one(gconstpointer kind)
{
    struct town town;
    char token[IDENTITY_API_TOKEN_SIZE];
    struct identity_api_token used;
    if (!town_new(&town, kind))
        return;
    people_must(&town.people, make(&town, 0, "", 0, token));
    people_must(&town.people, use(&town, token, &used));
    g_assert_cmpint(used.standing.account, ==, 0);
    join(&town, town.dana, town.harbour, "account-admin");
    g_assert_cmpint(use(&town, token, &used), ==, PORTICO_ENOENT);
    people_free(&town.people);
}

static void who_is_switched_on_again_has_none(gconstpointer kind)
{
    struct town town;
    char token[IDENTITY_API_TOKEN_SIZE];
    struct identity_api_token used;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    join(&town, town.dana, town.harbour, NULL);
    people_must(&town.people, make(&town, town.harbour, "", 0, token));
    people_must(&town.people,
                identity_person_state(session, town.dana, IDENTITY_DISABLED, &town.people.error));
    people_must(&town.people,
                identity_person_state(session, town.dana, IDENTITY_ACTIVE, &town.people.error));
    g_assert_cmpint(use(&town, token, &used), ==, PORTICO_ENOENT);
    people_free(&town.people);
}

static void nobody_s_token_is_revoked_in_the_name_of_nobody(gconstpointer kind)
{
    struct town town;
    char token[IDENTITY_API_TOKEN_SIZE];
    struct value *rows;
    int64_t whose;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    join(&town, town.dana, town.harbour, NULL);
    people_must(&town.people, make(&town, town.harbour, "", 0, token));
    people_must(&town.people, identity_api_tokens(town.people.identity, session, town.dana, &rows,
                                                  &town.people.error));
    const int64_t id = people_cell(rows, 0, 0)->integer;
    for (int64_t person = 0; person <= town.ben; person += town.ben)
        g_assert_cmpint(identity_api_token_revoke(session, person, id, &whose, &town.people.error),
                        ==, PORTICO_ENOENT);
    people_must(&town.people, identity_api_token_revoke(session, IDENTITY_ANYBODY, id, &whose,
                                                        &town.people.error));
    g_assert_cmpint(whose, ==, town.dana);
    people_free(&town.people);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("api token", each_permission_is_kept_once);
    DATABASE_TEST("api token", streams_of_tokens_and_sessions_are_told_apart);
    DATABASE_TEST("api-token", it_may_what_was_chosen_and_is_still_held);
    DATABASE_TEST("api-token", after_its_last_day_it_opens_nothing_and_that_is_recorded);
    DATABASE_TEST("api-token", the_rules_of_today_hold_for_tokens_made_before);
    DATABASE_TEST("api-token", one_made_for_no_account_does_not_come_along_into_one);
    DATABASE_TEST("api-token", who_is_switched_on_again_has_none);
    DATABASE_TEST("api-token", nobody_s_token_is_revoked_in_the_name_of_nobody);
    return g_test_run();
}
