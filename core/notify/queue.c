/* What is taken as a message, and its way into the queue and out of it. */
#include "base/error.h"
#include "base/text.h"
#include "notify/address.h"
#include "notify/mail.h"
#include "notify/notice.h"

#define SUBJECT_MAX 500
#define THREAD_MAX 200
#define URL_MAX 900

static int check_line(const char *what, const char *line, size_t most, struct portico_error *error)
{
    size_t length = line ? strlen(line) : 0;
    return length <= most && text_is_line(line, length)
               ? 0
               : error_set(error, PORTICO_EINVAL,
                           "The %s of a mail is one line of at most %zu bytes, without control "
                           "characters.",
                           what, most);
}

static int check_body(const char *what, const char *body, struct portico_error *error)
{
    size_t length = body ? strlen(body) : 0;
    return length && text_is_utf8(body, length)
               ? 0
               : error_set(error, PORTICO_EINVAL, "The %s of a mail is missing or no UTF-8.", what);
}

/* Only a page of this portal: nobody is led elsewhere by a portal's mail. */
static int check_link(const struct mail_message *message, struct portico_error *error)
{
    const char *link = message->unsubscribe, *portal = message->portal_url;
    size_t length = portal ? strlen(portal) : 0;
    bool path = link[0] == '/' && link[1] != '/';
    bool fits = path || (length && strncmp(link, portal, length) == 0 && link[length] == '/');
    for (const char *c = link; fits && *c; c++)
        fits = *c > ' ' && *c < 0x7f && !strchr("<>\"\\", *c);
    return fits && strlen(link) <= URL_MAX
               ? 0
               : error_set(error, PORTICO_EINVAL,
                           "\"%.100s\" is no address of a page of this portal: mail is ended there "
                           "with one POST. Give a path such as \"/news/off?key=…\".",
                           link);
}

static int check_address(const char *text, struct portico_error *error)
{
    struct arena *arena = arena_new(0);
    struct mail_address address;
    int code = arena ? mail_address_parse(arena, text, &address, error)
                     : error_set(error, PORTICO_ENOMEM, "Memory ended while a mail was checked.");
    arena_free(arena);
    return code;
}

int mail_check(const struct mail_message *message, struct portico_error *error)
{
    int code = 0;
    if (!message->to == !message->person)
        code = error_set(error, PORTICO_EINVAL,
                         "A mail goes to an address or to a person: give one of both.");
    else if (message->to)
        code = check_address(message->to, error);
    if (code == 0)
        code = check_line("subject", message->subject, SUBJECT_MAX, error);
    if (code == 0)
        code = check_body("text", message->text, error);
    if (code == 0 && message->html)
        code = check_body("html", message->html, error);
    if (code == 0 && message->reply_to)
        code = check_address(message->reply_to, error);
    if (code == 0 && message->unsubscribe)
        code = check_link(message, error);
    if (code == 0 && message->thread)
        code = check_line("thread", message->thread, THREAD_MAX, error);
    return code;
}

/* Names of the members in a job's arguments. */
static const struct {
    const char *name;
    size_t offset;
} members[] = {
#define MEMBER(name)                                                                               \
    {                                                                                              \
#name, offsetof(struct mail_message, name)                                                 \
    }
    MEMBER(module),   MEMBER(to),          MEMBER(subject), MEMBER(text),       MEMBER(html),
    MEMBER(reply_to), MEMBER(unsubscribe), MEMBER(thread),  MEMBER(portal_url), MEMBER(part),
#undef MEMBER
};

static const char **member_of(struct mail_message *message, size_t index)
{
    return (const char **)(void *)((char *)message + members[index].offset);
}

int mail_queue(struct store_session *session, const struct mail_message *message, int64_t *ret_id,
               struct portico_error *error)
{
    int code = mail_check(message, error);
    struct mail_message own = *message;
    struct value *arguments = value_new(store_session_arena(session), PORTICO_OBJECT);
    for (size_t i = 0; code == 0 && i < sizeof members / sizeof *members; i++) {
        const char *text = *member_of(&own, i);
        if (text && (!arguments || value_set_text(arguments, members[i].name, text) < 0))
            code = error_set(error, PORTICO_ENOMEM, "Memory ended while a mail was queued.");
    }
    if (code == 0 && (value_set_integer(arguments, "person", message->person) < 0 ||
                      value_set_integer(arguments, "owner", message->owner) < 0 ||
                      value_set_integer(arguments, "notice", message->notice) < 0 ||
                      value_set_integer(arguments, "told", message->told) < 0))
        code = error_set(error, PORTICO_ENOMEM, "Memory ended while a mail was queued.");
    if (code < 0)
        return code;
    const struct job_request request = {
        .module = "core",
        .name = MAIL_JOB,
        .kind = JOB_HOST,
        .arguments = arguments,
        .attempts = MAIL_ATTEMPTS,
        .person = message->person ? message->person : message->owner,
    };
    return job_queue(session, &request, ret_id, error);
}

static int64_t number_of(const struct value *arguments, const char *name)
{
    const struct value *number = arguments ? value_get(arguments, text_of(name)) : NULL;
    return number && number->kind == PORTICO_INTEGER ? number->integer : 0;
}

int mail_read(const struct value *arguments, struct mail_message *ret_message,
              struct portico_error *error)
{
    struct mail_message message = { 0 };
    for (size_t i = 0; arguments && i < sizeof members / sizeof *members; i++) {
        const struct value *text = value_get(arguments, text_of(members[i].name));
        *member_of(&message, i) = text && text->kind == PORTICO_TEXT ? text->text : NULL;
    }
    message.person = number_of(arguments, "person");
    message.owner = number_of(arguments, "owner");
    message.notice = number_of(arguments, "notice");
    message.told = number_of(arguments, "told");
    int code = mail_check(&message, error);
    if (code == 0)
        *ret_message = message;
    return code;
}

int mail_resolve(struct identity *identity, struct store_session *session,
                 struct mail_message *message, struct portico_error *error)
{
    struct identity_person person;
    const int64_t whose = message->person ? message->person : message->owner;
    int code = whose ? identity_person_look(session, whose, &person, error) : 0;
    if (code < 0)
        return code == PORTICO_ENOENT ? 0 : code;
    if (!message->person)
        return !whose || person.state != IDENTITY_DISABLED;
    if (person.state != IDENTITY_ACTIVE || !person.address)
        return 0;
    message->to = person.address;
    return message->notice ? notice_mail_wanted(identity, session, message, error) : 1;
}
