/* Telling people: the job behind a notice. */
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "identity/standing.h"
#include "notify/notice.h"
#include "notify/rows.h"

#define SLICE 40 /* people of one transaction */

struct telling {
    struct store_session *session;
    const struct job_claim *claim;
    const struct notice_host *host;
    struct notice_order order;
    bool mail; /* of the kind, until somebody chose */
    struct arena *arena;
};

/* Where a telling is: first the named ones, then followers by id. */
struct place {
    int64_t named;    /* how many of them are done */
    int64_t follower; /* the last one that is done */
};

int notice_may_see(struct identity *identity, struct store_session *session,
                   const struct identity_person *person, int64_t audience,
                   struct portico_error *error)
{
    return audience ? identity_may_see(identity, session, person, audience, error)
                    : person->state == IDENTITY_ACTIVE;
}

static bool holds(const struct value *list, int64_t person)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i]->integer == person)
            return true;
    return false;
}

/* What is unread about the same already; id 0: nothing. */
struct earlier {
    int64_t id, repeats, mailed;
};

static int find_earlier(const struct telling *telling, int64_t person, struct earlier *ret_earlier,
                        struct portico_error *error)
{
    const struct notice_order *order = &telling->order;
    struct value *rows = NULL;
    int code = store_host_query(
        telling->session,
        NOTICES "SELECT id, repeats, mailed_at FROM portico_notice WHERE person = ? AND "
                "module = ? AND kind = ? AND subject = ? AND read_at IS NULL",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_text(order->module),
                     portico_arg_text(order->kind), portico_arg_text(order->subject)),
        &rows, error);
    if (code == 0 && rows->count)
        *ret_earlier = (struct earlier){ row_integer(rows, 0, 0), row_integer(rows, 0, 1),
                                         row_integer(rows, 0, 2) };
    return code;
}

struct told {
    int64_t person, id, repeats;
    bool mention, follows, on_page, mailed;
    int64_t now;
};

/* The news take the place of what is unread about the same. */
static int write_row(const struct telling *telling, const struct told *told,
                     struct portico_error *error)
{
    const struct notice_order *order = &telling->order;
    struct buffer json = { 0 };
    const char *reason = order->reason   ? order->reason
                         : told->follows ? /* translated */ "because you follow this"
                                         : /* translated */ "because it concerns you";
    if (order->arguments)
        json_write(&json, order->arguments);
    int code = store_host_execute(
        telling->session,
        NOTICES
        "INSERT INTO portico_notice (id, person, module, kind, subject, title, arguments, excerpt, "
        "url, audience, reason, actor, repeats, mention, on_page, changed, mailed_at, "
        "part) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (person, module, kind, subject) WHERE read_at IS NULL DO UPDATE SET "
        "title = excluded.title, arguments = excluded.arguments, excerpt = excluded.excerpt, "
        "url = excluded.url, audience = excluded.audience, reason = excluded.reason, "
        "actor = excluded.actor, repeats = excluded.repeats, mention = excluded.mention, "
        "on_page = excluded.on_page, changed = excluded.changed, part = excluded.part, "
        "mailed_at = COALESCE(excluded.mailed_at, portico_notice.mailed_at)",
        PORTICO_ARGS(portico_arg_id(told->id), portico_arg_id(told->person),
                     portico_arg_text(order->module), portico_arg_text(order->kind),
                     portico_arg_text(order->subject), portico_arg_text(order->title),
                     portico_arg_text(order->arguments ? buffer_text(&json) : NULL),
                     portico_arg_text(order->excerpt), portico_arg_text(order->url),
                     portico_arg_id(order->audience), portico_arg_text(reason),
                     portico_arg_id(order->actor), portico_arg_integer(told->repeats),
                     portico_arg_boolean(told->mention), portico_arg_boolean(told->on_page),
                     portico_arg_time(told->now),
                     told->mailed ? portico_arg_time(told->now) : portico_arg_text(NULL),
                     portico_arg_text(order->part)),
        NULL, error);
    buffer_free(&json);
    return code;
}

static int send_mail(const struct telling *telling, const struct told *told,
                     const struct identity_person *person, struct portico_error *error)
{
    struct mail_message message = { 0 };
    struct identity_person actor = { 0 };
    int64_t id;
    int code = telling->order.actor
                   ? identity_person_look(telling->session, telling->order.actor, &actor, error)
                   : 0;
    if (code == 0 || code == PORTICO_ENOENT)
        code = notice_write_mail(&telling->order, person, actor.name, told->id, told->repeats,
                                 told->follows, telling->host, telling->arena, &message, error);
    if (code < 0)
        return code;
    return telling->host->mail
               ? telling->host->mail(telling->session, &message, &id, telling->host->data, error)
               : mail_queue(telling->session, &message, &id, error);
}

static int tell(const struct telling *telling, const struct identity_person *person, bool follows,
                struct portico_error *error)
{
    const struct notice_order *order = &telling->order;
    struct notice_choice choice = { .on_page = true, .by_mail = telling->mail };
    struct earlier earlier = { 0 };
    int code =
        notice_choice(telling->session, person->id, order->module, order->kind, &choice, error);
    if (code == 0 && (choice.on_page || choice.by_mail))
        code = find_earlier(telling, person->id, &earlier, error);
    if (code < 0 || (!choice.on_page && !choice.by_mail))
        return code;
    int64_t now = clock_now();
    bool lately = earlier.mailed && now - earlier.mailed < NOTICE_MAIL_EVERY;
    /* By mail alone: what an earlier mail said is known. */
    bool goes_on = earlier.id && (choice.on_page || lately);
    const struct told told = {
        .person = person->id,
        .id = earlier.id ? earlier.id : id_new(),
        .repeats = goes_on ? earlier.repeats + 1 : 1,
        .mention = (order->flags & PORTICO_NOTICE_MENTION) != 0 && !follows,
        .follows = follows,
        .on_page = choice.on_page,
        .mailed = choice.by_mail && person->address && telling->host->portal_url && !lately,
        .now = now,
    };
    code = write_row(telling, &told, error);
    return code == 0 && told.mailed ? send_mail(telling, &told, person, error) : code;
}

