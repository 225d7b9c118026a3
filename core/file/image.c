#include "file/walk.h"

#include <assert.h>

const struct image_limits image_limits_usual = { .pixels = 40 * UINT64_C(1000000),
                                                 .all_pixels = 400 * UINT64_C(1000000),
                                                 .frames = 500 };

static const struct {
    const char *media_type;
    const char *begin;
    size_t begin_length;
    const char *word; /* at offset 8; NULL: none */
    bool (*walk)(struct walk *walk);
} formats[] = {
    { "image/png", "\x89PNG\r\n\x1a\n", 8, NULL, png_walk },
    { "image/jpeg", "\xff\xd8\xff", 3, NULL, jpeg_walk },
    { "image/gif", "GIF87a", 6, NULL, gif_walk },
    { "image/gif", "GIF89a", 6, NULL, gif_walk },
    { "image/webp", "RIFF", 4, "WEBP", webp_walk },
};
#define FORMATS (sizeof formats / sizeof *formats)

static size_t format_of(const void *data, size_t length)
{
    size_t i = 0;
    for (; i < FORMATS; i++)
        if (length >= formats[i].begin_length &&
            memcmp(data, formats[i].begin, formats[i].begin_length) == 0 &&
            (!formats[i].word ||
             (length >= 12 && memcmp((const char *)data + 8, formats[i].word, 4) == 0)))
            break;
    return i;
}

bool image_begins(const void *data, size_t length)
{
    return format_of(data, length) < FORMATS;
}

static bool walk_fail(struct walk *walk, int code, const char *reason)
{
    walk->code = code;
    walk->reason = reason;
    return false;
}

bool walk_damaged(struct walk *walk)
{
    return walk_fail(walk, PORTICO_EINVAL,
                     /* translated */
                     "This image is damaged or did not arrive whole: open it, "
                     "save it again and send that.");
}

const uint8_t *walk_take(struct walk *walk, size_t length)
{
    const uint8_t *bytes = walk->at;
    if (walk_rest(walk) < length) {
        walk_damaged(walk);
        return NULL;
    }
    walk->at += length;
    return bytes;
}

void walk_put(struct walk *walk, const void *bytes, size_t length)
{
    assert(walk->image.length + WALK_SPARE - walk->written >= length);
    memcpy(walk->out + walk->written, bytes, length);
    walk->written += length;
}

bool walk_set_size(struct walk *walk, uint64_t width, uint64_t height)
{
    if (walk->image.width || !width || !height)
        return walk_damaged(walk);
    if (width > IMAGE_SIDE_MAX || height > IMAGE_SIDE_MAX || width * height > walk->limits->pixels)
        return walk_fail(walk, PORTICO_ELIMIT,
                         /* translated */
                         "This image has too many pixels: make it smaller, at most "
                         "10,000 on a side and 40 million together.");
    walk->image.width = (uint32_t)width;
    walk->image.height = (uint32_t)height;
    return true;
}

bool walk_frame(struct walk *walk, uint64_t x, uint64_t y, uint64_t width, uint64_t height)
{
    const struct image *image = &walk->image;
    if (!width || !height || x + width > image->width || y + height > image->height)
        return walk_damaged(walk);
    /* A frame is put onto the whole picture, whatever its own size. */
    walk->all_pixels += (uint64_t)image->width * image->height;
    if (walk->image.frames == walk->limits->frames || walk->all_pixels > walk->limits->all_pixels)
        return walk_fail(walk, PORTICO_ELIMIT,
                         /* translated */
                         "This animation is too long or too large: send fewer or "
                         "smaller frames.");
    walk->image.frames++;
    return true;
}

int image_clean(struct arena *arena, const void *data, size_t length,
                const struct image_limits *limits, struct image *ret_image, const char **ret_reason)
{
    size_t format = format_of(data, length);
    if (format == FORMATS) {
        *ret_reason = /* translated */ "This is no PNG, JPEG, GIF or WebP image.";
        return PORTICO_EINVAL;
    }
    struct walk walk = { .at = data,
                         .end = (const uint8_t *)data + length,
                         .out = arena_alloc(arena, length + WALK_SPARE),
                         .limits = limits,
                         .image = { .media_type = formats[format].media_type, .length = length } };
    if (!walk.out)
        return PORTICO_ENOMEM;
    if (!formats[format].walk(&walk)) {
        *ret_reason = walk.reason;
        return walk.code;
    }
    walk.image.data = walk.out;
    walk.image.length = walk.written;
    *ret_image = walk.image;
    return PORTICO_OK;
}
