/* One SMTP conversation, over libcurl. */
#include "base/error.h"
#include "fetch/fetch.h"
#include "notify/address.h"
#include "notify/mail.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <glib.h>

#define TIME INT64_C(60000000)
#define WORDS 400

/* What is said, as libcurl's debug function hears it: which command the last reply answers. */
struct conversation {
    char verb[8];      /* last command; "" before the first */
    char words[WORDS]; /* last reply, on one line */
    const struct buffer *text;
    size_t sent;
    bool over;
};

static int hear(CURL *curl, curl_infotype type, char *bytes, size_t length, void *data)
{
    (void)curl;
    struct conversation *talk = data;
    /* A refusal is followed by QUIT, whose answer is not of interest. */
    talk->over |= type == CURLINFO_HEADER_OUT && length >= 4 && memcmp(bytes, "QUIT", 4) == 0;
    if (talk->over)
        return 0;
    if (type == CURLINFO_HEADER_OUT) {
        size_t verb = 0;
        while (verb < length && verb + 1 < sizeof talk->verb && g_ascii_isalpha(bytes[verb]))
            verb++;
        memcpy(talk->verb, bytes, verb);
        talk->verb[verb] = '\0';
    } else if (type == CURLINFO_DATA_OUT) {
        g_strlcpy(talk->verb, "DATA", sizeof talk->verb);
    } else if (type == CURLINFO_HEADER_IN) {
        size_t kept = 0;
        for (size_t i = 0; i < length && kept + 1 < sizeof talk->words; i++)
            if ((unsigned char)bytes[i] >= ' ' && bytes[i] != 0x7f)
                talk->words[kept++] = bytes[i];
        kept = text_utf8_cut(talk->words, kept);
        talk->words[kept] = '\0';
        if (!text_is_utf8(talk->words, kept))
            g_strlcpy(talk->words, "(not readable)", sizeof talk->words);
    }
    return 0;
}

static size_t give(char *bytes, size_t size, size_t count, void *data)
{
    struct conversation *talk = data;
    size_t left = talk->text->length - talk->sent, room = size * count;
    size_t length = left < room ? left : room;
    memcpy(bytes, talk->text->data + talk->sent, length);
    talk->sent += length;
    return length;
}

static char *host_of(const char *url)
{
    CURLU *parts = curl_url();
    char *host = NULL, *copy = NULL;
    if (parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK)
        copy = g_ascii_strdown(host, -1);
    curl_free(host);
    curl_url_cleanup(parts);
    return copy;
}

static bool is_loopback(const char *url)
{
    char *host = host_of(url);
    struct in_addr four;
    bool loopback =
        host && (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
                 (inet_pton(AF_INET, host, &four) == 1 && ntohl(four.s_addr) >> 24 == 127));
    g_free(host);
    return loopback;
}

static bool wants_tls(const struct mail_server *server)
{
    const char *tls = server->tls ? server->tls : "auto";
    return strcmp(tls, "required") == 0 || (strcmp(tls, "auto") == 0 && !is_loopback(server->url));
}

static void set_options(CURL *curl, const struct mail_server *server, struct conversation *talk)
{
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)((server->time ? server->time : TIME) / 1000));
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_USE_SSL,
                     (long)(wants_tls(server) ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    if (server->ca_file && *server->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, server->ca_file);
    if (server->user && *server->user) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, server->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, server->password ? server->password : "");
    }
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, talk);
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, hear);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, talk);
}

/* 5xx on the recipient or the text is about this message; on anything before, about our settings,
 * which may be mended while it waits. */
static int judge(CURLcode result, const struct conversation *talk, long reply, const char *details,
                 const struct mail_server *server, struct portico_error *error)
{
    if (result == CURLE_OK)
        return 0;
    bool about_message = strcmp(talk->verb, "RCPT") == 0 || strcmp(talk->verb, "DATA") == 0;
    if (reply >= 400 && reply <= 599)
        return error_set(error, reply >= 500 && about_message ? PORTICO_EINVAL : PORTICO_EIO,
                         "The mail server %s refused the message%s: %s", server->url,
                         reply >= 500 && about_message ? "" : " for now", talk->words);
    if (result == CURLE_OPERATION_TIMEDOUT)
        return error_set(error, PORTICO_ETIMEDOUT, "The mail server %s did not answer in time.",
                         server->url);
    if (result == CURLE_USE_SSL_FAILED)
        return error_set(
            error, PORTICO_EIO,
            "The mail server %s offers no STARTTLS, and mail is not sent where others "
            "can read it. Use smtps://, or set [mail] tls = none for a network that is "
            "yours.",
            server->url);
    return error_set(error, PORTICO_EIO, "The mail server %s cannot be used: %s.", server->url,
                     *details ? details : curl_easy_strerror(result));
}

static int converse(CURL *curl, const struct mail_server *server,
                    const struct mail_message *message, struct conversation *talk,
                    struct arena *arena, struct portico_error *error)
{
    struct mail_address from, to;
    int code = mail_address_parse(arena, server->from, &from, error);
    if (code == 0)
        code = mail_address_parse(arena, message->to, &to, error);
    if (code < 0)
        return code;
    /* The path of the URL is who we are in EHLO. */
    char *us = message->portal_url ? host_of(message->portal_url) : NULL;
    char *url = g_strdup_printf("%s/%s", server->url, us ? us : "localhost");
    struct curl_slist *recipients = curl_slist_append(NULL, to.mailbox);
    char details[CURL_ERROR_SIZE] = "";
    set_options(curl, server, talk);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from.mailbox);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, details);
    long reply = 0;
    CURLcode result = recipients ? curl_easy_perform(curl) : CURLE_OUT_OF_MEMORY;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
    code = judge(result, talk, reply, details, server, error);
    curl_slist_free_all(recipients);
    g_free(url);
    g_free(us);
    return code;
}

int mail_deliver(const struct mail_server *server, const struct mail_message *message,
                 const struct buffer *text, struct arena *arena, const char **ret_words,
                 struct portico_error *error)
{
    int code = fetch_prepare(error);
    CURL *curl = code == 0 ? curl_easy_init() : NULL;
    struct conversation talk = { .text = text };
    if (code == 0)
        code = curl ? converse(curl, server, message, &talk, arena, error)
                    : error_set(error, PORTICO_ENOMEM, "There is no memory for a mail.");
    curl_easy_cleanup(curl);
    if (ret_words && code == 0)
        *ret_words = arena_strdup(arena, talk.words);
    return code;
}
