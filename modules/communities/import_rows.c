/* One row of a source to rows of ours. Written again, a row replaces itself. */
#include "import.h"

#include <stdio.h>

/* Stack Exchange's licence changed twice; newer dumps say it in each row. */
static const char *licence_of(const char **attributes, portico_time created)
{
    static const struct {
        portico_time until;
        const char *licence;
    } versions[] = {
        { INT64_C(1302220800000000), "CC BY-SA 2.5" }, /* 2011-04-08 */
        { INT64_C(1525219200000000), "CC BY-SA 3.0" }, /* 2018-05-02 */
        { INT64_MAX, "CC BY-SA 4.0" },
    };
    const char *given = import_attribute(attributes, "ContentLicense");
    if (given && *given)
        return given;
    size_t i = 0;
    while (created >= versions[i].until)
        i++;
    return versions[i].licence;
}

static int64_t integer_attribute(const char **attributes, const char *name, int64_t otherwise)
{
    int64_t value = otherwise;
    words_integer(import_attribute(attributes, name), &value);
    return value;
}

/* A positive id that fits beside number and kind; 0 if there is none. */
static int64_t id_attribute(const char **attributes, const char *name)
{
    int64_t id = integer_attribute(attributes, name, 0);
    return id > 0 && id < (int64_t)1 << IMPORT_SOURCE_BITS ? id : 0;
}

int import_write_author(struct importer *importer, int64_t source_id, const char *name,
                        const char *company, const char *url, int replace)
{
    const char *sql = replace ? "INSERT INTO communities_author (id, name, company, url, import,\n"
                                "    source_id)\n"
                                "VALUES (?, ?, ?, ?, ?, ?)\n"
                                "ON CONFLICT (id) DO UPDATE\n"
                                "SET name = excluded.name, company = excluded.company,\n"
                                "    url = excluded.url"
                              : "INSERT INTO communities_author (id, name, company, url, import,\n"
                                "    source_id)\n"
                                "VALUES (?, ?, ?, ?, ?, ?)\n"
                                "ON CONFLICT (id) DO NOTHING";
    return portico_execute(
        importer->db, sql,
        PORTICO_ARGS(portico_arg_id(import_id(importer, IMPORT_AUTHOR, source_id)),
                     portico_arg_text(name), portico_arg_text(company), portico_arg_text(url),
                     portico_arg_integer(importer->number), portico_arg_integer(source_id)),
        NULL, importer->error);
}

int import_user(struct importer *importer, const char **attributes)
{
    const char *id = import_attribute(attributes, "Id");
    int64_t source_id = id_attribute(attributes, "Id");
    const char *name = import_attribute(attributes, "DisplayName");
    /* -1 is the dump's own "Community" robot. */
    if (!source_id) {
        import_skip(importer, IMPORT_SKIP_ID, "Users.xml", id);
        return PORTICO_OK;
    }
    if (!name || !*name) {
        import_skip(importer, IMPORT_SKIP_NAME, "Users.xml", id);
        return PORTICO_OK;
    }
    char url[sizeof importer->site + 40];
    snprintf(url, sizeof url, "%s/users/%lld", importer->site, (long long)source_id);
    return import_write_author(importer, source_id, name, NULL, *importer->site ? url : NULL, 1);
}

int import_tag(struct importer *importer, const char **attributes)
{
    char tag[WORDS_TAGS_MAX + 1];
    const char *name = import_attribute(attributes, "TagName");
    words_tags(name ? name : "", tag);
    if (!*tag || strchr(tag, ' ')) {
        import_skip(importer, IMPORT_SKIP_TAG, "Tags.xml", import_attribute(attributes, "Id"));
        return PORTICO_OK;
    }
    return portico_execute(
        importer->db,
        IMPORT_SQL "INSERT INTO communities_tag (name, audience, topics, import, excerpt_source)\n"
                   "VALUES (?, ?, 0, ?, ?)\n"
                   "ON CONFLICT (name) DO UPDATE\n"
                   "SET import = excluded.import, excerpt_source = excluded.excerpt_source",
        PORTICO_ARGS(portico_arg_text(tag), portico_arg_id(PORTICO_AUDIENCE_NOBODY),
                     portico_arg_integer(importer->number),
                     portico_arg_integer(integer_attribute(attributes, "ExcerptPostId", 0))),
        NULL, importer->error);
}

