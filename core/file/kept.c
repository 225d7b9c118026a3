#include "file/kept.h"

#include "base/error.h"

#include <portico/search.h>

/* Its sender sees a file whatever its audience: kept_may_see asks for both. */
#define REASON "{unfiltered senders see their own files too} "
#define COLUMNS                                                                                    \
    "id, person, module, subject, audience, hash, media_type, name, bytes, width, height, "        \
    "frames, created"

static int check_subject(const char *subject, struct portico_error *error)
{
    size_t length = strlen(subject);
    if (length == 0 || length > KEPT_SUBJECT_MAX || !text_is_utf8(subject, length))
        return error_set(error, PORTICO_EINVAL,
                         "The subject of a file has from 1 to %d bytes of UTF-8.",
                         KEPT_SUBJECT_MAX);
    return PORTICO_OK;
}

static int check_loose(struct store_session *session, const struct kept_file *file,
                       struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        REASON "SELECT count(*), CAST(coalesce(sum(bytes), 0) AS bigint) FROM portico_file "
               "WHERE person = ? AND subject IS NULL",
        PORTICO_ARGS(portico_arg_id(file->person)), &rows, error);
    if (code < 0)
        return code;
    const struct value_cell *sums = value_rows_at(rows, 0);
    if (sums[0].integer >= KEPT_LOOSE_MAX || sums[1].integer + file->bytes > KEPT_LOOSE_BYTES)
        return error_set(error, PORTICO_ELIMIT,
                         "This person has sent many files that belong to nothing yet: what is not "
                         "used goes after a day.");
    return PORTICO_OK;
}

int kept_add(struct store_session *session, const struct kept_file *file,
             struct portico_error *error)
{
    if (!file->person && (!file->subject || !file->audience))
        return error_set(error, PORTICO_EINVAL,
                         "Nobody could see this file: without somebody who sent it, it needs a "
                         "subject and an audience.");
    int code =
        file->subject ? check_subject(file->subject, error) : check_loose(session, file, error);
    if (code < 0)
        return code;
    return store_host_execute(
        session,
        "INSERT INTO portico_file (" COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(file->id), portico_arg_id(file->person),
                     portico_arg_text(file->module), portico_arg_text(file->subject),
                     portico_arg_id(file->audience), portico_arg_text(file->hash),
                     portico_arg_text(file->media_type), portico_arg_text(file->name),
                     portico_arg_integer(file->bytes), portico_arg_integer(file->width),
                     portico_arg_integer(file->height), portico_arg_integer(file->frames),
                     portico_arg_time(file->created)),
        NULL, error);
}

static const char *text_cell(const struct value_cell *cell)
{
    return cell->kind == PORTICO_TEXT ? cell->text : NULL;
}

static int64_t id_cell(const struct value_cell *cell)
{
    return cell->kind == PORTICO_NULL ? 0 : cell->integer;
}

int kept_find(struct store_session *session, int64_t id, struct kept_file *ret_file,
              struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, REASON "SELECT " COLUMNS " FROM portico_file WHERE id = ?",
                                PORTICO_ARGS(portico_arg_id(id)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return error_set(error, PORTICO_ENOENT, "There is no such file.");
    const struct value_cell *cells = value_rows_at(rows, 0);
    const char *name = text_cell(&cells[7]);
    *ret_file = (struct kept_file){
        .id = cells[0].integer,
        .person = id_cell(&cells[1]),
        .module = text_cell(&cells[2]),
        .subject = text_cell(&cells[3]),
        .audience = id_cell(&cells[4]),
        .hash = text_cell(&cells[5]),
        .media_type = text_cell(&cells[6]),
        .name = name ? name : "",
        .bytes = cells[8].integer,
        .width = (uint32_t)cells[9].integer,
        .height = (uint32_t)cells[10].integer,
        .frames = (uint32_t)cells[11].integer,
        .created = cells[12].integer,
    };
    return PORTICO_OK;
}

bool kept_may_see(const struct kept_file *file, int64_t person, const struct store_viewer *viewer)
{
    if (viewer->all || (person && file->person == person))
        return true;
    /* What is held back waits for staff to decide about it. */
    int64_t audience =
        file->audience == PORTICO_AUDIENCE_NOBODY ? PORTICO_AUDIENCE_STAFF : file->audience;
    return audience && store_viewer_sees(viewer, audience);
}

/* One statement decides, so two at once cannot both have it. */
int kept_assign(struct store_session *session, const char *module, int64_t person, int64_t id,
                const char *subject, int64_t audience, struct portico_error *error)
{
    struct kept_file file;
    int64_t changed = 0;
    int code = check_subject(subject, error);
    if (code == 0)
        code = kept_find(session, id, &file, error);
    if (code == 0)
        code = store_host_execute(
            session,
            REASON "UPDATE portico_file SET module = ?, subject = ?, audience = ? WHERE id = ? AND "
                   "((subject IS NULL AND person = ? AND module IN (?, 'portico')) "
                   "OR (subject = ? AND module = ?))",
            PORTICO_ARGS(portico_arg_text(module), portico_arg_text(subject),
                         portico_arg_id(audience), portico_arg_id(id), portico_arg_id(person),
                         portico_arg_text(module), portico_arg_text(subject),
                         portico_arg_text(module)),
            &changed, error);
    if (code < 0 || changed)
        return code;
    return error_set(error, PORTICO_EPERM,
                     "This file was sent by somebody else, or belongs to something else already.");
}

int kept_show(struct store_session *session, const char *module, const char *subject,
              int64_t audience, struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(
        session, REASON "UPDATE portico_file SET audience = ? WHERE module = ? AND subject = ?",
        PORTICO_ARGS(portico_arg_id(audience), portico_arg_text(module), portico_arg_text(subject)),
        &changed, error);
    return code < 0 ? code : (int)changed;
}

int kept_drop(struct store_session *session, const char *module, const char *subject,
              struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(
        session, REASON "DELETE FROM portico_file WHERE module = ? AND subject = ?",
        PORTICO_ARGS(portico_arg_text(module), portico_arg_text(subject)), &changed, error);
    return code < 0 ? code : (int)changed;
}

int kept_prune(struct store_session *session, int64_t before, unsigned most,
               struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(
        session,
        REASON "DELETE FROM portico_file WHERE id IN (SELECT id FROM portico_file "
               "WHERE (subject IS NULL OR (person IS NULL AND audience IS NULL)) "
               "AND (created < ? OR (person IS NULL AND audience IS NULL)) LIMIT ?)",
        PORTICO_ARGS(portico_arg_time(before), portico_arg_integer(most)), &changed, error);
    return code < 0 ? code : (int)changed;
}
