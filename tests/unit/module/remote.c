/* Every function of every table marked remotable, called through a pipe and directly: the results
 * are the same. So a module could live in a process of its own: what crosses is numbers, texts,
 * bytes, values and the numbers of handles.
 *
 * A row says what a function takes and returns, a step is one call. Both worlds make the same steps
 * on databases of their own; the far one hears of a step only what came through the pipe, on a
 * thread of its own. A function without a row or a step fails the test. */
#include "workshop.h"

#include "base/json.h"
#include "fetch/fetch.h"
#include "module/call.h"
#include "module/outgoing.h"
#include "page/content.h"
#include "store/migrate.h"

#include <config/paths.h>
#include <portico/portico.h>
#include <pthread.h>
#include <unistd.h>

#include "remote_way.h"

/* One side: a module called by the host, and what its slots hold. */
struct world {
    struct workshop *shop;
    struct store *store;
    struct module_host host;
    struct arena *arena;
    struct call call;
    void *slots[SLOTS];
    int64_t ids[SLOTS];
};

static const char source[] =
    "#define PORTICO_MODULE_VERSION \"1.0.0\"\n"
    "#include <portico/portico.h>\n"
    "static int run(struct portico_context *c, const struct portico_job *j, struct portico_error "
    "*e)\n{ (void)c; (void)j; (void)e; return 0; }\n"
    "static const struct portico_search_kind kinds[] = { { \"thing\", \"Things\", 0 } };\n"
    "static const struct portico_setting settings[] = { { .key = \"key\", .type = "
    "PORTICO_SETTING_SECRET, .title = \"Key\" } };\n"
    "static const struct portico_event_type types[] = { { \"portal.far.thing.made\", \"Made\", 0, "
    "\"{\\\"type\\\":\\\"object\\\"}\" } };\n"
    "static const struct portico_job_type jobs[] = { { .name = \"tidy\", .title = \"Tidy\", .run = "
    "run } };\n"
    "static const struct portico_personal_table data[] = { { .table = \"far_thing\", .erase = "
    "PORTICO_NOT_PERSONAL, .reason = \"Teas are nobody's.\" } };\n"
    "static const struct portico_permission permissions[] = { { .name = \"far.tend\", .title = "
    "\"Tend\", .roles = \"moderator\" } };\n"
    "static const struct portico_notice_kind notices[] = { { .name = \"reply\", .title = "
    "\"Replies\" } };\n"
    "static const struct portico_account_fact facts[] = { { .key = \"tier\", .title = \"Tier\", "
    ".type = PORTICO_FACT_CHOICE, .choices = \"gold=Gold\\nsilver=Silver\" } };\n"
    "static const struct portico_session_value values[] = { { .key = \"desk\", .title = \"Desk\", "
    ".type = PORTICO_FACT_NUMBER } };\n"
    "static const struct portico_module module = { PORTICO_MODULE_HEADER, .title = \"Far\",\n"
    "  .search_kinds = PORTICO_LIST(kinds), .settings = PORTICO_LIST(settings),\n"
    "  .event_types = PORTICO_LIST(types), .jobs = PORTICO_LIST(jobs),\n"
    "  .personal_data = PORTICO_LIST(data), .notices = PORTICO_LIST(notices),\n"
    "  .account_facts = PORTICO_LIST(facts), .session_values = PORTICO_LIST(values),\n"
    "  .permissions = PORTICO_LIST(permissions) };\n"
    "PORTICO_EXPORT_MODULE(module)\n";

static void must(int code, const struct portico_error *error)
{
    if (code < 0)
        g_error("%s", error->message);
}

static int answer(const struct fetch_request *asked, struct arena *arena,
                  struct fetch_answer *ret_answer, void *data, struct portico_error *error)
{
    (void)data;
    (void)error;
    ret_answer->status = 418;
    ret_answer->headers = value_new(arena, PORTICO_OBJECT);
    ret_answer->body = arena_printf(arena, "%s %zu", asked->url, asked->body_length);
    ret_answer->body_length = strlen(ret_answer->body);
    return 0;
}

