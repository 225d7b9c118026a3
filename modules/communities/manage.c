/* Managing spaces: the list with its order, and one form for pages and API. */
#include "send.h"
#include "spaces.h"

struct word {
    const char *word;
    int64_t number;
};
static const struct word kinds[] = { { "questions", SPACE_QUESTIONS },
                                     { "announcements", SPACE_ANNOUNCEMENTS } };
static const struct word writers[] = { { "members", WRITERS_MEMBERS }, { "team", WRITERS_TEAM } };
#define NUMBER_OF(words, text) number_of((words), sizeof(words) / sizeof *(words), (text))
#define WORD_OF(words, number) word_of((words), sizeof(words) / sizeof *(words), (number))

static int64_t number_of(const struct word *words, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i].word, text) == 0)
            return words[i].number;
    return words[0].number;
}

static const char *word_of(const struct word *words, size_t count, int64_t number)
{
    for (size_t i = 0; i < count; i++)
        if (words[i].number == number)
            return words[i].word;
    return words[0].word;
}

/* ---- the list ---- */

static const char *outcome(struct portico_request *request)
{
    static const struct {
        const char *did, *words;
    } outcomes[] = {
        { "made", /* translated */ "The space is there." },
        { "changed", /* translated */ "The space is changed." },
        { "spreading",
          /* translated */ "The space is changed, and its pages are for whom you chose. "
                           "It holds much: pictures, files and the portal's search "
                           "follow within minutes." },
        { "moved", /* translated */ "The order is changed." },
    };
    const char *did = portico_query_param(request, "did");
    for (size_t i = 0; did && i < sizeof outcomes / sizeof *outcomes; i++)
        if (strcmp(outcomes[i].did, did) == 0)
            return portico_translate(request, outcomes[i].words, NULL);
    return NULL;
}

