#include "http/forwarded.h"

#include <arpa/inet.h>
#include <glib.h>

#define WORD_MAX 64 /* of an address with its port */

/* IPv4 as ::ffff:a.b.c.d, so that there is one kind. */
struct address {
    unsigned char bytes[16];
};

struct network {
    struct address prefix;
    unsigned bits;
};

struct http_proxies {
    bool local; /* Unix sockets */
    GArray *networks;
};

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool read_address(const char *text, struct address *ret_address)
{
    struct address address;
    memcpy(address.bytes, mapped, sizeof mapped);
    if (inet_pton(AF_INET, text, address.bytes + sizeof mapped) != 1 &&
        inet_pton(AF_INET6, text, address.bytes) != 1)
        return false;
    *ret_address = address;
    return true;
}

static bool is_mapped(const struct address *address)
{
    return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

static bool is_within(const struct address *address, const struct network *network)
{
    unsigned whole = network->bits / 8, left = network->bits % 8;
    if (memcmp(address->bytes, network->prefix.bytes, whole) != 0)
        return false;
    return left == 0 || ((address->bytes[whole] ^ network->prefix.bytes[whole]) >> (8 - left)) == 0;
}

static void add_network(struct http_proxies *proxies, const char *word)
{
    char **parts = g_strsplit(word, "/", 2);
    struct network network;
    if (strcmp(word, "unix") == 0) {
        proxies->local = true;
    } else if (read_address(parts[0], &network.prefix)) {
        unsigned most = strchr(parts[0], ':') ? 128 : 32;
        uint64_t bits = parts[1] ? g_ascii_strtoull(parts[1], NULL, 10) : most;
        network.bits = (unsigned)(bits < most ? bits : most) + 128 - most;
        g_array_append_val(proxies->networks, network);
    }
    g_strfreev(parts);
}

struct http_proxies *http_proxies_new(const char *list)
{
    struct http_proxies *proxies = g_new0(struct http_proxies, 1);
    char **words = g_strsplit_set(list, " \t", -1);
    proxies->networks = g_array_new(FALSE, FALSE, sizeof(struct network));
    for (char **word = words; *word; word++)
        if (**word)
            add_network(proxies, *word);
    g_strfreev(words);
    if (proxies->local || proxies->networks->len)
        return proxies;
    http_proxies_free(proxies);
    return NULL;
}

void http_proxies_free(struct http_proxies *proxies)
{
    if (!proxies)
        return;
    g_array_free(proxies->networks, TRUE);
    g_free(proxies);
}

static bool trusts(const struct http_proxies *proxies, const char *remote)
{
    struct address address;
    if (!read_address(remote, &address))
        return proxies->local && strcmp(remote, "unix") == 0;
    for (guint i = 0; i < proxies->networks->len; i++)
        if (is_within(&address, &g_array_index(proxies->networks, struct network, i)))
            return true;
    return false;
}

/* "1.2.3.4", "1.2.3.4:567", "2001:db8::1" or "[2001:db8::1]:567". */
static bool read_word(struct text word, struct address *ret_address)
{
    char text[WORD_MAX];
    if (word.length >= sizeof text)
        return false;
    memcpy(text, word.data, word.length);
    text[word.length] = '\0';
    char *begin = text, *colon = strchr(text, ':');
    if (*text == '[') {
        begin++;
        text[strcspn(text, "]")] = '\0';
    } else if (colon && !strchr(colon + 1, ':')) {
        *colon = '\0';
    }
    return read_address(begin, ret_address);
}

/* Takes the word behind the last comma. */
static struct text take_last(struct text *list)
{
    size_t begin = list->length;
    while (begin > 0 && list->data[begin - 1] != ',')
        begin--;
    struct text word = text_trim((struct text){ list->data + begin, list->length - begin });
    list->length = begin ? begin - 1 : 0;
    return word;
}

static void set_remote(struct http_request *request, const struct address *address)
{
    if (is_mapped(address))
        inet_ntop(AF_INET, address->bytes + sizeof mapped, request->remote, sizeof request->remote);
    else
        inet_ntop(AF_INET6, address->bytes, request->remote, sizeof request->remote);
}

void http_forwarded(const struct http_proxies *proxies, struct http_request *request)
{
    struct address address;
    if (!proxies || !trusts(proxies, request->remote))
        return;
    /* Each proxy adds behind what came, on the same line or on one of its own. */
    for (size_t i = request->field_count; i-- > 0;) {
        struct text list = request->fields[i].value;
        if (!text_equals(request->fields[i].name, TEXT("x-forwarded-for")))
            continue;
        while (list.length > 0) {
            if (!read_word(take_last(&list), &address))
                return;
            set_remote(request, &address);
            if (!trusts(proxies, request->remote))
                return;
        }
    }
}
