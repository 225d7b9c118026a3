/* Tests of whom spaces and topics are for: people of two companies, one below the other's, and the
 * staff. */
#include "place.h"

/* Lena and Dana work at Northwind, Yard is a company below it, Rob is a baker; Adm runs the portal
 * and belongs to Northwind and the bakery too. */
struct trade {
    portico_id northwind, yard, bakery;
    portico_id lena, dana, kim, rob, adm, loner;
    portico_id own, closed;
};

static const char *account_level(struct portico_bench *bench, const char *level, portico_id account)
{
    return text(bench, "{\"level\":\"%s\",\"account\":\"%lld\"}", level, (long long)account);
}

static portico_id new_space(struct portico_bench *bench, const char *title, const char *sharing,
                            int own)
{
    portico_test_json_request(
        bench, "POST", "/api/communities/v1/spaces",
        text(bench,
             "{\"title\":\"%s\",\"kind\":\"questions\",\"writers\":\"members\","
             "\"sharing\":%s,\"own_topics\":%s}",
             title, sharing, own ? "true" : "false"));
    return sent_id(bench);
}

static struct trade make_trade(struct portico_bench *bench)
{
    struct trade trade = {
        .northwind = portico_test_account(bench, "Northwind"),
        .bakery = portico_test_account(bench, "Bakery"),
        .lena = portico_test_person(bench, "lena", NULL),
        .dana = portico_test_person(bench, "dana", NULL),
        .kim = portico_test_person(bench, "kim", NULL),
        .rob = portico_test_person(bench, "rob", NULL),
        .adm = portico_test_person(bench, "adm", "admin"),
        .loner = portico_test_person(bench, "loner", NULL),
    };
    const struct portico_test_account yard = { .size = sizeof yard,
                                               .name = "Yard",
                                               .parent = trade.northwind };
    trade.yard = portico_test_make_account(bench, &yard);
    portico_test_join(bench, trade.northwind, trade.lena, NULL);
    portico_test_join(bench, trade.northwind, trade.dana, NULL);
    portico_test_join(bench, trade.yard, trade.kim, NULL);
    portico_test_join(bench, trade.bakery, trade.rob, NULL);
    portico_test_join(bench, trade.northwind, trade.adm, NULL);
    portico_test_join(bench, trade.bakery, trade.adm, NULL);
    portico_test_act(bench, trade.adm, trade.northwind);
    trade.own = new_space(bench, "Contracts", "{\"level\":\"signed-in\"}", 1);
    trade.closed = new_space(bench, "Pilots", account_level(bench, "account", trade.northwind), 0);
    return trade;
}

static portico_id ask_as(struct portico_bench *bench, portico_id person, const char *space,
                         const char *title)
{
    portico_test_act(bench, person, 0);
    return ask(bench, space, title);
}

/* What the viewer finds of a title everywhere: in lists, the API, feeds and search. */
static void check_sees(struct portico_bench *bench, portico_id person, const char *space,
                       portico_id topic, const char *word, int sees)
{
    const char *const lists[] = {
        "/communities",
        "/communities/feed.atom",
        "/communities/feed.rss",
        "/communities/tags/tides",
        "/communities/tags/tides/feed.atom",
        "/api/communities/v1/topics",
        "/api/communities/v1/topics?tag=tides",
        text(bench, "/communities/search?q=%s", word),
        text(bench, "/api/communities/v1/search?q=%s", word),
        text(bench, "/api/communities/v1/similar?q=%s", word),
        text(bench, "/communities/%s", space),
        text(bench, "/communities/%s/feed.atom", space),
        text(bench, "/api/communities/v1/topics?space=%s", space),
        text(bench, "/communities/people/lena"),
    };
    if (person)
        portico_test_act(bench, person, 0);
    else
        portico_test_as(bench, 0, "communities.read");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        portico_test_get(bench, lists[i]);
        const char *body = portico_test_body(bench, NULL);
        int query = strstr(lists[i], "?q=") != NULL;
        const char *sought = query ? text(bench, "topics/%lld", (long long)topic) : word;
        if (!PORTICO_CHECK_INTEGER(bench, strstr(body, sought) != NULL, sees))
            portico_test_note(bench, lists[i]);
    }
    open_topic(bench, topic);
    PORTICO_CHECK_STATUS(bench, sees ? 200 : 404);
    get(bench, "/api/communities/v1/topics/", topic);
    PORTICO_CHECK_STATUS(bench, sees ? 200 : 404);
    get(bench, "/api/communities/v1/posts/", question_of(bench, topic));
    PORTICO_CHECK_STATUS(bench, sees ? 200 : 404);
}

