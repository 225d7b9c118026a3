#include "file/upload.h"

#include <portico/file.h>
#include <stdio.h>

#define NAME_MAX_BYTES 100 /* before the ending */
#define ENDING_MAX 10

static const struct {
    const char *media_type;
    const char *endings[3]; /* the first is given to what has none of them */
} images[] = {
    { "image/png", { ".png" } },
    { "image/jpeg", { ".jpg", ".jpeg" } },
    { "image/gif", { ".gif" } },
    { "image/webp", { ".webp" } },
};

/* Text without control characters but those that end lines and columns. */
static bool is_plain(const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((bytes[i] < 0x20 && !strchr("\t\n\f\r", bytes[i])) || bytes[i] == 0x7f)
            return false;
    return length && text_is_utf8((const char *)bytes, length);
}

static const char *type_of(const void *data, size_t length)
{
    static const struct {
        const char *begin;
        size_t length;
        const char *type;
    } others[] = {
        { "%PDF-", 5, "application/pdf" },
        { "PK\x03\x04", 4, "application/zip" },
        { "PK\x05\x06", 4, "application/zip" },
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (length >= others[i].length && memcmp(data, others[i].begin, others[i].length) == 0)
            return others[i].type;
    return is_plain(data, length) ? "text/plain" : "application/octet-stream";
}

/* "*", "image" or "image/png", with blanks between. */
static bool accepts(const char *accept, const char *type)
{
    size_t family = strcspn(type, "/");
    for (const char *word = accept; *word;) {
        size_t length = strcspn(word, " ");
        if ((length == 1 && *word == '*') ||
            ((length == strlen(type) || length == family) && memcmp(word, type, length) == 0))
            return true;
        word += length;
        word += strspn(word, " ");
    }
    return false;
}

static bool accepts_images(const char *accept)
{
    for (size_t i = 0; i < sizeof images / sizeof *images; i++)
        if (accepts(accept, images[i].media_type))
            return true;
    return false;
}

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);
    return length >= tail &&
           text_equals_ignoring_case((struct text){ name + length - tail, tail }, text_of(ending));
}

/* What is served as PNG is called .png: some programs judge by the name. */
static const char *image_name(struct arena *arena, const char *name, const char *type)
{
    size_t i = 0;
    while (strcmp(images[i].media_type, type) != 0)
        i++;
    for (const char *const *ending = images[i].endings; *ending; ending++)
        if (ends_with(name, *ending))
            return name;
    const char *dot = strrchr(name, '.');
    size_t stem =
        dot && dot > name && strlen(dot) <= ENDING_MAX ? (size_t)(dot - name) : strlen(name);
    return arena_printf(arena, "%.*s%s", (int)stem, stem ? name : "", images[i].endings[0]);
}

/* Marks that turn the direction of writing can make "cod.exe" look like "exe.doc" (UTR 36). */
static size_t misleading(const char *at, size_t left)
{
    static const char *const marks[] = { "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xaa",
                                         "\xe2\x80\xab", "\xe2\x80\xac", "\xe2\x80\xad",
                                         "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa7",
                                         "\xe2\x81\xa8", "\xe2\x81\xa9", "\xd8\x9c",
                                         "\xe2\x80\xa8", "\xe2\x80\xa9" };
    unsigned char c = (unsigned char)*at;
    if (c < 0x20 || c == 0x7f)
        return 1;
    if (c == 0xc2 && left > 1 && (unsigned char)at[1] < 0xa0)
        return 2;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (left >= strlen(marks[i]) && memcmp(at, marks[i], strlen(marks[i])) == 0)
            return strlen(marks[i]);
    return 0;
}

const char *upload_name(struct arena *arena, struct text name)
{
    for (size_t i = name.length; i > 0; i--)
        if (name.data[i - 1] == '/' || name.data[i - 1] == '\\') {
            name = (struct text){ name.data + i, name.length - i };
            break;
        }
    char *clean = arena_alloc(arena, name.length + sizeof "file");
    size_t length = 0;
    if (!clean)
        return NULL;
    for (size_t i = 0; i < name.length;) {
        size_t skipped = misleading(name.data + i, name.length - i);
        if (!skipped && (length || (name.data[i] != '.' && name.data[i] != ' ')))
            clean[length++] = name.data[i];
        i += skipped ? skipped : 1;
    }
    while (length && (clean[length - 1] == ' ' || clean[length - 1] == '.'))
        length--;
    clean[length] = '\0';
    if (!length && name.length)
        return strcpy(clean, "file");
    if (length <= NAME_MAX_BYTES + ENDING_MAX)
        return clean;
    const char *dot = strrchr(clean, '.');
    bool ending = dot && strlen(dot) <= ENDING_MAX;
    size_t cut = text_utf8_cut(clean, NAME_MAX_BYTES);
    return arena_printf(arena, "%.*s%s", (int)cut, clean, ending ? dot : "");
}

static int check_image(struct arena *arena, struct upload *upload, const char **ret_reason)
{
    struct image image;
    int code =
        image_clean(arena, upload->data, upload->length, &image_limits_usual, &image, ret_reason);
    if (code < 0)
        return code;
    upload->media_type = image.media_type;
    upload->width = image.width;
    upload->height = image.height;
    upload->frames = image.frames;
    upload->data = image.data;
    upload->length = image.length;
    if (upload->name[0])
        upload->name = image_name(arena, upload->name, image.media_type);
    return upload->name ? PORTICO_OK : PORTICO_ENOMEM;
}

int upload_check(struct arena *arena, struct text name, const void *data, size_t length,
                 const char *accept, struct upload *ret_upload, const char **ret_reason)
{
    struct upload upload = { .name = upload_name(arena, name),
                             .media_type = type_of(data, length),
                             .data = data,
                             .length = length };
    const char *taken = accept ? accept : PORTICO_ACCEPT_IMAGES;
    bool only_images = strcmp(taken, PORTICO_ACCEPT_IMAGES) == 0;
    if (!upload.name)
        return PORTICO_ENOMEM;
    if (length == 0) {
        *ret_reason = /* translated */ "This file is empty.";
        return PORTICO_EINVAL;
    }
    if ((image_begins(data, length) && accepts_images(taken)) || only_images) {
        int code = check_image(arena, &upload, ret_reason);
        if (code < 0)
            return code;
    }
    if (!accepts(taken, upload.media_type)) {
        *ret_upload = upload;
        *ret_reason = /* translated */ "This file is {type}; taken here are {accept}.";
        return PORTICO_EINVAL;
    }
    *ret_upload = upload;
    return PORTICO_OK;
}

char *upload_alternative(char *name)
{
    char *dot = strrchr(name, '.');
    if (dot)
        *dot = '\0';
    for (char *c = name; *c; c++)
        if (strchr("[]\\<>`*_!\"&", *c))
            *c = ' ';
    return name;
}
