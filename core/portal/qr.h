/* A text as a QR code, drawn with one SVG path. */
#ifndef PORTAL_QR_H
#define PORTAL_QR_H

#include "base/arena.h"

/* The path of the dark fields, in units of one; `ret_side` is how many there are in a row, the
 * quiet zone of four around them counted. In the arena; NULL: too long, or memory ended. */
const char *qr_path(struct arena *arena, const char *text, unsigned *ret_side);

#endif
