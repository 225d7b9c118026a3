/* Fields of type SHARING: who may see something, chosen from what the viewer may choose.
 *
 * As typed it is a token, and behind it the handles of people: "me", "people mara ben",
 * "role:finance:12", "team:34", "account:12", "everyone". The number of an account may be missing:
 * the active one. A page's form has the handles in a field of their own. */
#include "module/form.h"

#include "base/error.h"
#include "identity/grant.h"
#include "identity/known.h"
#include "identity/person.h"
#include "identity/role.h"
#include "identity/standing.h"
#include "identity/team.h"
#include "module/knower.h"
#include "module/sharing.h"

#include <inttypes.h>

#define PEOPLE_MAX (IDENTITY_GRANTS_MAX - 1) /* and whoever shares it */
#define REFUSED /* translated */ "Choose one of the list."
#define ENDS ", \t\n"

struct form_sharing {
    const char *token; /* the first word, as the choices have it */
    const char *handles;
    struct sharing sharing;
    int64_t *people;
    size_t people_count;
    bool granted; /* whoever shares it was added to the people */
};

/* ---- as typed ---- */

static struct text first_word(const char *typed)
{
    const char *at = typed + strspn(typed, ENDS);
    return (struct text){ at, strcspn(at, ENDS) };
}

/* "role:finance:12" into its parts. False: it is no token. */
static bool read_token(struct arena *arena, struct text token, struct sharing *ret_sharing)
{
    struct sharing sharing = { 0 };
    long long number = 0;
    const char *end = token.data + token.length;
    const char *colon = memchr(token.data, ':', token.length);
    size_t word = colon ? (size_t)(colon - token.data) : token.length;
    sharing.level = sharing_level((struct text){ token.data, word });
    if (sharing.level == PORTICO_LEVEL_ROLE && colon) {
        const char *next = memchr(colon + 1, ':', (size_t)(end - colon - 1));
        sharing.role = arena_strndup(arena, colon + 1, (size_t)((next ? next : end) - colon - 1));
        colon = next;
    }
    struct text digits = { colon ? colon + 1 : NULL, colon ? (size_t)(end - colon - 1) : 0 };
    if (colon && (!text_to_int64(digits, &number) || number < 1))
        return false;
    if (sharing.level == PORTICO_LEVEL_TEAM)
        sharing.team = number;
    else
        sharing.account = number;
    *ret_sharing = sharing;
    return sharing.level != 0;
}

static const char *write_token(struct arena *arena, const struct sharing *sharing)
{
    const char *word = sharing_word(sharing->level);
    if (sharing->level == PORTICO_LEVEL_ROLE)
        return arena_printf(arena, "role:%s:%" PRId64, sharing->role, sharing->account);
    if (sharing->team)
        return arena_printf(arena, "team:%" PRId64, sharing->team);
    return sharing->account ? arena_printf(arena, "%s:%" PRId64, word, sharing->account) : word;
}

static bool is_same(const struct sharing *one, const struct sharing *other)
{
    const char *role = one->role ? one->role : "", *other_role = other->role ? other->role : "";
    return one->level == other->level && one->account == other->account &&
           one->team == other->team && strcmp(role, other_role) == 0;
}

/* Whether a word stands among others. */
static bool has_word(const char *words, struct text wanted)
{
    for (const char *at = words; at && *at;) {
        struct text word = first_word(at);
        if (word.length && text_equals(word, wanted))
            return true;
        at = word.data + word.length;
    }
    return false;
}

/* ---- what is offered ---- */

/* The choices of one field as they are put together. */
struct offering {
    struct form *form;
    struct form_field *field;
    GArray *choices;     /* of struct form_choice */
    const char *account; /* what the active account is called; NULL: not asked yet */
    int may;             /* whether they may share within it; -1: not asked yet */
    struct portico_error error;
};

static bool has_choice(const struct offering *offering, const char *value)
{
    for (guint i = 0; i < offering->choices->len; i++)
        if (strcmp(g_array_index(offering->choices, struct form_choice, i).value, value) == 0)
            return true;
    return false;
}

static int add_choice(struct offering *offering, const struct sharing *sharing,
                      const struct sharing_names *names)
{
    struct scope *scope = offering->form->scope;
    struct form_choice choice = { .value = write_token(scope->arena, sharing) };
    if (!choice.value)
        return PORTICO_ENOMEM;
    if (has_choice(offering, choice.value))
        return 0;
    static const struct sharing_names none = { 0 };
    int code =
        sharing_describe(scope, sharing, names ? names : &none, &choice.title, &offering->error);
    if (code == 0)
        g_array_append_val(offering->choices, choice);
    return code;
}

