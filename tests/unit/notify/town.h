/* A few people, a queue of notices, and ways to see who was told what. */
#ifndef TEST_TOWN_H
#define TEST_TOWN_H

#include "../identity/people.h"
#include "../job/work.h"

#include "base/clock.h"
#include "notify/notice.h"

struct town {
    struct database database;
    struct identity *identity;
    struct keyring *ring;
    int64_t mara, ben, noa, kim; /* kim is a moderator */
    bool mail;                   /* what the kinds say */
    bool gone;                   /* there is no such kind */
};

static int64_t settle(struct town *town, const char *name, uint64_t roles, bool reachable,
                      const char *locale)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    char *address = g_strdup_printf("%s@example.com", name);
    int64_t id = 0;
    const struct identity_new_person made = { .name = name,
                                              .handle = name,
                                              .address = reachable ? address : NULL,
                                              .verified = reachable,
                                              .locale = locale,
                                              .roles = roles,
                                              .state = IDENTITY_ACTIVE };
    database_must(identity_person_make(town->database.session, &made, &id, &error), &error);
    g_free(address);
    return id;
}

static bool town_new(struct town *town, gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    *town = (struct town){ .mail = true };
    if (!work_new(&town->database, kind))
        return false;
    char *path = g_build_filename(town->database.directory, "keys", NULL);
    database_must(keyring_open(path, NULL, &town->ring, &error), &error);
    g_free(path);
    const struct identity_rules rules = people_rules();
    town->identity = people_identity(&rules);
    town->mara = settle(town, "mara", 0, true, "de");
    town->ben = settle(town, "benjamin", 0, true, "en");
    town->noa = settle(town, "noa", 0, false, "en");
    town->kim = settle(town, "kim", IDENTITY_MODERATOR, true, "en");
    settle(town, "root", IDENTITY_ADMIN, false, "en");
    return true;
}

static void town_free(struct town *town)
{
    clock_stop(0);
    identity_close(town->identity);
    keyring_free(town->ring);
    database_free(&town->database);
}

/* "de: " before everything said in German; {name} filled in. */
static const char *translate(const char *module, const char *locale, const char *source,
                             const struct value *arguments, struct arena *arena, void *data)
{
    (void)module, (void)data;
    GString *text = g_string_new(strcmp(locale, "de") == 0 ? "de: " : "");
    for (const char *at = source; *at;) {
        const char *end = *at == '{' ? strchr(at, '}') : NULL;
        const struct value *value =
            end && arguments ? value_get(arguments, (struct text){ at + 1, (size_t)(end - at - 1) })
                             : NULL;
        if (value && value->kind == PORTICO_TEXT)
            g_string_append(text, value->text);
        else if (value)
            g_string_append_printf(text, "%d", (int)value->integer);
        else
            g_string_append_c(text, *at);
        at = value ? end + 1 : at + 1;
    }
    char *kept = arena_strdup(arena, text->str);
    g_string_free(text, TRUE);
    return kept;
}

static bool kind_of(const char *module, const char *kind, bool *ret_mail, void *data)
{
    const struct town *town = data;
    (void)module, (void)kind;
    *ret_mail = town->mail;
    return !town->gone;
}

static struct notice_host host_of(struct town *town)
{
    return (struct notice_host){ .identity = town->identity,
                                 .ring = town->ring,
                                 .portal_url = "https://portal.example.com",
                                 .translate = translate,
                                 .kind = kind_of,
                                 .data = town };
}

static struct portico_notice answer(void)
{
    return (struct portico_notice){ .size = sizeof(struct portico_notice),
                                    .kind = "answers",
                                    .subject = "topic/1",
                                    .title = "{actor} answered",
                                    .text = "Restart\n  it.",
                                    .url = "/talk/topic/1",
                                    .audience = IDENTITY_AUDIENCE_EVERYONE,
                                    .reason = "because you follow this question" };
}

static void queue(struct town *town, const struct portico_notice *notice, int64_t actor)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    database_must(notice_queue(town->database.session, "talk", notice, actor, &error), &error);
}

static void follow(struct town *town, int64_t person, int level)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    database_must(notice_follow(town->database.session, "talk", person, "topic/1", level, &error),
                  &error);
}

static bool takes_notices(const char *module, const char *name, enum job_kind kind, void *data)
{
    (void)module, (void)data;
    return kind == JOB_HOST && strcmp(name, NOTICE_JOB) == 0;
}

/* One waiting notice; what telling it returned. */
static int tell_with(struct town *town, const struct notice_host *host)
{
    static const struct job_claimant claimant = { .runner = "here/1/0", .takes = takes_notices };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct job_claim claim;
    database_next_session(&town->database);
    int code = job_claim(town->database.session, &claimant, &claim, &error);
    database_must(code, &error);
    g_assert_cmpint(code, ==, 1);
    int told = notice_tell(town->database.store, &claim, host, &error);
    const struct job_policy policy = { 1, 1 };
    database_must(job_conclude(town->database.session, &claim, &policy, told, told == PORTICO_EBUSY,
                               error.message, &error),
                  &error);
    database_next_session(&town->database);
    return told;
}

static void tell(struct town *town)
{
    const struct notice_host host = host_of(town);
    g_assert_cmpint(tell_with(town, &host), ==, 0);
}

static inline int64_t unread(struct town *town, int64_t person)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t count = -1;
    const struct notice_reader reader = { town->identity, person, false };
    database_must(notice_unread(town->database.session, &reader, &count, &error), &error);
    return count;
}

#define MEMBER (IDENTITY_EVERYONE | IDENTITY_MEMBER)

static struct value *list(struct town *town, int64_t person)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *rows = NULL;
    const struct notice_reader reader = { town->identity, person, false };
    database_must(notice_list(town->database.session, &reader, NULL, 50, &rows, &error), &error);
    return rows;
}

static const char *shown(const struct value *rows, size_t row, const char *column)
{
    const struct value *value = value_get(value_at(rows, row), text_of(column));
    return value && value->kind == PORTICO_TEXT ? value->text : NULL;
}

static inline int64_t number(const struct value *rows, size_t row, const char *column)
{
    return value_get(value_at(rows, row), text_of(column))->integer;
}

static inline int64_t mails(struct town *town)
{
    return database_integer(&town->database,
                            "SELECT count(*) FROM portico_job WHERE name = 'mail'");
}

/* The oldest mail that waits, resolved as when it leaves: 1, or 0 if it is not wanted. */
static int next_mail(struct town *town, struct mail_message *ret_message)
{
    static const struct job_claimant claimant = { .runner = "here/1/1" };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct job_claim claim;
    int code = job_claim(town->database.session, &claimant, &claim, &error);
    database_must(code, &error);
    g_assert_cmpint(code, ==, 1);
    g_assert_cmpstr(claim.name, ==, MAIL_JOB);
    database_must(mail_read(claim.arguments, ret_message, &error), &error);
    code = mail_resolve(town->identity, town->database.session, ret_message, &error);
    database_must(code, &error);
    database_must(job_done(town->database.session, &claim, &error), &error);
    return code;
}

#endif
