/* PNG (W3C PNG third edition), animated ones included: chunks in their order, sums checked. */
#include "file/walk.h"

#define CHUNK_MAX 0x7fffffffu
#define PROFILE_MAX (1024u * 1024)

/* What stands before and in the picture; other ancillary chunks (texts, times, anything private)
 * are left out, other critical ones refused. */
enum place { BEFORE_PALETTE = 1, BEFORE_DATA = 2, ANYWHERE = 3 };
static const struct {
    char type[5];
    enum place place;
} kept[] = {
    { "cHRM", BEFORE_PALETTE }, { "cICP", BEFORE_PALETTE }, { "gAMA", BEFORE_PALETTE },
    { "iCCP", BEFORE_PALETTE }, { "sBIT", BEFORE_PALETTE }, { "sRGB", BEFORE_PALETTE },
    { "bKGD", BEFORE_DATA },    { "pHYs", BEFORE_DATA },    { "tRNS", BEFORE_DATA },
    { "acTL", BEFORE_DATA },    { "fcTL", ANYWHERE },       { "fdAT", ANYWHERE },
};
#define KEPT (sizeof kept / sizeof *kept)

struct chunk {
    const uint8_t *whole; /* length, type, data, sum */
    const uint8_t *data;
    uint32_t length;
};

/* Where a walk stands in the order of chunks. */
struct png {
    struct walk *walk;
    bool palette, data, data_ended;
    bool seen[KEPT];
    unsigned colour; /* type of IHDR */
    uint32_t frames; /* of acTL; 0: a still image */
    uint32_t frames_seen, sequence;
    bool frame_data; /* the last fcTL has its data */
};

static uint32_t sum_of(const uint8_t *bytes, size_t length)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t sum = ~0u;
    for (size_t i = 0; i < length; i++) {
        sum ^= bytes[i];
        sum = sum >> 4 ^ table[sum & 15];
        sum = sum >> 4 ^ table[sum & 15];
    }
    return ~sum;
}

static bool is(const struct chunk *chunk, const char *type)
{
    return memcmp(chunk->whole + 4, type, 4) == 0;
}

static bool take_chunk(struct walk *walk, struct chunk *ret_chunk)
{
    const uint8_t *head = walk_take(walk, 8);
    if (!head)
        return false;
    uint32_t length = big32(head);
    for (int i = 4; i < 8; i++)
        if ((head[i] | 0x20) < 'a' || (head[i] | 0x20) > 'z')
            return walk_damaged(walk);
    if (length > CHUNK_MAX)
        return walk_damaged(walk);
    const uint8_t *data = walk_take(walk, (size_t)length + 4);
    if (!data)
        return false;
    if (sum_of(head + 4, (size_t)length + 4) != big32(data + length))
        return walk_damaged(walk);
    *ret_chunk = (struct chunk){ head, data, length };
    return true;
}

static void put_chunk(struct walk *walk, const struct chunk *chunk)
{
    walk_put(walk, chunk->whole, (size_t)chunk->length + 12);
}

/* RFC 2083 section 4.1.1: which depths a colour type has, as bits. */
static bool read_header(struct png *png, const struct chunk *chunk)
{
    static const uint32_t depths[7] = {
        [0] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | 1u << 16,
        [2] = 1u << 8 | 1u << 16,
        [3] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8,
        [4] = 1u << 8 | 1u << 16,
        [6] = 1u << 8 | 1u << 16,
    };
    const uint8_t *data = chunk->data;
    if (!is(chunk, "IHDR") || chunk->length != 13 || data[8] > 16 || data[9] > 6 ||
        !(depths[data[9]] >> data[8] & 1) || data[10] || data[11] || data[12] > 1)
        return walk_damaged(png->walk);
    png->colour = data[9];
    if (!walk_set_size(png->walk, big32(data), big32(data + 4)))
        return false;
    put_chunk(png->walk, chunk);
    return true;
}

static bool read_palette(struct png *png, const struct chunk *chunk)
{
    if (png->palette || png->data || chunk->length == 0 || chunk->length % 3 ||
        chunk->length > 768 || png->colour == 0 || png->colour == 4)
        return walk_damaged(png->walk);
    png->palette = true;
    put_chunk(png->walk, chunk);
    return true;
}

