#include "notify/address.h"

#include "base/error.h"
#include "base/text.h"
#include "identity/idna.h"

#include <glib.h>

#define TEXT_MAX 512
#define LOCAL_MAX 64    /* RFC 5321 section 4.5.3.1.1 */
#define MAILBOX_MAX 254 /* section 4.5.3.1.3, without its brackets */

/* RFC 5321 section 4.1.2: Dot-string. */
static bool is_local(struct text local)
{
    bool dot = true; /* none may begin, end or follow another */
    for (size_t i = 0; i < local.length; i++) {
        char c = local.data[i];
        if (c == '.' ? dot : !g_ascii_isalnum(c) && !strchr("!#$%&'*+-/=?^_`{|}~", c))
            return false;
        dot = c == '.';
    }
    return !dot && local.length <= LOCAL_MAX;
}

/* Section 4.1.2: Domain, of letters, digits and inner hyphens; not an IPv4 address. */
static bool is_domain(const char *domain)
{
    char **labels = g_strsplit(domain, ".", -1);
    bool fits = strlen(domain) <= 253 && labels[0] != NULL, number = true;
    for (size_t i = 0; fits && labels[i]; i++) {
        const char *label = labels[i];
        size_t length = strlen(label);
        fits = length >= 1 && length <= 63 && label[0] != '-' && label[length - 1] != '-';
        for (size_t at = 0; at < length; at++)
            fits &= g_ascii_isalnum(label[at]) || label[at] == '-';
        number = label[strspn(label, "0123456789")] == '\0';
    }
    g_strfreev(labels);
    return fits && !number;
}

static const char *read_mailbox(struct arena *arena, struct text text)
{
    const char *at = memrchr(text.data, '@', text.length);
    if (!at || !is_local((struct text){ text.data, (size_t)(at - text.data) }))
        return NULL;
    char *written = g_strndup(at + 1, text.length - (size_t)(at + 1 - text.data));
    bool sound = g_utf8_validate(written, -1, NULL) && !g_hostname_is_ip_address(written);
    char domain[IDENTITY_IDNA_SIZE];
    const char *mailbox = NULL;
    /* The same form as the address is known by: no mail about one goes to another. */
    if (sound && identity_idna(written, domain) == 0 && is_domain(domain))
        mailbox = arena_printf(arena, "%.*s@%s", (int)(at - text.data), text.data, domain);
    g_free(written);
    return mailbox && strlen(mailbox) <= MAILBOX_MAX ? mailbox : NULL;
}

/* What stands before "<": words as they are, or one quoted string. NULL: neither. */
static const char *read_name(struct arena *arena, struct text text)
{
    bool quoted = text.length >= 2 && text.data[0] == '"' && text.data[text.length - 1] == '"';
    if (quoted)
        text = (struct text){ text.data + 1, text.length - 2 };
    char *name = arena_alloc(arena, text.length + 1);
    size_t length = 0;
    for (size_t i = 0; name && i < text.length; i++) {
        char c = text.data[i];
        if (quoted && c == '\\' && i + 1 < text.length)
            c = text.data[++i];
        else if (quoted ? c == '"' || c == '\\' : strchr("<>()[]:;@\\,\"", c) != NULL)
            return NULL;
        name[length++] = c;
    }
    if (name)
        name[length] = '\0';
    return name;
}

static bool is_plain(const char *text, size_t length)
{
    return length <= TEXT_MAX && text_is_line(text, length);
}

int mail_address_parse(struct arena *arena, const char *text, struct mail_address *ret_address,
                       struct portico_error *error)
{
    struct mail_address address = { 0 };
    struct text all = text_trim(text_of(text ? text : ""));
    const char *open = memrchr(all.data, '<', all.length);
    bool named = is_plain(all.data, all.length) && open && all.data[all.length - 1] == '>';
    if (named) {
        struct text name = text_trim((struct text){ all.data, (size_t)(open - all.data) });
        size_t length = all.length - (size_t)(open - all.data) - 2;
        address.name = name.length ? read_name(arena, name) : NULL;
        if (address.name || !name.length)
            address.mailbox = read_mailbox(arena, (struct text){ open + 1, length });
    } else if (is_plain(all.data, all.length) && !open) {
        address.mailbox = read_mailbox(arena, all);
    }
    if (!address.mailbox)
        return error_set(error, PORTICO_EINVAL,
                         "\"%.120s\" is not a mail address such as ana@example.com or "
                         "Ana <ana@example.com>.",
                         text && is_plain(text, strlen(text)) ? text : "");
    *ret_address = address;
    return 0;
}
