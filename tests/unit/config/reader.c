/* Tests of the key-file reader: what it reads, and each kind of mistake with its exact line. */
#include "config/reader.h"
#include "base/text.h"

#include <glib.h>
#include <string.h>

#define EXPECTED_MAX 5

/* What the reader must say about a text, in order: "[section]@line", "section.key=value@line", or
 * "!line words that the message holds". */
struct reader_case {
    const char *name;
    const char *text;
    const char *expected[EXPECTED_MAX];
};

static const struct reader_case cases[] = {
    /* what is read */
    { "an empty file holds nothing", "", { NULL } },
    { "blank lines hold nothing", "\n  \n\t\n\r\n", { NULL } },
    { "comments begin with # or ;", "# a\n; b\n  # c\n\t;d = e\n", { NULL } },
    { "a section may be empty", "[http]\n", { "[http]@1" } },
    { "a key has its section and line",
      "[http]\nlisten = a:1\n",
      { "[http]@1", "http.listen=a:1@2" } },
    { "the last line needs no line feed", "[a]\nb = c", { "[a]@1", "a.b=c@2" } },
    { "CRLF ends a line", "[a]\r\nb = c\r\n", { "[a]@1", "a.b=c@2" } },
    { "LF and CRLF may mix", "[a]\r\nb = c\nd = e\r\n", { "[a]@1", "a.b=c@2", "a.d=e@3" } },
    { "blanks around key and value fall away",
      "[a]\n \tb\t =  c d \t\n",
      { "[a]@1", "a.b=c d@2" } },
    { "blanks around the equals sign may be missing", "[a]\nb=c\n", { "[a]@1", "a.b=c@2" } },
    { "an empty value is read", "[a]\nb =\nc = \n", { "[a]@1", "a.b=@2", "a.c=@3" } },
    { "the value may hold equals signs", "[a]\nb = c=d=e\n", { "[a]@1", "a.b=c=d=e@2" } },
    { "the value may hold # and ;", "[a]\nb = #fff;x\n", { "[a]@1", "a.b=#fff;x@2" } },
    { "the value may hold brackets", "[a]\nb = [::1]:80\n", { "[a]@1", "a.b=[::1]:80@2" } },
    { "the value may hold quotes inside",
      "[a]\nb = say \"hi\"\n",
      { "[a]@1", "a.b=say \"hi\"@2" } },
    { "quotes keep blanks", "[a]\nb = \"  c  \"\n", { "[a]@1", "a.b=  c  @2" } },
    { "quotes may be empty", "[a]\nb = \"\"\n", { "[a]@1", "a.b=@2" } },
    { "escapes are opened in quotes",
      "[a]\nb = \"\\\"\\\\\\n\\t\"\n",
      { "[a]@1", "a.b=\"\\\n\t@2" } },
    { "backslashes without quotes stand for themselves",
      "[a]\nb = c\\nd\n",
      { "[a]@1", "a.b=c\\nd@2" } },
    { "blanks may follow the closing quote", "[a]\nb = \"c\"  \t\n", { "[a]@1", "a.b=c@2" } },
    { "blanks inside the brackets fall away", "[ a ]\nb = c\n", { "[a]@1", "a.b=c@2" } },
    { "a module's section is named after it",
      "[module communities]\nb = c\n",
      { "[module communities]@1", "module communities.b=c@2" } },
    { "blanks in a module's section become one", "[module \t x-1]\n", { "[module x-1]@1" } },
    { "a section may be indented", "  [a]\n  b = c\n", { "[a]@1", "a.b=c@2" } },
    { "a byte order mark is passed over", "\xEF\xBB\xBF[a]\nb = c\n", { "[a]@1", "a.b=c@2" } },
    { "values are UTF-8", "[a]\nb = Grüße, 世界\n", { "[a]@1", "a.b=Grüße, 世界@2" } },
    { "tabs may stand in values", "[a]\nb = c\td\n", { "[a]@1", "a.b=c\td@2" } },
    { "the same key may stand in two sections",
      "[a]\nb = 1\n[c]\nb = 2\n",
      { "[a]@1", "a.b=1@2", "[c]@3", "c.b=2@4" } },
    { "keys keep their case for the schema to judge", "[a]\nBig = 1\n", { "[a]@1", "a.Big=1@2" } },
    /* sections */
    { "a section without closing bracket",
      "\n[http\n",
      { "!2 `[http` lacks its closing bracket `]`" } },
    { "an empty section name", "[]\n", { "!1 brackets are empty" } },
    { "blanks are no section name", "[  ]\n", { "!1 brackets are empty" } },
    { "a section name of two words",
      "# x\n[two words]\n",
      { "!2 `[two words]` is no section name" } },
    { "a section name with a dot", "[a.b]\n", { "!1 `[a.b]` is no section name" } },
    { "a module's section without a name",
      "[module]\n",
      { "!1 [module] lacks the module's name" } },
    { "a module name of two words", "[module a b]\n", { "!1 `[module a b]` is no section name" } },
    { "text behind a section",
      "[a] x\nb = c\n",
      { "!1 Only blanks may follow `[a]`, not `x`", "[a]@1", "a.b=c@2" } },
    { "a comment behind a section",
      "[a] # x\n",
      { "!1 A comment needs a line of its own", "[a]@1" } },
    { "a section twice names the first line",
      "[a]\nb = 1\n\n[a]\nc = 2\n",
      { "[a]@1", "a.b=1@2", "!4 [a] began already in line 1", "a.c=2@5" } },
    { "a section three times names the first line",
      "[a]\n[a]\n[a]\n",
      { "[a]@1", "!2 already in line 1", "!3 already in line 1" } },
    { "a module's section twice",
      "[module x]\n[c]\n[module  x]\n",
      { "[module x]@1", "[c]@2", "!3 [module x] began already in line 1" } },
    { "keys of a malformed section are passed over",
      "[a\nb = 1\n[c]\nd = 2\n",
      { "!1 closing bracket", "[c]@3", "c.d=2@4" } },
    { "keys of an unknown section are passed over",
      "[unknown]\nb = 1\nno equals\n[c]\n",
      { "[unknown]@1", "[c]@4" } },
    /* keys */
    { "a key before any section", "b = c\n", { "!1 key `b` stands before any section" } },
    { "each key before any section is told",
      "b = c\n\nd = e\n",
      { "!1 `b` stands", "!3 `d` stands" } },
    { "a line without equals sign",
      "[a]\njust words\n",
      { "[a]@1", "!2 `just words` is neither" } },
    { "a long wrong line is shown cut",
      "[a]\n0123456789012345678901234567890123456789xyz\n",
      { "[a]@1", "!2 `0123456789012345678901234567890123456789…` is neither" } },
    { "a missing key", "[a]\n = c\n", { "[a]@1", "!2 key before `=` is missing" } },
    { "a key with a blank inside", "[a]\nb c = d\n", { "[a]@1", "!2 `b c` is no key" } },
    { "a key with a dash", "[a]\nb-c = d\n", { "[a]@1", "!2 `b-c` is no key" } },
    { "a key in quotes", "[a]\n\"b\" = d\n", { "[a]@1", "!2 `\"b\"` is no key" } },
    { "a key that is not ASCII", "[a]\nü = d\n", { "[a]@1", "!2 `ü` is no key" } },
    { "a key twice names the first line",
      "[a]\nb = 1\nc = 2\nb = 3\n",
      { "[a]@1", "a.b=1@2", "a.c=2@3", "!4 `b` in [a] is set already in line 2" } },
    { "a key three times names the first line",
      "[a]\nb = 1\nb = 2\nb = 3\n",
      { "[a]@1", "a.b=1@2", "!3 already in line 2", "!4 already in line 2" } },
    { "a key twice over a section that stands twice",
      "[a]\nb = 1\n[a]\nb = 2\n",
      { "[a]@1", "a.b=1@2", "!3 already in line 1", "!4 already in line 2" } },
    { "a key whose first value was malformed counts as set",
      "[a]\nb = \"x\nb = 2\n",
      { "[a]@1", "!2 closing quote", "!3 already in line 2" } },
    { "a colon instead of an equals sign", "[a]\nb: c\n", { "[a]@1", "!2 `b: c` is neither" } },
    /* values */
    { "a quote that is not closed",
      "[a]\nb = \"c\nd = e\n",
      { "[a]@1", "!2 value of `b` lacks its closing quote", "a.d=e@3" } },
    { "a single quote alone", "[a]\nb = \"\n", { "[a]@1", "!2 closing quote" } },
    { "a closing quote that is escaped", "[a]\nb = \"c\\\"\n", { "[a]@1", "!2 closing quote" } },
    { "a backslash at the end in quotes", "[a]\nb = \"c\\\n", { "[a]@1", "!2 closing quote" } },
    { "an unknown escape",
      "[a]\nb = \"\\x41\"\n",
      { "[a]@1", "!2 escape `\\x` in the value of `b` is unknown" } },
    { "an unknown escape of a wide character",
      "[a]\nb = \"\\ü\"\n",
      { "[a]@1", "!2 escape `\\ü` in" } },
    { "text behind the closing quote",
      "[a]\nb = \"c\" d\n",
      { "[a]@1", "!2 Only blanks may follow the closing quote of `b`, not `d`" } },
    { "a comment behind the closing quote",
      "[a]\nb = \"c\" # d\n",
      { "[a]@1", "!2 a comment needs a line of its own" } },
    { "a quote inside quotes", "[a]\nb = \"c\"d\"\n", { "[a]@1", "!2 not `d\"`" } },
    { "a value that continues",
      "[a]\nb = c \\\n  d\n",
      { "[a]@1", "!2 ends in a backslash", "!3 `d` is neither" } },
    /* bytes */
    { "a byte that is not UTF-8", "[a]\nb = \xFF\n", { "[a]@1", "!2 not valid UTF-8" } },
    { "Latin-1 in a comment", "# Gr\xFC\xDF\x65\n[a]\n", { "!1 not valid UTF-8", "[a]@2" } },
    { "an overlong form", "[a]\nb = \xC0\xAF\n", { "[a]@1", "!2 not valid UTF-8" } },
    { "a surrogate", "[a]\nb = \xED\xA0\x80\n", { "[a]@1", "!2 not valid UTF-8" } },
    { "a byte order mark in the middle is no key",
      "[a]\n\xEF\xBB\xBF"
      "b = c\n",
      { "[a]@1", "!2 is no key" } },
    { "a control character", "[a]\nb = c\x01\n", { "[a]@1", "!2 control character" } },
    { "a carriage return in the middle", "[a]\nb = c\rd\n", { "[a]@1", "!2 control character" } },
    { "a delete character", "[a]\nb = \x7F\n", { "[a]@1", "!2 control character" } },
    { "several mistakes are all told",
      "x\n[a\n[b]\nc\nd = \"\n",
      { "!1 `x` is neither", "!2 closing bracket", "[b]@3", "!4 `c` is neither",
        "!5 closing quote" } },
};