static void a_space_of_an_account_is_there_for_nobody_else(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    portico_id topic =
        ask_as(bench, trade.lena, "pilots", "Where does the zeppelin land tomorrow?");
    check_sees(bench, trade.lena, "pilots", topic, "zeppelin", 1);
    check_sees(bench, trade.dana, "pilots", topic, "zeppelin", 1);
    check_sees(bench, trade.kim, "pilots", topic, "zeppelin", 0);
    check_sees(bench, trade.rob, "pilots", topic, "zeppelin", 0);
    check_sees(bench, 0, "pilots", topic, "zeppelin", 0);
    portico_test_act(bench, trade.rob, 0);
    portico_test_get(bench, "/communities/pilots");
    PORTICO_CHECK_STATUS(bench, 404);
    portico_test_get(bench, "/communities/tags/tides");
    PORTICO_CHECK_STATUS(bench, 404);
    portico_test_act(bench, trade.lena, 0);
    portico_test_get(bench, "/communities/pilots");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "#readers"), "Everybody at Northwind");
    check_sums(bench);
}

static void a_space_goes_to_accounts_below_too(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    portico_test_act(bench, trade.adm, trade.northwind);
    new_space(bench, "Quays", account_level(bench, "below", trade.northwind), 0);
    portico_id topic = ask_as(bench, trade.lena, "quays", "Which quay takes the zeppelin now?");
    check_sees(bench, trade.kim, "quays", topic, "zeppelin", 1);
    check_sees(bench, trade.rob, "quays", topic, "zeppelin", 0);
}

static void each_account_sees_its_own_questions_only(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    portico_id northwind =
        ask_as(bench, trade.lena, "contracts", "Why is the zeppelin on our bill twice?");
    portico_id bakery = ask_as(bench, trade.rob, "contracts", "When does our oven contract end?");
    check_sees(bench, trade.lena, "contracts", northwind, "zeppelin", 1);
    check_sees(bench, trade.dana, "contracts", northwind, "zeppelin", 1);
    check_sees(bench, trade.rob, "contracts", northwind, "zeppelin", 0);
    check_sees(bench, trade.kim, "contracts", northwind, "zeppelin", 0);
    check_sees(bench, trade.loner, "contracts", northwind, "zeppelin", 0);
    check_sees(bench, trade.dana, "contracts", bakery, "oven", 0);
    /* What is counted is what one sees. */
    portico_test_act(bench, trade.dana, 0);
    get(bench, "/api/communities/v1/spaces/", trade.own);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "topics"), "1");
    portico_test_get(bench, "/api/communities/v1/spaces");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.slug"), "contracts");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.topics"), "1");
    portico_test_get(bench, "/communities");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "section[aria-labelledby=spaces]"),
                        "1 question ·");
    portico_test_get(bench, "/api/communities/v1/tags");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.topics"), "1");
    portico_test_act(bench, trade.kim, 0);
    get(bench, "/api/communities/v1/spaces/", trade.own);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "topics"), "0");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "last_activity"), "null");
    portico_test_get(bench, "/api/communities/v1/tags");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.name"), NULL);
    check_sums(bench);
}

static void who_asks_is_told_who_reads_it(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    portico_test_act(bench, trade.lena, 0);
    portico_test_get(bench, "/communities/ask");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "section[aria-labelledby=readers]"),
                        "Only Northwind, partners who act for it, and those of our team who look "
                        "after all companies read what you ask here.");
    portico_test_get(bench, "/communities/contracts");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "#readers"), "Only Northwind");
    /* Without a company there is nobody it would be for. */
    portico_test_act(bench, trade.loner, 0);
    portico_test_get(bench, "/communities/contracts");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "main a[href^='/communities/ask']"), 0);
    ask_for(bench, "contracts", "Where is my company's zeppelin?", "I belong to none of them.");
    PORTICO_CHECK_STATUS(bench, 422);
}

/* Somebody of the company's own whom the owner lets moderate while they act in it. */
static void a_moderator_reads_nothing_of_others_accounts(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    const struct portico_test_role keeper = { .size = sizeof keeper,
                                              .key = "keeper",
                                              .permissions = "communities.moderate" };
    portico_id pat = portico_test_person(bench, "pat", NULL);
    portico_test_make_role(bench, &keeper);
    portico_test_join(bench, trade.bakery, pat, "keeper");
    portico_id topic =
        ask_as(bench, trade.lena, "contracts", "Why is the zeppelin on our bill twice?");
    portico_id question = question_of(bench, topic);
    portico_test_act(bench, trade.dana, 0);
    post(bench, "posts", question, "flags", "{\"reason\":\"spam\"}");
    portico_test_act(bench, pat, 0);
    open_topic(bench, topic);
    PORTICO_CHECK_STATUS(bench, 404);
    post(bench, "posts", question, "remove", "{}");
    PORTICO_CHECK_STATUS(bench, 404);
    portico_test_get(bench, "/communities/moderation");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_INTEGER(bench, strstr(portico_test_body(bench, NULL), "zeppelin") != NULL, 0);
    portico_test_act(bench, trade.adm, trade.northwind);
    portico_test_get(bench, "/communities/moderation");
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "zeppelin");
    post(bench, "posts", question, "remove", "{}");
    PORTICO_CHECK_STATUS(bench, 200);
    portico_test_get(bench, "/communities/moderation/log");
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "zeppelin");
    portico_test_act(bench, pat, 0);
    portico_test_get(bench, "/communities/moderation/log");
    PORTICO_CHECK_INTEGER(bench, strstr(portico_test_body(bench, NULL), "zeppelin") != NULL, 0);
}

