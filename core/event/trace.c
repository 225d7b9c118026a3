/* W3C Trace Context, section 3.2: version, trace id, parent id, flags. */
#include "event/event.h"

#include <sodium.h>
#include <stdio.h>

#define HEX "0123456789abcdef"

static bool is_hex(const char *text, size_t length)
{
    return strspn(text, HEX) >= length;
}

static bool is_zero(const char *text, size_t length)
{
    return strspn(text, "0") >= length;
}

/* Version 00 has no more than these four parts; a later one may, but this portal cannot pass on
 * what it does not know. */
bool event_trace_is_good(const char *text)
{
    return text && strlen(text) == EVENT_TRACE_SIZE - 1 && is_hex(text, 2) && text[2] == '-' &&
           is_hex(text + 3, 32) && text[35] == '-' && is_hex(text + 36, 16) && text[52] == '-' &&
           is_hex(text + 53, 2) && strncmp(text, "00", 2) == 0 && !is_zero(text + 3, 32) &&
           !is_zero(text + 36, 16);
}

void event_trace_make(char ret_trace[EVENT_TRACE_SIZE])
{
    unsigned char random[24];
    char trace[33], parent[17];
    do {
        randombytes_buf(random, sizeof random);
        sodium_bin2hex(trace, sizeof trace, random, 16);
        sodium_bin2hex(parent, sizeof parent, random + 16, 8);
    } while (is_zero(trace, 32) || is_zero(parent, 16));
    snprintf(ret_trace, EVENT_TRACE_SIZE, "00-%s-%s-00", trace, parent);
}
