#include "portal/qr.h"

#include "base/buffer.h"

#include <qrencode.h>

#define QUIET 4 /* ISO/IEC 18004: four light fields around */

static void draw_row(struct buffer *out, const QRcode *code, int y)
{
    const unsigned char *row = code->data + (ptrdiff_t)y * code->width;
    for (int x = 0, from; x < code->width; x++) {
        for (from = x; x < code->width && row[x] & 1; x++)
            ;
        if (x > from)
            buffer_printf(out, "M%d %dh%dv1H%dz", from + QUIET, y + QUIET, x - from, from + QUIET);
    }
}

const char *qr_path(struct arena *arena, const char *text, unsigned *ret_side)
{
    struct buffer out = { 0 };
    const char *path = NULL;
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (!code)
        return NULL;
    for (int y = 0; y < code->width; y++)
        draw_row(&out, code, y);
    if (!out.failed && out.length)
        path = arena_strndup(arena, out.data, out.length);
    *ret_side = (unsigned)code->width + 2 * QUIET;
    buffer_free(&out);
    QRcode_free(code);
    return path;
}
