/* What a module hears about accounts depends on who asks; it writes only about those they act in.
 */
#include "../identity/people.h"
#include "http/exchange.h"
#include "identity/account.h"
#include "identity/contact.h"
#include "identity/delegation.h"
#include "identity/member.h"
#include "module/call.h"
#include "workshop.h"

static const char desk[] =
    "#define PORTICO_MODULE_USES \"portico.account 1.1, portico.context 1.0, "
    "portico.form 1.1, portico.people 1.1\"\n"
    "#define PORTICO_MODULE_VERSION \"1.0.0\"\n"
    "#include <portico/portico.h>\n"
    "static portico_id account(struct portico_request *r) {\n"
    "  return portico_id_read(portico_param(r, \"account\")); }\n"
    "static int answer(struct portico_request *r, int code) {\n"
    "  return code < 0 ? code : portico_reply_json(r, portico_object(r)); }\n"
    "static int fact(struct portico_request *r) {\n"
    "  struct portico_error e = PORTICO_ERROR_INIT;\n"
    "  return answer(r, portico_set_fact(portico_accounts(r), account(r), \"tier\", \"x\", &e)); "
    "}\n"
    "static int may(struct portico_request *r) {\n"
    "  portico_id dana = portico_id_read(portico_param(r, \"person\"));\n"
    "  return answer(r, portico_people_may_in(portico_people(r), dana, account(r),\n"
    "    PORTICO_SIGNED_IN) ? 0 : PORTICO_EPERM); }\n"
    "static int holding(struct portico_request *r) {\n"
    "  struct portico_error e = PORTICO_ERROR_INIT;\n"
    "  struct portico_value *rows;\n"
    "  return answer(r, portico_people_holding_in(portico_people(r), account(r), \"desk.tend\",\n"
    "    5, &rows, &e)); }\n"
    "static int find(struct portico_request *r) {\n"
    "  struct portico_error e = PORTICO_ERROR_INIT; struct portico_value *v = NULL;\n"
    "  int code = portico_people_find(portico_people(r), portico_query_param(r, \"q\"), 5, &v, "
    "&e);\n"
    "  return code < 0 ? code : portico_reply_json(r, v); }\n"
    "static int share(struct portico_request *r) {\n"
    "  struct portico_form *f = portico_form_open(r, \"share\", NULL);\n"
    "  return answer(r, portico_form_text(f, \"who\") ? 0 : PORTICO_EINVAL); }\n"
    "#define LIST(name, ...) static int name(struct portico_request *r) {\\\n"
    "  struct portico_error e = PORTICO_ERROR_INIT; struct portico_value *v = NULL;\\\n"
    "  int code = portico_account_##name(portico_accounts(r), account(r), __VA_ARGS__);\\\n"
    "  return code < 0 ? code : portico_reply_json(r, v); }\n"
    "LIST(contacts, portico_query_param(r, \"role\"), &v, &e)\n"
    "LIST(team, &v, &e)\n"
    "LIST(partners, &v, &e)\n"
    "#define ROUTE(path, function) { .method = \"GET\", .pattern = path, .handler = function,\\\n"
    "  .permission = PORTICO_PUBLIC }\n"
    "static const struct portico_route routes[] = { ROUTE(\"/desk/fact/{account}\", fact),\n"
    "  ROUTE(\"/desk/may/{account}/{person}\", may),\n"
    "  ROUTE(\"/desk/holding/{account}\", holding), ROUTE(\"/desk/share/{account}\", share),\n"
    "  ROUTE(\"/desk/find/{account}\", find),\n"
    "  ROUTE(\"/desk/contacts/{account}\", contacts), ROUTE(\"/desk/team/{account}\", team),\n"
    "  ROUTE(\"/desk/partners/{account}\", partners),\n"
    "  { .method = \"GET\", .pattern = \"/api/desk/v1/share/{account}\", .handler = share,\n"
    "    .permission = PORTICO_PUBLIC, .summary = \"Shares\",\n"
    "    .response_schema = \"{\\\"type\\\":\\\"object\\\"}\" } };\n"
    "static const struct portico_form_type forms[] = { { .name = \"share\", .submit = \"Go\" } };\n"
    "static const struct portico_field fields[] = { { \"share\", \"who\", PORTICO_FIELD_SHARING,\n"
    "  .label = \"Who?\", .choices = \"me role team account\", .initial = \"account\" } };\n"
    "static const struct portico_permission permissions[] = { { .name = \"desk.tend\",\n"
    "  .title = \"Tend\", .roles = \"moderator\" } };\n"
    "static const struct portico_account_fact facts[] = { { .key = \"tier\", .title = \"Tier\",\n"
    "  .type = PORTICO_FACT_TEXT } };\n"
    "static const struct portico_module module = { PORTICO_MODULE_HEADER, .title = \"Desk\",\n"
    "  .routes = PORTICO_LIST(routes), .permissions = PORTICO_LIST(permissions),\n"
    "  .account_facts = PORTICO_LIST(facts), .forms = PORTICO_LIST(forms),\n"
    "  .form_fields = PORTICO_LIST(fields) };\n"
    "PORTICO_EXPORT_MODULE(module)\n";