/* 1: it is there and they may choose it, in the form it is kept in; 0: not. */
static int may_offer(struct offering *offering, struct sharing *sharing)
{
    struct scope *scope = offering->form->scope;
    int code = sharing_check(scope, sharing, &offering->error);
    if (code < 0)
        return code == PORTICO_ENOENT ? 0 : code;
    return sharing_may(scope, sharing, &offering->error);
}

static int offer(struct offering *offering, struct sharing sharing)
{
    int may = may_offer(offering, &sharing);
    return may == 1 ? add_choice(offering, &sharing, NULL) : may;
}

/* One of many of the active account: what holds for one of them holds for all, and is asked once.
 */
static int offer_within(struct offering *offering, struct sharing sharing,
                        struct sharing_names names)
{
    struct scope *scope = offering->form->scope;
    int code = 0;
    if (offering->may < 0)
        offering->may = code = may_offer(offering, &(struct sharing){ .level = sharing.level,
                                                                      .account = sharing.account,
                                                                      .role = sharing.role,
                                                                      .team = sharing.team });
    if (offering->may > 0 && !offering->account)
        code = sharing_account_name(scope, sharing.account, &offering->account, &offering->error);
    names.account = offering->account;
    return code < 0 || offering->may <= 0 ? MIN(code, 0) : add_choice(offering, &sharing, &names);
}

static int offer_roles(struct offering *offering, int64_t account)
{
    struct scope *scope = offering->form->scope;
    struct identity_roles *roles;
    int code =
        identity_roles_take(scope->call->host->identity, scope_session(scope, &offering->error), -1,
                            &roles, &offering->error);
    if (code < 0)
        return code;
    for (size_t i = 0; code == 0 && i < identity_roles_count(roles); i++) {
        const struct identity_role *role = identity_roles_at(roles, i);
        const struct sharing sharing = { .level = PORTICO_LEVEL_ROLE,
                                         .account = account,
                                         .role = arena_strdup(scope->arena, role->key) };
        const struct sharing_names names = { .role = sharing_role_title(scope, role) };
        if (role->given && role->owner == (account == IDENTITY_OWNER))
            code = sharing.role ? offer_within(offering, sharing, names) : PORTICO_ENOMEM;
    }
    identity_roles_drop(roles);
    return code;
}

static int offer_teams(struct offering *offering, int64_t account)
{
    struct scope *scope = offering->form->scope;
    struct value *rows;
    int code =
        identity_teams(scope_session(scope, &offering->error), account, &rows, &offering->error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        code = offer_within(offering,
                            (struct sharing){ .level = PORTICO_LEVEL_TEAM,
                                              .account = account,
                                              .team = cells[0].integer },
                            (struct sharing_names){ .team = cells[1].text });
    }
    return code;
}

static int offer_below(struct offering *offering, int64_t account)
{
    struct scope *scope = offering->form->scope;
    struct value *rows;
    int code = store_host_query(
        scope_session(scope, &offering->error),
        "SELECT account FROM portico_account_above WHERE above = ? AND distance > 0 LIMIT 1",
        PORTICO_ARGS(portico_arg_integer(account)), &rows, &offering->error);
    return code < 0 || rows->count == 0
               ? code
               : offer(offering,
                       (struct sharing){ .level = PORTICO_LEVEL_BELOW, .account = account });
}

static int offer_level(struct offering *offering, uint32_t level)
{
    int64_t account = offering->form->call->viewer->account;
    bool needs_account = level == PORTICO_LEVEL_ROLE || level == PORTICO_LEVEL_TEAM ||
                         level == PORTICO_LEVEL_ACCOUNT || level == PORTICO_LEVEL_BELOW;
    if (needs_account && !account)
        return 0;
    switch (level) {
    case PORTICO_LEVEL_ROLE: return offer_roles(offering, account);
    case PORTICO_LEVEL_TEAM: return offer_teams(offering, account);
    case PORTICO_LEVEL_BELOW: return offer_below(offering, account);
    default: return offer(offering, (struct sharing){ .level = level, .account = account });
    }
}

/* What it has already, however it was shared; level 0: nothing that the viewer may know. */
static struct sharing read_set(struct form *form, const struct form_field *field)
{
    struct sharing set;
    if (!field->is_set || !read_token(form->scope->arena, first_word(field->set), &set) ||
        sharing_check(form->scope, &set, NULL) < 0)
        return (struct sharing){ 0 };
    return set;
}

