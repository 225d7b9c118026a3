/* WebP (RFC 9649): RIFF chunks up to the length that stands at the beginning. */
#include "file/walk.h"

enum flag { FLAG_ANIMATION = 0x02, FLAG_XMP = 0x04, FLAG_EXIF = 0x08, FLAG_PROFILE = 0x20 };

struct chunk {
    const uint8_t *whole; /* type, length, data */
    const uint8_t *data;
    uint32_t length;
};

struct webp {
    struct walk *walk;
    size_t flags_at;   /* of VP8X in what was written; 0: a simple file */
    bool animated;     /* VP8X says so */
    bool animation;    /* ANIM was read */
    bool alpha;        /* ALPH waits for its picture */
    bool picture;      /* the picture was read */
    bool profile;      /* ICCP was read */
    unsigned oriented; /* which side is up, of EXIF; 0: not read */
};

static bool is(const struct chunk *chunk, const char *type)
{
    return memcmp(chunk->whole, type, 4) == 0;
}

static bool take_chunk(struct walk *walk, struct chunk *ret_chunk)
{
    const uint8_t *head = walk_take(walk, 8);
    if (!head)
        return false;
    uint32_t length = little32(head + 4);
    const uint8_t *data = walk_take(walk, (size_t)length + (length & 1));
    if (!data)
        return false;
    if (length & 1 && data[length])
        return walk_damaged(walk);
    *ret_chunk = (struct chunk){ head, data, length };
    return true;
}

static void put_chunk(struct walk *walk, const struct chunk *chunk)
{
    walk_put(walk, chunk->whole, 8 + (size_t)chunk->length + (chunk->length & 1));
}

/* RFC 6386 section 9.1: a key frame with its size; the upper two bits of each are a scale. */
static bool lossy_size(const struct chunk *chunk, uint32_t *ret_width, uint32_t *ret_height)
{
    const uint8_t *data = chunk->data;
    if (chunk->length < 10 || data[0] & 1 || memcmp(data + 3, "\x9d\x01\x2a", 3) != 0)
        return false;
    *ret_width = little16(data + 6) & 0x3fff;
    *ret_height = little16(data + 8) & 0x3fff;
    return true;
}

/* RFC 9649 section 3.4: 14 bits of each less one, a hint of alpha, version 0. */
static bool lossless_size(const struct chunk *chunk, uint32_t *ret_width, uint32_t *ret_height)
{
    if (chunk->length < 5 || chunk->data[0] != 0x2f)
        return false;
    uint32_t bits = little32(chunk->data + 1);
    *ret_width = (bits & 0x3fff) + 1;
    *ret_height = (bits >> 14 & 0x3fff) + 1;
    return bits >> 29 == 0;
}

static bool picture_size(const struct chunk *chunk, uint32_t *ret_width, uint32_t *ret_height)
{
    if (is(chunk, "VP8 "))
        return lossy_size(chunk, ret_width, ret_height);
    return is(chunk, "VP8L") && lossless_size(chunk, ret_width, ret_height);
}

static bool read_picture(struct webp *webp, const struct chunk *chunk)
{
    struct walk *walk = webp->walk;
    uint32_t width, height;
    if (webp->picture || webp->animated || !picture_size(chunk, &width, &height) ||
        (webp->alpha && is(chunk, "VP8L")))
        return walk_damaged(walk);
    if (!webp->flags_at && !walk_set_size(walk, width, height))
        return false;
    if (width != walk->image.width || height != walk->image.height)
        return walk_damaged(walk);
    webp->picture = true;
    put_chunk(walk, chunk);
    return walk_frame(walk, 0, 0, width, height);
}

/* Chunks of a frame: one picture of its size, alpha before it if it is lossy; else nothing is kept.
 */
static bool read_frame(struct webp *webp, const struct chunk *chunk)
{
    struct walk *walk = webp->walk;
    const uint8_t *data = chunk->data;
    if (!webp->animation || chunk->length < 16)
        return walk_damaged(walk);
    uint32_t width = little24(data + 6) + 1, height = little24(data + 9) + 1;
    if (!walk_frame(walk, 2 * (uint64_t)little24(data), 2 * (uint64_t)little24(data + 3), width,
                    height))
        return false;
    struct walk inner = { .at = data + 16, .end = data + chunk->length };
    struct chunk part;
    uint32_t own_width, own_height;
    size_t head = walk->written;
    walk_put(walk, chunk->whole, 24);
    bool alpha = false, picture = false;
    while (walk_rest(&inner) && !picture) {
        if (!take_chunk(&inner, &part))
            return walk_damaged(walk);
        alpha |= is(&part, "ALPH");
        picture = picture_size(&part, &own_width, &own_height);
        if (picture && (own_width != width || own_height != height))
            return walk_damaged(walk);
        if (picture || is(&part, "ALPH"))
            put_chunk(walk, &part);
        else if (is(&part, "VP8 ") || is(&part, "VP8L"))
            return walk_damaged(walk);
    }
    if (!picture || (alpha && is(&part, "VP8L")))
        return walk_damaged(walk);
    size_t length = walk->written - head - 8;
    for (int i = 0; i < 4; i++)
        walk->out[head + 4 + (size_t)i] = (uint8_t)(length >> (8 * i));
    webp->picture = true;
    return true;
}

