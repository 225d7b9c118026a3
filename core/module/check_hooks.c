/* Hooks: point, failure, names of others, paths. */
#include "module/check.h"

#include <stdio.h>
#include <string.h>

#define DEADLINE_MAX 30000 /* ms: somebody waits for the answer */

/* "<module>/<name>" */
static bool is_reference(const char *word, size_t length)
{
    char text[128];
    const char *slash = memchr(word, '/', length);
    if (!slash || length >= sizeof text)
        return false;
    memcpy(text, word, length);
    text[length] = '\0';
    text[slash - word] = '\0';
    return descriptor_id_is_good(text) && check_is_word(text + (slash - word) + 1, "-_");
}

/* "/" or "/segment/segment": as request paths are, without an empty or dot segment. */
static bool is_prefix(const char *word, size_t length)
{
    if (length == 0 || word[0] != '/')
        return false;
    for (size_t at = 0; length > 1 && at < length;) {
        size_t end = at + 1;
        while (end < length && word[end] != '/')
            end++;
        size_t segment = end - at - 1;
        bool dots = (segment == 1 || segment == 2) && strspn(word + at + 1, ".") >= segment;
        if (segment == 0 || dots)
            return false;
        at = end;
    }
    return true;
}

static void check_words(const char *what, const char *words, const char *member,
                        bool (*is_good)(const char *word, size_t length), const char *form,
                        struct descriptor_report *report)
{
    for (const char *at = words ? words : ""; *(at += strspn(at, " "));) {
        size_t length = strcspn(at, " ");
        if (!is_good(at, length))
            descriptor_say(report, "%s has \"%.*s\" in .%s, which is not %s: correct it.", what,
                           (int)(length < 80 ? length : 80), at, member, form);
        at += length;
    }
}

static void check_hook(const struct portico_hook *hook, struct descriptor_report *report)
{
    char what[128];
    snprintf(what, sizeof what, "The hook \"%.80s\"", hook->name);
    if (!check_is_word(hook->name, "-_"))
        descriptor_say(report, "%s is not a lower-case word: rename it.", what);
    if (hook->point < PORTICO_BEFORE_ROUTING || hook->point > PORTICO_BEFORE_SEND)
        descriptor_say(report,
                       "%s stands at the point %u: set .point to PORTICO_BEFORE_ROUTING, "
                       "PORTICO_AFTER_PERMISSION or PORTICO_BEFORE_SEND.",
                       what, hook->point);
    if (hook->failure > PORTICO_FAIL_OPEN)
        descriptor_say(report,
                       "%s has the .failure %u, which is neither PORTICO_FAIL_CLOSED nor "
                       "PORTICO_FAIL_OPEN: use one.",
                       what, hook->failure);
    if (hook->deadline_ms > DEADLINE_MAX)
        descriptor_say(report, "%s has a .deadline_ms of %u; at most %d is allowed: shorten it.",
                       what, hook->deadline_ms, DEADLINE_MAX);
    check_words(what, hook->before, "before", is_reference, "\"<module>/<name>\"", report);
    check_words(what, hook->after, "after", is_reference, "\"<module>/<name>\"", report);
    check_words(what, hook->paths, "paths", is_prefix,
                "a path of whole segments such as \"/communities\"", report);
}

void check_hooks(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_hook *hooks = module->hooks.items;
    for (uint32_t i = 0; i < module->hooks.count; i++) {
        check_hook(&hooks[i], report);
        for (uint32_t other = 0; other < i; other++)
            if (strcmp(hooks[other].name, hooks[i].name) == 0)
                descriptor_say(report, "The hook \"%.80s\" is given twice: remove one.",
                               hooks[i].name);
    }
}
