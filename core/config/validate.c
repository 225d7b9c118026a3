/* What a type alone cannot say: addresses, URLs, languages, time zones. */
#include "base/error.h"
#include "base/text.h"
#include "config/state.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static bool is_port(const char *text)
{
    long long port;
    return text_to_int64(text_of(text), &port) && port >= 0 && port <= 65535;
}

static bool is_listen_address(const char *word)
{
    struct sockaddr_un address;
    if (word[0] == '/')
        return strlen(word) < sizeof address.sun_path;
    const char *colon = strrchr(word, ':');
    if (!colon || colon == word || !is_port(colon + 1))
        return false;
    char *host = g_strndup(word, (gsize)(colon - word));
    bool valid;
    if (host[0] == '[') {
        struct in6_addr six;
        size_t length = strlen(host);
        valid = host[length - 1] == ']';
        host[length - 1] = '\0';
        valid = valid && inet_pton(AF_INET6, host + 1, &six) == 1;
    } else {
        valid = strcmp(host, "*") == 0 ||
                !host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789.-")];
    }
    g_free(host);
    return valid;
}

static bool is_network(const char *word)
{
    if (strcmp(word, "unix") == 0)
        return true;
    unsigned char address[16];
    char **parts = g_strsplit(word, "/", 2);
    int bits = inet_pton(AF_INET, parts[0], address) == 1    ? 32
               : inet_pton(AF_INET6, parts[0], address) == 1 ? 128
                                                             : -1;
    long long prefix = 0;
    bool valid =
        bits > 0 &&
        (!parts[1] || (text_to_int64(text_of(parts[1]), &prefix) && prefix >= 0 && prefix <= bits));
    g_strfreev(parts);
    return valid;
}

/* Each word of the list must fit; the sentence names the one that does not. */
static int check_words(const char *value, bool (*fits)(const char *word), bool empty_allowed,
                       const char *wanted, struct portico_error *error)
{
    struct arena *arena = arena_new(0);
    const char *const *words = config_split(arena, value);
    int code = 0;
    if (!words[0] && !empty_allowed)
        code = error_set(error, PORTICO_EINVAL, "must hold at least one address: %s.", wanted);
    for (size_t i = 0; words[i] && code == 0; i++)
        if (!fits(words[i]))
            code = error_set(error, PORTICO_EINVAL, "holds `%.80s`, which is not %s.", words[i],
                             wanted);
    arena_free(arena);
    return code;
}

static int check_listen(const char *value, struct portico_error *error)
{
    return check_words(value, is_listen_address, false,
                       "HOST:PORT, [IPv6]:PORT, *:PORT or the path of a Unix socket", error);
}

static int check_proxies(const char *value, struct portico_error *error)
{
    return check_words(value, is_network, true,
                       "an address, a network such as 10.0.0.0/8, or `unix`", error);
}

static int check_url(const char *value, struct portico_error *error)
{
    if (!*value)
        return 0;
    const char *host = g_str_has_prefix(value, "https://")  ? value + 8
                       : g_str_has_prefix(value, "http://") ? value + 7
                                                            : NULL;
    size_t length = host ? strcspn(host, "/?#@ ") : 0;
    bool ends = host && (!host[length] || strcmp(host + length, "/") == 0);
    const char *colon = host ? memchr(host, ':', length) : NULL;
    bool bracketed = host && host[0] == '[';
    if (!length || !ends || host[0] == ':' ||
        (colon && !bracketed && !is_port(g_strdelimit(strdupa(colon + 1), "/", '\0'))))
        return error_set(error, PORTICO_EINVAL,
                         "must be the portal's address without a path, such as "
                         "https://portal.example.com, not `%.80s`.",
                         value);
    return 0;
}

static bool is_fetch_host(const char *word)
{
    const char *colon = strrchr(word, ':');
    if (word[0] == '[')
        return is_listen_address(word) && strcmp(colon, ":0") != 0;
    size_t length = colon ? (size_t)(colon - word) : strlen(word);
    bool named = length && length <= 253 &&
                 strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789.-_") == length;
    return named && (!colon || (is_port(colon + 1) && strcmp(colon, ":0") != 0));
}