/* Harbour with its Quay below, and Mill; Dana in Quay. */
struct town {
    struct people people;
    struct workshop *shop;
    struct module_host host;
    int64_t harbour, quay, mill, dana;
};

static int64_t make_account(struct town *town, const char *name, int64_t parent)
{
    const struct identity_new_account made = { .name = name, .parent = parent };
    int64_t id = 0;
    people_must(&town->people, identity_account_make(people_session(&town->people), &made, &id,
                                                     &town->people.error));
    return id;
}

static bool town_new(struct town *town, gconstpointer kind)
{
    if (!people_new(&town->people, kind))
        return false;
    town->harbour = make_account(town, "Harbour", 0);
    town->quay = make_account(town, "Quay", town->harbour);
    town->mill = make_account(town, "Mill", 0);
    town->dana = people_add(&town->people, "Dana", "dana@harbour.example", 0);
    const struct identity_new_member member = { .account = town->quay,
                                                .person = town->dana,
                                                .source = "invited" };
    int64_t id = 0;
    people_must(&town->people, identity_member_add(people_session(&town->people), &member, &id,
                                                   &town->people.error));
    town->shop = workshop_open();
    workshop_build(town->shop, "desk", desk, NULL);
    if (workshop_load(town->shop, false) < 0) {
        workshop_says(town->shop, "no problem is called so");
        g_error("%s", town->shop->error.message);
    }
    registry_declare(town->shop->registry, town->people.identity);
    town->host = (struct module_host){ .registry = town->shop->registry,
                                       .store = town->people.database.store,
                                       .identity = town->people.identity,
                                       .config = town->shop->config,
                                       .canonical_url = "http://localhost" };
    return true;
}

static void town_free(struct town *town)
{
    workshop_close(town->shop);
    people_free(&town->people);
}

/* `said` (NULL: no matter) is in the answer. */
static unsigned ask_for(struct town *town, const struct viewer *viewer, const char *route,
                        int64_t account, const char *query, const char *said)
{
    struct http_exchange exchange = { .response = { .file = -1 } };
    struct http_request *request = &exchange.request;
    struct route_match match;
    request->arena = arena_new(0);
    const char *path =
        strcmp(route, "may") == 0 ? arena_printf(request->arena, "/desk/may/%lld/%lld",
                                                 (long long)account, (long long)town->dana)
        : strcmp(route, "api") == 0
            ? arena_printf(request->arena, "/api/desk/v1/share/%lld", (long long)account)
            : arena_printf(request->arena, "/desk/%s/%lld", route, (long long)account);
    request->method = text_of("GET");
    request->target = request->path = text_of(path);
    request->query = text_of(query);
    request->body = text_of("");
    g_strlcpy(request->id, "0123456789abcdef", sizeof request->id);
    g_assert_true(route_tree_match(registry_routes(town->host.registry), request->method,
                                   request->path, &match));
    module_call_route(&town->host, match.route, &match, viewer, &exchange);
    unsigned status = exchange.response.status;
    if (said &&
        !g_strstr_len(exchange.response.body.data, (gssize)exchange.response.body.length, said))
        g_error("%s is not in %.*s", said, (int)exchange.response.body.length,
                exchange.response.body.data);
    buffer_free(&exchange.response.fields);
    buffer_free(&exchange.response.body);
    arena_free(request->arena);
    return status;
}

