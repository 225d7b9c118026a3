/* Which requests that change something come from the portal's own pages; the cookies and networks
 * by which people are told apart. */
#include "module/forgery.h"

#include "identity/session.h"
#include "module/cookie.h"
#include "module/form.h"
#include "module/network.h"

#include <glib.h>
#include <sodium.h>

/* A request with its call, in memory of its own. */
struct scene {
    struct module_host host;
    struct module_route route;
    struct viewer viewer;
    struct http_exchange exchange;
    struct http_field fields[4];
    struct http_pair pair;
    struct call call;
};

static struct scene *scene_new(const char *method)
{
    struct scene *scene = g_new0(struct scene, 1);
    scene->exchange.request.arena = arena_new(0);
    scene->exchange.request.method = text_of(method);
    scene->exchange.request.host = TEXT("portal.example:8080");
    scene->exchange.request.fields = scene->fields;
    scene->exchange.response.file = -1;
    scene->call.host = &scene->host;
    scene->call.route = &scene->route;
    scene->call.viewer = &scene->viewer;
    scene->call.exchange = &scene->exchange;
    return scene;
}

static void scene_free(struct scene *scene)
{
    buffer_free(&scene->exchange.response.fields);
    arena_free(scene->exchange.request.arena);
    g_free(scene);
}

static void add_field(struct scene *scene, const char *name, const char *value)
{
    struct http_request *request = &scene->exchange.request;
    g_assert_cmpuint(request->field_count, <, G_N_ELEMENTS(scene->fields));
    scene->fields[request->field_count++] =
        (struct http_field){ .name = text_of(name), .value = text_of(value) };
}

static void add_form_token(struct scene *scene, const char *token)
{
    scene->pair = (struct http_pair){ .name = TEXT(FORGERY_FIELD), .value = text_of(token) };
    scene->call.form = (struct call_pairs){ &scene->pair, 1 };
}

