/* Which passwords are refused: short, long, common, made of the person's own words, or of what
 * fingers type by themselves. */
#include "identity/room.h"

#include <sodium.h>

/* What leads every list of stolen passwords and is 8 characters or longer, in lower case. Digits
 * and signs at either end are taken off before looking, so that "password" stands for "Password1!"
 * too; what is left then may be shorter. */
static const char *const common[] = {
    "password",
    "passwort",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "pa$$word",
    "pa$$w0rd",
    "letmein",
    "welcome",
    "willkommen",
    "iloveyou",
    "ichliebedich",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "basketball",
    "superman",
    "batman",
    "spiderman",
    "trustno",
    "dragon",
    "monkey",
    "shadow",
    "master",
    "michael",
    "jennifer",
    "jordan",
    "hunter",
    "buster",
    "soccer",
    "hockey",
    "killer",
    "george",
    "andrew",
    "charlie",
    "thomas",
    "robert",
    "daniel",
    "jessica",
    "michelle",
    "pepper",
    "ginger",
    "cookie",
    "summer",
    "winter",
    "spring",
    "autumn",
    "sommer",
    "herbst",
    "january",
    "february",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "friday",
    "sunday",
    "computer",
    "internet",
    "starwars",
    "pokemon",
    "minecraft",
    "fortnite",
    "liverpool",
    "chelsea",
    "arsenal",
    "barcelona",
    "realmadrid",
    "juventus",
    "bayern",
    "schalke",
    "ferrari",
    "porsche",
    "mercedes",
    "corvette",
    "mustang",
    "harley",
    "yankees",
    "cowboys",
    "steelers",
    "eagles",
    "lakers",
    "samsung",
    "google",
    "facebook",
    "linkedin",
    "microsoft",
    "windows",
    "apple",
    "amazon",
    "admin",
    "administrator",
    "root",
    "toor",
    "guest",
    "gast",
    "user",
    "test",
    "testing",
    "tester",
    "demo",
    "login",
    "secret",
    "geheim",
    "geheimnis",
    "default",
    "changeme",
    "change",
    "access",
    "system",
    "server",
    "support",
    "service",
    "customer",
    "kunde",
    "portal",
    "office",
    "company",
    "firma",
    "whatever",
    "nothing",
    "freedom",
    "forever",
    "friends",
    "family",
    "flower",
    "blink",
    "babygirl",
    "lovely",
    "lovers",
    "loveme",
    "hello",
    "hallo",
    "helloworld",
    "bonjour",
    "azerty",
    "qwerty",
    "qwertz",
    "qwertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "asdfgh",
    "zxcvbnm",
    "yxcvbnm",
    "1q2w3e",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "q1w2e3r4",
    "q1w2e3r4t5",
    "zaq12wsx",
    "1qaz2wsx",
    "1qaz2wsx3edc",
    "qazwsx",
    "qazwsxedc",
    "zaq1xsw2",
    "abcd1234",
    "a1b2c3d4",
    "abc123abc",
    "a123456789",
    "1a2b3c4d",
    "aa123456",
    "pass",
    "pass1234word",
    "mypassword",
    "meinpasswort",
    "yourpassword",
    "thepassword",
    "newpassword",
    "nopassword",
    "password1password",
    "letmeinnow",
    "openup",
    "opensesame",
    "ilovegod",
    "jesus",
    "jesuschrist",
    "blessed",
    "angel",
    "angels",
    "chocolate",
    "schokolade",
    "butterfly",
    "schmetterling",
    "rainbow",
    "unicorn",
    "sparkle",
    "purple",
    "orange",
    "yellow",
    "silver",
    "golden",
    "diamond",
    "crystal",
    "phoenix",
    "thunder",
    "lightning",
    "tigger",
    "tiger",
    "panther",
    "falcon",
    "eagle",
    "dolphin",
    "elephant",
    "mickey",
    "mickeymouse",
    "donald",
    "snoopy",
    "garfield",
    "scooby",
    "simpson",
    "homer",
    "matrix",
    "naruto",
    "pikachu",
    "zelda",
    "mario",
    "gandalf",
    "frodo",
    "hobbit",
    "potter",
    "harrypotter",
    "hogwarts",
    "skywalker",
    "startrek",
    "enterprise",
    "alexander",
    "alexandra",
    "elizabeth",
    "victoria",
    "christian",
    "christina",
    "stephanie",
    "samantha",
    "benjamin",
    "jonathan",
    "nicholas",
    "matthew",
    "anthony",
    "william",
    "patrick",
    "richard",
    "charles",
    "barbara",
    "katharina",
    "sebastian",
    "maximilian",
    "lukas",
    "leonie",
    "hannah",
    "london",
    "paris",
    "berlin",
    "hamburg",
    "muenchen",
    "newyork",
    "america",
    "germany",
    "deutschland",
    "england",
    "france",
    "canada",
    "australia",
    "brasil",
    "mexico",
    "correcthorsebatterystaple",
    "fuckyou",
    "fuckoff",
    "asshole",
    "bitch",
    "scheisse",
    "arschloch",
    "hurensohn",
    "qwert",
    "asdf",
    "yxcv",
    "wasd",
    "wasdwasd",
    "abcdef",
    "abcdefgh",
    "aaaaaaaa",
    "xxxxxxxx",
};

