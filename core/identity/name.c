/* Names as they are kept, and what is made of them: handles, initials, a hue. */
#include "identity/room.h"

#include "base/text.h"

#include <unicode/uchar.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>
#include <unicode/utrans.h>

#define HANDLE_LEAST 3
#define HANDLE_MADE 34 /* so that a number still fits behind it */

/* What no person is called: words of mentions and of the portal. */
static const char *const reserved[] = { "admin",     "administrator", "all",      "anonymous",
                                        "deleted",   "everyone",      "here",     "member",
                                        "moderator", "moderators",    "nobody",   "portico",
                                        "staff",     "system",        "webmaster" };

/* Characters that cannot be seen, or turn the direction of what stands around them. */
static bool is_hidden(UChar32 character)
{
    if (character == 0x200C || character == 0x200D) /* joiners belong to some scripts */
        return false;
    uint32_t mask = U_GET_GC_MASK(character);
    return (mask & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK | U_GC_CS_MASK | U_GC_CN_MASK |
                    U_GC_ZL_MASK | U_GC_ZP_MASK)) != 0;
}

static int bad_name(struct portico_error *error, const char *sentence)
{
    return error_set(error, PORTICO_EINVAL, "%s", sentence);
}

/* Blanks of all kinds become one, none at the ends. False: it holds what no name does. */
static bool tidy(const char *text, GString *out, size_t *ret_characters)
{
    bool seen = false, blank = false;
    int32_t at = 0, length = (int32_t)strlen(text);
    *ret_characters = 0;
    while (at < length) {
        UChar32 character;
        int32_t from = at;
        U8_NEXT(text, at, length, character);
        if (character < 0 || (is_hidden(character) && !u_isUWhiteSpace(character)))
            return false;
        if (u_isUWhiteSpace(character)) {
            blank = out->len > 0;
            continue;
        }
        if (blank)
            g_string_append_c(out, ' ');
        *ret_characters += blank + 1u;
        blank = false;
        g_string_append_len(out, text + from, at - from);
        seen |= u_isalnum(character);
    }
    return seen;
}

int identity_name_check(const char *name, struct arena *arena, const char **ret_name,
                        struct portico_error *error)
{
    const char *composed;
    if (!name || identity_compose(name, arena, &composed, error) < 0)
        return bad_name(error, /* translated */ "Write a name of up to 80 characters.");
    GString *out = g_string_new(NULL);
    size_t characters;
    bool fine = tidy(composed, out, &characters);
    char *kept = fine ? arena_strdup(arena, out->str) : NULL;
    g_string_free(out, TRUE);
    if (!fine)
        return bad_name(
            error,
            /* translated */ "Write a name with letters, and without hidden characters.");
    if (characters > IDENTITY_NAME_MAX)
        return bad_name(error, /* translated */ "Write a name of up to 80 characters.");
    if (!kept)
        return identity_no_memory(error);
    *ret_name = kept;
    return PORTICO_OK;
}

