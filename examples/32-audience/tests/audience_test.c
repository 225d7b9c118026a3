#include <portico/test.h>

/* Two companies; Dana and her finance colleague Fay in one, Ben in the other, and Sam of the staff.
 */
struct town {
    portico_id acme, mill, dana, fay, ben, sam, team;
};

static struct town town_of(struct portico_bench *bench)
{
    const struct portico_test_role finance = { .size = sizeof finance,
                                               .key = "finance",
                                               .title = "Finance" };
    struct town town = { .acme = portico_test_account(bench, "Acme"),
                         .mill = portico_test_account(bench, "Mill"),
                         .dana = portico_test_person(bench, "dana", NULL),
                         .fay = portico_test_person(bench, "fay", NULL),
                         .ben = portico_test_person(bench, "ben", NULL),
                         .sam = portico_test_person(bench, "sam", "moderator") };
    portico_test_make_role(bench, &finance);
    portico_test_join(bench, town.acme, town.dana, NULL);
    portico_test_join(bench, town.acme, town.fay, "finance");
    portico_test_join(bench, town.mill, town.ben, "account-admin");
    town.team = portico_test_team(bench, town.acme, "Buyers", &town.fay, 1);
    return town;
}

/* Writes a note as Dana, shared so; its path. */
static const char *note(struct portico_bench *bench, const struct town *town, const char *title,
                        const char *sharing)
{
    struct portico_context *context = portico_test_context(bench);
    portico_test_act(bench, town->dana, town->acme);
    portico_test_json_request(
        bench, "POST", "/api/audience/v1/notes",
        portico_printf(context, "{\"title\":\"%s\",\"sharing\":%s}", title, sharing));
    PORTICO_CHECK_STATUS(bench, 201);
    const char *id = portico_test_json_text(bench, "id");
    return portico_printf(context, "/api/audience/v1/notes/%s", id ? id : "0");
}

static int sees(struct portico_bench *bench, portico_id person, const char *path)
{
    portico_test_act(bench, person, 0);
    return portico_test_get(bench, path) == 200;
}

static void each_level_is_seen_by_those_it_names(struct portico_bench *bench)
{
    const struct town town = town_of(bench);
    static const struct {
        const char *sharing, *text;
        int dana, fay, ben, sam;
    } rows[] = {
        { "{\"level\":\"me\"}", "Only people it is shown to by name", 1, 0, 0, 0 },
        { "{\"level\":\"people\",\"people\":[\"fay\",\"sam\"]}",
          "Only people it is shown to by name", 1, 1, 0, 1 },
        { "{\"level\":\"role\",\"role\":\"finance\"}", "Finance at Acme", 1, 1, 0, 0 },
        { "{\"level\":\"account\"}", "Everybody at Acme", 1, 1, 0, 0 },
        { "{\"level\":\"everyone\"}", "Everyone on the web", 1, 1, 1, 1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *path = note(bench, &town, "Tea", rows[i].sharing);
        PORTICO_CHECK_INTEGER(bench, sees(bench, town.dana, path), rows[i].dana);
        PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "sharing.text"), rows[i].text);
        PORTICO_CHECK_INTEGER(bench, sees(bench, town.fay, path), rows[i].fay);
        PORTICO_CHECK_INTEGER(bench, sees(bench, town.ben, path), rows[i].ben);
        PORTICO_CHECK_INTEGER(bench, sees(bench, town.sam, path), rows[i].sam);
    }
}

static void nobody_shares_with_whom_they_may_not(struct portico_bench *bench)
{
    const struct town town = town_of(bench);
    struct portico_context *context = portico_test_context(bench);
    const char *const refused[] = {
        portico_printf(context, "{\"level\":\"account\",\"account\":\"%lld\"}",
                       (long long)town.mill),
        "{\"level\":\"account\",\"account\":\"12345\"}",
        "{\"level\":\"staff\"}",
        "{\"level\":\"signed-in\"}",
        "{\"level\":\"role\",\"role\":\"nobody\"}",
        "{\"level\":\"role\"}",
        "{\"level\":\"team\",\"team\":\"12345\"}",
        "{\"level\":\"people\",\"people\":[\"ben\"]}",
        "{\"level\":\"people\",\"people\":[\"nobody\"]}",
        "{\"level\":\"people\",\"people\":[]}",
        "{}",
    };
    portico_test_act(bench, town.dana, town.acme);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        portico_test_json_request(
            bench, "POST", "/api/audience/v1/notes",
            portico_printf(context, "{\"title\":\"Tea\",\"sharing\":%s}", refused[i]));
        PORTICO_CHECK_STATUS(bench, 422);
    }
    portico_test_act(bench, town.sam, 0);
    portico_test_json_request(bench, "POST", "/api/audience/v1/notes",
                              "{\"title\":\"Tea\",\"sharing\":{\"level\":\"staff\"}}");
    PORTICO_CHECK_STATUS(bench, 201);
}

