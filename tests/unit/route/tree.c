/* The pattern tree: which pattern answers which path, and what is refused. */
#include "route/tree.h"

#include <glib.h>
#include <stdio.h>

/* Patterns every matching case below sees; the target is the pattern itself. */
static const struct {
    const char *method, *pattern;
} routes[] = {
    { "GET", "/" },
    { "GET", "/communities" },
    { "GET", "/communities/{space}" },
    { "POST", "/communities/{space}" },
    { "GET", "/communities/new" },
    { "GET", "/communities/{space}/{topic}" },
    { "DELETE", "/communities/{id}/{number}" },
    { "GET", "/communities/{space}/feed.atom" },
    { "GET", "/communities/tags/{tag}" },
    { "GET", "/communities/tags/{tag}/all/{rest...}" },
    { "GET", "/files/{path...}" },
    { "GET", "/files/readme" },
    { "GET", "/files/a/b" },
    { "GET", "/a/b/c/d" },
    { "GET", "/a/{x}/c/e" },
    { "GET", "/a/{x...}" },
    { "GET", "/größe/{wert}" },
    { "POST", "/only/post" },
};

static struct route_tree *tree_of_routes(void)
{
    struct route_tree *tree = route_tree_new();
    struct portico_error error = PORTICO_ERROR_INIT;
    for (size_t i = 0; i < G_N_ELEMENTS(routes); i++)
        g_assert_cmpint(route_tree_add(tree, routes[i].method, routes[i].pattern,
                                       (void *)(uintptr_t)routes[i].pattern, NULL, &error),
                        ==, 0);
    return tree;
}

/* Which pattern answers, with the parameters as "name=value,…"; NULL pattern: no such path. */
static const struct {
    const char *method, *path, *pattern, *params;
} matches[] = {
    { "GET", "/", "/", "" },
    { "HEAD", "/", "/", "" },
    { "GET", "/communities", "/communities", "" },
    { "GET", "/communities/go", "/communities/{space}", "space=go" },
    { "HEAD", "/communities/go", "/communities/{space}", "space=go" },
    { "POST", "/communities/go", "/communities/{space}", "space=go" },
    { "GET", "/communities/new", "/communities/new", "" },
    { "GET", "/communities/newer", "/communities/{space}", "space=newer" },
    { "GET", "/communities/go/7", "/communities/{space}/{topic}", "space=go,topic=7" },
    { "DELETE", "/communities/go/7", "/communities/{id}/{number}", "id=go,number=7" },
    { "GET", "/communities/go/feed.atom", "/communities/{space}/feed.atom", "space=go" },
    { "GET", "/communities/tags/linux", "/communities/tags/{tag}", "tag=linux" },
    { "GET", "/communities/tags/feed.atom", "/communities/tags/{tag}", "tag=feed.atom" },
    { "GET", "/communities/tags", "/communities/{space}", "space=tags" },
    { "GET", "/communities/new/7", "/communities/{space}/{topic}", "space=new,topic=7" },
    { "GET", "/communities/tags/x/all/1/2", "/communities/tags/{tag}/all/{rest...}",
      "tag=x,rest=1/2" },
    { "GET", "/communities/tags/x/all", NULL, "" },
    { "GET", "/communities/tags/x/all/", NULL, "" },
    { "GET", "/communities/", NULL, "" },
    { "GET", "/communities/go/", NULL, "" },
    { "GET", "/communities//7", NULL, "" },
    { "GET", "/communities/a/b/c", NULL, "" },
    { "GET", "/Communities", NULL, "" },
    { "GET", "/communit", NULL, "" },
    { "GET", "/files/a", "/files/{path...}", "path=a" },
    { "GET", "/files/a/b", "/files/a/b", "" },
    { "GET", "/files/a/b/c/", "/files/{path...}", "path=a/b/c/" },
    { "GET", "/files/readme", "/files/readme", "" },
    { "GET", "/files/readme/x", "/files/{path...}", "path=readme/x" },
    { "GET", "/files/", NULL, "" },
    { "GET", "/files", NULL, "" },
    { "GET", "/a/b/c/d", "/a/b/c/d", "" },
    { "GET", "/a/b/c/e", "/a/{x}/c/e", "x=b" },
    { "GET", "/a/b/c/f", "/a/{x...}", "x=b/c/f" },
    { "GET", "/größe/ä ö", "/größe/{wert}", "wert=ä ö" },
    { "GET", "//", NULL, "" },
    { "GET", "", NULL, "" },
    { "GET", "communities", NULL, "" },
};