/* What it has already stays to be chosen, whoever may choose it anew. */
static int offer_all(struct form *form, struct form_field *field, const struct sharing *set)
{
    struct offering offering = { .form = form,
                                 .field = field,
                                 .choices = g_array_new(FALSE, FALSE, sizeof(struct form_choice)),
                                 .may = -1,
                                 .error = PORTICO_ERROR_INIT };
    int code = scope_session(form->scope, &offering.error) ? 0 : PORTICO_EIO;
    for (uint32_t level = PORTICO_LEVEL_ONLY_ME; code == 0 && sharing_word(level); level++)
        if (has_word(field->field->choices, text_of(sharing_word(level))))
            code = offer_level(&offering, level);
    if (code == 0 && set->level)
        code = add_choice(&offering, set, NULL);
    size_t size = offering.choices->len * sizeof(struct form_choice);
    field->choices = code == 0 ? arena_alloc(form->scope->arena, size + 1) : NULL;
    field->choice_count = field->choices ? offering.choices->len : 0;
    if (field->choices && size)
        memcpy(field->choices, offering.choices->data, size);
    g_array_free(offering.choices, TRUE);
    return code == 0 && !field->choices ? PORTICO_ENOMEM : code;
}

/* ---- judging ---- */

static int refuse(struct form_reading *reading, const char *sentence)
{
    reading->sentence = sentence;
    return 0;
}

static int refuse_naming(struct arena *arena, struct form_reading *reading, const char *sentence,
                         const char *word, int64_t limit)
{
    reading->arguments = value_new(arena, PORTICO_OBJECT);
    if (!reading->arguments || value_set_text(reading->arguments, "word", word) < 0 ||
        value_set_integer(reading->arguments, "limit", limit) < 0)
        return PORTICO_ENOMEM;
    return refuse(reading, sentence);
}

/* Somebody one may name, or who has it already, active or not. */
static int find_person(struct form *form, const struct form_field *field, const char *handle,
                       int64_t *ret_person)
{
    struct store_session *session = scope_session(form->scope, NULL);
    const struct identity_knower knower = knower_of(form->call->viewer);
    const char *behind = field->is_set ? first_word(field->set).data : NULL;
    if (behind)
        behind += strcspn(behind, ENDS);
    if (!has_word(behind, text_of(handle)))
        return identity_nameable_one(session, &knower, handle, ret_person, NULL);
    struct identity_person person;
    int code = identity_person_named(session, handle, &person, NULL);
    if (code == 0 && strcmp(person.handle, handle) != 0)
        code = PORTICO_ENOENT; /* an id or an address */
    if (code == 0)
        *ret_person = person.id;
    return code;
}

static bool is_among(const struct form_sharing *sharing, int64_t person)
{
    for (size_t i = 0; i < sharing->people_count; i++)
        if (sharing->people[i] == person)
            return true;
    return false;
}

static int judge_people(struct form *form, struct form_field *field, const char *at,
                        struct form_reading *reading)
{
    struct arena *arena = form->scope->arena;
    struct form_sharing *own = field->sharing;
    int64_t viewer = form->call->viewer->person, person;
    own->people = arena_alloc(arena, (PEOPLE_MAX + 2) * sizeof *own->people);
    own->handles = "";
    if (!own->people)
        return PORTICO_ENOMEM;
    for (struct text word = first_word(at); word.length;
         word = first_word(word.data + word.length)) {
        bool sign = *word.data == '@';
        const char *written = arena_strndup(arena, word.data + sign, word.length - sign);
        char *handle = written ? g_ascii_strdown(written, -1) : NULL;
        int code = handle ? find_person(form, field, handle, &person) : PORTICO_ENOMEM;
        bool counts = code == 0 && person != viewer && !is_among(own, person);
        if (counts)
            own->handles =
                arena_printf(arena, "%s%s%s", own->handles, *own->handles ? ", " : "", handle);
        g_free(handle);
        if (code == PORTICO_ENOENT)
            return refuse_naming(arena, reading, /* translated */
                                 "There is nobody called “{word}” whom you can name.", written, 0);
        if (code < 0 || !own->handles)
            return code < 0 ? code : PORTICO_ENOMEM;
        if (counts && own->people_count == PEOPLE_MAX)
            return refuse_naming(arena, reading, /* translated */
                                 "Name at most {limit} people, or choose a team.", "", PEOPLE_MAX);
        if (counts)
            own->people[own->people_count++] = person;
    }
    if (own->people_count == 0)
        return refuse(reading, /* translated */ "Name at least one person.");
    return 0;
}

