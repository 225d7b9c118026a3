/* Tests of the page of a person: whose name it tells, and to whom. */
#include "place.h"

/* Lena and Lou of Northwind, Bob of Southwind; a space for everyone, and one of Southwind alone. */
struct harbour {
    portico_id northwind, southwind;
    portico_id lena, lou, bob, mod, chief;
    portico_id docks, yard;
};

static portico_id member(struct portico_bench *bench, const char *handle, portico_id account)
{
    portico_id person = portico_test_person(bench, handle, NULL);
    portico_test_join(bench, account, person, NULL);
    return person;
}

static void make_harbour(struct portico_bench *bench, struct harbour *harbour)
{
    struct portico_context *context = portico_test_context(bench);
    struct portico_error error = PORTICO_ERROR_INIT;
    portico_id audience = 0;
    portico_test_set(bench, "newcomer_posts", "0");
    harbour->northwind = portico_test_account(bench, "Northwind");
    harbour->southwind = portico_test_account(bench, "Southwind");
    harbour->lena = member(bench, "lena", harbour->northwind);
    harbour->lou = member(bench, "lou", harbour->northwind);
    harbour->bob = member(bench, "bob", harbour->southwind);
    harbour->mod = portico_test_person(bench, "mod", "moderator");
    harbour->chief = portico_test_person(bench, "chief", "admin");
    harbour->docks = make_space(bench, "docks");
    harbour->yard = make_space(bench, "yard");
    portico_test_act(bench, harbour->bob, 0);
    PORTICO_CHECK_INTEGER(
        bench,
        portico_audience_account(portico_audiences(context), harbour->southwind, &audience, &error),
        0);
    execute(bench, LOOK "UPDATE communities_space SET audience = ? WHERE id = ?",
            PORTICO_ARGS(portico_arg_id(audience), portico_arg_id(harbour->yard)));
}

static uint32_t look(struct portico_bench *bench, portico_id viewer, const char *handle)
{
    if (viewer)
        portico_test_act(bench, viewer, 0);
    else
        portico_test_as(bench, 0, "communities.read");
    return portico_test_get(bench, text(bench, "/communities/people/%s", handle));
}

/* What the page says, but the number of the request at its end. */
static const char *said(struct portico_bench *bench)
{
    const char *words = portico_test_element(bench, "main");
    const char *number = words ? strrchr(words, ' ') : NULL;
    return number ? text(bench, "%.*s", (int)(number - words), words) : "";
}

/* Nothing that is said tells the handle from one that nobody has. */
static void is_nobody(struct portico_bench *bench, portico_id viewer, const char *handle)
{
    if (!PORTICO_CHECK_INTEGER(bench, look(bench, viewer, handle), 404))
        return;
    const char *words = said(bench);
    PORTICO_CHECK(bench, !strstr(words, handle));
    PORTICO_CHECK_INTEGER(bench, look(bench, viewer, "xyz"), 404);
    PORTICO_CHECK_TEXT(bench, said(bench), words);
}

static void shows(struct portico_bench *bench, portico_id viewer, const char *handle)
{
    if (!PORTICO_CHECK_INTEGER(bench, look(bench, viewer, handle), 200))
        portico_test_note(bench, handle);
    PORTICO_CHECK(bench, strstr(portico_test_body(bench, NULL), handle));
}

static void who_wrote_nothing_is_nobody_to_others(struct portico_bench *bench)
{
    struct harbour harbour;
    make_harbour(bench, &harbour);
    is_nobody(bench, 0, "bob");
    is_nobody(bench, 0, "mod");
    is_nobody(bench, harbour.lena, "bob");
    is_nobody(bench, harbour.mod, "bob");
    shows(bench, harbour.bob, "bob");
    shows(bench, harbour.lena, "lou");
    shows(bench, harbour.lena, "mod");
    shows(bench, harbour.chief, "bob");
}

static void what_only_a_company_reads_tells_the_name_to_that_company(struct portico_bench *bench)
{
    struct harbour harbour;
    make_harbour(bench, &harbour);
    const portico_id mate = member(bench, "mate", harbour.southwind);
    portico_test_act(bench, harbour.bob, 0);
    ask_for(bench, "yard", "Who has the key of the yard?", "It is not where it was.");
    PORTICO_CHECK_STATUS(bench, 201);
    is_nobody(bench, 0, "bob");
    is_nobody(bench, harbour.lena, "bob");
    shows(bench, mate, "bob");
    shows(bench, harbour.chief, "bob");
}

