#include "portal/letters.h"

#include "base/error.h"
#include "identity/passkey.h"
#include "identity/person.h"
#include "identity/second.h"
#include "module/notices.h"
#include "page/content.h"
#include "portal/inside.h"

/* The words of a letter; each may name {portal} and {actor}. */
struct words {
    const char *subject, *text, *button, *life, *otherwise;
    const char *page; /* of news, where the button leads; NULL: how they sign in */
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
        .life = /* translated */ "The link works once, within a day, where {actor} is signed in.",
        .otherwise = ignored,
    },
};

static const struct words invitation_words = {
    .subject = /* translated */ "{actor} invites you to {company} at {portal}",
    .text = /* translated */
    "{actor} invites you to act for {company} at {portal}. Open the link to accept. If you have a "
    "sign-in there with this address, you use it; if not, you choose a name and a password.",
    .button = /* translated */ "See the invitation",
    .life = /* translated */ "The link works once, within {days} days.",
    .otherwise = /* translated */
    "If you do not know what this is about, do nothing: without the link nothing happens.",
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

static const char not_you[] =
    /* translated */ "If that was not you, change your password now and look through the page.";
static const char look[] = /* translated */ "Look at how you sign in";
static const char not_you_anywhere[] =
    /* translated */ "If that was not you, set a new password now and look through your addresses. "
                     "If you cannot sign in any more, ask those who run {portal} for help at once.";
static const char look_addresses[] = /* translated */ "Look at your addresses";
#define ADDRESSES_PAGE "/account"

static const struct words told[] = {
    [LETTERS_RECOVERY_USED] = {
        .subject = /* translated */ "A recovery code was used at {portal}",
        .text = /* translated */
        "Somebody, most likely you, signed in at {portal} with one of your recovery codes. It is "
        "used up.",
        .button = look,
        .life = /* translated */ "The page says how many are left.",
        .otherwise = not_you,
    },
    [LETTERS_RECOVERY_MADE] = {
        .subject = /* translated */ "You have new recovery codes at {portal}",
        .text = /* translated */
        "Somebody, most likely you, made new recovery codes at {portal}. Those before no longer "
        "work.",
        .button = look,
        .life = "",
        .otherwise = not_you,
    },
    [LETTERS_APP_SET] = {
        .subject = /* translated */ "An authenticator app was set up at {portal}",
        .text = /* translated */
        "Signing in as you at {portal} asks for a code of your authenticator app from now on.",
        .button = look,
        .life = "",
        .otherwise = not_you,
    },
    [LETTERS_APP_GONE] = {
        .subject = /* translated */ "An authenticator app was removed at {portal}",
        .text = /* translated */
        "Signing in as you at {portal} no longer asks for a code of your authenticator app.",
        .button = look,
        .life = "",
        .otherwise = not_you,
    },
    [LETTERS_PASSKEY_SET] = {
        .subject = /* translated */ "A passkey was set up at {portal}",
        .text = /* translated */
        "Whoever has the device with the new passkey can sign in as you at {portal}.",
        .button = look,
        .life = "",
        .otherwise = not_you,
    },
    [LETTERS_TOKEN_MADE] = {
        .subject = /* translated */ "An access token was made at {portal}",
        .text = /* translated */
        "A program that has the new token uses the API of {portal} in your name.",
        .button = look,
        .life = "",
        .otherwise = not_you,
    },
    [LETTERS_PASSKEY_GONE] = {
        .subject = /* translated */ "A passkey was removed at {portal}",
        .text = /* translated */ "One of your passkeys no longer opens {portal}.",
        .button = look,
        .life = "",
        .otherwise = not_you,
    },
    [LETTERS_SECOND_GONE] = {
        .subject = /* translated */ "Your second factor at {portal} was taken away",
        .text = /* translated */
        "An admin of {portal} took away your authenticator app, your passkeys and your recovery "
        "codes. Set up new ones when you sign in next.",
        .button = look,
        .life = "",
        .otherwise = /* translated */
        "If you did not ask for that, ask the admin.",
    },
    [LETTERS_ADDRESS_NEW] = {
        .subject = /* translated */ "A mail address was added at {portal}",
        .text = /* translated */
        "{address} was confirmed as one of your addresses at {portal}: whoever reads mail there can "
        "sign in with it.",
        .button = look_addresses,
        .life = "",
        .otherwise = not_you_anywhere,
        .page = ADDRESSES_PAGE,
    },
    [LETTERS_ADDRESS_MAIN] = {
        .subject = /* translated */ "Your mail from {portal} goes elsewhere now",
        .text = /* translated */
        "{address} is your main address at {portal} from now on: mail and links that set a new "
        "password go there.",
        .button = look_addresses,
        .life = "",
        .otherwise = not_you_anywhere,
        .page = ADDRESSES_PAGE,
    },
    [LETTERS_ADDRESS_GONE] = {
        .subject = /* translated */ "A mail address was removed at {portal}",
        .text = /* translated */ "{address} no longer counts as one of your addresses at {portal}.",
        .button = look_addresses,
        .life = "",
        .otherwise = not_you_anywhere,
        .page = ADDRESSES_PAGE,
    },
    [LETTERS_PASSWORD_SET] = {
        .subject = /* translated */ "Your password at {portal} was changed",
        .text = /* translated */
        "Somebody, most likely you, changed your password at {portal}. You are signed out "
        "everywhere else.",
        .button = look,
        .life = "",
        .otherwise = not_you_anywhere,
    },
    [LETTERS_PASSWORD_RESET] = {
        .subject = /* translated */ "Your password at {portal} was set anew",
        .text = /* translated */
        "Somebody, most likely you, set a new password at {portal} by a link that was mailed to "
        "you. All sessions before are ended, and access tokens open nothing.",
        .button = look,
        .life = /* translated */
        "This stays as it was and is asked for when you sign in: {factors}. Take away what is not "
        "yours; if that keeps you out, those who run {portal} take it away.",
        .otherwise = not_you_anywhere,
    },
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

const char letters_often[] = /* translated */
    "Nothing was sent: within an hour only so many mails go to one address, or for one person, "
    "company or network.";

static struct identity_writer writer_of(struct portico_request *request, int64_t account)
{
    return (struct identity_writer){ inside_viewer(request)->person, account };
}

int letters_take_sender(struct portico_request *request, int64_t account,
                        struct portico_error *error)
{
    const struct identity_writer writer = writer_of(request, account);
    struct store_session *session = inside_session(request, error);
    int64_t wait = 0;
    int code = session ? identity_letter_take_sender(inside_host(request)->identity, session,
                                                     &writer, &wait, error)
                       : PORTICO_EIO;
    return code == PORTICO_ELIMIT ? inside_limit(request->context, wait, letters_often, error)
                                  : code;
}

int letters_take_address(struct portico_request *request, int64_t account, const char *address,
                         int64_t *ret_wait, struct portico_error *error)
{
    const struct identity_writer writer = writer_of(request, account);
    struct store_session *session = inside_session(request, error);
    return session ? identity_letter_take_address(inside_host(request)->identity, session, &writer,
                                                  address, ret_wait, error)
                   : PORTICO_EIO;
}

int letters_take(struct portico_request *request, int64_t account, const char *address,
                 struct portico_error *error)
{
    int64_t wait = 0;
    int code = letters_take_sender(request, account, error);
    if (code == 0) {
        code = letters_take_address(request, account, address, &wait, error);
        if (code == PORTICO_ELIMIT)
            code = inside_limit(request->context, wait, letters_often, error);
    }
    return code;
}

struct writing {
    struct portico_request *request;
    const char *locale;
    struct value *arguments;
};

static const char *say(const struct writing *writing, const char *source)
{
    if (!*source)
        return source;
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

/* To one address, with the words and where they lead. */
static int send(const struct writing *writing, const struct words *words, const char *link,
                const char *to, int64_t owner, struct portico_error *error)
{
    struct portico_request *request = writing->request;
    struct module_host *host = inside_host(request);
    const char *html = link ? html_of(writing, words, link, error) : NULL;
    const char *text =
        link ? portico_printf(request, "%s\n\n%s\n\n%s\n%s\n", say(writing, words->text), link,
                              say(writing, words->life), say(writing, words->otherwise))
             : NULL;
    if (!html || !text)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a mail was written.");
    const struct mail_message message = { .module = "portico",
                                          .to = to,
                                          .owner = owner,
                                          .subject = say(writing, words->subject),
                                          .text = text,
                                          .html = html,
                                          .portal_url = host->canonical_url };
    int64_t id;
    struct store_session *session = to ? inside_session(request, error) : NULL;
    if (!to)
        return 0;
    int code = session ? module_mail(host, session, &message, &id, error) : PORTICO_EIO;
    return code < 0 ? code : 0;
}

static int begin_writing(struct portico_request *request, const char *locale, const char *actor,
                         struct writing *ret_writing, struct portico_error *error)
{
    const char *portal = config_text(inside_host(request)->config, "portal", "name");
    struct value *arguments = value_new(inside_arena(request), PORTICO_OBJECT);
    if (!arguments || value_set_text(arguments, "portal", portal) < 0 ||
        value_set_text(arguments, "actor", actor ? actor : "") < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a mail was written.");
    *ret_writing = (struct writing){ request, locale && *locale ? locale : portico_locale(request),
                                     arguments };
    return 0;
}

int letters_send(struct portico_request *request, const struct identity_letter *letter,
                 const char *actor, struct portico_error *error)
{
    const bool nobody = letter->kind == IDENTITY_LETTER_NONE;
    const struct words *words = letter->kind == IDENTITY_LETTER_ALREADY ? &known_already
                                : nobody ? &letters[IDENTITY_LINK_RESET]
                                         : &letters[letter->purpose];
    struct writing writing;
    int code = begin_writing(request, letter->locale, actor, &writing, error);
    return code < 0 ? code
                    : send(&writing, words, link_of(request, letter),
                           nobody ? NULL : letter->address, letter->person, error);
}

static const char *page_of(struct portico_request *request, const struct words *words)
{
    return portico_printf(request, "%s%s", inside_host(request)->canonical_url,
                          words->page ? words->page : "/account/security");
}

int letters_tell(struct portico_request *request, int64_t person, enum letters_news news,
                 struct portico_error *error)
{
    const struct words *words = &told[news];
    struct store_session *session = inside_session(request, error);
    struct identity_person whose;
    struct writing writing;
    int code = session ? identity_person_look(session, person, &whose, error) : PORTICO_EIO;
    if (code == 0)
        code = begin_writing(request, whose.locale, NULL, &writing, error);
    return code < 0 ? code
                    : send(&writing, words, page_of(request, words), whose.address, person, error);
}

/* ---- to addresses that counted before ---- */

int letters_before(struct portico_request *request, int64_t person,
                   struct letters_before *ret_before, struct portico_error *error)
{
    struct store_session *session = inside_session(request, error);
    *ret_before = (struct letters_before){ .person = person };
    return session ? identity_addresses(session, person, &ret_before->addresses, error)
                   : PORTICO_EIO;
}

/* One that counted; NULL: it never did. */
static const char *counted(const struct letters_before *before, uint32_t i)
{
    const struct portico_value *row = value_public(value_at(before->addresses, i));
    return portico_get_integer(row, "verified", 0) ? portico_get_text(row, "address", NULL) : NULL;
}

const char *letters_address(const struct letters_before *before, int64_t id)
{
    for (uint32_t i = 0; i < before->addresses->count; i++)
        if (portico_get_integer(value_public(value_at(before->addresses, i)), "id", 0) == id)
            return counted(before, i);
    return NULL;
}

/* What opens somebody's sign-in beside the password, "" for nothing; NULL when memory ended. */
static const char *factors_of(const struct writing *writing, struct store_session *session,
                              int64_t person, struct portico_error *error)
{
    struct identity_second second;
    struct value *rows;
    int code = identity_second_look(session, person, &second, error);
    if (code == 0)
        code = identity_passkeys(session, person, &rows, error);
    if (code < 0)
        return NULL;
    const char *list = second.app ? say(writing, /* translated */ "the authenticator app") : "";
    for (uint32_t i = 0; list && i < rows->count; i++)
        list = portico_printf(writing->request, "%s%s%s \"%s\"", list, *list ? ", " : "",
                              say(writing, /* translated */ "the passkey"),
                              portico_get_text(value_public(value_at(rows, i)), "name", ""));
    return list;
}

int letters_tell_before(struct portico_request *request, const struct letters_before *before,
                        enum letters_news news, const char *address, struct portico_error *error)
{
    struct store_session *session = inside_session(request, error);
    struct words words = told[news];
    struct identity_person whose;
    struct writing writing;
    int code = session ? identity_person_look(session, before->person, &whose, error) : PORTICO_EIO;
    if (code == 0)
        code = begin_writing(request, whose.locale, NULL, &writing, error);
    if (code < 0)
        return code;
    const char *factors = factors_of(&writing, session, before->person, error);
    if (!factors || value_set_text(writing.arguments, "address", address ? address : "") < 0 ||
        value_set_text(writing.arguments, "factors", factors) < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a mail was written.");
    if (!*factors)
        words.life = "";
    for (uint32_t i = 0; code == 0 && i < before->addresses->count; i++) {
        const char *to = counted(before, i);
        if (to)
            code = send(&writing, &words, page_of(request, &words), to, before->person, error);
    }
    return code;
}

int letters_invite(struct portico_request *request, const struct letters_invitation *invitation,
                   struct portico_error *error)
{
    const char *link = portico_printf(request, "%s/account/invitation/%s",
                                      inside_host(request)->canonical_url, invitation->token);
    struct writing writing;
    int code = begin_writing(request, invitation->locale, invitation->actor, &writing, error);
    if (code == 0 && (value_set_text(writing.arguments, "company", invitation->company) < 0 ||
                      value_set_integer(writing.arguments, "days", invitation->days) < 0))
        code = error_set(error, PORTICO_ENOMEM, "Memory ended while a mail was written.");
    return code < 0 ? code
                    : send(&writing, &invitation_words, link, invitation->address,
                           invitation->person, error);
}
