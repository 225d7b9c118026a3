#include "page/format.h"

#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/uloc.h>
#include <unicode/unum.h>
#include <unicode/unumberformatter.h>
#include <unicode/upluralrules.h>
#include <unicode/ureldatefmt.h>
#include <unicode/ustring.h>

#define TIMEZONE_MAX 64 /* bytes of a zone's name */
#define MICROSECONDS INT64_C(1000000)
#define CACHED_MAX 16
#define UNITS_MAX 128

enum format_what {
    WHAT_NUMBER,
    WHAT_COMPACT,
    WHAT_DATE,
    WHAT_DATETIME,
    WHAT_RELATIVE,
    WHAT_PLURAL
};

/* Opening a formatter of ICU costs up to a millisecond: each thread keeps those it used last. */
struct format_cached {
    enum format_what what;
    char locale[32];
    char timezone[48];
    void *handle;
};
struct format_cache {
    struct format_cached entries[CACHED_MAX];
    unsigned next;
};

static void close_handle(struct format_cached *cached)
{
    if (!cached->handle)
        return;
    switch (cached->what) {
    case WHAT_NUMBER: unum_close(cached->handle); break;
    case WHAT_COMPACT: unumf_close(cached->handle); break;
    case WHAT_DATE:
    case WHAT_DATETIME: udat_close(cached->handle); break;
    case WHAT_RELATIVE: ureldatefmt_close(cached->handle); break;
    case WHAT_PLURAL: uplrules_close(cached->handle); break;
    }
    cached->handle = NULL;
}

static void free_cache(gpointer data)
{
    struct format_cache *cache = data;
    for (unsigned i = 0; i < CACHED_MAX; i++)
        close_handle(&cache->entries[i]);
    g_free(cache);
}

static GPrivate format_cache = G_PRIVATE_INIT(free_cache);

static bool is_english(const char *locale)
{
    return strncmp(locale, "en", 2) == 0 && (locale[2] == '\0' || locale[2] == '-');
}

/* English without a region reads day before month, as the source texts do. */
static const char *icu_locale(const char *locale)
{
    return is_english(locale) && strcmp(locale, "en-US") != 0 ? "en-GB" : locale;
}

static void *open_date(const char *locale, const char *zone_name, const char *skeleton)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar skeleton_units[16], pattern[UNITS_MAX], zone[64];
    u_uastrcpy(skeleton_units, skeleton);
    u_uastrncpy(zone, zone_name, 63);
    zone[63] = 0;
    UDateTimePatternGenerator *generator = udatpg_open(locale, &status);
    int32_t length =
        udatpg_getBestPattern(generator, skeleton_units, -1, pattern, UNITS_MAX, &status);
    udatpg_close(generator);
    if (U_FAILURE(status))
        return NULL;
    return udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, zone, -1, pattern, length, &status);
}

static void *open_handle(enum format_what what, const char *locale, const char *zone_name)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar skeleton[24];
    switch (what) {
    case WHAT_NUMBER: return unum_open(UNUM_DECIMAL, NULL, 0, locale, NULL, &status);
    case WHAT_COMPACT:
        u_uastrcpy(skeleton, "compact-short");
        return unumf_openForSkeletonAndLocale(skeleton, -1, locale, &status);
    case WHAT_DATE: return open_date(locale, zone_name, "yMMMd");
    case WHAT_DATETIME: return open_date(locale, zone_name, "yMMMdjm");
    case WHAT_RELATIVE:
        return ureldatefmt_open(locale, NULL, UDAT_STYLE_LONG, UDISPCTX_CAPITALIZATION_NONE,
                                &status);
    case WHAT_PLURAL: return uplrules_open(locale, &status);
    }
    return NULL;
}

static void *cached_handle(enum format_what what, const char *tag, const char *zone_name)
{
    const char *locale = icu_locale(tag);
    struct format_cache *cache = g_private_get(&format_cache);
    if (!cache) {
        cache = g_new0(struct format_cache, 1);
        g_private_set(&format_cache, cache);
    }
    for (unsigned i = 0; i < CACHED_MAX; i++) {
        struct format_cached *cached = &cache->entries[i];
        if (cached->handle && cached->what == what && strcmp(cached->locale, locale) == 0 &&
            strcmp(cached->timezone, zone_name) == 0)
            return cached->handle;
    }
    struct format_cached *cached = &cache->entries[cache->next++ % CACHED_MAX];
    close_handle(cached);
    if (strlen(locale) >= sizeof cached->locale || strlen(zone_name) >= sizeof cached->timezone)
        return NULL;
    cached->what = what;
    strcpy(cached->locale, locale);
    strcpy(cached->timezone, zone_name);
    cached->handle = open_handle(what, locale, zone_name);
    return cached->handle;
}

