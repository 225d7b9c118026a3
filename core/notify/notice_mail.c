/* A notice as mail: its words, whether it is still wanted, and the link that switches it off. */
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/value_copy.h"
#include "config/seal.h"
#include "notify/notice.h"
#include "notify/rows.h"

#define SUBJECT_LINE_MAX 200

static const char *words(const struct notice_host *host, const char *module, const char *locale,
                         const char *source, const struct value *arguments, struct arena *arena)
{
    const char *text = host->translate(module, locale, source, arguments, arena, host->data);
    return text ? text : source;
}

static void bring_back_time(struct value *value, const struct value *written)
{
    char text[40];
    int64_t time = written && written->kind == PORTICO_TEXT
                       ? clock_parse_rfc3339(written->text, written->count)
                       : INT64_MIN;
    if (time == INT64_MIN || clock_rfc3339(time, text, sizeof text) != written->count ||
        strcmp(text, written->text) != 0)
        return;
    value->kind = PORTICO_TIME;
    value->count = 0;
    value->integer = time;
}

/* Before times were marked, one stood there as a text, and only the core had one: that of a
 * delegation's last day. Every other text that looks like a time is a text. */
static bool is_old_time(struct text name, const struct value *value, const char *module)
{
    return value->kind == PORTICO_TEXT && text_equals(name, TEXT("day")) &&
           strcmp(module, "portico") == 0;
}

struct value *notice_arguments(const struct value *kept, const char *module, const char *actor,
                               struct arena *arena)
{
    const bool good = kept && kept->kind == PORTICO_OBJECT;
    struct value *arguments = good ? value_copy(arena, kept) : value_new(arena, PORTICO_OBJECT);
    for (uint32_t i = 0; arguments && i < arguments->count; i++) {
        struct value *value = arguments->members[i].value;
        if (value->kind == PORTICO_OBJECT)
            bring_back_time(value, value_get(value, TEXT(NOTICE_TIME)));
        else if (is_old_time(arguments->members[i].key, value, module))
            bring_back_time(value, value);
    }
    return arguments && value_set_text(arguments, "actor", actor) == 0 ? arguments : NULL;
}

