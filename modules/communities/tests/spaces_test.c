/* Tests of managing spaces: who may, what is kept, in which order they stand, who writes in them.
 */
#include "place.h"

#define MANAGER MODERATOR " communities.manage"

static void as_manager(struct portico_bench *bench, const struct place *place)
{
    portico_test_as(bench, place->mod, MANAGER);
}

/* Slugs of all spaces as the API lists them, between blanks. */
static const char *order(struct portico_bench *bench)
{
    const char *slugs = "", *slug;
    portico_test_get(bench, "/api/communities/v1/spaces");
    for (int i = 0; (slug = portico_test_json_text(bench, text(bench, "items.%d.slug", i))); i++)
        slugs = text(bench, "%s%s%s", slugs, i ? " " : "", slug);
    return slugs;
}

static uint32_t change(struct portico_bench *bench, portico_id space, const char *json)
{
    return portico_test_json_request(
        bench, "PATCH", text(bench, "/api/communities/v1/spaces/%lld", (long long)space), json);
}

static portico_id open_space(struct portico_bench *bench, const char *json)
{
    portico_test_json_request(bench, "POST", "/api/communities/v1/spaces", json);
    return sent_id(bench);
}

static void nobody_but_managers_arrange_spaces(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.mod, MODERATOR);
    portico_test_get(bench, "/communities/spaces");
    PORTICO_CHECK_STATUS(bench, 403);
    portico_test_json_request(bench, "POST", "/api/communities/v1/spaces", "{\"title\":\"Quay\"}");
    PORTICO_CHECK_STATUS(bench, 403);
    change(bench, place.space, "{\"title\":\"Quay\"}");
    PORTICO_CHECK_STATUS(bench, 403);
    portico_test_get(bench, "/communities");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "main a[href='/communities/spaces']"),
                          0);
    as_manager(bench, &place);
    portico_test_get(bench, "/communities");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "main a[href='/communities/spaces']"),
                          1);
}

static void a_space_is_opened_by_page_and_api(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    as_manager(bench, &place);
    portico_test_send_form(bench, "/communities/spaces/new", "space-new",
                           "title=Dry+docks&description=Repairs+ashore.&kind=questions"
                           "&writers=members&sharing=everyone&slug=");
    PORTICO_CHECK_STATUS(bench, 303);
    portico_test_get(bench, "/communities/dry-docks");
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "h1"), "Dry docks");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, ".lead"), "Repairs ashore.");
    portico_id id =
        open_space(bench, "{\"title\":\"Dry docks\",\"kind\":\"announcements\","
                          "\"writers\":\"members\",\"sharing\":{\"level\":\"signed-in\"}}");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "slug"), "dry-docks-2");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "sharing.level"), "signed-in");
    portico_test_get(bench, text(bench, "/api/communities/v1/spaces/%lld", (long long)id));
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "kind"), "announcements");
    portico_test_as(bench, 0, NULL);
    portico_test_get(bench, "/communities/dry-docks-2");
    PORTICO_CHECK_STATUS(bench, 404);
    portico_test_get(bench, text(bench, "/api/communities/v1/spaces/%lld", (long long)id));
    PORTICO_CHECK_STATUS(bench, 404);
}

/* What the API says of the address. */
static const char *refusal(struct portico_bench *bench, const char *slug)
{
    portico_test_json_request(
        bench, "POST", "/api/communities/v1/spaces",
        text(bench,
             "{\"title\":\"Another one\",\"slug\":\"%s\",\"kind\":\"questions\","
             "\"writers\":\"members\",\"sharing\":{\"level\":\"everyone\"}}",
             slug));
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "errors.0.field"), "slug");
    const char *detail = portico_test_json_text(bench, "errors.0.detail");
    return detail ? detail : "";
}

static void an_address_that_leads_elsewhere_is_refused(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    as_manager(bench, &place);
    PORTICO_CHECK_HOLDS(bench, refusal(bench, "harbour"), "taken");
    PORTICO_CHECK_HOLDS(bench, refusal(bench, "tags"), "taken");
    PORTICO_CHECK_HOLDS(bench, refusal(bench, "Big Quay"), "small letters");
    PORTICO_CHECK_TEXT(bench, order(bench), "harbour shipyard");
}