static void test_most_specific_pattern_answers(void)
{
    struct route_tree *tree = tree_of_routes();
    for (size_t i = 0; i < G_N_ELEMENTS(matches); i++) {
        struct route_match match = { 0 };
        bool found =
            route_tree_match(tree, text_of(matches[i].method), text_of(matches[i].path), &match);
        g_test_message("%s %s", matches[i].method, matches[i].path);
        g_assert_cmpint(found, ==, matches[i].pattern != NULL);
        if (!found)
            continue;
        g_assert_cmpstr(match.route, ==, matches[i].pattern);
        GString *params = g_string_new(NULL);
        for (unsigned p = 0; p < match.param_count; p++)
            g_string_append_printf(params, "%s%s=%.*s", p ? "," : "", match.params[p].name,
                                   (int)match.params[p].value.length, match.params[p].value.data);
        g_assert_cmpstr(params->str, ==, matches[i].params);
        g_string_free(params, TRUE);
    }
    route_tree_free(tree);
}

static void test_missing_method_says_what_is_allowed(void)
{
    static const struct {
        const char *method, *path, *allow;
    } cases[] = {
        { "PUT", "/communities/go", "GET, HEAD, OPTIONS, POST" },
        { "POST", "/communities/new", "GET, HEAD, OPTIONS" },
        { "OPTIONS", "/communities/go/7", "DELETE, GET, HEAD, OPTIONS" },
        { "GET", "/only/post", "OPTIONS, POST" },
        { "HEAD", "/only/post", "OPTIONS, POST" },
        { "get", "/", "GET, HEAD, OPTIONS" },
    };
    struct route_tree *tree = tree_of_routes();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct route_match match = { .route = tree };
        g_assert_true(
            route_tree_match(tree, text_of(cases[i].method), text_of(cases[i].path), &match));
        g_assert_null(match.route);
        g_assert_cmpuint(match.param_count, ==, 0);
        g_assert_cmpstr(match.allow, ==, cases[i].allow);
    }
    route_tree_free(tree);
}

static void test_same_shape_and_method_clash(void)
{
    static const struct {
        const char *method, *pattern, *other; /* NULL: no clash */
    } cases[] = {
        { "GET", "/communities", "/communities" },
        { "GET", "/communities/{anything}", "/communities/{space}" },
        { "GET", "/communities/{a}/{b}", "/communities/{space}/{topic}" },
        { "GET", "/files/{everything...}", "/files/{path...}" },
        { "GET", "/", "/" },
        { "PUT", "/communities/{space}", NULL },
        { "GET", "/files/{one}", NULL },
        { "GET", "/communities/{space}/{topic}/{comment}", NULL },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct route_tree *tree = tree_of_routes();
        struct portico_error error = PORTICO_ERROR_INIT;
        void *other = NULL;
        int code = route_tree_add(tree, cases[i].method, cases[i].pattern, tree, &other, &error);
        g_assert_cmpint(code, ==, cases[i].other ? PORTICO_EEXIST : 0);
        g_assert_cmpstr(other, ==, cases[i].other);
        route_tree_free(tree);
    }
}