/* The author's id and, in a dump without Users.xml, a row that stands for them. */
static int refer_author(struct importer *importer, const struct import_record *record,
                        struct portico_argument *ret_author)
{
    *ret_author = portico_arg_id(record->author);
    if (record->author || record->owner <= 0)
        return PORTICO_OK;
    *ret_author = portico_arg_id(import_id(importer, IMPORT_AUTHOR, record->owner));
    if (importer->knows_people)
        return PORTICO_OK;
    char url[sizeof importer->site + 40];
    snprintf(url, sizeof url, "%s/users/%lld", importer->site, (long long)record->owner);
    return import_write_author(importer, record->owner,
                               record->owner_name ? record->owner_name : "", NULL,
                               *importer->site ? url : NULL, 0);
}

/* What people decided here stays: 1 if one of them did so with the topic. */
#define DECIDED_HERE(topic, names)                                                                 \
    "EXISTS (SELECT 1 FROM communities_action d WHERE d.topic = " topic " AND d.name IN (" names   \
    "))"

/* Whom what comes in is for; the parameters are whom it is for where each person sees their own,
 * though nobody of the portal asked it, and whom it was asked for. */
#define IMPORT_REACH                                                                               \
    "CASE WHEN NOT s.own_topics THEN s.audience WHEN s.own_people THEN ? ELSE ? END"

/* What people voted here counts beside what the source says. */
#define VOTED_HERE(target)                                                                         \
    "COALESCE((SELECT SUM(b.value) FROM communities_ballot b WHERE b.target = " target "), 0)"

/* A text that is written again has the history that its source gives it. */
static int forget_history(struct importer *importer, const struct import_record *record,
                          portico_id id)
{
    return importer->round == 1 || !record->source
               ? PORTICO_OK
               : portico_execute(importer->db,
                                 "DELETE FROM communities_revision\n"
                                 "WHERE post = ?",
                                 PORTICO_ARGS(portico_arg_id(id)), NULL, importer->error);
}

static int write_post(struct importer *importer, const struct import_record *record, int kind,
                      portico_id topic, struct portico_argument author, const char *source_url)
{
    const char *body = portico_html_seal(importer->content, record->html);
    if (!body)
        return import_fail(importer, PORTICO_ENOMEM, "Memory ended.");
    int code =
        forget_history(importer, record, import_id(importer, IMPORT_POST, record->source_id));
    return code < 0
               ? code
               : portico_execute(
                     importer->db,
                     IMPORT_SQL
                     "INSERT INTO communities_post (id, audience, topic, kind, author, "
                     "author_name,\n"
                     "    accepted, score, created, edited, licence, import, source_id, "
                     "source_url,\n"
                     "    source, body)\n"
                     "VALUES (?, COALESCE((SELECT t.audience FROM communities_topic t WHERE t.id = "
                     "?),\n"
                     "        (SELECT " IMPORT_REACH "\n"
                     "         FROM communities_space s WHERE s.id = ?)),\n"
                     "    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)\n"
                     "ON CONFLICT (id) DO UPDATE\n"
                     "SET topic = excluded.topic, kind = excluded.kind, author = excluded.author,\n"
                     "    author_name = excluded.author_name, accepted = excluded.accepted,\n"
                     "    score = excluded.score + " VOTED_HERE(
                         "communities_post.id") ",\n"
                                                "    created = excluded.created,\n"
                                                "    edited = excluded.edited, licence = "
                                                "excluded.licence,\n"
                                                "    source_url = excluded.source_url, source = "
                                                "excluded.source,\n"
                                                "    body = excluded.body, revisions = 0",
                     PORTICO_ARGS(
                         portico_arg_id(import_id(importer, IMPORT_POST, record->source_id)),
                         portico_arg_id(topic), portico_arg_id(PORTICO_AUDIENCE_STAFF),
                         portico_arg_id(PORTICO_AUDIENCE_STAFF), portico_arg_id(importer->space),
                         portico_arg_id(topic), portico_arg_integer(kind), author,
                         portico_arg_text(record->owner_name), portico_arg_boolean(0),
                         portico_arg_integer(record->score), portico_arg_time(record->created),
                         record->edited ? portico_arg_time(record->edited) : portico_arg_id(0),
                         portico_arg_text(record->licence), portico_arg_integer(importer->number),
                         portico_arg_integer(record->source_id), portico_arg_text(source_url),
                         portico_arg_text(record->source), portico_arg_text(body)),
                     NULL, importer->error);
}

