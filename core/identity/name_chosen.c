/* Names that people give themselves and others, which go into mails and pages that somebody else
 * trusts: none that is an address of the web, and none that is taken for those who run the portal.
 * What staff and operators write, and what was there before, is not asked. */
#include "identity/room.h"

#include "base/text.h"

#include <libpsl.h>
#include <unicode/uchar.h>
#include <unicode/uspoof.h>
#include <unicode/utf8.h>

#define WORDS_MOST 40 /* of a name of 80 characters */

/* ---- addresses of the web ---- */

/* Behind a point they end a title ("Dr.med."), and are endings of domains as well. */
static const char *const titles[] = { "art", "ing", "med" };

static bool is_title(const char *ending)
{
    for (size_t i = 0; i < G_N_ELEMENTS(titles); i++)
        if (strcmp(titles[i], ending) == 0)
            return true;
    return false;
}

static bool is_ending(const char *label)
{
    return psl_is_public_suffix2(psl_builtin(), label, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
}

/* "name.tld": what mail programs make a link of. `path`: a slash follows. */
static bool is_host(char *host, bool path)
{
    while (*host && host[strlen(host) - 1] == '.')
        host[strlen(host) - 1] = '\0';
    const char *ending = strrchr(host, '.');
    if (!ending || ending == host)
        return false;
    if (g_str_has_prefix(host, "www."))
        return true;
    size_t before = 0;
    while (before < (size_t)(ending - host) && ending[-1 - (ptrdiff_t)before] != '.')
        before++;
    ending++;
    return path || (before > 1 && is_ending(ending) && !is_title(ending));
}

static bool holds_address(const char *folded)
{
    bool found = strstr(folded, "://") != NULL;
    /* The point of East Asia divides labels as well (UTS 46). */
    char **parts = g_strsplit(folded, "\u3002", -1), *pointed = g_strjoinv(".", parts);
    for (const char *at = pointed; *at && !found;) {
        size_t length = strcspn(at, " /\\@,;:()<>[]{}\"'|!?#=&+*");
        char *host = g_strndup(at, length);
        found = is_host(host, at[length] == '/' && at[length + 1] && at[length + 1] != ' ');
        g_free(host);
        at += length;
        at += *at != '\0';
    }
    g_free(pointed);
    g_strfreev(parts);
    return found;
}

int identity_name_plain(const char *name, struct arena *arena, const char **ret_name,
                        struct portico_error *error)
{
    const char *kept = NULL, *folded = NULL;
    int code = identity_name_check(name, arena, &kept, error);
    if (code == 0)
        code = identity_fold(kept, arena, &folded, error);
    if (code < 0)
        return code;
    if (holds_address(folded))
        return error_set(error, PORTICO_EINVAL,
                         /* translated */ "Write a name without an address of the web or of mail.");
    *ret_name = kept;
    return PORTICO_OK;
}

/* ---- those who run the portal ---- */

/* In a name of nobody else, whatever stands beside them. */
static const char *const theirs[] = {
    "admin",           "admins",          "administrator",  "administrators",
    "administratoren", "administratorin", "administration", "adminteam",
    "helpdesk",        "hostmaster",      "hotline",        "kundenbetreuung",
    "kundendienst",    "kundenservice",   "kundensupport",  "mailerdaemon",
    "moderation",      "moderator",       "moderatoren",    "moderatorin",
    "moderators",      "noreply",         "postmaster",     "securityteam",
    "servicedesk",     "sicherheitsteam", "staff",          "support",
    "supporter",       "supportteam",     "sysadmin",       "systemadministrator",
    "webmaster",
};
/* No name by themselves, nor beside the portal's own. */
static const char *const nobodys[] = {
    "account", "accounts", "customer",   "desk",     "help",   "hilfe",     "info",
    "konto",   "kunden",   "office",     "official", "portal", "offiziell", "security",
    "service", "services", "sicherheit", "system",   "team",
};

/* As it looks to a reader, in small Latin letters: "Ѕuррort" and "Süpport" are "support". */
static const char *shape_of(const USpoofChecker *checker, const char *word, struct arena *arena)
{
    char skeleton[1024];
    UErrorCode status = U_ZERO_ERROR;
    const char *folded = word, *shape = word;
    int32_t length =
        checker ? uspoof_getSkeletonUTF8(checker, 0, word, -1, skeleton, sizeof skeleton, &status)
                : 0;
    if (checker && U_SUCCESS(status) && length < (int32_t)sizeof skeleton)
        folded = arena_strdup(arena, skeleton);
    return folded && identity_latin(folded, arena, &shape) == 0 ? shape : word;
}

struct words {
    const char *at[WORDS_MOST];
    size_t count;
};

/* Runs of letters and digits; what cannot be seen divides none. */
static void split(const char *text, struct arena *arena, struct words *ret_words)
{
    int32_t at = 0, length = (int32_t)strlen(text);
    GString *word = g_string_new(NULL);
    ret_words->count = 0;
    while (at <= length && ret_words->count < WORDS_MOST) {
        UChar32 character = ' ';
        int32_t from = at;
        if (at < length)
            U8_NEXT(text, at, length, character);
        else
            at++;
        if (character >= 0 && u_hasBinaryProperty(character, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
            continue;
        if (character >= 0 && (u_isalnum(character) || U_GET_GC_MASK(character) & U_GC_M_MASK)) {
            g_string_append_len(word, text + from, at - from);
        } else if (word->len) {
            ret_words->at[ret_words->count] = arena_strdup(arena, word->str);
            ret_words->count += ret_words->at[ret_words->count] != NULL;
            g_string_truncate(word, 0);
        }
    }
    g_string_free(word, TRUE);
}

static bool is_one_of(const USpoofChecker *checker, const char *word, const char *const *list,
                      size_t count, struct arena *arena)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, list[i]) == 0 || strcmp(word, shape_of(checker, list[i], arena)) == 0)
            return true;
    return false;
}