/* As an admin who acts in the account that sees it so far. */
static void narrow(struct portico_bench *bench, const struct trade *trade, portico_id account,
                   portico_id space, const char *sharing, int own)
{
    portico_test_act(bench, trade->adm, account);
    portico_test_json_request(
        bench, "PATCH", text(bench, "/api/communities/v1/spaces/%lld", (long long)space),
        text(bench, "{\"sharing\":%s,\"own_topics\":%s}", sharing, own ? "true" : "false"));
    PORTICO_CHECK_STATUS(bench, 200);
}

/* So that a job takes it to others, not the change itself. */
static void make_much(struct portico_bench *bench, portico_id topic)
{
    execute(bench, LOOK "UPDATE communities_topic\nSET comments = 500\nWHERE id = ?",
            PORTICO_ARGS(portico_arg_id(topic)));
}

static void a_space_narrows_at_once_and_widens_behind(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    portico_test_act(bench, trade.adm, trade.northwind);
    portico_id space = new_space(bench, "Docks", "{\"level\":\"everyone\"}", 0);
    portico_id topic = ask_as(bench, trade.lena, "docks", "Which dock takes the zeppelin now?");
    check_sees(bench, trade.rob, "docks", topic, "zeppelin", 1);
    make_much(bench, topic);
    narrow(bench, &trade, trade.northwind, space, account_level(bench, "account", trade.northwind),
           0);
    check_sees(bench, 0, "docks", topic, "zeppelin", 0); /* before any job ran */
    check_sees(bench, trade.rob, "docks", topic, "zeppelin", 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    check_sees(bench, trade.rob, "docks", topic, "zeppelin", 0);
    check_sees(bench, trade.dana, "docks", topic, "zeppelin", 1);
    check_sums(bench);
    /* To another account: between the two nobody sees it. */
    make_much(bench, topic);
    narrow(bench, &trade, trade.northwind, space, account_level(bench, "account", trade.bakery), 0);
    check_sees(bench, trade.dana, "docks", topic, "zeppelin", 0);
    check_sees(bench, trade.rob, "docks", topic, "zeppelin", 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    check_sees(bench, trade.rob, "docks", topic, "zeppelin", 1);
    check_sums(bench);
    make_much(bench, topic);
    narrow(bench, &trade, trade.bakery, space, "{\"level\":\"signed-in\"}", 1);
    check_sees(bench, trade.loner, "docks", topic, "zeppelin", 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    check_sees(bench, trade.rob, "docks", topic, "zeppelin", 0);
    check_sees(bench, trade.dana, "docks", topic, "zeppelin", 1);
    check_sums(bench);
}

/* The hidden ones stand before both in the index: a second page begins behind one hit, not three.
 */
static void pages_count_what_is_seen(struct portico_bench *bench, const struct trade *trade,
                                     portico_id seen)
{
    portico_id other = ask_as(bench, trade->rob, "open-docks",
                              "Who at the bakery waves to a crew that comes by zeppelin?");
    portico_test_act(bench, trade->rob, 0);
    portico_test_get(bench, "/api/communities/v1/search?q=zeppelin&limit=1");
    const char *first = portico_test_json_text(bench, "items.0.id");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "next"), "1");
    portico_test_get(bench, "/api/communities/v1/search?q=zeppelin&limit=1&cursor=1");
    const char *second = portico_test_json_text(bench, "items.0.id");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "next"), "null");
    const char *one = text(bench, "%lld", (long long)seen);
    const char *two = text(bench, "%lld", (long long)other);
    PORTICO_CHECK(bench, first && second && strcmp(first, second) != 0);
    PORTICO_CHECK(bench, first && (strcmp(first, one) == 0 || strcmp(first, two) == 0));
    PORTICO_CHECK(bench, second && (strcmp(second, one) == 0 || strcmp(second, two) == 0));
    portico_test_get(bench, "/api/communities/v1/search?q=zeppelin&limit=1&cursor=2");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.id"), NULL);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "next"), "null");
    portico_test_get(bench, "/api/communities/v1/search?q=zeppelin&cursor=301");
    PORTICO_CHECK_STATUS(bench, 400);

    portico_test_set(bench, "page_size", "5");
    portico_test_set(bench, "questions_an_hour", "100");
    for (int i = 0; i < 4; i++)
        ask_as(bench, trade->rob, "open-docks",
               text(bench, "Which zeppelin is number %d of the year?", i));
    portico_test_act(bench, trade->rob, 0);
    portico_test_get(bench, "/communities/search?q=zeppelin");
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "from=5\"");
    portico_test_get(bench, "/communities/search?q=zeppelin&from=5");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK(bench, !strstr(portico_test_body(bench, NULL), "rel=\"next\""));
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "class=\"hits\"");
}

