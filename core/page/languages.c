/* What languages call themselves. */
#include "page/page.h"

#include <unicode/uloc.h>
#include <unicode/ustring.h>

#define NAME_MAX_UNITS 80

const char *page_language_name(struct arena *arena, const char *tag)
{
    UChar name[NAME_MAX_UNITS], titled[NAME_MAX_UNITS];
    char text[4 * NAME_MAX_UNITS];
    UErrorCode status = U_ZERO_ERROR;
    uloc_getDisplayName(tag, tag, name, NAME_MAX_UNITS, &status);
    /* On a button or in a list a name begins with a capital, in whatever language. */
    int32_t length = u_strToTitle(titled, NAME_MAX_UNITS, name, -1, NULL, tag, &status);
    u_strToUTF8(text, sizeof text, NULL, titled, length, &status);
    return arena_strdup(arena, U_SUCCESS(status) && text[0] ? text : tag);
}
