/* From when to when a membership may hold. */
#include "identity/member.h"

#include "town.h"

static void a_membership_has_its_first_day_before_its_last(gconstpointer kind)
{
    struct town town;
    int64_t id = 0;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct identity_new_member made = { .account = town.mill,
                                        .person = town.ben,
                                        .source = "staff",
                                        .from = NOON + HOUR,
                                        .until = NOON + HOUR };
    struct identity_member_change change = { .from = NOON + 3 * HOUR, .until = -1 };
    struct identity_member member;
    g_assert_cmpint(identity_member_add(session, &made, NULL, NULL), ==, PORTICO_EINVAL);
    made.until = NOON + 2 * HOUR;
    people_must(&town.people, identity_member_add(session, &made, &id, &town.people.error));
    g_assert_cmpint(identity_member_change(session, id, &change, NULL), ==, PORTICO_EINVAL);
    change = (struct identity_member_change){ .from = -1, .until = NOON };
    g_assert_cmpint(identity_member_change(session, id, &change, NULL), ==, PORTICO_EINVAL);
    people_must(&town.people, identity_member_look(session, id, &member, &town.people.error));
    g_assert_cmpint(member.from, ==, NOON + HOUR);
    g_assert_cmpint(member.until, ==, NOON + 2 * HOUR);
    g_assert_cmpint(member.by, ==, 0);
    people_free(&town.people);
}

int main(int count, char **words)
{
    g_test_init(&count, &words, NULL);
    DATABASE_TEST("member", a_membership_has_its_first_day_before_its_last);
    return g_test_run();
}
