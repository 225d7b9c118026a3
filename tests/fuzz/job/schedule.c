/* Schedules: whatever text is given, what is read comes after the time asked about. */
#include "job/schedule.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t times[] = { 0, 1, -1, INT64_C(1767225600000000),
                                     INT64_C(4107542400000000) };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct schedule schedule;
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (schedule_parse(text, &schedule, &error) == 0) {
        for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
            int64_t next = schedule_next(&schedule, times[i]);
            if (next <= times[i] || next == INT64_MAX || schedule_next(&schedule, next) <= next)
                abort();
            if (schedule_next(&schedule, next - 1) != next)
                abort();
        }
    } else if (!error.message[0]) {
        abort();
    }
    free(text);
    return 0;
}
