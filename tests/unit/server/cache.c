#include "server/cache.h"

#include <glib.h>

static struct http_content *content(size_t size)
{
    char *body = g_strnfill(size, 'x');
    struct http_content *made = http_content_new(200, TEXT("content-type: text/plain\r\n"),
                                                 (struct text){ body, size }, TEXT(""), 0);
    g_free(body);
    return made;
}

static void put(struct cache *cache, const struct cache_key *key, size_t size, int64_t until)
{
    struct http_content *made = content(size);
    cache_put(cache, key, made, cache_edition(cache), until);
    http_content_unref(made);
}

/* As when the edition was read at steady time 0. */
static struct cache *fresh(size_t bytes)
{
    struct cache *cache = cache_new(bytes);
    cache_confirm(cache, 1, 0);
    return cache;
}

static const char english[] = "en", german[] = "de";

static void test_keys(void)
{
    struct cache *cache = fresh(1 << 20);
    const struct cache_key key = { .target = TEXT("/a"), .locale = english, .audiences = 1 };
    put(cache, &key, 10, 100);
    g_assert_nonnull(cache_find(cache, &key, 1));
    struct cache_key other = key;
    other.target = TEXT("/b");
    g_assert_null(cache_find(cache, &other, 1));
    other = key;
    other.locale = german;
    g_assert_null(cache_find(cache, &other, 1));
    other = key;
    other.audiences = 2;
    g_assert_null(cache_find(cache, &other, 1));
    cache_free(cache);
}

static void test_ends(void)
{
    struct cache *cache = fresh(1 << 20);
    const struct cache_key key = { .target = TEXT("/a") };
    put(cache, &key, 10, 100);
    g_assert_nonnull(cache_find(cache, &key, 99));
    g_assert_null(cache_find(cache, &key, 100));
    g_assert_cmpuint(cache_counters(cache)->entries, ==, 0);
    g_assert_cmpuint(cache_counters(cache)->bytes, ==, 0);
    cache_free(cache);
}

static void test_limit(void)
{
    struct cache *cache = fresh(10000);
    const struct cache_key first = { .target = TEXT("/0") };
    for (int i = 0; i < 100; i++) {
        char target[16];
        g_snprintf(target, sizeof target, "/%d", i);
        const struct cache_key key = { .target = text_of(target) };
        put(cache, &key, 1000, 100);
        g_assert_nonnull(cache_find(cache, &first, 1));
        g_assert_cmpuint(cache_counters(cache)->bytes, <=, 10000);
    }
    const struct cache_key old = { .target = TEXT("/1") };
    g_assert_null(cache_find(cache, &old, 1));
    const struct cache_key large = { .target = TEXT("/large") };
    put(cache, &large, 5000, 100);
    g_assert_null(cache_find(cache, &large, 1));
    cache_free(cache);
}

static void test_replaces(void)
{
    struct cache *cache = fresh(1 << 20);
    const struct cache_key key = { .target = TEXT("/a") };
    put(cache, &key, 10, 100);
    put(cache, &key, 20, 100);
    g_assert_cmpuint(cache_find(cache, &key, 1)->body.length, ==, 20);
    g_assert_cmpuint(cache_counters(cache)->entries, ==, 1);
    cache_free(cache);
}

static void test_other_edition(void)
{
    struct cache *cache = fresh(1 << 20);
    const struct cache_key key = { .target = TEXT("/a") };
    put(cache, &key, 10, 10 * CACHE_TRUST);
    cache_confirm(cache, 1, 10);
    g_assert_nonnull(cache_find(cache, &key, 11));
    cache_confirm(cache, 2, 20);
    g_assert_null(cache_find(cache, &key, 21));
    g_assert_cmpuint(cache_counters(cache)->entries, ==, 0);
    /* Read before, and told of after: it is the past. */
    cache_confirm(cache, 1, 15);
    g_assert_cmpint(cache_edition(cache), ==, 2);
    struct http_content *made = content(10);
    cache_put(cache, &key, made, 1, 10 * CACHE_TRUST);
    g_assert_null(cache_find(cache, &key, 21));
    cache_put(cache, &key, made, 2, 10 * CACHE_TRUST);
    g_assert_nonnull(cache_find(cache, &key, 21));
    http_content_unref(made);
    cache_free(cache);
}

static void test_trust(void)
{
    struct cache *cache = cache_new(1 << 20);
    const struct cache_key key = { .target = TEXT("/a") };
    put(cache, &key, 10, 10 * CACHE_TRUST);
    g_assert_cmpuint(cache_counters(cache)->entries, ==, 0);
    cache_confirm(cache, 1, 0);
    put(cache, &key, 10, 10 * CACHE_TRUST);
    g_assert_false(cache_asks(cache, CACHE_ASK - 1));
    g_assert_true(cache_asks(cache, CACHE_ASK));
    g_assert_nonnull(cache_find(cache, &key, CACHE_TRUST - 1));
    g_assert_null(cache_find(cache, &key, CACHE_TRUST));
    cache_confirm(cache, 1, CACHE_TRUST);
    g_assert_nonnull(cache_find(cache, &key, CACHE_TRUST + 1));
    cache_free(cache);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cache/tells answers apart by target, language and audiences", test_keys);
    g_test_add_func("/cache/forgets an answer when its time is over", test_ends);
    g_test_add_func("/cache/stays within its bytes and drops what was not used longest",
                    test_limit);
    g_test_add_func("/cache/replaces an older answer to the same question", test_replaces);
    g_test_add_func("/cache/drops what is of another edition, and takes nothing of an older one",
                    test_other_edition);
    g_test_add_func("/cache/gives out nothing while it is not known which edition there is",
                    test_trust);
    return g_test_run();
}
