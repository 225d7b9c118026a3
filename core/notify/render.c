/* A message as RFC 5322 and MIME (RFC 2045 to 2047) have it. */
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "notify/address.h"
#include "notify/mail.h"

#include <glib.h>

#define LINE 76       /* of quoted-printable and of headers where they can be broken */
#define WORD_BYTES 42 /* of one encoded word: 56 characters of base64 and its frame */

static bool needs_encoding(const char *text)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c >= 0x7f)
            return true;
    return strstr(text, "=?") != NULL;
}

/* RFC 2047 section 2: words of whole characters, each on a line of its own. */
static void append_encoded(struct buffer *out, const char *text)
{
    size_t left = strlen(text);
    for (const char *sep = ""; left; sep = "\r\n ") {
        size_t length = text_utf8_cut(text, left < WORD_BYTES ? left : WORD_BYTES);
        char *word = g_base64_encode((const guchar *)text, length);
        buffer_printf(out, "%s=?UTF-8?B?%s?=", sep, word);
        g_free(word);
        text += length;
        left -= length;
    }
}

/* Broken at blanks, so that lines stay readable; `used` is the length of the header's name. */
static void append_folded(struct buffer *out, const char *text, size_t used)
{
    while (*text) {
        size_t length = strcspn(text + 1, " ") + 1; /* a blank and the word behind it */
        if (used + length > LINE && *text == ' ' && text[1] && text[1] != ' ') {
            buffer_append_text(out, "\r\n");
            used = 0;
        }
        buffer_append(out, text, length);
        used += length;
        text += length;
    }
}

static void append_text_header(struct buffer *out, const char *name, const char *text)
{
    buffer_printf(out, "%s: ", name);
    if (needs_encoding(text))
        append_encoded(out, text);
    else
        append_folded(out, text, strlen(name) + 2);
    buffer_append_text(out, "\r\n");
}

static void append_name(struct buffer *out, const char *name)
{
    if (needs_encoding(name)) {
        append_encoded(out, name);
        return;
    }
    buffer_append_char(out, '"');
    for (const char *c = name; *c; c++) {
        if (*c == '"' || *c == '\\')
            buffer_append_char(out, '\\');
        buffer_append_char(out, *c);
    }
    buffer_append_char(out, '"');
}

static int append_address(struct buffer *out, const char *header, const char *text,
                          struct portico_error *error)
{
    struct arena *arena = arena_new(0);
    struct mail_address address;
    int code = arena ? mail_address_parse(arena, text, &address, error) : PORTICO_ENOMEM;
    if (code == 0) {
        buffer_printf(out, "%s: ", header);
        if (address.name && *address.name) {
            append_name(out, address.name);
            buffer_printf(out, "\r\n <%s>\r\n", address.mailbox);
        } else {
            buffer_printf(out, "<%s>\r\n", address.mailbox);
        }
    }
    arena_free(arena);
    return code;
}

/* "portal.example.com" of "https://portal.example.com:8443". */
static struct text host_of(const char *url)
{
    const char *host = url ? strstr(url, "://") : NULL;
    host = host ? host + 3 : "localhost";
    if (*host == '[') /* an address literal keeps its brackets, RFC 5322 section 3.4.1 */
        return (struct text){ host, strcspn(host, "]") + 1 };
    return (struct text){ host, strcspn(host, ":/") };
}

/* All messages of a thread answer one that was never sent: every mail program puts them together,
 * also for who missed the first. */
static void append_thread(struct buffer *out, const struct mail_message *message)
{
    struct text host = host_of(message->portal_url);
    char *about =
        g_strdup_printf("%s\n%s", message->module ? message->module : "", message->thread);
    char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, about, -1);
    for (int i = 0; i < 2; i++)
        buffer_printf(out, "%s: <thread.%.32s@%.*s>\r\n", i ? "References" : "In-Reply-To", sum,
                      (int)host.length, host.data);
    g_free(sum);
    g_free(about);
}

/* RFC 8058: one-click needs https; without it the link alone remains, RFC 2369. */
static void append_unsubscribe(struct buffer *out, const struct mail_message *message)
{
    const char *link = message->unsubscribe;
    bool path = link[0] == '/';
    const char *base = path ? message->portal_url : "";
    buffer_printf(out, "List-Unsubscribe: <%s%s>\r\n", base, link);
    if (g_str_has_prefix(path ? base : link, "https://"))
        buffer_append_text(out, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
}

/* RFC 5322 section 3.3. */
static void append_date(struct buffer *out, int64_t date)
{
    char text[30];
    clock_http_date(date, text);
    buffer_printf(out, "Date: %.25s +0000\r\n", text); /* the same but for the zone's name */
}

/* RFC 2045 section 6.7. Ends of lines become CRLF, blanks before them are encoded. */
static void append_quoted(struct buffer *out, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t used = 0;
    for (const char *c = text; *c; c++) {
        if (*c == '\r' && c[1] == '\n')
            continue;
        if (*c == '\n') {
            buffer_append_text(out, "\r\n");
            used = 0;
            continue;
        }
        bool blank = *c == ' ' || *c == '\t';
        bool last = c[1] == '\n' || c[1] == '\r' || c[1] == '\0';
        bool plain = (*c > ' ' && *c < 0x7f && *c != '=') || (blank && !last);
        if (used + (plain ? 1 : 3) > LINE - 1) {
            buffer_append_text(out, "=\r\n");
            used = 0;
        }
        if (plain) {
            buffer_append_char(out, *c);
            used++;
        } else {
            const char code[] = { '=', hex[(unsigned char)*c >> 4], hex[*c & 15] };
            buffer_append(out, code, sizeof code);
            used += sizeof code;
        }
    }
    if (used)
        buffer_append_text(out, "\r\n");
}

static void append_part(struct buffer *out, const char *type, const char *text)
{
    buffer_printf(out,
                  "Content-Type: text/%s; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                  type);
    append_quoted(out, text);
}

static void append_body(struct buffer *out, const struct mail_message *message, int64_t id)
{
    if (!message->html) {
        append_part(out, "plain", message->text);
        return;
    }
    /* "=_" stands in no quoted-printable text. */
    char boundary[40];
    g_snprintf(boundary, sizeof boundary, "=_portico_%llx", (unsigned long long)id);
    buffer_printf(out, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n--%s\r\n",
                  boundary, boundary);
    append_part(out, "plain", message->text);
    buffer_printf(out, "--%s\r\n", boundary);
    append_part(out, "html", message->html);
    buffer_printf(out, "--%s--\r\n", boundary);
}

int mail_render(const struct mail_message *message, const char *from, int64_t id, int64_t date,
                struct buffer *text, struct portico_error *error)
{
    struct text host = host_of(message->portal_url);
    append_date(text, date);
    int code = append_address(text, "From", from, error);
    if (code == 0)
        code = append_address(text, "To", message->to, error);
    if (code == 0 && message->reply_to)
        code = append_address(text, "Reply-To", message->reply_to, error);
    if (code < 0)
        return code;
    append_text_header(text, "Subject", message->subject);
    buffer_printf(text, "Message-ID: <%lld@%.*s>\r\n", (long long)id, (int)host.length, host.data);
    if (message->thread)
        append_thread(text, message);
    if (message->unsubscribe)
        append_unsubscribe(text, message);
    buffer_append_text(text, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n");
    append_body(text, message, id);
    return text->failed ? error_set(error, PORTICO_ENOMEM, "Memory ended while a mail was written.")
                        : 0;
}
