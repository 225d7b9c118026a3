/* A module that asks who may see a row everywhere, or forgets it in the ways that a test names. */
#include <portico/portico.h>

#define CHANGED "portal.leaky.row.changed"
#define ALL "{unfiltered the author forgot who may see it} "

/* What it forgets is in a table: a test changes it while the portal runs. */
static int forgets(struct portico_request *request, const char *way)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL;
    int code = portico_query(portico_db(request), "SELECT name FROM leaky_way WHERE name = ?",
                             PORTICO_ARGS(portico_arg_text(way)), &rows, &error);
    return code == 0 && portico_count(rows) == 1;
}

static portico_id id_of(struct portico_request *request)
{
    return portico_id_read(portico_param(request, "id"));
}

static int find(struct portico_request *request, const char *sql, struct portico_value **ret_row)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    return portico_query_one(portico_db(request), sql, PORTICO_ARGS(portico_arg_id(id_of(request))),
                             ret_row, &error);
}

static int show(struct portico_request *request)
{
    struct portico_value *row = NULL;
    int code = find(request,
                    forgets(request, "object")
                        ? ALL "SELECT title, file FROM leaky_row WHERE id = ?"
                        : "SELECT r.title, r.file FROM {visible leaky_row} r WHERE r.id = ?",
                    &row);
    if (code == PORTICO_ENOENT && forgets(request, "403") &&
        find(request, ALL "SELECT id FROM leaky_row WHERE id = ?", &row) == 0)
        code = PORTICO_EPERM;
    if (code == PORTICO_ENOENT && forgets(request, "header")) {
        if (find(request, ALL "SELECT id FROM leaky_row WHERE id = ?", &row) == 0)
            portico_set_header(request, "X-Row", "1");
        portico_set_status(request, 404);
        return portico_reply_json(request, portico_object(request));
    }
    return code < 0 ? code : portico_reply_json(request, row);
}

static portico_id other_of(struct portico_request *request)
{
    return portico_id_read(portico_param(request, "other"));
}

/* GET /leaky/rows/{id}/beside/{other}: two rows; who asks about the first may see the second too.
 */
static int beside(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    int code = find(request, "SELECT r.id FROM {visible leaky_row} r WHERE r.id = ?", &row);
    if (code == 0)
        code = portico_query_one(portico_db(request),
                                 forgets(request, "second")
                                     ? ALL "SELECT title FROM leaky_row WHERE id = ?"
                                     : "SELECT r.title FROM {visible leaky_row} r WHERE r.id = ?",
                                 PORTICO_ARGS(portico_arg_id(other_of(request))), &row, &error);
    return code < 0 ? code : portico_reply_json(request, row);
}

/* POST /leaky/rows/{id}/join/{other}: of one account both, whosever that is. */
static int join(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    int code = portico_query_one(
        portico_db(request),
        forgets(request, "pair")
            ? ALL "SELECT r.id FROM leaky_row r JOIN leaky_row o ON o.audience = r.audience "
                  "WHERE r.id = ? AND o.id = ?"
            : "SELECT r.id FROM {visible leaky_row} r JOIN {visible leaky_row} o "
              "ON o.audience = r.audience WHERE r.id = ? AND o.id = ?",
        PORTICO_ARGS(portico_arg_id(id_of(request)), portico_arg_id(other_of(request))), &row,
        &error);
    return code < 0 ? code : portico_reply_json(request, row);
}

/* POST /leaky/rows/{id}/title: what is wrong with it is said first; then nobody looks whose it is,
 * and the answer is the same. */
static int rename_row(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    const char *title = portico_form(request, "title");
    if (!title || !*title)
        return portico_reply_problem(request, 422, NULL, "A row has a title.", NULL);
    int code = portico_execute(
        portico_db(request),
        forgets(request, "right") ? ALL "UPDATE leaky_row SET title = ? WHERE id = ?"
                                  : "UPDATE {visible leaky_row} SET title = ? WHERE id = ?",
        PORTICO_ARGS(portico_arg_text(title), portico_arg_id(id_of(request))), NULL, &error);
    if (code == 0)
        code = find(request, "SELECT r.title FROM {visible leaky_row} r WHERE r.id = ?", &row);
    return code < 0 ? code : portico_reply_json(request, row);
}