/* While the index still holds what is hidden, neither a hit nor a further page tells of it; what is
 * seen behind it is found. */
static void a_search_tells_nothing_of_what_is_hidden(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    portico_test_act(bench, trade.adm, trade.northwind);
    portico_id space = new_space(bench, "Docks", "{\"level\":\"everyone\"}", 0);
    portico_id topic = ask_as(bench, trade.lena, "docks", "Which dock takes the zeppelin now?");
    ask_as(bench, trade.lena, "docks", "Zeppelin, zeppelin: how long does it stay there?");
    make_much(bench, topic);
    narrow(bench, &trade, trade.northwind, space, account_level(bench, "account", trade.northwind),
           0);
    portico_test_act(bench, trade.rob, 0);
    portico_test_get(bench, "/api/communities/v1/search?q=zeppelin&limit=1");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.id"), NULL);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "next"), "null");
    portico_test_act(bench, trade.adm, trade.northwind);
    new_space(bench, "Open docks", "{\"level\":\"everyone\"}", 0);
    portico_id seen = ask_as(bench, trade.rob, "open-docks",
                             "Is there bread for whoever flies at night, say by zeppelin?");
    portico_test_act(bench, trade.rob, 0);
    portico_test_get(bench, "/api/communities/v1/search?q=zeppelin&limit=1");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.id"),
                       text(bench, "%lld", (long long)seen));
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "next"), "null");
    portico_test_act(bench, trade.lena, 0);
    portico_test_get(bench, "/api/communities/v1/search?q=zeppelin&limit=1");
    const char *next = portico_test_json_text(bench, "next");
    PORTICO_CHECK_TEXT(bench, next, "1");
    pages_count_what_is_seen(bench, &trade, seen);
}

/* Each tag once, however many audiences it is counted for, and no page repeats or drops one. */
static void tags_are_walked_through_once_each(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    const char *cursor = "";
    char seen[1024] = "";
    portico_test_act(bench, trade.adm, trade.northwind);
    new_space(bench, "Docks", "{\"level\":\"everyone\"}", 0);
    for (int i = 0; i < 4; i++) {
        portico_test_act(bench, i % 3 ? trade.lena : trade.rob, 0);
        portico_test_json_request(
            bench, "POST", "/api/communities/v1/topics",
            text(bench,
                 "{\"space\":\"%s\",\"title\":\"Which one is number %d of the tags?\","
                 "\"body\":\"I look for number %d all day.\",\"tags\":[\"tag-%d\",\"all\"]}",
                 i % 2 ? "contracts" : "docks", i, i, i));
        sent_id(bench);
    }
    portico_test_act(bench, trade.lena, 0);
    for (int page = 0; page < 9 && cursor; page++) {
        portico_test_get(bench, text(bench, "/api/communities/v1/tags?limit=2%s%s",
                                     *cursor ? "&cursor=" : "", cursor));
        PORTICO_CHECK_STATUS(bench, 200);
        for (int i = 0; i < 2; i++) {
            const char *name = portico_test_json_text(bench, text(bench, "items.%d.name", i));
            const char *topics = portico_test_json_text(bench, text(bench, "items.%d.topics", i));
            if (name)
                snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s=%s ", name, topics);
        }
        const char *next = portico_test_json_text(bench, "next");
        cursor = next && strcmp(next, "null") != 0 ? text(bench, "%s", next) : NULL;
    }
    /* Of the bakery's questions among own topics, number 3, she sees nothing. */
    PORTICO_CHECK_TEXT(bench, seen, "all=3 tag-2=1 tag-1=1 tag-0=1 ");
}

