/* What was written says something else from now on; what it said before stays in the history. */
#include "write.h"

#include "tell.h"

/* A post as it stands, with its topic's title and tags. */
static int read_post(struct portico_context *context, portico_id post,
                     struct portico_value **ret_row, struct portico_error *error)
{
    return portico_query_one(
        portico_db(context),
        WRITE_SQL
        "SELECT p.topic AS \"topic:id\", p.kind, p.author AS \"author:id\", p.revisions,\n"
        "    p.source, p.created AS \"created:time\", p.status,\n"
        "    p.audience AS \"audience:id\", t.title, t.tags, t.slug\n"
        "FROM communities_post p\n"
        "JOIN communities_topic t ON t.id = p.topic\n"
        "WHERE p.id = ?",
        PORTICO_ARGS(portico_arg_id(post)), ret_row, error);
}

static int insert_revision(struct portico_context *context, const struct revision *revision,
                           struct portico_error *error)
{
    return portico_execute(
        portico_db(context),
        "INSERT INTO communities_revision (id, post, number, author, title, tags, source, note,\n"
        "    created)\n"
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(portico_new_id(context)), portico_arg_id(revision->of),
                     portico_arg_integer(revision->number), portico_arg_id(revision->author),
                     portico_arg_text(revision->title), portico_arg_text(revision->tags),
                     portico_arg_text(revision->source), portico_arg_text(revision->note),
                     portico_arg_time(revision->created)),
        NULL, error);
}

int write_revisions(struct portico_context *context, const struct revision *first,
                    const struct revision *next, struct portico_error *error)
{
    int code = next->number > 1 ? PORTICO_OK : insert_revision(context, first, error);
    return code < 0 ? code : insert_revision(context, next, error);
}

static int keep_revisions(struct portico_context *context, const struct post_edit *edit,
                          const struct portico_value *row, portico_id editor,
                          struct portico_error *error)
{
    int is_question = portico_get_integer(row, "kind", 0) == POST_QUESTION;
    const char *title = portico_get_text(row, "title", "");
    const char *tags = portico_get_text(row, "tags", "");
    struct revision first = {
        .of = edit->post,
        .author = portico_get_integer(row, "author", 0),
        .title = is_question ? title : NULL,
        .tags = is_question ? tags : NULL,
        .source = portico_get_text(row, "source", ""),
        .created = portico_get_integer(row, "created", 0),
    };
    struct revision next = {
        .of = edit->post,
        .author = editor,
        .number = portico_get_integer(row, "revisions", 0) + 1,
        .title = is_question ? edit->title ? edit->title : title : NULL,
        .tags = is_question ? edit->tags ? edit->tags : tags : NULL,
        .source = edit->source,
        .note = edit->note && *edit->note ? edit->note : NULL,
        .created = portico_now(context),
    };
    return write_revisions(context, &first, &next, error);
}

static int update_post(struct portico_context *context, const struct post_edit *edit,
                       const struct text *text, struct portico_error *error)
{
    return portico_execute(
        portico_db(context),
        WRITE_SQL "UPDATE communities_post\n"
                  "SET body = ?, source = ?, edited = ?, revisions = revisions + 1\n"
                  "WHERE id = ?",
        PORTICO_ARGS(portico_arg_text(text->body), portico_arg_text(edit->source),
                     portico_arg_time(portico_now(context)), portico_arg_id(edit->post)),
        NULL, error);
}

static int update_topic(struct portico_context *context, const struct post_edit *edit,
                        const struct portico_value *row, const struct text *text,
                        struct portico_error *error)
{
    char slug[WORDS_SLUG_MAX + 1], tags[WORDS_TAGS_MAX + 1];
    const char *title = edit->title ? edit->title : portico_get_text(row, "title", "");
    words_slug(title, slug);
    words_tags(edit->tags ? edit->tags : portico_get_text(row, "tags", ""), tags);
    return portico_execute(portico_db(context),
                           WRITE_SQL "UPDATE communities_topic\n"
                                     "SET title = ?, slug = ?, tags = ?, excerpt = ?\n"
                                     "WHERE id = ?",
                           PORTICO_ARGS(portico_arg_text(title), portico_arg_text(slug),
                                        portico_arg_text(tags), portico_arg_text(text->excerpt),
                                        portico_arg_id(portico_get_integer(row, "topic", 0))),
                           NULL, error);
}

