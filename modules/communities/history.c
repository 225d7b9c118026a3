/* What a question, answer or comment said before, and what each edit changed. */
#include "acts.h"
#include "diff.h"
#include "send.h"

#define REVISIONS_MOST 50

struct pieces {
    struct portico_request *request;
    struct portico_value *list;
    int failed;
};

static void add_piece(void *data, enum diff_kind kind, const char *text, size_t length)
{
    struct pieces *pieces = data;
    struct portico_value *piece = portico_append_object(pieces->list);
    const char *own = portico_printf(pieces->request, "%.*s", (int)length, text);
    if (!piece || !own || portico_set_text(piece, "text", own) < 0)
        pieces->failed = 1;
    portico_set_boolean(piece, "removed", kind == DIFF_REMOVED);
    portico_set_boolean(piece, "added", kind == DIFF_ADDED);
}

/* Puts the runs of two texts to member `name`. */
static int set_diff(struct portico_request *request, struct portico_value *view, const char *name,
                    const char *before, const char *after)
{
    struct pieces pieces = { .request = request, .list = portico_set_list(view, name) };
    if (diff_words(before, after, add_piece, &pieces) < 0 || pieces.failed)
        return PORTICO_ENOMEM;
    return PORTICO_OK;
}

/* The newest first. Who may see it as it is may see what it said. */
static int read_revisions(struct portico_request *request, portico_id of,
                          struct portico_value **ret_rows, struct portico_error *error)
{
    return portico_query(
        portico_db(request),
        "SELECT r.number, r.title, r.tags, r.source, r.note, r.created AS \"created:time\",\n"
        "    a.name AS author_name, a.handle, a.source_id AS author_number\n"
        "FROM communities_revision r\n"
        "LEFT JOIN communities_author a ON a.id = r.author\n"
        "WHERE r.post = ?\n"
        "ORDER BY r.number DESC\n"
        "LIMIT ?",
        PORTICO_ARGS(portico_arg_id(of), portico_arg_integer(REVISIONS_MOST)), ret_rows, error);
}

/* Of the post or comment that the path names. */
static int read_history(struct portico_request *request, int is_comment, struct target *ret_target,
                        struct portico_value **ret_rows, struct portico_error *error)
{
    portico_id id = portico_id_read(portico_param(request, "id"));
    int code = target_read(PORTICO_CONTEXT(request), is_comment, id, ret_target, error);
    return code < 0 ? code : read_revisions(request, id, ret_rows, error);
}

static int is_changed(const struct portico_value *row, const struct portico_value *before,
                      const char *name)
{
    return before && strcmp(portico_get_text(row, name, ""), portico_get_text(before, name, ""));
}

/* One edit: who, when, why, and what it did to each part. `before` NULL: the first text. */
static int view_revision(struct portico_request *request, struct portico_value *view,
                         const struct portico_value *row, const struct portico_value *before,
                         int side_by_side)
{
    static const char *const same[] = { "number", "note", "created", "handle" };
    view_copy(view, row, same, sizeof same / sizeof *same);
    portico_set_text(view, "author", view_author(request, row));
    portico_set_integer(view, "version", portico_get_integer(row, "number", 0) + 1);
    portico_set_boolean(view, "is_first", portico_get_integer(row, "number", 0) == 0);
    portico_set_boolean(view, "whole", !before || !side_by_side);
    portico_set_boolean(view, "title_changed", is_changed(row, before, "title"));
    portico_set_boolean(view, "tags_changed", is_changed(row, before, "tags"));
    portico_set_boolean(view, "text_changed", !before || is_changed(row, before, "source"));
    const char *parts[][2] = { { "title", "title" }, { "tags", "tags" }, { "text", "source" } };
    int code = PORTICO_OK;
    for (size_t i = 0; code == 0 && i < 3; i++)
        code = set_diff(request, view, parts[i][0],
                        portico_get_text(before ? before : row, parts[i][1], ""),
                        portico_get_text(row, parts[i][1], ""));
    return code;
}

static int show_history(struct portico_request *request, int is_comment)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL;
    struct target of;
    const char *way = portico_query_param(request, "view");
    int code = read_history(request, is_comment, &of, &rows, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *view = view_page(request);
    int side_by_side = way && strcmp(way, "side") == 0;
    struct portico_value *revisions = portico_set_list(view, "revisions");
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++)
        code = view_revision(request, portico_append_object(revisions), portico_at(rows, i),
                             portico_at(rows, i + 1), side_by_side);
    if (code < 0)
        return code;
    portico_set_boolean(view, "side_by_side", side_by_side);
    portico_set_boolean(view, "is_empty", portico_count(rows) == 0);
    portico_set_boolean(view, "is_question", of.kind == TARGET_QUESTION);
    portico_set_boolean(view, "is_comment", is_comment);
    portico_set_text(view, "topic_title", of.title);
    portico_set_text(view, "back", target_path(PORTICO_CONTEXT(request), &of));
    return portico_reply_view(request, "history", view);
}

int page_history(struct portico_request *request)
{
    return show_history(request, 0);
}

int page_comment_history(struct portico_request *request)
{
    return show_history(request, 1);
}

static int answer_revisions(struct portico_request *request, int is_comment)
{
    static const char *const same[] = { "number", "title", "source", "note", "created" };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL;
    struct target of;
    int code = read_history(request, is_comment, &of, &rows, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *answer = portico_object(request);
    struct portico_value *items = portico_set_list(answer, "items");
    for (size_t i = 0; i < portico_count(rows); i++) {
        const struct portico_value *row = portico_at(rows, i);
        struct portico_value *item = portico_append_object(items);
        view_copy(item, row, same, sizeof same / sizeof *same);
        portico_set_text(item, "author", view_author(request, row));
        portico_set(item, "tags", view_tags(request, portico_get_text(row, "tags", "")));
    }
    return portico_reply_json(request, answer);
}

int api_revisions(struct portico_request *request)
{
    return answer_revisions(request, 0);
}

int api_comment_revisions(struct portico_request *request)
{
    return answer_revisions(request, 1);
}
