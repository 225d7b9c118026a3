/* A small place for tests of acting and moderating: five people, two spaces, one question with two
 * answers and a comment, and the means to look whether all sums still say what stands there. */
#ifndef COMMUNITIES_TESTS_PLACE_H
#define COMMUNITIES_TESTS_PLACE_H

#include <portico/test.h>

#include <stdio.h>

#define MEMBER "communities.read communities.write communities.vote"
#define MODERATOR MEMBER " communities.edit_others communities.moderate portico.unlimited"
#define UNUSED __attribute__((unused))
#define LOOK "{unfiltered the test looks} "

/* Ada asked; Ben and Cleo answered, Cleo commented on Ben's; Dora only reads; Mod moderates. */
struct place {
    portico_id ada, ben, cleo, dora, mod;
    portico_id space, other;
    portico_id topic, question, answer, second, comment;
};

UNUSED static const char *text(struct portico_bench *bench, const char *format, ...)
{
    va_list arguments;
    struct portico_context *context = portico_test_context(bench);
    va_start(arguments, format);
    char *made = context->api->vprintf(context, format, arguments);
    va_end(arguments);
    return made ? made : "";
}

static void execute(struct portico_bench *bench, const char *sql,
                    const struct portico_argument *arguments, size_t count)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_db *db = portico_db(portico_test_context(bench));
    PORTICO_CHECK_INTEGER(bench, portico_execute(db, sql, arguments, count, NULL, &error), 0);
    PORTICO_CHECK_TEXT(bench, error.message, "");
}

/* The column n of the first row, an integer. */
static int64_t number(struct portico_bench *bench, const char *sql,
                      const struct portico_argument *arguments, size_t count)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL;
    struct portico_db *db = portico_db(portico_test_context(bench));
    PORTICO_CHECK_INTEGER(bench, portico_query(db, sql, arguments, count, &rows, &error), 0);
    PORTICO_CHECK_TEXT(bench, error.message, "");
    return portico_get_integer(portico_at(rows, 0), "n", -1);
}
#define NUMBER(bench, sql, id) number(bench, LOOK sql, PORTICO_ARGS(portico_arg_id(id)))

static portico_id make_space(struct portico_bench *bench, const char *slug)
{
    portico_id id = portico_new_id(portico_test_context(bench));
    struct portico_argument now = portico_arg_time(portico_test_now(bench));
    execute(
        bench,
        "INSERT INTO communities_space (id, audience, slug, title, description, topics,\n"
        "    answers, solved, last_activity, created)\n"
        "VALUES (?, 1, ?, ?, '', 0, 0, 0, ?, ?)",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_text(slug), portico_arg_text(slug), now, now));
    return id;
}

/* ---- requests ---- */

static uint32_t api(struct portico_bench *bench, const char *method, const char *kind,
                    portico_id id, const char *verb, const char *json)
{
    return portico_test_json_request(
        bench, method,
        text(bench, "/api/communities/v1/%s/%lld%s%s", kind, (long long)id, *verb ? "/" : "", verb),
        json);
}
UNUSED static uint32_t put(struct portico_bench *bench, const char *kind, portico_id id,
                           const char *verb, const char *json)
{
    return api(bench, "PUT", kind, id, verb, json);
}
UNUSED static uint32_t post(struct portico_bench *bench, const char *kind, portico_id id,
                            const char *verb, const char *json)
{
    return api(bench, "POST", kind, id, verb, json);
}
/* GET of a page or of the API by its id. */
UNUSED static uint32_t get(struct portico_bench *bench, const char *before, portico_id id)
{
    return portico_test_get(bench, text(bench, "%s%lld", before, (long long)id));
}
/* The same, going on where it redirects. */
UNUSED static uint32_t open_topic(struct portico_bench *bench, portico_id id)
{
    uint32_t status = get(bench, "/communities/topics/", id);
    const char *location = portico_test_header(bench, "location");
    return status == 301 && location ? portico_test_get(bench, location) : status;
}

static portico_id sent_id(struct portico_bench *bench)
{
    if (!PORTICO_CHECK_STATUS(bench, 201))
        portico_test_note(bench, portico_test_body(bench, NULL));
    const char *id = portico_test_json_text(bench, "id");
    return id ? portico_id_read(id) : 0;
}