static void a_space_is_changed_and_keeps_its_address(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    as_manager(bench, &place);
    const char *target = text(bench, "/communities/spaces/%lld/edit", (long long)place.space);
    const char *form = text(bench, "space-space-%lld", (long long)place.space);
    portico_test_send_form(bench, target, form,
                           "title=Old+harbour&description=Berths.&kind=questions&writers=members");
    PORTICO_CHECK_STATUS(bench, 303);
    portico_test_get(bench, "/communities/harbour");
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "h1"), "Old harbour");
    change(bench, place.space, "{\"description\":\"Berths and tides.\"}");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "title"), "Old harbour");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "description"), "Berths and tides.");
    change(bench, place.space, "{\"title\":\"\"}");
    PORTICO_CHECK_STATUS(bench, 422);
    change(bench, 1, "{\"title\":\"Nowhere\"}");
    PORTICO_CHECK_STATUS(bench, 404);
}

static uint32_t move(struct portico_bench *bench, portico_id space, const char *to)
{
    return portico_test_post(bench, text(bench, "/communities/spaces/%lld/move", (long long)space),
                             text(bench, "to=%s", to));
}

static void spaces_stand_in_their_order_everywhere(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    as_manager(bench, &place);
    portico_id quay =
        open_space(bench, "{\"title\":\"A quay\",\"kind\":\"questions\","
                          "\"writers\":\"members\",\"sharing\":{\"level\":\"everyone\"}}");
    PORTICO_CHECK_TEXT(bench, order(bench), "harbour shipyard a-quay");
    move(bench, quay, "up");
    PORTICO_CHECK_STATUS(bench, 303);
    PORTICO_CHECK_TEXT(bench, order(bench), "harbour a-quay shipyard");
    move(bench, place.space, "up"); /* the first stays */
    PORTICO_CHECK_TEXT(bench, order(bench), "harbour a-quay shipyard");
    move(bench, place.space, "down");
    PORTICO_CHECK_TEXT(bench, order(bench), "a-quay harbour shipyard");
    change(bench, place.other, "{\"position\":1}");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_TEXT(bench, order(bench), "shipyard a-quay harbour");
    change(bench, place.other, "{\"position\":99}");
    PORTICO_CHECK_TEXT(bench, order(bench), "a-quay harbour shipyard");
    move(bench, quay, "sideways");
    PORTICO_CHECK_STATUS(bench, 404);
    portico_test_get(bench, "/communities");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "section[aria-labelledby=spaces] ul li"),
                        "A quay");
    portico_test_get(bench, "/communities/ask");
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, "input[name=space]", "value"),
                       "a-quay");
}

static void a_closed_space_takes_no_questions_but_answers(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    as_manager(bench, &place);
    change(bench, place.space, "{\"closed\":true}");
    PORTICO_CHECK_STATUS(bench, 200);
    portico_test_as(bench, place.dora, MEMBER);
    ask_for(bench, "harbour", "Is the harbour open tonight?", "The gate was shut at eight.");
    PORTICO_CHECK_STATUS(bench, 422);
    portico_test_get(bench, "/communities/harbour");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "main"), "This space is closed");
    PORTICO_CHECK_INTEGER(
        bench, portico_test_count(bench, "main a[href='/communities/ask?space=harbour']"), 0);
    answer(bench, place.topic, "The pilots have it in a drawer.");
    as_manager(bench, &place);
    change(bench, place.space, "{\"closed\":false}");
    portico_test_as(bench, place.dora, MEMBER);
    ask(bench, "harbour", "Is the harbour open tonight?");
    check_sums(bench);
}

