/* One image being walked through: bytes in, kept bytes out. What the four formats share. */
#ifndef FILE_WALK_H
#define FILE_WALK_H

#include "file/image.h"

#include <string.h>

struct walk {
    const uint8_t *at, *end; /* not read yet */
    uint8_t *out;            /* as much room as came in, and WALK_SPARE */
    size_t written;
    const struct image_limits *limits;
    struct image image;
    uint64_t all_pixels;
    bool oriented; /* which side is up was written: once, so that it fits */
    int code;
    const char *reason;
};
#define WALK_SPARE 64

/* Each returns false once the image is refused, with code and reason in the walk. `at` begins
 * behind what walk_begins looked at: nothing. */
bool png_walk(struct walk *walk);
bool jpeg_walk(struct walk *walk);
bool gif_walk(struct walk *walk);
bool webp_walk(struct walk *walk);

bool walk_damaged(struct walk *walk);
/* The next `length` bytes, which are passed over; NULL, and refused, if there are fewer. */
const uint8_t *walk_take(struct walk *walk, size_t length);
void walk_put(struct walk *walk, const void *bytes, size_t length);
/* The picture's size, once. */
bool walk_set_size(struct walk *walk, uint64_t width, uint64_t height);
/* One frame of that size inside the picture. */
bool walk_frame(struct walk *walk, uint64_t x, uint64_t y, uint64_t width, uint64_t height);

static inline size_t walk_rest(const struct walk *walk)
{
    return (size_t)(walk->end - walk->at);
}
static inline bool walk_starts(const struct walk *walk, const char *bytes, size_t length)
{
    return walk_rest(walk) >= length && memcmp(walk->at, bytes, length) == 0;
}

static inline uint32_t big16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}
static inline uint32_t big32(const uint8_t *p)
{
    return big16(p) << 16 | big16(p + 2);
}
static inline uint32_t little16(const uint8_t *p)
{
    return (uint32_t)p[1] << 8 | p[0];
}
static inline uint32_t little24(const uint8_t *p)
{
    return (uint32_t)p[2] << 16 | little16(p);
}
static inline uint32_t little32(const uint8_t *p)
{
    return little16(p + 2) << 16 | little16(p);
}

/* EXIF (a TIFF block): which side is up, 2 to 8; 1 if it says none or is malformed. */
unsigned exif_orientation(const uint8_t *tiff, size_t length);
/* A TIFF block that says nothing else. */
#define EXIF_LENGTH 26
void exif_write(unsigned orientation, uint8_t ret_tiff[EXIF_LENGTH]);

#endif
