#include "fetch/place.h"

#include "base/error.h"
#include "fetch/address.h"

#include <arpa/inet.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#define HOST_MAX 1012 /* bytes of 253 characters of UTF-8 */

#define URL_MAX 8192

static int refuse(struct portico_error *error, int code, const char *url, const char *why)
{
    return error_set(error, code, "The address \"%.200s\" is not fetched: %s.", url, why);
}

/* Before any parser sees it: whatever two parsers might read in two ways. NULL: nothing. */
static const char *ambiguity(const char *url, bool relative)
{
    size_t length = strlen(url);
    if (!length || length > URL_MAX)
        return length ? "it is longer than 8 KiB" : "it is empty";
    for (const char *c = url; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '\\')
            return "blanks, control characters and backslashes are not allowed in it";
    const char *authority = strstr(url, "://");
    size_t scheme = strcspn(url, ":/?#");
    bool absolute = authority && authority == url + scheme;
    if (!absolute && !relative)
        return "it does not begin with https://";
    if (!absolute && url[scheme] == ':')
        return "it does not begin with https://";
    if (!absolute && (url[0] != '/' || url[1] != '/'))
        return NULL;
    authority = absolute ? authority + 3 : url + 2;
    size_t end = strcspn(authority, "/?#");
    if (end == 0)
        return "it names no host";
    if (memchr(authority, '@', end))
        return "a user name or password may not stand in it";
    if (memchr(authority, '%', end))
        return "its host holds a percent sign";
    return NULL;
}

