#include "identity/known.h"
#include "people.h"

static void people_are_found_by_handle_address_and_id(gconstpointer kind)
{
    struct people people;
    struct identity_person found;
    if (!people_new(&people, kind))
        return;
    int64_t mara =
        people_add(&people, " Mara   Lindqvist ", "Mara@Example.com", IDENTITY_MODERATOR);
    char *id = g_strdup_printf("%" G_GINT64_FORMAT, mara);
    const char *const ways[] = { "mara.lindqvist", "Mara.Lindqvist", "mara@example.COM", id };
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        people_must(&people,
                    identity_person_named(people_session(&people), ways[i], &found, &people.error));
        g_assert_cmpint(found.id, ==, mara);
    }
    g_assert_cmpstr(found.name, ==, "Mara Lindqvist");
    g_assert_cmpstr(found.initials, ==, "ML");
    g_assert_cmpstr(found.address, ==, "Mara@Example.com");
    g_assert_cmpstr(found.locale, ==, "");
    g_assert_null(found.external);
    g_assert_cmpuint(found.roles, ==,
                     IDENTITY_EVERYONE | IDENTITY_MEMBER | IDENTITY_STAFF | IDENTITY_MODERATOR);
    g_assert_cmpint(found.created, ==, NOON);
    g_assert_cmpint(found.last_sign_in, ==, 0);
    g_assert_cmpuint(found.hue, <, 360);
    g_assert_cmpint(
        identity_person_named(people_session(&people), "nobody.here", &found, &people.error), ==,
        PORTICO_ENOENT);
    g_assert_nonnull(strstr(people.error.message, "\"nobody.here\""));
    g_free(id);
    people_free(&people);
}

static void one_mailbox_is_one_however_its_domain_is_spelled(gconstpointer kind)
{
    struct people people;
    struct identity_person found;
    int64_t id;
    bool taken;
    if (!people_new(&people, kind))
        return;
    const int64_t mara = people_add(&people, "Mara", "Mara@Müller.de", 0);
    const int64_t lee = people_add(&people, "Lee", "lee@example.com", 0);
    static const char *const ways[] = { "mara@müller.de", "MARA@MÜLLER.DE", "mara@xn--mller-kva.de",
                                        "mara@XN--Mller-KVA.de", "mara@mu\u0308ller.de" };
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        people_must(&people,
                    identity_person_named(people_session(&people), ways[i], &found, &people.error));
        g_assert_cmpint(found.id, ==, mara);
        people_must(&people, identity_address_add(people_session(&people), lee, ways[i], &id,
                                                  &taken, &people.error));
        g_assert_true(taken);
    }
    g_assert_cmpint(
        identity_person_named(people_session(&people), "mara@muller.de", &found, &people.error), ==,
        PORTICO_ENOENT);
    people_free(&people);
}

static void hold_to_key(struct people *people, const char *address, const char *key)
{
    people_must(people,
                store_host_execute(people_session(people),
                                   "UPDATE portico_address SET address_key = ? WHERE address = ?",
                                   PORTICO_ARGS(portico_arg_text(key), portico_arg_text(address)),
                                   NULL, &people->error));
}

static void keys_from_before_get_their_form_and_two_of_one_stay(gconstpointer kind)
{
    struct people people;
    struct identity_person found;
    struct value *rows;
    int64_t clashes = 7;
    if (!people_new(&people, kind))
        return;
    const int64_t mara = people_add(&people, "Mara", "mara@müller.de", 0);
    people_add(&people, "Lee", "lee@bücher.de", 0);
    const int64_t lea = people_add(&people, "Lea", "lea@example.com", 0);
    hold_to_key(&people, "mara@müller.de", "mara@müller.de");
    hold_to_key(&people, "lee@bücher.de", "lee@bücher.de");
    hold_to_key(&people, "lea@example.com", "lee@xn--bcher-kva.de");
    people_must(&people,
                store_host_execute(people_session(&people),
                                   "INSERT INTO portico_account_domain (domain, account, "
                                   "approval, created) VALUES ('müller.de', 1, ?, ?)",
                                   PORTICO_ARGS(portico_arg_boolean(0), portico_arg_time(NOON)),
                                   NULL, &people.error));
    for (int turn = 0; turn < 2; turn++) {
        people_must(&people,
                    identity_addresses_settle(people_session(&people), &clashes, &people.error));
        g_assert_cmpint(clashes, ==, 1);
    }
    people_must(&people, identity_person_named(people_session(&people), "mara@xn--mller-kva.de",
                                               &found, &people.error));
    g_assert_cmpint(found.id, ==, mara);
    people_must(&people, identity_person_named(people_session(&people), "lee@bücher.de", &found,
                                               &people.error));
    g_assert_cmpint(found.id, ==, lea);
    people_must(&people, store_host_query(people_session(&people),
                                          "SELECT domain FROM portico_account_domain", NULL, 0,
                                          &rows, &people.error));
    g_assert_cmpstr(value_rows_at(rows, 0)->text, ==, "xn--mller-kva.de");
    people_free(&people);
}

