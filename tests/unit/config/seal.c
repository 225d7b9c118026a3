/* Tests of the key ring, of what is sealed and signed with it, and of secrets followed in files. */
#include "config/seal.h"

#include "config/follow.h"
#include "place.h"

#include <sodium.h>

#define SECTION "module shop"

static GPtrArray *said; /* sentences told */

static void tell(const char *sentence)
{
    g_ptr_array_add(said, g_strdup(sentence));
}

struct bench {
    struct place place;
    struct config *config;
    struct arena *arena;
    char *path;
    struct keyring *ring;
    struct seal_use use;
};

static struct bench bench_new(const char *config)
{
    struct bench bench = { .place = place_new(config), .arena = arena_new(0) };
    struct portico_error error = PORTICO_ERROR_INIT;
    put(&bench.place, "data/keep", "");
    bench.config = load(&bench.place);
    bench.path = keyring_path(bench.config);
    g_assert_cmpint(keyring_open(bench.path, tell, &bench.ring, &error), ==, 0);
    bench.use = (struct seal_use){ bench.ring, "shop", "card" };
    said = g_ptr_array_new_with_free_func(g_free);
    return bench;
}

static void bench_free(struct bench *bench)
{
    g_ptr_array_free(said, TRUE);
    keyring_free(bench->ring);
    free(bench->path);
    config_free(bench->config);
    arena_free(bench->arena);
    place_free(&bench->place);
}

static char *sealed(struct bench *bench, const char *text)
{
    char *made = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(seal_close(&bench->use, text, strlen(text), bench->arena, &made, &error), ==,
                    0);
    return made;
}

static char *signature(struct bench *bench, const char *text)
{
    char *made = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(seal_sign(&bench->use, text, strlen(text), bench->arena, &made, &error), ==, 0);
    return made;
}

static int opens(struct bench *bench, const struct seal_use *use, const char *text,
                 const char *expected)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    void *bytes = NULL;
    size_t length = 0;
    int code = seal_open(use, text, bench->arena, &bytes, &length, &error);
    if (code == 0)
        g_assert_cmpmem(bytes, length, expected, strlen(expected));
    else
        g_assert_null(bytes);
    return code;
}

static int verifies(const struct seal_use *use, const char *text, const char *made)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    return seal_verify(use, text, strlen(text), made, &error);
}

