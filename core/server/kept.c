#include "server/kept.h"

#include "base/clock.h"
#include "module/respond.h"

static uint64_t audience_hash(const struct viewer *viewer)
{
    uint64_t hash = 1469598103934665603u;
    for (size_t i = 0; i < viewer->rows.audience_count; i++)
        hash = (hash ^ (uint64_t)viewer->rows.audiences[i]) * 1099511628211u;
    return viewer->rows.every_account ? ~hash : hash;
}

void kept_key(const struct module_host *host, const struct http_request *request,
              const struct viewer *viewer, struct cache_key *ret_key)
{
    *ret_key = (struct cache_key){
        .target = request->target,
        .locale = respond_locale(host, request, viewer),
        .audiences = audience_hash(viewer),
    };
}

static bool has_field(struct text fields, const char *line_start)
{
    size_t length = strlen(line_start);
    for (const char *at = fields.data, *end = fields.data + fields.length; at && at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if ((size_t)(end - at) >= length && strncasecmp(at, line_start, length) == 0)
            return true;
        at = stop ? stop + 1 : end;
    }
    return false;
}

static bool may_be_kept(const struct http_response *response)
{
    struct text fields = { response->fields.data, response->fields.length };
    return response->status == 200 && !response->content && response->file < 0 &&
           !response->body.failed && !response->fields.failed &&
           !has_field(fields, "set-cookie:") && !has_field(fields, "cache-control: no-store") &&
           !has_field(fields, "cache-control: private") && !response->varies;
}

void kept_take(const struct kept_place *place, struct http_response *response)
{
    struct buffer fields = { 0 };
    if (!place->seconds || !may_be_kept(response))
        return;
    buffer_append(&fields, response->fields.data, response->fields.length);
    if (response->etag.length && !has_field((struct text){ fields.data, fields.length }, "etag:")) {
        buffer_append_text(&fields, "etag: ");
        buffer_append(&fields, response->etag.data, response->etag.length);
        buffer_append_text(&fields, "\r\n");
    }
    struct http_content *content = NULL;
    if (!fields.failed)
        content = http_content_new(response->status, (struct text){ fields.data, fields.length },
                                   (struct text){ response->body.data, response->body.length },
                                   response->etag, response->modified);
    buffer_free(&fields);
    if (!content)
        return;
    cache_put(place->cache, place->key, content, place->edition,
              clock_steady() + (int64_t)place->seconds * 1000000);
    buffer_free(&response->fields);
    buffer_free(&response->body);
    response->fields = response->body = (struct buffer){ 0 };
    response->etag = TEXT("");
    response->content = content;
}
