/* Pages: templates, translations and brand of the core and all modules, compiled once per
 * generation. */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/value.h"

#include <portico/base.h>

struct page_set;

struct page_options {
    const char *core_directory;  /* holds templates/ and locale/ of the host; its templates are
                                    "portico/NAME" */
    const char *brand_directory; /* overrides: templates/MODULE/NAME.mustache,
                                    locale/MODULE/LANG.po; NULL */
    bool development;            /* errors show file, line and cause in the page */
};

struct page_set *page_set_new(const struct page_options *options, struct portico_error *error);
/* Compiles `directory`/templates and loads `directory`/locale under the module's id. All errors of
 * all files are reported to `report` (file:line: sentence), then PORTICO_EINVAL. In development a
 * module with mistakes is added all the same: rendering any of its pages fails with
 * them. */
int page_set_add(struct page_set *set, const char *module, const char *directory,
                 void (*report)(const char *sentence, void *data), void *data,
                 struct portico_error *error);
void page_set_free(struct page_set *set);

/* The reader: how words, dates and numbers come out. Borrowed. */
struct page_reader {
    const char *locale;   /* BCP 47, one of the loaded ones; "en" is the source */
    const char *timezone; /* IANA name, or NULL for UTC */
    int64_t now;          /* microseconds; what "3 hours ago" counts from */
};

/* Renders `module`/`view` with `data`, and `portal` as the frame outside it (brand, navigation,
 * assets). HTML escaping unless `media_type` is not HTML (XML escapes the same; text/plain none).
 */
int page_render(struct page_set *set, const char *module, const char *view, struct arena *arena,
                const struct value *data, const struct value *portal,
                const struct page_reader *reader, struct buffer *out, struct portico_error *error);
/* The reader's words for an English source text; {name} replaced from `arguments` (NULL: none), a
 * time by its day in UTC. */
const char *page_translate(struct page_set *set, const char *module, struct arena *arena,
                           const char *locale, const char *source, const struct value *arguments);
/* The loaded languages, sorted by tag, "en" among them; NULL past the end. */
const char *page_language_at(const struct page_set *set, size_t index);
/* What a language calls itself: "Deutsch" for "de". In the arena. */
const char *page_language_name(struct arena *arena, const char *tag);
/* Best of the loaded languages for an Accept-Language header (RFC 4647 lookup); "en" otherwise. */
const char *page_negotiate_locale(struct page_set *set, const char *accept_language);

#endif