int import_write_question(struct importer *importer, const struct import_record *record)
{
    char slug[WORDS_SLUG_MAX + 1], tags[WORDS_TAGS_MAX + 1];
    char url[sizeof importer->site + 40];
    words_slug(record->title, slug);
    words_tags(record->tags ? record->tags : "", tags);
    snprintf(url, sizeof url, "%s/q/%lld", importer->site, (long long)record->source_id);
    const char *source_url = *importer->site ? url : NULL;
    portico_id topic = import_id(importer, IMPORT_TOPIC, record->source_id);
    portico_id accepted = record->accepted ? import_id(importer, IMPORT_POST, record->accepted) : 0;
    struct portico_argument author,
        own = portico_arg_id(record->own ? record->own : PORTICO_AUDIENCE_STAFF),
        alone = portico_arg_id(record->alone ? record->alone : PORTICO_AUDIENCE_STAFF);
    int code = refer_author(importer, record, &author);
    if (code < 0)
        return code;
    const char *excerpt = portico_html_plain(importer->content, record->html, 240);
    code = portico_execute(
        importer->db,
        IMPORT_SQL
        "INSERT INTO communities_topic (id, audience, space, author, author_name, title,\n"
        "    slug, excerpt, tags, state, closed, score, views, answers, comments,\n"
        "    accepted, created, last_activity, import, source_id, source_url, account, own,\n"
        "    own_person)\n"
        "VALUES (?, (SELECT " IMPORT_REACH "\n"
        "            FROM communities_space s WHERE s.id = ?),\n"
        "    ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?,\n"
        "    (SELECT CASE WHEN s.own_people THEN ? ELSE CAST(3 AS BIGINT) END\n"
        "     FROM communities_space s WHERE s.id = ?))\n"
        "ON CONFLICT (id) DO UPDATE\n"
        "SET author = excluded.author, author_name = excluded.author_name,\n"
        "    title = excluded.title, slug = excluded.slug,\n"
        "    excerpt = excluded.excerpt, tags = excluded.tags,\n"
        "    closed = CASE WHEN " DECIDED_HERE(
            "communities_topic.id",
            "'close', 'reopen'") "\n"
                                 "        THEN communities_topic.closed ELSE excluded.closed END,\n"
                                 "    accepted = CASE WHEN " DECIDED_HERE(
                                     "communities_topic.id",
                                     "'accept', 'unaccept'") "\n"
                                                             "        THEN "
                                                             "communities_topic.accepted ELSE "
                                                             "excluded.accepted END,\n"
                                                             "    last_activity = CASE WHEN "
                                                             "communities_topic.last_activity > "
                                                             "excluded.last_activity\n"
                                                             "        THEN "
                                                             "communities_topic.last_activity ELSE "
                                                             "excluded.last_activity END,\n"
                                                             "    score = excluded.score "
                                                             "+ " VOTED_HERE(
                                                                 "?") ",\n"
                                                                      "    views = excluded.views, "
                                                                      "created = excluded.created, "
                                                                      "source_url = "
                                                                      "excluded.source_url",
        PORTICO_ARGS(portico_arg_id(topic), alone, own, portico_arg_id(importer->space),
                     portico_arg_id(importer->space), author, portico_arg_text(record->owner_name),
                     portico_arg_text(record->title), portico_arg_text(slug),
                     portico_arg_text(excerpt ? excerpt : ""), portico_arg_text(tags),
                     portico_arg_boolean(record->closed), portico_arg_integer(record->score),
                     portico_arg_integer(record->views), portico_arg_id(accepted),
                     portico_arg_time(record->created), portico_arg_time(record->active),
                     portico_arg_integer(importer->number), portico_arg_integer(record->source_id),
                     portico_arg_text(source_url), portico_arg_id(record->account), own, alone,
                     portico_arg_id(importer->space),
                     portico_arg_id(import_id(importer, IMPORT_POST, record->source_id))),
        NULL, importer->error);
    return code < 0 ? code : write_post(importer, record, 1, topic, author, source_url);
}

