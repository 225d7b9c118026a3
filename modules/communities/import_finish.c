/* The passes after the files: answers without a question go, then every topic gets its counts,
 * state, tags and search entry, then tags and space get theirs. All walk ids, so all can stop and
 * go on. */
#include "import.h"

#include "write.h"

#define ORPHAN_WINDOW 20000
#define TOPIC_BATCH 60
#define TAG_BATCH 100
#define SEARCH_TEXT_MAX (64 * 1024)

static int highest(struct importer *importer, enum import_kind kind, int64_t *ret_source_id)
{
    static const char *const statements[] = {
        [IMPORT_TOPIC] = IMPORT_SQL "SELECT MAX(id) AS id\n"
                                    "FROM communities_topic\n"
                                    "WHERE id >= ? AND id < ?",
        [IMPORT_POST] = IMPORT_SQL "SELECT MAX(id) AS id\n"
                                   "FROM communities_post\n"
                                   "WHERE id >= ? AND id < ?",
    };
    struct portico_value *row = NULL;
    portico_id first = import_id(importer, kind, 0);
    int code = portico_query_one(
        importer->db, statements[kind],
        PORTICO_ARGS(portico_arg_id(first), portico_arg_id(import_id(importer, kind + 1, 0))), &row,
        importer->error);
    if (code == 0)
        *ret_source_id = portico_get_integer(row, "id", first) - first;
    return code;
}

static int remove_orphan(struct importer *importer, const struct portico_value *row)
{
    struct portico_argument id = portico_arg_id(portico_get_integer(row, "id", 0));
    char *source_id = portico_printf(importer->scope, "%lld",
                                     (long long)portico_get_integer(row, "source_id", 0));
    import_skip(importer, IMPORT_SKIP_ORPHAN, "Posts.xml", source_id);
    return portico_execute(importer->db,
                           IMPORT_SQL "DELETE FROM communities_post\n"
                                      "WHERE id = ?",
                           PORTICO_ARGS(id), NULL, importer->error);
}

static int remove_orphans(struct importer *importer, int64_t from, int64_t to)
{
    struct portico_value *rows = NULL;
    int code =
        portico_query(importer->db,
                      IMPORT_SQL "SELECT p.id AS \"id:id\", p.source_id\n"
                                 "FROM communities_post p\n"
                                 "LEFT JOIN communities_topic t ON t.id = p.topic\n"
                                 "WHERE p.id > ? AND p.id <= ? AND p.kind = 2 AND t.id IS NULL\n"
                                 "ORDER BY p.id\n"
                                 "LIMIT ?",
                      PORTICO_ARGS(portico_arg_id(import_id(importer, IMPORT_POST, from)),
                                   portico_arg_id(import_id(importer, IMPORT_POST, to)),
                                   portico_arg_integer(IMPORT_BATCH_ROWS)),
                      &rows, importer->error);
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++)
        code = remove_orphan(importer, portico_at(rows, i));
    return code < 0 ? code : portico_count(rows) == IMPORT_BATCH_ROWS;
}

int import_orphans(struct importer *importer)
{
    for (;;) {
        int64_t last = 0;
        int code = import_begin(importer);
        if (code == 0)
            code = highest(importer, IMPORT_POST, &last);
        if (code < 0 || importer->position >= last)
            return code;
        int64_t to = importer->position + ORPHAN_WINDOW;
        code = remove_orphans(importer, importer->position, to);
        if (code < 0)
            return code;
        /* A full window may hold more: it is walked again before the next. */
        to = code == 1 ? importer->position : to;
        code = import_end(importer, to, import_share(importer, to, last));
        if (code < 0)
            return code;
    }
}

/* A topic of the batch while its posts pass by. */
struct topic {
    const struct portico_value *row;
    portico_id id, accepted;
    int64_t answers, comments;
    int accepted_is_here;
    char *words; /* for search: question, then answers */
    size_t length;
};

