#include "module/sign_in.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "config/config.h"
#include "identity/person.h"
#include "identity/sign_in.h"
#include "module/apart.h"
#include "module/module.h"
#include "module/session_values.h"

#include <portico/auth.h>

#include <stdio.h>

#define EXTERNAL_MAX 150 /* bytes; the module's id stands before it */
#define WORDS_MAX 2000   /* bytes of a title or text */

/* ---- what the owner named ---- */

static void check_words(struct registry *registry, const char *key, const char *first,
                        const char *second)
{
    const char *const *words = config_words(registry->config, "sign_in", key);
    for (; words && *words; words++) {
        const char *const methods[] = { first, second };
        for (size_t i = 0; i < G_N_ELEMENTS(methods) && methods[i]; i++) {
            const char *name = arena_printf(registry->arena, "%s/%s", *words, methods[i]);
            if (name && g_hash_table_contains(registry->methods, name))
                continue;
            config_add_problem(registry->config, "sign_in", key,
                               "No enabled module offers the service %s with the method %s: enable "
                               "its module, or take the name out.",
                               *words, methods[i]);
            break;
        }
    }
}

void registry_check_sign_in(struct registry *registry)
{
    check_words(registry, "verifiers", PORTICO_VERIFY, NULL);
    check_words(registry, "steps", PORTICO_STEP_ASK, PORTICO_STEP_ANSWER);
    check_words(registry, "decorators", PORTICO_DECORATE, NULL);
}

const char *const *sign_in_steps(const struct module_host *host)
{
    return config_words(host->config, "sign_in", "steps");
}

/* Of a service "<id>.<word>" that was found when the generation began. */
static struct module *owner_of(const struct module_host *host, const char *service)
{
    char id[64];
    g_strlcpy(id, service, MIN(sizeof id, strcspn(service, ".") + 1));
    return registry_find(host->registry, id);
}

static int nonsense(const char *service, const char *what, struct portico_error *error)
{
    return error_set(error, PORTICO_EFAULT, "%s answered %s.", service, what);
}

static int call(struct module_host *host, const char *service, const char *method,
                const struct value *arguments, const char *locale, int64_t time,
                struct arena *arena, struct value **ret_result, struct portico_error *error)
{
    int code = apart_call(host, service, method, arguments, locale, time, arena, ret_result, error);
    if (code < 0 && !(code == PORTICO_EPERM && strcmp(method, PORTICO_STEP_ANSWER) == 0))
        log_warning("A sign-in asked %s/%s in vain: %s", service, method, error->message);
    return code;
}

/* ---- names and passwords ---- */

/* A text that may be kept and shown; NULL: absent. False: it is something else. */
static bool text_member(const struct value *result, struct text name, size_t most,
                        const char **ret_text)
{
    const struct value *member = value_get(result, name);
    *ret_text = NULL;
    if (!member || member->kind == PORTICO_NULL)
        return true;
    if (member->kind != PORTICO_TEXT || strlen(member->text) > most)
        return false;
    *ret_text = member->text;
    return true;
}

static int verify_by(struct module_host *host, const char *service, const struct value *arguments,
                     int64_t time, struct arena *arena, struct identity_verified *ret_verified,
                     struct portico_error *error)
{
    struct identity_verified verified = { 0 };
    struct value *result;
    const char *external = NULL;
    int code = call(host, service, PORTICO_VERIFY, arguments, "en", time, arena, &result, error);
    if (code < 0)
        return code;
    const struct value *right = value_get(result, TEXT("right"));
    if (!right || right->kind != PORTICO_BOOLEAN ||
        !text_member(result, TEXT("external"), EXTERNAL_MAX, &external) ||
        !text_member(result, TEXT("name"), WORDS_MAX, &verified.name))
        code = nonsense(service, "something else than a verifier does", error);
    else if (right->integer && !(external && *external))
        code = nonsense(service, "yes, and not who it is", error);
    if (code < 0) {
        log_error("Nobody is let in by %s: %s", service, error->message);
        return code;
    }
    verified.right = right->integer != 0;
    verified.external = external && *external
                            ? arena_printf(arena, "%s:%s", owner_of(host, service)->id, external)
                            : NULL;
    *ret_verified = verified;
    return PORTICO_OK;
}

