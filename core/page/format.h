/* Numbers and times as a reader writes them. English in UTC is done by hand, the rest by ICU. */
#ifndef PAGE_FORMAT_H
#define PAGE_FORMAT_H

#include "base/buffer.h"
#include "page/page.h"

enum format_style { FORMAT_DATE, FORMAT_DATETIME };

/* "12,345" */
void format_integer(struct buffer *out, const char *locale, int64_t number);
/* At most two digits behind the point, as many as needed. */
void format_real(struct buffer *out, const char *locale, double number);
/* The same with at most so many digits behind the point. */
void format_decimal(struct buffer *out, const char *locale, double number, unsigned digits);
/* "1.2k" */
void format_compact(struct buffer *out, const char *locale, int64_t number);
/* "18 Nov 2026", "18 Nov 2026, 14:05" in the reader's zone */
void format_time(struct buffer *out, const struct page_reader *reader, enum format_style style,
                 int64_t time);
/* "3 hours ago", "in 2 days"; from a week on the date. */
void format_relative(struct buffer *out, const struct page_reader *reader, int64_t time);
/* Which form a count takes: the position of its CLDR category among those the language has, in the
 * order zero, one, two, few, many, other. English: 0 for 1, else 1. */
unsigned format_plural(const char *locale, int64_t number);
/* True for scripts written from right to left. */
bool format_is_rtl(const char *locale);

/* Whether it is the IANA name of a zone, such as "Europe/Berlin". */
bool format_is_timezone(const char *name);

#endif
