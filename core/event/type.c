/* Names of events: "portal.<module>.<entity>.<pastverb>", and the patterns listeners give. */
#include "event/event.h"

#include "base/error.h"

#define BLANKS " \t\r\n"
#define SEGMENTS 4
#define TYPE_MAX 150

/* [a-z][a-z0-9-]*: its length, 0 if there is none. */
static size_t segment_length(const char *at)
{
    if (*at < 'a' || *at > 'z')
        return 0;
    return strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789-");
}

/* Segments joined by dots up to the end of `length` bytes; 0 if it is anything else. */
static unsigned count_segments(const char *text, size_t length)
{
    unsigned count = 0;
    for (size_t at = 0; at < length; at++) {
        size_t step = segment_length(text + at);
        at += step;
        if (step == 0 || at > length || (at < length && text[at] != '.') || at + 1 == length)
            return 0;
        count++;
    }
    return count;
}

bool event_matches(const char *types, const char *type)
{
    for (const char *at = types + strspn(types, BLANKS); *at; at += strspn(at, BLANKS)) {
        size_t length = strcspn(at, BLANKS);
        bool star = length >= 2 && at[length - 1] == '*' && at[length - 2] == '.';
        if (star ? strncmp(at, type, length - 1) == 0 && type[length - 1]
                 : strlen(type) == length && memcmp(at, type, length) == 0)
            return true;
        at += length;
    }
    return false;
}

int event_patterns_check(const char *types, struct portico_error *error)
{
    unsigned patterns = 0;
    for (const char *at = types + strspn(types, BLANKS); *at; at += strspn(at, BLANKS)) {
        size_t length = strcspn(at, BLANKS);
        bool star = length >= 2 && at[length - 1] == '*' && at[length - 2] == '.';
        unsigned segments = count_segments(at, star ? length - 2 : length);
        if (length > TYPE_MAX ||
            (star ? segments < 1 || segments >= SEGMENTS : segments != SEGMENTS))
            return error_set(error, PORTICO_EINVAL,
                             "\"%.*s\" is no type of event: write "
                             "portal.<module>.<entity>.<pastverb>, or the beginning of one and "
                             "\".*\" for all that begin so.",
                             (int)(length < 80 ? length : 80), at);
        patterns++;
        at += length;
    }
    return patterns ? PORTICO_OK
                    : error_set(error, PORTICO_EINVAL, "It names no type of event to listen to.");
}

int event_type_check(const char *type, const char *module, struct portico_error *error)
{
    size_t length = strlen(module);
    bool own = strncmp(type, "portal.", 7) == 0 && strncmp(type + 7, module, length) == 0 &&
               type[7 + length] == '.';
    if (own && strlen(type) <= TYPE_MAX && count_segments(type, strlen(type)) == SEGMENTS)
        return PORTICO_OK;
    return error_set(error, PORTICO_EINVAL,
                     "The event type \"%.80s\" is not named portal.%s.<entity>.<pastverb>, in "
                     "lower-case letters, digits and \"-\".",
                     type, module);
}
