/* A module that asks as whom somebody comes, or forgets it in the ways that a test names: each lets
 * in one sort of people that another way of asking keeps out. */
#include <portico/portico.h>

#define WRITE "lenient.write"
#define ALL "{unfiltered the author judges it by something else} "
#define PAGE 3

/* What it forgets is in a table: a test changes it while the portal runs. */
static int forgets(struct portico_request *request, const char *way)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL;
    int code = portico_query(portico_db(request), "SELECT name FROM lenient_way WHERE name = ?",
                             PORTICO_ARGS(portico_arg_text(way)), &rows, &error);
    return code == 0 && portico_count(rows) == 1;
}

static portico_id id_of(struct portico_request *request)
{
    return portico_id_read(portico_param(request, "id"));
}

static int find(struct portico_request *request, struct portico_value **ret_note)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    return portico_query_one(portico_db(request),
                             "SELECT n.title FROM {visible lenient_note} n WHERE n.id = ?",
                             PORTICO_ARGS(portico_arg_id(id_of(request))), ret_note, &error);
}

/* ---- what its author took for the same as being shown it ---- */

static int is_of_account(struct portico_request *request, const struct portico_value *note)
{
    return portico_account(request) == portico_get_integer(note, "account", 0);
}

static int is_above(struct portico_request *request, const struct portico_value *note)
{
    return portico_account(request) &&
           portico_account(request) == portico_get_integer(note, "above", 0);
}

static int knows_account(struct portico_request *request, const struct portico_value *note)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *known = NULL;
    return portico_account_named(portico_accounts(request), portico_get_integer(note, "account", 0),
                                 &known, &error) == 0;
}

static int looks_after_people(struct portico_request *request, const struct portico_value *note)
{
    (void)note;
    return portico_may(request, "portico.company");
}

static int moderates(struct portico_request *request, const struct portico_value *note)
{
    (void)note;
    return portico_may(request, "communities.moderate");
}

static int opened_it(struct portico_request *request, const struct portico_value *note)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL;
    (void)note;
    int code = portico_query(
        portico_db(request), "SELECT note FROM lenient_opened WHERE person = ? AND note = ?",
        PORTICO_ARGS(portico_arg_id(portico_person(request)), portico_arg_id(id_of(request))),
        &rows, &error);
    return code == 0 && portico_count(rows) == 1;
}

static int wrote_it(struct portico_request *request, const struct portico_value *note)
{
    return portico_person(request) == portico_get_integer(note, "person", 0);
}

static int is_there(struct portico_request *request, const struct portico_value *note)
{
    (void)request;
    (void)note;
    return 1;
}

static const struct {
    const char *name;
    int (*lets_in)(struct portico_request *request, const struct portico_value *note);
} ways[] = {
    { "audience", is_of_account }, { "below", is_above },
    { "above", knows_account },    { "account", looks_after_people },
    { "staff", moderates },        { "end", opened_it },
    { "look", wrote_it },          { "session", is_there },
};

/* GET /lenient/notes/{id} and, for everybody, /lenient/open/{id}. */
static int show(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *note = NULL;
    int code = find(request, &note);
    if (code == PORTICO_ENOENT &&
        portico_query_one(portico_db(request),
                          ALL "SELECT title, person AS \"person:id\", account AS \"account:id\", "
                              "above AS \"above:id\" FROM lenient_note WHERE id = ?",
                          PORTICO_ARGS(portico_arg_id(id_of(request))), &note, &error) == 0)
        for (size_t i = 0; i < sizeof ways / sizeof *ways && code < 0; i++)
            if (forgets(request, ways[i].name) && ways[i].lets_in(request, note))
                code = 0;
    return code < 0 ? code : portico_reply_json(request, note);
}

/* POST /lenient/notes/{id}/opened: they saw it. */
static int open_note(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *note = NULL;
    int code = find(request, &note);
    if (code == 0 && !opened_it(request, note))
        code = portico_execute(
            portico_db(request), "INSERT INTO lenient_opened (person, note) VALUES (?, ?)",
            PORTICO_ARGS(portico_arg_id(portico_person(request)), portico_arg_id(id_of(request))),
            NULL, &error);
    return code < 0 ? code : portico_reply_json(request, note);
}

/* POST /api/lenient/v1/notes/{id}: another title. What its person may is not what a token may. */
static int change(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *note = NULL;
    const char *title = portico_get_text(portico_json(request, &error), "title", "");
    const int may = forgets(request, "scope")
                        ? portico_people_may_in(portico_people(request), portico_person(request),
                                                portico_account(request), WRITE)
                        : portico_may(request, WRITE);
    if (!may)
        return PORTICO_EPERM;
    int code = portico_execute(
        portico_db(request), "UPDATE {visible lenient_note} SET title = ? WHERE id = ?",
        PORTICO_ARGS(portico_arg_text(title), portico_arg_id(id_of(request))), NULL, &error);
    if (code == 0)
        code = find(request, &note);
    return code < 0 ? code : portico_reply_json(request, note);
}

