/* Who writes here: a row for each person who ever did, with a copy of their name. */
#include "write.h"

int author_known(struct portico_context *context, portico_id *ret_author,
                 struct portico_error *error)
{
    struct portico_value *row = NULL;
    portico_id person = portico_person(context), author = 0;
    int code = PORTICO_OK;
    if (person)
        code = portico_query_one(portico_db(context),
                                 "SELECT id AS \"id:id\"\n"
                                 "FROM communities_author\n"
                                 "WHERE person = ?",
                                 PORTICO_ARGS(portico_arg_id(person)), &row, error);
    if (code == 0)
        author = portico_get_integer(row, "id", 0);
    if (code < 0 && code != PORTICO_ENOENT)
        return code;
    *ret_author = author;
    return PORTICO_OK;
}

static int make_author(struct portico_context *context, struct portico_error *error)
{
    struct portico_value *rows = NULL;
    portico_id person = portico_person(context);
    struct portico_people *people = portico_people(context);
    int code = people ? portico_people_look(people, &person, 1, &rows, error) : PORTICO_OK;
    if (code < 0)
        return code;
    const struct portico_value *row = portico_people_among(rows, person);
    /* Two first writings at once make one row: the second waits for the first. */
    return portico_execute(portico_db(context),
                           "INSERT INTO communities_author (id, person, name, handle, staff)\n"
                           "VALUES (?, ?, ?, ?, ?)\n"
                           "ON CONFLICT (person) WHERE person IS NOT NULL DO NOTHING",
                           PORTICO_ARGS(portico_arg_id(portico_new_id(context)),
                                        portico_arg_id(person),
                                        portico_arg_text(portico_get_text(row, "name", "")),
                                        portico_arg_text(portico_get_text(row, "handle", NULL)),
                                        portico_arg_boolean(portico_get_boolean(row, "staff", 0))),
                           NULL, error);
}

int author_mine(struct portico_context *context, portico_id *ret_author,
                struct portico_error *error)
{
    portico_id author = 0;
    if (!portico_person(context))
        return write_fail(error, PORTICO_EPERM,
                          portico_translate(context, "Sign in to write here.", NULL));
    int code = author_known(context, &author, error);
    if (code == 0 && !author) {
        code = make_author(context, error);
        if (code == 0)
            code = author_known(context, &author, error);
    }
    if (code < 0)
        return code;
    *ret_author = author;
    return PORTICO_OK;
}