static void test_malformed_patterns_are_refused_with_a_sentence(void)
{
    static const struct {
        const char *method, *pattern, *says;
    } cases[] = {
        { "GET", "", "begin with \"/\"" },
        { "GET", "communities", "begin with \"/\"" },
        { "GET", "/communities/", "empty segment" },
        { "GET", "/a//b", "empty segment" },
        { "GET", "/a/./b", "dot segment" },
        { "GET", "/a/../b", "dot segment" },
        { "GET", "/a/{}", "parameter whose name" },
        { "GET", "/a/{Name}", "parameter whose name" },
        { "GET", "/a/{1st}", "parameter whose name" },
        { "GET", "/a/{...}", "parameter whose name" },
        { "GET", "/a/{id}.json", "mixes text" },
        { "GET", "/a/x{id}", "mixes text" },
        { "GET", "/a?b", "mixes text" },
        { "GET", "/a%20b", "mixes text" },
        { "GET", "/a/{rest...}/b", "after {name...}" },
        { "GET", "/a/{id}/{id}", "twice" },
        { "GET", "/\xff", "UTF-8" },
        { "GET", "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/{q}",
          "more than 16" },
        { "get", "/a", "capital letters" },
        { "", "/a", "length" },
        { "HEAD", "/a", "register GET" },
        { "OPTIONS", "/a", "register GET" },
        { NULL, "/a", "lacks its method" },
        { "GET", NULL, "lacks its pattern" },
    };
    struct route_tree *tree = route_tree_new();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        g_assert_cmpint(route_tree_add(tree, cases[i].method, cases[i].pattern, tree, NULL, &error),
                        ==, PORTICO_EINVAL);
        g_assert_nonnull(strstr(error.message, cases[i].says));
        g_assert_cmpint(route_tree_check(cases[i].method, cases[i].pattern, NULL), ==,
                        PORTICO_EINVAL);
    }
    struct route_match match;
    g_assert_false(route_tree_match(tree, TEXT("GET"), TEXT("/a"), &match));
    route_tree_free(tree);
}

static void test_trailing_slash_leads_to_the_path_without_it(void)
{
    static const struct {
        const char *path, *shorter;
    } cases[] = {
        { "/communities/", "/communities" },
        { "/communities/go/", "/communities/go" },
        { "/", NULL },
        { "/communities", NULL },
        { "/nothing/", NULL },
        { "/communities//", NULL },
    };
    struct route_tree *tree = tree_of_routes();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct text shorter = { 0 };
        bool found = route_tree_unslashed(tree, text_of(cases[i].path), &shorter);
        g_assert_cmpint(found, ==, cases[i].shorter != NULL);
        if (found)
            g_assert_true(text_equals(shorter, text_of(cases[i].shorter)));
    }
    route_tree_free(tree);
}

static void test_hundreds_of_routes_keep_their_targets(void)
{
    struct route_tree *tree = route_tree_new();
    char pattern[64];
    for (uintptr_t i = 0; i < 1000; i++) {
        snprintf(pattern, sizeof pattern, "/m%zu/{id}/part%zu", (size_t)(i * 7919 % 1000),
                 (size_t)i);
        g_assert_cmpint(route_tree_add(tree, "GET", pattern, (void *)(i + 1), NULL, NULL), ==, 0);
    }
    for (uintptr_t i = 0; i < 1000; i++) {
        struct route_match match;
        snprintf(pattern, sizeof pattern, "/m%zu/42/part%zu", (size_t)(i * 7919 % 1000), (size_t)i);
        g_assert_true(route_tree_match(tree, TEXT("GET"), text_of(pattern), &match));
        g_assert_true(match.route == (void *)(i + 1));
        g_assert_cmpuint(match.param_count, ==, 1);
    }
    route_tree_free(tree);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/route/most specific pattern answers", test_most_specific_pattern_answers);
    g_test_add_func("/route/missing method says what is allowed",
                    test_missing_method_says_what_is_allowed);
    g_test_add_func("/route/same shape and method clash", test_same_shape_and_method_clash);
    g_test_add_func("/route/malformed patterns are refused with a sentence",
                    test_malformed_patterns_are_refused_with_a_sentence);
    g_test_add_func("/route/trailing slash leads to the path without it",
                    test_trailing_slash_leads_to_the_path_without_it);
    g_test_add_func("/route/hundreds of routes keep their targets",
                    test_hundreds_of_routes_keep_their_targets);
    return g_test_run();
}