/* Rows of keyboards and what people count by; both ways. */
static const char *const rows[] = { "01234567890123456789",       "abcdefghijklmnopqrstuvwxyz",
                                    "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm",
                                    "azertyuiopqsdfghjklmwxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm" };

enum { SHORT, LONG, COMMON, OWN, SEQUENCE, NO_TEXT };
static const char *const reasons[] = {
    [SHORT] = /* translated */ "Use at least 8 characters. A few words in a row are easy to "
                               "remember.",
    [LONG] = /* translated */ "Use at most 200 characters.",
    [COMMON] = /* translated */ "This password is among the first that others would try. "
                                "Choose another one.",
    [OWN] = /* translated */ "Do not make the password of your name, your address or the "
                             "name of this "
                             "portal.",
    [SEQUENCE] = /* translated */ "Do not use characters in a row or repeated ones, such as "
                                  "12345678 or "
                                  "aaaaaaaa.",
    [NO_TEXT] =
        /* translated */ "The password holds characters that cannot be read. Type it again.",
};

/* Steps to the same or the next one in any row, and back, of so many characters in a row. */
static bool follows(char a, char b)
{
    if (a == b)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *at = strchr(rows[i], a);
        if (at && ((at[1] && at[1] == b) || (at > rows[i] && at[-1] == b)))
            return true;
    }
    return false;
}

/* Few different steps: all but three characters follow the one before them. */
static bool is_sequence(const char *text)
{
    size_t length = strlen(text), breaks = 0;
    bool used[256] = { false };
    unsigned different = 0;
    for (size_t i = 0; i < length; i++) {
        different += !used[(unsigned char)text[i]];
        used[(unsigned char)text[i]] = true;
        breaks += i > 0 && !follows(text[i - 1], text[i]);
    }
    return different <= 3 || breaks * 4 <= length - 1;
}

/* "abcabcabc": one piece over and over. */
static bool is_repeated(const char *text)
{
    size_t length = strlen(text);
    for (size_t piece = 1; piece <= length / 2 && piece <= 4; piece++)
        if (memcmp(text, text + piece, length - piece) == 0)
            return true;
    return false;
}

static bool is_common(const char *text)
{
    const char *digits_and_signs = "0123456789 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    size_t from = strspn(text, digits_and_signs), to = strlen(text);
    while (to > from && strchr(digits_and_signs, text[to - 1]))
        to--;
    for (size_t i = 0; i < G_N_ELEMENTS(common); i++)
        if (strcmp(text, common[i]) == 0 ||
            (strlen(common[i]) == to - from && memcmp(text + from, common[i], to - from) == 0))
            return true;
    return false;
}

/* What is left of the password without the word is no password. */
static bool rests_on(const char *text, const char *word, size_t length)
{
    if (length < 3)
        return false;
    char *piece = g_strndup(word, length);
    const char *at = strstr(text, piece);
    g_free(piece);
    return at && strlen(text) - length < 5;
}

static bool rests_on_any(const char *text, const char *words)
{
    size_t characters;
    char *normal = words ? identity_normal(words, &characters) : NULL;
    bool found = false;
    if (normal) {
        char *lower = g_utf8_strdown(normal, -1);
        found = rests_on(text, lower, strlen(lower));
        for (const char *at = lower; !found && *(at += strspn(at, " .-_@+"));) {
            size_t length = strcspn(at, " .-_@+");
            found = rests_on(text, at, length);
            at += length;
        }
        g_free(lower);
    }
    g_free(normal);
    return found;
}

static int judge(const char *password, const struct identity_password_context *context)
{
    size_t characters = 0;
    int reason = -1;
    char *normal = identity_normal(password, &characters);
    if (!normal)
        return strlen(password) > IDENTITY_PASSWORD_MOST ? LONG : NO_TEXT;
    char *lower = g_utf8_strdown(normal, -1);
    if (characters < IDENTITY_PASSWORD_LEAST)
        reason = SHORT;
    else if (characters > IDENTITY_PASSWORD_MOST)
        reason = LONG;
    else if (is_sequence(lower) || is_repeated(lower))
        reason = SEQUENCE;
    else if (is_common(lower))
        reason = COMMON;
    else if (context &&
             (rests_on_any(lower, context->portal) || rests_on_any(lower, context->name) ||
              rests_on_any(lower, context->handle) || rests_on_any(lower, context->address)))
        reason = OWN;
    sodium_memzero(normal, strlen(normal));
    sodium_memzero(lower, strlen(lower));
    g_free(normal);
    g_free(lower);
    return reason;
}

int identity_password_check(const char *password, const struct identity_password_context *context,
                            const char **ret_reason, struct portico_error *error)
{
    int reason = judge(password, context);
    if (reason < 0)
        return PORTICO_OK;
    if (ret_reason)
        *ret_reason = reasons[reason];
    return error_set(error, PORTICO_EINVAL, "%s", reasons[reason]);
}
