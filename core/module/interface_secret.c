/* portico.secret: the portal's key ring and the files of secrets, for one module. */
#include "base/error.h"
#include "config/seal.h"
#include "module/call.h"
#include "module/outgoing.h"

#include <sodium.h>

struct secret_handle {
    struct portico_secrets public; /* must be first */
    uint32_t magic;
    struct scope *scope;
};

void *interface_secret_open(struct scope *scope)
{
    struct secret_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = &interface_secret;
    handle->magic = SECRETS_MAGIC;
    handle->scope = scope;
    return handle;
}

static struct scope *secret_scope(struct portico_secrets *secrets)
{
    struct secret_handle *handle = (struct secret_handle *)secrets;
    if (!handle || handle->magic != SECRETS_MAGIC)
        call_stale_handle("secrets");
    return handle->scope;
}

#define secret_scope(secrets) thread_scope(secret_scope(secrets), PORTICO_SECRETS, __func__)

static int use_of(struct scope *scope, const char *purpose, struct seal_use *ret_use,
                  struct portico_error *error)
{
    struct module_outgoing *outgoing = scope->call->host->outgoing;
    if (!outgoing || !outgoing->ring)
        return error_set(error, PORTICO_EIO, "This host has no key ring.");
    *ret_use = (struct seal_use){ outgoing->ring, scope->call->module->id, purpose };
    return 0;
}

static int secret_api_read(struct portico_secrets *secrets, const char *key, const char **ret_text,
                           struct portico_error *error)
{
    struct scope *scope = secret_scope(secrets);
    const struct module *module = scope->call->module;
    const struct portico_list *list = &module->descriptor->settings;
    const struct portico_setting *settings = list->items;
    uint32_t i = 0;
    while (i < list->count && (!key || settings[i].type != PORTICO_SETTING_SECRET ||
                               strcmp(settings[i].key, key) != 0))
        i++;
    if (i == list->count)
        return error_set(error, PORTICO_EINVAL,
                         "\"%.60s\" is no setting of type PORTICO_SETTING_SECRET of module %s: add "
                         "it to .settings.",
                         key ? key : "", module->id);
    struct module_host *host = scope->call->host;
    const char *given = host->gives_secrets ? module->settings[i].text : NULL;
    if (given && *given) {
        *ret_text = arena_strdup(scope->arena, given);
        return *ret_text ? 0 : error_set(error, PORTICO_ENOMEM, "Memory ended in a secret.");
    }
    if (!host->outgoing || !host->config)
        return error_set(error, PORTICO_ENOENT, "This host has no config to find secrets with.");
    const char *section = arena_printf(scope->arena, "module %s", module->id);
    return section ? follow_read(host->outgoing->secrets, host->config, section, key, scope->arena,
                                 ret_text, error)
                   : error_set(error, PORTICO_ENOMEM, "Memory ended while a secret was read.");
}

static int secret_api_seal(struct portico_secrets *secrets, const char *purpose, const void *bytes,
                           size_t length, char **ret_text, struct portico_error *error)
{
    struct scope *scope = secret_scope(secrets);
    struct seal_use use;
    int code = use_of(scope, purpose, &use, error);
    return code < 0 ? code : seal_close(&use, bytes, length, scope->arena, ret_text, error);
}

static int secret_api_open(struct portico_secrets *secrets, const char *purpose, const char *text,
                           void **ret_bytes, size_t *ret_length, struct portico_error *error)
{
    struct scope *scope = secret_scope(secrets);
    struct seal_use use;
    int code = use_of(scope, purpose, &use, error);
    return code < 0 ? code : seal_open(&use, text, scope->arena, ret_bytes, ret_length, error);
}

static int secret_api_sign(struct portico_secrets *secrets, const char *purpose, const void *bytes,
                           size_t length, char **ret_text, struct portico_error *error)
{
    struct scope *scope = secret_scope(secrets);
    struct seal_use use;
    int code = use_of(scope, purpose, &use, error);
    return code < 0 ? code : seal_sign(&use, bytes, length, scope->arena, ret_text, error);
}

static int secret_api_verify(struct portico_secrets *secrets, const char *purpose,
                             const void *bytes, size_t length, const char *text,
                             struct portico_error *error)
{
    struct scope *scope = secret_scope(secrets);
    struct seal_use use;
    int code = use_of(scope, purpose, &use, error);
    return code < 0 ? code : seal_verify(&use, bytes, length, text, error);
}

static int secret_api_random(struct portico_secrets *secrets, void *ret_bytes, size_t length)
{
    (void)secret_scope(secrets);
    randombytes_buf(ret_bytes, length);
    return PORTICO_OK;
}

const struct portico_secret_api interface_secret = {
    .table = { .size = sizeof(struct portico_secret_api), .major = 1, .minor = 0 },
    .read = secret_api_read,
    .seal = secret_api_seal,
    .open = secret_api_open,
    .sign = secret_api_sign,
    .verify = secret_api_verify,
    .random = secret_api_random,
};
