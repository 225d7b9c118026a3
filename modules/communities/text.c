/* Markdown as people write it to what is kept: safe html with links to the people it names. */
#include "write.h"

#include <ctype.h>

#define HANDLE_MAX 40
#define EXCERPT_LENGTH 240
#define LOOKED_UP_MOST 100 /* words with "@" that are asked about: each is a query */

/* A "@handle" in the html, and whose it is. */
struct mention {
    size_t at, length; /* of the whole word, with "@" */
    const char *handle;
};

static int is_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Length of the handle at `text`: words of letters and digits joined by single points or hyphens.
 */
static size_t handle_length(const char *text)
{
    size_t length = 0;
    while (isalnum((unsigned char)text[length]) ||
           (length && (text[length] == '.' || text[length] == '-') &&
            isalnum((unsigned char)text[length + 1])))
        length++;
    return length;
}

/* Whether the tag at `at` opens (1) or closes (-1) something in which words are not looked at. */
static int quiet_tag(const char *at)
{
    static const char *const names[] = { "a", "code", "pre" };
    int closes = at[1] == '/';
    const char *name = at + 1 + closes;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);
        if (strncmp(name, names[i], length) == 0 && !isalnum((unsigned char)name[length]))
            return closes ? -1 : 1;
    }
    return 0;
}

static void note_person(struct text *text, portico_id person)
{
    for (size_t i = 0; i < text->mentioned_count; i++)
        if (text->mentioned[i] == person)
            return;
    if (text->mentioned_count < MENTIONS_MOST)
        text->mentioned[text->mentioned_count++] = person;
}

/* Whose handle stands at `text`, behind "@"; 0 if nobody's. */
static int look_up(struct portico_context *context, const char *text, struct mention *mention,
                   struct text *into, struct portico_error *error)
{
    struct portico_value *person = NULL;
    const char *handle = portico_printf(context, "%.*s", (int)(mention->length - 1), text);
    if (!handle)
        return PORTICO_ENOMEM;
    int code = portico_people_named(portico_people(context), handle, &person, error);
    if (code == PORTICO_ENOENT)
        return 0;
    if (code < 0)
        return code;
    mention->handle = portico_get_text(person, "handle", "");
    note_person(into, portico_get_integer(person, "id", 0));
    return 1;
}

/* Mentions in `html`, which the sanitizer wrote: every "<" begins a tag, every ">" ends one. */
static int find_mentions(struct portico_context *context, const char *html,
                         struct mention *mentions, size_t *ret_count, struct text *into,
                         struct portico_error *error)
{
    int quiet = 0;
    size_t count = 0, looked_up = 0;
    for (const char *at = html; *at && count < MENTIONS_MOST && looked_up < LOOKED_UP_MOST; at++) {
        if (*at == '<') {
            quiet += quiet_tag(at);
            at += strcspn(at, ">");
            if (!*at)
                break;
            continue;
        }
        if (*at != '@' || quiet || (at > html && (is_word(at[-1]) || strchr("@/.", at[-1]))))
            continue;
        size_t length = handle_length(at + 1);
        if (!length || length > HANDLE_MAX)
            continue;
        mentions[count] = (struct mention){ (size_t)(at - html), length + 1, NULL };
        int code = look_up(context, at + 1, &mentions[count], into, error);
        looked_up++;
        if (code < 0)
            return code;
        count += (size_t)code;
        at += length;
    }
    *ret_count = count;
    return PORTICO_OK;
}

/* The html with a link around each mention. */
static const char *link_mentions(struct portico_context *context, const char *html,
                                 const struct mention *mentions, size_t count)
{
    size_t at = 0;
    const char *linked = "";
    for (size_t i = 0; linked && i < count; i++) {
        linked = portico_printf(context, "%s%.*s<a href=\"/communities/people/%s\">%.*s</a>",
                                linked, (int)(mentions[i].at - at), html + at, mentions[i].handle,
                                (int)mentions[i].length, html + mentions[i].at);
        at = mentions[i].at + mentions[i].length;
    }
    return linked ? portico_printf(context, "%s%s", linked, html + at) : NULL;
}

int text_render(struct portico_context *context, const char *source, struct text *ret_text,
                struct portico_error *error)
{
    struct text text = { 0 };
    struct mention mentions[MENTIONS_MOST];
    size_t count = 0;
    struct portico_content *content = portico_content(context);
    struct portico_value *html = portico_markdown(content, source, strlen(source), error);
    if (!html)
        return PORTICO_EINVAL;
    const char *markup = portico_text_of(html, NULL);
    int code = portico_people(context)
                   ? find_mentions(context, markup ? markup : "", mentions, &count, &text, error)
                   : PORTICO_OK;
    if (code < 0)
        return code;
    if (count) {
        markup = link_mentions(context, markup, mentions, count);
        html = markup ? portico_html_sanitize(content, markup, strlen(markup), error) : NULL;
        if (!html)
            return markup ? PORTICO_EINVAL : PORTICO_ENOMEM;
    }
    text.body = portico_html_seal(content, html);
    text.plain = portico_html_plain(content, html, 0);
    text.excerpt = portico_html_plain(content, html, EXCERPT_LENGTH);
    if (!text.body || !text.plain || !text.excerpt)
        return PORTICO_ENOMEM;
    *ret_text = text;
    return PORTICO_OK;
}

unsigned text_links(struct portico_context *context, const char *source)
{
    struct portico_value *html =
        portico_markdown(portico_content(context), source, strlen(source), NULL);
    const char *at = portico_text_of(html, NULL);
    unsigned count = 0;
    for (; at && (at = strstr(at, "<a href=\"http")); at++)
        count++;
    return count;
}