/* Leaves only people who were not named before. */
static int leave_new(struct portico_context *context, const char *before, struct text *text,
                     struct portico_error *error)
{
    struct text earlier;
    size_t kept = 0;
    if (!text->mentioned_count || !before || !*before)
        return PORTICO_OK;
    int code = text_render(context, before, &earlier, error);
    for (size_t i = 0; code == 0 && i < text->mentioned_count; i++) {
        size_t at = 0;
        while (at < earlier.mentioned_count && earlier.mentioned[at] != text->mentioned[i])
            at++;
        if (at == earlier.mentioned_count)
            text->mentioned[kept++] = text->mentioned[i];
    }
    text->mentioned_count = kept;
    return code;
}

static int keep_files(struct portico_context *context, const char *source, const char *subject,
                      portico_id audience, struct portico_error *error)
{
    int code = portico_file_assign_text(portico_files(context), source, subject,
                                        write_files_audience(audience), error);
    return code < 0 ? code : PORTICO_OK;
}

static int hold_post(struct portico_context *context, const struct portico_value *row,
                     portico_id post, struct portico_error *error)
{
    int code = portico_execute(portico_db(context),
                               WRITE_SQL "UPDATE communities_post\nSET status = 1\nWHERE id = ?",
                               PORTICO_ARGS(portico_arg_id(post)), NULL, error);
    if (code == 0 && portico_get_integer(row, "kind", 0) == POST_QUESTION)
        code = portico_execute(
            portico_db(context), WRITE_SQL "UPDATE communities_topic\nSET status = 1\nWHERE id = ?",
            PORTICO_ARGS(portico_arg_id(portico_get_integer(row, "topic", 0))), NULL, error);
    return code;
}

/* `change` is that of its topic, which is locked. */
static int hold_comment(struct portico_context *context, struct topic_change *change,
                        portico_id comment, struct portico_error *error)
{
    int code = portico_execute(portico_db(context),
                               WRITE_SQL "UPDATE communities_comment\nSET status = 1\nWHERE id = ?",
                               PORTICO_ARGS(portico_arg_id(comment)), NULL, error);
    change->same_words = 1;
    return code < 0 ? code : topic_change_end(context, change, error);
}

static int tell(struct portico_context *context, const struct told *told, int held,
                struct portico_error *error)
{
    if (held)
        return tell_held(context, told, error);
    int code = tell_edited(context, told, error);
    if (code == 0 && told->mentioned_count)
        code = tell_mentioned(context, told, error);
    return code;
}

static int refuse_stale(struct portico_context *context, struct portico_error *error)
{
    return write_fail(error, PORTICO_ECONFLICT,
                      portico_translate(context,
                                        "Somebody changed this while you were writing. Compare it "
                                        "with yours; saving once more replaces theirs.",
                                        NULL));
}

int post_edit(struct portico_context *context, const struct post_edit *edit,
              struct portico_error *error)
{
    struct portico_value *row = NULL;
    struct topic_change change = { 0 };
    struct text text;
    struct told told = { .post = edit->post };
    int code = text_render(context, edit->source, &text, error);
    if (code == 0)
        code = author_mine(context, &told.author, error);
    if (code == 0)
        code = read_post(context, edit->post, &row, error);
    if (code == 0)
        code = topic_change_begin(context, portico_get_integer(row, "topic", 0), &change, error);
    /* Again once it is locked: edits of one post wait for each other here. */
    if (code == 0)
        code = read_post(context, edit->post, &row, error);
    if (code == 0 && portico_get_integer(row, "revisions", 0) != edit->revision)
        code = refuse_stale(context, error);
    if (code == 0)
        code = leave_new(context, portico_get_text(row, "source", NULL), &text, error);
    if (code == 0)
        code = keep_revisions(context, edit, row, told.author, error);
    if (code == 0)
        code = update_post(context, edit, &text, error);
    if (code == 0 && portico_get_integer(row, "kind", 0) == POST_QUESTION)
        code = update_topic(context, edit, row, &text, error);
    int held = edit->status == STATUS_HELD && code == 0 &&
               portico_get_integer(row, "status", 0) == STATUS_SHOWN;
    if (held)
        code = hold_post(context, row, edit->post, error);
    change.touched = !held && portico_get_integer(row, "status", 0) == STATUS_SHOWN;
    told.audience = portico_get_integer(row, "audience", 0);
    if (code == 0)
        code = keep_files(context, edit->source,
                          portico_printf(context, "post/%lld", (long long)edit->post),
                          told.audience, error);
    if (code == 0)
        code = topic_change_end(context, &change, error);
    if (code == 0)
        code = read_post(context, edit->post, &row, error);
    if (code < 0 || told.audience == PORTICO_AUDIENCE_NOBODY)
        return code;
    told.topic = change.id;
    told.title = portico_get_text(row, "title", "");
    told.slug = portico_get_text(row, "slug", "");
    told.text = text.plain;
    told.mentioned = text.mentioned;
    told.mentioned_count = text.mentioned_count;
    return tell(context, &told, held, error);
}

