/* One request for each defect: the test itself finds nothing wrong, the harness must. */
#include <portico/test.h>

#define ASK(name)                                                                                  \
    static void ask_##name(struct portico_bench *bench)                                            \
    {                                                                                              \
        PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/flawed/" #name), 200);              \
    }
ASK(sound)
ASK(leak)
ASK(thread)
ASK(descriptor)
ASK(crash)
ASK(hang)
ASK(leave)
ASK(scope)
ASK(unchecked)
ASK(spoiled)
ASK(cursor)
ASK(transaction)
ASK(stale)
ASK(newest)
ASK(heedless)

static void expect_too_much(struct portico_bench *bench)
{
    portico_test_get(bench, "/flawed/sound");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "name"), "silence");
}

static const struct portico_test tests[] = {
    { .name = "sound", .run = ask_sound },
    { .name = "leak", .run = ask_leak },
    { .name = "thread", .run = ask_thread },
    { .name = "descriptor", .run = ask_descriptor },
    { .name = "crash", .run = ask_crash },
    { .name = "hang", .run = ask_hang, .deadline_ms = 3000 },
    { .name = "leave", .run = ask_leave },
    { .name = "scope", .run = ask_scope },
    { .name = "unchecked", .run = ask_unchecked },
    { .name = "spoiled", .run = ask_spoiled },
    { .name = "cursor", .run = ask_cursor },
    { .name = "transaction", .run = ask_transaction },
    { .name = "stale", .run = ask_stale },
    { .name = "newest", .run = ask_newest },
    { .name = "heedless", .run = ask_heedless },
    { .name = "state", .run = ask_sound, .settings = "keep = true" },
    { .name = "expectation", .run = expect_too_much },
};
PORTICO_EXPORT_TESTS(tests)
