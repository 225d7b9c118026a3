/* Tests of core/base: what every other room stands on. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"

#include <glib.h>
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

static void arena_gives_aligned_memory_and_runs_deferred_in_reverse(void)
{
    struct arena *arena = arena_new(64);
    for (size_t size = 0; size < 5000; size += 37)
        g_assert_cmpuint((uintptr_t)arena_alloc(arena, size) % 16, ==, 0);
    g_assert_null(arena_alloc(arena, SIZE_MAX));
    g_assert_cmpstr(arena_printf(arena, "%d-%s", 7, "x"), ==, "7-x");
    arena_reset(arena);
    g_assert_cmpuint(arena_size(arena), ==, 64);
    arena_free(arena);
    arena_free(NULL);
}

static void utf8_refuses_what_rfc_3629_refuses(void)
{
    static const char *const bad[] = { "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80",
                                       "abc\x80",  "\xE2\x82",     "12345678\xFF" };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(text_is_utf8(bad[i], strlen(bad[i])));
    g_assert_false(text_is_utf8("a\0b", 3));
    g_assert_false(text_is_utf8("abcdefgh\0ijklmnop", 17));
    g_assert_true(
        text_is_utf8("Grüße, 世界 \xF0\x9F\x98\x80", strlen("Grüße, 世界 \xF0\x9F\x98\x80")));
    g_assert_cmpuint(text_utf8_cut("Gr\xC3\xBC", 3), ==, 2);
    g_assert_cmpuint(text_utf8_cut("Gr\xC3\xBC", 4), ==, 4);
}

static void a_line_has_no_control_characters(void)
{
    static const char *const bad[] = { "", "a\nb", "a\rb", "\t", "a\x7f", "abc\x80" };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(text_is_line(bad[i], strlen(bad[i])));
    g_assert_false(text_is_line("a\0b", 3));
    g_assert_true(text_is_line("Grüße, 世界", strlen("Grüße, 世界")));
}

static void error_message_is_cut_between_characters(void)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    char *wide = g_strnfill(600, 'x');
    memcpy(wide + 510, "ü", 2);
    g_assert_cmpint(error_set(&error, PORTICO_EINVAL, "%s", wide), ==, PORTICO_EINVAL);
    g_assert_true(text_is_utf8(error.message, strlen(error.message)));
    g_assert_cmpint(error_set(NULL, PORTICO_EIO, "x"), ==, PORTICO_EIO);
    g_free(wide);
}

static void ids_grow_and_times_survive_the_round_trip(void)
{
    int64_t before = 0;
    for (int i = 0; i < 10000; i++) {
        int64_t id = id_new();
        g_assert_cmpint(id, >, before);
        before = id;
    }
    char text[40];
    int64_t time = clock_parse_rfc3339("2015-01-27T20:09:32.720Z", 24);
    clock_rfc3339(time, text, sizeof text);
    g_assert_cmpstr(text, ==, "2015-01-27T20:09:32.720Z");
    g_assert_cmpint(clock_parse_rfc3339("2015-01-27T22:09:32.720+02:00", 29), ==, time);
    g_assert_cmpint(clock_parse_rfc3339("2015-13-27T22:09:32Z", 20), ==, INT64_MIN);
    char date[30];
    clock_http_date(INT64_C(784111777000000), date);
    g_assert_cmpstr(date, ==, "Sun, 06 Nov 1994 08:49:37 GMT");
    static const char *const forms[] = { "Sun, 06 Nov 1994 08:49:37 GMT",
                                         "Sunday, 06-Nov-94 08:49:37 GMT",
                                         "Sun Nov  6 08:49:37 1994" };
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++)
        g_assert_cmpint(clock_parse_http_date(forms[i], strlen(forms[i])), ==,
                        INT64_C(784111777000000));
    g_assert_cmpint(clock_parse_http_date("Sun, 06 Nov 1994 08:49:37 CET", 29), ==, -1);
}

static void times_are_written_as_the_calendar_has_them(void)
{
    for (int64_t seconds = INT64_C(-62135596800); seconds < INT64_C(253402300800);
         seconds += 86400 * 13 + 3607) {
        time_t time = (time_t)seconds;
        struct tm parts;
        char text[40], expected[40];
        gmtime_r(&time, &parts);
        g_snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.000042Z",
                   parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                   parts.tm_min, parts.tm_sec);
        g_assert_cmpuint(clock_rfc3339(seconds * 1000000 + 42, text, sizeof text), ==,
                         strlen(expected));
        g_assert_cmpstr(text, ==, expected);
    }
}

/* Each special byte at each place of texts of each length, alone and among others like it. */
static void escaping_finds_every_byte_wherever_it_stands(void)
{
    static const char special[] = "&<>\"'=;#%!\\/ ?\x01\xE2\x1F";
    for (size_t length = 0; length < 40; length++)
        for (size_t at = 0; at < length; at++)
            for (size_t i = 0; i < sizeof special - 1; i++) {
                char text[40];
                memset(text, 'x', sizeof text);
                text[at] = special[i];
                text[length - 1] = special[(i + at) % (sizeof special - 1)];
                GString *html = g_string_new(NULL), *json = g_string_new("\"");
                for (size_t j = 0; j < length; j++) {
                    char c = text[j];
                    g_string_append(html, c == '&'    ? "&amp;"
                                          : c == '<'  ? "&lt;"
                                          : c == '>'  ? "&gt;"
                                          : c == '"'  ? "&quot;"
                                          : c == '\'' ? "&#39;"
                                                      : (char[]){ c, 0 });
                    if (c == '"' || c == '\\' || (c == '/' && j && text[j - 1] == '<'))
                        g_string_append_c(json, '\\');
                    if ((unsigned char)c < 0x20)
                        g_string_append_printf(json, "\\u%04x", c);
                    else
                        g_string_append_c(json, c);
                }
                g_string_append_c(json, '"');
                struct buffer out = { 0 };
                buffer_append_escaped(&out, text, length);
                g_assert_cmpstr(buffer_text(&out), ==, html->str);
                buffer_clear(&out);
                buffer_append_json_text(&out, text, length);
                g_assert_cmpstr(buffer_text(&out), ==, json->str);
                buffer_free(&out);
                g_string_free(html, TRUE);
                g_string_free(json, TRUE);
            }
}

