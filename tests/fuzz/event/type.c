/* Types of events and the patterns listeners give: what is accepted matches itself. */
#include "event/event.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    const char *line = memchr(text, '\n', size);
    event_matches(text, line ? line + 1 : text);
    event_trace_is_good(text);
    if (event_type_check(text, "shop", &error) == 0) {
        char longer[200];
        strcpy(longer, text);
        strcat(longer, "s");
        if (event_patterns_check(text, &error) < 0 || !event_matches(text, text) ||
            event_matches(text, longer) || !event_matches("portal.shop.*", text) ||
            event_matches("portal.sho.*", text))
            abort();
    }
    if (event_patterns_check(text, &error) < 0 && !error.message[0])
        abort();
    free(text);
    return 0;
}