static struct topic *find_topic(struct topic *topics, size_t count, portico_id id)
{
    for (size_t i = 0; i < count; i++)
        if (topics[i].id == id)
            return &topics[i];
    return NULL;
}

static void add_words(struct importer *importer, struct topic *topic,
                      const struct portico_value *html)
{
    size_t room = SEARCH_TEXT_MAX - topic->length;
    const char *words = room > 1 ? portico_html_plain(importer->content, html, room - 1) : NULL;
    if (!words)
        return;
    topic->words =
        portico_printf(importer->scope, "%s%s\n", topic->words ? topic->words : "", words);
    topic->length = topic->words ? strlen(topic->words) : SEARCH_TEXT_MAX;
}

static int count_posts(struct importer *importer, struct topic *topics, size_t count)
{
    struct portico_cursor *cursor = NULL;
    int code = portico_cursor_open(
        importer->db,
        IMPORT_SQL "SELECT p.topic AS \"topic:id\", p.id AS \"id:id\", p.kind,\n"
                   "    p.body AS \"body:html\"\n"
                   "FROM communities_post p\n"
                   "WHERE p.topic >= ? AND p.topic <= ? AND p.status = 0\n"
                   "ORDER BY p.topic, p.kind, p.score DESC, p.id",
        PORTICO_ARGS(portico_arg_id(topics[0].id), portico_arg_id(topics[count - 1].id)), &cursor,
        importer->error);
    struct portico_value *row = NULL;
    while (code == 0 && (code = portico_cursor_next(cursor, &row, importer->error)) == 1) {
        struct topic *topic = find_topic(topics, count, portico_get_integer(row, "topic", 0));
        code = 0;
        if (!topic)
            continue;
        int is_answer = portico_get_integer(row, "kind", 0) == 2;
        topic->answers += is_answer;
        if (is_answer && portico_get_integer(row, "id", 0) == topic->accepted)
            topic->accepted_is_here = 1;
        add_words(importer, topic, portico_get(row, "body"));
    }
    portico_cursor_close(cursor);
    return code;
}

static int count_comments(struct importer *importer, struct topic *topics, size_t count)
{
    struct portico_value *rows = NULL;
    int code = portico_query(
        importer->db,
        IMPORT_SQL "SELECT c.topic AS \"topic:id\", COUNT(*) AS number\n"
                   "FROM communities_comment c\n"
                   "JOIN communities_post p ON p.id = c.post\n"
                   "WHERE c.topic >= ? AND c.topic <= ? AND c.status = 0 AND p.status = 0\n"
                   "GROUP BY c.topic",
        PORTICO_ARGS(portico_arg_id(topics[0].id), portico_arg_id(topics[count - 1].id)), &rows,
        importer->error);
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++) {
        struct portico_value *row = portico_at(rows, i);
        struct topic *topic = find_topic(topics, count, portico_get_integer(row, "topic", 0));
        if (topic)
            topic->comments = portico_get_integer(row, "number", 0);
    }
    return code;
}

static int write_tags(struct importer *importer, const struct topic *topic, int64_t state)
{
    int code = portico_execute(importer->db,
                               IMPORT_SQL "DELETE FROM communities_topic_tag\n"
                                          "WHERE topic = ?",
                               PORTICO_ARGS(portico_arg_id(topic->id)), NULL, importer->error);
    char tag[WORDS_TAG_MAX + 1];
    const char *at = portico_get_text(topic->row, "tags", "");
    while (code == 0 && words_next_tag(&at, tag))
        code = portico_execute(
            importer->db,
            "INSERT INTO communities_topic_tag (tag, topic, audience, state, score, created,\n"
            "    last_activity)\n"
            "VALUES (?, ?, ?, ?, ?, ?, ?)\n"
            "ON CONFLICT (tag, topic) DO NOTHING",
            PORTICO_ARGS(portico_arg_text(tag), portico_arg_id(topic->id),
                         portico_arg_id(portico_get_integer(topic->row, "audience", 0)),
                         portico_arg_integer(state),
                         portico_arg_integer(portico_get_integer(topic->row, "score", 0)),
                         portico_arg_time(portico_get_integer(topic->row, "created", 0)),
                         portico_arg_time(portico_get_integer(topic->row, "last_activity", 0))),
            NULL, importer->error);
    return code;
}