static int set_id(struct value *object, const char *name, int64_t id)
{
    return value_set(object, text_of(name),
                     id ? value_scalar(object->arena, PORTICO_ID, id, 0)
                        : value_new(object->arena, PORTICO_NULL));
}

/* As an API has it. */
static struct value *value_as_json(struct arena *arena, const struct form_sharing *own)
{
    struct value *object = value_new(arena, PORTICO_OBJECT);
    struct value *people = value_new(arena, PORTICO_LISTING);
    if (!object || !people ||
        value_set_text(object, "level", sharing_word(own->sharing.level)) < 0 ||
        set_id(object, "account", own->sharing.account) < 0 ||
        value_set_text(object, "role", own->sharing.role) < 0 ||
        set_id(object, "team", own->sharing.team) < 0 ||
        value_set(object, TEXT("people"), people) < 0)
        return NULL;
    for (struct text word = first_word(own->handles); word.length;
         word = first_word(word.data + word.length))
        if (value_append(people, value_text(arena, word.data, word.length)) < 0)
            return NULL;
    return object;
}

static int judge(struct form *form, struct form_field *field, struct text token,
                 const struct sharing *set, struct form_reading *reading)
{
    struct arena *arena = form->scope->arena;
    struct form_sharing *own = field->sharing;
    if (!read_token(arena, token, &own->sharing))
        return refuse(reading, REFUSED);
    int code = sharing_check(form->scope, &own->sharing, NULL);
    if (code == PORTICO_ENOENT || code == PORTICO_EINVAL)
        return refuse(reading, REFUSED);
    if (code < 0)
        return code;
    own->token = write_token(arena, &own->sharing);
    bool kept = set->level && is_same(set, &own->sharing);
    bool offered = has_word(field->field->choices, text_of(sharing_word(own->sharing.level)));
    int may = kept ? 1 : offered ? sharing_may(form->scope, &own->sharing, NULL) : 0;
    if (may <= 0)
        return may < 0 ? may : refuse(reading, REFUSED);
    if (own->sharing.level == PORTICO_LEVEL_PEOPLE)
        code = judge_people(form, field, token.data + token.length, reading);
    if (code < 0 || reading->sentence)
        return code;
    reading->text =
        *own->handles ? arena_printf(arena, "%s %s", own->token, own->handles) : own->token;
    reading->value = value_as_json(arena, own);
    return reading->text && reading->value ? 0 : PORTICO_ENOMEM;
}

int form_read_sharing(struct form *form, struct form_field *field, const char *typed,
                      const char *otherwise)
{
    struct arena *arena = form->scope->arena;
    struct sharing set = { 0 };
    struct form_reading reading = { .text = typed };
    field->sharing = arena_zalloc(arena, sizeof *field->sharing);
    if (!field->sharing)
        return PORTICO_ENOMEM;
    struct text token = first_word(typed);
    if (!token.length)
        token = first_word(reading.text = otherwise);
    field->sharing->token = arena_strndup(arena, token.data, token.length);
    field->sharing->handles = token.data + token.length + strspn(token.data + token.length, ENDS);
    set = read_set(form, field);
    /* No page, no choices to show. */
    int code = !field->sharing->token ? PORTICO_ENOMEM
               : form->api            ? 0
                                      : offer_all(form, field, &set);
    if (code == 0 && token.length)
        code = judge(form, field, token, &set, &reading);
    else if (code == 0)
        refuse(&reading, /* translated */ "Choose who may see this.");
    if (code == 0)
        field->reading = reading;
    return code;
}

const char *form_sharing_token(const struct form_field *field)
{
    return field->sharing && field->sharing->token ? field->sharing->token : "";
}

const char *form_sharing_people(const struct form_field *field)
{
    return field->sharing && field->sharing->handles ? field->sharing->handles : "";
}

bool form_sharing_names(const struct form_field *field)
{
    return has_word(field->field->choices, TEXT("people"));
}

/* ---- JSON ---- */

/* An id crosses JSON as text. */
static const char *id_text(struct arena *arena, const struct value *body, const char *name)
{
    const struct value *value = value_get(body, text_of(name));
    if (!value || value->kind == PORTICO_NULL)
        return "";
    if (value->kind == PORTICO_TEXT)
        return value->text;
    bool number = value->kind == PORTICO_ID || value->kind == PORTICO_INTEGER;
    return number ? arena_printf(arena, "%" PRId64, value->integer) : NULL;
}

static const char *people_text(struct arena *arena, const struct value *body)
{
    const struct value *list = value_get(body, TEXT("people"));
    const char *text = "";
    for (uint32_t i = 0; list && list->kind == PORTICO_LISTING && i < list->count && text; i++)
        text = list->items[i]->kind == PORTICO_TEXT && !strpbrk(list->items[i]->text, ENDS)
                   ? arena_printf(arena, "%s %s", text, list->items[i]->text)
                   : NULL;
    return text;
}