static void what_was_sealed_opens_for_its_owner_and_purpose_alone(void)
{
    struct bench bench = bench_new("");
    char *text = sealed(&bench, "4111 1111");
    char *again = sealed(&bench, "4111 1111");
    g_assert_true(g_str_has_prefix(text, "s1.1."));
    g_assert_cmpstr(text, !=, again);
    g_assert_null(strstr(text, "4111"));
    g_assert_cmpint(opens(&bench, &bench.use, text, "4111 1111"), ==, 0);
    g_assert_cmpint(opens(&bench, &bench.use, sealed(&bench, ""), ""), ==, 0);
    const struct seal_use others[] = {
        { bench.ring, "other", "card" },
        { bench.ring, "shop", "cards" },
        { bench.ring, "shopcard", "card" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_cmpint(opens(&bench, &others[i], text, ""), ==, PORTICO_EINVAL);
    bench_free(&bench);
}

static void a_changed_or_cut_text_does_not_open(void)
{
    struct bench bench = bench_new("");
    char *text = sealed(&bench, "secret");
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        char *changed = g_strdup(text);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        g_assert_cmpint(opens(&bench, &bench.use, changed, ""), ==, PORTICO_EINVAL);
        changed[i] = '\0';
        g_assert_cmpint(opens(&bench, &bench.use, changed, ""), ==, PORTICO_EINVAL);
        g_free(changed);
    }
    static const char *const wrong[] = { "",      "s1.",    "s1.1.",  "s1.01.AAAA", "s1.0.AAAA",
                                         "s2.1.", "s1.+1.", "s1.999", "s1.1.A===",  "m1.1.AAAA" };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_cmpint(opens(&bench, &bench.use, wrong[i], ""), ==, PORTICO_EINVAL);
    g_assert_cmpint(opens(&bench, &bench.use, NULL, ""), ==, PORTICO_EINVAL);
    char *longer = g_strconcat(text, "AAAA", NULL);
    g_assert_cmpint(opens(&bench, &bench.use, longer, ""), ==, PORTICO_EINVAL);
    g_free(longer);
    bench_free(&bench);
}

static void a_signature_fits_its_bytes_owner_and_purpose_alone(void)
{
    struct bench bench = bench_new("");
    char *made = signature(&bench, "/off?person=7");
    g_assert_cmpuint(strlen(made), ==, strlen("m1.1.") + 32);
    g_assert_cmpstr(made, ==, signature(&bench, "/off?person=7"));
    g_assert_cmpint(verifies(&bench.use, "/off?person=7", made), ==, 0);
    g_assert_cmpint(verifies(&bench.use, "/off?person=8", made), ==, PORTICO_EINVAL);
    struct seal_use other = { bench.ring, "shop", "mail" };
    g_assert_cmpint(verifies(&other, "/off?person=7", made), ==, PORTICO_EINVAL);
    other = (struct seal_use){ bench.ring, "blog", "card" };
    g_assert_cmpint(verifies(&other, "/off?person=7", made), ==, PORTICO_EINVAL);
    for (size_t i = 0; i < strlen(made); i++) {
        char *changed = g_strdup(made);
        changed[i] = changed[i] == 'x' ? 'y' : 'x';
        g_assert_cmpint(verifies(&bench.use, "/off?person=7", changed), ==, PORTICO_EINVAL);
        changed[i] = '\0';
        g_assert_cmpint(verifies(&bench.use, "/off?person=7", changed), ==, PORTICO_EINVAL);
        g_free(changed);
    }
    g_assert_cmpint(verifies(&bench.use, "/off?person=7", NULL), ==, PORTICO_EINVAL);
    bench_free(&bench);
}

static void a_purpose_is_a_word(void)
{
    struct bench bench = bench_new("");
    static const char *const wrong[] = { "", "Card", "a b", "a/b", "é", NULL };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        struct seal_use use = { bench.ring, "shop", wrong[i] };
        struct portico_error error = PORTICO_ERROR_INIT;
        char *made = NULL;
        g_assert_cmpint(seal_sign(&use, "x", 1, bench.arena, &made, &error), ==, PORTICO_EINVAL);
        g_assert_nonnull(strstr(error.message, "word of lower-case letters"));
        g_assert_null(made);
    }
    bench_free(&bench);
}

static void opened_bytes_are_wiped_with_their_call(void)
{
    struct arena *arena = arena_new(0);
    char *kept = arena_strdup(arena, "hunter2");
    g_assert_cmpint(seal_wipe_with(arena, kept, 7), ==, 0);
    arena_reset(arena); /* the memory stays with the arena, so it can be looked at */
    g_assert_true(sodium_is_zero((unsigned char *)kept, 7));
    arena_free(arena);
}