static bool is_reserved(const char *handle)
{
    for (size_t i = 0; i < G_N_ELEMENTS(reserved); i++)
        if (strcmp(reserved[i], handle) == 0)
            return true;
    return false;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

int identity_handle_check(const char *handle, struct portico_error *error)
{
    size_t length = strlen(handle);
    bool fine = length >= HANDLE_LEAST && length <= IDENTITY_HANDLE_MAX && is_word(handle[0]) &&
                is_word(handle[length - 1]);
    for (size_t i = 1; fine && i < length; i++)
        fine = is_word(handle[i]) ||
               ((handle[i] == '.' || handle[i] == '-') && is_word(handle[i - 1]));
    /* All digits would read as an id. */
    fine = fine && strspn(handle, "0123456789") < length;
    if (!fine)
        return error_set(error, PORTICO_EINVAL,
                         /* translated */
                         "Write a handle of 3 to 40 letters a to z and digits, with single "
                         "points or hyphens between them.");
    if (is_reserved(handle))
        return error_set(error, PORTICO_EINVAL,
                         "The handle \"%s\" stands for others: choose another one.", handle);
    return PORTICO_OK;
}

/* In Latin letters without marks, lower case; g_free() it, NULL where ICU cannot. */
static UChar *romanize(const char *name, int32_t *ret_length)
{
    static const UChar rules[] = u"Any-Latin; Latin-ASCII; Any-Lower";
    UErrorCode status = U_ZERO_ERROR;
    int32_t bytes = (int32_t)strlen(name), length = 0, room = bytes * 8 + 64;
    UChar *text = g_new(UChar, (gsize)room);
    u_strFromUTF8(text, room, &length, name, bytes, &status);
    UTransliterator *romanizer = utrans_openU(rules, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    int32_t limit = length;
    if (U_SUCCESS(status))
        utrans_transUChars(romanizer, text, &length, room, 0, &limit, &status);
    utrans_close(romanizer);
    if (U_FAILURE(status)) {
        g_free(text);
        return NULL;
    }
    *ret_length = length;
    return text;
}

int identity_latin(const char *text, struct arena *arena, const char **ret_latin)
{
    int32_t length = 0, bytes = 0;
    UErrorCode status = U_ZERO_ERROR;
    UChar *latin = romanize(text, &length);
    char *out = latin ? g_malloc((gsize)length * 3 + 1) : NULL;
    if (out)
        u_strToUTF8(out, length * 3 + 1, &bytes, latin, length, &status);
    char *kept = out && U_SUCCESS(status) ? arena_strndup(arena, out, (size_t)bytes) : NULL;
    g_free(out);
    g_free(latin);
    if (!kept)
        return PORTICO_ENOMEM;
    *ret_latin = kept;
    return PORTICO_OK;
}

int identity_handle_make(const char *name, struct arena *arena, const char **ret_handle,
                         struct portico_error *error)
{
    int32_t length = 0;
    UChar *latin = romanize(name, &length);
    GString *out = g_string_new(NULL);
    for (int32_t i = 0; latin && i < length && out->len < HANDLE_MADE; i++) {
        if (latin[i] < 0x80 && is_word((char)latin[i]))
            g_string_append_c(out, (char)latin[i]);
        /* An apostrophe within a word is left out: o'neil is oneil. */
        else if (out->len && is_word(out->str[out->len - 1]) && latin[i] != '\'')
            g_string_append_c(out, latin[i] == '-' ? '-' : '.');
    }
    g_free(latin);
    while (out->len && !is_word(out->str[out->len - 1]))
        g_string_truncate(out, out->len - 1);
    if (out->len < HANDLE_LEAST || strspn(out->str, "0123456789") == out->len)
        g_string_prepend(out, out->len ? "person." : "person");
    if (is_reserved(out->str))
        g_string_append(out, ".1");
    char *handle = arena_strdup(arena, out->str);
    g_string_free(out, TRUE);
    if (!handle)
        return identity_no_memory(error);
    *ret_handle = handle;
    return PORTICO_OK;
}

/* The first letter or digit at or behind `at`, in upper case. */
static void add_initial(GString *out, const char *text, int32_t at, int32_t end)
{
    while (at < end) {
        UChar32 character;
        U8_NEXT(text, at, end, character);
        if (character >= 0 && u_isalnum(character)) {
            g_string_append_unichar(out, (gunichar)u_toupper(character));
            return;
        }
    }
}

const char *identity_initials(const char *name, struct arena *arena)
{
    const char *last = strrchr(name, ' ');
    GString *out = g_string_new(NULL);
    add_initial(out, name, 0, (int32_t)strcspn(name, " "));
    if (last)
        add_initial(out, last, 1, (int32_t)strlen(last));
    char *initials = arena_strdup(arena, out->len ? out->str : "?");
    g_string_free(out, TRUE);
    return initials ? initials : "?";
}

unsigned identity_hue(int64_t person)
{
    /* Ids made in a row differ in few bits: spread by the golden ratio. */
    return (unsigned)(((uint64_t)person * UINT64_C(0x9E3779B97F4A7C15) >> 32) * 360 >> 32);
}