/* The first bytes are those of a zlib stream (RFC 1950). */
static bool read_data(struct png *png, const struct chunk *chunk)
{
    bool first = !png->data;
    if (png->data_ended || (png->colour == 3 && !png->palette))
        return walk_damaged(png->walk);
    if (first && (chunk->length < 2 || (chunk->data[0] & 15) != 8 || big16(chunk->data) % 31))
        return walk_damaged(png->walk);
    png->data = true;
    png->frame_data = true;
    put_chunk(png->walk, chunk);
    return true;
}

static bool read_animation(struct png *png, const struct chunk *chunk)
{
    if (chunk->length != 8 || big32(chunk->data) == 0)
        return walk_damaged(png->walk);
    png->frames = big32(chunk->data);
    return true;
}

static bool read_frame(struct png *png, const struct chunk *chunk)
{
    const uint8_t *data = chunk->data;
    if (!png->frames || chunk->length != 26 || big32(data) != png->sequence++ ||
        (png->frames_seen && !png->frame_data) || data[24] > 2 || data[25] > 1)
        return walk_damaged(png->walk);
    png->frames_seen++;
    png->frame_data = false;
    return walk_frame(png->walk, big32(data + 12), big32(data + 16), big32(data + 4),
                      big32(data + 8));
}

static bool read_frame_data(struct png *png, const struct chunk *chunk)
{
    if (!png->data || !png->frames_seen || chunk->length < 4 ||
        big32(chunk->data) != png->sequence++)
        return walk_damaged(png->walk);
    png->frame_data = true;
    return true;
}

static bool read_kept(struct png *png, const struct chunk *chunk, size_t which)
{
    enum place place = kept[which].place;
    bool once = place != ANYWHERE;
    if ((once && png->seen[which]) || (once && png->data) ||
        (place == BEFORE_PALETTE && png->palette))
        return walk_damaged(png->walk);
    png->seen[which] = true;
    if (is(chunk, "iCCP") && chunk->length > PROFILE_MAX)
        return true;
    if ((is(chunk, "acTL") && !read_animation(png, chunk)) ||
        (is(chunk, "fcTL") && !read_frame(png, chunk)) ||
        (is(chunk, "fdAT") && !read_frame_data(png, chunk)))
        return false;
    put_chunk(png->walk, chunk);
    return true;
}

static void read_exif(struct png *png, const struct chunk *chunk)
{
    uint8_t bytes[12 + EXIF_LENGTH] = { 0, 0, 0, EXIF_LENGTH, 'e', 'X', 'I', 'f' };
    unsigned orientation = exif_orientation(chunk->data, chunk->length);
    if (orientation == 1 || png->walk->oriented)
        return;
    png->walk->oriented = true;
    exif_write(orientation, bytes + 8);
    uint32_t sum = sum_of(bytes + 4, 4 + EXIF_LENGTH);
    for (int i = 0; i < 4; i++)
        bytes[8 + EXIF_LENGTH + i] = (uint8_t)(sum >> (24 - 8 * i));
    walk_put(png->walk, bytes, sizeof bytes);
}

static bool read_other(struct png *png, const struct chunk *chunk)
{
    for (size_t i = 0; i < KEPT; i++)
        if (is(chunk, kept[i].type))
            return read_kept(png, chunk, i);
    if (is(chunk, "eXIf") && !png->data)
        read_exif(png, chunk);
    return (chunk->whole[4] & 0x20) || walk_damaged(png->walk);
}

static bool read_end(struct png *png, const struct chunk *chunk)
{
    if (chunk->length || !png->data || png->frames_seen != png->frames ||
        (png->frames && !png->frame_data))
        return walk_damaged(png->walk);
    put_chunk(png->walk, chunk);
    return png->frames ||
           walk_frame(png->walk, 0, 0, png->walk->image.width, png->walk->image.height);
}

bool png_walk(struct walk *walk)
{
    struct png png = { .walk = walk };
    struct chunk chunk;
    walk_put(walk, walk_take(walk, 8), 8);
    if (!take_chunk(walk, &chunk) || !read_header(&png, &chunk))
        return false;
    for (;;) {
        if (!take_chunk(walk, &chunk))
            return false;
        bool data = is(&chunk, "IDAT");
        png.data_ended |= png.data && !data;
        if (is(&chunk, "IEND"))
            return read_end(&png, &chunk);
        if (data                 ? !read_data(&png, &chunk)
            : is(&chunk, "PLTE") ? !read_palette(&png, &chunk)
                                 : !read_other(&png, &chunk))
            return false;
    }
}
