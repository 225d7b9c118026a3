#include "identity/domain.h"

#include "identity/member.h"
#include "identity/person.h"
#include "identity/room.h"

#include <libpsl.h>

/* Anybody gets an address there. */
static const char *const free_mail[] = {
    "126.com",     "163.com",     "aol.com",        "duck.com",   "fastmail.com",
    "freenet.de",  "gmail.com",   "gmx.at",         "gmx.ch",     "gmx.com",
    "gmx.de",      "gmx.net",     "googlemail.com", "hey.com",    "hotmail.co.uk",
    "hotmail.com", "hotmail.de",  "hotmail.fr",     "icloud.com", "laposte.net",
    "libero.it",   "live.com",    "live.de",        "mac.com",    "mail.com",
    "mail.de",     "mail.ru",     "mailbox.org",    "me.com",     "msn.com",
    "naver.com",   "orange.fr",   "outlook.com",    "outlook.de", "pm.me",
    "posteo.de",   "proton.me",   "protonmail.com", "qq.com",     "rediffmail.com",
    "t-online.de", "tuta.com",    "tutanota.com",   "wanadoo.fr", "web.de",
    "yahoo.co.jp", "yahoo.co.uk", "yahoo.com",      "yahoo.de",   "yahoo.fr",
    "yandex.com",  "yandex.ru",   "ymail.com",      "zoho.com",
};

int identity_domain_check(struct store_session *session, const char *written,
                          const char **ret_domain, struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    const char *key = NULL;
    while (*written == ' ' || *written == '@')
        written++;
    const char *address = arena_printf(arena, "any@%s", written);
    if (!address)
        return identity_no_memory(error);
    if (strchr(written, '@') || identity_address_check(address, arena, NULL, &key, NULL) < 0)
        return error_set(error, PORTICO_EINVAL,
                         /* translated */ "Write a whole domain, such as example.com.");
    const char *domain = strchr(key, '@') + 1;
    for (size_t i = 0; i < G_N_ELEMENTS(free_mail); i++)
        if (strcmp(free_mail[i], domain) == 0)
            return error_set(error, PORTICO_EINVAL,
                             /* translated */
                             "Anybody gets an address there: it says nothing about a company.");
    if (psl_is_public_suffix(psl_builtin(), domain))
        return error_set(error, PORTICO_EINVAL,
                         /* translated */
                         "Others have domains of their own under this one: write "
                         "the company's, such as example.com.");
    *ret_domain = domain;
    return PORTICO_OK;
}

int identity_domain_add(struct store_session *session, int64_t account, const char *written,
                        bool approval, struct portico_error *error)
{
    const char *domain;
    char token[IDENTITY_TOKEN_SIZE], hash[IDENTITY_HASH_TEXT];
    int64_t changed = 0;
    int code = identity_domain_check(session, written, &domain, error);
    identity_token_new(token, hash);
    if (code == 0)
        code = store_host_execute(
            session,
            "INSERT INTO portico_account_domain (domain, account, approval, created, token) "
            "SELECT ?, a.id, ?, ?, ? FROM portico_account a WHERE a.id = ? "
            "ON CONFLICT (domain) DO UPDATE SET approval = excluded.approval "
            "WHERE portico_account_domain.account = excluded.account",
            PORTICO_ARGS(portico_arg_text(domain), portico_arg_boolean(approval),
                         portico_arg_time(clock_now()), portico_arg_text(token),
                         portico_arg_integer(account)),
            &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_EEXIST, /* translated */
                         "This domain is another company's already.");
    return code;
}

static int none(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOENT, /* translated */ "This is no domain of the company's.");
}

int identity_domain_verified(struct store_session *session, int64_t account, const char *domain,
                             struct portico_error *error)
{
    int64_t changed = 0;
    int code =
        store_host_execute(session,
                           "UPDATE portico_account_domain SET verified = coalesce(verified, ?) "
                           "WHERE domain = ? AND account = ?",
                           PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_text(domain),
                                        portico_arg_integer(account)),
                           &changed, error);
    return code == 0 && changed == 0 ? none(error) : code;
}

int identity_domain_token(struct store_session *session, int64_t account, const char *domain,
                          const char **ret_token, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT token FROM portico_account_domain "
        "WHERE domain = ? AND account = ? AND token IS NOT NULL",
        PORTICO_ARGS(portico_arg_text(domain), portico_arg_integer(account)), &rows, error);
    if (code == 0 && rows->count == 0)
        return none(error);
    if (code == 0)
        *ret_token = value_rows_at(rows, 0)->text;
    return code;
}

int identity_domain_remove(struct store_session *session, int64_t account, const char *domain,
                           struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(
        session, "DELETE FROM portico_account_domain WHERE domain = ? AND account = ?",
        PORTICO_ARGS(portico_arg_text(domain), portico_arg_integer(account)), &changed, error);
    return code == 0 && changed == 0 ? none(error) : code;
}

int identity_domains(struct store_session *session, int64_t account, struct value **ret_rows,
                     struct portico_error *error)
{
    return store_host_query(session,
                            "SELECT domain, approval AS \"approval:boolean\", "
                            "created AS \"created:time\", verified AS \"verified:time\", token "
                            "FROM portico_account_domain "
                            "WHERE account = ? ORDER BY domain",
                            PORTICO_ARGS(portico_arg_integer(account)), ret_rows, error);
}

int identity_domain_of(struct store_session *session, const char *address, int64_t *ret_account,
                       bool *ret_approval, struct portico_error *error)
{
    const char *key = "@";
    struct value *rows;
    identity_address_check(address, store_session_arena(session), NULL, &key, NULL);
    int code =
        store_host_query(session,
                         "SELECT d.account, d.approval FROM portico_account_domain d "
                         "JOIN portico_account a ON a.id = d.account "
                         "WHERE d.domain = ? AND d.verified IS NOT NULL AND a.state = 1",
                         PORTICO_ARGS(portico_arg_text(strrchr(key, '@') + 1)), &rows, error);
    if (code < 0)
        return code;
    *ret_account = rows->count ? value_rows_at(rows, 0)->integer : 0;
    if (ret_approval)
        *ret_approval = rows->count && value_rows_at(rows, 0)[1].integer;
    return PORTICO_OK;
}

int identity_domain_join(struct store_session *session, int64_t person, const char *address,
                         int64_t *ret_account, struct portico_error *error)
{
    struct identity_new_member made = { .person = person, .source = "domain" };
    int code = identity_domain_of(session, address, &made.account, &made.waits, error);
    if (code < 0 || !made.account)
        return code;
    struct identity_member member;
    code = identity_member_of(session, made.account, person, &member, NULL);
    if (code != PORTICO_ENOENT)
        return code;
    code = identity_member_add(session, &made, NULL, error);
    if (code < 0)
        return code;
    *ret_account = made.account;
    return made.waits ? 2 : 1;
}