static unsigned ask(struct town *town, const struct viewer *viewer, const char *route,
                    int64_t account)
{
    return ask_for(town, viewer, route, account, "", NULL);
}

static void facts_are_set_only_of_accounts_the_viewer_acts_in(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const struct viewer dana = { .person = town.dana }, host = { .rows = { .all = true } };
    g_assert_cmpuint(ask(&town, &dana, "fact", town.quay), ==, 200);
    g_assert_cmpuint(ask(&town, &dana, "fact", town.harbour), ==, 403);
    g_assert_cmpuint(ask(&town, &dana, "fact", IDENTITY_OWNER), ==, 403);
    g_assert_cmpuint(ask(&town, &dana, "fact", town.mill), ==, 404);
    g_assert_cmpuint(ask(&town, &viewer_anonymous, "fact", IDENTITY_OWNER), ==, 401);
    g_assert_cmpuint(ask(&town, &host, "fact", town.mill), ==, 200);
    g_assert_cmpuint(ask(&town, &host, "fact", 12345), ==, 404);
    g_assert_cmpint(
        database_integer(&town.people.database, "SELECT count(*) FROM portico_account_fact"), ==,
        2);
    town_free(&town);
}

/* Of two companies of hers, a token for one writes about that one, and hears of no other. */
static void a_token_knows_its_own_account_alone(gconstpointer kind)
{
    struct town town;
    int64_t id = 0;
    if (!town_new(&town, kind))
        return;
    const struct identity_new_member member = { .account = town.mill,
                                                .person = town.dana,
                                                .source = "invited" };
    people_must(&town.people, identity_member_add(people_session(&town.people), &member, &id,
                                                  &town.people.error));
    const struct viewer dana = { .person = town.dana, .account = town.mill };
    const struct viewer token = { .person = town.dana, .account = town.mill, .by_token = true };
    const struct viewer nowhere = { .person = town.dana, .by_token = true };
    const struct viewer staff = { .person = town.dana,
                                  .by_token = true,
                                  .rows = { .every_account = true } };
    g_assert_cmpuint(ask(&town, &dana, "fact", town.quay), ==, 200);
    g_assert_cmpuint(ask(&town, &token, "fact", town.quay), ==, 404);
    g_assert_cmpuint(ask(&town, &token, "fact", town.harbour), ==, 404);
    g_assert_cmpuint(ask(&town, &token, "fact", IDENTITY_OWNER), ==, 403);
    g_assert_cmpuint(ask(&town, &token, "fact", town.mill), ==, 200);
    g_assert_cmpuint(ask(&town, &nowhere, "fact", town.mill), ==, 404);
    g_assert_cmpuint(ask(&town, &staff, "fact", town.quay), ==, 200);
    town_free(&town);
}

static void who_may_what_in_an_account_is_told_to_those_who_know_it(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const struct viewer dana = { .person = town.dana }, host = { .rows = { .all = true } };
    static const char *const routes[] = { "may", "holding" };
    static const unsigned unknown[] = { 403, 404 };
    for (size_t i = 0; i < G_N_ELEMENTS(routes); i++) {
        g_assert_cmpuint(ask(&town, &dana, routes[i], town.quay), ==, 200);
        g_assert_cmpuint(ask(&town, &dana, routes[i], town.harbour), ==, 200);
        g_assert_cmpuint(ask(&town, &dana, routes[i], 0), ==, 200);
        g_assert_cmpuint(ask(&town, &dana, routes[i], town.mill), ==, unknown[i]);
        g_assert_cmpuint(ask(&town, &dana, routes[i], 12345), ==, unknown[i]);
        g_assert_cmpuint(ask(&town, &viewer_anonymous, routes[i], town.quay), ==, i ? 404 : 401);
        g_assert_cmpuint(ask(&town, &host, routes[i], town.mill), ==, 200);
    }
    town_free(&town);
}