/* Everything that keeps somebody from being told but their own choice of the kind. */
static int consider(const struct telling *telling, int64_t id, bool follows,
                    struct portico_error *error)
{
    const struct notice_order *order = &telling->order;
    struct identity_person person;
    int level = PORTICO_NORMAL;
    if (id == order->actor || holds(order->except, id) || (follows && holds(order->people, id)))
        return 0;
    int code = identity_person_look(telling->session, id, &person, error);
    if (code < 0)
        return code == PORTICO_ENOENT ? 0 : code;
    if (follows && order->audience == 0)
        return 0;
    int sees =
        notice_may_see(telling->host->identity, telling->session, &person, order->audience, error);
    if (sees <= 0)
        return sees;
    if (!follows && !(order->flags & PORTICO_NOTICE_MENTION))
        code = notice_following(telling->session, order->module, id, order->subject, &level, error);
    if (code < 0 || level == PORTICO_MUTED)
        return code;
    return tell(telling, &person, follows, error);
}

/* 1: what it is about was taken back after this was queued; it is not meanwhile. */
static int is_withdrawn(const struct telling *telling, struct portico_error *error)
{
    const struct notice_order *order = &telling->order;
    int code = notice_lock(telling->session, order->module, order->subject, order->part, error);
    return code < 0 ? code
                    : notice_is_withdrawn(telling->session, order->module, order->subject,
                                          order->part, order->id, error);
}

static int tell_named(const struct telling *telling, struct place *place,
                      struct portico_error *error)
{
    const struct value *people = telling->order.people;
    int code = 0;
    for (unsigned i = 0; code == 0 && i < SLICE && place->named < people->count; i++)
        code = consider(telling, people->items[place->named++]->integer, false, error);
    return code;
}

/* 1: there are none behind these. */
static int tell_followers(const struct telling *telling, struct place *place,
                          struct portico_error *error)
{
    struct value *rows = NULL;
    int code = store_host_query(
        telling->session,
        "SELECT person FROM portico_follow WHERE module = ? AND subject = ? AND "
        "person > ? AND level = 1 AND mark < ? ORDER BY person LIMIT ?",
        PORTICO_ARGS(portico_arg_text(telling->order.module),
                     portico_arg_text(telling->order.subject), portico_arg_integer(place->follower),
                     portico_arg_id(telling->order.id), portico_arg_integer(SLICE)),
        &rows, error);
    for (size_t i = 0; code == 0 && i < rows->count; i++) {
        place->follower = row_integer(rows, i, 0);
        code = consider(telling, place->follower, true, error);
    }
    return code < 0 ? code : rows->count < SLICE;
}

static int keep_place(const struct telling *telling, const struct place *place,
                      struct portico_error *error)
{
    struct value *state = value_new(telling->arena, PORTICO_OBJECT);
    if (!state || value_set_integer(state, "named", place->named) < 0 ||
        value_set_integer(state, "follower", place->follower) < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while people were told.");
    return job_save(telling->session, telling->claim, state, error);
}

/* One slice with its place, or nothing. 1: all are told. */
static int tell_slice(const struct telling *telling, struct place *place,
                      struct portico_error *error)
{
    int code = store_begin(telling->session, error);
    int over = code < 0 ? code : is_withdrawn(telling, error);
    if (over == 0 && place->named < telling->order.people->count)
        over = tell_named(telling, place, error);
    else if (over == 0)
        over = telling->order.flags & PORTICO_NOTICE_ONLY_NAMED
                   ? 1
                   : tell_followers(telling, place, error);
    code = over < 0 ? over : keep_place(telling, place, error);
    if (code < 0) {
        store_rollback(telling->session);
        return code;
    }
    code = store_commit(telling->session, error);
    return code < 0 ? code : over;
}

static int64_t saved(const struct job_claim *claim, const char *name)
{
    const struct value *value = claim->saved ? value_get(claim->saved, text_of(name)) : NULL;
    return value && value->kind == PORTICO_INTEGER ? value->integer : 0;
}

/* A session of its own for each slice: what it read of people is let go with it. */
static int tell_next(struct store *store, struct telling *telling, struct place *place,
                     struct portico_error *error)
{
    int code = error_set(error, PORTICO_ENOMEM, "Memory ended while people were told.");
    telling->arena = arena_new(0);
    telling->session = telling->arena
                           ? store_session_new(store, telling->arena, &store_viewer_host, "core")
                           : NULL;
    if (telling->session) {
        job_guard(telling->session, telling->claim);
        code = tell_slice(telling, place, error);
    }
    store_session_end(telling->session);
    arena_free(telling->arena);
    return code;
}

int notice_tell(struct store *store, const struct job_claim *claim, const struct notice_host *host,
                struct portico_error *error)
{
    struct telling telling = { .claim = claim, .host = host };
    struct place place = { saved(claim, "named"), saved(claim, "follower") };
    int code = notice_order_read(claim, &telling.order, error);
    if (code < 0)
        return code;
    if (!host->kind(telling.order.module, telling.order.kind, &telling.mail, host->data))
        return 0; /* its module is gone: nobody could say what it is */
    while (code == 0) {
        if (host->must_stop && host->must_stop(host->data))
            return error_set(error, PORTICO_EBUSY,
                             "It was asked to stop; the others are told next.");
        code = tell_next(store, &telling, &place, error);
    }
    return code < 0 ? code : 0;
}