/* Beside the library, before it is loaded: its table is held against .personal_data. */
static void world_write_migration(struct world *world)
{
    char *own = g_build_filename(world->shop->root, "modules/far/migrations", NULL);
    char *file = g_build_filename(own, "0001-initial.before.sql", NULL);
    g_mkdir_with_parents(own, 0755);
    g_assert_true(g_file_set_contents(
        file,
        "CREATE TABLE far_thing (id {id} PRIMARY KEY, name {text} NOT NULL, audience {id} NOT "
        "NULL, granted {boolean} NOT NULL);\n",
        -1, NULL));
    g_free(file);
    g_free(own);
}

static void world_migrate(struct world *world)
{
    char *core = g_build_filename(paths_share_directory(), "migrations", NULL);
    char *own = g_build_filename(world->shop->root, "modules/far/migrations", NULL);
    const struct migrate_source sources[] = { { "core", core }, { "far", own } };
    must(migrate_apply(world->store, sources, 2, MIGRATE_BEFORE, NULL, &world->shop->error),
         &world->shop->error);
    g_free(own);
    g_free(core);
}

/* Names every table this host offers by name. */
static char *all_uses(void)
{
    GString *uses = g_string_new("-DPORTICO_MODULE_USES=\"");
    for (unsigned i = 0; interface_at(i); i++)
        g_string_append_printf(uses, "%s%s %u.%u", i ? ", " : "", interface_at(i)->name,
                               interface_at(i)->major, interface_at(i)->minor);
    return g_string_free(g_string_append_c(uses, '"'), FALSE);
}

static void world_add_person(struct world *world)
{
    struct arena *arena = arena_new(0);
    struct store_session *session =
        store_session_new(world->store, arena, &store_viewer_host, "core");
    must(store_host_execute(session,
                            "INSERT INTO portico_person (id, handle, name, name_key, locale, "
                            "timezone, state, external, "
                            "created, rights) VALUES (9, 'mara', 'Mara Lind', 'mara lind', 'en', "
                            "'UTC', 1, 'demo:mara', 1, 1)",
                            PORTICO_NO_ARGS, NULL, &world->shop->error),
         &world->shop->error);
    must(store_host_execute(session,
                            "INSERT INTO portico_account_fact (account, module, fact, content, "
                            "changed) VALUES (1, 'far', 'tier', 'gold', 1)",
                            PORTICO_NO_ARGS, NULL, &world->shop->error),
         &world->shop->error);
    must(store_host_execute(
             session,
             "INSERT INTO portico_session (id, token_hash, person, rights, created, "
             "last_seen, expires, fresh, remembered, agent, network, carried) VALUES "
             "(?, 'x', 0, 1, 1, 1, 1, 1, FALSE, '', '', ?)",
             PORTICO_ARGS(portico_arg_id(SEAT), portico_arg_text("{\"far\":{\"desk\":\"12\"}}")),
             NULL, &world->shop->error),
         &world->shop->error);
    store_session_end(session);
    arena_free(arena);
}

static void world_open(struct world *world)
{
    static const struct module_outside outside = { .fetch = answer };
    struct workshop *shop = world->shop = workshop_open();
    char *uses = all_uses(), *data = g_build_filename(shop->root, "data", NULL);
    const char *const flags[] = { uses, NULL };
    char *secret = g_build_filename(shop->root, "secret", NULL);
    g_assert_true(g_file_set_contents(secret, "hunter2\n", -1, NULL));
    g_chmod(secret, 0600);
    workshop_build(shop, "far", source, flags);
    world_write_migration(world);
    g_string_append_printf(shop->sections, "key_file = %s\n", secret);
    if (workshop_load(shop, false) < 0)
        g_error("%s", config_problem_at(shop->config, 0)->message);
    char *url = g_strdup_printf("sqlite:%s/portal.db", data);
    const struct store_options options = { .url = url, .directory = data };
    must(store_open(&options, &world->store, &shop->error), &shop->error);
    world_migrate(world);
    world_add_person(world);
    static const struct identity_rules rules = { .portal = "Far portal", .guesses = 5 };
    static const unsigned char key[IDENTITY_KEY_SIZE] = { 1 };
    struct identity *identity = NULL;
    must(identity_new(&rules, key, &identity, &shop->error), &shop->error);
    registry_declare(shop->registry, identity);
    world->host = (struct module_host){ .registry = shop->registry,
                                        .store = world->store,
                                        .identity = identity,
                                        .config = shop->config,
                                        .outside = &outside };
    must(registry_start(shop->registry, &world->host, &shop->error), &shop->error);
    g_free(url);
    g_free(secret);
    g_free(data);
    g_free(uses);
}

