/* What waits for moderators, and the log of what was done. */
#include "act.h"

#include "communities.h"
#include "reach.h"
#include "read.h"

#define QUEUE_MOST 50
#define LOG_PAGE 50

/* ---- the queue ---- */

/* Each thing that waits, once for each reason. */
#define QUEUE_WAITING                                                                              \
    "SELECT p.id AS target, p.kind AS kind, p.topic AS topic, p.created AS since\n"                \
    "FROM communities_post p\n"                                                                    \
    "WHERE p.status = 1\n"                                                                         \
    "UNION ALL\n"                                                                                  \
    "SELECT c.id, 3, c.topic, c.created\n"                                                         \
    "FROM communities_comment c\n"                                                                 \
    "WHERE c.status = 1\n"                                                                         \
    "UNION ALL\n"                                                                                  \
    "SELECT f.target, f.kind, f.topic, f.created\n"                                                \
    "FROM communities_flag f\n"                                                                    \
    "WHERE f.state = 0\n"

/* A place in the queue or the log, "SINCE-TARGET" in addresses: what comes behind it. */
struct place {
    portico_time since;
    portico_id target;
};

static int read_place(struct portico_request *request, struct place *ret_place)
{
    const char *cursor = portico_query_param(request, "cursor");
    const char *dash = cursor ? strchr(cursor, '-') : NULL;
    struct place place = { 0 };
    if (!cursor) {
        *ret_place = place;
        return PORTICO_OK;
    }
    if (!dash ||
        words_integer(portico_printf(request, "%.*s", (int)(dash - cursor), cursor), &place.since) <
            0 ||
        words_integer(dash + 1, &place.target) < 0)
        return PORTICO_EINVAL;
    *ret_place = place;
    return PORTICO_OK;
}

static const char *place_behind(struct portico_request *request, const struct portico_value *last,
                                const char *since, const char *target)
{
    return portico_printf(request, "%lld-%lld", (long long)portico_get_integer(last, since, 0),
                          (long long)portico_get_integer(last, target, 0));
}

/* What is held and what is reported, each target once, the oldest first. One more than a page is
 * read to know whether there are more. */
static int read_queue(struct portico_request *request, const struct place *place,
                      struct portico_value **ret_rows, struct portico_error *error)
{
    return portico_query(
        portico_db(request),
        ACTS_SQL "SELECT q.target AS \"target:id\", q.kind, q.since AS \"since:time\"\n"
                 "FROM (\n"
                 "    SELECT w.target, w.kind, w.topic, MIN(w.since) AS since\n"
                 "    FROM (\n" QUEUE_WAITING "    ) w\n"
                 "    GROUP BY w.target, w.kind, w.topic\n"
                 ") q\n"
                 "JOIN communities_topic t ON t.id = q.topic\n" SPACE_JOIN(
                     "t") "\n"
                          "WHERE t.status <> 3\n"
                          "    AND (q.since > ? OR (q.since = ? AND q.target > ?))\n"
                          "ORDER BY q.since, q.target\n"
                          "LIMIT ?",
        PORTICO_ARGS(portico_arg_time(place->since), portico_arg_time(place->since),
                     portico_arg_id(place->target), portico_arg_integer(QUEUE_MOST + 1)),
        ret_rows, error);
}

static int read_flags(struct portico_request *request, portico_id target,
                      struct portico_value **ret_rows, struct portico_error *error)
{
    return portico_query(portico_db(request),
                         "SELECT f.reason, f.note, f.created AS \"created:time\",\n"
                         "    a.name AS author\n"
                         "FROM communities_flag f\n"
                         "LEFT JOIN communities_author a ON a.id = f.author\n"
                         "WHERE f.target = ? AND f.state = 0\n"
                         "ORDER BY f.created\n"
                         "LIMIT 50",
                         PORTICO_ARGS(portico_arg_id(target)), ret_rows, error);
}

/* Why it is held, in the reader's language; NULL if nobody wrote it down. */
static int read_hold(struct portico_request *request, const struct target *target,
                     const char **ret_words, struct portico_error *error)
{
    struct portico_value *row = NULL, *arguments = portico_object(request);
    int code = portico_query_one(
        portico_db(request),
        "SELECT reason, after\n"
        "FROM communities_action\n"
        "WHERE topic = ? AND target = ? AND name = 'hold'\n"
        "ORDER BY created DESC, id DESC\n"
        "LIMIT 1",
        PORTICO_ARGS(portico_arg_id(target->topic), portico_arg_id(target->id)), &row, error);
    if (code < 0 && code != PORTICO_ENOENT)
        return code;
    portico_set_text(arguments, "n", portico_get_text(row, "after", ""));
    const char *reason = portico_get_text(row, "reason", NULL);
    *ret_words = reason ? portico_translate(request, reason, arguments) : NULL;
    return PORTICO_OK;
}