struct heard {
    struct arena *arena;
    GPtrArray *words;
};

static bool hear_section(const char *section, const char *file, unsigned line, void *data)
{
    struct heard *heard = data;
    g_assert_cmpstr(file, ==, "test.conf");
    g_ptr_array_add(heard->words, g_strdup_printf("[%s]@%u", section, line));
    return strcmp(section, "unknown") != 0;
}

static void hear_entry(const struct config_reader_entry *entry, void *data)
{
    struct heard *heard = data;
    g_assert_cmpstr(entry->file, ==, "test.conf");
    g_ptr_array_add(heard->words, g_strdup_printf("%s.%s=%s@%u", entry->section, entry->key,
                                                  entry->value, entry->line));
}

static void hear_problem(const char *file, unsigned line, const char *message, void *data)
{
    struct heard *heard = data;
    g_assert_nonnull(file);
    if (!g_str_has_suffix(message, "."))
        g_error("No sentence: %s", message);
    g_assert_true(text_is_utf8(message, strlen(message)));
    g_ptr_array_add(heard->words, g_strdup_printf("!%u %s", line, message));
}

static struct heard listen_to(const char *text, size_t length)
{
    struct heard heard = { arena_new(0), g_ptr_array_new_with_free_func(g_free) };
    struct config_reader reader = { heard.arena, hear_section, hear_entry, hear_problem, &heard };
    /* A copy of its exact length: reading past the end shows. */
    char *copy = g_memdup2(text, length ? length : 1);
    config_reader_parse(&reader, "test.conf", copy, length);
    g_free(copy);
    return heard;
}