static void people_are_found_by_those_who_may_name_them(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct people *people = &town.people;
    const int64_t miller = people_add(people, "Danilo Mill", "danilo@mill.example", 0);
    const struct identity_new_member member = { .account = town.mill,
                                                .person = miller,
                                                .source = "invited" };
    int64_t id = 0;
    people_must(people, identity_member_add(people_session(people), &member, &id, &people->error));
    people_add(people, "Danuta", "danuta@owner.example", IDENTITY_MODERATOR);
    const struct viewer dana = { .person = town.dana }, host = { .rows = { .all = true } };
    const struct viewer staff = { .person = miller, .rows = { .every_account = true } };
    ask_for(&town, &dana, "find", 0, "q=dan", "\"name\":\"Dana\"");
    ask_for(&town, &dana, "find", 0, "q=dan", "\"name\":\"Danuta\"");
    g_assert_cmpuint(ask_for(&town, &dana, "find", 0, "q=danilo", "[]"), ==, 200);
    ask_for(&town, &staff, "find", 0, "q=dan", "\"name\":\"Dana\"");
    ask_for(&town, &host, "find", 0, "q=danilo", "\"name\":\"Danilo Mill\"");
    g_assert_cmpuint(ask_for(&town, &viewer_anonymous, "find", 0, "q=dan", NULL), ==, 401);
    town_free(&town);
}

static bool may_all(const struct viewer *viewer, const char *permission)
{
    return viewer->person && permission;
}

/* Dana is asked about legal matters, Mara of the staff looks after Quay, and Agent acts for it;
 * Lock is asked to. */
static void name_people(struct town *town, int64_t *ret_agent)
{
    struct people *people = &town->people;
    struct store_session *session = people_session(people);
    const int64_t mara = people_add(people, "Mara", "mara@owner.example", IDENTITY_MODERATOR);
    bool changed;
    int64_t id = 0;
    people_must(people, identity_contact_put(session, town->quay, "legal", town->dana, &changed,
                                             &people->error));
    people_must(people, identity_account_team_put(session, town->quay, mara, "Account manager",
                                                  "+49 30 901820", &people->error));
    static const char *const names[] = { "Lock", "Agent" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const struct identity_new_account partner = { .name = names[i], .kind = "partner" };
        people_must(people, identity_account_make(session, &partner, ret_agent, &people->error));
        const struct identity_new_delegation made = { .account = town->quay,
                                                      .partner = *ret_agent,
                                                      .roles = "account-member",
                                                      .reason = "Billing.",
                                                      .accepted = i == 1,
                                                      .until = clock_now() + 3600000000 };
        people_must(people, identity_delegation_give(session, &made, &id, &people->error));
    }
}

