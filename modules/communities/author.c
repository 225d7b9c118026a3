/* Who writes here: a row for each person who ever did, with a copy of their name. */
#include "write.h"

int author_of(struct portico_context *context, portico_id person, portico_id *ret_author,
              struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = person ? portico_query_one(portico_db(context),
                                          "SELECT id AS \"id:id\"\n"
                                          "FROM communities_author\n"
                                          "WHERE person = ?",
                                          PORTICO_ARGS(portico_arg_id(person)), &row, error)
                      : PORTICO_ENOENT;
    if (code < 0 && code != PORTICO_ENOENT)
        return code;
    *ret_author = code == 0 ? portico_get_integer(row, "id", 0) : 0;
    return PORTICO_OK;
}

int author_known(struct portico_context *context, portico_id *ret_author,
                 struct portico_error *error)
{
    return author_of(context, portico_person(context), ret_author, error);
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

int author_give(struct portico_context *context, portico_id from, portico_id person,
                struct portico_error *error)
{
    struct portico_value *rows = NULL;
    int code = portico_people_look(portico_people(context), &person, 1, &rows, error);
    const struct portico_value *row = code == 0 ? portico_people_among(rows, person) : NULL;
    if (code < 0 || !row)
        return code;
    return portico_execute(portico_db(context),
                           "UPDATE communities_author\n"
                           "SET person = ?, name = ?, handle = ?, staff = ?\n"
                           "WHERE person = ?",
                           PORTICO_ARGS(portico_arg_id(person),
                                        portico_arg_text(portico_get_text(row, "name", "")),
                                        portico_arg_text(portico_get_text(row, "handle", NULL)),
                                        portico_arg_boolean(portico_get_boolean(row, "staff", 0)),
                                        portico_arg_id(from)),
                           NULL, error);
}

int author_follow(struct portico_context *context, const struct portico_event *event,
                  struct portico_error *error)
{
    const portico_id person = portico_id_read(portico_get_text(event->data, "person", ""));
    return author_give(context, person, person, error);
}