static void the_page_offers_what_may_be_chosen_and_keeps_it(struct portico_bench *bench)
{
    const struct town town = town_of(bench);
    struct portico_context *context = portico_test_context(bench);
    portico_test_act(bench, town.dana, town.acme);
    portico_test_get(bench, "/audience/new");
    const char *account = portico_printf(context, "[value=account:%lld]", (long long)town.acme);
    const char *role = portico_printf(context, "[value=role:finance:%lld]", (long long)town.acme);
    const char *team = portico_printf(context, "[value=team:%lld]", (long long)town.team);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, account), 1);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, role), 1);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, team), 1);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "[value=staff]"), 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "[value=below]"), 0);
    portico_test_send_form(bench, "/audience/new", "note",
                           "title=Tea&sharing=people&sharing_people=%40Fay%2C+dana");
    PORTICO_CHECK_STATUS(bench, 303);
    portico_test_get(bench, "/audience");
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "main .lead p"), "1 note");
    const char *path = portico_test_attribute(bench, "main .rows a", "href");
    PORTICO_REQUIRE(bench, path);
    portico_test_get(bench, path);
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, "[name=sharing_people]", "value"),
                       "fay");
    portico_test_act(bench, town.fay, town.acme);
    portico_test_get(bench, path);
    PORTICO_CHECK_STATUS(bench, 403);
    portico_test_act(bench, town.ben, town.mill);
    portico_test_get(bench, path);
    PORTICO_CHECK_STATUS(bench, 404);
}

static void
whoever_wrote_it_changes_it_and_nobody_an_audience_that_is_none(struct portico_bench *bench)
{
    const struct town town = town_of(bench);
    struct portico_context *context = portico_test_context(bench);
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *shown = note(bench, &town, "Tea", "{\"level\":\"me\"}");
    const char *path = portico_printf(context, "/audience/%s", strrchr(shown, '/') + 1);
    const char *form = portico_printf(context, "note-note-%s", strrchr(shown, '/') + 1);
    portico_test_send_form(bench, path, form, "title=Coffee&sharing=people&sharing_people=fay");
    PORTICO_CHECK_STATUS(bench, 303);
    PORTICO_CHECK_INTEGER(bench, sees(bench, town.fay, shown), 1);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "title"), "Coffee");
    portico_test_act(bench, town.dana, town.acme);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, path), 200);
    int code = portico_execute(portico_db(context),
                               "{unfiltered no account has this audience} UPDATE audience_note "
                               "SET audience = 987654",
                               PORTICO_NO_ARGS, NULL, &error);
    PORTICO_CHECK_INTEGER(bench, code, 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, path), 404);
}

static const char *make_shared(struct portico_bench *bench, const char *canary, const char *sharing)
{
    struct portico_context *context = portico_test_context(bench);
    portico_test_json_request(
        bench, "POST", "/api/audience/v1/notes",
        portico_printf(context, "{\"title\":\"%s\",\"sharing\":%s}", canary, sharing));
    const char *id = portico_test_json_text(bench, "id");
    return id ? portico_printf(context, "id=%s", id) : NULL;
}

/* A note for everybody of the account, with the text given. */
static const char *make_note(struct portico_bench *bench, portico_id account, const char *canary)
{
    (void)account; /* we act in it */
    return make_shared(bench, canary, "{\"level\":\"account\"}");
}

static const char *make_for_role(struct portico_bench *bench, portico_id account,
                                 const char *canary)
{
    (void)account;
    return make_shared(bench, canary, "{\"level\":\"role\",\"role\":\"account-admin\"}");
}

static const char *make_own(struct portico_bench *bench, portico_id account, const char *canary)
{
    (void)account;
    return make_shared(bench, canary, "{\"level\":\"me\"}");
}

static void nothing_of_one_account_reaches_another(struct portico_bench *bench)
{
    portico_test_matrix(bench, make_note, 0);
}

static void nothing_for_a_role_reaches_others_of_the_account(struct portico_bench *bench)
{
    portico_test_matrix(bench, make_for_role, PORTICO_MATRIX_NARROW);
}

static void nothing_of_ones_own_reaches_others_of_the_account(struct portico_bench *bench)
{
    portico_test_matrix(bench, make_own, PORTICO_MATRIX_NARROW);
}

static const struct portico_test tests[] = {
    { .name = "Nothing of one account reaches another",
      .run = nothing_of_one_account_reaches_another,
      .deadline_ms = 60000 },
    { .name = "Nothing for a role reaches others of the account",
      .run = nothing_for_a_role_reaches_others_of_the_account,
      .deadline_ms = 60000 },
    { .name = "Nothing of one's own reaches others of the account",
      .run = nothing_of_ones_own_reaches_others_of_the_account,
      .deadline_ms = 60000 },
    { .name = "Each level is seen by those it names",
      .run = each_level_is_seen_by_those_it_names,
      .deadline_ms = 60000 },
    { .name = "Nobody shares with whom they may not",
      .run = nobody_shares_with_whom_they_may_not,
      .deadline_ms = 60000 },
    { .name = "Whoever wrote it changes it, and nobody an audience that is none",
      .run = whoever_wrote_it_changes_it_and_nobody_an_audience_that_is_none,
      .deadline_ms = 60000 },
    { .name = "The page offers what may be chosen and keeps it",
      .run = the_page_offers_what_may_be_chosen_and_keeps_it,
      .deadline_ms = 60000 },
};
PORTICO_EXPORT_TESTS(tests)
