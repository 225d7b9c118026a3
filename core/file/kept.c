#include "file/kept.h"

#include "base/error.h"
#include "store/twin.h"

#include <glib.h>

/* Its sender sees a file whatever its audience, and a row may stand for both: kept_see asks. */
#define REASON "{unfiltered senders see their own files too} "
#define COLUMNS                                                                                    \
    "id, person, module, subject, audience, hash, media_type, name, bytes, width, height, "        \
    "frames, created, relation, object"

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
        "INSERT INTO portico_file (" COLUMNS
        ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(file->id), portico_arg_id(file->person),
                     portico_arg_text(file->module), portico_arg_text(file->subject),
                     portico_arg_id(file->audience), portico_arg_text(file->hash),
                     portico_arg_text(file->media_type), portico_arg_text(file->name),
                     portico_arg_integer(file->bytes), portico_arg_integer(file->width),
                     portico_arg_integer(file->height), portico_arg_integer(file->frames),
                     portico_arg_time(file->created), portico_arg_text(file->relation),
                     portico_arg_id(file->object)),
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
        .relation = text_cell(&cells[13]),
        .object = id_cell(&cells[14]),
    };
    return PORTICO_OK;
}

static int not_seen(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOENT, "There is no such file.");
}

/* Asked as the module asks for its own row. */
static int see_row(struct store_session *session, const struct kept_file *file,
                   struct portico_error *error)
{
    struct store_turn turn;
    struct value *rows;
    /* Of a table without readers: only whoever keeps it gives it out. */
    if (!twin_is_guarded(store_session_store(session), file->relation))
        return not_seen(error);
    char *sql = g_strdup_printf("SELECT t.id FROM {visible %s} t WHERE t.id = ?", file->relation);
    store_session_as(session, file->module, &turn);
    int code = store_query(session, sql, PORTICO_ARGS(portico_arg_id(file->object)), &rows, error);
    store_session_back(session, &turn);
    g_free(sql);
    /* A table that is no more, or is another's now, shows nothing. */
    if (code == PORTICO_EINVAL || code == PORTICO_EPERM)
        return not_seen(error);
    return code == 0 && rows->count == 0 ? not_seen(error) : code;
}

int kept_see(struct store_session *session, const struct kept_file *file,
             struct portico_error *error)
{
    const struct store_viewer *viewer = store_session_viewer(session);
    if (file->relation)
        return see_row(session, file, error);
    const bool sender = viewer->person && file->person == viewer->person && !viewer->in_place;
    if (viewer->all || sender || (file->audience && store_viewer_sees(viewer, file->audience)))
        return PORTICO_OK;
    return not_seen(error);
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
            REASON
            "UPDATE portico_file SET module = ?, subject = ?, audience = ?, relation = NULL, "
            "object = NULL WHERE id = ? AND ((subject IS NULL AND person = ? AND module IN (?, "
            "'portico')) "
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
        session,
        REASON "UPDATE portico_file SET audience = ?, relation = NULL, object = NULL "
               "WHERE module = ? AND subject = ?",
        PORTICO_ARGS(portico_arg_id(audience), portico_arg_text(module), portico_arg_text(subject)),
        &changed, error);
    return code < 0 ? code : (int)changed;
}

static int check_row(struct store_session *session, const char *relation, int64_t object,
                     struct portico_error *error)
{
    struct value *rows;
    char *sql = g_strdup_printf(REASON "SELECT id FROM %s WHERE id = ?", relation);
    int code = store_host_query(session, sql, PORTICO_ARGS(portico_arg_id(object)), &rows, error);
    g_free(sql);
    if (code == 0 && rows->count == 0)
        return error_set(error, PORTICO_ENOENT, "There is no such row in %s to show files with.",
                         relation);
    return code;
}

int kept_follow(struct store_session *session, const char *module, const char *subject,
                const char *relation, int64_t object, struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_check_visible(session, relation, error);
    if (code == 0)
        code = check_row(session, relation, object, error);
    if (code == 0)
        code = store_host_execute(
            session,
            REASON "UPDATE portico_file SET audience = NULL, relation = ?, object = ? "
                   "WHERE module = ? AND subject = ?",
            PORTICO_ARGS(portico_arg_text(relation), portico_arg_id(object),
                         portico_arg_text(module), portico_arg_text(subject)),
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
               "WHERE relation IS NULL "
               "AND (subject IS NULL OR (person IS NULL AND audience IS NULL)) "
               "AND (created < ? OR (person IS NULL AND audience IS NULL)) LIMIT ?)",
        PORTICO_ARGS(portico_arg_time(before), portico_arg_integer(most)), &changed, error);
    return code < 0 ? code : (int)changed;
}

static int drop_gone(struct store_session *session, const char *relation, unsigned most,
                     int64_t *ret_dropped, struct portico_error *error)
{
    bool there = false;
    int code = twin_has_table(session, relation, &there, error);
    if (code < 0)
        return code;
    char *gone = there ? g_strdup_printf(" AND NOT EXISTS (SELECT 1 FROM %s t WHERE t.id = "
                                         "f.object)",
                                         relation)
                       : g_strdup("");
    char *sql = g_strdup_printf(REASON "DELETE FROM portico_file WHERE id IN (SELECT f.id "
                                       "FROM portico_file f WHERE f.relation = ?%s LIMIT ?)",
                                gone);
    code = store_host_execute(session, sql,
                              PORTICO_ARGS(portico_arg_text(relation), portico_arg_integer(most)),
                              ret_dropped, error);
    g_free(sql);
    g_free(gone);
    return code;
}

/* In a transaction, which sees the schema as it is now. */
static int sweep_table(struct store_session *session, const char *relation, unsigned most,
                       int64_t *ret_dropped, struct portico_error *error)
{
    int64_t dropped = 0;
    int code = store_begin(session, error);
    if (code < 0)
        return code;
    code = drop_gone(session, relation, most, &dropped, error);
    if (code < 0) {
        store_rollback(session);
        return code;
    }
    code = store_commit(session, error);
    if (code == 0)
        *ret_dropped += dropped;
    return code;
}

int kept_sweep(struct store_session *session, unsigned most, struct portico_error *error)
{
    struct value *rows;
    int64_t dropped = 0;
    int first = store_host_query(session,
                                 REASON "SELECT DISTINCT relation FROM portico_file "
                                        "WHERE relation IS NOT NULL",
                                 NULL, 0, &rows, error);
    if (first < 0)
        return first;
    for (uint32_t i = 0; i < rows->count && dropped < most; i++) {
        int code = sweep_table(session, value_rows_at(rows, i)->text, most - (unsigned)dropped,
                               &dropped, first == 0 ? error : NULL);
        first = first == 0 ? code : first;
    }
    return first < 0 ? first : (int)dropped;
}
