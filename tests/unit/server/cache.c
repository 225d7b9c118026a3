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
    cache_put(cache, key, made, until);
    http_content_unref(made);
}

static const char english[] = "en", german[] = "de";

static void test_keys(void)
{
    struct cache *cache = cache_new(1 << 20);
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
    struct cache *cache = cache_new(1 << 20);
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
    struct cache *cache = cache_new(10000);
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
    struct cache *cache = cache_new(1 << 20);
    const struct cache_key key = { .target = TEXT("/a") };
    put(cache, &key, 10, 100);
    put(cache, &key, 20, 100);
    g_assert_cmpuint(cache_find(cache, &key, 1)->body.length, ==, 20);
    g_assert_cmpuint(cache_counters(cache)->entries, ==, 1);
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
    return g_test_run();
}
