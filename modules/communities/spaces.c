/* Spaces as they are changed: made, described, ordered, opened and closed; who writes in them. */
#include "spaces.h"

#include "communities.h"
#include "reach.h"
#include "tell.h"

#include <stdio.h>
#include <stdlib.h>

#define SPACES_SQL "{unfiltered managing} "

int space_may_answer(struct portico_context *context, const struct portico_value *row)
{
    return portico_get_integer(row, "writers", 0) == WRITERS_MEMBERS ||
           portico_may(context, "communities.moderate");
}

int space_may_begin(struct portico_context *context, const struct portico_value *row)
{
    return (portico_get_integer(row, "writers", 0) == WRITERS_MEMBERS &&
            portico_get_integer(row, "kind", 0) == SPACE_QUESTIONS) ||
           portico_may(context, "communities.moderate");
}

/* ---- its address ---- */

/* 1: another space has it, or a page. */
static int is_taken(struct portico_context *context, const char *slug, struct portico_error *error)
{
    struct portico_value *row = NULL;
    if (page_is_named(slug))
        return 1;
    int code = portico_query_one(portico_db(context),
                                 SPACES_SQL "SELECT id\n"
                                            "FROM communities_space\n"
                                            "WHERE slug = ?",
                                 PORTICO_ARGS(portico_arg_text(slug)), &row, error);
    return code == 0 ? 1 : code == PORTICO_ENOENT ? 0 : code;
}

/* From its title, with a number behind where that is taken. */
static int make_slug(struct portico_context *context, const char *title, const char **ret_slug,
                     struct portico_error *error)
{
    char words[WORDS_SLUG_MAX + 1];
    words_slug(title, words);
    const char *slug = portico_printf(context, "%.*s", SPACE_SLUG_MOST - 4, words);
    for (int number = 2; slug; number++) {
        int taken = is_taken(context, slug, error);
        if (taken < 0)
            return taken;
        if (!taken) {
            *ret_slug = slug;
            return PORTICO_OK;
        }
        slug = portico_printf(context, "%.*s-%d", SPACE_SLUG_MOST - 4, words, number);
    }
    return PORTICO_ENOMEM;
}

static int check_slug(struct portico_context *context, const char *slug,
                      struct portico_error *error)
{
    char words[WORDS_SLUG_MAX + 1];
    words_slug(slug, words);
    if (strcmp(words, slug) != 0)
        return write_fail(error, PORTICO_EINVAL,
                          portico_translate(context,
                                            "Take small letters a to z and digits, joined by "
                                            "hyphens.",
                                            NULL));
    int taken = is_taken(context, slug, error);
    return taken == 1 ? write_fail(error, PORTICO_EINVAL,
                                   portico_translate(
                                       context, "This address is taken. Choose another one.", NULL))
                      : taken;
}

/* ---- its place ---- */

/* Whoever arranges spaces waits here for whoever does so already: the order, and how many there
 * are, is read behind it and holds until the commit. */
static int lock_order(struct portico_context *context, struct portico_error *error)
{
    return portico_execute(portico_db(context),
                           SPACES_SQL "UPDATE communities_space\n"
                                      "SET position = position\n"
                                      "WHERE id = (SELECT MIN(id) FROM communities_space)",
                           PORTICO_NO_ARGS, NULL, error);
}

/* All spaces in their order: id, position. */
static int read_order(struct portico_context *context, struct portico_value **ret_rows,
                      struct portico_error *error)
{
    return portico_query(portico_db(context),
                         SPACES_SQL "SELECT id AS \"id:id\", position\n"
                                    "FROM communities_space\n"
                                    "ORDER BY position, title, id\n"
                                    "LIMIT ?",
                         PORTICO_ARGS(portico_arg_integer(SPACES_MOST)), ret_rows, error);
}

struct numbered {
    portico_id space;
    int64_t position, before;
};

static int by_id(const void *a, const void *b)
{
    const struct numbered *left = a, *right = b;
    return (left->space > right->space) - (left->space < right->space);
}

/* One after another from 1, those that stand elsewhere written in the order of ids, as all locks
 * here are taken. */
static int number_spaces(struct portico_context *context, const struct portico_value *rows,
                         const size_t *order, struct portico_error *error)
{
    struct numbered spaces[SPACES_MOST];
    size_t count = portico_count(rows);
    int code = PORTICO_OK;
    for (size_t i = 0; i < count; i++)
        spaces[i] =
            (struct numbered){ portico_get_integer(portico_at(rows, order[i]), "id", 0),
                               (int64_t)i + 1,
                               portico_get_integer(portico_at(rows, order[i]), "position", 0) };
    qsort(spaces, count, sizeof *spaces, by_id);
    for (size_t i = 0; code == 0 && i < count; i++)
        if (spaces[i].position != spaces[i].before)
            code = portico_execute(portico_db(context),
                                   SPACES_SQL "UPDATE communities_space\n"
                                              "SET position = ?\n"
                                              "WHERE id = ?",
                                   PORTICO_ARGS(portico_arg_integer(spaces[i].position),
                                                portico_arg_id(spaces[i].space)),
                                   NULL, error);
    return code;
}