static void the_team_begins_announcements_and_all_answer_them(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    as_manager(bench, &place);
    change(bench, place.other, "{\"kind\":\"announcements\"}");
    PORTICO_CHECK_STATUS(bench, 200);
    portico_test_as(bench, place.dora, MEMBER);
    ask_for(bench, "shipyard", "May I announce something?", "It is important to all of us.");
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "errors.0.field"), "space");
    portico_test_get(bench, "/communities/ask");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "input[name=space][value=shipyard]"), 0);
    portico_test_send_form(bench, "/communities/ask?space=shipyard", "ask",
                           "space=shipyard&seen=yes&tags=&title=May+I+announce+something%3F"
                           "&body=It+is+important+to+all+of+us.");
    PORTICO_CHECK_STATUS(bench, 422);
    portico_test_get(bench, "/communities/shipyard");
    PORTICO_CHECK_INTEGER(
        bench, portico_test_count(bench, "main a[href='/communities/ask?space=shipyard']"), 0);
    portico_test_as(bench, place.mod, MODERATOR);
    portico_id topic = ask(bench, "shipyard", "The big crane is out of order");
    portico_test_as(bench, place.dora, MEMBER);
    portico_id answered = answer(bench, topic, "The small one lifts up to two tons.");
    PORTICO_CHECK(bench, answered && comment(bench, answered, "Three, since last year."));
    open_topic(bench, topic);
    PORTICO_CHECK_INTEGER(
        bench, portico_test_count(bench, text(bench, "#form-answer-topic-%lld", (long long)topic)),
        1);
    check_sums(bench);
}

static void only_what_awaits_an_answer_says_that_it_has_none(struct portico_bench *bench)
{
    static const char pill[] = ".pill.warn";
    struct place place;
    if (!make_place(bench, &place))
        return;
    as_manager(bench, &place);
    portico_id topic = ask(bench, "shipyard", "The big crane is out of order");
    open_topic(bench, topic);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, pill), 1);
    portico_test_get(bench, "/communities/shipyard");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, pill), 1);
    change(bench, place.other, "{\"kind\":\"announcements\"}");
    open_topic(bench, topic);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, pill), 0);
    portico_test_get(bench, "/communities/shipyard");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, pill), 0);
    change(bench, place.other, "{\"kind\":\"questions\"}");
    post(bench, "topics", topic, "close", "{\"reason\":\"All is said.\"}");
    PORTICO_CHECK_STATUS(bench, 200);
    open_topic(bench, topic);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, pill), 0);
    portico_test_get(bench, "/communities/shipyard");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, pill), 0);
}

static void others_only_read_where_the_team_alone_writes(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    as_manager(bench, &place);
    change(bench, place.space, "{\"writers\":\"team\"}");
    PORTICO_CHECK_STATUS(bench, 200);
    portico_test_as(bench, place.dora, MEMBER);
    ask_for(bench, "harbour", "Is the harbour open tonight?", "The gate was shut at eight.");
    PORTICO_CHECK_STATUS(bench, 422);
    post(bench, "topics", place.topic, "answers", "{\"body\":\"It is in the office, I think.\"}");
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "Only the team writes");
    post(bench, "posts", place.answer, "comments", "{\"body\":\"Which office?\"}");
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "Only the team writes");
    open_topic(bench, place.topic);
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "form[id^=form-answer]"), 0);
    portico_test_as(bench, place.mod, MODERATOR);
    answer(bench, place.topic, "It hangs in the office now.");
    check_sums(bench);
}

static void the_first_space_is_offered_to_who_may_open_it(struct portico_bench *bench)
{
    portico_id mod = portico_test_person(bench, "mod", "moderator");
    portico_test_as(bench, mod, MEMBER);
    portico_test_get(bench, "/communities");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "main"), "The portal's owner opens");
    PORTICO_CHECK_INTEGER(bench,
                          portico_test_count(bench, "main a[href='/communities/spaces/new']"), 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "main a[href='/communities/ask']"), 0);
    portico_test_as(bench, mod, MANAGER);
    portico_test_get(bench, "/communities");
    PORTICO_CHECK_INTEGER(bench,
                          portico_test_count(bench, "main a[href='/communities/spaces/new']"), 1);
    portico_test_get(bench, "/communities/spaces");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, ".empty"), "No spaces yet");
}