int import_write_answer(struct importer *importer, const struct import_record *record)
{
    char url[sizeof importer->site + 40];
    snprintf(url, sizeof url, "%s/a/%lld", importer->site, (long long)record->source_id);
    struct portico_argument author;
    int code = refer_author(importer, record, &author);
    if (code < 0)
        return code;
    return write_post(importer, record, 2, import_id(importer, IMPORT_TOPIC, record->parent),
                      author, *importer->site ? url : NULL);
}

int import_write_comment(struct importer *importer, const struct import_record *record,
                         int64_t *ret_changed)
{
    struct portico_value *post = NULL;
    portico_id post_id = import_id(importer, IMPORT_POST, record->parent);
    *ret_changed = 0;
    int code =
        portico_query_one(importer->db,
                          IMPORT_SQL "SELECT topic AS \"topic:id\", audience AS \"audience:id\"\n"
                                     "FROM communities_post\n"
                                     "WHERE id = ?",
                          PORTICO_ARGS(portico_arg_id(post_id)), &post, importer->error);
    if (code < 0)
        return code == PORTICO_ENOENT ? PORTICO_OK : code;
    struct portico_argument author;
    code = refer_author(importer, record, &author);
    const char *body = portico_html_seal(importer->content, record->html);
    if (code < 0 || !body)
        return code < 0 ? code : import_fail(importer, PORTICO_ENOMEM, "Memory ended.");
    *ret_changed = 1;
    code = forget_history(importer, record, import_id(importer, IMPORT_COMMENT, record->source_id));
    return code < 0
               ? code
               : portico_execute(
                     importer->db,
                     IMPORT_SQL
                     "INSERT INTO communities_comment (id, audience, topic, post, author, "
                     "author_name,\n"
                     "    score, created, licence, import, source_id, source, body)\n"
                     "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)\n"
                     "ON CONFLICT (id) DO UPDATE\n"
                     "SET topic = excluded.topic, post = excluded.post, author = excluded.author,\n"
                     "    author_name = excluded.author_name,\n"
                     "    score = excluded.score + " VOTED_HERE(
                         "communities_comment.id") ",\n"
                                                   "    created = excluded.created, licence = "
                                                   "excluded.licence,\n"
                                                   "    source = excluded.source, body = "
                                                   "excluded.body,\n"
                                                   "    edited = NULL, revisions = 0",
                     PORTICO_ARGS(
                         portico_arg_id(import_id(importer, IMPORT_COMMENT, record->source_id)),
                         portico_arg_id(portico_get_integer(post, "audience", 0)),
                         portico_arg_id(portico_get_integer(post, "topic", 0)),
                         portico_arg_id(post_id), author, portico_arg_text(record->owner_name),
                         portico_arg_integer(record->score), portico_arg_time(record->created),
                         portico_arg_text(record->licence), portico_arg_integer(importer->number),
                         portico_arg_integer(record->source_id), portico_arg_text(record->source),
                         portico_arg_text(body)),
                     NULL, importer->error);
}