/* What somebody wrote in a space they no longer see is gone for them too. */
static void who_left_edits_nothing(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    portico_test_join(bench, trade.northwind, trade.rob, NULL);
    const char *const spaces[] = { "pilots", "contracts" };
    for (size_t i = 0; i < 2; i++) {
        portico_test_act(bench, trade.rob, trade.northwind);
        portico_id question = question_of(
            bench, ask(bench, spaces[i], text(bench, "Where is the zeppelin number %d?", (int)i)));
        const char *page = text(bench, "/communities/posts/%lld/edit", (long long)question);
        const char *path = text(bench, "/api/communities/v1/posts/%lld", (long long)question);
        const char *body = "{\"title\":\"Nothing of yours now\",\"body\":\"Gone with me, all.\"}";
        portico_test_get(bench, page);
        PORTICO_CHECK_STATUS(bench, 200);
        portico_test_act(bench, trade.rob, trade.bakery);
        portico_test_get(bench, page);
        PORTICO_CHECK_STATUS(bench, 404);
        struct portico_test_request edit = {
            .size = sizeof edit,
            .method = "PATCH",
            .target = path,
            .media_type = "application/json",
            .fields = "If-Match: *",
            .body = body,
            .body_length = strlen(body),
        };
        portico_test_send(bench, &edit);
        PORTICO_CHECK_STATUS(bench, 404);
    }
}

/* Nothing of it is shown between the change and the job: what a job is for is done in the change as
 * long as it is little. */
static void a_space_of_own_questions_is_so_at_once(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    portico_test_act(bench, trade.adm, trade.northwind);
    portico_id space = new_space(bench, "Docks", "{\"level\":\"signed-in\"}", 0);
    portico_id topic = ask_as(bench, trade.lena, "docks", "Which dock takes the zeppelin now?");
    check_sees(bench, trade.rob, "docks", topic, "zeppelin", 1);
    narrow(bench, &trade, trade.northwind, space, "{\"level\":\"signed-in\"}", 1);
    check_sees(bench, trade.rob, "docks", topic, "zeppelin", 0);
    check_sees(bench, trade.dana, "docks", topic, "zeppelin", 1);
    PORTICO_CHECK_INTEGER(bench,
                          NUMBER(bench,
                                 "SELECT COUNT(*) AS n FROM communities_post p\n"
                                 "JOIN communities_topic t ON t.id = p.topic\n"
                                 "WHERE t.space = ? AND p.audience <> t.own",
                                 space),
                          0);
    check_sums(bench);
}

static void own_questions_only_fits_open_spaces(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    portico_test_act(bench, trade.adm, trade.northwind);
    portico_test_json_request(
        bench, "PATCH", text(bench, "/api/communities/v1/spaces/%lld", (long long)trade.closed),
        "{\"own_topics\":true}");
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "Own questions only");
}

/* As an admin; a tick or none at each of the two. */
static uint32_t tick(struct portico_bench *bench, const struct trade *trade, int topics, int people)
{
    portico_test_act(bench, trade->adm, trade->northwind);
    return portico_test_json_request(
        bench, "PATCH", text(bench, "/api/communities/v1/spaces/%lld", (long long)trade->own),
        text(bench, "{\"own_topics\":%s,\"own_people\":%s}", topics ? "true" : "false",
             people ? "true" : "false"));
}

static void what_is_left_of_who_is_gone_is_for_no_more_staff(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    portico_id mod = portico_test_person(bench, "mod", "moderator");
    portico_id topic =
        ask_as(bench, trade.lena, "contracts", "Why is the zeppelin on our bill twice?");
    check_sees(bench, mod, "contracts", topic, "zeppelin", 0);
    execute(bench, LOOK "UPDATE communities_author\nSET person = NULL\nWHERE person = ?",
            PORTICO_ARGS(portico_arg_id(trade.lena)));
    tick(bench, &trade, 1, 1);
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    check_sees(bench, mod, "contracts", topic, "zeppelin", 0);
    check_sees(bench, trade.dana, "contracts", topic, "zeppelin", 0);
    portico_test_act(bench, trade.adm, trade.northwind);
    open_topic(bench, topic);
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL),
                        "Only who asked it, and those of our team who look after all companies");
    check_sums(bench);
    /* What staff ask for no company is the staff's, and the page says so. */
    portico_test_act(bench, mod, 0);
    portico_id staffs = ask(bench, "contracts", "Who of us answers about the balloon?");
    open_topic(bench, staffs);
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL),
                        "Only who asked it and our team read it.");
}