#define IS_ONE_OF(list, word) is_one_of(checker, word, list, G_N_ELEMENTS(list), arena)

/* Where the portal's name stands among the words; -1: nowhere. */
static ptrdiff_t find(const struct words *words, const struct words *portal)
{
    for (size_t from = 0; portal->count && from + portal->count <= words->count; from++) {
        size_t same = 0;
        while (same < portal->count && strcmp(words->at[from + same], portal->at[same]) == 0)
            same++;
        if (same == portal->count)
            return (ptrdiff_t)from;
    }
    return -1;
}

/* The portal's name of several words, written as one. */
static bool is_in_one(const char *word, const struct words *portal)
{
    for (size_t i = 0; i < portal->count && word; i++)
        word = g_str_has_prefix(word, portal->at[i]) ? word + strlen(portal->at[i]) : NULL;
    return portal->count > 1 && word && !*word;
}

static bool is_portals(const USpoofChecker *checker, const char *folded, const char *portal,
                       struct arena *arena)
{
    struct words words, own = { .count = 0 };
    GString *joined = g_string_new(NULL);
    split(shape_of(checker, folded, arena), arena, &words);
    if (portal && *portal)
        split(shape_of(checker, portal, arena), arena, &own);
    const ptrdiff_t at = find(&words, &own);
    bool theirs_alone = at >= 0 && own.count > 1, others = false;
    for (size_t i = 0; i < words.count && !theirs_alone; i++) {
        const bool portals = at >= 0 && i >= (size_t)at && i < (size_t)at + own.count;
        theirs_alone = IS_ONE_OF(theirs, words.at[i]) || is_in_one(words.at[i], &own);
        others |= !portals && !IS_ONE_OF(nobodys, words.at[i]);
        g_string_append(joined, words.at[i]);
    }
    /* "S.u.p.p.o.r.t" */
    theirs_alone |= !others || IS_ONE_OF(theirs, joined->str) || is_in_one(joined->str, &own);
    g_string_free(joined, TRUE);
    return theirs_alone;
}

int identity_name_chosen(const struct identity *identity, const char *name, struct arena *arena,
                         const char **ret_name, struct portico_error *error)
{
    const char *kept = NULL, *folded = NULL, *portal = "";
    UErrorCode status = U_ZERO_ERROR;
    int code = identity_name_plain(name, arena, &kept, error);
    if (code == 0)
        code = identity_fold(kept, arena, &folded, error);
    if (code == 0 && identity->rules.portal)
        code = identity_fold(identity->rules.portal, arena, &portal, error);
    if (code < 0)
        return code;
    USpoofChecker *checker = uspoof_open(&status);
    const bool portals = is_portals(U_SUCCESS(status) ? checker : NULL, folded, portal, arena);
    uspoof_close(checker);
    if (portals)
        return error_set(error, PORTICO_EINVAL, /* translated */
                         "Those who run the portal are called so: write the name people know you "
                         "by.");
    *ret_name = kept;
    return PORTICO_OK;
}