static void append_units(struct buffer *out, const UChar *units, int32_t length)
{
    char utf8[UNITS_MAX * 3 + 1];
    int32_t written = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(utf8, sizeof utf8, &written, units, length < UNITS_MAX ? length : UNITS_MAX,
                &status);
    if (U_SUCCESS(status))
        buffer_append(out, utf8, (size_t)written);
}

static void append_grouped(struct buffer *out, int64_t number)
{
    char digits[32];
    size_t at = sizeof digits, count = 0;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        if (count && count % 3 == 0)
            digits[--at] = ',';
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
        count++;
    } while (left);
    if (number < 0)
        digits[--at] = '-';
    buffer_append(out, digits + at, sizeof digits - at);
}

void format_integer(struct buffer *out, const char *locale, int64_t number)
{
    UChar units[UNITS_MAX];
    UErrorCode status = U_ZERO_ERROR;
    bool small = number > -1000 && number < 1000;
    UNumberFormat *format = is_english(locale) || (small && strncmp(locale, "de", 2) == 0)
                                ? NULL
                                : cached_handle(WHAT_NUMBER, locale, "");
    if (!format) {
        append_grouped(out, number);
        return;
    }
    int32_t length = unum_formatInt64(format, number, units, UNITS_MAX, NULL, &status);
    append_units(out, units, length);
}

void format_real(struct buffer *out, const char *locale, double number)
{
    format_decimal(out, locale, number, 2);
}

void format_decimal(struct buffer *out, const char *locale, double number, unsigned digits)
{
    UChar units[UNITS_MAX];
    UErrorCode status = U_ZERO_ERROR;
    UNumberFormat *format = cached_handle(WHAT_NUMBER, locale, "");
    if (!format) {
        buffer_printf(out, "%.*f", (int)digits, number);
        return;
    }
    unum_setAttribute(format, UNUM_MAX_FRACTION_DIGITS, (int32_t)digits);
    int32_t length = unum_formatDouble(format, number, units, UNITS_MAX, NULL, &status);
    append_units(out, units, length);
}

static void append_compact(struct buffer *out, int64_t number)
{
    static const struct {
        int64_t unit;
        char letter;
    } units[] = { { INT64_C(1000000000), 'b' }, { 1000000, 'm' }, { 1000, 'k' } };
    /* Rounded down, so that 999,999 never becomes 1000k. */
    int64_t size = number < 0 && number > INT64_MIN ? -number : number;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        if (size < units[i].unit)
            continue;
        int64_t tenths = size / (units[i].unit / 10);
        if (number < 0)
            buffer_append_char(out, '-');
        buffer_append_integer(out, tenths / 10);
        if (tenths < 100 && tenths % 10)
            buffer_printf(out, ".%d", (int)(tenths % 10));
        buffer_append_char(out, units[i].letter);
        return;
    }
    buffer_append_integer(out, number);
}

void format_compact(struct buffer *out, const char *locale, int64_t number)
{
    UErrorCode status = U_ZERO_ERROR;
    if (is_english(locale)) {
        append_compact(out, number);
        return;
    }
    UNumberFormatter *format = cached_handle(WHAT_COMPACT, locale, "");
    UFormattedNumber *result = format ? unumf_openResult(&status) : NULL;
    if (!result) {
        format_integer(out, locale, number);
        return;
    }
    UChar units[UNITS_MAX];
    unumf_formatInt(format, number, result, &status);
    int32_t length = unumf_resultToString(result, units, UNITS_MAX, &status);
    append_units(out, units, U_SUCCESS(status) ? length : 0);
    unumf_closeResult(result);
}

static const char *const months[] = { "Jan", "Feb", "Mar",  "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sept", "Oct", "Nov", "Dec" };

static bool is_utc(const char *zone_name)
{
    return !zone_name || !*zone_name || strcmp(zone_name, "UTC") == 0 ||
           strcmp(zone_name, "Etc/UTC") == 0;
}

void format_time(struct buffer *out, const struct page_reader *reader, enum format_style style,
                 int64_t time)
{
    const char *zone = is_utc(reader->timezone) ? "UTC" : reader->timezone;
    if (is_english(reader->locale) && strcmp(reader->locale, "en-US") != 0 && is_utc(zone)) {
        int64_t second = time / MICROSECONDS - (time % MICROSECONDS < 0);
        time_t seconds = (time_t)second;
        struct tm parts;
        if (!gmtime_r(&seconds, &parts))
            return;
        buffer_append_integer(out, parts.tm_mday);
        buffer_append_char(out, ' ');
        buffer_append_text(out, months[parts.tm_mon]);
        buffer_append_char(out, ' ');
        buffer_append_integer(out, parts.tm_year + 1900);
        if (style == FORMAT_DATETIME) {
            char clock[] = { ',', ' ', '0', '0', ':', '0', '0' };
            clock[2] = (char)('0' + parts.tm_hour / 10);
            clock[3] = (char)('0' + parts.tm_hour % 10);
            clock[5] = (char)('0' + parts.tm_min / 10);
            clock[6] = (char)('0' + parts.tm_min % 10);
            buffer_append(out, clock, sizeof clock);
        }
        return;
    }
    UChar units[UNITS_MAX];
    UErrorCode status = U_ZERO_ERROR;
    UDateFormat *format =
        cached_handle(style == FORMAT_DATE ? WHAT_DATE : WHAT_DATETIME, reader->locale, zone);
    if (!format)
        return;
    int32_t length = udat_format(format, (double)(time / 1000), units, UNITS_MAX, NULL, &status);
    append_units(out, units, U_SUCCESS(status) ? length : 0);
}