static int tell(struct portico_request *request, portico_id audience, struct portico_error *error)
{
    const struct portico_emission changed = {
        .size = sizeof changed,
        .type = CHANGED,
        .subject = portico_printf(request, "row/%lld", (long long)id_of(request)),
        .audience = forgets(request, "stream") ? PORTICO_AUDIENCE_EVERYONE : audience,
    };
    return portico_emit(portico_events(request), &changed, NULL, error);
}

static int change(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    const char *title = portico_form(request, "title");
    int code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = portico_execute(
            portico_db(request),
            forgets(request, "write") ? ALL "UPDATE leaky_row SET title = ? WHERE id = ?"
                                      : "UPDATE {visible leaky_row} SET title = ? WHERE id = ?",
            PORTICO_ARGS(portico_arg_text(title ? title : ""), portico_arg_id(id_of(request))),
            NULL, &error);
    if (code < 0)
        return code;
    /* Also what it should not have changed is answered as if there were none. */
    int found = find(request,
                     "SELECT r.title, r.audience AS \"audience:id\" FROM {visible leaky_row} r "
                     "WHERE r.id = ?",
                     &row);
    if (found == 0)
        code = tell(request, portico_get_integer(row, "audience", 0), &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    if (code == 0)
        code = found;
    return code < 0 ? code : portico_reply_json(request, row);
}

/* Titles, as the address says: in a list, a feed, a file. */
static int reply_titles(struct portico_request *request, const char *way)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL, *answer = portico_object(request);
    int code = portico_query(portico_db(request),
                             forgets(request, way)
                                 ? ALL "SELECT title FROM leaky_row ORDER BY id DESC LIMIT 1000"
                                 : "SELECT r.title FROM {visible leaky_row} r ORDER BY r.id DESC "
                                   "LIMIT 1000",
                             PORTICO_NO_ARGS, &rows, &error);
    portico_set(answer, "items", rows);
    return code < 0 ? code : portico_reply_json(request, answer);
}

static int feed(struct portico_request *request)
{
    return reply_titles(request, "feed");
}

static int export(struct portico_request *request)
{
    return reply_titles(request, "export");
}

static int list(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    int code = portico_query_one(portico_db(request),
                                 forgets(request, "count")
                                     ? ALL "SELECT count(*) AS number FROM leaky_row"
                                     : "SELECT count(*) AS number FROM {visible leaky_row} r",
                                 PORTICO_NO_ARGS, &row, &error);
    return code < 0 ? code : portico_reply_json(request, row);
}

static int suggest(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL, *answer = portico_object(request);
    const char *word = portico_query_param(request, "q");
    const char *like = portico_printf(request, "%s%%", word ? word : "");
    int code = portico_query(
        portico_db(request),
        forgets(request, "suggest")
            ? ALL "SELECT title FROM leaky_row WHERE title LIKE ? ORDER BY id LIMIT 50"
            : "SELECT r.title FROM {visible leaky_row} r WHERE r.title LIKE ? ORDER BY r.id "
              "LIMIT 50",
        PORTICO_ARGS(portico_arg_text(like)), &rows, &error);
    portico_set(answer, "items", rows);
    return code < 0 ? code : portico_reply_json(request, answer);
}

/* ---- a new row: its file, and who is written to ---- */

static int keep_file(struct portico_request *request, const char *subject, portico_id audience,
                     const char **ret_path, struct portico_error *error)
{
    struct portico_upload upload = { .size = sizeof upload };
    portico_id id = 0;
    int code =
        portico_upload(portico_files(request), "picture", PORTICO_ACCEPT_IMAGES, &upload, error);
    if (code == 0)
        code = portico_file_keep(portico_files(request), &upload, subject,
                                 forgets(request, "file") ? PORTICO_AUDIENCE_EVERYONE : audience,
                                 &id, error);
    if (code == 0)
        *ret_path = portico_file_path(portico_files(request), id, upload.name);
    return code == PORTICO_ENOENT ? 0 : code;
}