/* Whoever sees what somebody wrote or changed sees a link to them, which leads somewhere. */
static void links_lead_to_whoever_wrote(struct portico_bench *bench)
{
    struct harbour harbour;
    make_harbour(bench, &harbour);
    portico_test_act(bench, harbour.lena, 0);
    ask_for(bench, "docks", "Which quay is the next one?", "The map does not say it.");
    const portico_id question = question_of(bench, sent_id(bench));
    is_nobody(bench, 0, "bob");
    portico_test_act(bench, harbour.bob, 0);
    comment(bench, question, "Which map do you have?");
    shows(bench, 0, "bob");
    is_nobody(bench, 0, "mod");
    portico_test_act(bench, harbour.mod, 0);
    static const char json[] = "{\"body\":\"The map by the crane does not say it.\"}";
    const struct portico_test_request edit = {
        .size = sizeof edit,
        .method = "PATCH",
        .target = text(bench, "/api/communities/v1/posts/%lld", (long long)question),
        .fields = "If-Match: *",
        .media_type = "application/json",
        .body = json,
        .body_length = sizeof json - 1,
    };
    PORTICO_CHECK_INTEGER(bench, portico_test_send(bench, &edit), 200);
    portico_test_as(bench, 0, "communities.read");
    portico_test_get(bench, text(bench, "/communities/posts/%lld/history", (long long)question));
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "a[href='/communities/people/mod']"), 1);
    shows(bench, 0, "mod");
}

static void moderators_follow_links_of_what_they_removed(struct portico_bench *bench)
{
    struct harbour harbour;
    make_harbour(bench, &harbour);
    portico_test_act(bench, harbour.lena, 0);
    const portico_id topic = ask(bench, "docks", "Which quay is the next one?");
    portico_test_act(bench, harbour.bob, 0);
    const portico_id advert = answer(bench, topic, "Buy your maps from me, they are cheap.");
    shows(bench, 0, "bob");
    portico_test_act(bench, harbour.mod, 0);
    post(bench, "posts", advert, "remove", "{\"reason\":\"It sells something.\"}");
    PORTICO_CHECK_STATUS(bench, 200);
    is_nobody(bench, 0, "bob");
    is_nobody(bench, harbour.lena, "bob");
    shows(bench, harbour.mod, "bob");
}

/* Who mentions somebody learns nothing of them, and sends nobody to a page that is not there. */
static void mentions_are_links_for_whoever_may_open_them(struct portico_bench *bench)
{
    struct harbour harbour;
    make_harbour(bench, &harbour);
    portico_test_act(bench, harbour.lena, 0);
    ask_for(bench, "docks", "Which quay is the next one?", "Does @lou know it, or @bob, or @xyz?");
    const portico_id topic = sent_id(bench);
    const struct {
        portico_id viewer;
        const char *handle;
        int64_t links;
    } seen[] = { { 0, "lou", 0 },
                 { 0, "bob", 0 },
                 { harbour.lena, "lou", 1 },
                 { harbour.lena, "bob", 0 },
                 { harbour.chief, "bob", 1 },
                 { harbour.bob, "bob", 1 } };
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
        if (seen[i].viewer)
            portico_test_act(bench, seen[i].viewer, 0);
        else
            portico_test_as(bench, 0, "communities.read");
        open_topic(bench, topic);
        if (!PORTICO_CHECK_INTEGER(
                bench,
                portico_test_count(
                    bench, text(bench, ".prose a[href='/communities/people/%s']", seen[i].handle)),
                seen[i].links))
            portico_test_note(bench, text(bench, "%s, %zu", seen[i].handle, i));
        PORTICO_CHECK(bench, strstr(portico_test_body(bench, NULL), "@bob"));
    }
}

static const struct portico_test tests[] = {
    TEST("Who wrote nothing is nobody to others", who_wrote_nothing_is_nobody_to_others),
    TEST("What only a company reads tells the name to that company",
         what_only_a_company_reads_tells_the_name_to_that_company),
    TEST("Links lead to whoever wrote", links_lead_to_whoever_wrote),
    TEST("Moderators follow links of what they removed",
         moderators_follow_links_of_what_they_removed),
    TEST("Mentions are links for whoever may open them",
         mentions_are_links_for_whoever_may_open_them),
};

PORTICO_EXPORT_TESTS(tests)