/* The space and its index among all. */
static int find_place(struct portico_context *context, portico_id space,
                      struct portico_value **ret_rows, size_t *ret_at, struct portico_error *error)
{
    struct portico_value *rows = NULL;
    int code = read_order(context, &rows, error);
    size_t at = 0, count = portico_count(rows);
    while (at < count && portico_get_integer(portico_at(rows, at), "id", 0) != space)
        at++;
    if (code < 0 || at == count)
        return code < 0 ? code : PORTICO_ENOENT;
    *ret_rows = rows;
    *ret_at = at;
    return PORTICO_OK;
}

static int place(struct portico_context *context, const struct portico_value *rows, size_t at,
                 size_t to, struct portico_error *error)
{
    size_t order[SPACES_MOST + 1], count = portico_count(rows);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    memmove(&order[at], &order[at + 1], (count - at - 1) * sizeof *order);
    memmove(&order[to + 1], &order[to], (count - to - 1) * sizeof *order);
    order[to] = at;
    return number_spaces(context, rows, order, error);
}

int space_place(struct portico_context *context, portico_id space, int64_t position,
                struct portico_error *error)
{
    struct portico_value *rows = NULL;
    size_t at = 0;
    int code = lock_order(context, error);
    if (code == 0)
        code = find_place(context, space, &rows, &at, error);
    int64_t last = (int64_t)portico_count(rows);
    if (code < 0)
        return code;
    position = position < 1 ? 1 : position > last ? last : position;
    return place(context, rows, at, (size_t)position - 1, error);
}

int space_step(struct portico_context *context, portico_id space, int forward,
               struct portico_error *error)
{
    struct portico_value *rows = NULL;
    size_t at = 0;
    int code = lock_order(context, error);
    if (code == 0)
        code = find_place(context, space, &rows, &at, error);
    if (code < 0)
        return code;
    size_t to = forward ? at + (at + 1 < portico_count(rows)) : at - (at > 0);
    return place(context, rows, at, to, error);
}

/* ---- what is said of it ---- */

/* Own topics are for accounts; where only some read a space, its topics are for them. */
static int check_own(struct portico_context *context, const struct space_words *words,
                     struct portico_error *error)
{
    if (!words->own_topics || words->audience == PORTICO_AUDIENCE_EVERYONE ||
        words->audience == PORTICO_AUDIENCE_SIGNED_IN)
        return PORTICO_OK;
    return write_fail(error, PORTICO_ECONFLICT,
                      portico_translate(context,
                                        "Own questions only: that is for a space which everybody, "
                                        "or everybody who is signed in, may open. Choose one of "
                                        "these, or untick it.",
                                        NULL));
}

/* Whoever makes one waits for whoever does so already, so that both count. */
static int check_room(struct portico_context *context, struct portico_error *error)
{
    struct portico_value *rows = NULL;
    int code = lock_order(context, error);
    if (code == 0)
        code = read_order(context, &rows, error);
    return code == 0 && portico_count(rows) >= SPACES_MOST
               ? write_fail(error, PORTICO_ECONFLICT,
                            portico_translate(context,
                                              "There are as many spaces as there can be. Close or "
                                              "reuse one.",
                                              NULL))
               : code;
}

int space_insert(struct portico_context *context, portico_id id, const struct space_words *words,
                 const char *slug, struct portico_error *error)
{
    const struct portico_argument now = portico_arg_time(portico_now(context));
    int code = check_room(context, error);
    return code < 0
               ? code
               : portico_execute(
                     portico_db(context),
                     "INSERT INTO communities_space (id, audience, slug, title, description,\n"
                     "    topics, answers, solved, last_activity, created, position, kind,\n"
                     "    writers, closed, own_topics, own_people)\n"
                     "VALUES (?, ?, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?)",
                     PORTICO_ARGS(
                         portico_arg_id(id), portico_arg_id(words->audience),
                         portico_arg_text(slug), portico_arg_text(words->title),
                         portico_arg_text(words->description), now, now,
                         portico_arg_integer(words->position), portico_arg_integer(words->kind),
                         portico_arg_integer(words->writers), portico_arg_boolean(words->closed),
                         portico_arg_boolean(words->own_topics),
                         portico_arg_boolean(words->own_people)),
                     NULL, error);
}

