/* What people write, made safe: the only makers of the html kind. */
#ifndef PAGE_CONTENT_H
#define PAGE_CONTENT_H

#include "base/arena.h"
#include "base/value.h"

#include <portico/base.h>

#define CONTENT_BYTES_MAX (1024 * 1024)
#define CONTENT_DEPTH_MAX 200
#define CONTENT_IMAGES_MAX 50 /* shown in one text: each reader's browser asks for all of them */

/* How headings of people's texts join the page's: its only h1 is the page's own. */
struct content_options {
    unsigned heading_shift; /* h1 becomes h(1 + shift); never above h2 nor below h6 */
};

int content_sanitize(struct arena *arena, const char *html, size_t length, struct value **ret_html,
                     struct portico_error *error);
int content_sanitize_with(struct arena *arena, const char *html, size_t length,
                          const struct content_options *options, struct value **ret_html,
                          struct portico_error *error);
int content_markdown(struct arena *arena, const char *markdown, size_t length,
                     struct value **ret_html, struct portico_error *error);
/* Words without markup, at most `limit` bytes (0: all). NULL when memory ended. */
char *content_plain(struct arena *arena, const struct value *html, size_t limit);

/* Sealing: "k2:" + 32 hex digits of a SipHash + ":" + html. The key is 32 bytes. "k1:" was
 * sealed when content could name any image: it is sanitized again. */
void content_set_key(const unsigned char key[32]);
const char *content_seal(struct arena *arena, const struct value *html);
/* Opens sealed text; anything else is sanitized again. */
struct value *content_open(struct arena *arena, const char *text, size_t length);

#endif
