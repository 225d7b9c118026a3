#include "portal/photo.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "file/kept.h"
#include "identity/contact.h"
#include "portal/pages.h"
#include "portal/visit.h"

#include <unistd.h>

#define PHOTO_MAX (1024u * 1024) /* bytes: it is shown small, beside others */

static const char *subject_of(struct arena *arena, int64_t account, int64_t person)
{
    return arena_printf(arena, "account-team/%lld/%lld", (long long)account, (long long)person);
}

static const char *directory_of(struct portico_request *request)
{
    return portico_printf(request, "%s/files", config_data_directory(inside_host(request)->config));
}

/* ---- keeping ---- */

static int keep(struct portico_request *request, const struct portico_upload *upload,
                const char *subject, int64_t person, struct portico_error *error)
{
    char hash[BLOB_HASH_SIZE];
    int code = blob_put(directory_of(request), upload->data, upload->length, hash, error);
    const struct kept_file file = { .id = id_new(),
                                    .person = person,
                                    .module = "portico",
                                    .subject = subject,
                                    .hash = hash,
                                    .media_type = upload->media_type,
                                    .name = "photo",
                                    .bytes = (int64_t)upload->length,
                                    .width = upload->width,
                                    .height = upload->height,
                                    .frames = upload->frames,
                                    .created = clock_now() };
    return code < 0 ? code : kept_add(inside_session(request, error), &file, error);
}

int photo_take(struct portico_request *request, const char *field, int64_t account, int64_t person,
               struct portico_error *error)
{
    struct portico_upload upload = { .size = sizeof upload };
    int code = portico_upload(portico_files(request), field, PORTICO_ACCEPT_IMAGES, &upload, error);
    if (code == PORTICO_ENOENT)
        return PORTICO_OK;
    if (code == 0 && upload.length > PHOTO_MAX)
        return error_set(error, PORTICO_ELIMIT, /* translated */
                         "A photo has at most 1 MiB: send a smaller one.");
    if (code == 0)
        code = photo_drop(inside_session(request, error), account, person, error);
    return code < 0 ? code
                    : keep(request, &upload, subject_of(inside_arena(request), account, person),
                           person, error);
}

int photo_drop(struct store_session *session, int64_t account, int64_t person,
               struct portico_error *error)
{
    const char *subject = subject_of(store_session_arena(session), account, person);
    int code = kept_drop(session, "portico", subject, error);
    return code < 0 ? code : PORTICO_OK;
}

/* ---- showing ---- */

/* The newest one: rows "id hash media_type". */
static int find(struct store_session *session, int64_t account, int64_t person,
                struct value **ret_rows, struct portico_error *error)
{
    return store_host_query(
        session,
        "{unfiltered whoever sees the team sees its photos} SELECT id, hash, media_type "
        "FROM portico_file WHERE module = 'portico' AND subject = ? ORDER BY id DESC LIMIT 1",
        PORTICO_ARGS(portico_arg_text(subject_of(store_session_arena(session), account, person))),
        ret_rows, error);
}

int photo_path(struct portico_request *request, struct store_session *session, int64_t account,
               int64_t person, const char **ret_path, struct portico_error *error)
{
    struct value *rows;
    int code = find(session, account, person, &rows, error);
    if (code == 0)
        *ret_path = rows->count ? portico_printf(request, "/account/team/%lld/%lld?photo=%lld",
                                                 (long long)account, (long long)person,
                                                 (long long)value_rows_at(rows, 0)[0].integer)
                                : NULL;
    return code;
}

/* Whether the reader sees that account's team, and the person is in it. */
static int may_see(struct portico_request *request, struct store_session *session, int64_t account,
                   int64_t person, struct portico_error *error)
{
    struct value *team;
    const bool own =
        inside_viewer(request)->account == account && portico_may(request, "portico.members");
    if (!own && !portico_may(request, "portico.accounts"))
        return PORTICO_ENOENT;
    int code = identity_account_team(session, account, &team, error);
    for (uint32_t i = 0; code == 0 && i < team->count; i++)
        if (value_rows_at(team, i)[0].integer == person)
            return PORTICO_OK;
    return code < 0 ? code : PORTICO_ENOENT;
}

static int send(struct portico_request *request, const struct value_cell *cells,
                struct portico_error *error)
{
    int descriptor = -1;
    size_t length;
    int code = blob_open(directory_of(request), cells[1].text, &descriptor, &length, error);
    if (code < 0)
        return code;
    FILE *file = fdopen(descriptor, "r");
    if (!file) {
        close(descriptor);
        return error_set(error, PORTICO_EIO, "A photo cannot be read.");
    }
    /* Whoever is out of the team, or another one in this browser, sees it no more. */
    portico_set_header(request, "Cache-Control", "private, no-store");
    portico_set_header(request, "Vary", "Cookie");
    code = inside_reply_stream(request, cells[2].text, file, error);
    fclose(file);
    return code;
}

int photo_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const int64_t account = visit_number(portico_param(request, "account"));
    const int64_t person = visit_number(portico_param(request, "person"));
    struct store_session *session;
    struct value *rows;
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = may_see(request, session, account, person, &error);
    if (code == 0)
        code = find(session, account, person, &rows, &error);
    if (code == 0 && rows->count == 0)
        code = PORTICO_ENOENT;
    if (code == 0)
        code = send(request, value_rows_at(rows, 0), &error);
    return code < 0 ? visit_failed(request, code, &error) : code;
}