/* The canvas. What it says of chunks that are left out is taken back at the end. */
static bool read_extended(struct webp *webp, const struct chunk *chunk)
{
    struct walk *walk = webp->walk;
    if (chunk->length != 10)
        return walk_damaged(walk);
    webp->flags_at = walk->written + 8;
    webp->animated = chunk->data[0] & FLAG_ANIMATION;
    put_chunk(walk, chunk);
    walk->out[webp->flags_at] &= (uint8_t) ~(FLAG_EXIF | FLAG_XMP | FLAG_PROFILE);
    return walk_set_size(walk, (uint64_t)little24(chunk->data + 4) + 1,
                         (uint64_t)little24(chunk->data + 7) + 1);
}

static void read_exif(struct webp *webp, const struct chunk *chunk)
{
    const uint8_t *tiff = chunk->data;
    size_t length = chunk->length;
    if (length >= 6 && memcmp(tiff, "Exif\0\0", 6) == 0) { /* some writers keep JPEG's name */
        tiff += 6;
        length -= 6;
    }
    if (!webp->oriented)
        webp->oriented = exif_orientation(tiff, length);
}

static bool read_more(struct webp *webp, const struct chunk *chunk)
{
    struct walk *walk = webp->walk;
    if (is(chunk, "ANMF"))
        return read_frame(webp, chunk);
    if (is(chunk, "EXIF"))
        read_exif(webp, chunk);
    bool profile = is(chunk, "ICCP"), animation = is(chunk, "ANIM"), alpha = is(chunk, "ALPH");
    if (!profile && !animation && !alpha)
        return !is(chunk, "VP8X") || walk_damaged(walk);
    if (webp->picture || (profile && webp->profile) ||
        (animation && (webp->animation || !webp->animated || chunk->length != 6)) ||
        (alpha && (webp->alpha || webp->animated)))
        return walk_damaged(walk);
    webp->profile |= profile;
    webp->animation |= animation;
    webp->alpha |= alpha;
    if (profile)
        walk->out[webp->flags_at] |= FLAG_PROFILE;
    put_chunk(walk, chunk);
    return true;
}

static void put_exif(struct webp *webp)
{
    uint8_t bytes[8 + EXIF_LENGTH] = { 'E', 'X', 'I', 'F', EXIF_LENGTH };
    if (webp->oriented < 2)
        return;
    exif_write(webp->oriented, bytes + 8);
    webp->walk->out[webp->flags_at] |= FLAG_EXIF;
    walk_put(webp->walk, bytes, sizeof bytes);
}

static bool read_chunks(struct webp *webp)
{
    struct walk *walk = webp->walk;
    struct chunk chunk;
    if (!take_chunk(walk, &chunk))
        return false;
    if (!is(&chunk, "VP8X")) /* a simple file: one chunk, and what follows is not shown */
        return read_picture(webp, &chunk);
    if (!read_extended(webp, &chunk))
        return false;
    while (walk_rest(walk)) {
        if (!take_chunk(walk, &chunk))
            return false;
        bool picture = is(&chunk, "VP8 ") || is(&chunk, "VP8L");
        if (picture ? !read_picture(webp, &chunk) : !read_more(webp, &chunk))
            return false;
    }
    put_exif(webp);
    return webp->picture || walk_damaged(walk);
}

bool webp_walk(struct walk *walk)
{
    struct webp webp = { .walk = walk };
    const uint8_t *head = walk_take(walk, 12);
    if (!head)
        return false;
    size_t length = little32(head + 4);
    if (length < 4 || length & 1 || length - 4 > walk_rest(walk))
        return walk_damaged(walk);
    walk->end = walk->at + (length - 4);
    walk_put(walk, head, 12);
    if (!read_chunks(&webp))
        return false;
    length = walk->written - 8;
    for (int i = 0; i < 4; i++)
        walk->out[4 + i] = (uint8_t)(length >> (8 * i));
    return true;
}