/* A last label of digits (or 0x…) makes a host an IPv4 address or nothing. */
static bool ends_in_number(const char *host)
{
    const char *dot = strrchr(host, '.');
    const char *label = dot ? dot + 1 : host;
    if (label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
        return true;
    return *label && label[strspn(label, "0123456789")] == '\0';
}

static char *part(CURLU *url, CURLUPart which, unsigned flags)
{
    char *text = NULL;
    if (curl_url_get(url, which, &text, flags) != CURLUE_OK)
        return NULL;
    char *copy = g_ascii_strdown(text, -1);
    curl_free(text);
    return copy;
}

/* libcurl would read other letters by the process's locale; GLib does not look at it, but walks
 * past the end of what is not UTF-8. */
static char *ascii_host(CURLU *url)
{
    char *host = part(url, CURLUPART_HOST, 0);
    if (!host || host[0] == '[' || g_str_is_ascii(host))
        return host;
    bool sound = strlen(host) <= HOST_MAX && g_utf8_validate(host, -1, NULL);
    char *ascii = sound ? g_hostname_to_ascii(host) : NULL;
    char *lower = ascii ? g_ascii_strdown(ascii, -1) : NULL;
    g_free(host);
    g_free(ascii);
    return lower;
}

/* The host as it is connected to: in ASCII, without a dot at its end. NULL with `ret_why`. */
static char *settle_host(CURLU *url, const char **ret_why)
{
    char *host = ascii_host(url);
    size_t length = host ? strlen(host) : 0;
    if (host && host[0] == '[') {
        struct in6_addr six;
        host[length - 1] = '\0';
        bool valid = inet_pton(AF_INET6, host + 1, &six) == 1;
        char *bare = g_strdup(host + 1);
        g_free(host);
        if (valid)
            return bare;
        g_free(bare);
        *ret_why = "its host is no address";
        return NULL;
    }
    if (length && host[length - 1] == '.')
        host[--length] = '\0';
    struct in_addr four;
    if (!length || length > 253 || host[0] == '.' || host[length - 1] == '.' || strstr(host, ".."))
        *ret_why = "its host is no name";
    else if (host[strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-_")])
        *ret_why = "its host is no name";
    else if (ends_in_number(host) && inet_pton(AF_INET, host, &four) != 1)
        *ret_why = "its host is neither a name nor an IPv4 address of four decimal numbers";
    else if (curl_url_set(url, CURLUPART_HOST, host, 0) != CURLUE_OK)
        *ret_why = "its host is no name";
    else
        return host;
    g_free(host);
    return NULL;
}

/* libcurl turns "0x7f.1" and "2130706433" into 127.0.0.1; such spellings are not taken. */
static bool is_spelled_oddly(const char *url, const struct fetch_place *place)
{
    struct in_addr four;
    if (inet_pton(AF_INET, place->host, &four) != 1)
        return false;
    const char *authority = strstr(url, "//");
    size_t length = strlen(place->host);
    return !authority || strncmp(authority + 2, place->host, length) != 0 ||
           (authority[2 + length] && !strchr(".:/?#", authority[2 + length]));
}

/* 2: "HOST:PORT" is allowed, 1: "HOST" is, 0: neither. */
static int allowance(const struct fetch_rules *rules, const struct fetch_place *place)
{
    bool six = strchr(place->host, ':') != NULL;
    char *with_port = g_strdup_printf(six ? "[%s]:%u" : "%s:%u", place->host, place->port);
    int found = 0;
    for (size_t i = 0; rules->hosts && rules->hosts[i] && found < 2; i++)
        if (g_ascii_strcasecmp(rules->hosts[i], with_port) == 0)
            found = 2;
        else if (g_ascii_strcasecmp(rules->hosts[i], place->host) == 0)
            found = 1;
    g_free(with_port);
    return found;
}

static bool is_own(const struct fetch_rules *rules, const struct fetch_place *place)
{
    CURLU *own = rules->own_url && *rules->own_url ? curl_url() : NULL;
    bool same = false;
    if (own && curl_url_set(own, CURLUPART_URL, rules->own_url, 0) == CURLUE_OK) {
        char *host = part(own, CURLUPART_HOST, 0);
        same = host && strcmp(host, place->host) == 0;
        g_free(host);
    }
    curl_url_cleanup(own);
    return same;
}

static int check_rules(const struct fetch_rules *rules, const char *url, struct fetch_place *place,
                       struct portico_error *error)
{
    int allowed = allowance(rules, place);
    place->trusted = allowed == 2;
    bool https = strcmp(place->scheme, "https") == 0;
    if (!https && strcmp(place->scheme, "http") != 0)
        return refuse(error, PORTICO_EINVAL, url, "only https is fetched");
    if (!https && !allowed && !rules->development)
        return refuse(error, PORTICO_EPERM, url,
                      "http is allowed only for the hosts in the setting [fetch] hosts");
    if (!place->trusted && is_own(rules, place))
        return refuse(error, PORTICO_EPERM, url, "it is the portal's own");
    return 0;
}

static int read_parts(const char *url, struct fetch_place *place, struct portico_error *error)
{
    const char *why = "it is not a URL";
    place->scheme = part(place->url, CURLUPART_SCHEME, 0);
    place->host = settle_host(place->url, &why);
    char *port = part(place->url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    place->port = port ? (unsigned)strtoul(port, NULL, 10) : 0;
    g_free(port);
    if (!place->scheme || !place->host || !place->port || place->port > 65535)
        return refuse(error, PORTICO_EINVAL, url, place->host ? "its port is none" : why);
    char *user = part(place->url, CURLUPART_USER, 0);
    char *password = part(place->url, CURLUPART_PASSWORD, 0);
    bool named = user || password;
    g_free(user);
    g_free(password);
    if (named)
        return refuse(error, PORTICO_EINVAL, url, "a user name or password may not stand in it");
    curl_url_set(place->url, CURLUPART_FRAGMENT, NULL, 0);
    return 0;
}

int place_read(const struct fetch_rules *rules, const char *url, const struct fetch_place *base,
               struct fetch_place *ret_place, struct portico_error *error)
{
    const char *why = url ? ambiguity(url, base != NULL) : "it is empty";
    if (why)
        return refuse(error, PORTICO_EINVAL, url ? url : "", why);
    struct fetch_place place = { .url = base ? curl_url_dup(base->url) : curl_url() };
    if (!place.url)
        return error_set(error, PORTICO_ENOMEM, "There is no memory for the address.");
    CURLUcode read = curl_url_set(place.url, CURLUPART_URL, url,
                                  CURLU_NON_SUPPORT_SCHEME | (base ? CURLU_URLENCODE : 0));
    int code = read == CURLUE_OK ? read_parts(url, &place, error)
                                 : refuse(error, PORTICO_EINVAL, url, "it is not a URL");
    bool has_host = strstr(url, "://") || strncmp(url, "//", 2) == 0;
    if (code == 0 && has_host && is_spelled_oddly(url, &place))
        code = refuse(error, PORTICO_EINVAL, url,
                      "an IPv4 address is written as four decimal numbers");
    if (code == 0)
        code = check_rules(rules, url, &place, error);
    if (code == 0)
        *ret_place = place;
    else
        place_free(&place);
    return code;
}

void place_free(struct fetch_place *place)
{
    curl_url_cleanup(place->url);
    g_free(place->scheme);
    g_free(place->host);
    *place = (struct fetch_place){ 0 };
}

bool place_is_same_origin(const struct fetch_place *a, const struct fetch_place *b)
{
    return strcmp(a->scheme, b->scheme) == 0 && strcmp(a->host, b->host) == 0 && a->port == b->port;
}

int place_check_address(const struct fetch_place *place, const struct sockaddr *address,
                        struct portico_error *error)
{
    if (place->trusted)
        return 0;
    const char *what = address_refusal(address);
    if (!what && address_is_own(address))
        what = "of this machine";
    if (!what)
        return 0;
    char text[INET6_ADDRSTRLEN] = "?";
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text,
                  sizeof text);
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text,
                  sizeof text);
    return error_set(error, PORTICO_EPERM,
                     "%s is not fetched: its address %s is %s. An admin can allow \"%s:%u\" in the "
                     "setting [fetch] hosts.",
                     place->host, text, what, place->host, place->port);
}