static void forget(struct heard *heard)
{
    g_ptr_array_free(heard->words, TRUE);
    arena_free(heard->arena);
}

static void assert_word(const char *word, const char *expected)
{
    if (expected[0] != '!') {
        g_assert_cmpstr(word, ==, expected);
        return;
    }
    const char *words = strchr(expected, ' ');
    g_assert_cmpint(strncmp(word, expected, (size_t)(words - expected) + 1), ==, 0);
    if (!strstr(word, words + 1))
        g_error("\"%s\" lacks \"%s\"", word, words + 1);
}

static void reads_as_expected(gconstpointer data)
{
    const struct reader_case *row = data;
    struct heard heard = listen_to(row->text, strlen(row->text));
    size_t count = 0;
    while (count < EXPECTED_MAX && row->expected[count])
        count++;
    for (size_t i = 0; i < heard.words->len && i < count; i++)
        assert_word(heard.words->pdata[i], row->expected[i]);
    g_assert_cmpuint(heard.words->len, ==, count);
    forget(&heard);
}

static void a_nul_byte_is_a_mistake_of_its_line(void)
{
    static const char text[] = "[a]\nb = c\0d\ne = f\n";
    struct heard heard = listen_to(text, sizeof text - 1);
    g_assert_cmpuint(heard.words->len, ==, 3);
    assert_word(heard.words->pdata[1], "!2 not valid UTF-8");
    assert_word(heard.words->pdata[2], "a.e=f@3");
    forget(&heard);
}

