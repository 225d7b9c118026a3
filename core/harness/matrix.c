#include "harness/matrix.h"

#include "base/error.h"
#include "base/id.h"
#include "harness/matrix_town.h"
#include "harness/surroundings.h"

#include <glib.h>
#include <inttypes.h>

struct matrix {
    struct bench *bench;
    const char *(*make)(struct portico_bench *bench, portico_id account, const char *canary);
    struct arena *arena;
    const struct portico_route *routes;
    uint32_t route_count;
    struct matrix_town town;
    const char *canaries[SIDES];
    const char *values[SIDES]; /* what the parameters take: "id=1 space=2" */
    const char *missing;       /* the same of what there is none of */
    const char *states[SIDES]; /* as of state_of(); NULL: it is to be read */
    unsigned requests, failures;
    bool may_miss; /* that nobody reaches a route that writes is no failure */
    bool narrow;   /* rows are for some of the account: its plain member is none of them */
};

/* An answer as it is held against another: without what differs each time. */
struct answer {
    unsigned status;
    const char *fields; /* of its header, a line each */
    const char *body;
};

static void fail(struct matrix *matrix, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void fail(struct matrix *matrix, const char *format, ...)
{
    char text[1000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    matrix->failures++;
    bench_record(matrix->bench, RECORD_FAILURE, "%s", text);
}

/* ---- parameters ---- */

const char *matrix_value(struct arena *arena, const char *values, struct text name)
{
    for (const char *at = values; at && *(at += strspn(at, " "));) {
        size_t length = strcspn(at, " ");
        if (length > name.length && at[name.length] == '=' &&
            strncmp(at, name.data, name.length) == 0)
            return arena_strndup(arena, at + name.length + 1, length - name.length - 1);
        at += length;
    }
    return NULL;
}

static const char *value_in(struct matrix *matrix, const char *values, struct text name)
{
    return matrix_value(matrix->arena, values, name);
}

/* The same for the parameter that begins at `at` of a pattern: "topics/id=12" is for {id} behind
 * "/topics/", where others are meant elsewhere. */
static const char *value_behind(struct matrix *matrix, const char *values, const char *pattern,
                                const char *at, struct text name)
{
    const char *segment = at > pattern ? at - 1 : at;
    while (segment > pattern && segment[-1] != '/')
        segment--;
    const char *whole = arena_printf(matrix->arena, "%.*s%.*s", (int)(at - segment), segment,
                                     (int)name.length, name.data);
    const char *value =
        whole ? value_in(matrix, values, (struct text){ whole, strlen(whole) }) : NULL;
    return value ? value : value_in(matrix, values, name);
}

/* The pattern with its parameters' values, each of the two sides' where they differ `other` if that
 * is given. NULL: a parameter has no value, `ret_name` says which. */
static const char *fill(struct matrix *matrix, const char *pattern, const char *values,
                        const char *other, struct text *ret_name)
{
    GString *path = g_string_new(NULL);
    const char *filled = NULL;
    bool good = true;
    for (const char *at = pattern; good && *at;) {
        if (*at != '{') {
            g_string_append_c(path, *at++);
            continue;
        }
        size_t length = strcspn(at + 1, ".}");
        struct text name = { at + 1, length };
        const char *value = value_behind(matrix, values, pattern, at, name);
        const char *mirror =
            value_behind(matrix, matrix->values[values == matrix->values[0]], pattern, at, name);
        bool stands_for_row = value && mirror && strcmp(value, mirror) != 0;
        good = value != NULL;
        *ret_name = name;
        if (good)
            g_string_append(path, stands_for_row && other ? other : value);
        at += strcspn(at, "}") + 1;
    }
    if (good)
        filled = arena_strdup(matrix->arena, path->str);
    g_string_free(path, TRUE);
    return filled;
}

static bool has_parameters(const struct portico_route *route)
{
    return strchr(route->pattern, '{') != NULL;
}

static bool reads(const struct portico_route *route)
{
    return strcmp(route->method, "GET") == 0;
}

/* Of the values that differ between the sides, others of the same kind. */
static const char *missing_values(struct matrix *matrix)
{
    const char *missing = "";
    for (const char *at = matrix->values[0]; *(at += strspn(at, " "));) {
        size_t length = strcspn(at, " "), name = strcspn(at, "=");
        const char *value = value_in(matrix, matrix->values[0], (struct text){ at, name });
        const char *other = value_in(matrix, matrix->values[1], (struct text){ at, name });
        bool same = !value || !other || strcmp(value, other) == 0;
        bool number = value && strspn(value, "0123456789") == strlen(value);
        const char *none = same     ? value
                           : number ? arena_printf(matrix->arena, "%" PRId64, id_new())
                                    : arena_printf(matrix->arena, "none-%s", value);
        missing =
            arena_printf(matrix->arena, "%s %.*s=%s", missing, (int)name, at, none ? none : "");
        at += length;
    }
    return missing;
}

static bool is_foreign(const struct matrix *matrix, const struct asker *asker, int side)
{
    const bool made_it = asker == matrix_author(&matrix->town, side);
    return asker->foreign && (asker->side != side || (matrix->narrow && !made_it));
}

/* ---- asking ---- */

static const char *replace_all(struct arena *arena, const char *text, const char *what,
                               const char *by)
{
    GString *out = g_string_new(text);
    if (what && *what)
        g_string_replace(out, what, by, 0);
    const char *kept = arena_strdup(arena, out->str);
    g_string_free(out, TRUE);
    return kept ? kept : "";
}

/* Keys and tokens of forms are new each time. */
static const char *without_tokens(struct arena *arena, const char *text)
{
    static const char *const marks[] = { "name=\"portico_key\" value=\"",
                                         "name=\"portico_token\" value=\"" };
    GString *out = g_string_new(text);
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
        for (char *at = strstr(out->str, marks[i]); at; at = strstr(at, marks[i])) {
            at += strlen(marks[i]);
            gssize from = at - out->str;
            g_string_erase(out, from, (gssize)strcspn(at, "\""));
            at = out->str + from;
        }
    const char *kept = arena_strdup(arena, out->str);
    g_string_free(out, TRUE);
    return kept ? kept : "";
}

/* What the header says. Reviewed: what these fields hold is new each time, or follows from bytes of
 * the body, which are compared without what is new in them. */
static const char *fields_of(struct matrix *matrix, const char *request)
{
    static const char *const new_each_time[] = { "date", "x-request-id", "etag", "content-length",
                                                 "set-cookie" };
    const struct bench_answer *answer = &matrix->bench->answer;
    const char *all = "";
    for (size_t i = 0; all && i < answer->field_count; i++) {
        const struct text name = answer->fields[i].name, value = answer->fields[i].value;
        bool is_new = false;
        for (size_t j = 0; j < G_N_ELEMENTS(new_each_time); j++)
            is_new |= text_equals_ignoring_case(name, text_of(new_each_time[j]));
        all = arena_printf(matrix->arena, "%s%.*s: %.*s\n", all, (int)name.length, name.data,
                           is_new ? 0 : (int)value.length, value.data);
    }
    return replace_all(matrix->arena, all ? all : "", request, "{request}");
}

static struct answer ask(struct matrix *matrix, const struct asker *asker, const char *method,
                         const char *target, const char *body, const char *media_type)
{
    /* What others write changes nothing of a side: that is what is to be seen. */
    for (int side = 0; side < SIDES && strcmp(method, "GET") != 0; side++)
        if (!is_foreign(matrix, asker, side))
            matrix->states[side] = NULL;
    struct bench *bench = matrix->bench;
    const struct portico_test_request request = { .size = sizeof request,
                                                  .method = method,
                                                  .target = target,
                                                  .media_type = media_type,
                                                  .body = body,
                                                  .body_length = body ? strlen(body) : 0 };
    matrix_act(bench, &matrix->town, asker);
    matrix->requests++;
    struct answer answer = { .status = bench_send(&bench->public, &request) };
    answer.body = without_tokens(matrix->arena, bench_api.body(&bench->public, NULL));
    const char *id = bench_api.header(&bench->public, "x-request-id");
    answer.body = replace_all(matrix->arena, answer.body, id, "{request}");
    answer.fields = fields_of(matrix, id);
    return answer;
}

static struct answer ask_route(struct matrix *matrix, const struct asker *asker,
                               const struct portico_route *route, const char *target,
                               const char *values)
{
    const char *media_type;
    const char *body =
        matrix_body(matrix->arena, matrix->bench->module->descriptor, route, values, &media_type);
    return ask(matrix, asker, route->method, target, media_type ? body : NULL, media_type);
}

/* With the path taken out, as one address and another are to be told apart by nothing else. */
static const char *without(struct matrix *matrix, const char *body, const char *target,
                           const char *values)
{
    const char *text = replace_all(matrix->arena, body, target, "{target}");
    for (const char *at = values; *(at += strspn(at, " "));) {
        size_t length = strcspn(at, " "), name = strcspn(at, "=");
        if (length > name + 4) /* shorter ones may be words of the page */
            text = replace_all(matrix->arena, text,
                               arena_strndup(matrix->arena, at + name + 1, length - name - 1),
                               "{value}");
        at += length;
    }
    return text;
}

static struct answer answer_without(struct matrix *matrix, const struct answer *answer,
                                    const char *target, const char *values)
{
    return (struct answer){ answer->status, without(matrix, answer->fields, target, values),
                            without(matrix, answer->body, target, values) };
}

static const char *where_they_differ(struct matrix *matrix, const char *one, const char *other)
{
    size_t at = 0;
    while (one[at] && one[at] == other[at])
        at++;
    size_t from = at > 20 ? at - 20 : 0;
    char *first = g_utf8_make_valid(one + from, (gssize)MIN(strlen(one + from), 60));
    char *second = g_utf8_make_valid(other + from, (gssize)MIN(strlen(other + from), 60));
    const char *text = arena_printf(matrix->arena, "\n  one  …%s…\n  other …%s…", first, second);
    g_free(first);
    g_free(second);
    return text ? text : "";
}

/* ---- rows ---- */

static const char *make_row(struct matrix *matrix, int side)
{
    struct bench *bench = matrix->bench;
    matrix_act(bench, &matrix->town, matrix_author(&matrix->town, side));
    matrix->states[0] = matrix->states[1] = NULL;
    const char *values =
        matrix->make(&bench->public, matrix->town.accounts[side], matrix->canaries[side]);
    if (!values)
        fail(matrix, "The matrix has no row to ask for: its function made none.");
    return values ? arena_strdup(matrix->arena, values) : NULL;
}

/* What the author of a row sees of it, all routes together. */
static const char *state_of(struct matrix *matrix, int side)
{
    const struct asker *author = matrix_author(&matrix->town, side);
    GString *all = g_string_new(NULL);
    struct text name;
    for (uint32_t i = 0; i < matrix->route_count; i++) {
        const char *target =
            reads(&matrix->routes[i]) && has_parameters(&matrix->routes[i])
                ? fill(matrix, matrix->routes[i].pattern, matrix->values[side], NULL, &name)
                : NULL;
        if (!target)
            continue;
        struct answer answer =
            ask_route(matrix, author, &matrix->routes[i], target, matrix->values[side]);
        g_string_append_printf(all, "%u %s\n", answer.status, answer.body);
    }
    const char *kept = arena_strdup(matrix->arena, all->str);
    g_string_free(all, TRUE);
    matrix->states[side] = kept ? kept : "";
    return matrix->states[side];
}

/* The same as it was read last, where nobody has changed it since who may. */
static const char *state_before(struct matrix *matrix, int side)
{
    return matrix->states[side] ? matrix->states[side] : state_of(matrix, side);
}

/* A token opens the API alone. */
static bool is_asked(const struct asker *asker, const struct portico_route *route)
{
    return !asker->by_token || g_str_has_prefix(route->pattern, "/api/");
}

/* Whose the row is, in a sentence about the asker. */
static const char *whose(const struct asker *asker, int side)
{
    return asker->side == side ? "others in it" : "another account";
}

static const char *near_values(const struct matrix *matrix, const struct asker *asker)
{
    return matrix->values[asker->side < SIDES ? asker->side : 0];
}

static void check_canary(struct matrix *matrix, const struct asker *asker, const char *what,
                         const char *body, int side)
{
    if (strstr(body, matrix->canaries[side]))
        fail(matrix, "%s shows %s what %s wrote.", what, asker->name, whose(asker, side));
}

/* ---- one row at a time ---- */

/* Sent to sign in, refused for want of a permission, or for the method: whatever the id. */
static bool is_gate(unsigned status)
{
    return status == 401 || status == 403 || (status >= 300 && status < 400);
}

static void check_malformed(struct matrix *matrix, const struct asker *asker,
                            const struct portico_route *route, const char *values,
                            unsigned missing_status)
{
    static const char *const wrong[] = { "x", "0", "-1", "99999999999999999999", "1%27", "%E2%82" };
    struct text name;
    const char *plain = fill(matrix, route->pattern, values, NULL, &name);
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        const char *target = fill(matrix, route->pattern, values, wrong[i], &name);
        if (!target || strcmp(target, plain) == 0)
            continue;
        struct answer answer = ask_route(matrix, asker, route, target, values);
        bool gated = missing_status != 404 && answer.status == missing_status;
        if (answer.status == 400 || answer.status == 404 || gated)
            continue;
        fail(matrix, "%s %s answers %s with %u, but that is no id: 400 or 404.", route->method,
             target, asker->name, answer.status);
        return;
    }
}

/* `made`: what was made of it is another one each time, and so are its address and words. */
static void compare(struct matrix *matrix, const char *what, const struct asker *asker, int side,
                    const struct answer *foreign, const struct answer *missing, bool made)
{
    const char *who = whose(asker, side);
    if (foreign->status != missing->status)
        fail(matrix, "%s tells %s that there is a row of %s: %u, but %u for a missing one.", what,
             asker->name, who, foreign->status, missing->status);
    else if (!made && strcmp(foreign->fields, missing->fields) != 0)
        fail(matrix, "%s tells %s by its header that there is a row of %s:%s", what, asker->name,
             who, where_they_differ(matrix, foreign->fields, missing->fields));
    else if (!made && strcmp(foreign->body, missing->body) != 0)
        fail(matrix, "%s tells %s by its body that there is a row of %s:%s", what, asker->name, who,
             where_they_differ(matrix, foreign->body, missing->body));
}

/* Asks with `values`, some or all of which are of `side`. */
static void check_foreign(struct matrix *matrix, const struct asker *asker,
                          const struct portico_route *route, int side, const char *values,
                          const char *missing_target, const struct answer *missing)
{
    struct text name;
    const char *target = fill(matrix, route->pattern, values, NULL, &name);
    const char *what = arena_printf(matrix->arena, "%s %s", route->method, route->pattern);
    const char *before = reads(route) ? NULL : state_before(matrix, side);
    struct answer answer = ask_route(matrix, asker, route, target, near_values(matrix, asker));
    struct answer own = answer_without(matrix, &answer, target, matrix->values[side]);
    struct answer other = answer_without(matrix, missing, missing_target, matrix->missing);
    check_canary(matrix, asker, what, answer.body, side);
    compare(matrix, what, asker, side, &own, &other, false);
    const char *after = reads(route) ? NULL : state_of(matrix, side);
    if (before && strcmp(before, after) != 0)
        fail(matrix, "%s lets %s change a row of %s:%s", what, asker->name, whose(asker, side),
             where_they_differ(matrix, before, after));
}

/* The values, but for the one called `name`, which is as in `from`. */
static const char *with_one(struct matrix *matrix, const char *values, const char *from,
                            struct text name)
{
    return arena_printf(matrix->arena, "%.*s=%s %s", (int)name.length, name.data,
                        value_in(matrix, from, name), values);
}

/* Of several ids in an address one is another's each time, and the others are one's own: whoever
 * looks at the first alone is found by the second. */
static void check_mixed(struct matrix *matrix, const struct asker *asker,
                        const struct portico_route *route)
{
    const char *near = near_values(matrix, asker);
    struct text missing_name;
    const char *plain = fill(matrix, route->pattern, near, NULL, &missing_name);
    const char *gone = fill(matrix, route->pattern, matrix->missing, NULL, &missing_name);
    for (const char *at = matrix->values[0]; *(at += strspn(at, " ")); at += strcspn(at, " ")) {
        const struct text name = { at, strcspn(at, "=") };
        if (!value_in(matrix, near, name) || !value_in(matrix, matrix->missing, name))
            continue;
        const char *target =
            fill(matrix, route->pattern, with_one(matrix, near, matrix->missing, name), NULL,
                 &missing_name);
        if (strcmp(target, plain) == 0 || strcmp(target, gone) == 0) /* not in it, or all of it */
            continue;
        struct answer missing = ask_route(matrix, asker, route, target, near);
        for (int side = 0; side < SIDES; side++)
            if (is_foreign(matrix, asker, side) && value_in(matrix, matrix->values[side], name))
                check_foreign(matrix, asker, route, side,
                              with_one(matrix, near, matrix->values[side], name), target, &missing);
    }
}

static void check_asker(struct matrix *matrix, const struct asker *asker,
                        const struct portico_route *route)
{
    int near = asker->side < SIDES ? asker->side : 0;
    struct text name;
    const char *target = fill(matrix, route->pattern, matrix->missing, NULL, &name);
    const char *plain = fill(matrix, route->pattern, matrix->values[near], NULL, &name);
    if (strcmp(target, plain) == 0) /* no parameter of it stands for a row */
        return;
    struct answer missing = ask_route(matrix, asker, route, target, near_values(matrix, asker));
    if (missing.status < 400 && !(is_gate(missing.status) && !asker->person) &&
        !(route->flags & PORTICO_ROUTE_OUTSIDE))
        fail(matrix, "%s %s answers %s with %u where there is no such row: 404.", route->method,
             route->pattern, asker->name, missing.status);
    check_malformed(matrix, asker, route, matrix->values[near], missing.status);
    for (int side = 0; side < SIDES; side++)
        if (is_foreign(matrix, asker, side))
            check_foreign(matrix, asker, route, side, matrix->values[side], target, &missing);
    check_mixed(matrix, asker, route);
}

/* Sent on to a page that is there, and not to sign in. */
static bool is_sent_on(struct matrix *matrix, const struct asker *asker,
                       const struct answer *answer)
{
    const char *location = bench_api.header(&matrix->bench->public, "location");
    if (answer->status < 300 || answer->status > 399 || !location || *location != '/' ||
        g_str_has_prefix(location, "/login"))
        return false;
    location = arena_strndup(matrix->arena, location, strcspn(location, "#"));
    return location && ask(matrix, asker, "GET", location, NULL, NULL).status < 400;
}

/* Somebody whose row it is gets there: else the rest says nothing. */
static void check_own(struct matrix *matrix, const struct portico_route *route)
{
    struct text name;
    unsigned reached = 0;
    for (size_t i = 0; i < ASKERS && !reached; i++) {
        const struct asker *asker = &matrix->town.askers[i];
        int side = asker->side < SIDES ? asker->side : 0;
        if (!is_asked(asker, route))
            continue;
        const char *values = reads(route) ? matrix->values[side] : make_row(matrix, side);
        const char *kept = matrix->values[side];
        if (!values)
            return;
        matrix->values[side] = values;
        const char *target = fill(matrix, route->pattern, values, NULL, &name);
        struct answer answer = ask_route(matrix, asker, route, target, values);
        /* 422 is said of words before anybody looks for the row, or may be. */
        reached = answer.status != 404 && answer.status != 400 && answer.status != 422 &&
                  !is_gate(answer.status) && answer.status < 500;
        reached |= asker->person && is_sent_on(matrix, asker, &answer);
        /* What was written may be shared with more by it: other routes are asked for what was not.
         */
        matrix->values[side] = reads(route) || !reached || matrix->narrow ? kept : values;
        if (answer.status >= 500)
            fail(matrix, "%s %s answers %s with %u.", route->method, route->pattern, asker->name,
                 answer.status);
    }
    if (!reached && matrix->may_miss && !reads(route))
        bench_record(matrix->bench, RECORD_NOTE, "The matrix compared only refusals of %s %s.",
                     route->method, route->pattern);
    else if (!reached)
        fail(matrix, "%s %s is reached by nobody with \"%s\": give what its parameters take.",
             route->method, route->pattern, matrix->values[0]);
}

/* ---- ids in a query or body ---- */

static const char *asked_with(struct matrix *matrix, const char *target, const char *name,
                              const char *value)
{
    char *escaped = g_uri_escape_string(value, NULL, FALSE);
    const char *whole = arena_printf(matrix->arena, "%s%c%s=%s", target,
                                     strchr(target, '?') ? '&' : '?', name, escaped);
    g_free(escaped);
    return whole ? whole : target;
}

/* What the route says where the named id is `value`, all else being the asker's own. */
static struct answer ask_naming(struct matrix *matrix, const struct asker *asker,
                                const struct portico_route *route, const char *name,
                                const char *value)
{
    struct text missing = { "", 0 };
    const char *values = near_values(matrix, asker);
    const char *target = fill(matrix, route->pattern, values, NULL, &missing);
    if (reads(route))
        target = asked_with(matrix, target ? target : "/", name, value);
    else
        values = arena_printf(matrix->arena, "body:%s=%s %s", name, value, values);
    struct answer answer = ask_route(matrix, asker, route, target ? target : "/", values);
    answer.fields = replace_all(matrix->arena, answer.fields, value, "{value}");
    answer.body = replace_all(matrix->arena, answer.body, value, "{value}");
    return answer_without(matrix, &answer, target ? target : "/", near_values(matrix, asker));
}

static void check_naming(struct matrix *matrix, const struct asker *asker,
                         const struct portico_route *route, struct text whole, const char *name)
{
    const char *none = value_in(matrix, matrix->missing, whole);
    struct answer missing = ask_naming(matrix, asker, route, name, none);
    const char *what = arena_printf(matrix->arena, "%s %s (by %s in its %s)", route->method,
                                    route->pattern, name, reads(route) ? "query" : "body");
    for (int side = 0; side < SIDES; side++) {
        if (!is_foreign(matrix, asker, side))
            continue;
        const char *before = reads(route) ? NULL : state_before(matrix, side);
        struct answer answer =
            ask_naming(matrix, asker, route, name, value_in(matrix, matrix->values[side], whole));
        check_canary(matrix, asker, what, answer.body, side);
        compare(matrix, what, asker, side, &answer, &missing, !reads(route) && answer.status < 300);
        const char *after = before ? state_of(matrix, side) : NULL;
        if (before && strcmp(before, after) != 0)
            fail(matrix, "%s lets %s change a row of %s:%s", what, asker->name, whose(asker, side),
                 where_they_differ(matrix, before, after));
    }
}

/* Whether the author's own id is answered otherwise than one there is none of: else the rest says
 * nothing. */
static bool tells_own(struct matrix *matrix, const struct portico_route *route, struct text whole,
                      const char *name)
{
    const struct asker *author = matrix_author(&matrix->town, 0);
    struct answer own =
        ask_naming(matrix, author, route, name, value_in(matrix, matrix->values[0], whole));
    struct answer missing =
        ask_naming(matrix, author, route, name, value_in(matrix, matrix->missing, whole));
    return own.status != missing.status || strcmp(own.body, missing.body) != 0;
}

/* Each "query:NAME" with all lists, each "body:NAME" with those that take such a field.
 */
static void check_named(struct matrix *matrix, struct text whole, bool query)
{
    struct text field = { whole.data + strcspn(whole.data, ":") + 1, 0 }, missing = { "", 0 };
    field.length = whole.length - (size_t)(field.data - whole.data);
    const char *name = arena_strndup(matrix->arena, field.data, field.length);
    bool told = false;
    for (uint32_t i = 0; name && i < matrix->route_count; i++) {
        const struct portico_route *route = &matrix->routes[i];
        if (reads(route) != query || (query && has_parameters(route)) ||
            !fill(matrix, route->pattern, matrix->values[0], NULL, &missing) ||
            (!query &&
             !matrix_takes(matrix->arena, matrix->bench->module->descriptor, route, field)))
            continue;
        for (size_t a = 0; a < ASKERS; a++)
            if (is_asked(&matrix->town.askers[a], route))
                check_naming(matrix, &matrix->town.askers[a], route, whole, name);
        told = told || tells_own(matrix, route, whole, name);
    }
    if (!told)
        fail(matrix,
             "The matrix found no route that answers otherwise for \"%.*s\" than for what there "
             "is none of: see how the field is called.",
             (int)whole.length, whole.data);
}

static void check_all_named(struct matrix *matrix)
{
    for (const char *at = matrix->values[0]; *(at += strspn(at, " ")); at += strcspn(at, " ")) {
        struct text whole = { at, strcspn(at, "=") };
        const char *one = value_in(matrix, matrix->values[0], whole);
        const char *other = value_in(matrix, matrix->values[1], whole);
        bool query = g_str_has_prefix(at, "query:"), body = g_str_has_prefix(at, "body:");
        if ((query || body) && one && other && strcmp(one, other) != 0)
            check_named(matrix, whole, query);
    }
}

static void check_row_routes(struct matrix *matrix)
{
    for (uint32_t i = 0; i < matrix->route_count; i++) {
        const struct portico_route *route = &matrix->routes[i];
        struct text name = { "", 0 };
        if (!has_parameters(route))
            continue;
        if (!fill(matrix, route->pattern, matrix->values[0], NULL, &name)) {
            fail(matrix,
                 "%s %s: the matrix does not know what {%.*s} takes: add it to what its "
                 "function returns.",
                 route->method, route->pattern, (int)name.length, name.data);
            continue;
        }
        for (size_t a = 0; a < ASKERS; a++)
            if (is_asked(&matrix->town.askers[a], route))
                check_asker(matrix, &matrix->town.askers[a], route);
        check_own(matrix, route);
    }
}

/* ---- lists, counts, feeds, searches ---- */

/* What an asker gets of every address without parameters, and of the portal's own search. */
static GPtrArray *look_around(struct matrix *matrix, const struct asker *asker, const char *word)
{
    GPtrArray *bodies = g_ptr_array_new();
    const char *search = arena_printf(matrix->arena, "/search?q=%s", word);
    for (uint32_t i = 0; i <= matrix->route_count; i++) {
        const struct portico_route *route = i < matrix->route_count ? &matrix->routes[i] : NULL;
        if (route ? !reads(route) || has_parameters(route) || !is_asked(asker, route)
                  : asker->by_token)
            continue;
        const char *asked =
            arena_printf(matrix->arena, "%s?q=%s", route ? route->pattern : "", word);
        const char *targets[] = { route ? route->pattern : search, route ? asked : NULL };
        for (size_t t = 0; t < 2 && targets[t]; t++) {
            struct answer answer = ask(matrix, asker, "GET", targets[t], NULL, NULL);
            const char *body = replace_all(matrix->arena, answer.body, word, "{word}");
            g_ptr_array_add(bodies,
                            arena_printf(matrix->arena, "GET %s\n%u %s",
                                         route ? route->pattern : "/search", answer.status, body));
        }
    }
    return bodies;
}

static void check_around(struct matrix *matrix, const struct asker *asker, int side,
                         GPtrArray *before)
{
    GPtrArray *after = look_around(matrix, asker, matrix->canaries[side]);
    const char *said = "";
    for (guint i = 0; i < before->len; i++) {
        const char *one = g_ptr_array_index(before, i), *other = g_ptr_array_index(after, i);
        size_t route = strcspn(one, "\n") + 1;
        if (strcmp(one, other) == 0 || strncmp(said, one, route) == 0)
            continue;
        said = one;
        fail(matrix, "%.*s tells %s of a row more of %s:%s", (int)route - 1, one, asker->name,
             whose(asker, side), where_they_differ(matrix, one + route, other + route));
    }
    g_ptr_array_free(after, TRUE);
}

/* Makes the rows of a side; whoever is foreign to it notices nothing. */
static void make_side(struct matrix *matrix, int side)
{
    GPtrArray *before[ASKERS] = { NULL };
    for (size_t i = 0; i < ASKERS; i++)
        if (is_foreign(matrix, &matrix->town.askers[i], side))
            before[i] = look_around(matrix, &matrix->town.askers[i], "matrixnowhere");
    matrix->values[side] = make_row(matrix, side);
    for (size_t i = 0; i < ASKERS; i++) {
        if (before[i] && matrix->values[side])
            check_around(matrix, &matrix->town.askers[i], side, before[i]);
        if (before[i])
            g_ptr_array_free(before[i], TRUE);
    }
}

int matrix_run(struct portico_bench *public,
               const char *(*make)(struct portico_bench *bench, portico_id account,
                                   const char *canary),
               uint32_t flags)
{
    struct bench *bench = bench_of(public);
    const struct portico_module *module = bench->module->descriptor;
    struct matrix matrix = {
        .bench = bench,
        .make = make,
        .arena = bench->arena,
        .routes = module->routes.items,
        .route_count = module->routes.count,
        .canaries = { "matrixalder", "matrixbirch" },
    };
    matrix.may_miss = (flags & PORTICO_MATRIX_UNREACHED) != 0;
    matrix.narrow = (flags & PORTICO_MATRIX_NARROW) != 0;
    if (bench->mode != HARNESS_PLAIN)
        return 0;
    if (matrix_settle(bench, (flags & PORTICO_MATRIX_STAFF) != 0, &matrix.town) < 0)
        return 1;
    for (int side = 0; side < SIDES; side++)
        make_side(&matrix, side);
    if (matrix.values[0] && matrix.values[1]) {
        matrix.missing = missing_values(&matrix);
        check_row_routes(&matrix);
        check_all_named(&matrix);
    }
    bench_record(bench, RECORD_NOTE, "The matrix asked %u times.", matrix.requests);
    return (int)matrix.failures;
}
