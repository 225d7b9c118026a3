/* Every case of tests/framing/cases.txt against the parser: whole, byte by byte, and cut in two at
 * every place; then against a connection. */
#include "peer.h"

#include "http/body.h"

#include <stdlib.h>

#define CUTS_MAX 1500u /* longer messages are cut at every 97th place */

struct framing_case {
    char *name;
    GString *bytes;
    char *expected;    /* "400", "accepted", "more" */
    GPtrArray *checks; /* lines "key value", escapes undone in place of use */
};

static GPtrArray *cases;

static void unescape(const char *text, GString *out)
{
    for (; *text; text++) {
        if (*text != '\\') {
            g_string_append_c(out, *text);
            continue;
        }
        switch (*++text) {
        case 'r': g_string_append_c(out, '\r'); break;
        case 'n': g_string_append_c(out, '\n'); break;
        case 't': g_string_append_c(out, '\t'); break;
        case '0': g_string_append_c(out, '\0'); break;
        case '\\': g_string_append_c(out, '\\'); break;
        case 'x':
            g_string_append_c(
                out, (char)(g_ascii_xdigit_value(text[1]) << 4 | g_ascii_xdigit_value(text[2])));
            text += 2;
            break;
        case '(': {
            char *inner;
            unsigned long times = strtoul(text + 1, &inner, 10);
            const char *end = strchr(inner, ')');
            g_assert_nonnull(end);
            char *part = g_strndup(inner + 1, (gsize)(end - inner - 1));
            for (unsigned long i = 0; i < times; i++)
                unescape(part, out);
            g_free(part);
            text = end;
            break;
        }
        default: g_error("unknown escape \\%c", *text);
        }
    }
}

static void load_cases(void)
{
    char *folder = g_path_get_dirname(__FILE__);
    char *path = g_build_filename(folder, "../../framing/cases.txt", NULL);
    char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    char **lines = g_strsplit(text, "\n", -1);
    struct framing_case *each = NULL;
    for (char **line = lines; *line; line++) {
        if (g_str_has_prefix(*line, "## ")) {
            each = g_new0(struct framing_case, 1);
            each->name = g_strdup(*line + 3);
            each->bytes = g_string_new(NULL);
            each->checks = g_ptr_array_new_with_free_func(g_free);
            g_ptr_array_add(cases, each);
        } else if (g_str_has_prefix(*line, "> ")) {
            unescape(*line + 2, each->bytes);
        } else if (g_str_has_prefix(*line, "= ")) {
            each->expected = g_strdup(*line + 2);
        } else if (**line && **line != '#') {
            g_ptr_array_add(each->checks, g_strdup(*line));
        }
    }
    g_strfreev(lines);
    g_free(text);
    g_free(path);
    g_free(folder);
}

static void case_free(void *data)
{
    struct framing_case *each = data;
    g_free(each->name);
    g_string_free(each->bytes, TRUE);
    g_free(each->expected);
    g_ptr_array_free(each->checks, TRUE);
    g_free(each);
}

/* Reads one message the way a connection does, from pieces. */
struct reader {
    struct http_limits limits;
    struct http_scan scan;
    struct http_request request;
    struct http_framing framing;
    struct http_body body;
    struct http_refusal refusal;
    GString *input;
    bool in_body, done;
};

static void reader_feed(struct reader *reader, const char *data, size_t length)
{
    g_string_append_len(reader->input, data, (gssize)length);
    if (reader->done || reader->refusal.status)
        return;
    /* A buffer of the exact size, so that the sanitizer sees a step too far. */
    char *exact = g_memdup2(reader->input->str, reader->input->len);
    size_t used = 0;
    if (!reader->in_body) {
        enum http_scan_result result = http_scan_head(&reader->scan, exact, reader->input->len,
                                                      &reader->limits, &reader->refusal);
        if (result == HTTP_SCAN_FOUND) {
            used = reader->scan.position;
            reader->in_body =
                http_parse_head(&reader->request, &reader->framing, exact + reader->scan.start,
                                used - reader->scan.start, reader->scan.lines, &reader->limits,
                                &reader->refusal) &&
                http_body_begin(&reader->body, &reader->framing, reader->limits.body_bytes,
                                &reader->refusal);
        }
    }
    if (reader->in_body) {
        size_t taken = 0;
        reader->done = http_body_feed(&reader->body, exact + used, reader->input->len - used,
                                      &taken, &reader->refusal) == HTTP_BODY_DONE;
        used += taken;
    }
    g_string_erase(reader->input, 0, (gssize)used);
    g_free(exact);
}

static void reader_begin(struct reader *reader)
{
    *reader = (struct reader){ .input = g_string_new(NULL) };
    http_limits_complete(&reader->limits);
    reader->request.arena = arena_new(256);
}

static void reader_end(struct reader *reader)
{
    g_string_free(reader->input, TRUE);
    arena_free(reader->request.arena);
    buffer_free(&reader->body.content);
}

static char *number_text(unsigned number)
{
    return g_strdup_printf("%u", number);
}

