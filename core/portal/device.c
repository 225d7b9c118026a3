#include "portal/device.h"

#include <string.h>

struct name {
    const char *part, *words;
};

/* The first that occurs: browsers name those before them that they are like. */
static const struct name browsers[] = {
    { "Edg", "Edge" },
    { "OPR/", "Opera" },
    { "SamsungBrowser/", "Samsung Internet" },
    { "Vivaldi/", "Vivaldi" },
    { "Firefox/", "Firefox" },
    { "FxiOS/", "Firefox" },
    { "CriOS/", "Chrome" },
    { "Chromium/", "Chromium" },
    { "Chrome/", "Chrome" },
    { "Safari/", "Safari" },
    { "curl/", "curl" },
};
static const struct name systems[] = {
    { "iPhone", "iPhone" },   { "iPad", "iPad" },     { "Android", "Android" },
    { "Windows", "Windows" }, { "CrOS", "ChromeOS" }, { "Macintosh", "macOS" },
    { "Linux", "Linux" },
};

static const char *find(const struct name *names, size_t count, const char *agent)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(agent, names[i].part))
            return names[i].words;
    return NULL;
}

void device_read(const char *agent, const char **ret_browser, const char **ret_system,
                 bool *ret_phone)
{
    *ret_browser = find(browsers, sizeof browsers / sizeof *browsers, agent);
    *ret_system = find(systems, sizeof systems / sizeof *systems, agent);
    *ret_phone = strstr(agent, "Mobile") || strstr(agent, "iPhone") || strstr(agent, "Android");
}

static const char *words(struct portico_request *request, const char *agent, const char *browser,
                         const char *system)
{
    const char *unknown = portico_translate(request, "A browser", NULL);
    struct portico_value *names = portico_object(request);
    if (!system)
        return browser ? browser : *agent ? agent : unknown;
    portico_set_text(names, "browser", browser ? browser : unknown);
    portico_set_text(names, "system", system);
    return portico_translate(request, "{browser} on {system}", names);
}

const char *device_words(struct portico_request *request, const char *agent)
{
    const char *browser, *system;
    bool phone;
    device_read(agent, &browser, &system, &phone);
    return words(request, agent, browser, system);
}

void device_show(struct portico_request *request, const struct portico_value *row,
                 struct portico_value *item)
{
    const char *agent = portico_get_text(row, "agent", ""), *browser, *system;
    bool phone;
    device_read(agent, &browser, &system, &phone);
    portico_set_text(item, "device", words(request, agent, browser, system));
    portico_set_boolean(item, "phone", phone);
    portico_set_text(item, "network", portico_get_text(row, "network", NULL));
    portico_set_time(item, "seen", portico_get_integer(row, "last_seen", 0));
    portico_set_time(item, "began", portico_get_integer(row, "created", 0));
    portico_set_boolean(item, "here", portico_get_boolean(row, "current", 0) != 0);
    portico_set_id(item, "id", portico_get_integer(row, "id", 0));
}
