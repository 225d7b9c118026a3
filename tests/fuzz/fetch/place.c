/* URLs: whatever is taken names one host in one spelling, and names it again when read again. */
#include "fetch/place.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct fetch_rules rules = { .development = true };
    struct fetch_place place, again;
    char *text = malloc(size + 1), *url = NULL;
    if (!text)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    if (place_read(&rules, text, NULL, &place, NULL) == 0) {
        if (curl_url_get(place.url, CURLUPART_URL, &url, 0) != CURLUE_OK || place.port == 0 ||
            strpbrk(place.host, "@/?#\\% \t\r\n") || place.trusted)
            abort();
        if (place_read(&rules, url, NULL, &again, NULL) == 0) {
            if (!place_is_same_origin(&place, &again))
                abort();
            place_free(&again);
        }
        curl_free(url);
        place_free(&place);
    }
    free(text);
    return 0;
}