/* What every kind of post and comment has; 1 if the row is left out. */
static int read_common(struct importer *importer, const char **attributes, const char *file,
                       struct import_record *record)
{
    const char *id = import_attribute(attributes, "Id");
    record->source_id = id_attribute(attributes, "Id");
    enum import_skip reason = IMPORT_SKIP_COUNT;
    if (!record->source_id)
        reason = IMPORT_SKIP_ID;
    else if (import_attribute(attributes, "DeletionDate"))
        reason = IMPORT_SKIP_DELETED;
    else if (words_time(import_attribute(attributes, "CreationDate"), &record->created) < 0)
        reason = IMPORT_SKIP_DATE;
    if (reason != IMPORT_SKIP_COUNT) {
        import_skip(importer, reason, file, id);
        return 1;
    }
    record->score = integer_attribute(attributes, "Score", 0);
    record->licence = licence_of(attributes, record->created);
    return 0;
}

/* A tag's short description is a post of type 4 that Tags.xml points to. */
static int describe_tag(struct importer *importer, const char **attributes)
{
    const char *body = import_attribute(attributes, "Body");
    const char *id = import_attribute(attributes, "Id");
    const struct portico_value *html =
        body ? portico_html_sanitize(importer->content, body, strlen(body), NULL) : NULL;
    const char *words = html ? portico_html_plain(importer->content, html, 400) : NULL;
    int64_t changed = 0;
    int code = portico_execute(
        importer->db,
        IMPORT_SQL "UPDATE communities_tag\n"
                   "SET description = CASE WHEN described THEN description ELSE ? END\n"
                   "WHERE import = ? AND excerpt_source = ?",
        PORTICO_ARGS(portico_arg_text(words), portico_arg_integer(importer->number),
                     portico_arg_integer(integer_attribute(attributes, "Id", 0))),
        &changed, importer->error);
    if (code == 0 && changed == 0)
        import_skip(importer, IMPORT_SKIP_WIKI, "Posts.xml", id);
    return code;
}

int import_post(struct importer *importer, const char **attributes)
{
    const char *id = import_attribute(attributes, "Id");
    const char *body = import_attribute(attributes, "Body");
    int64_t type = integer_attribute(attributes, "PostTypeId", 0);
    struct import_record record = {
        .owner = id_attribute(attributes, "OwnerUserId"),
        .owner_name = import_attribute(attributes, "OwnerDisplayName"),
        .title = import_attribute(attributes, "Title"),
        .tags = import_attribute(attributes, "Tags"),
        .parent = id_attribute(attributes, "ParentId"),
        .accepted = id_attribute(attributes, "AcceptedAnswerId"),
        .views = integer_attribute(attributes, "ViewCount", 0),
        .closed = import_attribute(attributes, "ClosedDate") != NULL,
    };
    if (read_common(importer, attributes, "Posts.xml", &record))
        return PORTICO_OK;
    if (type == 4)
        return describe_tag(importer, attributes);
    enum import_skip reason = IMPORT_SKIP_COUNT;
    if (type == 5)
        reason = IMPORT_SKIP_WIKI;
    else if (type != 1 && type != 2)
        reason = IMPORT_SKIP_TYPE;
    else if (!body || !body[strspn(body, " \t\n")])
        reason = IMPORT_SKIP_BODY;
    else if (type == 1 && (!record.title || !record.title[strspn(record.title, " \t\n")]))
        reason = IMPORT_SKIP_TITLE;
    else if (type == 2 && !record.parent)
        reason = IMPORT_SKIP_PARENT;
    if (reason == IMPORT_SKIP_COUNT) {
        record.html = portico_html_sanitize(importer->content, body, strlen(body), NULL);
        if (!record.html)
            reason = IMPORT_SKIP_UNSAFE;
    }
    if (reason != IMPORT_SKIP_COUNT) {
        import_skip(importer, reason, "Posts.xml", id);
        return PORTICO_OK;
    }
    record.active = record.created;
    words_time(import_attribute(attributes, "LastActivityDate"), &record.active);
    words_time(import_attribute(attributes, "LastEditDate"), &record.edited);
    return type == 1 ? import_write_question(importer, &record)
                     : import_write_answer(importer, &record);
}

