/* RFC 3339 times: what is read can be written, and reads as the same time again. */
#include "base/clock.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t time = clock_parse_rfc3339((const char *)data, size);
    if (time == INT64_MIN)
        return 0;
    char text[40];
    size_t length = clock_rfc3339(time, text, sizeof text);
    /* An offset may lead out of the years that have four digits. */
    if (strchr("0123456789", text[0]) && text[4] == '-' &&
        clock_parse_rfc3339(text, length) != time)
        abort();
    return 0;
}