int page_spaces(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL;
    int code = spaces_read(request, &rows, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *view = view_page(request), *spaces = view_spaces(request, rows);
    size_t count = portico_count(spaces);
    for (size_t i = 0; i < count; i++) {
        portico_set_boolean(portico_at(spaces, i), "is_first", i == 0);
        portico_set_boolean(portico_at(spaces, i), "is_last", i + 1 == count);
    }
    portico_set(view, "spaces", spaces);
    portico_set_boolean(view, "is_empty", count == 0);
    portico_set_text(view, "did", outcome(request));
    return portico_reply_view(request, "spaces", view);
}

int act_space_move(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    portico_id space = portico_id_read(portico_param(request, "id"));
    const char *to = portico_form(request, "to");
    if (!space || !to || (strcmp(to, "up") != 0 && strcmp(to, "down") != 0))
        return PORTICO_ENOENT;
    int code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = space_step(PORTICO_CONTEXT(request), space, strcmp(to, "down") == 0, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    if (code < 0) {
        portico_rollback(portico_db(request));
        return view_failed(request, code, &error);
    }
    return portico_reply_redirect(
        request, 303,
        portico_printf(request, "/communities/spaces?did=moved#space-%lld", (long long)space));
}

/* ---- the form ---- */

/* In the transaction that writes it: an audience may be made in it. */
static int read_words(struct portico_form *form, struct space_words *ret_words,
                      struct portico_error *error)
{
    struct portico_shared shared = { .size = sizeof shared };
    int code = portico_form_shared(form, "sharing", &shared, error);
    if (code < 0)
        return code;
    *ret_words = (struct space_words){
        .title = portico_form_text(form, "title"),
        .description = portico_form_text(form, "description"),
        .kind = (enum space_kind)NUMBER_OF(kinds, portico_form_text(form, "kind")),
        .writers = (enum space_writers)NUMBER_OF(writers, portico_form_text(form, "writers")),
        .closed = portico_form_boolean(form, "closed"),
        .position = portico_form_integer(form, "position"),
        .audience = shared.audience,
        .own_topics =
            portico_form_boolean(form, "own_topics") || portico_form_boolean(form, "own_people"),
        .own_people = portico_form_boolean(form, "own_people"),
    };
    return PORTICO_OK;
}

static int finish(struct portico_request *request, const struct sending *sending, portico_id id,
                  const char *did)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    struct portico_value *json = portico_object(request);
    int code = space_of_id(request, id, &row, &error);
    if (code < 0 && code != PORTICO_ENOENT) /* it may be for others than who manages it */
        return send_refused(request, sending, code, &error);
    portico_set_id(json, "id", id);
    json = row ? space_object(request, row) : json;
    int made = strcmp(did, "made") == 0;
    const char *path =
        !send_is_api(request)
            ? portico_printf(request, "/communities/spaces?did=%s#space-%lld", did, (long long)id)
        : made ? portico_printf(request, "/api/communities/v1/spaces/%lld", (long long)id)
               : NULL;
    code = portico_form_done(sending->form, path, json, &error);
    return code < 0 ? send_refused(request, sending, code, &error) : code;
}

static struct sending open_form(struct portico_request *request, const char *subject)
{
    struct sending sending = {
        .form = portico_form_open(request, "space", subject),
        .field = "slug",
        .template = send_is_api(request) ? NULL : "space-edit",
        .view = view_page(request),
    };
    return sending;
}

int send_space(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct sending sending = open_form(request, "new");
    struct portico_form *form = sending.form;
    portico_id id = 0;
    if (!send_is_api(request)) { /* it comes last, and open: the list and its page change that */
        portico_form_leave_out(form, "closed");
        portico_form_leave_out(form, "position");
    }
    portico_form_submit(form, portico_translate(request, "Open the space", NULL));
    portico_set_boolean(sending.view, "is_new", 1);
    if (!portico_form_valid(form))
        return portico_form_reply(form, sending.template, sending.view);
    struct space_words words = { 0 };
    int code = portico_form_begin(form, &error);
    if (code == 0)
        code = read_words(form, &words, &error);
    if (code == 0)
        code = space_create(PORTICO_CONTEXT(request), &words, portico_form_text(form, "slug"), &id,
                            &error);
    return code < 0 ? send_refused(request, &sending, code, &error)
                    : finish(request, &sending, id, "made");
}

/* What stands there; its address stays as it is. */
static int fill(struct portico_form *form, const struct portico_value *row)
{
    portico_form_leave_out(form, "slug");
    portico_form_set_boolean(form, "own_topics", portico_get_boolean(row, "own_topics", 0));
    portico_form_set_boolean(form, "own_people", portico_get_boolean(row, "own_people", 0));
    portico_form_set_text(form, "title", portico_get_text(row, "title", ""));
    portico_form_set_text(form, "description", portico_get_text(row, "description", ""));
    portico_form_set_text(form, "kind", WORD_OF(kinds, portico_get_integer(row, "kind", 0)));
    portico_form_set_text(form, "writers",
                          WORD_OF(writers, portico_get_integer(row, "writers", 0)));
    portico_form_set_boolean(form, "closed", portico_get_boolean(row, "closed", 0));
    return portico_form_set_shared(form, "sharing", portico_get_integer(row, "audience", 0), NULL);
}

int send_space_change(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    int later = 0;
    portico_id id = portico_id_read(portico_param(request, "id"));
    int code = id ? space_of_id(request, id, &row, &error) : PORTICO_ENOENT;
    if (code < 0)
        return view_failed(request, code, &error);
    struct sending sending =
        open_form(request, portico_printf(request, "space/%lld", (long long)id));
    struct portico_form *form = sending.form;
    sending.field = NULL;
    code = fill(form, row);
    if (code < 0) /* what cannot be kept is not to be replaced by what a new one begins with */
        return view_failed(request, code == PORTICO_ENOENT ? PORTICO_EPERM : code, &error);
    portico_set_boolean(sending.view, "is_new", 0);
    portico_set(sending.view, "space", view_space(request, row));
    if (!portico_form_valid(form))
        return portico_form_reply(form, sending.template, sending.view);
    struct space_words words = { 0 };
    code = portico_form_begin(form, &error);
    if (code == 0)
        code = read_words(form, &words, &error);
    if (code == 0)
        code = space_change(PORTICO_CONTEXT(request), id, &words, &later, &error);
    return code < 0 ? send_refused(request, &sending, code, &error)
                    : finish(request, &sending, id, later ? "spreading" : "changed");
}