int import_comment(struct importer *importer, const char **attributes)
{
    const char *text = import_attribute(attributes, "Text");
    struct import_record record = {
        .owner = id_attribute(attributes, "UserId"),
        .owner_name = import_attribute(attributes, "UserDisplayName"),
        .parent = id_attribute(attributes, "PostId"),
    };
    if (read_common(importer, attributes, "Comments.xml", &record))
        return PORTICO_OK;
    /* Comments are plain text with a little Markdown, unlike posts. */
    record.html =
        text && *text ? portico_markdown(importer->content, text, strlen(text), NULL) : NULL;
    if (!record.html) {
        import_skip(importer, text && *text ? IMPORT_SKIP_UNSAFE : IMPORT_SKIP_BODY, "Comments.xml",
                    import_attribute(attributes, "Id"));
        return PORTICO_OK;
    }
    int64_t changed = 0;
    int code = import_write_comment(importer, &record, &changed);
    if (code == 0 && !changed)
        import_skip(importer, IMPORT_SKIP_COMMENT, "Comments.xml",
                    import_attribute(attributes, "Id"));
    return code;
}

int import_vote(struct importer *importer, const char **attributes)
{
    int64_t type = integer_attribute(attributes, "VoteTypeId", 0);
    int64_t post = id_attribute(attributes, "PostId");
    if (type != 2 && type != 3) {
        import_skip(importer, IMPORT_SKIP_VOTE_TYPE, "Votes.xml",
                    import_attribute(attributes, "Id"));
        return PORTICO_OK;
    }
    struct portico_argument id = portico_arg_id(import_id(importer, IMPORT_POST, post));
    struct portico_value *row = NULL;
    int code = portico_query_one(importer->db,
                                 IMPORT_SQL "SELECT id AS \"id:id\"\n"
                                            "FROM communities_post\n"
                                            "WHERE id = ?",
                                 PORTICO_ARGS(id), &row, importer->error);
    if (code == PORTICO_ENOENT) {
        import_skip(importer, IMPORT_SKIP_VOTE, "Votes.xml", import_attribute(attributes, "Id"));
        return PORTICO_OK;
    }
    if (code < 0)
        return code;
    return portico_execute(
        importer->db,
        "INSERT INTO communities_vote (post, up, down, round)\n"
        "VALUES (?, ?, ?, ?)\n"
        "ON CONFLICT (post) DO UPDATE\n"
        "SET up = excluded.up + CASE WHEN communities_vote.round = excluded.round\n"
        "        THEN communities_vote.up ELSE (SELECT COUNT(*) FROM communities_ballot b\n"
        "            WHERE b.target = communities_vote.post AND b.value > 0) END,\n"
        "    down = excluded.down + CASE WHEN communities_vote.round = excluded.round\n"
        "        THEN communities_vote.down ELSE (SELECT COUNT(*) FROM communities_ballot b\n"
        "            WHERE b.target = communities_vote.post AND b.value < 0) END,\n"
        "    round = excluded.round",
        PORTICO_ARGS(id, portico_arg_integer(type == 2), portico_arg_integer(type == 3),
                     portico_arg_integer(importer->round)),
        NULL, importer->error);
}