/* Control characters, which names and titles may have brought along, would end the line. */
static const char *one_line(struct arena *arena, const char *text)
{
    size_t length =
        text_utf8_cut(text, strlen(text) < SUBJECT_LINE_MAX ? strlen(text) : SUBJECT_LINE_MAX);
    char *line = arena_strndup(arena, text, length);
    for (char *c = line; c && *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    return line && *line ? line : "-";
}

struct lines {
    const struct notice_host *host;
    const struct identity_person *person;
    struct arena *arena;
    struct buffer text;
};

static void say(struct lines *lines, const char *source, const struct value *arguments)
{
    buffer_append_text(&lines->text, words(lines->host, "portico", lines->person->locale, source,
                                           arguments, lines->arena));
    buffer_append_char(&lines->text, '\n');
}

static struct value *argument(struct arena *arena, const char *name, const char *text)
{
    struct value *arguments = value_new(arena, PORTICO_OBJECT);
    return arguments && value_set_text(arguments, name, text) == 0 ? arguments : NULL;
}

static void write_body(struct lines *lines, const struct notice_order *order, const char *title,
                       int64_t repeats, bool follows, const char *off)
{
    const char *portal = lines->host->portal_url;
    const char *reason = order->reason ? order->reason
                         : follows     ? /* translated */ "because you follow this"
                                       : /* translated */ "because it concerns you";
    const char *own =
        words(lines->host, order->module, lines->person->locale, reason, NULL, lines->arena);
    struct value *times = value_new(lines->arena, PORTICO_OBJECT);
    buffer_printf(&lines->text, "%s\n\n", title);
    if (order->excerpt && *order->excerpt)
        buffer_printf(&lines->text, "> %s\n\n", order->excerpt);
    if (repeats > 1 && times && value_set_integer(times, "count", repeats - 1) == 0) {
        say(lines, /* translated */ "News before that you have not looked at: {count}", times);
        buffer_append_char(&lines->text, '\n');
    }
    buffer_printf(&lines->text, "%s%s\n\n-- \n", portal, order->url);
    say(lines, /* translated */ "You get this mail {reason}.",
        argument(lines->arena, "reason", own));
    say(lines,
        follows ? /* translated */ "No more about this:"
                : /* translated */ "No more mail of this kind:",
        NULL);
    buffer_printf(&lines->text, "%s%s\n", portal, off);
    say(lines, /* translated */ "Choose what you are told:", NULL);
    buffer_printf(&lines->text, "%s/account/notices/settings\n", portal);
}

static int off_path(const struct notice_order *order, const struct identity_person *person,
                    bool follows, const struct notice_host *host, struct arena *arena,
                    const char **ret_path, struct portico_error *error)
{
    const char *token = NULL;
    const struct notice_switch off = { .person = person->id,
                                       .module = order->module,
                                       .kind = order->kind,
                                       .subject = order->subject,
                                       .follows = follows };
    int code = notice_switch_sign(host->ring, &off, arena, &token, error);
    if (code < 0)
        return code;
    *ret_path = arena_printf(arena, "/portico/unsubscribe/%s", token);
    return *ret_path ? 0 : error_set(error, PORTICO_ENOMEM, "Memory ended in a mail's link.");
}

int notice_write_mail(const struct notice_order *order, const struct identity_person *person,
                      const char *actor, int64_t notice, int64_t repeats, bool follows,
                      const struct notice_host *host, struct arena *arena,
                      struct mail_message *ret_message, struct portico_error *error)
{
    struct lines lines = { .host = host, .person = person, .arena = arena };
    const char *off = NULL;
    int code = off_path(order, person, follows, host, arena, &off, error);
    if (code < 0)
        return code;
    if (!actor)
        actor = words(host, "portico", person->locale, /* translated */ "Somebody", NULL, arena);
    struct value *arguments = notice_arguments(order->arguments, order->module, actor, arena);
    const char *title =
        arguments ? words(host, order->module, person->locale, order->title, arguments, arena)
                  : NULL;
    if (title)
        write_body(&lines, order, title, repeats, follows, off);
    const char *text = title ? arena_strdup(arena, buffer_text(&lines.text)) : NULL;
    buffer_free(&lines.text);
    const char *subject = title ? one_line(arena, title) : NULL;
    if (!text || !subject)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a mail was written.");
    *ret_message = (struct mail_message){ .module = order->module,
                                          .person = person->id,
                                          .notice = notice,
                                          .told = order->id,
                                          .part = order->part,
                                          .subject = subject,
                                          .text = text,
                                          .unsubscribe = off,
                                          .thread = order->subject,
                                          .portal_url = host->portal_url };
    return 0;
}

int notice_mail_wanted(struct identity *identity, struct store_session *session,
                       const struct mail_message *message, struct portico_error *error)
{
    struct identity_person person;
    struct value *rows = NULL;
    int level = PORTICO_NORMAL;
    int code = store_host_query(
        session,
        NOTICES "SELECT person, module, kind, subject, audience, mention FROM portico_notice "
                "WHERE id = ? AND read_at IS NULL",
        PORTICO_ARGS(portico_arg_id(message->notice)), &rows, error);
    if (code < 0 || rows->count == 0)
        return code;
    int64_t id = row_integer(rows, 0, 0);
    const char *module = row_text(rows, 0, 1), *kind = row_text(rows, 0, 2);
    struct notice_choice choice = { .by_mail = true };
    /* The notice may have gone on to something else meanwhile. */
    int withdrawn = notice_is_withdrawn(session, module, row_text(rows, 0, 3), message->part,
                                        message->told, error);
    if (withdrawn)
        return withdrawn < 0 ? withdrawn : 0;
    code = identity_person_look(session, id, &person, error);
    if (code == 0)
        code = notice_choice(session, id, module, kind, &choice, error);
    if (code == 0 && !row_integer(rows, 0, 5))
        code = notice_following(session, module, id, row_text(rows, 0, 3), &level, error);
    if (code < 0)
        return code == PORTICO_ENOENT ? 0 : code;
    return choice.by_mail && level != PORTICO_MUTED
               ? notice_may_see(identity, session, &person, row_integer(rows, 0, 4), error)
               : 0;
}

static struct seal_use seal_of(struct keyring *ring)
{
    return (struct seal_use){ ring, "portico", "unsubscribe" };
}

int notice_switch_sign(struct keyring *ring, const struct notice_switch *off, struct arena *arena,
                       const char **ret_token, struct portico_error *error)
{
    struct value *object = value_new(arena, PORTICO_OBJECT);
    struct buffer json = { 0 };
    char *token = NULL;
    if (!ring)
        return error_set(error, PORTICO_EIO, "This host has no key ring to sign links with.");
    if (!object || value_set_integer(object, "p", off->person) < 0 ||
        value_set_text(object, "m", off->module) < 0 ||
        value_set_text(object, "k", off->kind) < 0 ||
        value_set_text(object, "s", off->subject) < 0 ||
        value_set_boolean(object, "f", off->follows) < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a link was signed.");
    json_write(&json, object);
    struct seal_use use = seal_of(ring);
    int code = json.failed ? error_set(error, PORTICO_ENOMEM, "Memory ended in a link.")
                           : seal_close(&use, json.data, json.length, arena, &token, error);
    buffer_free(&json);
    if (code == 0)
        *ret_token = token;
    return code;
}

int notice_switch_read(struct keyring *ring, const char *token, struct arena *arena,
                       struct notice_switch *ret_off, struct portico_error *error)
{
    void *bytes = NULL;
    size_t length = 0;
    struct value *object = NULL;
    struct seal_use use = seal_of(ring);
    if (!ring)
        return error_set(error, PORTICO_EIO, "This host has no key ring to read links with.");
    int code = seal_open(&use, token, arena, &bytes, &length, error);
    if (code == 0)
        code = json_parse(arena, bytes, length, &object, error);
    if (code < 0)
        return code;
    const struct value *person = value_get(object, TEXT("p")),
                       *follows = value_get(object, TEXT("f"));
    const struct value *module = value_get(object, TEXT("m")), *kind = value_get(object, TEXT("k"));
    const struct value *subject = value_get(object, TEXT("s"));
    if (!person || !follows || !module || !kind || !subject)
        return error_set(error, PORTICO_EINVAL, "That link switches nothing off.");
    *ret_off = (struct notice_switch){ .person = person->integer,
                                       .module = module->text,
                                       .kind = kind->text,
                                       .subject = subject->text,
                                       .follows = follows->integer != 0 };
    return 0;
}

int notice_switch_set(struct store_session *session, const struct notice_switch *off, bool on,
                      struct portico_error *error)
{
    struct notice_choice choice = { .on_page = true };
    if (off->follows)
        return notice_follow(session, off->module, off->person, off->subject,
                             on ? PORTICO_FOLLOWS : PORTICO_MUTED, error);
    int code = notice_choice(session, off->person, off->module, off->kind, &choice, error);
    choice.by_mail = on;
    return code < 0 ? code
                    : notice_choose(session, off->person, off->module, off->kind, &choice, error);
}

int notice_switch_is_off(struct store_session *session, const struct notice_switch *off,
                         bool *ret_off, struct portico_error *error)
{
    struct notice_choice choice = { .by_mail = true };
    int level = PORTICO_NORMAL;
    int code =
        off->follows
            ? notice_following(session, off->module, off->person, off->subject, &level, error)
            : notice_choice(session, off->person, off->module, off->kind, &choice, error);
    if (code == 0)
        *ret_off = off->follows ? level == PORTICO_MUTED : !choice.by_mail;
    return code;
}
