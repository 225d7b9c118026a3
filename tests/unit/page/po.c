/* PO files: what is read, and how mistakes are told. */
#include "page/po.h"

#include <glib.h>

static GString *seen;

static int each(const struct po_entry *entry, void *data)
{
    (void)data;
    if (entry->context.data)
        g_string_append_printf(seen, "[%s]", entry->context.data);
    g_string_append_printf(seen, "%s%s", entry->fuzzy ? "?" : "", entry->id.data);
    if (entry->plural.data)
        g_string_append_printf(seen, "/%s", entry->plural.data);
    for (unsigned i = 0; i < entry->form_count; i++)
        g_string_append_printf(seen, "=%s", entry->forms[i].data);
    g_string_append_printf(seen, "@%u;", entry->line);
    return 0;
}

static char *read_all(const char *source)
{
    struct arena *arena = arena_new(0);
    struct portico_error error = PORTICO_ERROR_INIT;
    seen = g_string_new(NULL);
    if (po_read(arena, "de.po", text_of(source), each, NULL, &error) < 0)
        g_string_assign(seen, error.message);
    arena_free(arena);
    return g_string_free(seen, FALSE);
}

static void entries_comments_plurals_and_escapes_are_read(void)
{
    char *all = read_all(
        "\xEF\xBB\xBF# comment\n#: file.c:1\nmsgid \"\"\nmsgstr \"Language: de\\n\"\n\n"
        "#, fuzzy\nmsgid \"a\"\nmsgstr \"b\"\r\n"
        "msgctxt \"menu\"\nmsgid \"Open\"\nmsgstr \"\"\n\"Auf\"\n\"machen\\n\\\"x\\\"\\\\\\t\"\n"
        "msgid \"{n} day\"\nmsgid_plural \"{n} days\"\nmsgstr[0] \"{n} Tag\"\nmsgstr[1] \"{n} "
        "Tage\"\n"
        "#~ msgid \"gone\"\n#~ msgstr \"weg\"\n");
    g_assert_cmpstr(
        all, ==, "?a=b@7;[menu]Open=Aufmachen\n\"x\"\\\t@9;{n} day/{n} days={n} Tag={n} Tage@14;");
    g_free(all);
}

static void mistakes_name_file_line_and_what_was_expected(void)
{
    static const struct {
        const char *source, *said;
    } cases[] = {
        { "msgid \"a\"\n\nmsgid \"b\"\n", "de.po:3: The entry before this line has no msgstr. "
                                          "Write msgstr \"\" for one that is not translated yet." },
        { "msgid a\n", "de.po:1: Expected a text in double quotes on one line." },
        { "msgid \"a\n", "de.po:1: Expected a text in double quotes on one line." },
        { "msgid \"a\\q\"\n", "de.po:1: Unknown escape. Expected one of \\n \\t \\r \\\" \\\\." },
        { "msgid \"a\"b\"\n", "de.po:1: A quote stands inside the text. Write it as \\\"." },
        { "\n\"x\"\n", "de.po:2: A text without a keyword. Expected msgid or msgstr before it." },
        { "msgstr \"x\"\n", "de.po:1: msgstr where msgid or msgstr[0] was expected." },
        { "msgid \"a\"\nmsgstr[0] \"x\"\n",
          "de.po:2: msgstr[n] without msgid_plural. Write msgstr." },
        { "msgid \"a\"\nmsgid_plural \"b\"\nmsgstr \"x\"\n",
          "de.po:3: msgstr where msgid or msgstr[0] was expected." },
        { "msgid \"a\"\nmsgid_plural \"b\"\nmsgstr[1] \"x\"\n",
          "de.po:3: The forms are out of order. Expected msgstr[0], msgstr[1] and so on." },
        { "msgid_plural \"b\"\n",
          "de.po:1: msgid_plural without msgid. Write it right below its msgid." },
        { "msgctxt \"a\"\n", "de.po:2: msgctxt without msgid. Write the msgid below it." },
        { "hello\n",
          "de.po:1: Expected msgctxt, msgid, msgid_plural, msgstr, a quoted text or a comment." },
        { "\xFF", "de.po:1: The file is not UTF-8. Save it as UTF-8." },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *said = read_all(cases[i].source);
        g_assert_cmpstr(said, ==, cases[i].said);
        g_free(said);
    }
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/page/po/entries", entries_comments_plurals_and_escapes_are_read);
    g_test_add_func("/page/po/mistakes", mistakes_name_file_line_and_what_was_expected);
    return g_test_run();
}