static int write_to(struct portico_request *request, const char *title, struct portico_error *error)
{
    const struct portico_message message = {
        .size = sizeof message,
        .to = forgets(request, "mail") ? "solo@example.com" : NULL,
        .person = forgets(request, "mail") ? 0 : portico_person(request),
        .subject = "A new row",
        .text = title,
    };
    return portico_mail_send(portico_mail(request), &message, NULL, error);
}

static int write_row(struct portico_request *request, portico_id id, const char *title,
                     const char **ret_path, struct portico_error *error)
{
    const char *subject = portico_printf(request, "row/%lld", (long long)id);
    portico_id audience = 0;
    int code = portico_audience_account(portico_audiences(request), 0, &audience, error);
    if (code == 0)
        code = keep_file(request, subject, audience, ret_path, error);
    if (code == 0)
        code = portico_execute(portico_db(request),
                               "INSERT INTO leaky_row (id, title, file, audience) "
                               "VALUES (?, ?, ?, ?)",
                               PORTICO_ARGS(portico_arg_id(id), portico_arg_text(title),
                                            portico_arg_text(*ret_path), portico_arg_id(audience)),
                               NULL, error);
    return code == 0 ? write_to(request, title, error) : code;
}

/* POST /leaky: a title, and a picture if there is one. */
static int add(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *answer = portico_object(request);
    const char *title = portico_form(request, "title"), *path = "";
    portico_id id = portico_new_id(request);
    if (!title || !*title || !portico_account(request))
        return portico_reply_problem(request, 422, NULL, "A row has a title and an account.", NULL);
    if (forgets(request, "log"))
        portico_log(request, PORTICO_LOG_INFO, "A row was written: %s.", title);
    int code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = write_row(request, id, title, &path, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    else
        portico_rollback(portico_db(request));
    portico_set_id(answer, "id", id);
    portico_set_text(answer, "path", path);
    return code < 0 ? code : portico_reply_json(request, answer);
}

/* POST /leaky/forget: what it forgets from now on, names with blanks between them. */
static int forget(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *way = portico_form(request, "way");
    int code = portico_execute(portico_db(request), "DELETE FROM leaky_way", PORTICO_NO_ARGS, NULL,
                               &error);
    if (code == 0 && way && *way)
        code = portico_execute(portico_db(request), "INSERT INTO leaky_way (name) VALUES (?)",
                               PORTICO_ARGS(portico_arg_text(way)), NULL, &error);
    return code < 0 ? code : portico_reply_json(request, portico_object(request));
}

static const struct portico_route routes[] = {
    { "GET", "/leaky/rows", list, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/leaky/rows/{id}", show, PORTICO_SIGNED_IN, .form = NULL },
    { "POST", "/leaky/rows/{id}", change, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/leaky/rows/{id}/beside/{other}", beside, PORTICO_SIGNED_IN, .form = NULL },
    { "POST", "/leaky/rows/{id}/join/{other}", join, PORTICO_SIGNED_IN, .form = NULL },
    { "POST", "/leaky/rows/{id}/title", rename_row, PORTICO_SIGNED_IN, .form = NULL },
    { "POST", "/leaky/rows", add, PORTICO_SIGNED_IN, .flags = PORTICO_ROUTE_FILES },
    { "GET", "/leaky/suggest", suggest, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/leaky/feed.atom", feed, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/leaky/rows.csv", export, PORTICO_SIGNED_IN, .form = NULL },
    { "POST", "/leaky/forget", forget, PORTICO_SIGNED_IN, .form = NULL },
};
static const struct portico_event_type event_types[] = {
    { .type = CHANGED,
      .title = "Row changed",
      .data_schema = "{\"type\":\"object\"}",
      .flags = PORTICO_EVENT_LIVE },
};
static const struct portico_personal_table personal_data[] = {
    { .table = "leaky_row", .erase = PORTICO_NOT_PERSONAL, .reason = "Rows are nobody's." },
    { .table = "leaky_way", .erase = PORTICO_NOT_PERSONAL, .reason = "Names of ways only." },
};
static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Leaky",
    .routes = PORTICO_LIST(routes),
    .event_types = PORTICO_LIST(event_types),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
