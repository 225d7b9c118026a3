/* Images: what they are and how large, by walking their containers; what is not seen is left out.
 * Nothing is decoded, so nothing can swell: sizes come from headers, which are checked first. */
#ifndef FILE_IMAGE_H
#define FILE_IMAGE_H

#include "base/arena.h"

#include <portico/base.h>
#include <stdbool.h>

#define IMAGE_SIDE_MAX 10000u

/* Bounds of what readers' browsers are made to decode. */
struct image_limits {
    uint64_t pixels;     /* width times height of one picture */
    uint64_t all_pixels; /* of all frames of an animation together */
    uint32_t frames;
};
extern const struct image_limits image_limits_usual; /* 40 and 400 megapixels, 500 frames */

struct image {
    const char *media_type;
    uint32_t width, height; /* as stored; EXIF may say that another side is up */
    uint32_t frames;
    const void *data; /* in the arena */
    size_t length;
};

/* True if the bytes begin as PNG, JPEG, GIF or WebP do. */
bool image_begins(const void *data, size_t length);
/* Copies an image without what is not part of the picture. Kept are pixels, animation, colour
 * (ICC profile, gamma) and, of EXIF, which side is up. Left out are all else of EXIF, XMP, IPTC,
 * comments, texts, thumbnails, unknown parts and what follows the end. With `ret_reason`, a
 * sentence for who sent it that is translated: EINVAL (none of the four, or damaged), ELIMIT (past
 * a limit); ENOMEM without. */
int image_clean(struct arena *arena, const void *data, size_t length,
                const struct image_limits *limits, struct image *ret_image,
                const char **ret_reason);

#endif
