/* Files: an image is checked and cleaned, kept with its row, shown to whom it is for. */
#include <portico/portico.h>

static const char *subject_of(struct portico_request *request, portico_id id)
{
    return portico_printf(request, "picture/%lld", (long long)id);
}

/* What is wrong with a file is said to who sent it, in their language. */
static int refuse(struct portico_request *request, int code, const struct portico_error *error)
{
    if (code == PORTICO_ENOENT)
        return portico_reply_problem(request, 422, NULL,
                                     portico_translate(request, "Choose a picture.", NULL), NULL);
    if (code == PORTICO_EINVAL || code == PORTICO_ELIMIT)
        return portico_reply_problem(
            request, 422, NULL, portico_translate(request, "This picture cannot be taken", NULL),
            error->message);
    return code;
}

/* Row and file, in one transaction: the bytes are on disk before it is committed. */
static int save(struct portico_request *request, const struct portico_upload *upload,
                struct portico_error *error)
{
    struct portico_db *db = portico_db(request);
    portico_id id = portico_new_id(request), file = 0;
    const char *title = portico_form(request, "title"), *subject = subject_of(request, id);
    if (!subject)
        return PORTICO_ENOMEM;
    int code = portico_begin(db, error);
    if (code == 0)
        code = portico_file_keep(portico_files(request), upload, subject, PORTICO_AUDIENCE_EVERYONE,
                                 &file, error);
    if (code == 0)
        code = portico_execute(
            db,
            "INSERT INTO pictures_picture (id, person, title, file, width, height) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            PORTICO_ARGS(portico_arg_id(id), portico_arg_id(portico_person(request)),
                         portico_arg_text(title && *title ? title : upload->name),
                         portico_arg_id(file), portico_arg_integer(upload->width),
                         portico_arg_integer(upload->height)),
            NULL, error);
    if (code == 0)
        return portico_commit(db, error);
    portico_rollback(db);
    return code;
}

/* POST /pictures: a multipart form with a file "picture" and a "title". */
static int add(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_upload upload = { .size = sizeof upload };
    int code =
        portico_upload(portico_files(request), "picture", PORTICO_ACCEPT_IMAGES, &upload, &error);
    if (code < 0)
        return refuse(request, code, &error);
    code = save(request, &upload, &error);
    return code < 0 ? code : portico_reply_redirect(request, 303, "/pictures");
}

static int list(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL, *view = portico_object(request);
    struct portico_value *pictures = portico_listing(request);
    int code = portico_query(portico_db(request),
                             "SELECT title, file, width, height FROM pictures_picture "
                             "ORDER BY id DESC LIMIT 50",
                             PORTICO_NO_ARGS, &rows, &error);
    if (code < 0)
        return code;
    for (size_t i = 0; i < portico_count(rows); i++) {
        const struct portico_value *row = portico_at(rows, i);
        const char *title = portico_get_text(row, "title", "");
        portico_id file = portico_get_integer(row, "file", 0);
        struct portico_value *picture = portico_object(request);
        portico_set_text(picture, "title", title);
        portico_set_text(picture, "path", portico_file_path(portico_files(request), file, title));
        portico_set_integer(picture, "width", portico_get_integer(row, "width", 0));
        portico_set_integer(picture, "height", portico_get_integer(row, "height", 0));
        portico_append(pictures, picture);
    }
    portico_set(view, "pictures", pictures);
    return portico_reply_view(request, "list", view);
}

/* Its file goes with it; the bytes leave the disk later, by themselves. */
static int take_down(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_db *db = portico_db(request);
    portico_id id = portico_id_read(portico_param(request, "id"));
    const char *subject = subject_of(request, id);
    int64_t removed = 0;
    int code = subject ? portico_begin(db, &error) : PORTICO_ENOMEM;
    if (code == 0)
        code = portico_execute(
            db, "DELETE FROM pictures_picture WHERE id = ? AND person = ?",
            PORTICO_ARGS(portico_arg_id(id), portico_arg_id(portico_person(request))), &removed,
            &error);
    if (code == 0)
        code =
            removed ? portico_file_drop(portico_files(request), subject, &error) : PORTICO_ENOENT;
    if (code >= 0)
        code = portico_commit(db, &error);
    else
        portico_rollback(db);
    return code < 0 ? code : portico_reply_redirect(request, 303, "/pictures");
}

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/pictures", .handler = list, .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/pictures",
      .handler = add,
      .permission = PORTICO_PUBLIC,
      .flags = PORTICO_ROUTE_FILES },
    { .method = "POST",
      .pattern = "/pictures/{id}/remove",
      .handler = take_down,
      .permission = PORTICO_SIGNED_IN },
};
static const struct portico_personal_table personal_data[] = {
    { .table = "pictures_picture",
      .title = "Pictures you sent",
      .erase = PORTICO_ERASE_COLUMNS,
      .person = "person",
      .columns = "id title",
      .cleared = "person" },
};
static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Pictures",
    .routes = PORTICO_LIST(routes),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
