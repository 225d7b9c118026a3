#include "portal/letters.h"

#include "base/error.h"
#include "module/notices.h"
#include "page/content.h"
#include "portal/inside.h"

/* The words of a letter; each may name {portal} and {actor}. */
struct words {
    const char *subject, *text, *button, *life, *otherwise;
};

static const char ignored[] =
    /* translated */ "If that was not you, do nothing: without the link nothing happens.";

static const struct words letters[] = {
    [IDENTITY_LINK_SIGN_UP] = {
        .subject = /* translated */ "Confirm your address for {portal}",
        .text = /* translated */
        "Somebody, most likely you, asked for a sign-in at {portal} with this address. Open the "
        "link to confirm it and to choose a password.",
        .button = /* translated */ "Confirm and choose a password",
        .life = /* translated */ "The link works once, within a day.",
        .otherwise = ignored,
    },
    [IDENTITY_LINK_INVITE] = {
        .subject = /* translated */ "You are invited to {portal}",
        .text = /* translated */
        "{actor} invites you to {portal}. Open the link to choose a password; then you are in.",
        .button = /* translated */ "Accept and choose a password",
        .life = /* translated */ "The link works once, within a week.",
        .otherwise = ignored,
    },
    [IDENTITY_LINK_RESET] = {
        .subject = /* translated */ "Set a new password for {portal}",
        .text = /* translated */
        "Somebody, most likely you, asked for a new password at {portal}. Open the link to set it.",
        .button = /* translated */ "Set a new password",
        .life = /* translated */ "The link works once, within an hour.",
        .otherwise = /* translated */
        "If that was not you, do nothing: your password stays as it is.",
    },
    [IDENTITY_LINK_ADDRESS] = {
        .subject = /* translated */ "Confirm your address for {portal}",
        .text = /* translated */
        "{actor} wants to use this address at {portal}. Open the link to confirm that it is "
        "theirs.",
        .button = /* translated */ "Confirm this address",
        .life = /* translated */ "The link works once, within a day.",
        .otherwise = ignored,
    },
};

static const struct words known_already = {
    .subject = /* translated */ "You have a sign-in at {portal} already",
    .text = /* translated */
    "Somebody, most likely you, asked for a sign-in at {portal} with this address. It has one "
    "already: sign in as before. If you do not know the password any more, the link sets a new "
    "one.",
    .button = /* translated */ "Set a new password",
    .life = /* translated */ "The link works once, within an hour.",
    .otherwise = /* translated */ "If that was not you, do nothing: your password stays as it is.",
};

bool letters_leave(struct portico_request *request)
{
    const struct config *config = inside_host(request)->config;
    return config && *config_text(config, "mail", "server") && *config_text(config, "mail", "from");
}

static const char *link_of(struct portico_request *request, const struct identity_letter *letter)
{
    const char *kind = letter->purpose == IDENTITY_LINK_ADDRESS ? "confirm" : "link";
    return portico_printf(request, "%s/account/%s/%s", inside_host(request)->canonical_url, kind,
                          letter->token);
}

struct writing {
    struct portico_request *request;
    const char *locale;
    struct value *arguments;
};

static const char *say(const struct writing *writing, const char *source)
{
    return page_translate(inside_host(writing->request)->pages, "portico",
                          inside_arena(writing->request), writing->locale, source,
                          writing->arguments);
}

/* The same words as a page without shell; NULL when memory ended. */
static const char *html_of(const struct writing *writing, const struct words *words,
                           const char *link, struct portico_error *error)
{
    struct arena *arena = inside_arena(writing->request);
    struct value *data = value_new(arena, PORTICO_OBJECT), *html = NULL;
    const struct page_reader reader = { .locale = writing->locale,
                                        .now = portico_now(writing->request) };
    struct buffer out = { 0 };
    if (!data || value_set_text(data, "title", say(writing, words->subject)) < 0 ||
        value_set_text(data, "text", say(writing, words->text)) < 0 ||
        value_set_text(data, "button", say(writing, words->button)) < 0 ||
        value_set_text(data, "life", say(writing, words->life)) < 0 ||
        value_set_text(data, "otherwise", say(writing, words->otherwise)) < 0 ||
        value_set_text(data, "link", link) < 0)
        return NULL;
    int code = page_render(inside_host(writing->request)->pages, "portico", "letter", arena, data,
                           NULL, &reader, &out, error);
    if (code == 0)
        code = content_sanitize(arena, out.data, out.length, &html, error);
    buffer_free(&out);
    return code == 0 ? html->text : NULL;
}

int letters_send(struct portico_request *request, const struct identity_letter *letter,
                 const char *actor, struct portico_error *error)
{
    struct arena *arena = inside_arena(request);
    struct module_host *host = inside_host(request);
    const bool nobody = letter->kind == IDENTITY_LETTER_NONE;
    const struct words *words = letter->kind == IDENTITY_LETTER_ALREADY ? &known_already
                                : nobody ? &letters[IDENTITY_LINK_RESET]
                                         : &letters[letter->purpose];
    const struct writing writing = { request,
                                     letter->locale && *letter->locale ? letter->locale
                                                                       : portico_locale(request),
                                     value_new(arena, PORTICO_OBJECT) };
    if (!writing.arguments ||
        value_set_text(writing.arguments, "portal", config_text(host->config, "portal", "name")) <
            0 ||
        value_set_text(writing.arguments, "actor", actor ? actor : "") < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a mail was written.");
    const char *link = link_of(request, letter);
    const char *html = link ? html_of(&writing, words, link, error) : NULL;
    const char *text =
        link ? portico_printf(request, "%s\n\n%s\n\n%s\n%s\n", say(&writing, words->text), link,
                              say(&writing, words->life), say(&writing, words->otherwise))
             : NULL;
    if (!html || !text)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a mail was written.");
    const struct mail_message message = { .module = "portico",
                                          .to = letter->address,
                                          .owner = letter->person,
                                          .subject = say(&writing, words->subject),
                                          .text = text,
                                          .html = html,
                                          .portal_url = host->canonical_url };
    int64_t id;
    struct store_session *session = nobody ? NULL : inside_session(request, error);
    if (nobody)
        return 0;
    int code = session ? module_mail(host, session, &message, &id, error) : PORTICO_EIO;
    return code < 0 ? code : 0;
}
