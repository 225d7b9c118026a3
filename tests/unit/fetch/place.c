/* Tests of where a fetch may go: addresses, spellings of URLs, and what the admin allows. */
#include "fetch/place.h"

#include "base/error.h"
#include "fetch/address.h"

#include <arpa/inet.h>
#include <glib.h>
#include <netdb.h>
#include <netinet/in.h>

static const char *const hosts[] = { "plain.example", "inside.example:8443", "[::1]:8080",
                                     "127.0.0.1:8080", NULL };
static const struct fetch_rules rules = { .hosts = hosts, .own_url = "https://portal.example.com" };

static struct sockaddr_storage address_of(const char *text)
{
    struct sockaddr_storage storage = { 0 };
    struct sockaddr_in *four = (void *)&storage;
    struct sockaddr_in6 *six = (void *)&storage;
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        storage.ss_family = AF_INET;
    } else {
        g_assert_cmpint(inet_pton(AF_INET6, text, &six->sin6_addr), ==, 1);
        storage.ss_family = AF_INET6;
    }
    return storage;
}

/* Both ends of each special network, and the nearest address that is not in it. */
static void addresses_of_special_networks_are_refused(void)
{
    static const struct {
        const char *address, *what; /* NULL: public */
    } rows[] = {
        { "0.0.0.0", "this network" },
        { "0.255.255.255", "this network" },
        { "1.0.0.0", NULL },
        { "9.255.255.255", NULL },
        { "10.0.0.0", "private" },
        { "10.255.255.255", "private" },
        { "11.0.0.0", NULL },
        { "100.63.255.255", NULL },
        { "100.64.0.0", "shared" },
        { "100.100.100.200", "shared" },
        { "100.127.255.255", "shared" },
        { "100.128.0.0", NULL },
        { "127.0.0.1", "loopback" },
        { "127.255.255.255", "loopback" },
        { "128.0.0.0", NULL },
        { "168.63.129.16", "cloud" },
        { "168.63.129.17", NULL },
        { "169.253.255.255", NULL },
        { "169.254.0.0", "link-local" },
        { "169.254.169.254", "link-local" },
        { "169.255.0.0", NULL },
        { "172.15.255.255", NULL },
        { "172.16.0.0", "private" },
        { "172.31.255.255", "private" },
        { "172.32.0.0", NULL },
        { "192.0.0.170", "protocols" },
        { "192.0.1.0", NULL },
        { "192.0.2.1", "documentation" },
        { "192.88.99.1", "6to4" },
        { "192.167.255.255", NULL },
        { "192.168.0.0", "private" },
        { "192.168.255.255", "private" },
        { "192.169.0.0", NULL },
        { "198.17.255.255", NULL },
        { "198.18.0.0", "benchmarks" },
        { "198.19.255.255", "benchmarks" },
        { "198.20.0.0", NULL },
        { "198.51.100.7", "documentation" },
        { "203.0.113.7", "documentation" },
        { "223.255.255.255", NULL },
        { "224.0.0.1", "multicast" },
        { "239.255.255.255", "multicast" },
        { "240.0.0.1", "reserved" },
        { "255.255.255.255", "reserved" },
        { "::", "unspecified" },
        { "::1", "loopback" },
        { "::127.0.0.1", "IPv4 in IPv6" },
        { "::ffff:127.0.0.1", "IPv4 in IPv6" },
        { "::ffff:8.8.8.8", "IPv4 in IPv6" },
        { "64:ff9b::7f00:1", "NAT64" },
        { "64:ff9b::808:808", "NAT64" },
        { "64:ff9b:1::1", "NAT64" },
        { "100::1", "discarded" },
        { "1fff:ffff::1", "public internet" },
        { "2001::1", "Teredo" },
        { "2001:0:ffff::1", "Teredo" },
        { "2001:2::1", "protocols" },
        { "2001:10::1", "protocols" },
        { "2001:1ff::1", "protocols" },
        { "2001:200::1", NULL },
        { "2001:db8::1", "documentation" },
        { "2001:db9::1", NULL },
        { "2002:7f00:1::1", "6to4" },
        { "2003::1", NULL },
        { "2606:4700:4700::1111", NULL },
        { "3fff:0fff::1", "documentation" },
        { "3fff:1000::1", NULL },
        { "4000::1", "public internet" },
        { "fbff::1", "public internet" },
        { "fc00::1", "private" },
        { "fd00:ec2::254", "private" },
        { "fe80::1", "link-local" },
        { "febf::1", "link-local" },
        { "fec0::1", "site-local" },
        { "ff02::1", "multicast" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].address);
        struct sockaddr_storage storage = address_of(rows[i].address);
        const char *what = address_refusal((const struct sockaddr *)&storage);
        if (rows[i].what)
            g_assert_nonnull(strstr(what ? what : "", rows[i].what));
        else
            g_assert_cmpstr(what, ==, NULL);
    }
    const struct sockaddr local = { .sa_family = AF_UNIX };
    g_assert_nonnull(address_refusal(&local));
}