/* ---- tags ---- */

static uint32_t describe(struct portico_bench *bench, const char *tag, const char *words)
{
    return portico_test_json_request(bench, "PATCH",
                                     text(bench, "/api/communities/v1/tags/%s", tag),
                                     text(bench, "{\"description\":\"%s\"}", words));
}

static void moderators_say_what_a_tag_is_about(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.dora, MEMBER);
    describe(bench, "tides", "Mine.");
    PORTICO_CHECK_STATUS(bench, 403);
    portico_test_get(bench, "/communities/tags/tides");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "main a[href$='/edit']"), 0);
    portico_test_as(bench, place.mod, MODERATOR);
    portico_test_send_form(bench, "/communities/tags/tides/edit", "tag-tag-tides",
                           "description=High+and+low+water.");
    PORTICO_CHECK_STATUS(bench, 303);
    portico_test_get(bench, "/communities/tags/tides");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, ".lead"), "High and low water.");
    portico_test_get(bench, "/communities/tags");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, ".tiles"), "High and low water.");
    describe(bench, "tides", "Water, high and low.");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "description"), "Water, high and low.");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "name"), "tides");
    describe(bench, "nowhere", "Nothing.");
    PORTICO_CHECK_STATUS(bench, 404);
}

static void tags_count_what_the_reader_sees(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_id admin = portico_test_person(bench, "admiral", "admin");
    if (portico_test_act(bench, admin, 0) < 0)
        return; /* a host from before there were companies */
    open_space(bench, "{\"title\":\"Bridge\",\"kind\":\"questions\",\"writers\":\"members\","
                      "\"sharing\":{\"level\":\"staff\"}}");
    portico_id hidden = ask(bench, "bridge", "Who has the key of the bridge?");
    portico_test_json_request(bench, "POST", "/api/communities/v1/topics",
                              "{\"space\":\"bridge\",\"title\":\"What is the new dock called?\","
                              "\"body\":\"Nobody may know it yet.\",\"tags\":[\"secret\"]}");
    sent_id(bench);
    portico_test_get(bench, "/api/communities/v1/tags?q=tides");
    PORTICO_CHECK_INTEGER(
        bench,
        portico_get_integer(portico_at(portico_get(portico_test_json(bench), "items"), 0), "topics",
                            0),
        2);
    check_sums(bench);
    portico_test_as(bench, place.dora, MEMBER);
    portico_test_get(bench, "/communities/tags/secret");
    PORTICO_CHECK_STATUS(bench, 404);
    portico_test_get(bench, "/communities/tags");
    PORTICO_CHECK(bench, !strstr(portico_test_body(bench, NULL), "secret"));
    portico_test_get(bench, "/communities/tags/tides");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, ".lead"), "1 question");
    portico_test_act(bench, admin, 0);
    post(bench, "posts", place.question, "remove", "{}");
    PORTICO_CHECK_STATUS(bench, 200);
    check_sums(bench);
    portico_test_as(bench, place.dora, MEMBER);
    portico_test_get(bench, "/communities/tags/tides");
    PORTICO_CHECK_STATUS(bench, 404);
    portico_test_act(bench, admin, 0);
    post(bench, "posts", question_of(bench, hidden), "remove", "{}");
    portico_test_get(bench, "/communities/tags/tides");
    PORTICO_CHECK_STATUS(bench, 404);
    check_sums(bench);
}

/* ---- one's own ---- */

