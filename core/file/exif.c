/* EXIF (CIPA DC-008, a TIFF block): the one entry that changes what is seen. */
#include "file/walk.h"

#define ENTRY 12 /* tag, type, count, value */
#define ORIENTATION 0x0112
#define TYPE_SHORT 3

unsigned exif_orientation(const uint8_t *tiff, size_t length)
{
    if (length < 8)
        return 1;
    bool little = memcmp(tiff, "II*\0", 4) == 0;
    if (!little && memcmp(tiff, "MM\0*", 4) != 0)
        return 1;
    uint32_t (*short_at)(const uint8_t *) = little ? little16 : big16;
    uint32_t directory = little ? little32(tiff + 4) : big32(tiff + 4);
    if (directory > length - 2)
        return 1;
    size_t room = (length - directory - 2) / ENTRY;
    size_t count = short_at(tiff + directory);
    for (size_t i = 0; i < count && i < room; i++) {
        const uint8_t *entry = tiff + directory + 2 + i * ENTRY;
        unsigned value = short_at(entry + 8);
        if (short_at(entry) == ORIENTATION)
            return short_at(entry + 2) == TYPE_SHORT && value >= 2 && value <= 8 ? value : 1;
    }
    return 1;
}

void exif_write(unsigned orientation, uint8_t ret_tiff[EXIF_LENGTH])
{
    static const uint8_t block[EXIF_LENGTH] = { 'M', 'M',  0,    '*', 0,          0, 0, 8, 0,
                                                1,   0x01, 0x12, 0,   TYPE_SHORT, 0, 0, 0, 1 };
    memcpy(ret_tiff, block, EXIF_LENGTH);
    ret_tiff[19] = (uint8_t)orientation;
}