/* Nobody in particular, in a session that carries something. */
static struct viewer seated;

/* On the thread that makes the calls. */
static void world_enter(struct world *world)
{
    world->arena = arena_new(0);
    seated = viewer_anonymous;
    seated.session = SEAT;
    call_begin(&world->call, CALL_START, &world->host, registry_find(world->shop->registry, "far"),
               &seated, world->arena);
    struct portico_context *context = &world->call.scope.context;
    world->slots[1] = portico_object(context);
}

static void world_leave(struct world *world)
{
    call_end(&world->call);
    arena_free(world->arena);
}

static void world_close(struct world *world)
{
    registry_stop(world->shop->registry, &world->host);
    identity_close(world->host.identity);
    store_close(world->store);
    workshop_close(world->shop);
}

static const struct row *row_of(const char *interface, const char *function)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (strcmp(rows[i].interface, interface) == 0 && strcmp(rows[i].function, function) == 0)
            return &rows[i];
    g_error("%s of %s has no row", function, interface);
    return NULL;
}

/* Arguments that a function is really called with, and where its results land. */
struct ready {
    uint64_t words[WORDS];
    double real;
    unsigned count;
    struct portico_value *value;
    struct portico_cursor *cursor;
    struct portico_page page;
    struct portico_fetch_answer answer;
    struct portico_error error;
    char *text;
    void *bytes;
    size_t length;
    int64_t number;
    int32_t small;
    char random[64];
};

static void push(struct ready *ready, uint64_t word)
{
    g_assert_cmpuint(ready->count, <, WORDS);
    ready->words[ready->count++] = word;
}
#define PUSH(ready, pointer) push((ready), (uint64_t)(uintptr_t)(pointer))

static bool is_result(char letter)
{
    return strchr("vxkycTBLge", letter) || letter == 'N';
}

static void push_result(struct ready *ready, char letter)
{
    ready->page.size = sizeof ready->page;
    ready->answer.size = sizeof ready->answer;
    switch (letter) {
    case 'v': PUSH(ready, &ready->value); break;
    case 'x':
    case 'y': PUSH(ready, &ready->number); break;
    case 'k': PUSH(ready, &ready->small); break;
    case 'c': PUSH(ready, &ready->cursor); break;
    case 'T': PUSH(ready, &ready->text); break;
    case 'B': PUSH(ready, &ready->bytes); /* fall through */
    case 'L': PUSH(ready, &ready->length); break;
    case 'g': PUSH(ready, &ready->page); break;
    case 'N': PUSH(ready, &ready->answer); break;
    default: PUSH(ready, &ready->error);
    }
}

/* What the functions of a value cross as: JSON, back to a value of the far side. */
static const struct portico_value *value_of_json(struct arena *arena, const char *text)
{
    struct value *value = NULL;
    if (!text)
        return NULL;
    g_assert_cmpint(json_parse(arena, text, strlen(text), &value, NULL), ==, 0);
    return value_public(value);
}

/* A struct as the function wants it, of one whose values are given as JSON. */
static void *whole_struct(struct world *world, const struct crossing *crossing, const void *given)
{
    unsigned char *copy = arena_zalloc(world->arena, crossing->size);
    uint32_t size = (uint32_t)crossing->size;
    memcpy(copy, given, crossing->size);
    memcpy(copy, &size, sizeof size);
    for (const struct member *m = crossing->members; m->letter; m++)
        if (m->letter == 'W') {
            const char *text;
            memcpy(&text, copy + m->offset, sizeof text);
            const struct portico_value *value = value_of_json(world->arena, text);
            memcpy(copy + m->offset, &value, sizeof value);
        }
    return copy;
}