static int write_topic(struct importer *importer, const struct topic *topic, int64_t state)
{
    /* An accepted answer that is not in the file, or was left out, accepts nothing. */
    portico_id accepted = topic->accepted_is_here ? topic->accepted : 0;
    int code =
        portico_execute(importer->db,
                        IMPORT_SQL "UPDATE communities_topic\n"
                                   "SET answers = ?, comments = ?, accepted = ?, state = ?\n"
                                   "WHERE id = ?",
                        PORTICO_ARGS(portico_arg_integer(topic->answers),
                                     portico_arg_integer(topic->comments), portico_arg_id(accepted),
                                     portico_arg_integer(state), portico_arg_id(topic->id)),
                        NULL, importer->error);
    if (code < 0 || !accepted)
        return code;
    return portico_execute(importer->db,
                           IMPORT_SQL "UPDATE communities_post\n"
                                      "SET accepted = ?\n"
                                      "WHERE id = ?",
                           PORTICO_ARGS(portico_arg_boolean(1), portico_arg_id(accepted)), NULL,
                           importer->error);
}

static int index_topic(struct importer *importer, const struct topic *topic)
{
    const char *url =
        portico_printf(importer->scope, "/communities/topics/%lld/%s", (long long)topic->id,
                       portico_get_text(topic->row, "slug", ""));
    struct portico_document document = {
        .size = sizeof document,
        .kind = "topic",
        .id = topic->id,
        .audience = portico_get_integer(topic->row, "audience", 0),
        .time = portico_get_integer(topic->row, "last_activity", 0),
        .title = portico_get_text(topic->row, "title", ""),
        .body = topic->words ? topic->words : "",
        .url = url ? url : "",
    };
    return portico_search_index(importer->search, &document, importer->error);
}

static int finish_topics(struct importer *importer, struct topic *topics, size_t count)
{
    int code = count_posts(importer, topics, count);
    if (code == 0)
        code = count_comments(importer, topics, count);
    for (size_t i = 0; code == 0 && i < count; i++) {
        int64_t state = topics[i].accepted_is_here ? 2 : topics[i].answers > 0;
        code = write_topic(importer, &topics[i], state);
        if (code == 0)
            code = write_tags(importer, &topics[i], state);
        if (code == 0)
            code = index_topic(importer, &topics[i]);
    }
    return code;
}

int import_topics(struct importer *importer)
{
    size_t count = TOPIC_BATCH;
    int64_t last = 0;
    while (count == TOPIC_BATCH) {
        struct topic topics[TOPIC_BATCH] = { 0 };
        struct portico_value *rows = NULL;
        int code = import_begin(importer);
        if (code == 0 && !last)
            code = highest(importer, IMPORT_TOPIC, &last);
        if (code == 0)
            code = portico_query(
                importer->db,
                IMPORT_SQL
                "SELECT id AS \"id:id\", audience AS \"audience:id\", title, slug, tags, score,\n"
                "    accepted AS \"accepted:id\", created AS \"created:time\",\n"
                "    last_activity AS \"last_activity:time\"\n"
                "FROM communities_topic\n"
                "WHERE id > ? AND id < ?\n"
                "ORDER BY id\n"
                "LIMIT ?",
                PORTICO_ARGS(portico_arg_id(import_id(importer, IMPORT_TOPIC, importer->position)),
                             portico_arg_id(import_id(importer, IMPORT_POST, 0)),
                             portico_arg_integer(TOPIC_BATCH)),
                &rows, importer->error);
        if (code < 0)
            return code;
        count = portico_count(rows);
        int64_t position = importer->position;
        for (size_t i = 0; i < count; i++) {
            topics[i].row = portico_at(rows, i);
            topics[i].id = portico_get_integer(topics[i].row, "id", 0);
            topics[i].accepted = portico_get_integer(topics[i].row, "accepted", 0);
            position = topics[i].id - import_id(importer, IMPORT_TOPIC, 0);
        }
        if (count)
            code = finish_topics(importer, topics, count);
        if (code == 0)
            code = import_end(importer, position, import_share(importer, position, last));
        if (code < 0)
            return code;
    }
    return PORTICO_OK;
}

