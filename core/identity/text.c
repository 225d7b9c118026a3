/* Texts as people write them, brought to one form (UAX #15) by ICU. */
#include "identity/room.h"

#include "base/text.h"

#include <sodium.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#define TEXT_MOST 4096 /* bytes; names, addresses and passwords are far shorter */

static int32_t normalize(const UNormalizer2 *form, const UChar *text, int32_t length,
                         UChar **ret_text)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t room = length * 18 + 1; /* the most that NFKC makes of a character */
    UChar *result = g_new(UChar, (gsize)room);
    int32_t made = unorm2_normalize(form, text, length, result, room, &status);
    if (U_FAILURE(status)) {
        g_free(result);
        return -1;
    }
    *ret_text = result;
    return made;
}

static void wipe(UChar *text, int32_t length)
{
    if (text)
        sodium_memzero(text, (size_t)length * sizeof *text);
    g_free(text);
}

/* g_free() it; NULL if it is none. The characters before it, between them and after it are wiped.
 */
static char *normal_form(const UNormalizer2 *form, const char *text, bool lower,
                         size_t *ret_characters)
{
    size_t bytes = strlen(text);
    if (!form || bytes > TEXT_MOST || !text_is_utf8(text, bytes))
        return NULL;
    UErrorCode status = U_ZERO_ERROR;
    UChar *wide = g_new(UChar, bytes + 1), *result = NULL, *folded = NULL;
    int32_t length = 0, made, room = 0;
    char *out = NULL;
    u_strFromUTF8(wide, (int32_t)bytes + 1, &length, text, (int32_t)bytes, &status);
    made = U_FAILURE(status) ? -1 : normalize(form, wide, length, &result);
    if (made >= 0 && lower) {
        /* Lower case may undo the form: once more. */
        room = made * 3 + 1;
        folded = g_new(UChar, (gsize)room);
        int32_t folds = u_strToLower(folded, room, result, made, "", &status);
        wipe(result, made);
        result = NULL;
        made = U_FAILURE(status) ? -1 : normalize(form, folded, folds, &result);
    }
    if (made >= 0) {
        int32_t size = made * 3 + 1;
        out = g_malloc((gsize)size);
        u_strToUTF8(out, size, NULL, result, made, &status);
        if (ret_characters)
            *ret_characters = (size_t)u_countChar32(result, made);
    }
    wipe(wide, length);
    wipe(folded, room);
    wipe(result, made < 0 ? 0 : made);
    if (out && U_FAILURE(status)) {
        g_free(out);
        return NULL;
    }
    return out;
}

char *identity_normal(const char *text, size_t *ret_characters)
{
    UErrorCode status = U_ZERO_ERROR;
    return normal_form(unorm2_getNFKCInstance(&status), text, false, ret_characters);
}

static int keep(char *made, struct arena *arena, const char **ret_text, struct portico_error *error)
{
    if (!made)
        return error_set(error, PORTICO_EINVAL, "This is no text, or it is far too long.");
    char *kept = arena_strdup(arena, made);
    g_free(made);
    if (!kept)
        return identity_no_memory(error);
    *ret_text = kept;
    return PORTICO_OK;
}

int identity_fold(const char *text, struct arena *arena, const char **ret_text,
                  struct portico_error *error)
{
    UErrorCode status = U_ZERO_ERROR;
    return keep(normal_form(unorm2_getNFKCInstance(&status), text, true, NULL), arena, ret_text,
                error);
}

int identity_compose(const char *text, struct arena *arena, const char **ret_text,
                     struct portico_error *error)
{
    UErrorCode status = U_ZERO_ERROR;
    return keep(normal_form(unorm2_getNFCInstance(&status), text, false, NULL), arena, ret_text,
                error);
}