static uint32_t ask_for(struct portico_bench *bench, const char *space, const char *title,
                        const char *body)
{
    return portico_test_json_request(bench, "POST", "/api/communities/v1/topics",
                                     text(bench,
                                          "{\"space\":\"%s\",\"title\":\"%s\",\"body\":\"%s\","
                                          "\"tags\":[\"tides\",\"berths\"]}",
                                          space, title, body));
}
UNUSED static portico_id ask(struct portico_bench *bench, const char *space, const char *title)
{
    ask_for(bench, space, title, text(bench, "It is not where it was: %s", title));
    return sent_id(bench);
}
static portico_id answer(struct portico_bench *bench, portico_id topic, const char *body)
{
    post(bench, "topics", topic, "answers", text(bench, "{\"body\":\"%s\"}", body));
    return sent_id(bench);
}
static portico_id comment(struct portico_bench *bench, portico_id of, const char *body)
{
    post(bench, "posts", of, "comments", text(bench, "{\"body\":\"%s\"}", body));
    return sent_id(bench);
}
UNUSED static portico_id question_of(struct portico_bench *bench, portico_id topic)
{
    return NUMBER(bench, "SELECT id AS n FROM communities_post WHERE topic = ? AND kind = 1",
                  topic);
}

/* 0: this host is one of those before it said who asks; nobody can write there. */
UNUSED static int make_place(struct portico_bench *bench, struct place *place)
{
    memset(place, 0, sizeof *place);
    place->ada = portico_test_person(bench, "ada", NULL);
    place->ben = portico_test_person(bench, "ben", NULL);
    place->cleo = portico_test_person(bench, "cleo", NULL);
    place->dora = portico_test_person(bench, "dora", NULL);
    place->mod = portico_test_person(bench, "mod", "moderator");
    place->space = make_space(bench, "harbour");
    place->other = make_space(bench, "shipyard");
    portico_test_as(bench, place->ada, MEMBER);
    ask_for(bench, "harbour", "Where do I read the tide table?", "Last year's is all I find.");
    if (strstr(portico_test_body(bench, NULL), "Sign in to write here."))
        return 0;
    place->topic = sent_id(bench);
    place->question = question_of(bench, place->topic);
    portico_test_as(bench, place->ben, MEMBER);
    place->answer = answer(bench, place->topic, "It hangs on the pier, by the crane.");
    portico_test_as(bench, place->cleo, MEMBER);
    place->second = answer(bench, place->topic, "The pilots read it out on channel nine.");
    place->comment = comment(bench, place->answer, "It was wet this morning.");
    return place->topic && place->answer && place->comment;
}

/* ---- sums ---- */

#define COUNTED "t.space = s.id AND t.status = 0 AND NOT t.asked_alone"

