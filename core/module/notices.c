#include "module/notices.h"

#include "base/error.h"
#include "base/id.h"
#include "module/module.h"
#include "module/outgoing.h"

#include <stdatomic.h>

struct teller {
    struct module_host *host;
    struct module_job_watch *watch;
};

static const char *translate(const char *module, const char *locale, const char *source,
                             const struct value *arguments, struct arena *arena, void *data)
{
    const struct teller *teller = data;
    struct page_set *pages = teller->host->pages;
    if (!pages)
        return source;
    return page_translate(pages, module, arena, page_negotiate_locale(pages, locale), source,
                          arguments);
}

const struct portico_notice_kind *module_notice_kind(const struct registry *registry,
                                                     const char *module, const char *kind)
{
    const struct module *owner = registry_find(registry, module);
    const struct portico_notice_kind *kinds = owner ? owner->descriptor->notices.items : NULL;
    for (uint32_t i = 0; owner && i < owner->descriptor->notices.count; i++)
        if (strcmp(kinds[i].name, kind) == 0)
            return &kinds[i];
    return NULL;
}

static bool kind_of(const char *module, const char *kind, bool *ret_mail, void *data)
{
    const struct teller *teller = data;
    const struct portico_notice_kind *found =
        module_notice_kind(teller->host->registry, module, kind);
    if (found)
        *ret_mail = found->mail != 0;
    return found != NULL;
}

int module_mail(struct module_host *host, struct store_session *session,
                const struct mail_message *message, int64_t *ret_id, struct portico_error *error)
{
    struct mail_message own = *message;
    int code = mail_check(message, error);
    if (code == 0 && own.person) {
        own.notice = 0; /* whether it is wanted is asked when it leaves */
        code = mail_resolve(host->identity, session, &own, error);
        if (code == 0)
            code = error_set(error, PORTICO_ENOENT,
                             "That person has no verified address, or may not sign in.");
    }
    if (code < 0)
        return code;
    const struct module_outside *outside = host->outside;
    if (!outside || !outside->mail)
        return mail_queue(session, message, ret_id, error);
    *ret_id = id_new();
    own.notice = message->notice;
    return outside->mail(&own, *ret_id, outside->data, error);
}

static int queue_mail(struct store_session *session, const struct mail_message *message,
                      int64_t *ret_id, void *data, struct portico_error *error)
{
    const struct teller *teller = data;
    return module_mail(teller->host, session, message, ret_id, error);
}

static bool must_stop(void *data)
{
    const struct teller *teller = data;
    return teller->watch &&
           (atomic_load(&teller->watch->stop) || atomic_load(&teller->watch->lost));
}

int module_tell_notices(struct module_host *host, const struct job_claim *claim,
                        struct module_job_watch *watch, struct portico_error *error)
{
    struct teller teller = { host, watch };
    const struct notice_host told = {
        .identity = host->identity,
        .ring = host->outgoing ? host->outgoing->ring : NULL,
        .portal_url = host->canonical_url,
        .translate = translate,
        .kind = kind_of,
        .mail = queue_mail,
        .must_stop = must_stop,
        .data = &teller,
    };
    return notice_tell(host->store, claim, &told, error);
}
