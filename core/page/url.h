/* URLs in pages: how values are written into them, and which ones may stand there. */
#ifndef PAGE_URL_H
#define PAGE_URL_H

#include "base/buffer.h"

/* Appends `text` to the attribute value that began at `begin`: a whole URL at its start, one
 * segment or path behind that, data behind "?" or "#". Percent-encoded and escaped for markup. */
void url_append(struct buffer *out, size_t begin, const char *text, size_t length);
/* Replaces the value from `begin` by "#" unless it is http, https, mailto, tel or a path. */
void url_guard(struct buffer *out, size_t begin);
/* True for http, https, mailto and relative references that stay on this portal; for content of
 * people. */
bool url_is_safe(const char *url, size_t length);
/* True for a picture of this portal: "/portico/files/ID/NAME" and what stands under "/assets/".
 * Whoever reads a text fetches its pictures, in their own name: content may name nothing else. */
bool url_is_picture(const char *url, size_t length);

#endif