static void old_keys_open_until_they_are_retired(void)
{
    struct bench bench = bench_new("");
    struct portico_error error = PORTICO_ERROR_INIT;
    char *text = sealed(&bench, "old"), *made = signature(&bench, "old");
    unsigned number = 0;
    g_assert_cmpint(keyring_retire(bench.path, 1, &error), ==, PORTICO_EINVAL);
    g_assert_nonnull(strstr(error.message, "portico key rotate"));
    g_assert_cmpint(keyring_rotate(bench.path, &number, &error), ==, 0);
    g_assert_cmpuint(number, ==, 2);

    /* Another process takes the new key up when it meets it. */
    struct keyring *second = NULL;
    g_assert_cmpint(keyring_open(bench.path, NULL, &second, &error), ==, 0);
    struct seal_use elsewhere = { second, "shop", "card" };
    char *fresh = NULL;
    g_assert_cmpint(seal_close(&elsewhere, "new", 3, bench.arena, &fresh, &error), ==, 0);
    g_assert_true(g_str_has_prefix(fresh, "s1.2."));
    g_assert_cmpint(opens(&bench, &bench.use, fresh, "new"), ==, 0);
    g_assert_cmpint(opens(&bench, &bench.use, text, "old"), ==, 0);
    g_assert_cmpint(verifies(&elsewhere, "old", made), ==, 0);

    g_assert_cmpint(keyring_retire(bench.path, 1, &error), ==, 0);
    g_assert_cmpint(keyring_retire(bench.path, 1, &error), ==, PORTICO_ENOENT);
    g_assert_cmpint(keyring_retire(bench.path, 9, &error), ==, PORTICO_ENOENT);
    g_assert_cmpint(keyring_retire(bench.path, 0, &error), ==, PORTICO_ENOENT);
    keyring_free(second);
    g_assert_cmpint(keyring_open(bench.path, NULL, &second, &error), ==, 0);
    elsewhere.ring = second;
    g_assert_cmpint(opens(&bench, &elsewhere, text, ""), ==, PORTICO_EINVAL);
    g_assert_cmpint(verifies(&elsewhere, "old", made), ==, PORTICO_EINVAL);
    g_assert_cmpint(opens(&bench, &elsewhere, fresh, "new"), ==, 0);

    struct keyring_entry entries[4];
    g_assert_cmpuint(keyring_list(second, entries, G_N_ELEMENTS(entries)), ==, 2);
    g_assert_true(entries[0].number == 1 && entries[0].retired);
    g_assert_true(entries[1].number == 2 && !entries[1].retired);
    struct stat status;
    g_assert_cmpint(stat(bench.path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    keyring_free(second);
    bench_free(&bench);
}

static void a_broken_ring_leaves_the_last_keys_in_use_and_is_told_once(void)
{
    struct bench bench = bench_new("");
    struct portico_error error = PORTICO_ERROR_INIT;
    char *text = sealed(&bench, "kept");
    static const char *const broken[] = {
        "1 kept 2026-11-22T09:30:00Z 00\n",
        "no ring\n",
        "# nothing\n",
        "1 retired 2026-11-22T09:30:00Z\n",
        "2 kept 2026-11-22T09:30:00Z "
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
        "1 kept 2026-11-22T09:30:00Z "
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(broken); i++) {
        put(&bench.place, "data/secret.keys", broken[i]);
        g_assert_cmpint(g_chmod(bench.path, 0600), ==, 0);
        struct keyring *none = NULL;
        g_assert_cmpint(keyring_open(bench.path, NULL, &none, &error), ==, PORTICO_EINVAL);
        g_assert_nonnull(strstr(error.message, "Restore it from a copy"));
        g_assert_null(none);
    }
    /* A number it does not know makes the ring look; what it knows stays. */
    for (int i = 0; i < 3; i++)
        g_assert_cmpint(opens(&bench, &bench.use, "s1.7.AAAA", ""), ==, PORTICO_EINVAL);
    g_assert_cmpint(opens(&bench, &bench.use, text, "kept"), ==, 0);
    for (int i = 0; i < 2; i++) {
        unsigned number;
        unsigned char key[KEYRING_KEY_SIZE];
        g_assert_cmpint(keyring_key(bench.ring, 7, &number, key, &error), ==, PORTICO_ENOENT);
    }
    g_assert_cmpuint(said->len, ==, 1);
    g_assert_nonnull(strstr(said->pdata[0], "The keys read last stay in use."));
    bench_free(&bench);
}

static const char *follow_now(struct follow *follow, struct bench *bench, const char *expected)
{
    const char *text = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    gint64 end = g_get_monotonic_time() + 20 * G_TIME_SPAN_SECOND;
    do {
        g_assert_cmpint(
            follow_read(follow, bench->config, SECTION, "token", bench->arena, &text, &error), ==,
            0);
        if (!expected || strcmp(text, expected) == 0)
            return text;
        g_thread_yield();
    } while (g_get_monotonic_time() < end);
    return text;
}

static void write_token(struct bench *bench, const char *text, mode_t mode)
{
    put(&bench->place, "token.next", text);
    char *next = g_build_filename(bench->place.directory, "token.next", NULL);
    char *path = g_build_filename(bench->place.directory, "token", NULL);
    g_assert_cmpint(g_chmod(next, mode), ==, 0);
    g_assert_cmpint(g_rename(next, path), ==, 0);
    g_free(next);
    g_free(path);
}

static void a_followed_secret_is_read_again_and_survives_a_broken_file(void)
{
    static const struct portico_setting settings[] = {
        { .key = "token", .type = PORTICO_SETTING_SECRET, .title = "Token" },
        { .key = "other", .type = PORTICO_SETTING_SECRET, .title = "Other" },
    };
    struct bench bench = bench_new("[module shop]\nenabled = true\ntoken_file = token\n");
    write_token(&bench, "first", 0600);
    config_check_module(bench.config, "shop", settings, G_N_ELEMENTS(settings));
    struct follow *follow = follow_new(tell);
    g_assert_cmpstr(follow_now(follow, &bench, NULL), ==, "first");
    write_token(&bench, "second\n", 0600);
    g_assert_cmpstr(follow_now(follow, &bench, "second"), ==, "second");
    g_assert_cmpuint(said->len, ==, 1);
    write_token(&bench, "third", 0644);
    gint64 end = g_get_monotonic_time() + 20 * G_TIME_SPAN_SECOND;
    while (said->len < 2 && g_get_monotonic_time() < end)
        g_assert_cmpstr(follow_now(follow, &bench, NULL), ==, "second");
    g_assert_cmpuint(said->len, ==, 2);
    g_assert_nonnull(strstr(said->pdata[1], "is open to others"));
    g_assert_nonnull(strstr(said->pdata[1], "The secret read last stays in use."));
    write_token(&bench, "third", 0600);
    g_assert_cmpstr(follow_now(follow, &bench, "third"), ==, "third");
    for (guint i = 0; i < said->len; i++)
        g_assert_null(strstr(said->pdata[i], "third"));

    const char *text = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(follow_read(follow, bench.config, SECTION, "other", bench.arena, &text, &error),
                    ==, PORTICO_ENOENT);
    g_assert_null(text);
    follow_free(follow);
    bench_free(&bench);
}

static void a_file_that_never_was_readable_is_not_said_to_be_in_use(void)
{
    static const struct portico_setting settings[] = {
        { .key = "token", .type = PORTICO_SETTING_SECRET, .title = "Token" },
    };
    struct bench bench = bench_new("[module shop]\nenabled = true\ntoken_file = token\n");
    write_token(&bench, "first", 0644);
    config_check_module(bench.config, "shop", settings, G_N_ELEMENTS(settings));
    struct follow *follow = follow_new(tell);
    const char *text = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    guint before = said ? said->len : 0;
    g_assert_cmpint(follow_read(follow, bench.config, SECTION, "token", bench.arena, &text, &error),
                    ==, PORTICO_EIO);
    g_assert_null(text);
    g_assert_cmpuint(said->len, ==, before + 1);
    g_assert_nonnull(strstr(said->pdata[before], "No secret was read before"));
    g_assert_null(strstr(said->pdata[before], "stays in use"));
    follow_free(follow);
    bench_free(&bench);
}

int main(int count, char **words)
{
    g_test_init(&count, &words, NULL);
    g_test_add_func("/seal/what was sealed opens for its owner and purpose alone",
                    what_was_sealed_opens_for_its_owner_and_purpose_alone);
    g_test_add_func("/seal/a changed or cut text does not open",
                    a_changed_or_cut_text_does_not_open);
    g_test_add_func("/seal/a signature fits its bytes, owner and purpose alone",
                    a_signature_fits_its_bytes_owner_and_purpose_alone);
    g_test_add_func("/seal/a purpose is a word", a_purpose_is_a_word);
    g_test_add_func("/seal/opened bytes are wiped with their call",
                    opened_bytes_are_wiped_with_their_call);
    g_test_add_func("/seal/old keys open until they are retired",
                    old_keys_open_until_they_are_retired);
    g_test_add_func("/seal/a broken ring leaves the last keys in use and is told once",
                    a_broken_ring_leaves_the_last_keys_in_use_and_is_told_once);
    g_test_add_func("/seal/a followed secret is read again and survives a broken file",
                    a_followed_secret_is_read_again_and_survives_a_broken_file);
    g_test_add_func("/seal/a file that never was readable is not said to be in use",
                    a_file_that_never_was_readable_is_not_said_to_be_in_use);
    return g_test_run();
}