static int read_author(struct portico_request *request, portico_id author, const char **ret_name,
                       int64_t *ret_posts, struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = portico_query_one(portico_db(request),
                                 "SELECT name AS author_name, posts\n"
                                 "FROM communities_author\n"
                                 "WHERE id = ?",
                                 PORTICO_ARGS(portico_arg_id(author)), &row, error);
    if (code < 0 && code != PORTICO_ENOENT)
        return code;
    *ret_name = view_author(request, row);
    *ret_posts = portico_get_integer(row, "posts", 0);
    return PORTICO_OK;
}

/* One entry as page and API show it. */
static int add_entry(struct portico_request *request, struct portico_value *entries,
                     const struct portico_value *row, struct portico_error *error)
{
    static const char *const kinds[] = { "", "question", "answer", "comment" };
    struct target target;
    struct portico_value *flags = NULL;
    const char *excerpt = "", *author = "", *because = NULL;
    int64_t posts = 0;
    int code = target_read(request->context, portico_get_integer(row, "kind", 0) == TARGET_COMMENT,
                           portico_get_integer(row, "target", 0), &target, error);
    if (code == PORTICO_ENOENT)
        return PORTICO_OK; /* acted on since the list was read */
    if (code == 0)
        code = target_excerpt(request->context, &target, &excerpt, error);
    if (code == 0)
        code = read_flags(request, target.id, &flags, error);
    if (code == 0)
        code = read_hold(request, &target, &because, error);
    if (code == 0)
        code = read_author(request, target.author, &author, &posts, error);
    if (code < 0)
        return code;
    int held = target.status == STATUS_HELD;
    struct portico_value *entry = portico_append_object(entries);
    portico_set_id(entry, "id", target.id);
    portico_set_id(entry, "topic", target.topic);
    portico_set_text(entry, "kind", kinds[target.kind]);
    portico_set_boolean(entry, "is_question", target.kind == TARGET_QUESTION);
    portico_set_boolean(entry, "is_answer", target.kind == TARGET_ANSWER);
    portico_set_text(entry, "place", target.kind == TARGET_COMMENT ? "comments" : "posts");
    portico_set_text(entry, "title", target.title);
    portico_set_text(entry, "excerpt", excerpt);
    portico_set_text(entry, "author", author);
    portico_set_boolean(entry, "is_newcomer",
                        posts < portico_setting_integer(request, "newcomer_posts"));
    portico_set_text(entry, "href", target_path(request->context, &target));
    portico_set_boolean(entry, "held", held);
    portico_set_text(entry, "because", held ? because : NULL);
    portico_set_time(entry, "since", portico_get_integer(row, "since", 0));
    struct portico_value *list = portico_set_list(entry, "flags");
    for (size_t i = 0; i < portico_count(flags); i++) {
        static const char *const same[] = { "reason", "note", "author", "created" };
        struct portico_value *flag = portico_append_object(list);
        view_copy(flag, portico_at(flags, i), same, sizeof same / sizeof *same);
        portico_set_text(
            flag, "words",
            flag_word(request->context, portico_get_text(portico_at(flags, i), "reason", "")));
    }
    portico_set_integer(entry, "flag_count", (int64_t)portico_count(flags));
    portico_set_boolean(entry, "has_flags", portico_count(flags) > 0);
    return PORTICO_OK;
}

/* `ret_next` is the cursor of the next page, or NULL. */
static int read_entries(struct portico_request *request, struct portico_value *entries,
                        const char **ret_next, struct portico_error *error)
{
    struct portico_value *rows = NULL;
    struct place place = { 0 };
    const char *next = NULL;
    int code = read_place(request, &place);
    if (code == 0)
        code = read_queue(request, &place, &rows, error);
    size_t count = portico_count(rows);
    for (size_t i = 0; code == 0 && i < count && i < QUEUE_MOST; i++)
        code = add_entry(request, entries, portico_at(rows, i), error);
    if (count > QUEUE_MOST)
        next = place_behind(request, portico_at(rows, QUEUE_MOST - 1), "since", "target");
    *ret_next = next;
    return code;
}

/* All that waits, in the spaces the viewer sees; counted to QUEUE_COUNTED. */
#define QUEUE_COUNTED 1000
int queue_count(struct portico_request *request, int64_t *ret_count, struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = portico_query_one(portico_db(request),
                                 ACTS_SQL "SELECT COUNT(*) AS number\n"
                                          "FROM (\n"
                                          "    SELECT q.target\n"
                                          "    FROM (" QUEUE_WAITING ") q\n"
                                          "    JOIN communities_topic t ON t.id = q.topic\n"
                                          "    " SPACE_JOIN("t") "\n"
                                                                 "    WHERE t.status <> 3\n"
                                                                 "    GROUP BY q.target\n"
                                                                 "    LIMIT ?\n"
                                                                 ") w",
                                 PORTICO_ARGS(portico_arg_integer(QUEUE_COUNTED)), &row, error);
    if (code == 0)
        *ret_count = portico_get_integer(row, "number", 0);
    return code;
}