int space_create(struct portico_context *context, const struct space_words *words, const char *slug,
                 portico_id *ret_id, struct portico_error *error)
{
    const portico_id id = portico_new_id(context);
    struct space_words last = *words;
    last.position = SPACES_MOST + 1;
    int code = check_own(context, words, error);
    if (code == 0) /* who has which address is read behind it as well */
        code = check_room(context, error);
    if (code == 0)
        code = *slug ? check_slug(context, slug, error)
                     : make_slug(context, words->title, &slug, error);
    if (code == 0)
        code = space_insert(context, id, &last, slug, error);
    if (code == 0)
        code = space_place(context, id, words->position ? words->position : SPACES_MOST, error);
    if (code == 0)
        code = tell_space_created(context, id, error);
    if (code == 0)
        *ret_id = id;
    return code;
}

/* So that of two changes the second sees the first. */
static int lock_space(struct portico_context *context, portico_id space,
                      struct portico_error *error)
{
    int64_t locked = 0;
    int code = portico_execute(portico_db(context),
                               SPACES_SQL "UPDATE communities_space\n"
                                          "SET position = position\n"
                                          "WHERE id = ?",
                               PORTICO_ARGS(portico_arg_id(space)), &locked, error);
    return code == 0 && !locked ? PORTICO_ENOENT : code;
}

/* 1: it was for others before. */
static int is_for_others(struct portico_context *context, portico_id space,
                         const struct space_words *words, struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = portico_query_one(portico_db(context),
                                 SPACES_SQL "SELECT audience AS \"audience:id\",\n"
                                            "    own_topics AS \"own_topics:boolean\",\n"
                                            "    own_people AS \"own_people:boolean\"\n"
                                            "FROM communities_space\n"
                                            "WHERE id = ?",
                                 PORTICO_ARGS(portico_arg_id(space)), &row, error);
    return code < 0 ? code
                    : portico_get_integer(row, "audience", 0) != words->audience ||
                          portico_get_boolean(row, "own_topics", 0) != (words->own_topics != 0) ||
                          portico_get_boolean(row, "own_people", 0) != (words->own_people != 0);
}

/* Locks the space, and before it, if it seems to be for others, what may go with it: whoever writes
 * there has the topic and its tags first as well. 1: it is for others. */
static int lock_reach(struct portico_context *context, portico_id space,
                      const struct space_words *words, struct portico_value **ret_topics,
                      struct portico_error *error)
{
    int code = is_for_others(context, space, words, error);
    if (code == 1)
        code = reach_lock(context, space, ret_topics, error);
    if (code == 0 && words->position)
        code = lock_order(context, error);
    if (code == 0)
        code = lock_space(context, space, error);
    return code < 0 ? code : is_for_others(context, space, words, error);
}

/* What people were told to ask for themselves alone does not become everybody's by a tick. The
 * space is locked. */
static int check_promised(struct portico_context *context, portico_id space,
                          const struct space_words *words, struct portico_error *error)
{
    int promised = words->own_topics ? 0 : reach_is_promised(context, space, error);
    return promised <= 0 ? promised
                         : write_fail(error, PORTICO_ECONFLICT,
                                      portico_translate(
                                          context,
                                          "People asked here what they alone were to read. Leave "
                                          "“Own questions only” ticked, or first move these "
                                          "questions to another space.",
                                          NULL));
}

int space_change(struct portico_context *context, portico_id space, const struct space_words *words,
                 int *ret_later, struct portico_error *error)
{
    struct portico_value *topics = NULL;
    *ret_later = 0;
    int code = check_own(context, words, error);
    const int others = code == 0 ? lock_reach(context, space, words, &topics, error) : code;
    code = others < 0 ? others : PORTICO_OK;
    if (code == 0 && others)
        code = check_promised(context, space, words, error);
    if (code == 0)
        code = portico_execute(
            portico_db(context),
            SPACES_SQL "UPDATE communities_space\n"
                       "SET title = ?, description = ?, kind = ?, writers = ?, closed = ?,\n"
                       "    audience = ?, own_topics = ?, own_people = ?\n"
                       "WHERE id = ?",
            PORTICO_ARGS(portico_arg_text(words->title), portico_arg_text(words->description),
                         portico_arg_integer(words->kind), portico_arg_integer(words->writers),
                         portico_arg_boolean(words->closed), portico_arg_id(words->audience),
                         portico_arg_boolean(words->own_topics),
                         portico_arg_boolean(words->own_people), portico_arg_id(space)),
            NULL, error);
    if (code == 0 && words->position)
        code = space_place(context, space, words->position, error);
    if (code == 0 && others)
        code = reach_spread(context, space, topics, ret_later, error);
    return code < 0 ? code : tell_space_changed(context, space, error);
}