static int check_fetch_hosts(const char *value, struct portico_error *error)
{
    return check_words(value, is_fetch_host, true, "HOST, HOST:PORT or [IPv6]:PORT", error);
}

static int check_mail_server(const char *value, struct portico_error *error)
{
    if (!*value)
        return 0;
    const char *host = g_str_has_prefix(value, "smtps://")  ? value + 8
                       : g_str_has_prefix(value, "smtp://") ? value + 7
                                                            : NULL;
    /* A host alone may stand for its usual port. */
    bool fits = host && !strpbrk(host, "/?#@") && (is_fetch_host(host) || is_listen_address(host));
    return fits ? 0
                : error_set(error, PORTICO_EINVAL,
                            "must be smtp://HOST[:PORT] or smtps://HOST[:PORT], not `%.80s`. User "
                            "and password stand in `user` and `password_file`.",
                            value);
}

static int check_language(const char *value, struct portico_error *error)
{
    char **parts = g_strsplit(value, "-", -1);
    bool valid = *value != '\0';
    for (size_t i = 0; parts[i] && valid; i++) {
        size_t length = strlen(parts[i]);
        valid = length >= (i ? 1 : 2) && length <= 8;
        for (const char *c = parts[i]; *c && valid; c++)
            valid = i ? g_ascii_isalnum(*c) : g_ascii_isalpha(*c);
    }
    g_strfreev(parts);
    return valid ? 0
                 : error_set(error, PORTICO_EINVAL,
                             "must be a language tag such as `en` or `pt-BR`, not `%.40s`.", value);
}

static int check_timezone(const char *value, struct portico_error *error)
{
    static const char folder[] = "/usr/share/zoneinfo";
    bool shape = *value && *value != '/' && !strstr(value, "..");
    char *path = g_build_filename(folder, value, NULL);
    /* Machines without the zone files keep the shape check only. */
    bool known = access(folder, F_OK) != 0 || (g_file_test(path, G_FILE_TEST_IS_REGULAR));
    g_free(path);
    return shape && known ? 0
                          : error_set(error, PORTICO_EINVAL,
                                      "must be an IANA time zone such as Europe/Berlin or UTC, "
                                      "not `%.60s`.",
                                      value);
}

static int check_database(const char *value, struct portico_error *error)
{
    bool postgres =
        g_str_has_prefix(value, "postgresql://") || g_str_has_prefix(value, "postgres://");
    if (g_str_has_prefix(value, "sqlite:") && value[7])
        return 0;
    if (!postgres)
        return error_set(error, PORTICO_EINVAL,
                         "must be sqlite:PATH or postgresql://USER@HOST/NAME.");
    const char *authority = strstr(value, "://") + 3;
    size_t length = strcspn(authority, "/?");
    const char *at = memchr(authority, '@', length);
    bool secret =
        (at && memchr(authority, ':', (size_t)(at - authority))) || strstr(authority, "password=");
    return secret ? error_set(error, PORTICO_EINVAL,
                              "holds a password. Secrets do not stand in the config: put it "
                              "into a file that only the portal can read and name that in "
                              "`password_file`.")
                  : 0;
}

static int check_directory(const char *value, struct portico_error *error)
{
    return *value ? 0 : error_set(error, PORTICO_EINVAL, "must not be empty.");
}

static const struct {
    const char *section;
    const char *key;
    int (*check)(const char *value, struct portico_error *error);
} checks[] = {
    { "portal", "url", check_url },
    { "portal", "data", check_directory },
    { "portal", "name", check_directory },
    { "portal", "language", check_language },
    { "portal", "timezone", check_timezone },
    { "http", "listen", check_listen },
    { "http", "trusted_proxies", check_proxies },
    { "database", "url", check_database },
    { "secrets", "key_file", check_directory },
    { "secrets", "key_ring", check_directory },
    { "fetch", "hosts", check_fetch_hosts },
    { "mail", "server", check_mail_server },
};

int config_schema_validate(const char *section, const char *key, const char *value,
                           struct portico_error *error)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (strcmp(checks[i].section, section) != 0 || strcmp(checks[i].key, key) != 0)
            continue;
        int code = checks[i].check(value, error);
        if (code < 0)
            error_prefix(error, "`%s` ", key);
        return code;
    }
    return 0;
}
