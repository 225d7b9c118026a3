#include "people.h"

/* What is made of a name that somebody chose: 0, or EINVAL. */
static int chosen(const struct identity *identity, const char *name)
{
    struct arena *arena = arena_new(0);
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *kept = NULL;
    int code = identity_name_chosen(identity, name, arena, &kept, &error);
    g_assert_true(code < 0 ? *error.message != '\0' : kept != NULL);
    arena_free(arena);
    return code;
}

static struct identity *portal_called(const char *name)
{
    struct identity_rules rules = people_rules();
    rules.portal = name;
    return people_identity(&rules);
}

static void refuse_all(struct identity *identity, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        g_test_message("%s", names[i]);
        g_assert_cmpint(chosen(identity, names[i]), ==, PORTICO_EINVAL);
    }
}

static void take_all(struct identity *identity, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        g_test_message("%s", names[i]);
        g_assert_cmpint(chosen(identity, names[i]), ==, 0);
    }
}

static void addresses_of_the_web_are_no_names(void)
{
    struct identity *identity = portal_called("Harbour Works");
    static const char *const none[] = {
        "Open http://evil.example/now",
        "HTTPS://x",
        "www.evil.example",
        "Mara WWW.Evil.Net",
        "Mara (evil.com)",
        "evil.co.uk",
        "Mara evil.example/login",
        "mara@evil.com",
        "Mara, evil.com.",
        "Mara ｅｖｉｌ．ｃｏｍ",
        "evil。com",
        "münchen.de",
    };
    static const char *const names[] = {
        "J.R.R. Tolkien", "Dr. Anna Meyer", "Dr.med. Max Müller", "Dipl.Ing. Jo Braun",
        "St.Gallen",      "M.de Vries",     "Mara and/or Lee",    "O'Neil, Pat",
        "Prof.Dr. Ida",   "12:30 Uhr",
    };
    refuse_all(identity, none, G_N_ELEMENTS(none));
    take_all(identity, names, G_N_ELEMENTS(names));
    identity_close(identity);
}

static void nobody_is_called_as_those_who_run_the_portal(void)
{
    struct identity *identity = portal_called("Harbour Works");
    static const char *const none[] = {
        "Support",
        "support team",
        "Dana, Support",
        "ADMIN",
        "The Administrator",
        "Administratoren",
        "Kundendienst",
        "Harbour Works",
        "HarbourWorks",
        "HARBOURWORKS Berlin",
        "Har-bour-works",
        "harbour works team",
        "Dana of Harbour Works",
        "Security Team",
        "Help Desk",
        "Kunden-Service",
        "S.u.p.p.o.r.t",
        "S u p p o r t",
        "Süpport",
        "Ѕuррort" /* Cyrillic */,
        "Аdmin" /* Cyrillic */,
        "Ｓｔａｆｆ",
        "Sup\u200Dport",
        "Moderator",
        "Portal",
        "noreply",
    };
    static const char *const names[] = {
        "Mara Lindqvist", "Harbour Lights", "Dana Works", "Ada Hilfe", "Ivo System",
        "Sam Das",        "Стафилов Иван",  "李小龍",     "Ida Team",
    };
    refuse_all(identity, none, G_N_ELEMENTS(none));
    take_all(identity, names, G_N_ELEMENTS(names));
    identity_close(identity);
}

static void a_portal_named_by_one_word_leaves_it_to_surnames(void)
{
    struct identity *identity = portal_called("Berlin");
    static const char *const none[] = { "Berlin", "BERLIN Team", "Berlin Security" };
    static const char *const names[] = { "Paul Berlin", "Berlin Braun" };
    refuse_all(identity, none, G_N_ELEMENTS(none));
    take_all(identity, names, G_N_ELEMENTS(names));
    identity_close(identity);
}

static void a_team_may_be_called_as_it_works(void)
{
    struct arena *arena = arena_new(0);
    const char *kept;
    g_assert_cmpint(identity_name_plain(" Support  team ", arena, &kept, NULL), ==, 0);
    g_assert_cmpstr(kept, ==, "Support team");
    g_assert_cmpint(identity_name_plain("Buyers www.evil.example", arena, &kept, NULL), ==,
                    PORTICO_EINVAL);
    g_assert_cmpint(identity_name_plain("Buyers\nBcc: x", arena, &kept, NULL), ==, 0);
    g_assert_cmpstr(kept, ==, "Buyers Bcc: x");
    g_assert_cmpint(identity_name_plain("Buyers\x07", arena, &kept, NULL), ==, PORTICO_EINVAL);
    arena_free(arena);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/name-chosen/web", addresses_of_the_web_are_no_names);
    g_test_add_func("/name-chosen/portal", nobody_is_called_as_those_who_run_the_portal);
    g_test_add_func("/name-chosen/one-word", a_portal_named_by_one_word_leaves_it_to_surnames);
    g_test_add_func("/name-chosen/team", a_team_may_be_called_as_it_works);
    return g_test_run();
}
