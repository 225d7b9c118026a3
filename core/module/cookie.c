#include "module/cookie.h"

#include "module/registry.h"

#include <inttypes.h>
#include <portico/base.h>

struct text cookie_name(bool secure, enum cookie cookie)
{
    static const struct text names[2][COOKIES] = {
        { { "portico", 7 },
          { "portico-visitor", 15 },
          { "portico-device", 14 },
          { "portico-step", 12 },
          { "portico-locale", 14 } },
        { { "__Host-portico", 14 },
          { "__Host-portico-visitor", 22 },
          { "__Host-portico-device", 21 },
          { "__Host-portico-step", 19 },
          { "__Host-portico-locale", 21 } },
    };
    return names[secure][cookie];
}

struct text cookie_find(const struct http_request *request, struct text name)
{
    struct text all = http_request_field(request, TEXT("cookie"));
    while (all.length) {
        const char *end = memchr(all.data, ';', all.length);
        size_t length = end ? (size_t)(end - all.data) : all.length;
        struct text pair = text_trim((struct text){ all.data, length });
        if (pair.length > name.length && text_starts(pair, name) && pair.data[name.length] == '=')
            return (struct text){ pair.data + name.length + 1, pair.length - name.length - 1 };
        length += end ? 1 : 0;
        all = (struct text){ all.data + length, all.length - length };
    }
    return (struct text){ 0 };
}

const char *cookie_session_token(const struct http_request *request, const struct viewer *viewer,
                                 bool secure)
{
    if (viewer->renewed)
        return viewer->renewed;
    struct text value = cookie_find(request, cookie_name(secure, COOKIE_SESSION));
    return value.data ? arena_strndup(request->arena, value.data, value.length) : NULL;
}

static bool is_value(struct text value)
{
    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if (c <= ' ' || c >= 0x7f || strchr("\",;\\", c))
            return false;
    }
    return true;
}

int cookie_set(struct http_response *response, bool secure, enum cookie cookie, struct text value,
               int64_t life)
{
    struct text name = cookie_name(secure, cookie);
    struct buffer *fields = &response->fields;
    if (!is_value(value))
        return PORTICO_EINVAL;
    buffer_append_text(fields, "Set-Cookie: ");
    buffer_append(fields, name.data, name.length);
    buffer_append_char(fields, '=');
    buffer_append(fields, value.data, value.length);
    buffer_append_text(fields, "; Path=/; HttpOnly; SameSite=Lax");
    if (secure)
        buffer_append_text(fields, "; Secure");
    if (life != COOKIE_UNTIL_CLOSED)
        buffer_printf(fields, "; Max-Age=%" PRId64, life > 0 ? life : (int64_t)0);
    buffer_append_text(fields, "\r\n");
    return fields->failed ? PORTICO_ENOMEM : PORTICO_OK;
}

bool cookie_is_set(const struct http_response *response, bool secure, enum cookie cookie)
{
    static const struct text field = { "Set-Cookie: ", 12 };
    struct text name = cookie_name(secure, cookie);
    struct text fields = { response->fields.data, response->fields.length };
    while (fields.length) {
        const char *feed = memchr(fields.data, '\n', fields.length);
        size_t length = feed ? (size_t)(feed - fields.data) + 1 : fields.length;
        size_t before = field.length + name.length;
        if (length > before && text_starts(fields, field) &&
            memcmp(fields.data + field.length, name.data, name.length) == 0 &&
            fields.data[before] == '=')
            return true;
        fields = (struct text){ fields.data + length, fields.length - length };
    }
    return false;
}