static void contacts_team_and_partners_are_told_to_those_of_the_account(gconstpointer kind)
{
    struct town town;
    int64_t agent = 0;
    if (!town_new(&town, kind))
        return;
    name_people(&town, &agent);
    const struct viewer plain = { .person = town.dana, .account = town.quay };
    const struct viewer dana = { .person = town.dana, .account = town.quay, .may = may_all };
    const struct viewer token = {
        .person = town.dana, .account = town.mill, .may = may_all, .by_token = true
    };
    const struct viewer host = { .rows = { .all = true } };
    static const char *const routes[] = { "contacts", "team", "partners" };
    for (size_t i = 0; i < G_N_ELEMENTS(routes); i++) {
        g_assert_cmpuint(ask(&town, &dana, routes[i], town.quay), ==, 200);
        g_assert_cmpuint(ask(&town, &dana, routes[i], 0), ==, 200);
        g_assert_cmpuint(ask(&town, &plain, routes[i], town.quay), ==, 403);
        /* What lies above is known and not one's own. */
        g_assert_cmpuint(ask(&town, &dana, routes[i], town.harbour), ==, 403);
        g_assert_cmpuint(ask(&town, &token, routes[i], town.quay), ==, 404);
        g_assert_cmpuint(ask(&town, &dana, routes[i], town.mill), ==, 404);
        g_assert_cmpuint(ask(&town, &dana, routes[i], 12345), ==, 404);
        g_assert_cmpuint(ask(&town, &viewer_anonymous, routes[i], town.quay), ==, 404);
        g_assert_cmpuint(ask(&town, &host, routes[i], town.quay), ==, 200);
    }
    ask_for(&town, &dana, "contacts", town.quay, "role=legal",
            "\"role\":\"legal\",\"name\":\"Dana\",\"handle\":\"dana\"}]");
    ask_for(&town, &dana, "contacts", town.quay, "role=billing", "[]");
    g_assert_cmpuint(ask_for(&town, &dana, "contacts", town.quay, "role=odd", NULL), ==, 400);
    ask_for(&town, &dana, "team", 0, "",
            "\"name\":\"Mara\",\"handle\":\"mara\",\"role\":\"Account manager\","
            "\"phone\":\"+49 30 901820\",\"address\":\"mara@owner.example\"}]");
    ask_for(&town, &dana, "partners", town.quay, "", "\"partner_name\":\"Agent\"");
    ask_for(&town, &dana, "partners", town.quay, "", "\"accepted\":false");
    ask_for(&town, &host, "partners", agent, "", "\"account_name\":\"Quay\"");
    town_free(&town);
}

/* How many statements the database is asked for one answer. */
static uint64_t asked_for(struct town *town, const struct viewer *viewer, const char *route)
{
    struct store_statistics before, after;
    store_statistics(town->people.database.store, &before);
    g_assert_cmpuint(ask(town, viewer, route, town->quay), ==, 200);
    store_statistics(town->people.database.store, &after);
    return after.statements - before.statements;
}

static void add_teams(struct town *town, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        char *name = g_strdup_printf("team %d", i);
        database_execute(&town->people.database,
                         "INSERT INTO portico_team (id, account, name, name_key, created) "
                         "VALUES (?, ?, ?, ?, 0)",
                         PORTICO_ARGS(portico_arg_id(500 + i), portico_arg_id(town->quay),
                                      portico_arg_text(name), portico_arg_text(name)));
        g_free(name);
    }
}

static void what_sharing_offers_costs_the_same_for_any_number_of_teams(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const struct viewer dana = { .person = town.dana, .account = town.quay };
    add_teams(&town, 0, 2);
    asked_for(&town, &dana, "share"); /* what is read once is read */
    uint64_t two = asked_for(&town, &dana, "share");
    add_teams(&town, 2, 40);
    g_assert_cmpuint(asked_for(&town, &dana, "share"), ==, two);
    g_assert_cmpuint(asked_for(&town, &dana, "api"), <, two);
    town_free(&town);
}

int main(int argc, char **argv)
{
    WORKSHOP_MAIN(argc, argv);
    DATABASE_TEST("accounts", facts_are_set_only_of_accounts_the_viewer_acts_in);
    DATABASE_TEST("accounts", a_token_knows_its_own_account_alone);
    DATABASE_TEST("accounts", who_may_what_in_an_account_is_told_to_those_who_know_it);
    DATABASE_TEST("accounts", people_are_found_by_those_who_may_name_them);
    DATABASE_TEST("accounts", contacts_team_and_partners_are_told_to_those_of_the_account);
    DATABASE_TEST("accounts", what_sharing_offers_costs_the_same_for_any_number_of_teams);
    return g_test_run();
}