static void what_was_asked_alone_stays_so(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    portico_id before =
        ask_as(bench, trade.lena, "contracts", "Why is the balloon on our bill twice?");
    tick(bench, &trade, 1, 1);
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    check_sees(bench, trade.dana, "contracts", before, "balloon", 0);
    portico_id topic = ask_as(bench, trade.lena, "contracts", "Why is my zeppelin bonus missing?");
    check_sees(bench, trade.lena, "contracts", topic, "zeppelin", 1);
    check_sees(bench, trade.dana, "contracts", topic, "zeppelin", 0);
    /* Unticked, what was the company's is the company's again. */
    tick(bench, &trade, 1, 0);
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    check_sees(bench, trade.dana, "contracts", before, "balloon", 1);
    check_sees(bench, trade.dana, "contracts", topic, "zeppelin", 0);
    check_sees(bench, trade.lena, "contracts", topic, "zeppelin", 1);
    open_topic(bench, topic);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL),
                        "Only who asked it, and those of our team who look after all companies");
    check_sums(bench);
    /* Nor does it become everybody's, but by a moderator who moves it. */
    tick(bench, &trade, 0, 0);
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "what they alone were to read");
    new_space(bench, "Docks", "{\"level\":\"signed-in\"}", 0);
    post(bench, "topics", topic, "move", "{\"space\":\"docks\",\"reason\":\"She asked for it.\"}");
    PORTICO_CHECK_STATUS(bench, 200);
    check_sees(bench, trade.rob, "docks", topic, "zeppelin", 1);
    tick(bench, &trade, 0, 0);
    PORTICO_CHECK_STATUS(bench, 200);
    check_sums(bench);
}

/* ---- what was shown when it was asked ---- */

/* Each in words of its own: nobody sends the same twice. */
#define PLEA                                                                                       \
    "title=Why+is+my+zeppelin+bonus+missing%%3F&body=It+is+not+on+my+bill+of+May+for+%s.&tags="    \
    "&seen=yes&space=contracts"

static int64_t asked(struct portico_bench *bench, portico_id space)
{
    return NUMBER(bench, "SELECT COUNT(*) AS n FROM communities_topic WHERE space = ?", space);
}

static const char *carried(struct portico_bench *bench)
{
    const char *readers = portico_test_attribute(bench, "input[name=readers]", "value");
    return readers ? readers : "";
}

static uint32_t plead(struct portico_bench *bench, const char *readers)
{
    return portico_test_send_form(bench, "/communities/ask?space=contracts", "ask",
                                  text(bench, PLEA "&readers=%s", readers, readers));
}

static uint32_t plead_as_program(struct portico_bench *bench, const char *readers)
{
    return portico_test_json_request(bench, "POST", "/api/communities/v1/topics",
                                     text(bench,
                                          "{\"space\":\"contracts\",\"readers\":\"%s\","
                                          "\"title\":\"Why is my balloon bonus missing?\","
                                          "\"body\":\"It is not on my bill for %s.\"}",
                                          readers, readers));
}

static void what_was_to_be_read_by_few_is_not_asked_of_more(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    const char *company = text(bench, "contracts=account:%lld", (long long)trade.northwind);
    portico_test_set(bench, "newcomer_posts", "0");
    tick(bench, &trade, 1, 1);
    portico_test_act(bench, trade.lena, 0);
    portico_test_get(bench, "/communities/ask?space=contracts");
    PORTICO_CHECK_HOLDS(bench, carried(bench), "contracts=person");
    PORTICO_CHECK_HOLDS(bench, carried(bench),
                        text(bench, "pilots=account:%lld", (long long)trade.northwind));
    /* It becomes her company's while she writes. */
    tick(bench, &trade, 1, 0);
    PORTICO_CHECK_STATUS(bench, 200);
    portico_test_act(bench, trade.lena, 0);
    plead(bench, "contracts%3Dperson");
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_INTEGER(bench, asked(bench, trade.own), 0);
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "#ask-space-error"),
                        "Nothing was sent: “Contracts” is for others now");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "#ask-space-error"),
                        "Only Northwind, partners who act for it");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "textarea"), "not on my bill of May");
    PORTICO_CHECK_HOLDS(bench, carried(bench), company);
    /* Anything else that is wrong with the form says nothing of that yet. */
    portico_test_send_form(bench, "/communities/ask", "ask",
                           "title=Short&space=contracts&readers=contracts%3Dperson");
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_HOLDS(bench, carried(bench), "contracts=person");
    /* Then everybody's own, for all who are signed in: she has seen that it is her company's. */
    tick(bench, &trade, 0, 0);
    portico_test_act(bench, trade.lena, 0);
    plead(bench, text(bench, "contracts%%3Daccount%%3A%lld", (long long)trade.northwind));
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_HOLDS(bench, carried(bench), "contracts=signed-in");
    plead(bench, "contracts%3Dsigned-in");
    PORTICO_CHECK_STATUS(bench, 303);
    PORTICO_CHECK_INTEGER(bench, asked(bench, trade.own), 1);
    check_sums(bench);
}

static void whoever_says_more_readers_asks_fewer(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    portico_test_set(bench, "newcomer_posts", "0");
    portico_test_act(bench, trade.lena, 0);
    plead(bench, "contracts%3Dsigned-in");
    PORTICO_CHECK_STATUS(bench, 303);
    tick(bench, &trade, 1, 1);
    portico_test_act(bench, trade.lena, 0);
    plead(bench, text(bench, "contracts%%3Daccount%%3A%lld", (long long)trade.northwind));
    PORTICO_CHECK_STATUS(bench, 303);
    /* Those of another company are others, and not more. */
    tick(bench, &trade, 1, 0);
    portico_test_act(bench, trade.lena, 0);
    plead(bench, text(bench, "contracts%%3Daccount%%3A%lld", (long long)trade.bakery));
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_INTEGER(bench, asked(bench, trade.own), 2);
    check_sums(bench);
}

