/* What a migration may not leave behind. */
#include "store/driver.h"
#include "store/migrate.h"

#include "base/error.h"

int migrate_check_names(struct store_session *session, struct portico_error *error)
{
    static const char *const queries[] = {
        [STORE_SQLITE] = "{unfiltered the check itself} SELECT v.name FROM sqlite_master v "
                         "JOIN sqlite_master t ON lower(t.name) = lower(v.name) "
                         "WHERE v.type = 'view' AND t.type = 'trigger' LIMIT 1",
        [STORE_POSTGRES] = "{unfiltered the check itself} SELECT CAST(c.relname AS TEXT) FROM "
                           "pg_class c JOIN pg_trigger t ON lower(t.tgname) = lower(c.relname) "
                           "WHERE c.relkind = 'v' AND NOT t.tgisinternal AND "
                           "pg_table_is_visible(c.oid) LIMIT 1",
    };
    struct value *rows;
    int code = store_host_query(session, queries[session->store->kind], NULL, 0, &rows, error);
    if (code == 0 && rows->count)
        return error_set(error, PORTICO_EINVAL,
                         "A view and a trigger are both called \"%s\": give one of them another "
                         "name.",
                         value_rows_at(rows, 0)->text);
    return code;
}