/* The first that says yes; else the first that knows who it would have been. All in one time. */
static int verify(void *data, const char *name, const char *password, struct arena *arena,
                  struct identity_verified *ret_verified, struct portico_error *error)
{
    struct portico_error why = PORTICO_ERROR_INIT;
    struct module_host *host = data;
    const int64_t end = clock_steady() + config_integer(host->config, "sign_in", "ask_time");
    const char *const *service = config_words(host->config, "sign_in", "verifiers");
    struct value *arguments = value_new(arena, PORTICO_OBJECT);
    struct identity_verified known = { 0 }, found;
    int code = PORTICO_OK;
    if (!arguments || value_set_text(arguments, "name", name) < 0 ||
        value_set_text(arguments, "password", password) < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    for (; code == 0 && !known.right && *service; service++) {
        code =
            verify_by(host, *service, arguments, MAX(end - clock_steady(), 0), arena, &found, &why);
        if (code == 0 && (found.right || !known.external))
            known = found;
    }
    if (code < 0)
        return error_set(error, code, "%s", why.message);
    *ret_verified = known;
    return PORTICO_OK;
}

void sign_in_use_verifiers(struct module_host *host)
{
    const char *const *services =
        host->config ? config_words(host->config, "sign_in", "verifiers") : NULL;
    if (services && *services && host->identity)
        identity_ask_elsewhere(host->identity, verify, host);
}

/* ---- further steps ---- */

static struct value *about(struct arena *arena, int64_t person, const struct value *values)
{
    struct value *arguments = value_new(arena, PORTICO_OBJECT);
    char id[24];
    snprintf(id, sizeof id, "%lld", (long long)person);
    if (!arguments || value_set_text(arguments, "person", id) < 0 ||
        (values && value_set(arguments, TEXT("values"), (struct value *)values) < 0))
        return NULL;
    return arguments;
}

int sign_in_ask(struct module_host *host, const char *step, int64_t person, const char *locale,
                struct arena *arena, struct sign_in_asked *ret_asked, struct portico_error *error)
{
    struct sign_in_asked asked = { .of = owner_of(host, step) };
    struct value *arguments = about(arena, person, NULL), *result;
    if (!arguments || !asked.of)
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    int code = call(host, step, PORTICO_STEP_ASK, arguments, locale,
                    config_integer(host->config, "sign_in", "ask_time"), arena, &result, error);
    if (code < 0)
        return code;
    const struct value *due = value_get(result, TEXT("due"));
    if (!due || due->kind != PORTICO_BOOLEAN ||
        !text_member(result, TEXT("form"), WORDS_MAX, &asked.form) ||
        !text_member(result, TEXT("title"), WORDS_MAX, &asked.title) ||
        !text_member(result, TEXT("text"), WORDS_MAX, &asked.text))
        code = nonsense(step, "something else than a step does", error);
    else if (due->integer && !(asked.form && asked.title))
        code = nonsense(step, "that it asks something, without form or title", error);
    if (code < 0) {
        log_error("Nobody is let in by %s: %s", step, error->message);
        return code;
    }
    asked.due = due->integer != 0;
    *ret_asked = asked;
    return PORTICO_OK;
}

/* By the declaration of its module; whether a session may go without is for the values to say. */
int sign_in_carry(const struct module_host *host, const char *service, const struct value *result,
                  struct arena *arena, const char **carried, struct portico_error *error)
{
    const struct module *module = owner_of(host, service);
    const struct value *given = value_get(result, TEXT("session"));
    struct portico_error why = PORTICO_ERROR_INIT;
    int code = PORTICO_OK;
    if (given && given->kind != PORTICO_NULL)
        code = session_values_add(module, given, *carried, arena, carried, &why);
    if (code < 0)
        log_error("%s attaches nothing to a session: %s", service, why.message);
    return code == PORTICO_EFAULT ? PORTICO_OK
           : code < 0             ? error_set(error, code, "%s", why.message)
                                  : code;
}

/* The module's own id of somebody, where it is the one that brought them. */
static const char *external_of(const struct identity_person *person, const char *module)
{
    const size_t length = strlen(module);
    const char *external = person->external;
    return external && strncmp(external, module, length) == 0 && external[length] == ':'
               ? external + length + 1
               : NULL;
}

int sign_in_answer(struct module_host *host, const char *step, int64_t person,
                   const struct value *values, const char *locale, struct arena *arena,
                   struct value **ret_result, struct portico_error *error)
{
    struct value *arguments = about(arena, person, values);
    if (!arguments)
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    int code = call(host, step, PORTICO_STEP_ANSWER, arguments, locale,
                    config_integer(host->config, "sign_in", "ask_time"), arena, ret_result, error);
    const struct value *right = code == 0 ? value_get(*ret_result, TEXT("right")) : NULL;
    if (code == 0 && !(right && right->kind == PORTICO_BOOLEAN && right->integer))
        code = nonsense(step, "neither yes nor why not", error);
    return code;
}

/* ---- values of the session ---- */

/* One that fails is left out: whether that is all right is for the values to say. */
static int decorate_by(struct module_host *host, const char *service, const struct value *arguments,
                       const char *locale, struct arena *arena, const char **carried)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *result;
    int code = call(host, service, PORTICO_DECORATE, arguments, locale,
                    config_integer(host->config, "sign_in", "ask_time"), arena, &result, &error);
    return code < 0 ? code : sign_in_carry(host, service, result, arena, carried, &error);
}

static int require_of(struct module_host *host, const char *key, const char *carried,
                      struct arena *arena, struct portico_error *error)
{
    const char *const *service = config_words(host->config, "sign_in", key);
    int code = PORTICO_OK;
    for (; code == 0 && *service; service++) {
        const struct module *module = owner_of(host, *service);
        code = module ? session_values_require(module, carried, arena, error)
                      : error_set(error, PORTICO_ENOTSUP, "No module offers %s.", *service);
    }
    return code;
}

int sign_in_decorate(struct module_host *host, const struct identity_person *person,
                     const char *locale, struct arena *arena, const char **carried,
                     struct portico_error *error)
{
    const char *const *service = config_words(host->config, "sign_in", "decorators");
    const char *own = *carried;
    for (; *service; service++) {
        const struct module *module = owner_of(host, *service);
        struct value *arguments = about(arena, person->id, NULL);
        const char *external = module ? external_of(person, module->id) : NULL;
        if (!arguments || (external && value_set_text(arguments, "external", external) < 0))
            return error_set(error, PORTICO_ENOMEM, "Memory ended.");
        decorate_by(host, *service, arguments, locale, arena, &own);
    }
    int code = require_of(host, "decorators", own, arena, error);
    if (code == 0)
        code = require_of(host, "steps", own, arena, error);
    if (code < 0) {
        log_error("Nobody is let in: %s", error->message);
        return code;
    }
    *carried = own;
    return PORTICO_OK;
}