static void push_given(struct world *world, struct ready *ready, char letter,
                       const struct given *given)
{
    const struct crossing *crossing = crossing_of(letter);
    if (crossing) {
        PUSH(ready, whole_struct(world, crossing, given->pointer));
        return;
    }
    switch (letter) {
    case 'S':
    case 'C':
    case 'X': PUSH(ready, world->slots[given->slot]); break;
    case 'I': push(ready, (uint64_t)world->ids[given->slot]); break;
    case 't': PUSH(ready, given->text); break;
    case 'b':
        PUSH(ready, given->text);
        push(ready, (uint64_t)given->number);
        break;
    case 'A':
    case 'K':
        PUSH(ready, given->pointer);
        push(ready, (uint64_t)given->number);
        break;
    case 'R':
        g_assert_cmpint(given->number, <=, sizeof ready->random);
        PUSH(ready, ready->random);
        push(ready, (uint64_t)given->number);
        ready->length = (size_t)given->number;
        break;
    case 'd': ready->real = given->real; break;
    default: push(ready, (uint64_t)given->number);
    }
}

/* A value with everything below it, read through its own table as a module would. */
static void put_value(GByteArray *out, const struct portico_value *value, bool loose)
{
    uint32_t kind = portico_kind(value);
    size_t length = 0;
    put_number(out, value ? (int64_t)kind : -1);
    if (!value)
        return;
    double real = value->api->real(value, 0);
    switch (kind) {
    case PORTICO_TEXT:
    case PORTICO_HTML: {
        const char *text = portico_text_of(value, &length);
        put_text(out, text, length, loose);
        break;
    }
    case PORTICO_REAL: g_byte_array_append(out, (const guint8 *)&real, sizeof real); break;
    case PORTICO_TIME:
    case PORTICO_ID: put_number(out, loose ? 1 : value->api->integer(value, 0)); break;
    case PORTICO_OBJECT:
    case PORTICO_LISTING:
    case PORTICO_ROWS:
        put_number(out, (int64_t)portico_count(value));
        for (size_t i = 0; i < portico_count(value); i++) {
            const char *key = kind == PORTICO_OBJECT ? portico_key_at(value, i) : NULL;
            put_text(out, key, key ? strlen(key) : 0, false);
            put_value(out, key ? portico_get(value, key) : portico_at(value, i), loose);
        }
        break;
    case PORTICO_BOOLEAN: put_number(out, value->api->boolean(value, 0)); break;
    default: {
        int64_t number = value->api->integer(value, 0);
        put_number(out, loose ? number != 0 : number);
    }
    }
}

static void put_result(GByteArray *out, char letter, struct ready *ready, const struct step *step)
{
    switch (letter) {
    case 'v': put_value(out, ready->value, step->loose); break;
    case 'x': put_number(out, ready->number); break;
    case 'k': put_number(out, ready->small); break;
    case 'y': put_number(out, ready->number != 0); break;
    case 'c': put_number(out, ready->cursor != NULL); break;
    case 'T': put_text(out, ready->text, ready->text ? strlen(ready->text) : 0, step->loose); break;
    case 'B': put_text(out, ready->bytes, ready->length, false); break;
    case 'L': put_number(out, (int64_t)ready->length); break;
    case 'R': put_text(out, ready->random, ready->length, step->loose); break;
    case 'g':
        put_value(out, ready->page.rows, false);
        put_number(out, ready->page.next != NULL);
        put_number(out, ready->page.previous != NULL);
        break;
    case 'N':
        put_number(out, ready->answer.status);
        put_value(out, ready->answer.headers, false);
        put_text(out, ready->answer.body, ready->answer.body_length, false);
        break;
    case 'e': put_text(out, ready->error.message, strlen(ready->error.message), false); break;
    default: break;
    }
}

/* All integers and pointers go through the same registers, whatever their type, and reals through
 * their own, and those past the sixth to the same places behind them: so one form of call serves
 * every function, on each machine this is built for. */
typedef uint64_t function_of_words(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                                   double, uint64_t, uint64_t);
typedef double function_of_real(uint64_t, double);