/* Spellings that lead to private places, or that readers could take for different hosts: refused
 * as they are written, or by the address that libcurl would connect to. */
static void no_spelling_of_a_private_place_passes(void)
{
    static const char *const urls[] = {
        /* the plain ones */
        "https://127.0.0.1/",
        "https://127.0.0.1:443/",
        "https://127.1.2.3/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.1.1/admin",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.100.100.200/",
        "https://168.63.129.16/",
        "https://255.255.255.255/",
        "https://224.0.0.1/",
        "https://198.18.0.1/",
        "https://192.0.2.1/",
        "https://[::1]/",
        "https://[::]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
        "https://[fe80::1]/",
        "https://[fc00::1]/",
        "https://[fd00:ec2::254]/",
        "https://[ff02::1]/",
        "https://localhost/",
        "https://LOCALHOST/",
        "https://localhost./",
        /* odd numbers */
        "https://127.1/",
        "https://127.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0x7F.1/",
        "https://017700000001/",
        "https://0177.0.0.1/",
        "https://0177.0.0.01/",
        "https://00000177.1/",
        "https://127.0.0.1./",
        "https://127.0.0.1../",
        "https://127.0.0.0x1/",
        "https://256.256.256.256/",
        "https://1.2.3.4.5/",
        "https://4294967297/",
        "https://0/",
        "https://0x0/",
        "https://3232235777/",
        "https://010.8.8.8/",
        "https://0x8.8.8.8/",
        "https://8.8.2056/",
        /* other characters for the same */
        "https://%31%32%37.0.0.1/",
        "https://127%2e0%2e0%2e1/",
        "https://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/", /* full-width 127 */
        "https://127\xe3\x80\x82"
        "0\xe3\x80\x82"
        "0\xe3\x80\x82"
        "1/",                                                  /* ideographic full stops */
        "https://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1/", /* circled 127 */
        "https://localhost\xe2\x80\x8b/",                      /* zero-width space */
        "https://[fe80::1%25lo]/",
        "https://[::1%lo]/",
        "https://[::ffff:127.0.0.1/",
        "https://[127.0.0.1]/",
        /* where the host begins and ends */
        "https://user@127.0.0.1/",
        "https://portal.example@127.0.0.1/",
        "https://a:b@127.0.0.1/",
        "https://example.com@example.org/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com\\.127.0.0.1/",
        "https://127.0.0.1\\@example.com/",
        "https:///127.0.0.1/",
        "https:/127.0.0.1/",
        "https:127.0.0.1/",
        "https:\\\\127.0.0.1/",
        "//127.0.0.1/",
        "https://127.0.0.1:0/",
        "https://127.0.0.1:99999/",
        "https://127.0.0.1:443x/",
        "https:// 127.0.0.1/",
        "https://127.0.0.1\t/",
        "https://127.0.0.1\r\nHost: example.com/",
        "\thttps://127.0.0.1/",
        "https://",
        "https://.",
        "https://..",
        "https://.example.com/",
        "https://exa mple.com/",
        "",
        /* other ways out */
        "http://example.com/",
        "http://127.0.0.1/",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "ftp://example.com/",
        "gopher://127.0.0.1:11211/_stats",
        "dict://127.0.0.1:11211/stat",
        "ldap://127.0.0.1/",
        "smtp://127.0.0.1:25/",
        "telnet://127.0.0.1/",
        "jar:https://example.com!/",
        "data:text/plain,x",
        "javascript:alert(1)",
        "unix:///run/portico/control",
        "localhost",
        "/etc/passwd",
        /* the portal's own */
        "https://portal.example.com/",
        "https://PORTAL.example.com./admin",
        "https://portal.example.com:8443/",
        /* allowed for http alone, or at another port */
        "http://inside.example:8444/",
        "http://127.0.0.1:8081/",
        "https://[::1]:8081/",
    };
    size_t refused = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(urls); i++) {
        g_test_message("%s", urls[i]);
        struct fetch_place place = { 0 };
        struct portico_error error = PORTICO_ERROR_INIT;
        int code = place_read(&rules, urls[i], NULL, &place, &error);
        if (code == 0) { /* then by every address it has */
            struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = 0 }, *found = NULL;
            g_assert_cmpint(getaddrinfo(place.host, NULL, &hints, &found), ==, 0);
            for (const struct addrinfo *at = found; at; at = at->ai_next)
                g_assert_cmpint(place_check_address(&place, at->ai_addr, &error), ==,
                                PORTICO_EPERM);
            freeaddrinfo(found);
            place_free(&place);
        } else {
            g_assert_true(code == PORTICO_EINVAL || code == PORTICO_EPERM);
            g_assert_null(place.url);
        }
        g_assert_cmpstr(error.message, !=, "");
        refused++;
    }
    g_assert_cmpuint(refused, >=, 60);
}