static void one_finds_what_one_asked_and_could_answer(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_set(bench, "newcomer_posts", "0");
    portico_test_as(bench, place.ada, MEMBER);
    portico_test_get(bench, "/communities/mine");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "ul.rows"), "tide table");
    portico_id open = ask(bench, "harbour", "When is the lock opened?");
    ask(bench, "shipyard", "Which tides are best for launching?"); /* a tag that Ben knows */
    portico_test_as(bench, place.ben, MEMBER);
    portico_test_get(bench, "/communities/mine?show=answer");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.rows li"), 2);
    portico_test_get(bench, "/communities");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "section[aria-labelledby=answerable]"),
                        "When is the lock opened?");
    answer(bench, open, "Two hours before high water.");
    portico_test_get(bench, "/communities/mine?show=answer");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.rows li"), 1);
    portico_test_get(bench, "/communities/mine");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, ".empty a[href='/communities/ask']"), 1);
    portico_test_as(bench, place.dora, MEMBER);
    portico_test_get(bench, "/communities/mine?show=answer");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, ".empty"), "Nothing waits for you");
    portico_test_as(bench, 0, NULL);
    portico_test_get(bench, "/communities");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "a[href='/communities/mine']"), 0);
}

static void moderators_see_at_home_how_much_waits(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.mod, MODERATOR);
    portico_test_get(bench, "/communities");
    PORTICO_CHECK_INTEGER(bench,
                          portico_test_count(bench, ".note a[href='/communities/moderation']"), 0);
    portico_test_set(bench, "blocked_words", "casino");
    portico_test_as(bench, place.ben, MEMBER);
    answer(bench, place.topic, "Ask at the casino.");
    portico_test_get(bench, "/communities");
    PORTICO_CHECK_INTEGER(bench,
                          portico_test_count(bench, ".note a[href='/communities/moderation']"), 0);
    portico_test_as(bench, place.mod, MODERATOR);
    portico_test_get(bench, "/communities");
    PORTICO_CHECK_HOLDS(bench,
                        portico_test_element(bench, ".note a[href='/communities/moderation']"),
                        "1 post waits");
}

static void authors_have_the_names_people_have_now(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    execute(bench,
            "UPDATE communities_author\n"
            "SET name = 'Old Name', handle = 'old.name', staff = ?\n"
            "WHERE person = ?",
            PORTICO_ARGS(portico_arg_boolean(1), portico_arg_id(place.ben)));
    const char *data = text(bench, "{\"person\":\"%lld\"}", (long long)place.ben);
    portico_test_emit(bench, "portal.portico.person.renamed", "person/2", data);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_deliver_again(bench), 0);
    open_topic(bench, place.topic);
    PORTICO_CHECK(bench, !strstr(portico_test_body(bench, NULL), "Old Name"));
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "a[href='/communities/people/ben']") > 0,
                          1);
    PORTICO_CHECK_INTEGER(bench,
                          NUMBER(bench,
                                 "SELECT COUNT(*) AS n FROM communities_author\n"
                                 "WHERE person = ? AND staff",
                                 place.ben),
                          0);
}

static const struct portico_test tests[] = {
    TEST("Nobody but managers arrange spaces", nobody_but_managers_arrange_spaces),
    TEST("A space is opened by page and API", a_space_is_opened_by_page_and_api),
    TEST("An address that leads elsewhere is refused", an_address_that_leads_elsewhere_is_refused),
    TEST("A space is changed and keeps its address", a_space_is_changed_and_keeps_its_address),
    TEST("Spaces stand in their order everywhere", spaces_stand_in_their_order_everywhere),
    TEST("A closed space takes no questions, but answers",
         a_closed_space_takes_no_questions_but_answers),
    TEST("The team begins announcements and all answer them",
         the_team_begins_announcements_and_all_answer_them),
    TEST("Only what awaits an answer says that it has none",
         only_what_awaits_an_answer_says_that_it_has_none),
    TEST("Others only read where the team alone writes",
         others_only_read_where_the_team_alone_writes),
    TEST("The first space is offered to who may open it",
         the_first_space_is_offered_to_who_may_open_it),
    TEST("Moderators say what a tag is about", moderators_say_what_a_tag_is_about),
    TEST("Tags count what the reader sees", tags_count_what_the_reader_sees),
    TEST("One finds what one asked and could answer", one_finds_what_one_asked_and_could_answer),
    TEST("Moderators see at home how much waits", moderators_see_at_home_how_much_waits),
    TEST("Authors have the names people have now", authors_have_the_names_people_have_now),
};
PORTICO_EXPORT_TESTS(tests)
