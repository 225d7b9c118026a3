/* GIF (89a specification): blocks up to the trailer. */
#include "file/walk.h"

enum block { EXTENSION = 0x21, PICTURE = 0x2c, TRAILER = 0x3b };
enum label { PLAIN_TEXT = 0x01, CONTROL = 0xf9, APPLICATION = 0xff };

struct gif {
    struct walk *walk;
    uint8_t control[8]; /* of the next picture */
    bool controlled;
};

static size_t table_length(unsigned flags)
{
    return flags & 0x80 ? (size_t)3 << ((flags & 7) + 1) : 0;
}

/* Sub-blocks up to the empty one. */
static bool take_blocks(struct walk *walk, const uint8_t **ret_start, size_t *ret_length)
{
    const uint8_t *start = walk->at, *size;
    do {
        size = walk_take(walk, 1);
        if (!size || !walk_take(walk, *size))
            return false;
    } while (*size);
    *ret_start = start;
    *ret_length = (size_t)(walk->at - start);
    return true;
}

/* How often an animation is repeated; other applications' data is left out. */
static void read_application(struct walk *walk, const uint8_t *blocks, size_t length)
{
    static const char *const names[] = { "\x0bNETSCAPE2.0\x03\x01", "\x0b"
                                                                    "ANIMEXTS1.0\x03\x01" };
    static const uint8_t begin[] = { EXTENSION, APPLICATION };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (length == 17 && memcmp(blocks, names[i], 14) == 0) {
            walk_put(walk, begin, sizeof begin);
            walk_put(walk, blocks, length);
        }
}

static bool read_extension(struct gif *gif)
{
    const uint8_t *label = walk_take(gif->walk, 1), *blocks;
    size_t length;
    if (!label || !take_blocks(gif->walk, &blocks, &length))
        return false;
    if (*label == APPLICATION)
        read_application(gif->walk, blocks, length);
    if (*label == PLAIN_TEXT) /* no browser shows it: what was said of it is not the picture's */
        gif->controlled = false;
    if (*label != CONTROL)
        return true;
    if (length != 6 || blocks[0] != 4)
        return walk_damaged(gif->walk);
    gif->control[0] = EXTENSION;
    gif->control[1] = CONTROL;
    memcpy(gif->control + 2, blocks, length);
    gif->controlled = true;
    return true;
}

static bool read_picture(struct gif *gif)
{
    struct walk *walk = gif->walk;
    const uint8_t *start = walk->at - 1, *head = walk_take(walk, 9), *blocks;
    size_t length;
    if (!head)
        return false;
    if (!walk_frame(walk, little16(head), little16(head + 2), little16(head + 4),
                    little16(head + 6)))
        return false;
    if (!walk_take(walk, table_length(head[8])))
        return false;
    const uint8_t *code_size = walk_take(walk, 1);
    if (!code_size || !take_blocks(walk, &blocks, &length))
        return false;
    if (*code_size < 2 || *code_size > 8 || length < 2)
        return walk_damaged(walk);
    if (gif->controlled)
        walk_put(walk, gif->control, sizeof gif->control);
    gif->controlled = false;
    walk_put(walk, start, (size_t)(walk->at - start));
    return true;
}

static bool read_screen(struct walk *walk)
{
    const uint8_t *head = walk_take(walk, 13);
    if (!head)
        return false;
    size_t table = table_length(head[10]);
    if (!walk_set_size(walk, little16(head + 6), little16(head + 8)) || !walk_take(walk, table))
        return false;
    walk_put(walk, head, 13 + table);
    return true;
}

bool gif_walk(struct walk *walk)
{
    struct gif gif = { .walk = walk };
    const uint8_t *block = NULL;
    bool going = read_screen(walk);
    while (going && (block = walk_take(walk, 1)) && *block != TRAILER)
        going = *block == EXTENSION ? read_extension(&gif)
                : *block == PICTURE ? read_picture(&gif)
                                    : walk_damaged(walk);
    if (!going || !block)
        return false;
    if (!walk->image.frames)
        return walk_damaged(walk);
    walk_put(walk, block, 1);
    return true;
}