static void a_program_says_who_may_read_what_it_asks(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    portico_test_set(bench, "newcomer_posts", "0");
    portico_test_act(bench, trade.lena, 0);
    plead_as_program(bench, "person");
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "errors.0.field"), "space");
    PORTICO_CHECK_HOLDS(bench, portico_test_json_text(bench, "errors.0.detail"), "Only Northwind");
    plead_as_program(bench, "nobody at all");
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_INTEGER(bench, asked(bench, trade.own), 0);
    plead_as_program(bench, "account");
    PORTICO_CHECK_STATUS(bench, 201);
    plead_as_program(bench, "everyone");
    PORTICO_CHECK_STATUS(bench, 201);
    ask(bench, "contracts", "Why is my kite bonus missing?");
    PORTICO_CHECK_STATUS(bench, 201);
}

static void what_was_to_be_read_by_few_is_not_moved_to_more(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    portico_test_act(bench, trade.adm, trade.northwind);
    portico_id docks = new_space(bench, "Docks", "{\"level\":\"signed-in\"}", 0);
    portico_id topic =
        ask_as(bench, trade.lena, "contracts", "Why is the zeppelin on our bill twice?");
    const char *form = text(bench, "move-move-%lld", (long long)question_of(bench, topic));
    const char *page = text(bench, "/communities/moderation/move/%lld", (long long)topic);
    portico_test_act(bench, trade.adm, trade.northwind);
    portico_test_get(bench, page);
    PORTICO_CHECK_HOLDS(bench, carried(bench), "contracts=own");
    PORTICO_CHECK_HOLDS(bench, carried(bench), "docks=signed-in");
    portico_test_send_form(
        bench, page, form,
        text(bench, "space=docks&readers=docks%%3Daccount%%3A%lld", (long long)trade.northwind));
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL),
                        "Everybody who is signed in reads it.");
    PORTICO_CHECK_HOLDS(bench, carried(bench), "docks=signed-in");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "input[name=readers]"), 1);
    post(bench, "topics", topic, "move", "{\"space\":\"docks\",\"readers\":\"staff\"}");
    PORTICO_CHECK_STATUS(bench, 422);
    check_sees(bench, trade.rob, "docks", topic, "zeppelin", 0);
    PORTICO_CHECK_INTEGER(bench, asked(bench, docks), 0);
    portico_test_act(bench, trade.adm, trade.northwind);
    portico_test_send_form(bench, page, form, "space=docks&readers=docks%3Dsigned-in");
    PORTICO_CHECK_STATUS(bench, 303);
    PORTICO_CHECK_INTEGER(bench, asked(bench, docks), 1);
    check_sums(bench);
}

/* ---- what becomes of it ---- */

static void what_one_asked_alone_counts_for_nobody_else(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    tick(bench, &trade, 1, 1);
    portico_id topic = ask_as(bench, trade.lena, "contracts", "Why is my zeppelin bonus missing?");
    post(bench, "posts", question_of(bench, topic), "remove", "{}");
    PORTICO_CHECK_STATUS(bench, 200);
    tick(bench, &trade, 0, 0);
    PORTICO_CHECK_STATUS(bench, 200);
    portico_test_act(bench, trade.lena, 0);
    post(bench, "posts", question_of(bench, topic), "restore", NULL);
    PORTICO_CHECK_STATUS(bench, 200);
    check_sees(bench, trade.lena, "contracts", topic, "zeppelin", 1);
    check_sees(bench, trade.dana, "contracts", topic, "zeppelin", 0);
    check_sees(bench, trade.rob, "contracts", topic, "zeppelin", 0);
    portico_test_act(bench, trade.rob, 0);
    get(bench, "/api/communities/v1/spaces/", trade.own);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "topics"), "0");
    check_sums(bench);
    portico_id seen = ask_as(bench, trade.rob, "contracts", "When does our oven contract end?");
    portico_test_act(bench, trade.adm, trade.northwind);
    answer(bench, topic, "The bonus comes with the next pay.");
    answer(bench, seen, "It ends with the summer.");
    get(bench, "/api/communities/v1/spaces/", trade.own);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "topics"), "1");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "answers"), "1");
    check_sums(bench);
    /* Moved, it is everybody's there, and counts. */
    new_space(bench, "Docks", "{\"level\":\"signed-in\"}", 0);
    post(bench, "topics", topic, "move", "{\"space\":\"docks\"}");
    PORTICO_CHECK_STATUS(bench, 200);
    check_sums(bench);
}

