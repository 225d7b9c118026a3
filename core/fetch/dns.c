#include "fetch/dns.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <glib.h>
#include <netdb.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS 2 /* one server may take */
#define TRIES 2

/* The strings of one record, one behind the other, are the text. */
static bool holds(const ns_rr *record, const char *text)
{
    const unsigned char *at = ns_rr_rdata(*record), *end = at + ns_rr_rdlen(*record);
    const size_t length = strlen(text);
    size_t seen = 0;
    while (at < end) {
        const size_t part = *at++;
        if (part > (size_t)(end - at) || seen + part > length || memcmp(text + seen, at, part) != 0)
            return false;
        seen += part;
        at += part;
    }
    return seen == length;
}

static int look(const unsigned char *answer, int length, const char *text,
                struct portico_error *error)
{
    ns_msg message;
    ns_rr record;
    if (ns_initparse(answer, length, &message) < 0)
        return error_set(error, PORTICO_EIO, "The answer of the name server is none.");
    for (int i = 0; i < ns_msg_count(message, ns_s_an); i++)
        if (ns_parserr(&message, ns_s_an, i, &record) == 0 && ns_rr_type(record) == ns_t_txt &&
            holds(&record, text))
            return 1;
    return 0;
}

static int choose(struct __res_state *state, const char *server, struct portico_error *error)
{
    const char *colon = strrchr(server, ':');
    const long port = colon ? strtol(colon + 1, NULL, 10) : 53;
    char *host = colon ? g_strndup(server, (gsize)(colon - server)) : g_strdup(server);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    const bool good = inet_pton(AF_INET, host, &address.sin_addr) == 1 && port > 0 && port < 65536;
    g_free(host);
    if (!good)
        return error_set(error, PORTICO_EINVAL,
                         "\"%.60s\" is no name server: write an IPv4 address and a port, such as "
                         "127.0.0.1:53.",
                         server);
    state->nsaddr_list[0] = address;
    state->nscount = 1;
    return PORTICO_OK;
}

int dns_has_text(const char *name, const char *text, const char *server,
                 struct portico_error *error)
{
    struct __res_state state = { 0 };
    unsigned char answer[4096];
    if (res_ninit(&state) < 0)
        return error_set(error, PORTICO_EIO, "The names of this machine cannot be asked for.");
    state.retrans = SECONDS;
    state.retry = TRIES;
    int code = server && *server ? choose(&state, server, error) : PORTICO_OK;
    if (code == 0) {
        const int length = res_nquery(&state, name, ns_c_in, ns_t_txt, answer, sizeof answer);
        const bool none = state.res_h_errno == HOST_NOT_FOUND || state.res_h_errno == NO_DATA;
        if (length > 0)
            code = look(answer, MIN(length, (int)sizeof answer), text, error);
        else if (!none)
            code = error_set(error, PORTICO_EIO, /* translated */
                             "No name server answered: try again in a while.");
    }
    res_nclose(&state);
    return code;
}