/* What the reader has for a key of the case file, as a text to compare. */
static char *reading_of(const struct reader *reader, const char *key, const GString *wanted)
{
    const struct http_request *request = &reader->request;
    const struct {
        const char *key;
        struct text text;
    } texts[] = {
        { "method", request->method },
        { "path", request->path },
        { "query", request->query },
        { "host", request->host },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (strcmp(key, texts[i].key) == 0) {
            g_assert_cmpint(texts[i].text.data[texts[i].text.length], ==, 0);
            return g_strndup(texts[i].text.data, texts[i].text.length);
        }
    if (strcmp(key, "body") == 0)
        return g_strndup(reader->body.content.data ? reader->body.content.data : "",
                         reader->body.content.length);
    if (strcmp(key, "rest") == 0)
        return g_strdup(reader->input->str);
    if (strcmp(key, "minor") == 0)
        return number_text(request->minor_version);
    if (strcmp(key, "fields") == 0)
        return number_text((unsigned)request->field_count);
    if (strcmp(key, "keep") == 0)
        return g_strdup(reader->framing.keep_alive ? "yes" : "no");
    g_assert_cmpstr(key, ==, "field");
    char *name = g_strndup(wanted->str, strcspn(wanted->str, ":"));
    struct text value = http_request_field(request, text_of(name));
    g_assert_nonnull(value.data);
    char *line =
        g_strdup_printf("%s:%s%.*s", name, value.length ? " " : "", (int)value.length, value.data);
    g_free(name);
    return line;
}

static void check_reading(const struct framing_case *each, const struct reader *reader)
{
    for (guint i = 0; i < each->checks->len; i++) {
        const char *line = each->checks->pdata[i];
        size_t length = strcspn(line, " ");
        char *key = g_strndup(line, length);
        GString *wanted = g_string_new(NULL);
        unescape(line[length] ? line + length + 1 : "", wanted);
        char *have = reading_of(reader, key, wanted);
        if (strcmp(have, wanted->str) != 0)
            g_error("%s: %s is \"%s\" instead of \"%s\"", each->name, key, have, wanted->str);
        g_free(have);
        g_string_free(wanted, TRUE);
        g_free(key);
    }
}

static void check(const struct framing_case *each, const struct reader *reader)
{
    unsigned status = reader->refusal.status;
    if (strcmp(each->expected, "more") == 0) {
        if (status || reader->done)
            g_error("%s: answered too early (%u)", each->name, status);
    } else if (strcmp(each->expected, "accepted") == 0) {
        if (!reader->done)
            g_error("%s: not accepted (%u %s)", each->name, status, reader->refusal.reason);
        check_reading(each, reader);
    } else if (status != strtoul(each->expected, NULL, 10)) {
        g_error("%s: %u (%s) instead of %s", each->name, status,
                status ? reader->refusal.reason : "not refused", each->expected);
    } else {
        g_assert_true(g_str_has_suffix(reader->refusal.reason, ".") ||
                      strchr(reader->refusal.reason, '.'));
    }
}

static void run_cut_at(const struct framing_case *each, size_t cut)
{
    struct reader reader;
    reader_begin(&reader);
    reader_feed(&reader, each->bytes->str, cut);
    reader_feed(&reader, each->bytes->str + cut, each->bytes->len - cut);
    check(each, &reader);
    reader_end(&reader);
}

static void a_message_reads_the_same_whole_byte_by_byte_and_cut_anywhere(const void *data)
{
    const struct framing_case *each = data;
    struct reader reader;
    run_cut_at(each, 0);
    size_t step = each->bytes->len > CUTS_MAX ? 97 : 1;
    for (size_t cut = 1; cut < each->bytes->len; cut += step)
        run_cut_at(each, cut);
    reader_begin(&reader);
    for (size_t i = 0; i < each->bytes->len; i++)
        reader_feed(&reader, each->bytes->str + i, 1);
    check(each, &reader);
    reader_end(&reader);
}

static void dispatch(struct http_exchange *exchange, void *data)
{
    (void)data;
    exchange->response.status = 200;
    http_exchange_finish(exchange);
}

static void a_connection_answers_every_case_as_the_parser_reads_it(void)
{
    struct event_base *base = event_base_new();
    struct http_server_options options = { .base = base, .dispatch = dispatch };
    struct http_server *server = http_server_new(&options, NULL);
    for (guint i = 0; i < cases->len; i++) {
        const struct framing_case *each = cases->pdata[i];
        struct peer *peer = peer_new(base, server);
        peer_send(peer, each->bytes->str, each->bytes->len);
        if (strcmp(each->expected, "more") == 0) {
            peer_step(peer);
            g_assert_cmpuint(peer->received->len, ==, 0);
        } else {
            bool accepted = strcmp(each->expected, "accepted") == 0;
            if (accepted)
                shutdown(peer->descriptor, SHUT_WR);
            PEER_WAIT(peer, peer->ended);
            const char *status = accepted ? "20" : each->expected;
            if (!g_str_has_prefix(peer->received->str, "HTTP/1.1 ") ||
                !g_str_has_prefix(peer->received->str + 9, status))
                g_error("%s: answered %s", each->name, peer->received->str);
            g_assert_true(accepted || strstr(peer->received->str, "\r\nConnection: close\r\n"));
        }
        peer_free(peer);
    }
    http_server_free(server);
    event_base_free(base);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    cases = g_ptr_array_new_with_free_func(case_free);
    load_cases();
    g_assert_cmpuint(cases->len, >=, 120);
    for (guint i = 0; i < cases->len; i++) {
        struct framing_case *each = cases->pdata[i];
        g_assert_nonnull(each->expected);
        char *path = g_strdup_printf("/http/framing/%s", each->name);
        for (char *c = path + 14; *c; c++)
            *c = *c == '/' ? '|' : *c;
        g_test_add_data_func(path, each,
                             a_message_reads_the_same_whole_byte_by_byte_and_cut_anywhere);
        g_free(path);
    }
    g_test_add_func("/http/framing/connection",
                    a_connection_answers_every_case_as_the_parser_reads_it);
    int result = g_test_run();
    g_ptr_array_free(cases, TRUE);
    return result;
}