/* ---- comments ---- */

static int read_comment(struct portico_context *context, portico_id comment,
                        struct portico_value **ret_row, struct portico_error *error)
{
    return portico_query_one(
        portico_db(context),
        WRITE_SQL
        "SELECT c.topic AS \"topic:id\", c.post AS \"post:id\", c.source, c.status,\n"
        "    c.author AS \"author:id\", COALESCE(c.edited, c.created) AS \"version:time\",\n"
        "    c.revisions, c.audience AS \"audience:id\", t.title, t.slug\n"
        "FROM communities_comment c\n"
        "JOIN communities_topic t ON t.id = c.topic\n"
        "WHERE c.id = ?",
        PORTICO_ARGS(portico_arg_id(comment)), ret_row, error);
}

static int keep_comment(struct portico_context *context, portico_id comment,
                        const struct portico_value *row, portico_id editor, const char *source,
                        struct portico_error *error)
{
    struct revision first = {
        .of = comment,
        .author = portico_get_integer(row, "author", 0),
        .source = portico_get_text(row, "source", ""),
        .created = portico_get_integer(row, "version", 0),
    };
    struct revision next = {
        .of = comment,
        .author = editor,
        .number = portico_get_integer(row, "revisions", 0) + 1,
        .source = source,
        .created = portico_now(context),
    };
    return write_revisions(context, &first, &next, error);
}

int comment_edit(struct portico_context *context, portico_id comment, portico_time from,
                 const char *source, enum status status, struct portico_error *error)
{
    struct portico_value *row = NULL;
    struct topic_change change = { 0 };
    struct text text;
    struct told told = { .comment = comment };
    int64_t changed = 0;
    int code = text_render(context, source, &text, error);
    if (code == 0)
        code = author_mine(context, &told.author, error);
    if (code == 0)
        code = read_comment(context, comment, &row, error);
    /* What may hide it has its topic first, like all that changes both, and looks again then. */
    if (code == 0 && status == STATUS_HELD)
        code = topic_change_begin(context, portico_get_integer(row, "topic", 0), &change, error);
    if (code == 0 && status == STATUS_HELD)
        code = read_comment(context, comment, &row, error);
    if (code == 0)
        code = leave_new(context, portico_get_text(row, "source", NULL), &text, error);
    /* Of two edits made from the same text the second changes no row. What was read is that text:
     * it becomes history. */
    if (code == 0 && portico_get_integer(row, "version", 0) != from)
        code = refuse_stale(context, error);
    if (code == 0)
        code = portico_execute(portico_db(context),
                               WRITE_SQL "UPDATE communities_comment\n"
                                         "SET body = ?, source = ?, edited = ?,\n"
                                         "    revisions = revisions + 1\n"
                                         "WHERE id = ? AND COALESCE(edited, created) = ?",
                               PORTICO_ARGS(portico_arg_text(text.body), portico_arg_text(source),
                                            portico_arg_time(portico_now(context)),
                                            portico_arg_id(comment), portico_arg_time(from)),
                               &changed, error);
    if (code == 0 && !changed)
        code = refuse_stale(context, error);
    if (code == 0)
        code = keep_comment(context, comment, row, told.author, source, error);
    told.audience = portico_get_integer(row, "audience", 0);
    if (code == 0)
        code =
            keep_files(context, source, portico_printf(context, "comment/%lld", (long long)comment),
                       told.audience, error);
    int held =
        status == STATUS_HELD && code == 0 && portico_get_integer(row, "status", 0) == STATUS_SHOWN;
    if (held)
        code = hold_comment(context, &change, comment, error);
    if (code < 0 || told.audience == PORTICO_AUDIENCE_NOBODY)
        return code;
    told.topic = portico_get_integer(row, "topic", 0);
    told.post = portico_get_integer(row, "post", 0);
    told.title = portico_get_text(row, "title", "");
    told.slug = portico_get_text(row, "slug", "");
    told.text = text.plain;
    told.mentioned = text.mentioned;
    told.mentioned_count = text.mentioned_count;
    return tell(context, &told, held, error);
}