/* Rows whose stored sums are not those of the rows they sum; each statement says how many. */
UNUSED static void check_sums(struct portico_bench *bench)
{
    static const char *const wrong[] = {
        /* What is hidden is for nobody, what is shown for those of its space. */
        LOOK "SELECT COUNT(*) AS n FROM communities_topic t\n"
             "JOIN communities_space s ON s.id = t.space\n"
             "WHERE t.audience <> CASE WHEN t.status <> 0 THEN 4\n"
             "    WHEN t.asked_alone THEN t.own_person WHEN NOT s.own_topics THEN s.audience\n"
             "    WHEN s.own_people THEN t.own_person ELSE t.own END",
        LOOK "SELECT COUNT(*) AS n FROM communities_post p\n"
             "JOIN communities_topic t ON t.id = p.topic\n"
             "WHERE p.audience <> CASE WHEN p.status = 0 THEN t.audience ELSE 4 END",
        LOOK "SELECT COUNT(*) AS n FROM communities_comment c\n"
             "JOIN communities_post p ON p.id = c.post\n"
             "WHERE c.audience <> CASE WHEN c.status = 0 THEN p.audience ELSE 4 END\n"
             "    OR c.topic <> p.topic",
        LOOK "SELECT COUNT(*) AS n FROM communities_topic t\n"
             "WHERE t.answers <> (SELECT COUNT(*) FROM communities_post p\n"
             "                    WHERE p.topic = t.id AND p.kind = 2 AND p.status = 0)\n"
             "    OR t.comments <> (SELECT COUNT(*) FROM communities_comment c\n"
             "                      JOIN communities_post p ON p.id = c.post\n"
             "                      WHERE c.topic = t.id AND c.status = 0 AND p.status = 0)\n"
             "    OR t.state <> CASE\n"
             "        WHEN EXISTS (SELECT 1 FROM communities_post p\n"
             "                     WHERE p.topic = t.id AND p.id = t.accepted AND p.status = 0)\n"
             "        THEN 2\n"
             "        WHEN EXISTS (SELECT 1 FROM communities_post p\n"
             "                     WHERE p.topic = t.id AND p.kind = 2 AND p.status = 0)\n"
             "        THEN 1 ELSE 0 END",
        LOOK "SELECT COUNT(*) AS n FROM communities_post p\n"
             "JOIN communities_topic t ON t.id = p.topic\n"
             "WHERE p.accepted <> (COALESCE(t.accepted, 0) = p.id)",
        LOOK "SELECT COUNT(*) AS n FROM communities_post p\n"
             "WHERE p.score <> (SELECT COALESCE(SUM(b.value), 0) FROM communities_ballot b\n"
             "                  WHERE b.target = p.id)\n"
             "    OR p.score <> COALESCE((SELECT v.up - v.down FROM communities_vote v\n"
             "                            WHERE v.post = p.id), 0)",
        LOOK "SELECT COUNT(*) AS n FROM communities_comment c\n"
             "WHERE c.score <> (SELECT COALESCE(SUM(b.value), 0) FROM communities_ballot b\n"
             "                  WHERE b.target = c.id)",
        LOOK "SELECT COUNT(*) AS n FROM communities_topic t\n"
             "JOIN communities_post p ON p.topic = t.id AND p.kind = 1\n"
             "WHERE t.score <> p.score OR t.status <> p.status",
        LOOK "SELECT COUNT(*) AS n FROM communities_topic_tag g\n"
             "JOIN communities_topic t ON t.id = g.topic\n"
             "WHERE g.audience <> t.audience OR g.state <> t.state OR g.score <> t.score\n"
             "    OR g.last_activity <> t.last_activity",
        LOOK "SELECT COUNT(*) AS n FROM communities_tag_count g\n"
             "WHERE g.topics <> (SELECT COUNT(*) FROM communities_topic_tag r\n"
             "                   WHERE r.tag = g.tag AND r.audience = g.audience)",
        /* A tag is for those whom one of its topics is for, and counts theirs; what only accounts
         * use is counted for them alone. */
        LOOK "SELECT COUNT(*) AS n FROM communities_tag g\n"
             "WHERE g.audience <> COALESCE((SELECT MIN(r.audience) FROM communities_topic_tag r\n"
             "                              WHERE r.tag = g.name AND r.audience < 4), 4)\n"
             "    OR g.topics <> (SELECT COUNT(*) FROM communities_topic_tag r\n"
             "                    WHERE r.tag = g.name AND r.audience = g.audience\n"
             "                        AND r.audience < 4)",
        /* What its space says of it is what all see who read it: not what one asked alone. */
        LOOK "SELECT COUNT(*) AS n FROM communities_space s\n"
             "WHERE s.topics <> (SELECT COUNT(*) FROM communities_topic t\n"
             "                   WHERE " COUNTED ")\n"
             "    OR s.answers <> (SELECT COALESCE(SUM(t.answers), 0) FROM communities_topic t\n"
             "                     WHERE " COUNTED ")\n"
             "    OR s.solved <> (SELECT COUNT(*) FROM communities_topic t\n"
             "                    WHERE " COUNTED " AND t.state = 2)",
        LOOK "SELECT COUNT(*) AS n FROM communities_author a\n"
             "WHERE a.posts <> (SELECT COUNT(*) FROM communities_post p\n"
             "                  WHERE p.author = a.id AND p.audience <> 4)",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (!PORTICO_CHECK_INTEGER(bench, number(bench, wrong[i], PORTICO_NO_ARGS), 0))
            portico_test_note(bench, wrong[i]);
}

/* How many lines of the log there are for a topic under a name. */
UNUSED static int64_t logged(struct portico_bench *bench, portico_id topic, const char *name)
{
    return number(bench,
                  "SELECT COUNT(*) AS n FROM communities_action WHERE topic = ? AND name = ?",
                  PORTICO_ARGS(portico_arg_id(topic), portico_arg_text(name)));
}

#define TEST(words, function)                                                                      \
    {                                                                                              \
        .name = words, .run = function, .deadline_ms = 120000                                      \
    }

#endif
