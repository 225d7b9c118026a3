#include "portal/inside.h"

#include "base/error.h"
#include "module/call.h"
#include "module/forgery.h"
#include "module/form.h"
#include "module/interface.h"
#include "module/network.h"
#include "module/respond.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define AGENT_MAX 200

const struct viewer *inside_viewer(struct portico_request *request)
{
    return call_of(request)->viewer;
}

struct store_session *inside_session(struct portico_request *request, struct portico_error *error)
{
    return scope_session(&call_of(request)->scope, error);
}

struct module_host *inside_host(struct portico_request *request)
{
    return call_of(request)->host;
}

struct arena *inside_arena(struct portico_request *request)
{
    return call_of(request)->exchange->request.arena;
}

struct store_session *inside_context_session(struct portico_context *context,
                                             struct portico_error *error)
{
    return scope_session(scope_of(context), error);
}

const char *inside_context_address(struct portico_context *context, const char *path)
{
    const struct scope *scope = scope_of(context);
    return path ? arena_printf(scope->arena, "%s%s", scope->call->host->canonical_url, path) : NULL;
}

struct module_host *inside_context_host(struct portico_context *context)
{
    return scope_of(context)->call->host;
}

void inside_settle(struct portico_context *context)
{
    scope_of(context)->call->settled = true;
}

int inside_limit(struct portico_context *context, int64_t wait, const char *what,
                 struct portico_error *error)
{
    return interface_limit_reached(scope_of(context), wait, what, error);
}

void inside_refused(struct portico_request *request, int code)
{
    const unsigned seconds = code == PORTICO_ELIMIT ? call_of(request)->retry_after : 0;
    portico_set_status(request, seconds ? 429 : 422);
    if (seconds)
        portico_set_header(request, "Retry-After", portico_printf(request, "%u", seconds));
}

const char *inside_cookie(struct portico_request *request, enum cookie cookie)
{
    const struct call *call = call_of(request);
    struct text value =
        cookie_find(&call->exchange->request, cookie_name(call->host->secure, cookie));
    return value.data ? arena_strndup(inside_arena(request), value.data, value.length) : NULL;
}

const char *inside_session_token(struct portico_request *request)
{
    const struct call *call = call_of(request);
    return cookie_session_token(&call->exchange->request, call->viewer, call->host->secure);
}

int inside_set_cookie(struct portico_request *request, enum cookie cookie, const char *value,
                      int64_t life)
{
    const struct call *call = call_of(request);
    return cookie_set(&call->exchange->response, call->host->secure, cookie, text_of(value), life);
}

int inside_keep_draft(struct portico_form *form, struct portico_error *error)
{
    struct form *own = (struct form *)form;
    return form_keeps_draft(own) ? form_draft_save(own, error) : PORTICO_OK;
}

int inside_reply_stream(struct portico_request *request, const char *media_type, FILE *file,
                        struct portico_error *error)
{
    struct http_response *response = &call_of(request)->exchange->response;
    struct stat status;
    int descriptor = fflush(file) == 0 ? dup(fileno(file)) : -1;
    if (descriptor < 0 || fstat(descriptor, &status) < 0) {
        if (descriptor >= 0)
            close(descriptor);
        return error_set(error, PORTICO_EIO, "A file to send cannot be written: %s.",
                         strerror(errno));
    }
    int code = portico_reply_bytes(request, media_type, "", 0);
    if (code < 0) {
        close(descriptor);
        return code;
    }
    response->file = descriptor;
    response->file_offset = 0;
    response->file_length = (uint64_t)status.st_size;
    return PORTICO_OK;
}

struct portico_form *inside_form_of(struct portico_request *request, const struct module *module,
                                    const char *name, const char *subject)
{
    struct form *form = form_open_of(&call_of(request)->scope, module, name, subject);
    return form ? form_show(form) : NULL;
}

const char *inside_token(struct portico_request *request)
{
    return forgery_token_of(call_of(request));
}

const char *inside_network(struct portico_request *request)
{
    return network_of(inside_arena(request), call_of(request)->exchange->request.remote);
}

bool inside_takes_file(struct portico_request *request)
{
    return forgery_takes_file(&call_of(request)->exchange->request);
}

const char *inside_agent(struct portico_request *request)
{
    const char *agent = portico_header(request, "user-agent");
    if (!agent)
        return "";
    return arena_strndup(inside_arena(request), agent,
                         text_utf8_cut(agent, strnlen(agent, AGENT_MAX + 1) > AGENT_MAX
                                                  ? AGENT_MAX
                                                  : strlen(agent)));
}

const char *inside_next(struct portico_request *request, const char *path, const char *otherwise)
{
    (void)request;
    return path && respond_is_local(path) ? path : otherwise;
}