static const struct format_unit {
    int64_t seconds;
    URelativeDateTimeUnit unit;
    const char *english;
} units_of_time[] = {
    { 86400, UDAT_REL_UNIT_DAY, "day" },
    { 3600, UDAT_REL_UNIT_HOUR, "hour" },
    { 60, UDAT_REL_UNIT_MINUTE, "minute" },
};

static void append_relative(struct buffer *out, const char *locale, const struct format_unit *unit,
                            int64_t count)
{
    UChar units[UNITS_MAX];
    UErrorCode status = U_ZERO_ERROR;
    if (is_english(locale)) {
        int64_t size = count < 0 ? -count : count;
        if (!unit) {
            buffer_append_text(out, "just now");
            return;
        }
        buffer_append_text(out, count > 0 ? "in " : "");
        buffer_append_integer(out, size);
        buffer_append_char(out, ' ');
        buffer_append_text(out, unit->english);
        buffer_append_text(out, size == 1 ? "" : "s");
        buffer_append_text(out, count < 0 ? " ago" : "");
        return;
    }
    URelativeDateTimeFormatter *format = cached_handle(WHAT_RELATIVE, locale, "");
    if (!format)
        return;
    int32_t length =
        unit ? ureldatefmt_formatNumeric(format, (double)count, unit->unit, units, UNITS_MAX,
                                         &status)
             : ureldatefmt_format(format, 0, UDAT_REL_UNIT_SECOND, units, UNITS_MAX, &status);
    append_units(out, units, U_SUCCESS(status) ? length : 0);
}

void format_relative(struct buffer *out, const struct page_reader *reader, int64_t time)
{
    int64_t away = time / MICROSECONDS - reader->now / MICROSECONDS;
    int64_t size = away < 0 ? -away : away;
    if (size >= 7 * 86400) {
        format_time(out, reader, FORMAT_DATE, time);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(units_of_time); i++)
        if (size >= units_of_time[i].seconds) {
            append_relative(out, reader->locale, &units_of_time[i],
                            away / units_of_time[i].seconds);
            return;
        }
    append_relative(out, reader->locale, NULL, 0);
}

unsigned format_plural(const char *locale, int64_t number)
{
    static const char *const order[] = { "zero", "one", "two", "few", "many", "other" };
    if (is_english(locale) || strncmp(locale, "de", 2) == 0)
        return number != 1;
    UErrorCode status = U_ZERO_ERROR;
    UPluralRules *rules = cached_handle(WHAT_PLURAL, locale, "");
    UChar chosen[16];
    int32_t length = rules ? uplrules_select(rules, (double)number, chosen, 15, &status) : 0;
    UEnumeration *keywords = rules ? uplrules_getKeywords(rules, &status) : NULL;
    if (U_FAILURE(status) || !keywords)
        return number != 1;
    chosen[length] = 0;
    char category[16];
    u_austrcpy(category, chosen);
    bool has[G_N_ELEMENTS(order)] = { false };
    const char *keyword;
    while ((keyword = uenum_next(keywords, NULL, &status)) && U_SUCCESS(status))
        for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
            has[i] = has[i] || strcmp(order[i], keyword) == 0;
    uenum_close(keywords);
    unsigned index = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(order) && strcmp(order[i], category) != 0; i++)
        index += has[i];
    return index;
}

bool format_is_rtl(const char *locale)
{
    return uloc_isRightToLeft(locale);
}

bool format_is_timezone(const char *name)
{
    UChar units[TIMEZONE_MAX], canonical[TIMEZONE_MAX];
    UErrorCode status = U_ZERO_ERROR;
    UBool known = false;
    size_t length = strlen(name);
    if (length == 0 || length >= TIMEZONE_MAX)
        return false;
    u_uastrcpy(units, name);
    ucal_getCanonicalTimeZoneID(units, (int32_t)length, canonical, TIMEZONE_MAX, &known, &status);
    return U_SUCCESS(status) && known;
}