static void handles_count_on_for_people_of_one_name(gconstpointer kind)
{
    struct people people;
    if (!people_new(&people, kind))
        return;
    for (unsigned i = 1; i <= 30; i++) {
        int64_t id = people_add(&people, "Mara Lindqvist", NULL, 0);
        const char *handle = people_look(&people, id).handle;
        char *expected =
            i == 1 ? g_strdup("mara.lindqvist") : g_strdup_printf("mara.lindqvist%u", i);
        if (i < 25)
            g_assert_cmpstr(handle, ==, expected);
        else
            g_assert_true(g_str_has_prefix(handle, "mara.lindqvist"));
        g_free(expected);
    }
    people_free(&people);
}

static void what_is_taken_is_refused(gconstpointer kind)
{
    struct people people;
    int64_t id;
    if (!people_new(&people, kind))
        return;
    struct identity_new_person made = { .name = "Ann",
                                        .handle = "ann",
                                        .address = "ann@example.com",
                                        .verified = true,
                                        .external = "demo:ann",
                                        .state = IDENTITY_ACTIVE };
    struct store_session *session = people_session(&people);
    people_must(&people, identity_person_make(session, &made, &id, &people.error));
    int64_t found;
    people_must(&people, identity_person_external(session, "demo:ann", &found, &people.error));
    g_assert_cmpint(found, ==, id);
    const struct {
        const char *handle, *address, *external, *said;
    } wrong[] = {
        { "ann", "b@example.com", "demo:b", "handle" },
        { "bea", "ANN@example.com", "demo:b", "address" },
        { "bea", "b@example.com", "demo:ann", "demo:ann" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        made.handle = wrong[i].handle;
        made.address = wrong[i].address;
        made.external = wrong[i].external;
        g_assert_cmpint(identity_person_make(session, &made, &id, &people.error), ==,
                        PORTICO_EEXIST);
        g_assert_nonnull(strstr(people.error.message, wrong[i].said));
    }
    g_assert_cmpint(database_integer(&people.database, "SELECT count(*) FROM portico_person"), ==,
                    1);
    g_assert_cmpint(database_integer(&people.database, "SELECT count(*) FROM portico_address"), ==,
                    1);
    people_free(&people);
}

static void an_address_counts_once_it_is_confirmed_and_for_one_person(gconstpointer kind)
{
    struct people people;
    struct value *rows;
    struct identity_letter letter;
    struct identity_link link;
    int64_t id, other;
    bool taken = true;
    const char *main_address;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    int64_t mara = people_add(&people, "Mara", "mara@example.com", 0);
    int64_t ben = people_add(&people, "Ben", "ben@example.com", 0);
    people_must(&people,
                identity_address_add(session, mara, "new@example.com", &id, &taken, &people.error));
    g_assert_false(taken);
    people_must(&people, identity_address_add(session, mara, "New@example.com", &other, &taken,
                                              &people.error));
    g_assert_cmpint(other, ==, id);
    struct identity_person found;
    g_assert_cmpint(identity_person_named(session, "new@example.com", &found, NULL), ==,
                    PORTICO_ENOENT);
    g_assert_cmpint(identity_address_main(session, mara, id, &people.error), ==, PORTICO_ENOENT);

    /* Two wrote it; who confirms it first has it. */
    struct identity_letter letters[2];
    people_must(&people, identity_letter_for_address(session, mara, "new@example.com", &letters[0],
                                                     &people.error));
    people_must(&people, identity_letter_for_address(session, ben, "new@example.com", &letters[1],
                                                     &people.error));
    people_must(&people, identity_link_address(people.identity, session, letters[1].token, ben,
                                               &link, NULL, &people.error));
    g_assert_cmpint(link.person, ==, ben);
    g_assert_cmpint(identity_link_address(people.identity, session, letters[0].token, mara, &link,
                                          NULL, &people.error),
                    ==, PORTICO_EEXIST);
    people_must(&people, identity_person_named(session, "new@example.com", &found, &people.error));
    g_assert_cmpint(found.id, ==, ben);
    g_assert_cmpstr(found.address, ==, "ben@example.com");

    /* Somebody else's address gets no letter that confirms it. */
    people_must(&people, identity_letter_for_address(session, mara, "ben@example.com", &letter,
                                                     &people.error));
    g_assert_cmpint(letter.kind, ==, IDENTITY_LETTER_NONE);

    people_must(&people, identity_addresses(session, ben, &rows, &people.error));
    g_assert_cmpuint(rows->count, ==, 2);
    int64_t first = people_cell(rows, 0, 0)->integer, second = people_cell(rows, 1, 0)->integer;
    g_assert_cmpint(identity_address_remove(session, ben, first, &people.error), ==,
                    PORTICO_ECONFLICT);
    g_assert_cmpint(identity_address_remove(session, mara, second, &people.error), ==,
                    PORTICO_ENOENT);
    people_must(&people, identity_address_main(session, ben, second, &people.error));
    people_must(&people, identity_address_of(session, ben, &main_address, &people.error));
    g_assert_cmpstr(main_address, ==, "new@example.com");
    people_must(&people, identity_address_remove(session, ben, first, &people.error));
    people_free(&people);
}

static void a_person_has_five_addresses_at_most(gconstpointer kind)
{
    struct people people;
    int64_t id;
    bool taken;
    if (!people_new(&people, kind))
        return;
    int64_t mara = people_add(&people, "Mara", "mara@example.com", 0);
    for (unsigned i = 0; i < 6; i++) {
        char *address = g_strdup_printf("mara%u@example.com", i);
        int code = identity_address_add(people_session(&people), mara, address, &id, &taken,
                                        &people.error);
        g_assert_cmpint(code, ==, i < 4 ? 0 : PORTICO_ELIMIT);
        g_free(address);
    }
    people_free(&people);
}

static void roles_are_given_and_taken_but_the_last_admin_stays(gconstpointer kind)
{
    struct people people;
    bool has;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    int64_t mara = people_add(&people, "Mara", NULL, IDENTITY_ADMIN);
    int64_t ben = people_add(&people, "Ben", NULL, 0);
    int64_t before = people_look(&people, ben).rights;
    g_assert_cmpint(identity_person_roles(session, mara, 0, IDENTITY_ADMIN, &people.error), ==,
                    PORTICO_ECONFLICT);
    g_assert_cmpint(identity_person_state(session, mara, IDENTITY_DISABLED, &people.error), ==,
                    PORTICO_ECONFLICT);
    g_assert_cmpint(people_look(&people, mara).state, ==, IDENTITY_ACTIVE);
    people_must(&people, identity_person_roles(session, ben, IDENTITY_ADMIN | IDENTITY_MODERATOR, 0,
                                               &people.error));
    g_assert_cmpint(people_look(&people, ben).rights, >, before);
    g_assert_cmpuint(people_look(&people, ben).roles & IDENTITY_STORED, ==, IDENTITY_STORED);
    people_must(&people, identity_person_roles(session, mara, 0, IDENTITY_ADMIN, &people.error));
    people_must(&people, identity_has_admin(session, &has, &people.error));
    g_assert_true(has);
    people_must(&people, identity_person_state(session, mara, IDENTITY_DISABLED, &people.error));
    g_assert_cmpuint(people_look(&people, mara).roles, ==, 0);
    g_assert_cmpint(identity_person_roles(session, ben, IDENTITY_MEMBER, 0, &people.error), ==,
                    PORTICO_EINVAL);
    g_assert_cmpint(identity_person_roles(session, 12345, IDENTITY_ADMIN, 0, &people.error), ==,
                    PORTICO_ENOENT);
    people_free(&people);
}

static void without_any_admin_nobody_is_the_last_one(gconstpointer kind)
{
    struct people people;
    bool has = true;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    int64_t ben = people_add(&people, "Ben", NULL, IDENTITY_MODERATOR);
    people_must(&people, identity_person_roles(session, ben, 0, IDENTITY_STORED, &people.error));
    people_must(&people, identity_person_state(session, ben, IDENTITY_DISABLED, &people.error));
    g_assert_cmpint(people_look(&people, ben).state, ==, IDENTITY_DISABLED);
    people_must(&people, identity_person_state(session, ben, IDENTITY_ACTIVE, &people.error));

    /* One who is disabled is no admin to lose, and none that another's end could leave. */
    people_must(&people, identity_person_roles(session, ben, IDENTITY_ADMIN, 0, &people.error));
    int64_t mara = people_add(&people, "Mara", NULL, IDENTITY_ADMIN);
    people_must(&people, identity_person_state(session, mara, IDENTITY_DISABLED, &people.error));
    g_assert_cmpint(identity_person_state(session, ben, IDENTITY_DISABLED, &people.error), ==,
                    PORTICO_ECONFLICT);
    people_must(&people, identity_has_admin(session, &has, &people.error));
    g_assert_true(has);
    people_free(&people);
}

static void a_profile_changes_in_the_parts_that_are_given(gconstpointer kind)
{
    struct people people;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    int64_t mara = people_add(&people, "Mara", NULL, 0);
    people_add(&people, "Ben", NULL, 0);
    const struct identity_profile german = { .locale = "de", .timezone = "Europe/Berlin" };
    people_must(&people, identity_person_change(session, mara, &german, &people.error));
    const struct identity_profile renamed = { .name = "Mara Beck", .handle = "mb-2" };
    people_must(&people, identity_person_change(session, mara, &renamed, &people.error));
    struct identity_person found = people_look(&people, mara);
    g_assert_cmpstr(found.name, ==, "Mara Beck");
    g_assert_cmpstr(found.handle, ==, "mb-2");
    g_assert_cmpstr(found.locale, ==, "de");
    g_assert_cmpstr(found.timezone, ==, "Europe/Berlin");
    const struct identity_profile taken = { .handle = "ben" };
    g_assert_cmpint(identity_person_change(session, mara, &taken, &people.error), ==,
                    PORTICO_EEXIST);
    const struct identity_profile wrong = { .handle = "Not A Handle" };
    g_assert_cmpint(identity_person_change(session, mara, &wrong, &people.error), ==,
                    PORTICO_EINVAL);
    people_free(&people);
}

static void lists_of_people_leave_out_who_is_not_confirmed(gconstpointer kind)
{
    struct people people;
    struct value *rows;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    int64_t ids[70] = { 0 };
    ids[0] = people_add(&people, "Mara Lindqvist", "mara@example.com", IDENTITY_MODERATOR);
    ids[1] = people_add(&people, "Marten Ole", NULL, IDENTITY_ADMIN);
    for (size_t i = 2; i < 60; i++)
        ids[i] = people_add(&people, "Zoe", NULL, 0);
    const struct identity_new_person waiting = { .name = "Marvin" };
    people_must(&people, identity_person_make(session, &waiting, &ids[60], &people.error));

    people_must(&people, identity_people(session, ids, 70, &rows, &people.error));
    g_assert_cmpuint(rows->count, ==, 60);
    const struct identity_knower all = { .all = true };
    people_must(&people, identity_nameable(session, &all, "MAR", 10, &rows, &people.error));
    g_assert_cmpuint(rows->count, ==, 2);
    g_assert_cmpstr(people_cell(rows, 0, 2)->text, ==, "Mara Lindqvist");
    g_assert_cmpstr(people_cell(rows, 0, 3)->text, ==, "ML");
    g_assert_cmpint(people_cell(rows, 0, 5)->integer, ==, 1);

    people_must(&people, identity_people_list(session, "", NULL, 40, &rows, &people.error));
    g_assert_cmpuint(rows->count, ==, 40);
    const struct identity_place place = { people_cell(rows, 39, 2)->text,
                                          people_cell(rows, 39, 0)->integer };
    people_must(&people, identity_people_list(session, "", &place, 40, &rows, &people.error));
    g_assert_cmpuint(rows->count, ==, 21);
    people_must(&people, identity_people_list(session, "mara@", NULL, 40, &rows, &people.error));
    g_assert_cmpuint(rows->count, ==, 1);
    g_assert_cmpstr(people_cell(rows, 0, 4)->text, ==, "moderator");
    people_free(&people);
}

static void names_addresses_and_handles_that_are_none_are_refused(void)
{
    static const char *const names[] = { "",       "   ",      "\n",     "...",
                                         "a\x01z", "x\u202Ey", "\u200B", "\uE000abc" };
    static const char *const addresses[] = {
        "",        "x",        "@example.com", "a@",         "a@b",         "a b@c.de",
        "a@b..de", ".a@b.de",  "a.@b.de",      "a@-b.de",    "a@b-.de",     "a@b.de\r\nx",
        "a@@b.de", "a,b@c.de", "<a@b.de>",     "\"a\"@b.de", "a@[1.2.3.4]", "a@b.de@c_d.com",
    };
    static const char *const handles[] = { "",     "ab",    "Mara", "a..b", ".ab",  "ab.",
                                           "a-.b", "12345", "a_b",  "all",  "staff" };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct arena *arena = arena_new(0);
    const char *kept = NULL, *key = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (identity_name_check(names[i], arena, &kept, &error) != PORTICO_EINVAL)
            g_error("%s is taken as a name", names[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++)
        if (identity_address_check(addresses[i], arena, &kept, &key, &error) != PORTICO_EINVAL)
            g_error("%s is taken as an address", addresses[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(handles); i++)
        if (identity_handle_check(handles[i], &error) != PORTICO_EINVAL)
            g_error("%s is taken as a handle", handles[i]);
    g_assert_null(kept);
    char *longest = g_strnfill(80, 'n'), *longer = g_strnfill(81, 'n');
    g_assert_cmpint(identity_name_check(longest, arena, &kept, &error), ==, 0);
    g_assert_cmpint(identity_name_check(longer, arena, &kept, &error), ==, PORTICO_EINVAL);
    g_free(longest);
    g_free(longer);
    arena_free(arena);
}

static void handles_are_made_of_names_in_any_script(void)
{
    static const char *const made[][2] = {
        { "Mara Lindqvist", "mara.lindqvist" },
        { "Jürgen Groß-Müller", "jurgen.gross-muller" },
        { "Siobhán O'Neil", "siobhan.oneil" },
        { "Łukasz Żółć", "lukasz.zolc" },
        { "Наталья Иванова", "natal.a.ivanova" },
        { "Li", "person.li" },
        { "42", "person.42" },
        { "Admin", "admin.1" },
        { "!?", "person" },
        { "A -- B..C", "a.b.c" },
    };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < G_N_ELEMENTS(made); i++) {
        const char *handle;
        database_must(identity_handle_make(made[i][0], arena, &handle, &error), &error);
        g_assert_cmpint(identity_handle_check(handle, &error), ==, 0);
        if (strcmp(made[i][0], "Наталья Иванова") != 0)
            g_assert_cmpstr(handle, ==, made[i][1]);
        else
            g_assert_true(g_str_has_suffix(handle, "ivanova"));
    }
    static const char *const others[] = { "王小明", "محمد", "たろう", "김철수", "Ω", "𝔐𝔞𝔯𝔞" };
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        const char *handle;
        database_must(identity_handle_make(others[i], arena, &handle, &error), &error);
        g_assert_cmpint(identity_handle_check(handle, &error), ==, 0);
    }
    char *name = g_strnfill(80, 'w');
    const char *handle;
    database_must(identity_handle_make(name, arena, &handle, &error), &error);
    g_assert_cmpuint(strlen(handle), <=, 34);
    g_free(name);
    arena_free(arena);
}

static void initials_are_of_the_first_and_the_last_word(void)
{
    static const char *const made[][2] = { { "Mara Lindqvist", "ML" }, { "mara", "M" },
                                           { "Åsa von Ö", "ÅÖ" },      { "王小明", "王" },
                                           { "(x) y", "XY" },          { "...", "?" } };
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < G_N_ELEMENTS(made); i++)
        g_assert_cmpstr(identity_initials(made[i][0], arena), ==, made[i][1]);
    arena_free(arena);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/person/names", names_addresses_and_handles_that_are_none_are_refused);
    g_test_add_func("/person/handles", handles_are_made_of_names_in_any_script);
    g_test_add_func("/person/initials", initials_are_of_the_first_and_the_last_word);
    DATABASE_TEST("person", people_are_found_by_handle_address_and_id);
    DATABASE_TEST("person", one_mailbox_is_one_however_its_domain_is_spelled);
    DATABASE_TEST("person", keys_from_before_get_their_form_and_two_of_one_stay);
    DATABASE_TEST("person", handles_count_on_for_people_of_one_name);
    DATABASE_TEST("person", what_is_taken_is_refused);
    DATABASE_TEST("person", an_address_counts_once_it_is_confirmed_and_for_one_person);
    DATABASE_TEST("person", a_person_has_five_addresses_at_most);
    DATABASE_TEST("person", roles_are_given_and_taken_but_the_last_admin_stays);
    DATABASE_TEST("person", without_any_admin_nobody_is_the_last_one);
    DATABASE_TEST("person", a_profile_changes_in_the_parts_that_are_given);
    DATABASE_TEST("person", lists_of_people_leave_out_who_is_not_confirmed);
    return g_test_run();
}