static void call_function(const struct portico_table *table, const struct row *row,
                          struct ready *ready, struct world *world, const struct step *step,
                          GByteArray *out)
{
    const char returned = strchr(row->signature, ':')[1];
    const uint64_t *w = ready->words;
    uint64_t result = 0;
    if (returned == 'd') {
        function_of_real *function;
        memcpy(&function, (const char *)table + row->offset, sizeof function);
        double real = function(w[0], ready->real);
        g_byte_array_append(out, (const guint8 *)&real, sizeof real);
        return;
    }
    function_of_words *function;
    memcpy(&function, (const char *)table + row->offset, sizeof function);
    result = function(w[0], w[1], w[2], w[3], w[4], w[5], ready->real, w[6], w[7]);
    void *pointer = (void *)(uintptr_t)result;
    int64_t number = returned == 'i'   ? (int32_t)result
                     : returned == 'u' ? (int64_t)(uint32_t)result
                                       : (int64_t)result;
    switch (returned) {
    case '-': break;
    case 'V':
        put_value(out, pointer, step->loose);
        world->slots[step->keep] = pointer;
        break;
    case 't': put_text(out, pointer, pointer ? strlen(pointer) : 0, step->loose); break;
    default:
        put_number(out, number);
        if (number != step->expect)
            g_error("%s of %s returned %lld instead of %lld: %s", row->function, row->interface,
                    (long long)number, (long long)step->expect, ready->error.message);
    }
}

/* Calls what a step says, of arguments `given`, and writes all its results. */
static void perform(struct world *world, const struct step *step, const struct given *given,
                    GByteArray *out)
{
    const struct row *row = row_of(step->interface, step->function);
    struct ready ready = { .error = PORTICO_ERROR_INIT };
    struct portico_context *context = &world->call.scope.context;
    void *handle = strchr(row->signature, 'H') || strchr(row->signature, 'C')
                       ? portico_interface(context, row->interface, 1)
                       : world->slots[1];
    const struct portico_table *table;
    g_assert_nonnull(handle);
    memcpy(&table, handle, sizeof table);
    for (const char *letter = row->signature; *letter != ':'; letter++) {
        if (*letter == 'H')
            PUSH(&ready, handle);
        else if (is_result(*letter))
            push_result(&ready, *letter);
        else
            push_given(world, &ready, *letter, given++);
    }
    call_function(table, row, &ready, world, step, out);
    for (const char *letter = row->signature; *letter != ':'; letter++)
        put_result(out, *letter, &ready, step);
    if (step->keep && ready.cursor)
        world->slots[step->keep] = ready.cursor;
    if (step->keep && ready.text)
        world->slots[step->keep] = ready.text;
    if (step->keep && ready.number)
        world->ids[step->keep] = ready.number;
}

struct far {
    struct world world;
    int requests[2], answers[2];
};

static void *serve(void *data)
{
    struct far *far = data;
    GByteArray *asked;
    world_enter(&far->world);
    while ((asked = receive(far->requests[0]))) {
        struct reader reader = { far->world.arena, asked->data, asked->data + asked->len };
        const struct step *step = &steps[read_number(&reader)];
        const char *signature = row_of(step->interface, step->function)->signature;
        struct given given[WORDS] = { { .number = 0 } };
        struct given *next = given;
        for (const char *letter = signature; *letter != ':'; letter++)
            if (*letter != 'H' && !is_result(*letter))
                read_given(&reader, *letter, next++);
        g_assert_true(reader.at == reader.end);
        GByteArray *out = g_byte_array_new();
        perform(&far->world, step, given, out);
        send_all(far->answers[1], out);
        g_byte_array_free(out, TRUE);
        g_byte_array_free(asked, TRUE);
    }
    world_leave(&far->world);
    return NULL;
}

/* The results of step `number`, from the other end of the pipe. */
static GByteArray *ask(struct far *far, size_t number)
{
    const struct step *step = &steps[number];
    const struct given *given = step->given;
    GByteArray *out = g_byte_array_new();
    put_number(out, (int64_t)number);
    const char *letter = row_of(step->interface, step->function)->signature;
    for (; *letter != ':'; letter++)
        if (*letter != 'H' && !is_result(*letter))
            write_given(out, *letter, given++);
    send_all(far->requests[1], out);
    g_byte_array_free(out, TRUE);
    return receive(far->answers[0]);
}

