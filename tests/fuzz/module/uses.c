/* What a module says it needs: read from a file that nobody has vouched for yet. */
#include "module/uses.h"
#include "base/error.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct uses uses;
    struct portico_error error = PORTICO_ERROR_INIT;
    char id[USES_NAME_MAX + 1];
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    if (uses_parse(text, &uses, &error) == 0) {
        for (unsigned i = 0; i < uses.count; i++) {
            use_module(&uses.items[i], id);
            if (!uses_find(&uses, uses.items[i].name) ||
                use_is_interface(&uses.items[i]) != (id[0] == '\0'))
                __builtin_trap();
        }
        uses_check_host(&uses, &error);
    }
    free(text);
    return 0;
}
