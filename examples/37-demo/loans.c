/* Demo data: a file beside the module and the importer that reads it, for `portico demo`. */
#include <portico/portico.h>

#include <stdio.h>

#define MINUTE INT64_C(60000000)

static int list(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL, *answer = portico_object(request);
    int code = portico_query(portico_db(request),
                             "SELECT tool, person AS \"person:id\", taken AS \"taken:time\" "
                             "FROM loans_loan ORDER BY taken DESC",
                             PORTICO_NO_ARGS, &rows, &error);
    if (code < 0)
        return code;
    portico_set(answer, "loans", rows);
    return portico_reply_json(request, answer);
}

/* People of the demo are known as "demo:" and their key; another portal has none of them. */
static int find_person(struct portico_context *context, const char *key, portico_id *ret_person,
                       struct portico_error *error)
{
    int code = portico_people_external(portico_people(context),
                                       portico_printf(context, "demo:%s", key), ret_person, error);
    return code == PORTICO_ENOENT ? PORTICO_OK : code;
}

/* What is there stays: run again, it changes nothing, and its time stands. */
static int write_loan(struct portico_context *context, int64_t number, const char *line,
                      struct portico_error *error)
{
    char key[41], tool[81];
    long minutes = 0;
    portico_id person = 0;
    if (sscanf(line, "%40[^\t]\t%ld\t%80[^\n]", key, &minutes, tool) != 3)
        return PORTICO_EINVAL;
    int code = find_person(context, key, &person, error);
    if (code < 0)
        return code;
    return portico_execute(portico_db(context),
                           "INSERT INTO loans_loan (number, tool, person, taken) "
                           "VALUES (?, ?, ?, ?) ON CONFLICT (number) DO NOTHING",
                           PORTICO_ARGS(portico_arg_integer(number), portico_arg_text(tool),
                                        portico_arg_id(person),
                                        portico_arg_time(portico_now(context) - minutes * MINUTE)),
                           NULL, error);
}

static int load(struct portico_context *context, const struct portico_import *import,
                struct portico_error *error)
{
    const char *path = portico_printf(context, "%s/loans.tsv", import->directory);
    FILE *file = path ? fopen(path, "re") : NULL;
    char line[200];
    int64_t number = 0;
    if (!file)
        return PORTICO_EIO;
    int code = portico_begin(portico_db(context), error);
    while (code == 0 && fgets(line, sizeof line, file))
        code = write_loan(context, ++number, line, error);
    fclose(file);
    if (code == 0)
        code = portico_commit(portico_db(context), error);
    else
        portico_rollback(portico_db(context));
    import->count(context, "loans", number);
    return code;
}

static const struct portico_importer importers[] = {
    { .format = "demo", .summary = "Loans of the demo: loans.tsv.", .run = load },
};

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/loans", .handler = list, .permission = PORTICO_PUBLIC },
};

static const struct portico_personal_table personal_data[] = {
    { .table = "loans_loan",
      .title = "What you have borrowed",
      .erase = PORTICO_ERASE_ROWS,
      .person = "person" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Loans",
    .routes = PORTICO_LIST(routes),
    .importers = PORTICO_LIST(importers),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