/* What was just done, and the way back from a removal. */
static void set_did(struct portico_request *request, struct portico_value *view)
{
    const char *did = portico_query_param(request, "did");
    const char *words = did_word(request, did);
    const char *place = portico_query_param(request, "place");
    portico_id id = portico_id_read(portico_query_param(request, "id"));
    int removed = words && strcmp(did, "remove") == 0 && id && place &&
                  (strcmp(place, "posts") == 0 || strcmp(place, "comments") == 0);
    if (removed)
        words = portico_translate(request, "Removed.", NULL);
    portico_set_text(view, "did", words);
    portico_set_text(
        view, "undo",
        removed ? portico_printf(request, "/communities/%s/%lld/restore", place, (long long)id)
                : NULL);
}

int moderation_queue(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = view_page(request);
    struct portico_value *entries = portico_set_list(view, "waiting");
    const char *next = NULL;
    int64_t count = 0;
    int code = read_entries(request, entries, &next, &error);
    if (code == 0)
        code = queue_count(request, &count, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    set_did(request, view);
    portico_set_integer(view, "count", count);
    portico_set_boolean(view, "is_empty", portico_count(entries) == 0);
    portico_set_text(view, "next", next);
    portico_set_boolean(view, "is_first", !portico_query_param(request, "cursor"));
    portico_set_boolean(view, "in_queue", 1);
    portico_set_boolean(view, "in_log", 0);
    queue_seen(request);
    return portico_reply_view(request, "moderation", view);
}

int api_moderation_queue(struct portico_request *request)
{
    static const char *const same[] = { "id",     "kind", "topic",   "title", "excerpt",
                                        "author", "held", "because", "since" };
    static const char *const of_flag[] = { "reason", "note", "author", "created" };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *entries = portico_listing(request), *answer = portico_object(request);
    struct portico_value *items = portico_set_list(answer, "items");
    const char *next = NULL;
    int code = read_entries(request, entries, &next, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    for (size_t i = 0; i < portico_count(entries); i++) {
        const struct portico_value *entry = portico_at(entries, i);
        struct portico_value *item = portico_append_object(items);
        view_copy(item, entry, same, sizeof same / sizeof *same);
        struct portico_value *flags = portico_set_list(item, "flags");
        for (size_t at = 0; at < portico_count(portico_get(entry, "flags")); at++)
            view_copy(portico_append_object(flags), portico_at(portico_get(entry, "flags"), at),
                      of_flag, sizeof of_flag / sizeof *of_flag);
    }
    portico_set_text(answer, "next", next);
    return portico_reply_json(request, answer);
}

/* ---- deciding ---- */

static int decide(struct portico_request *request, int is_comment)
{
    static const struct {
        const char *name;
        int (*perform)(struct portico_context *context, const struct target *target,
                       const char *reason, struct portico_error *error);
    } acts[] = {
        { "approve", target_approve },
        { "remove", target_remove },
        { "keep", target_keep },
    };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct target target;
    const char *name = portico_form(request, "act"), *reason = portico_form(request, "reason");
    size_t at = 0, count = sizeof acts / sizeof *acts;
    while (at < count && (!name || strcmp(acts[at].name, name) != 0))
        at++;
    if (at == count)
        return portico_reply_problem(
            request, 400, NULL, portico_translate(request, "That does not fit", NULL),
            portico_translate(request, "Choose what to do with it.", NULL));
    if (reason && strlen(reason) > REASON_MOST)
        return portico_reply_problem(request, 422, NULL,
                                     portico_translate(request, "That does not fit", NULL),
                                     portico_translate(request, "Give a shorter reason.", NULL));
    int code = act_target(request, is_comment, &target, &error);
    if (code == 0)
        code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = acts[at].perform(request->context, &target, reason, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    if (code < 0)
        return act_failed(request, code, &error);
    return portico_reply_redirect(
        request, 303,
        portico_printf(request, "/communities/moderation?did=%s&place=%s&id=%lld", name,
                       is_comment ? "comments" : "posts", (long long)target.id));
}

int moderation_post(struct portico_request *request)
{
    return decide(request, 0);
}

int moderation_comment(struct portico_request *request)
{
    return decide(request, 1);
}

/* ---- the log ---- */

/* A moderator reads of the spaces they see. What a topic came from or went into is named to those
 * who see that as well. One more than a page is read to know whether there are more. */
static int read_log(struct portico_request *request, struct portico_page *ret_page,
                    struct portico_error *error)
{
    struct place place = { INT64_MAX, INT64_MAX };
    struct portico_value *rows = NULL;
    int code = portico_query_param(request, "cursor") ? read_place(request, &place) : PORTICO_OK;
    if (code == 0)
        code = portico_query(
            portico_db(request),
            ACTS_SQL
            "SELECT l.id AS \"id:id\", l.name, l.topic AS \"topic:id\",\n"
            "    l.target AS \"target:id\", l.reason, l.created AS \"created:time\",\n"
            "    CASE WHEN l.name <> 'move' OR EXISTS (\n"
            "        SELECT 1 FROM {visible communities_space} v WHERE v.title = l.before)\n"
            "    THEN l.before END AS before,\n"
            "    CASE WHEN (l.name <> 'move' OR EXISTS (\n"
            "        SELECT 1 FROM {visible communities_space} v WHERE v.title = l.after))\n"
            "    AND (l.name <> 'merge' OR EXISTS (\n"
            "        SELECT 1 FROM {visible communities_topic} v\n"
            "        JOIN {visible communities_space} w ON w.id = v.space\n"
            "        WHERE v.id = t.merged_into))\n"
            "    THEN l.after END AS after, a.name AS author_name\n"
            "FROM communities_action l\n"
            "JOIN communities_topic t ON t.id = l.topic\n" SPACE_JOIN(
                "t") "\n"
                     "LEFT JOIN communities_author a ON a.id = l.author\n"
                     "WHERE (l.created < ? OR (l.created = ? AND l.id < ?))\n"
                     "ORDER BY l.created DESC, l.id DESC\n"
                     "LIMIT ?",
            PORTICO_ARGS(portico_arg_time(place.since), portico_arg_time(place.since),
                         portico_arg_id(place.target), portico_arg_integer(LOG_PAGE + 1)),
            &rows, error);
    if (code < 0)
        return code;
    struct portico_value *page = portico_listing(request);
    size_t count = portico_count(rows);
    for (size_t i = 0; i < count && i < LOG_PAGE; i++)
        portico_append(page, portico_at(rows, i));
    ret_page->rows = page;
    if (count > LOG_PAGE)
        ret_page->next = place_behind(request, portico_at(rows, LOG_PAGE - 1), "created", "id");
    return PORTICO_OK;
}

/* Reasons of the portal's own are source texts; what people wrote stays as it is. */
static const char *reason_of(struct portico_request *request, const struct portico_value *row)
{
    struct portico_value *arguments = portico_object(request);
    const char *reason = portico_get_text(row, "reason", NULL);
    if (!reason || strcmp(portico_get_text(row, "name", ""), "hold") != 0)
        return reason;
    portico_set_text(arguments, "n", portico_get_text(row, "after", ""));
    return portico_translate(request, reason, arguments);
}

static struct portico_value *log_entry(struct portico_request *request,
                                       const struct portico_value *row)
{
    static const char *const same[] = { "id", "name", "topic", "target", "before", "created" };
    struct portico_value *entry = portico_object(request);
    int held = strcmp(portico_get_text(row, "name", ""), "hold") == 0;
    view_copy(entry, row, same, sizeof same / sizeof *same);
    portico_set_text(entry, "after", held ? NULL : portico_get_text(row, "after", NULL));
    portico_set_text(entry, "reason", reason_of(request, row));
    portico_set_text(entry, "author", view_author(request, row));
    return entry;
}

int moderation_log(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    int code = read_log(request, &page, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *view = view_page(request);
    struct portico_value *entries = portico_set_list(view, "entries");
    portico_set_boolean(view, "in_queue", 0);
    portico_set_boolean(view, "in_log", 1);
    for (size_t i = 0; i < portico_count(page.rows); i++) {
        struct portico_value *entry = log_entry(request, portico_at(page.rows, i));
        const char *name = portico_get_text(entry, "name", "");
        portico_set_text(entry, "word", action_word(request->context, name));
        portico_set_boolean(entry, "by_portal", strcmp(name, "hold") == 0);
        portico_append(entries, entry);
    }
    portico_set_boolean(view, "is_empty", portico_count(page.rows) == 0);
    portico_set_text(view, "next", page.next);
    portico_set_text(view, "previous", page.previous);
    portico_set_boolean(view, "is_paged", page.next || page.previous);
    return portico_reply_view(request, "moderation-log", view);
}

int api_moderation_log(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    int code = read_log(request, &page, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *answer = portico_object(request);
    struct portico_value *items = portico_set_list(answer, "items");
    for (size_t i = 0; i < portico_count(page.rows); i++)
        portico_append(items, log_entry(request, portico_at(page.rows, i)));
    portico_set_text(answer, "next", page.next);
    portico_set_text(answer, "previous", page.previous);
    return portico_reply_json(request, answer);
}
