/* Images: what is taken lies within the limits, and cleaned again it is the same. */
#include "file/image.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct image_limits *limits = &image_limits_usual;
    struct arena *arena = arena_new(256);
    struct image image, again;
    const char *reason = NULL;
    int code = image_clean(arena, data, size, limits, &image, &reason);
    if (code < 0 && code != PORTICO_ENOMEM && !reason)
        abort();
    if (code == 0) {
        uint64_t pixels = (uint64_t)image.width * image.height;
        if (pixels == 0 || pixels > limits->pixels || image.width > IMAGE_SIDE_MAX ||
            image.height > IMAGE_SIDE_MAX || image.frames == 0 || image.frames > limits->frames ||
            pixels * image.frames > limits->all_pixels)
            abort();
        if (image_clean(arena, image.data, image.length, limits, &again, &reason) < 0 ||
            again.length != image.length || memcmp(again.data, image.data, image.length) != 0 ||
            again.width != image.width || again.frames != image.frames)
            abort();
    }
    arena_free(arena);
    return 0;
}
