#include "module/outgoing.h"

#include "base/log.h"
#include "module/interface.h"
#include "module/module.h"

static void tell(const char *sentence)
{
    log_warning("%s", sentence);
}

static bool uses(const struct registry *registry, const char *interface)
{
    for (guint i = 0; i < registry->modules->len; i++)
        if (uses_find(&((struct module *)registry->modules->pdata[i])->uses, interface))
            return true;
    return false;
}

/* Links in mails are signed, and the keys of limits are told from guesses, as modules' secrets. */
static bool needs_keys(const struct registry *registry)
{
    return uses(registry, PORTICO_SECRETS) || uses(registry, PORTICO_NOTICES) ||
           uses(registry, PORTICO_LIMITS);
}

int outgoing_open(struct registry *registry, struct module_host *host, struct portico_error *error)
{
    struct module_outgoing *outgoing = g_new0(struct module_outgoing, 1);
    host->outgoing = outgoing;
    outgoing->secrets = follow_new(tell);
    if (!host->config)
        return 0;
    outgoing->rules = (struct fetch_rules){
        .hosts = config_words(host->config, "fetch", "hosts"),
        .own_url = host->canonical_url,
        .ca_file = config_path(host->config, "fetch", "ca_file"),
        .development = host->development,
    };
    char *path = needs_keys(registry) ? keyring_path(host->config) : NULL;
    int code = path ? keyring_open(path, tell, &outgoing->ring, error) : 0;
    g_free(path);
    if (code < 0)
        outgoing_close(host);
    return code;
}

void outgoing_close(struct module_host *host)
{
    if (!host->outgoing)
        return;
    keyring_free(host->outgoing->ring);
    follow_free(host->outgoing->secrets);
    g_free(host->outgoing);
    host->outgoing = NULL;
}