static void a_sum_changes_with_every_byte_and_with_the_length(void)
{
    unsigned char bytes[100] = { 0 };
    GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t length = 0; length <= sizeof bytes; length++) {
        struct hash_sum sum = hash_sum_of(bytes, length);
        g_assert_true(g_hash_table_add(
            seen, g_strdup_printf("%" PRIx64 "-%" PRIx64, sum.words[0], sum.words[1])));
    }
    for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        struct hash_sum sum = hash_sum_of(bytes, sizeof bytes), again;
        again = hash_sum_of(bytes, sizeof bytes);
        g_assert_cmpmem(&sum, sizeof sum, &again, sizeof again);
        g_assert_true(g_hash_table_add(
            seen, g_strdup_printf("%" PRIx64 "-%" PRIx64, sum.words[0], sum.words[1])));
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    g_hash_table_destroy(seen);
}

static void text_longer_than_the_room_is_printed_whole(void)
{
    char *wide = g_strnfill(5000, 'w');
    for (int width = 0; width < 5000; width += 7) {
        struct arena *arena = arena_new(512);
        arena_alloc(arena, 100);
        const char *text = arena_printf(arena, "%.*s!", width, wide);
        const char *after = arena_strdup(arena, "after");
        g_assert_cmpuint(strlen(text), ==, (size_t)width + 1);
        g_assert_cmpint(text[width], ==, '!');
        g_assert_cmpstr(after, ==, "after");
        arena_free(arena);
    }
    struct buffer out = { 0 };
    buffer_printf(&out, "%s", wide);
    buffer_printf(&out, "%s", wide);
    g_assert_cmpuint(strlen(buffer_text(&out)), ==, 10000);
    buffer_free(&out);
    g_free(wide);
}

static char *json_again(const char *json)
{
    struct arena *arena = arena_new(0);
    struct value *value = NULL;
    struct buffer out = { 0 };
    struct portico_error error = PORTICO_ERROR_INIT;
    if (json_parse(arena, json, strlen(json), &value, &error) == 0)
        json_write(&out, value);
    else
        buffer_append_text(&out, error_name(error.code));
    char *text = g_strdup(buffer_text(&out));
    buffer_free(&out);
    arena_free(arena);
    return text;
}