/* Where two results part, readable. */
static void say_difference(const GByteArray *direct, const GByteArray *remote)
{
    guint at = 0;
    while (at < direct->len && at < remote->len && direct->data[at] == remote->data[at])
        at++;
    if (at == direct->len && at == remote->len)
        return;
    guint from = at > 40 ? at - 40 : 0;
    g_test_message("they part at byte %u of %u and %u, after \"%.*s\"", at, direct->len,
                   remote->len, (int)(at - from), (const char *)direct->data + from);
}

static bool is_offered(const char *interface)
{
    return strcmp(interface, "portico.value") == 0 || interface_find(interface);
}

static void test_every_call_is_the_same_through_a_pipe(void)
{
    struct world near = { .shop = NULL };
    struct far far = { .requests = { -1, -1 } };
    pthread_t thread;
    world_open(&near);
    world_open(&far.world);
    g_assert_cmpint(pipe(far.requests), ==, 0);
    g_assert_cmpint(pipe(far.answers), ==, 0);
    world_enter(&near);
    g_assert_cmpint(pthread_create(&thread, NULL, serve, &far), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        if (!is_offered(steps[i].interface))
            continue;
        g_test_message("%s of %s", steps[i].function, steps[i].interface);
        GByteArray *direct = g_byte_array_new();
        perform(&near, &steps[i], steps[i].given, direct);
        GByteArray *remote = ask(&far, i);
        say_difference(direct, remote);
        g_assert_cmpmem(direct->data, direct->len, remote->data, remote->len);
        g_byte_array_free(remote, TRUE);
        g_byte_array_free(direct, TRUE);
    }
    close(far.requests[1]);
    pthread_join(thread, NULL);
    close(far.requests[0]);
    close(far.answers[0]);
    close(far.answers[1]);
    world_leave(&near);
    world_close(&far.world);
    world_close(&near);
}

/* Rows of an interface cover its table from the head to its end, each once. */
static void check_rows(const char *interface, const struct portico_table *table, bool remotable)
{
    size_t functions = (table->size - sizeof *table) / sizeof(void *), found = 0;
    for (size_t at = sizeof *table; at < table->size; at += sizeof(void *)) {
        unsigned here = 0, asked = 0;
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
            if (strcmp(rows[i].interface, interface) != 0 || rows[i].offset != at)
                continue;
            here++;
            for (size_t s = 0; s < G_N_ELEMENTS(steps); s++)
                asked += strcmp(steps[s].interface, interface) == 0 &&
                         strcmp(steps[s].function, rows[i].function) == 0;
        }
        g_test_message("%s at %zu", interface, at);
        g_assert_cmpuint(here, ==, remotable ? 1 : 0);
        g_assert_true(!remotable || asked > 0);
        found += here;
    }
    g_assert_cmpuint(found, ==, remotable ? functions : 0);
}

static void test_every_function_has_a_row(void)
{
    struct world world = { .shop = NULL };
    world_open(&world);
    world_enter(&world);
    for (unsigned i = 0; interface_at(i); i++) {
        struct portico_context *context = &world.call.scope.context;
        void *handle = portico_interface(context, interface_at(i)->name, 1);
        const struct portico_table *table;
        if (!interface_at(i)->remotable)
            continue;
        g_assert_nonnull(handle);
        memcpy(&table, handle, sizeof table);
        check_rows(interface_at(i)->name, table, true);
    }
    check_rows("portico.value", &value_api.table, true);
    world_leave(&world);
    world_close(&world);
}

/* A context and a request stand for memory and a connection of this process: no row may name one.
 */
static void test_what_stays_in_the_process_has_no_row(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmpstr(rows[i].interface, !=, "portico.context");
        g_assert_cmpstr(rows[i].interface, !=, "portico.request");
    }
    g_assert_false(interface_find("portico.context")->remotable);
    g_assert_false(interface_find("portico.request")->remotable);
}

int main(int argc, char **argv)
{
    WORKSHOP_MAIN(argc, argv);
    module_host_prepare();
    g_test_add_func("/remote/every function of a remotable table has a row",
                    test_every_function_has_a_row);
    g_test_add_func("/remote/what stays in the process has no row",
                    test_what_stays_in_the_process_has_no_row);
    g_test_add_func("/remote/every call is the same through a pipe",
                    test_every_call_is_the_same_through_a_pipe);
    return g_test_run();
}