static uint32_t merge(struct portico_bench *bench, const struct trade *trade, portico_id topic,
                      portico_id into)
{
    portico_test_act(bench, trade->adm, trade->northwind);
    return post(bench, "topics", topic, "merge",
                text(bench, "{\"into\":\"%lld\"}", (long long)into));
}

static void nobody_reads_more_by_a_merge(struct portico_bench *bench)
{
    struct trade trade = make_trade(bench);
    portico_test_set(bench, "newcomer_posts", "0");
    portico_test_act(bench, trade.adm, trade.northwind);
    new_space(bench, "Docks", "{\"level\":\"signed-in\"}", 0);
    portico_id open = ask_as(bench, trade.rob, "docks", "When is the oven bonus paid out?");
    portico_id bakers = ask_as(bench, trade.rob, "contracts", "When does our oven contract end?");
    portico_id company = ask_as(bench, trade.lena, "contracts", "When does our contract end?");
    portico_id fellow = ask_as(bench, trade.dana, "contracts", "Does our contract end at all?");
    tick(bench, &trade, 1, 1);
    portico_id alone = ask_as(bench, trade.lena, "contracts", "Why is my zeppelin bonus missing?");
    portico_test_act(bench, trade.adm, trade.northwind);
    answer(bench, alone, "The zeppelin bonus comes with the next pay.");
    merge(bench, &trade, alone, open);
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "errors.0.field"), "into");
    PORTICO_CHECK_HOLDS(bench, portico_test_json_text(bench, "errors.0.detail"),
                        "People read that question who do not read this one");
    merge(bench, &trade, alone, fellow);
    PORTICO_CHECK_STATUS(bench, 422);
    check_sees(bench, trade.rob, "docks", alone, "zeppelin", 0);
    check_sees(bench, trade.dana, "contracts", alone, "zeppelin", 0);
    PORTICO_CHECK_INTEGER(bench,
                          NUMBER(bench,
                                 "SELECT COUNT(*) AS n FROM communities_post\n"
                                 "WHERE topic = ? AND kind = 2 AND status = 0",
                                 alone),
                          1);
    check_sums(bench);
    /* What one asked oneself goes together, and what a company did, and nothing of two. */
    merge(bench, &trade, company, alone);
    PORTICO_CHECK_STATUS(bench, 200);
    tick(bench, &trade, 1, 0);
    merge(bench, &trade, fellow, bakers);
    PORTICO_CHECK_STATUS(bench, 422);
    portico_id second = ask_as(bench, trade.lena, "contracts", "Who ends our contract, and how?");
    merge(bench, &trade, second, fellow);
    PORTICO_CHECK_STATUS(bench, 200);
    /* Into what fewer read it may go. */
    merge(bench, &trade, open, fellow);
    PORTICO_CHECK_STATUS(bench, 200);
    check_sums(bench);
}

static const struct portico_test tests[] = {
    TEST("A space of an account is there for nobody else",
         a_space_of_an_account_is_there_for_nobody_else),
    TEST("A space goes to accounts below too", a_space_goes_to_accounts_below_too),
    TEST("Each account sees its own questions only", each_account_sees_its_own_questions_only),
    TEST("Who asks is told who reads it", who_asks_is_told_who_reads_it),
    TEST("A moderator reads nothing of others' accounts",
         a_moderator_reads_nothing_of_others_accounts),
    TEST("A space narrows at once and widens behind", a_space_narrows_at_once_and_widens_behind),
    TEST("A search tells nothing of what is hidden", a_search_tells_nothing_of_what_is_hidden),
    TEST("Tags are walked through once each", tags_are_walked_through_once_each),
    TEST("Who left edits nothing", who_left_edits_nothing),
    TEST("A space of own questions is so at once", a_space_of_own_questions_is_so_at_once),
    TEST("Own questions only fits open spaces", own_questions_only_fits_open_spaces),
    TEST("What was asked alone stays so", what_was_asked_alone_stays_so),
    TEST("What was to be read by few is not asked of more",
         what_was_to_be_read_by_few_is_not_asked_of_more),
    TEST("Whoever says more readers asks fewer", whoever_says_more_readers_asks_fewer),
    TEST("A program says who may read what it asks", a_program_says_who_may_read_what_it_asks),
    TEST("What was to be read by few is not moved to more",
         what_was_to_be_read_by_few_is_not_moved_to_more),
    TEST("What one asked alone counts for nobody else",
         what_one_asked_alone_counts_for_nobody_else),
    TEST("Nobody reads more by a merge", nobody_reads_more_by_a_merge),
    TEST("What is left of who is gone is for no more staff",
         what_is_left_of_who_is_gone_is_for_no_more_staff),
};

PORTICO_EXPORT_TESTS(tests)