static void json_is_read_strictly_and_written_back(void)
{
    static const char *const cases[][2] = {
        { "{\"a\":[1,2.5,true,null,\"x\\u00e9</s>\"]}", "{\"a\":[1,2.5,true,null,\"xé<\\/s>\"]}" },
        { "{\"a\":1,\"a\":2}", "EINVAL" },
        { "[1,]", "EINVAL" },
        { "0.1", "0.1" },
        { "\"\\u0000\"", "EINVAL" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *text = json_again(cases[i][0]);
        g_assert_cmpstr(text, ==, cases[i][1]);
        g_free(text);
    }
    char *deep = g_strnfill(65, '[');
    char *text = json_again(deep);
    g_assert_cmpstr(text, ==, "ELIMIT");
    g_free(text);
    g_free(deep);
}

static void values_refuse_cycles_bad_text_and_forged_html(void)
{
    struct arena *arena = arena_new(0);
    struct portico_value *object = value_public(value_new(arena, PORTICO_OBJECT));
    struct portico_value *list = portico_set_list(object, "list");
    g_assert_cmpint(portico_set(list, "x", object), ==, PORTICO_EINVAL);
    g_assert_cmpint(portico_set(object, "self", object), ==, PORTICO_EINVAL);
    struct portico_value *inner = portico_append_object(list);
    struct portico_value *orphan = value_public(value_new(arena, PORTICO_OBJECT));
    g_assert_cmpint(portico_set(inner, "again", object), ==, PORTICO_EINVAL);
    g_assert_cmpint(portico_set(object, "list2", list), ==, PORTICO_EINVAL);
    g_assert_cmpint(portico_set(inner, "o", orphan), ==, 0);
    g_assert_cmpuint(value_of(object)->height, ==, 3);
    g_assert_cmpint(portico_set_text(object, "bad", "\xFF"), ==, PORTICO_EINVAL);
    g_assert_null(object->api->make_scalar(object, PORTICO_HTML, 0, 0));
    g_assert_cmpint(portico_set_id(object, "id", 42), ==, 0);
    g_assert_cmpint(portico_get_integer(object, "id", 0), ==, 42);
    g_assert_cmpint(portico_set_text(NULL, "a", "b"), ==, PORTICO_EINVAL);
    struct text columns[] = { TEXT("id"), TEXT("title") };
    struct value *rows = value_rows_new(arena, columns, 2);
    for (int i = 0; i < 40; i++) {
        struct value_cell *cells = value_rows_add(rows);
        cells[0] = (struct value_cell){ .kind = PORTICO_ID, .integer = i };
        cells[1] = (struct value_cell){ .kind = PORTICO_TEXT, .length = 1, .text = "t" };
    }
    g_assert_cmpuint(portico_count(value_public(rows)), ==, 40);
    g_assert_cmpstr(portico_get_text(portico_at(value_public(rows), 39), "title", NULL), ==, "t");
    struct buffer out = { 0 };
    rows->count = 1;
    json_write(&out, rows);
    g_assert_cmpstr(buffer_text(&out), ==, "[{\"id\":\"0\",\"title\":\"t\"}]");
    buffer_free(&out);
    arena_free(arena);
}

/* What stands on standard error when `message` is logged. */
static char *logged(const char *message)
{
    int pipes[2], kept = dup(STDERR_FILENO);
    char line[1024];
    g_assert_cmpint(pipe(pipes), ==, 0);
    dup2(pipes[1], STDERR_FILENO);
    log_write(LOG_LEVEL_ERROR, "%s", message);
    dup2(kept, STDERR_FILENO);
    ssize_t length = read(pipes[0], line, sizeof line - 1);
    close(pipes[0]);
    close(pipes[1]);
    close(kept);
    g_assert_cmpint(length, >, 0);
    line[length] = '\0';
    return g_strdup(line);
}

static void logged_lines_carry_no_control_character(void)
{
    char *line = logged("a\x1b[1m b\x7f c\xc2\x80 d\xc2\x9b e\xc2\xa0 \xc3\xa4 \"q\" f\xc2\x9f");
    g_assert_nonnull(strstr(line, "\"message\":\"a\\u001b[1m b\\u007f c\\u0080 d\\u009b e\xc2\xa0 "
                                  "\xc3\xa4 \\\"q\\\" f\\u009f\"}\n"));
    g_free(line);
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/base/arena gives aligned memory",
                    arena_gives_aligned_memory_and_runs_deferred_in_reverse);
    g_test_add_func("/base/utf-8 refuses what RFC 3629 refuses",
                    utf8_refuses_what_rfc_3629_refuses);
    g_test_add_func("/base/a line has no control characters", a_line_has_no_control_characters);
    g_test_add_func("/base/times are written as the calendar has them",
                    times_are_written_as_the_calendar_has_them);
    g_test_add_func("/base/escaping finds every byte wherever it stands",
                    escaping_finds_every_byte_wherever_it_stands);
    g_test_add_func("/base/a sum changes with every byte and with the length",
                    a_sum_changes_with_every_byte_and_with_the_length);
    g_test_add_func("/base/text longer than the room is printed whole",
                    text_longer_than_the_room_is_printed_whole);
    g_test_add_func("/base/an error message is cut between characters",
                    error_message_is_cut_between_characters);
    g_test_add_func("/base/ids grow and times survive the round trip",
                    ids_grow_and_times_survive_the_round_trip);
    g_test_add_func("/base/json is read strictly and written back",
                    json_is_read_strictly_and_written_back);
    g_test_add_func("/base/values refuse cycles, bad text and forged html",
                    values_refuse_cycles_bad_text_and_forged_html);
    g_test_add_func("/base/logged lines carry no control character",
                    logged_lines_carry_no_control_character);
    return g_test_run();
}
