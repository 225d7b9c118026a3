/* A fresh database with the host's tables, the state of a process, and short ways to make people.
 */
#ifndef TEST_PEOPLE_H
#define TEST_PEOPLE_H

#include "../store/database.h"
#include "base/clock.h"
#include "identity/link.h"
#include "identity/password.h"
#include "identity/session.h"
#include "identity/sign_in.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NOON INT64_C(1800000000000000) /* where the clock stands; the beginning of ten minutes */

#define GOOD "three blue kettles"
#define BETTER "nine brown bottles"

struct people {
    struct database database;
    struct identity *identity;
    struct portico_error error;
};

static inline struct identity_rules people_rules(void)
{
    return (struct identity_rules){ .portal = "Harbour Works",
                                    .sign_up = true,
                                    .idle = 30 * MINUTE,
                                    .longest = 12 * HOUR,
                                    .remember = 30 * DAY,
                                    .guesses = 20,
                                    .hashes = 1 };
}

static inline struct identity *people_identity(const struct identity_rules *rules)
{
    static const unsigned char key[IDENTITY_KEY_SIZE] = "a key that every test knows 1234";
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity *identity = NULL;
    database_must(identity_new(rules, key, &identity, &error), &error);
    return identity;
}

/* Applies the host's migrations with these names to a database that has those before them. */
static inline void people_upgrade(const struct database *database, const char *which,
                                  enum migrate_phase phase)
{
    char *from = g_canonicalize_filename(__FILE__ "/../../../../core/store/migrations", NULL);
    char *command = g_strdup_printf("mkdir -p %s/core && cp %s/%s %s/core/", database->directory,
                                    from, which, database->directory);
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_true(database_run(command));
    char *folder = g_build_filename(database->directory, "core", NULL);
    const struct migrate_source core = { "core", folder };
    database_must(migrate_apply(database->store, &core, 1, phase, NULL, &error), &error);
    g_free(folder);
    g_free(command);
    g_free(from);
}

/* False after saying skipped. */
static inline bool people_new(struct people *people, gconstpointer kind)
{
    static const struct portico_error none = PORTICO_ERROR_INIT;
    *people = (struct people){ .error = none };
    if (!database_with_core(&people->database, kind))
        return false;
    const struct identity_rules rules = people_rules();
    people->identity = people_identity(&rules);
    clock_stop(NOON);
    return true;
}

static inline void people_free(struct people *people)
{
    clock_stop(0);
    identity_close(people->identity);
    database_free(&people->database);
}

/* The state of another process, with other rules. */
static inline void people_rule(struct people *people, const struct identity_rules *rules)
{
    identity_close(people->identity);
    people->identity = people_identity(rules);
}

static inline struct store_session *people_session(struct people *people)
{
    return people->database.session;
}

static inline void people_must(struct people *people, int code)
{
    database_must(code, &people->error);
}

/* An active person with a verified address. */
static inline int64_t people_add(struct people *people, const char *name, const char *address,
                                 uint64_t roles)
{
    const struct identity_new_person made = {
        .name = name, .address = address, .verified = true, .roles = roles, .state = IDENTITY_ACTIVE
    };
    int64_t person = 0;
    people_must(people,
                identity_person_make(people_session(people), &made, &person, &people->error));
    g_assert_cmpint(person, >, 0);
    return person;
}

static inline void people_password(struct people *people, int64_t person, const char *password)
{
    people_must(people, identity_password_set(people->identity, people_session(people), person,
                                              password, 0, NULL, NULL, &people->error));
}

static inline struct identity_person people_look(struct people *people, int64_t person)
{
    struct identity_person found;
    people_must(people,
                identity_person_look(people_session(people), person, &found, &people->error));
    return found;
}

static inline const struct value_cell *people_cell(const struct value *rows, size_t row,
                                                   size_t column)
{
    g_assert_cmpuint(row, <, rows->count);
    return &value_rows_at(rows, row)[column];
}

#endif
