/* Text that people write, made safe: Markdown and HTML in, the host's own html kind out. */
#ifndef PORTICO_CONTENT_H
#define PORTICO_CONTENT_H

#include "context.h"

/** Name of the interface. */
#define PORTICO_CONTENT "portico.content"

struct portico_content;

/**
 * `portico.content` 1.0, remotable. Declare "portico.content 1.0". Only elements, attributes and
 * URL schemes on the host's allow-list survive. Since 0.1.
 */
struct portico_content_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_html_sanitize(). */
    struct portico_value *(*sanitize)(struct portico_content *content, const char *html,
                                      size_t length, struct portico_error *error);
    /** As portico_markdown(). */
    struct portico_value *(*markdown)(struct portico_content *content, const char *markdown,
                                      size_t length, struct portico_error *error);
    /** As portico_html_plain(). */
    char *(*plain)(struct portico_content *content, const struct portico_value *html, size_t limit);
    /** As portico_html_seal(). */
    const char *(*seal)(struct portico_content *content, const struct portico_value *html);
};
/** Public head: its table. */
struct portico_content {
    const struct portico_content_api *api; /**< what it can do */
};

/** The content of this call, or NULL if the module did not declare "portico.content 1.0".
 * Borrowed. */
#define portico_content(handle)                                                                    \
    ((struct portico_content *)portico_interface((handle), PORTICO_CONTENT, 1))

/** HTML of any quality to safe html; NULL with `error` set if it is too deep or too long. */
static inline struct portico_value *portico_html_sanitize(struct portico_content *content,
                                                          const char *html, size_t length,
                                                          struct portico_error *error)
{
    return content ? content->api->sanitize(content, html, length, error) : NULL;
}
/** CommonMark with tables, strikethrough and autolinks to safe html. */
static inline struct portico_value *portico_markdown(struct portico_content *content,
                                                     const char *markdown, size_t length,
                                                     struct portico_error *error)
{
    return content ? content->api->markdown(content, markdown, length, error) : NULL;
}
/** The words of safe html without markup, at most `limit` bytes (0: all), cut at a word; for search
 * and excerpts. */
static inline char *portico_html_plain(struct portico_content *content,
                                       const struct portico_value *html, size_t limit)
{
    return content ? content->api->plain(content, html, limit) : NULL;
}
/**
 * Text to store safe html as. A column read with the alias suffix `:html` opens it again; what was
 * not sealed by this portal is sanitized again when read, so a row can never smuggle markup in.
 */
static inline const char *portico_html_seal(struct portico_content *content,
                                            const struct portico_value *html)
{
    return content ? content->api->seal(content, html) : NULL;
}

#endif