static void whatever_is_not_safe_is_looked_at(void)
{
    static const struct {
        const char *method;
        bool concerns;
    } cases[] = {
        { "GET", false },     { "HEAD", false }, { "OPTIONS", false }, { "POST", true },
        { "PUT", true },      { "PATCH", true }, { "DELETE", true },   { "get", true },
        { "PROPFIND", true }, { "TRACE", true }, { "", true },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        if (forgery_concerns(text_of(cases[i].method)) != cases[i].concerns)
            g_error("%s %s", cases[i].method, cases[i].concerns ? "is left out" : "is looked at");
}

static void what_another_site_sent_is_foreign(void)
{
    static const char own[] = "https://portal.example";
    static const struct {
        const char *configured; /* origin of the portal; NULL: none */
        const char *site, *origin;
        bool foreign;
    } cases[] = {
        { own, NULL, NULL, false },
        { own, "same-origin", NULL, false },
        { own, "none", NULL, false },
        { own, "cross-site", NULL, true },
        { own, "same-site", NULL, true },
        { own, "", NULL, true },
        { own, "SAME-ORIGIN", NULL, true },
        { own, "same-origin, cross-site", NULL, true },
        { own, NULL, "https://portal.example", false },
        { own, "same-origin", "https://portal.example", false },
        { own, "cross-site", "https://portal.example", true },
        { own, "same-origin", "https://evil.example", true },
        { own, NULL, "http://portal.example", true },
        { own, NULL, "https://portal.example:8443", true },
        { own, NULL, "https://portal.example.evil", true },
        { own, NULL, "https://evil-portal.example", true },
        { own, NULL, "https://portal.example/", true },
        { own, NULL, "null", true },
        { own, NULL, "", true },
        { NULL, NULL, "http://portal.example:8080", false },
        { NULL, NULL, "https://PORTAL.example:8080", false },
        { NULL, NULL, "http://portal.example", true },
        { NULL, NULL, "http://portal.example:80801", true },
        { NULL, NULL, "portal.example:8080", true },
        { NULL, NULL, "null", true },
        { NULL, "cross-site", "http://portal.example:8080", true },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct scene *scene = scene_new("POST");
        scene->host.origin = cases[i].configured;
        if (cases[i].site)
            add_field(scene, "sec-fetch-site", cases[i].site);
        if (cases[i].origin)
            add_field(scene, "origin", cases[i].origin);
        if (forgery_is_foreign(&scene->host, &scene->exchange.request) != cases[i].foreign)
            g_error("case %zu: site %s, origin %s", i, cases[i].site, cases[i].origin);
        scene_free(scene);
    }
}

static void a_file_goes_to_who_opens_it_here(void)
{
    static const struct {
        const char *site, *destination;
        bool opens, takes;
    } cases[] = {
        { NULL, NULL, true, true },
        { "none", "document", true, true },
        { "same-origin", "document", true, true },
        { "same-site", "document", true, true },
        { "same-origin", "empty", false, true },
        { "same-origin", "image", false, false },
        { "same-origin", "iframe", false, false },
        { "same-origin", "style", false, false },
        { "same-origin", "", false, false },
        { NULL, "image", false, false },
        { "cross-site", "document", true, false },
        { "cross-site", "empty", false, false },
        { "cross-site", NULL, true, false },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct scene *scene = scene_new("GET");
        if (cases[i].site)
            add_field(scene, "sec-fetch-site", cases[i].site);
        if (cases[i].destination)
            add_field(scene, "sec-fetch-dest", cases[i].destination);
        if (forgery_opens(&scene->exchange.request) != cases[i].opens ||
            forgery_takes_file(&scene->exchange.request) != cases[i].takes)
            g_error("case %zu: site %s, destination %s", i, cases[i].site, cases[i].destination);
        scene_free(scene);
    }
}

static void without_a_host_no_origin_is_the_portals(void)
{
    struct scene *scene = scene_new("POST");
    scene->exchange.request.host = TEXT("");
    add_field(scene, "origin", "http://");
    g_assert_true(forgery_is_foreign(&scene->host, &scene->exchange.request));
    scene_free(scene);
}

/* Secrets of a session and a visitor, and what their forms carry. */
enum { NONE, SESSION, VISITOR, OTHER, SECRET, SHORT, LONGER, CHANGED };
static char session[IDENTITY_TOKEN_SIZE], visitor[IDENTITY_TOKEN_SIZE];
static char tokens[8][IDENTITY_TOKEN_SIZE + 1];

static void make_tokens(void)
{
    char other[IDENTITY_TOKEN_SIZE];
    identity_token_make(session);
    identity_token_make(visitor);
    identity_token_make(other);
    g_assert_true(identity_form_token(session, tokens[SESSION]));
    g_assert_true(identity_form_token(visitor, tokens[VISITOR]));
    g_assert_true(identity_form_token(other, tokens[OTHER]));
    g_strlcpy(tokens[SECRET], session, sizeof *tokens);
    g_strlcpy(tokens[SHORT], tokens[SESSION], IDENTITY_TOKEN_SIZE - 1);
    g_snprintf(tokens[LONGER], sizeof *tokens, "%sA", tokens[SESSION]);
    g_strlcpy(tokens[CHANGED], tokens[SESSION], sizeof *tokens);
    tokens[CHANGED][10] = tokens[CHANGED][10] == 'A' ? 'B' : 'A';
}

static void a_cookie_of_ours_needs_its_token(void)
{
    static const struct {
        const char *method;
        bool session, visitor, signed_in;
        int sent;
        bool passes;
        bool outside, former;
    } cases[] = {
        { "POST", false, false, false, NONE, true, false, false },
        { "POST", true, false, true, SESSION, true, false, false },
        { "POST", true, false, true, NONE, false, false, false },
        { "POST", true, false, true, OTHER, false, false, false },
        { "POST", true, false, true, SECRET, false, false, false },
        { "POST", true, false, true, SHORT, false, false, false },
        { "POST", true, false, true, LONGER, false, false, false },
        { "POST", true, false, true, CHANGED, false, false, false },
        { "POST", true, true, true, VISITOR, false, false, false },
        { "POST", true, true, true, SESSION, true, false, false },
        { "POST", false, true, false, VISITOR, true, false, false },
        { "POST", false, true, false, NONE, false, false, false },
        { "POST", false, true, false, SESSION, false, false, false },
        /* The session is over: what was shown to the visitor counts again, or the form of it. */
        { "POST", true, true, false, VISITOR, true, false, false },
        { "POST", true, false, false, SESSION, true, false, false },
        { "POST", true, false, false, NONE, false, false, false },
        { "DELETE", true, false, true, NONE, false, false, false },
        { "GET", true, true, true, NONE, true, false, false },
        { "POST", true, true, true, NONE, true, true, false },
        /* The cookie before the session's own: its forms were of another account. */
        { "POST", true, false, true, SESSION, false, false, true },
        { "GET", true, false, true, SESSION, true, false, true },
    };
    for (size_t i = 0; i < 2 * G_N_ELEMENTS(cases); i++) {
        size_t row = i / 2;
        struct scene *scene = scene_new(cases[row].method);
        char cookies[256];
        g_snprintf(cookies, sizeof cookies, "a=b%s%s%s%s; c=d",
                   cases[row].session ? "; portico=" : "", cases[row].session ? session : "",
                   cases[row].visitor ? "; portico-visitor=" : "",
                   cases[row].visitor ? visitor : "");
        add_field(scene, "cookie", cookies);
        scene->viewer.person = cases[row].signed_in ? 7 : 0;
        scene->viewer.former = cases[row].former;
        scene->route.route.flags = cases[row].outside ? PORTICO_ROUTE_OUTSIDE : 0;
        if (cases[row].sent && i % 2)
            add_field(scene, FORGERY_HEADER, tokens[cases[row].sent]);
        else if (cases[row].sent)
            add_form_token(scene, tokens[cases[row].sent]);
        if (forgery_passes(&scene->call) != cases[row].passes)
            g_error("row %zu %s by %s", row, cases[row].passes ? "is refused" : "passes",
                    i % 2 ? "header" : "form");
        scene_free(scene);
    }
}

static void the_header_counts_before_the_form(void)
{
    struct scene *scene = scene_new("POST");
    char cookie[128];
    g_snprintf(cookie, sizeof cookie, "portico=%s", session);
    add_field(scene, "cookie", cookie);
    add_field(scene, FORGERY_HEADER, tokens[OTHER]);
    add_form_token(scene, tokens[SESSION]);
    scene->viewer.person = 7;
    g_assert_false(forgery_passes(&scene->call));
    scene_free(scene);
}

static void over_https_only_the_cookie_no_other_host_can_set_counts(void)
{
    struct scene *scene = scene_new("POST");
    char cookies[256];
    g_snprintf(cookies, sizeof cookies, "portico=%s; __Host-portico=%s", visitor, session);
    scene->host.secure = true;
    scene->viewer.person = 7;
    add_field(scene, "cookie", cookies);
    add_form_token(scene, tokens[VISITOR]);
    g_assert_false(forgery_passes(&scene->call));
    add_form_token(scene, tokens[SESSION]);
    g_assert_true(forgery_passes(&scene->call));
    scene_free(scene);
}

static void who_is_shown_a_form_has_one_token_for_all_of_them(void)
{
    struct scene *scene = scene_new("GET");
    const char *token = forgery_token_of(&scene->call);
    g_assert_cmpuint(strlen(token), ==, IDENTITY_TOKEN_SIZE - 1);
    g_assert_true(forgery_token_of(&scene->call) == token);
    g_assert_true(scene->exchange.response.varies);
    g_assert_true(cookie_is_set(&scene->exchange.response, false, COOKIE_VISITOR));
    scene_free(scene);

    /* Who has the cookie keeps it. */
    scene = scene_new("GET");
    char cookie[128];
    g_snprintf(cookie, sizeof cookie, "portico-visitor=%s", visitor);
    add_field(scene, "cookie", cookie);
    g_assert_cmpstr(forgery_token_of(&scene->call), ==, tokens[VISITOR]);
    g_assert_false(cookie_is_set(&scene->exchange.response, false, COOKIE_VISITOR));
    scene_free(scene);

    /* Signed in, it is the session's, and no cookie comes. */
    scene = scene_new("GET");
    add_field(scene, "cookie", cookie);
    scene->viewer.token = tokens[SESSION];
    g_assert_cmpstr(forgery_token_of(&scene->call), ==, tokens[SESSION]);
    g_assert_true(scene->exchange.response.varies);
    g_assert_cmpuint(scene->exchange.response.fields.length, ==, 0);
    scene_free(scene);
}

static void cookies_are_found_by_their_whole_name(void)
{
    static const struct {
        const char *sent, *found;
    } cases[] = {
        { NULL, NULL },
        { "", NULL },
        { "portico=a", "a" },
        { "portico=", "" },
        { "portico", NULL },
        { "other=x; portico=a; more=y", "a" },
        { "other=x;portico=a;more=y", "a" },
        { "other=x;\t portico=a \t; more=y", "a" },
        { "portico=first; portico=second", "first" },
        { "portico-visitor=v; portico=a", "a" },
        { "xportico=a", NULL },
        { "porticox=a", NULL },
        { "PORTICO=a", NULL },
        { "portico =a", NULL },
        { "portico=a=b", "a=b" },
        { "=portico; ;; portico=a", "a" },
        { "a=\"; portico=b\"", "b\"" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct scene *scene = scene_new("GET");
        if (cases[i].sent)
            add_field(scene, "cookie", cases[i].sent);
        struct text found =
            cookie_find(&scene->exchange.request, cookie_name(false, COOKIE_SESSION));
        char *value = found.data ? g_strndup(found.data, found.length) : NULL;
        if (g_strcmp0(value, cases[i].found) != 0)
            g_error("in \"%s\" %s was found", cases[i].sent, value);
        g_free(value);
        scene_free(scene);
    }
}

static void cookies_are_set_for_this_portal_alone(void)
{
    static const struct {
        bool secure;
        enum cookie cookie;
        const char *value;
        int64_t life;
        const char *line; /* NULL: refused */
    } cases[] = {
        { false, COOKIE_SESSION, "a-b_c", COOKIE_UNTIL_CLOSED,
          "Set-Cookie: portico=a-b_c; Path=/; HttpOnly; SameSite=Lax\r\n" },
        { true, COOKIE_SESSION, "a", COOKIE_UNTIL_CLOSED,
          "Set-Cookie: __Host-portico=a; Path=/; HttpOnly; SameSite=Lax; Secure\r\n" },
        { true, COOKIE_DEVICE, "a", 3600,
          "Set-Cookie: __Host-portico-device=a; Path=/; HttpOnly; SameSite=Lax; Secure; "
          "Max-Age=3600\r\n" },
        { false, COOKIE_VISITOR, "", COOKIE_REMOVED,
          "Set-Cookie: portico-visitor=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\r\n" },
        { false, COOKIE_LOCALE, "de", 60,
          "Set-Cookie: portico-locale=de; Path=/; HttpOnly; SameSite=Lax; Max-Age=60\r\n" },
        { false, COOKIE_LOCALE, "de; Domain=example.org", 60, NULL },
        { false, COOKIE_LOCALE, "de\r\nX: y", 60, NULL },
        { false, COOKIE_LOCALE, "d e", 60, NULL },
        { false, COOKIE_LOCALE, "d\"e", 60, NULL },
        { false, COOKIE_LOCALE, "d,e", 60, NULL },
        { false, COOKIE_LOCALE, "d\\e", 60, NULL },
        { false, COOKIE_LOCALE, "d\xc3\xa9", 60, NULL },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct http_response response = { .file = -1 };
        int code = cookie_set(&response, cases[i].secure, cases[i].cookie, text_of(cases[i].value),
                              cases[i].life);
        g_assert_cmpint(code, ==, cases[i].line ? 0 : PORTICO_EINVAL);
        char *line =
            g_strndup(response.fields.data ? response.fields.data : "", response.fields.length);
        g_assert_cmpstr(line, ==, cases[i].line ? cases[i].line : "");
        for (int cookie = 0; cookie < COOKIES; cookie++)
            g_assert_true(cookie_is_set(&response, cases[i].secure, (enum cookie)cookie) ==
                          (cases[i].line && cookie == (int)cases[i].cookie));
        g_free(line);
        buffer_free(&response.fields);
    }
}

static void a_line_or_a_household_is_one_network(void)
{
    static const struct {
        const char *address, *network;
    } cases[] = {
        { "192.0.2.7", "192.0.2.0/24" },
        { "192.0.2.255", "192.0.2.0/24" },
        { "192.0.3.7", "192.0.3.0/24" },
        { "2001:db8:1:2::7", "2001:db8:1::/56" },
        { "2001:db8:1:ff::7", "2001:db8:1::/56" },
        { "2001:db8:1:100::7", "2001:db8:1:100::/56" },
        { "::1", "::/56" },
        { "unix", "unix" },
        { "", "" },
        { "192.0.2", "192.0.2" },
        { "192.0.2.256", "192.0.2.256" },
    };
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(network_of(arena, cases[i].address), ==, cases[i].network);
    arena_free(arena);
}

static void only_a_form_of_the_portals_own_page_is_shown_again(void)
{
    static const struct {
        const char *method, *site, *origin, *accept, *body;
        bool forms, shown;
    } cases[] = {
        { "POST", "same-origin", NULL, "text/html", "title=x", true, true },
        { "POST", NULL, "https://portal.example", "text/html", "title=x", true, true },
        { "PUT", "none", NULL, "text/html", "title=x", true, true },
        { "POST", NULL, NULL, "text/html", "title=x", true, false },
        { "GET", "same-origin", NULL, "text/html", "title=x", true, false },
        { "POST", "same-origin", NULL, "application/json", "title=x", true, false },
        { "POST", "same-origin", NULL, "text/html", "", true, false },
        { "POST", "same-origin", NULL, "text/html", "title=x", false, false },
    };
    static const struct portico_form_type type = { .name = "wish", .submit = "Send" };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct scene *scene = scene_new(cases[i].method);
        struct portico_module descriptor = { .forms = { &type, cases[i].forms, sizeof type } };
        struct module module = { .descriptor = &descriptor };
        scene->route.owner = &module;
        scene->exchange.request.path = TEXT("/wishes/new");
        scene->exchange.request.body = text_of(cases[i].body);
        add_field(scene, "accept", cases[i].accept);
        if (cases[i].site)
            add_field(scene, "sec-fetch-site", cases[i].site);
        if (cases[i].origin)
            add_field(scene, "origin", cases[i].origin);
        if (form_may_show_again(&scene->route, &scene->exchange.request) != cases[i].shown)
            g_error("case %zu", i);
        scene_free(scene);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(sodium_init(), >=, 0);
    make_tokens();
#define TEST(name) g_test_add_func("/forgery/" #name, name)
    TEST(whatever_is_not_safe_is_looked_at);
    TEST(what_another_site_sent_is_foreign);
    TEST(a_file_goes_to_who_opens_it_here);
    TEST(without_a_host_no_origin_is_the_portals);
    TEST(a_cookie_of_ours_needs_its_token);
    TEST(the_header_counts_before_the_form);
    TEST(over_https_only_the_cookie_no_other_host_can_set_counts);
    TEST(who_is_shown_a_form_has_one_token_for_all_of_them);
    TEST(cookies_are_found_by_their_whole_name);
    TEST(cookies_are_set_for_this_portal_alone);
    TEST(a_line_or_a_household_is_one_network);
    g_test_add_func("/forgery/only a form of the portal's own page is shown again",
                    only_a_form_of_the_portals_own_page_is_shown_again);
    return g_test_run();
}