static void a_line_past_the_limit_is_refused_and_the_next_is_read(void)
{
    for (int over = 0; over <= 1; over++) {
        GString *text = g_string_new("[a]\nb = ");
        for (int i = 4; i < CONFIG_READER_LINE_MAX + over; i++)
            g_string_append_c(text, 'x');
        g_string_append(text, "\nc = d\n");
        struct heard heard = listen_to(text->str, text->len);
        g_assert_cmpuint(heard.words->len, ==, 3);
        if (over)
            assert_word(heard.words->pdata[1], "!2 4097 bytes long; at most 4096");
        else
            g_assert_true(g_str_has_prefix(heard.words->pdata[1], "a.b=xxx"));
        assert_word(heard.words->pdata[2], "a.c=d@3");
        forget(&heard);
        g_string_free(text, TRUE);
    }
}

static void a_file_past_the_limit_is_not_read(void)
{
    GString *text = g_string_new("[a]\n");
    while (text->len <= CONFIG_READER_FILE_MAX)
        g_string_append(text, "# a comment that fills the file\n");
    struct heard heard = listen_to(text->str, text->len);
    g_assert_cmpuint(heard.words->len, ==, 1);
    assert_word(heard.words->pdata[0], "!0 at most 1048576 are read");
    forget(&heard);
    g_string_free(text, TRUE);
}

static void reading_stops_after_a_hundred_mistakes(void)
{
    GString *text = g_string_new("");
    for (int i = 0; i < 500; i++)
        g_string_append(text, "wrong\n");
    struct heard heard = listen_to(text->str, text->len);
    g_assert_cmpuint(heard.words->len, ==, CONFIG_READER_PROBLEMS_MAX + 1);
    assert_word(heard.words->pdata[CONFIG_READER_PROBLEMS_MAX],
                "!101 rest of the file was not read");
    forget(&heard);
    g_string_free(text, TRUE);
}

static void files_that_cannot_be_read_are_refused_with_the_reason(void)
{
    struct heard heard = { arena_new(0), g_ptr_array_new_with_free_func(g_free) };
    struct config_reader reader = { heard.arena, hear_section, hear_entry, hear_problem, &heard };
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(config_reader_read(&reader, "/nonexistent/portico.conf", &error), ==,
                    PORTICO_ENOENT);
    g_assert_cmpstr(error.message, ==, "/nonexistent/portico.conf does not exist.");
    g_assert_cmpint(config_reader_read(&reader, "/", &error), ==, PORTICO_EINVAL);
    g_assert_cmpstr(error.message, ==, "/ is not a regular file.");
    g_assert_cmpuint(heard.words->len, ==, 0);
    forget(&heard);
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *path = g_strdup_printf("/config/reader/%s", cases[i].name);
        g_test_add_data_func(path, &cases[i], reads_as_expected);
        g_free(path);
    }
    g_test_add_func("/config/reader/a NUL byte is a mistake of its line",
                    a_nul_byte_is_a_mistake_of_its_line);
    g_test_add_func("/config/reader/a line past the limit is refused and the next is read",
                    a_line_past_the_limit_is_refused_and_the_next_is_read);
    g_test_add_func("/config/reader/a file past the limit is not read",
                    a_file_past_the_limit_is_not_read);
    g_test_add_func("/config/reader/reading stops after a hundred mistakes",
                    reading_stops_after_a_hundred_mistakes);
    g_test_add_func("/config/reader/files that cannot be read are refused with the reason",
                    files_that_cannot_be_read_are_refused_with_the_reason);
    return g_test_run();
}
