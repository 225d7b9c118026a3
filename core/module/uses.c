#include "module/uses.h"

#include "base/error.h"
#include "base/text.h"
#include "module/interface.h"

/* Digits up to 65,535; false and `at` untouched otherwise. */
static bool number(const char **at, unsigned *ret_number)
{
    unsigned value = 0;
    const char *c = *at;
    for (; *c >= '0' && *c <= '9'; c++) {
        value = value * 10 + (unsigned)(*c - '0');
        if (value > UINT16_MAX)
            return false;
    }
    if (c == *at)
        return false;
    *at = c;
    *ret_number = value;
    return true;
}

bool uses_parse_version(const char *text, unsigned *ret_major, unsigned *ret_minor)
{
    unsigned major, minor, patch;
    if (!number(&text, &major) || *text++ != '.' || !number(&text, &minor))
        return false;
    if (*text == '.' && (text++, !number(&text, &patch)))
        return false;
    if (*text != '\0' && *text != '-' && *text != '+')
        return false;
    *ret_major = major;
    *ret_minor = minor;
    return true;
}

static bool name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

static bool parse_one(struct text part, struct use *use)
{
    char version[32];
    size_t length = 0;
    while (length < part.length && name_character(part.data[length]))
        length++;
    if (length == 0 || length > USES_NAME_MAX || length == part.length || part.data[length] != ' ')
        return false;
    if (part.data[0] < 'a' || part.data[0] > 'z')
        return false;
    struct text rest = text_trim((struct text){ part.data + length, part.length - length });
    use->optional = rest.length && rest.data[rest.length - 1] == '?';
    rest.length -= use->optional;
    if (rest.length == 0 || rest.length >= sizeof version)
        return false;
    memcpy(use->name, part.data, length);
    use->name[length] = '\0';
    memcpy(version, rest.data, rest.length);
    version[rest.length] = '\0';
    return uses_parse_version(version, &use->major, &use->minor);
}

int uses_parse(const char *text, struct uses *ret_uses, struct portico_error *error)
{
    struct uses uses;
    uses.count = 0;
    while (text && *text) {
        const char *comma = strchr(text, ',');
        struct text part =
            text_trim((struct text){ text, comma ? (size_t)(comma - text) : strlen(text) });
        text = comma ? comma + 1 : "";
        if (part.length == 0 && !comma && uses.count == 0)
            break;
        if (uses.count == USES_MAX)
            return error_set(error, PORTICO_EINVAL,
                             "It uses more than %d interfaces: name fewer in PORTICO_MODULE_USES.",
                             USES_MAX);
        struct use *use = &uses.items[uses.count];
        if (!parse_one(part, use))
            return error_set(error, PORTICO_EINVAL,
                             "Its uses name \"%.*s\", which is not a name and a version such as "
                             "\"portico.db 1.0\". Correct PORTICO_MODULE_USES and build it again.",
                             (int)(part.length < 80 ? part.length : 80), part.data);
        uses.count++;
    }
    *ret_uses = uses;
    return PORTICO_OK;
}

const struct use *uses_find(const struct uses *uses, const char *name)
{
    for (unsigned i = 0; i < uses->count; i++)
        if (strcmp(uses->items[i].name, name) == 0)
            return &uses->items[i];
    return NULL;
}

bool use_is_interface(const struct use *use)
{
    return strncmp(use->name, "portico.", 8) == 0;
}

bool use_is_service(const struct use *use)
{
    return !use_is_interface(use) && strchr(use->name, '.');
}

void use_module(const struct use *use, char ret_id[USES_NAME_MAX + 1])
{
    size_t length = use_is_interface(use) ? 0 : strcspn(use->name, ".");
    memcpy(ret_id, use->name, length);
    ret_id[length] = '\0';
}

bool use_fits(const struct use *use, unsigned major, unsigned minor)
{
    return major == use->major && minor >= use->minor;
}

int uses_check_host(const struct uses *uses, struct portico_error *error)
{
    for (unsigned i = 0; i < uses->count; i++) {
        const struct use *use = &uses->items[i];
        if (!use_is_interface(use) || use->optional)
            continue;
        const struct interface *interface = interface_find(use->name);
        if (!interface)
            return error_set(
                error, PORTICO_ENOTSUP,
                "It needs %s %u.%u, which this portal does not have: update Portico or "
                "install an older version of the module.",
                use->name, use->major, use->minor);
        if (!use_fits(use, interface->major, interface->minor))
            return error_set(error, PORTICO_ENOTSUP,
                             "It needs %s %u.%u, this portal has %u.%u: %s.", use->name, use->major,
                             use->minor, interface->major, interface->minor,
                             use->major < interface->major
                                 ? "install a newer version of the module"
                                 : "update Portico or install an older version of the module");
    }
    return PORTICO_OK;
}
