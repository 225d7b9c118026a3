/* A guest book that says of each table what it holds of people: what is handed out, erased, kept,
 * and for how long. The host does the rest: `portico person export ID`, `portico person erase ID`.
 */
#include <portico/portico.h>

static const struct portico_personal_table personal_data[] = {
    /* The words stay for those who answered them; nobody's name stands over them any more. */
    { .table = "personal_data_entry",
      .title = "Entries in the guest book",
      .erase = PORTICO_ERASE_COLUMNS,
      .person = "author",
      .columns = "id name text written",
      .cleared = "author name" },
    /* Likes by the person go; each is forgotten after two years anyway. Where two people become one
     * and both liked the same, the later like stays. */
    { .table = "personal_data_like",
      .title = "What you liked",
      .erase = PORTICO_ERASE_ROWS,
      .person = "person",
      .time = "liked",
      .retention_days = 730,
      .merge = PORTICO_MERGE_LATER },
    { .table = "personal_data_invoice",
      .title = "Invoices",
      .erase = PORTICO_ERASE_KEEP,
      .person = "person",
      .reason = "Accounts are kept for ten years by law." },
    { .table = "personal_data_holiday", .reason = "Days on which nobody works." },
};

/* What the tables do not hold: how many people answered. */
static int export_person(struct portico_context *context, portico_id person,
                         struct portico_value *ret_export, struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = portico_query_one(portico_db(context),
                                 "SELECT count(*) AS number FROM personal_data_like l "
                                 "JOIN personal_data_entry e ON e.id = l.entry WHERE e.author = ?",
                                 PORTICO_ARGS(portico_arg_id(person)), &row, error);
    if (code < 0)
        return code;
    portico_set_integer(ret_export, "likes_received", portico_get_integer(row, "number", 0));
    return PORTICO_OK;
}

/* The host's search index holds names too: it is told again what the entries say now. Runs after
 * the tables were erased, and may run again. */
static int erase_person(struct portico_context *context, portico_id person,
                        struct portico_error *error)
{
    (void)person;
    struct portico_value *rows = NULL;
    int code = portico_query(portico_db(context),
                             "SELECT id AS \"id:id\" FROM personal_data_entry WHERE author IS NULL",
                             PORTICO_NO_ARGS, &rows, error);
    for (size_t i = 0; code == PORTICO_OK && i < portico_count(rows); i++)
        code = portico_search_remove(portico_search(context), "entry",
                                     portico_get_integer(portico_at(rows, i), "id", 0), error);
    return code;
}

/* Two people become one: the host puts one id in place of the other, and cannot know of the name
 * that stands beside it. A part at a time; more is left where the part was full. */
static int merge_people(struct portico_context *context, portico_id from, portico_id into,
                        struct portico_error *error)
{
    enum { PART = 500 };
    struct portico_value *rows = NULL;
    int64_t changed = 0;
    int code = portico_people_look(portico_people(context), &into, 1, &rows, error);
    const char *name = portico_get_text(portico_people_among(rows, into), "name", NULL);
    if (code < 0 || !name)
        return code;
    code = portico_execute(portico_db(context),
                           "UPDATE personal_data_entry SET name = ? WHERE id IN "
                           "(SELECT e.id FROM personal_data_entry e "
                           "WHERE e.author = ? AND e.name <> ? LIMIT ?)",
                           PORTICO_ARGS(portico_arg_text(name), portico_arg_id(from),
                                        portico_arg_text(name), portico_arg_integer(PART)),
                           &changed, error);
    return code < 0 ? code : changed == PART;
}

static const struct portico_personal_hook personal_hooks[] = {
    { .name = "guest-book",
      .export_person = export_person,
      .erase_person = erase_person,
      .merge_people = merge_people },
};

static const struct portico_search_kind search_kinds[] = {
    { .kind = "entry", .title = "Entry" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Personal data",
    .search_kinds = PORTICO_LIST(search_kinds),
    .personal_data = PORTICO_LIST(personal_data),
    .personal_hooks = PORTICO_LIST(personal_hooks),
};
PORTICO_EXPORT_MODULE(module)