static void public_places_pass_in_their_usual_spellings(void)
{
    static const struct {
        const char *url, *host;
        unsigned port;
    } rows[] = {
        { "https://example.com", "example.com", 443 },
        { "HTTPS://Example.COM:443/a?b=c#d", "example.com", 443 },
        { "https://example.com./", "example.com", 443 },
        { "https://example.com:8443/x", "example.com", 8443 },
        { "https://a_b.example-1.com/", "a_b.example-1.com", 443 },
        { "https://8.8.8.8/", "8.8.8.8", 443 },
        { "https://[2606:4700:4700::1111]:8443/", "2606:4700:4700::1111", 8443 },
        { "https://b\xc3\xbc"
          "cher.example/",
          "xn--bcher-kva.example", 443 },
        { "https://example.com/?u=http://127.0.0.1/@", "example.com", 443 },
        { "https://example.com#@127.0.0.1:80@/../", "example.com", 443 },
        { "https://example.com:/@127.0.0.1/:0", "example.com", 443 },
        { "http://plain.example/", "plain.example", 80 },
        { "http://plain.example:8080/", "plain.example", 8080 },
        { "http://inside.example:8443/", "inside.example", 8443 },
        { "http://[::1]:8080/", "::1", 8080 },
        { "http://127.0.0.1:8080/", "127.0.0.1", 8080 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fetch_place place = { 0 };
        struct portico_error error = PORTICO_ERROR_INIT;
        int code = place_read(&rules, rows[i].url, NULL, &place, &error);
        g_test_message("%s %s", rows[i].url, error.message);
        g_assert_cmpint(code, ==, 0);
        g_assert_cmpstr(place.host, ==, rows[i].host);
        g_assert_cmpuint(place.port, ==, rows[i].port);
        place_free(&place);
    }
}

static void a_host_allowed_with_its_port_may_be_private_and_without_it_may_not(void)
{
    static const struct {
        const char *url, *address;
        int code;
    } rows[] = {
        { "https://inside.example:8443/", "10.1.2.3", 0 },
        { "http://inside.example:8443/", "::1", 0 },
        { "https://inside.example/", "10.1.2.3", PORTICO_EPERM },
        { "http://plain.example/", "10.1.2.3", PORTICO_EPERM },
        { "http://plain.example/", "8.8.8.8", 0 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fetch_place place = { 0 };
        struct portico_error error = PORTICO_ERROR_INIT;
        struct sockaddr_storage storage = address_of(rows[i].address);
        g_assert_cmpint(place_read(&rules, rows[i].url, NULL, &place, &error), ==, 0);
        g_assert_cmpint(place_check_address(&place, (const struct sockaddr *)&storage, &error), ==,
                        rows[i].code);
        if (rows[i].code)
            g_assert_nonnull(strstr(error.message, "[fetch] hosts"));
        place_free(&place);
    }
}

static void redirects_are_read_as_their_base_has_them(void)
{
    static const struct {
        const char *to, *host;
        int code;
        bool same;
    } rows[] = {
        { "/b", "example.com", 0, true },
        { "b", "example.com", 0, true },
        { "?q", "example.com", 0, true },
        { "//example.com/b", "example.com", 0, true },
        { "https://example.com:443/", "example.com", 0, true },
        { "https://example.com:444/", "example.com", 0, false },
        { "//example.org/", "example.org", 0, false },
        { "http://example.com/", NULL, PORTICO_EPERM, false },
        { "//127.1/", NULL, PORTICO_EINVAL, false },
        { "//a@example.com/", NULL, PORTICO_EINVAL, false },
        { "file:///etc/passwd", NULL, PORTICO_EINVAL, false },
        { "file:etc", NULL, PORTICO_EINVAL, false },
        { "https://portal.example.com/", NULL, PORTICO_EPERM, false },
    };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct fetch_place base = { 0 };
    g_assert_cmpint(place_read(&rules, "https://example.com/a/", NULL, &base, &error), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].to);
        struct fetch_place place = { 0 };
        g_assert_cmpint(place_read(&rules, rows[i].to, &base, &place, &error), ==, rows[i].code);
        if (rows[i].code)
            continue;
        g_assert_cmpstr(place.host, ==, rows[i].host);
        g_assert_true(place_is_same_origin(&place, &base) == rows[i].same);
        place_free(&place);
    }
    place_free(&base);
}

int main(int count, char **words)
{
    g_test_init(&count, &words, NULL);
    g_test_add_func("/fetch/addresses of special networks are refused",
                    addresses_of_special_networks_are_refused);
    g_test_add_func("/fetch/no spelling of a private place passes",
                    no_spelling_of_a_private_place_passes);
    g_test_add_func("/fetch/public places pass in their usual spellings",
                    public_places_pass_in_their_usual_spellings);
    g_test_add_func("/fetch/a host allowed with its port may be private and without it may not",
                    a_host_allowed_with_its_port_may_be_private_and_without_it_may_not);
    g_test_add_func("/fetch/redirects are read as their base has them",
                    redirects_are_read_as_their_base_has_them);
    return g_test_run();
}