const char *form_sharing_typed(struct arena *arena, const struct value *value)
{
    const struct value *word =
        value->kind == PORTICO_OBJECT ? value_get(value, TEXT("level")) : NULL;
    uint32_t level = word && word->kind == PORTICO_TEXT ? sharing_level(text_of(word->text)) : 0;
    const char *number = id_text(arena, value, level == PORTICO_LEVEL_TEAM ? "team" : "account");
    const struct value *role = value_get(value, TEXT("role"));
    const char *people = level == PORTICO_LEVEL_PEOPLE ? people_text(arena, value) : "";
    if (!level || !number || !people || strpbrk(number, ENDS ":"))
        return NULL;
    bool named = level == PORTICO_LEVEL_ROLE && role && role->kind == PORTICO_TEXT &&
                 !strpbrk(role->text, ENDS ":");
    bool counted = level == PORTICO_LEVEL_ROLE || level == PORTICO_LEVEL_TEAM ||
                   level == PORTICO_LEVEL_ACCOUNT || level == PORTICO_LEVEL_BELOW;
    return arena_printf(arena, "%s%s%s%s%s%s", word->text, named ? ":" : "",
                        named ? role->text : "", counted && *number ? ":" : "",
                        counted ? number : "", people);
}

/* ---- for handlers ---- */

/* Whoever shares it sees it too: by the audience, or else by name. */
static int add_viewer(struct form *form, struct form_sharing *own, int64_t audience,
                      struct portico_error *error)
{
    struct identity_person person;
    int64_t id = form->call->viewer->person;
    struct store_session *session = scope_session(form->scope, error);
    if (!id)
        return 0;
    if (!own->people)
        own->people = arena_alloc(form->scope->arena, sizeof *own->people);
    int code = !own->people ? error_set(error, PORTICO_ENOMEM, "Memory ended.")
               : session    ? identity_person_look(session, id, &person, error)
                            : PORTICO_EIO;
    int sees = code == 0
                   ? identity_may_see(form->call->host->identity, session, &person, audience, error)
                   : code;
    if (sees == 0)
        own->people[own->people_count++] = id;
    return MIN(sees, 0);
}

int form_shared(struct form *form, struct form_field *field, struct portico_shared *ret_shared,
                struct portico_error *error)
{
    int64_t audience = 0;
    if (!field || field->field->type != PORTICO_FIELD_SHARING ||
        !form_field_reading(form, field)->value)
        return error_set(error, PORTICO_EINVAL,
                         "It is no field of type PORTICO_FIELD_SHARING of this form, or what was "
                         "chosen in it does not pass: ask portico_form_valid() before.");
    struct form_sharing *own = field->sharing;
    int code = sharing_audience(form->scope, &own->sharing, &audience, error);
    if (code == 0 && !own->granted)
        code = add_viewer(form, own, audience, error);
    if (code < 0)
        return code;
    own->granted = true;
    ret_shared->level = own->sharing.level;
    ret_shared->audience = audience;
    ret_shared->people = own->people;
    ret_shared->people_count = own->people_count;
    return 0;
}

int form_set_shared(struct form *form, struct form_field *field, int64_t audience,
                    const struct value *people)
{
    struct arena *arena = form->scope->arena;
    struct sharing sharing;
    const char *handles = "";
    if (!field || field->field->type != PORTICO_FIELD_SHARING)
        return PORTICO_EINVAL;
    int code = sharing_look(form->scope, audience, &sharing, NULL);
    if (code < 0)
        return code;
    for (size_t i = 0; handles && i < portico_count(people ? value_public(people) : NULL); i++) {
        const struct portico_value *person = portico_at(value_public(people), i);
        bool other = portico_get_integer(person, "id", 0) != form->call->viewer->person;
        const char *handle = other ? portico_get_text(person, "handle", NULL) : NULL;
        if (handle)
            handles = arena_printf(arena, "%s %s", handles, handle);
    }
    if (handles && *handles && sharing.level == PORTICO_LEVEL_ONLY_ME)
        sharing.level = PORTICO_LEVEL_PEOPLE;
    const char *token = write_token(arena, &sharing);
    field->set = token && handles ? arena_printf(arena, "%s%s", token, handles) : NULL;
    field->is_set = field->set != NULL;
    field->judged = false;
    return field->set ? 0 : PORTICO_ENOMEM;
}