/* GET /lenient/notes: a few at once, the first ones first, and where they go on. */
static int list(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL, *answer = portico_object(request);
    const char *cursor = portico_query_param(request, "cursor");
    const portico_id behind = cursor ? portico_id_read(cursor) : 0;
    int code = portico_query(
        portico_db(request),
        cursor && forgets(request, "page")
            ? ALL "SELECT id AS \"id:id\", title FROM lenient_note WHERE id > ? ORDER BY id "
                  "LIMIT 1000"
            : "SELECT n.id AS \"id:id\", n.title FROM {visible lenient_note} n WHERE n.id > ? "
              "ORDER BY n.id LIMIT 3",
        PORTICO_ARGS(portico_arg_integer(behind)), &rows, &error);
    portico_set(answer, "items", rows);
    if (code == 0 && portico_count(rows) == PAGE)
        portico_set_text(
            answer, "next",
            portico_printf(request, "%lld",
                           (long long)portico_get_integer(portico_at(rows, PAGE - 1), "id", 0)));
    return code < 0 ? code : portico_reply_json(request, answer);
}

/* For whom a note is: "team:ID", "below", "mine", or else the account. */
static int audience_of(struct portico_request *request, portico_id *ret_audience,
                       struct portico_error *error)
{
    struct portico_audiences *audiences = portico_audiences(request);
    const char *share = portico_form(request, "share");
    if (share && *share == 't')
        return portico_audience(audiences, PORTICO_LEVEL_TEAM, 0, NULL,
                                portico_id_read(share + sizeof "team:" - 1), ret_audience, error);
    if (share && *share == 'b')
        return portico_audience_below(audiences, 0, ret_audience, error);
    if (share && *share == 'm')
        return portico_audience_person(audiences, 0, portico_person(request), ret_audience, error);
    return portico_audience_account(audiences, 0, ret_audience, error);
}

/* POST /lenient/notes: a title, and for whom it is. */
static int add(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *answer = portico_object(request), *account = NULL;
    const char *title = portico_form(request, "title");
    portico_id id = portico_new_id(request), audience = 0;
    if (!title || !*title || !portico_account(request))
        return portico_reply_problem(request, 422, NULL, "A note has a title and an account.",
                                     NULL);
    int code = audience_of(request, &audience, &error);
    if (code == 0)
        code = portico_account_named(portico_accounts(request), portico_account(request), &account,
                                     &error);
    if (code == 0)
        code = portico_execute(
            portico_db(request),
            "INSERT INTO lenient_note (id, title, person, account, above, audience) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            PORTICO_ARGS(portico_arg_id(id), portico_arg_text(title),
                         portico_arg_id(portico_person(request)),
                         portico_arg_id(portico_account(request)),
                         portico_arg_integer(portico_get_integer(account, "parent", 0)),
                         portico_arg_id(audience)),
            NULL, &error);
    portico_set_id(answer, "id", id);
    return code < 0 ? code : portico_reply_json(request, answer);
}

/* POST /lenient/forget: what it forgets from now on. */
static int forget(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *way = portico_form(request, "way");
    int code = portico_execute(portico_db(request), "DELETE FROM lenient_way", PORTICO_NO_ARGS,
                               NULL, &error);
    if (code == 0 && way && *way)
        code = portico_execute(portico_db(request), "INSERT INTO lenient_way (name) VALUES (?)",
                               PORTICO_ARGS(portico_arg_text(way)), NULL, &error);
    return code < 0 ? code : portico_reply_json(request, portico_object(request));
}

static const struct portico_permission permissions[] = {
    { .name = WRITE, .title = "Change notes", .roles = "member" },
};
#define OBJECT "{\"type\":\"object\"}"
static const struct portico_route routes[] = {
    { "GET", "/lenient/notes", list, PORTICO_SIGNED_IN, .form = NULL },
    { "POST", "/lenient/notes", add, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/lenient/notes/{id}", show, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/lenient/open/{id}", show, PORTICO_PUBLIC, .form = NULL },
    { "POST", "/lenient/notes/{id}/opened", open_note, PORTICO_SIGNED_IN, .form = NULL },
    { "POST", "/lenient/forget", forget, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/api/lenient/v1/notes/{id}", show, PORTICO_SIGNED_IN, .summary = "A note",
      .response_schema = OBJECT },
    { "POST", "/api/lenient/v1/notes/{id}", change, PORTICO_SIGNED_IN,
      .summary = "Gives a note another title", .request_schema = OBJECT,
      .response_schema = OBJECT },
};
static const struct portico_personal_table personal_data[] = {
    { .table = "lenient_note", .erase = PORTICO_NOT_PERSONAL, .reason = "Notes of a test." },
    { .table = "lenient_opened", .erase = PORTICO_NOT_PERSONAL, .reason = "Notes of a test." },
    { .table = "lenient_way", .erase = PORTICO_NOT_PERSONAL, .reason = "Names of ways only." },
};
static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Lenient",
    .routes = PORTICO_LIST(routes),
    .permissions = PORTICO_LIST(permissions),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
