/* JPEG (ITU-T T.81, JFIF, EXIF): segments up to the first end of image. */
#include "file/walk.h"

#define SCANS_MAX 100 /* a progressive image has about ten; each costs a pass over all pixels */

enum marker {
    SOF0 = 0xc0, /* baseline */
    SOF2 = 0xc2, /* progressive; others are shown by no browser */
    DHT = 0xc4,
    JPG = 0xc8,
    DAC = 0xcc,
    SOF15 = 0xcf,
    RST0 = 0xd0,
    RST7 = 0xd7,
    EOI = 0xd9,
    SOS = 0xda,
    DQT = 0xdb,
    DRI = 0xdd,
    APP0 = 0xe0,
    APP1 = 0xe1,
    APP2 = 0xe2,
    APP14 = 0xee,
    APP15 = 0xef,
    COM = 0xfe,
};

struct segment {
    unsigned marker;
    const uint8_t *data; /* behind the length */
    size_t length;
};

static bool has_name(const struct segment *segment, const char *name, size_t length)
{
    return segment->length >= length && memcmp(segment->data, name, length) == 0;
}
#define HAS_NAME(segment, literal) has_name((segment), (literal), sizeof(literal) - 1)

/* Fill bytes of 0xff may come before a marker (section B.1.1.2). */
static bool take_marker(struct walk *walk, unsigned *ret_marker)
{
    const uint8_t *byte = walk_take(walk, 1);
    if (!byte || *byte != 0xff)
        return byte ? walk_damaged(walk) : false;
    do
        byte = walk_take(walk, 1);
    while (byte && *byte == 0xff);
    if (!byte)
        return false;
    *ret_marker = *byte;
    return true;
}

static bool take_segment(struct walk *walk, unsigned marker, struct segment *ret_segment)
{
    const uint8_t *length = walk_take(walk, 2);
    if (!length)
        return false;
    if (big16(length) < 2)
        return walk_damaged(walk);
    size_t rest = big16(length) - 2;
    const uint8_t *data = walk_take(walk, rest);
    *ret_segment = (struct segment){ marker, data, rest };
    return data != NULL;
}

static void put_segment(struct walk *walk, unsigned marker, const void *data, size_t length)
{
    const uint8_t head[4] = { 0xff, (uint8_t)marker, (uint8_t)((length + 2) >> 8),
                              (uint8_t)(length + 2) };
    walk_put(walk, head, sizeof head);
    walk_put(walk, data, length);
}

static bool read_size(struct walk *walk, const struct segment *segment)
{
    const uint8_t *data = segment->data;
    unsigned components = segment->length >= 6 ? data[5] : 0;
    if ((components != 1 && components != 3 && components != 4) ||
        segment->length != 6 + 3 * (size_t)components || segment->marker > SOF2 || data[0] != 8)
        return walk_damaged(walk);
    if (!walk_set_size(walk, big16(data + 3), big16(data + 1)) ||
        !walk_frame(walk, 0, 0, walk->image.width, walk->image.height))
        return false;
    put_segment(walk, segment->marker, data, segment->length);
    return true;
}

static void read_exif(struct walk *walk, const struct segment *segment)
{
    uint8_t bytes[6 + EXIF_LENGTH] = "Exif";
    unsigned orientation = exif_orientation(segment->data + 6, segment->length - 6);
    if (orientation == 1 || walk->oriented)
        return;
    walk->oriented = true;
    exif_write(orientation, bytes + 6);
    put_segment(walk, APP1, bytes, sizeof bytes);
}

/* JFIF without its thumbnail, the side that is up, the colour profile and Adobe's colour model. */
static void read_application(struct walk *walk, const struct segment *segment)
{
    if (segment->marker == APP0 && HAS_NAME(segment, "JFIF\0") && segment->length >= 14) {
        uint8_t bytes[14];
        memcpy(bytes, segment->data, 12);
        bytes[12] = bytes[13] = 0;
        put_segment(walk, APP0, bytes, sizeof bytes);
    } else if (segment->marker == APP1 && HAS_NAME(segment, "Exif\0\0")) {
        read_exif(walk, segment);
    } else if (segment->marker == APP2 && HAS_NAME(segment, "ICC_PROFILE\0")) {
        put_segment(walk, APP2, segment->data, segment->length);
    } else if (segment->marker == APP14 && HAS_NAME(segment, "Adobe") && segment->length == 12) {
        put_segment(walk, APP14, segment->data, segment->length);
    }
}

/* Up to the next marker that is not part of the data. */
static bool read_scan(struct walk *walk, const struct segment *segment)
{
    const uint8_t *start = walk->at;
    if (!walk->image.width || segment->length < 6)
        return walk_damaged(walk);
    put_segment(walk, SOS, segment->data, segment->length);
    for (;;) {
        const uint8_t *mark = memchr(walk->at, 0xff, walk_rest(walk));
        if (!mark || walk->end - mark < 2)
            return walk_damaged(walk);
        if (mark[1] != 0 && (mark[1] < RST0 || mark[1] > RST7)) {
            walk->at = mark;
            break;
        }
        walk->at = mark + 2;
    }
    walk_put(walk, start, (size_t)(walk->at - start));
    return true;
}

static bool read_segment(struct walk *walk, const struct segment *segment, unsigned *scans)
{
    unsigned marker = segment->marker;
    if (marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC)
        return read_size(walk, segment);
    if (marker == SOS)
        return ++*scans <= SCANS_MAX ? read_scan(walk, segment) : walk_damaged(walk);
    if (marker == DHT || marker == DQT || marker == DRI) {
        put_segment(walk, marker, segment->data, segment->length);
        return true;
    }
    if (marker >= APP0 && marker <= APP15)
        read_application(walk, segment);
    else if (marker != COM)
        return walk_damaged(walk);
    return true;
}

bool jpeg_walk(struct walk *walk)
{
    static const uint8_t begin[] = { 0xff, 0xd8 }, end[] = { 0xff, EOI };
    struct segment segment = { 0 };
    unsigned marker = 0, scans = 0;
    walk_take(walk, 2);
    walk_put(walk, begin, sizeof begin);
    while (take_marker(walk, &marker)) {
        if (marker == EOI && !scans)
            return walk_damaged(walk);
        if (marker == EOI) {
            walk_put(walk, end, sizeof end);
            return true;
        }
        if (!take_segment(walk, marker, &segment) || !read_segment(walk, &segment, &scans))
            return false;
    }
    return false;
}
