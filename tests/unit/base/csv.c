/* CSV: what people's spreadsheets write is read, what is none is refused line by line. */
#include "base/csv.h"

#include <glib.h>

/* Records as "line:field|field" or "line:!" for one that is refused, a line each. */
static char *read_all(const char *data, size_t length)
{
    struct csv csv;
    struct csv_record record;
    struct portico_error error = PORTICO_ERROR_INIT;
    GString *said = g_string_new(NULL);
    int code;
    csv_begin(&csv, data, length);
    while ((code = csv_next(&csv, &record, &error)) != 0) {
        g_string_append_printf(said, "%u:", record.line);
        for (size_t i = 0; code > 0 && i < record.count; i++)
            g_string_append_printf(said, "%s%s", i ? "|" : "", record.fields[i]);
        g_string_append(said, code > 0 ? "\n" : "!\n");
    }
    csv_end(&csv);
    return g_string_free(said, FALSE);
}

static void reads_as(const char *text, const char *expected)
{
    char *said = read_all(text, strlen(text));
    g_assert_cmpstr(said, ==, expected);
    g_free(said);
}

static void records_are_read_with_quotes_and_line_ends(void)
{
    reads_as("", "");
    reads_as("\n\r\n\n", "");
    reads_as("a,b\r\nc,d", "1:a|b\n2:c|d\n");
    reads_as("\"a\"\"b\",\"c,d\"\n\"two\nlines\",x\nlast,\n",
             "1:a\"b|c,d\n2:two\nlines|x\n4:last|\n");
    reads_as("a\rb\rc", "1:a\n2:b\n3:c\n");
    reads_as("a \"b\" c,d\n\"\",\n", "1:a \"b\" c|d\n2:|\n");
    reads_as("\xEF\xBB\xBFname;mail\nMåra, the 2nd;m@x.example\n",
             "1:name|mail\n2:Måra, the 2nd|m@x.example\n");
    reads_as("a\tb\n1,5\t2\n", "1:a|b\n2:1,5|2\n");
}

static void a_slip_costs_one_record(void)
{
    static const char with_nul[] = "a,b\nc\0d,e\nf,g\n";
    char *said = read_all(with_nul, sizeof with_nul - 1);
    g_assert_cmpstr(said, ==, "1:a|b\n2:!\n3:f|g\n");
    g_free(said);
    reads_as("a,b\n\xFF\xFE,c\nd,e\n", "1:a|b\n2:!\n3:d|e\n");
    reads_as("a,b\n\"open,c\nd,e\n", "1:a|b\n2:!\n3:d|e\n");
    reads_as("a,b\n\"x\"y,c\nd,e\n", "1:a|b\n2:!\n3:d|e\n");
}

static void a_long_line_is_refused_and_passed_over(void)
{
    static const size_t lengths[] = { CSV_RECORD_MAX, (size_t)10 * 1024 * 1024 };
    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++)
        for (int quoted = 0; quoted < 2; quoted++) {
            GString *text = g_string_new(quoted ? "a,b\n\"" : "a,b\n");
            char *wide = g_strnfill(lengths[i] + 1, 'x');
            g_string_append(text, wide);
            g_string_append(text, quoted ? "\"\nc,d\n" : "\nc,d\n");
            reads_as(text->str, "1:a|b\n2:!\n3:c|d\n");
            g_string_free(text, TRUE);
            g_free(wide);
        }
    char *commas = g_strnfill(CSV_FIELDS_MAX, ',');
    reads_as(commas, "1:!\n");
    g_free(commas);
}

static void what_is_written_is_read_and_is_no_formula(void)
{
    struct buffer buffer = { 0 };
    csv_write(&buffer, "");
    csv_write(&buffer, "say \"hi\", all");
    csv_write(&buffer, "=1+1");
    csv_write(&buffer, "");
    csv_write_end(&buffer);
    csv_write(&buffer, "two\nlines");
    csv_write_end(&buffer);
    reads_as(buffer_text(&buffer), "1:|say \"hi\", all|'=1+1|\n2:two\nlines\n");
    buffer_free(&buffer);
}

static void no_sign_begins_a_formula(void)
{
    static const char *const signs[] = { "=",  "+",  "-",  "@",  "\t", "\r",
                                         "\n", "＝", "＋", "－", "＠" };
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
        struct buffer buffer = { 0 };
        char *text = g_strconcat(signs[i], "cmd|' /C calc'!A0", NULL);
        char *expected = g_strconcat("\"'", text, "\"", NULL);
        csv_write(&buffer, text);
        g_assert_cmpstr(buffer_text(&buffer), ==, expected);
        g_free(expected);
        g_free(text);
        buffer_free(&buffer);
    }
    struct buffer buffer = { 0 };
    csv_write(&buffer, "ｗide is no sign");
    g_assert_cmpstr(buffer_text(&buffer), ==, "ｗide is no sign");
    buffer_free(&buffer);
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/csv/records are read with quotes and line ends",
                    records_are_read_with_quotes_and_line_ends);
    g_test_add_func("/csv/a slip costs one record", a_slip_costs_one_record);
    g_test_add_func("/csv/a long line is refused and passed over",
                    a_long_line_is_refused_and_passed_over);
    g_test_add_func("/csv/no sign begins a formula", no_sign_begins_a_formula);
    g_test_add_func("/csv/what is written is read, and is no formula",
                    what_is_written_is_read_and_is_no_formula);
    return g_test_run();
}
