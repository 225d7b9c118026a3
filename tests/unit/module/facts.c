/* What is kept of an account, in the words of who reads it. */
#include "module/facts.h"
#include "base/error.h"

#include <glib.h>

static const struct portico_account_fact of_text = { .key = "text", .type = PORTICO_FACT_TEXT };
static const struct portico_account_fact of_number = { .key = "number",
                                                       .type = PORTICO_FACT_NUMBER };
static const struct portico_account_fact of_date = { .key = "date", .type = PORTICO_FACT_DATE };
static const struct portico_account_fact of_truth = { .key = "truth",
                                                      .type = PORTICO_FACT_BOOLEAN };
static const struct portico_account_fact of_choice = { .key = "choice",
                                                       .type = PORTICO_FACT_CHOICE,
                                                       .choices = "plus=Around the clock" };

static void each_type_reads_as_its_reader_writes_it(void)
{
    static const struct {
        const struct portico_account_fact *fact;
        const char *content, *english, *german;
    } cases[] = {
        { &of_text, "Any words 1.5", "Any words 1.5", "Any words 1.5" },
        { &of_number, "1234", "1,234", "1.234" },
        { &of_number, "-1234567", "-1,234,567", "-1.234.567" },
        { &of_number, "99.995", "99.995", "99,995" },
        { &of_number, "1234.5", "1,234.5", "1.234,5" },
        { &of_number, "0.000001", "0.000001", "0,000001" },
        { &of_date, "2027-06-30", "30 Jun 2027", "30. Juni 2027" },
        { &of_truth, "true", "Yes", "Yes" },
        { &of_truth, "false", "No", "No" },
        { &of_choice, "plus", "Around the clock", "Around the clock" },
        /* What is no value any more stays as it is. */
        { &of_date, "soon", "soon", "soon" },
        { &of_number, "many", "many", "many" },
        { &of_choice, "gold", "gold", "gold" },
    };
    const struct module_host host = { 0 };
    struct arena *arena = arena_new(0);
    const struct facts_reader english = { &host, "en", arena }, german = { &host, "de", arena };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpstr(facts_text(&english, "desk", cases[i].fact, cases[i].content), ==,
                        cases[i].english);
        g_assert_cmpstr(facts_text(&german, "desk", cases[i].fact, cases[i].content), ==,
                        cases[i].german);
    }
    arena_free(arena);
}

static void what_is_typed_is_kept_only_if_it_is_of_the_type(void)
{
    static const struct {
        const struct portico_account_fact *fact;
        const char *typed, *kept; /* NULL: refused */
    } cases[] = {
        { &of_number, "99.995", "99.995" },
        { &of_number, "many", NULL },
        { &of_date, "2027-06-30", "2027-06-30" },
        { &of_date, "2027-02-29", NULL },
        { &of_truth, "true", "true" },
        { &of_choice, "plus", "plus" },
        { &of_choice, "gold", NULL },
    };
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        const char *content = NULL;
        int code = facts_check(cases[i].fact, cases[i].typed, arena, &content, &error);
        g_assert_cmpint(code, ==, cases[i].kept ? 0 : PORTICO_EINVAL);
        g_assert_cmpstr(content, ==, cases[i].kept);
    }
    arena_free(arena);
}

int main(int count, char **words)
{
    g_test_init(&count, &words, NULL);
    g_test_add_func("/facts/each type reads as its reader writes it",
                    each_type_reads_as_its_reader_writes_it);
    g_test_add_func("/facts/what is typed is kept only if it is of the type",
                    what_is_typed_is_kept_only_if_it_is_of_the_type);
    return g_test_run();
}