static int write_tag_counts(struct importer *importer, const struct portico_value *rows)
{
    int code = PORTICO_OK;
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++) {
        struct portico_value *row = portico_at(rows, i);
        code = tag_recount(importer->scope, portico_get_text(row, "tag", ""),
                           portico_get_integer(row, "audience", 0),
                           portico_get_integer(row, "number", 0), importer->error);
    }
    return code;
}

/* A tag's position is its rank in the order of names: few enough to start over after a stop. Each
 * is counted once for each audience of its topics. */
int import_tags(struct importer *importer)
{
    char last[WORDS_TAG_MAX + 1] = "";
    portico_id behind = 0;
    size_t count = TAG_BATCH;
    while (count == TAG_BATCH) {
        struct portico_value *rows = NULL;
        int code = import_begin(importer);
        if (code == 0)
            code = portico_query(
                importer->db,
                IMPORT_SQL "SELECT tag, audience AS \"audience:id\", COUNT(*) AS number\n"
                           "FROM communities_topic_tag\n"
                           "WHERE (tag > ? OR (tag = ? AND audience > ?))\n"
                           "    AND audience <> ?\n"
                           "GROUP BY tag, audience\n"
                           "ORDER BY tag, audience\n"
                           "LIMIT ?",
                PORTICO_ARGS(portico_arg_text(last), portico_arg_text(last),
                             portico_arg_integer(behind), portico_arg_id(PORTICO_AUDIENCE_NOBODY),
                             portico_arg_integer(TAG_BATCH)),
                &rows, importer->error);
        if (code == 0)
            code = write_tag_counts(importer, rows);
        if (code < 0)
            return code;
        count = portico_count(rows);
        const struct portico_value *end = count ? portico_at(rows, count - 1) : NULL;
        const char *tag = portico_get_text(end, "tag", "");
        behind = portico_get_integer(end, "audience", 0);
        memcpy(last, tag, strlen(tag) + 1);
        code = import_end(importer, importer->position + (int64_t)count, 0);
        if (code < 0)
            return code;
    }
    return PORTICO_OK;
}

/* As whoever writes there counts: what is shown to more than one person. */
#define COUNTED "WHERE space = ? AND status = 0 AND NOT asked_alone"

int import_space(struct importer *importer)
{
    struct portico_argument space = portico_arg_id(importer->space);
    int code = import_begin(importer);
    if (code == 0)
        code = portico_execute(
            importer->db,
            IMPORT_SQL
            "UPDATE communities_space\n"
            "SET topics = (SELECT COUNT(*) FROM communities_topic " COUNTED "),\n"
            "    answers = (SELECT COALESCE(SUM(answers), 0) FROM communities_topic " COUNTED "),\n"
            "    solved = (SELECT COUNT(*) FROM communities_topic " COUNTED " AND state = 2),\n"
            "    last_activity = (SELECT COALESCE(MAX(last_activity), communities_space.created)\n"
            "                     FROM communities_topic " COUNTED ")\n"
            "WHERE id = ?",
            PORTICO_ARGS(space, space, space, space, space), NULL, importer->error);
    return code < 0 ? code : import_end(importer, 1, 0);
}
