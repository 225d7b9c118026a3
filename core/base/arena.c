#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_ALIGN ((size_t)16)
#define ARENA_FIRST ((size_t)4096)
#define ARENA_LARGEST_STEP ((size_t)256 * 1024)

struct chunk {
    struct chunk *before;
    size_t capacity;
    size_t used;
    _Alignas(16) char bytes[];
};

struct deferred {
    struct deferred *before;
    void (*release)(void *object);
    void *object;
};

struct arena {
    struct chunk *chunk; /* the newest; `before` leads to the first */
    struct deferred *deferred;
    size_t size;
};

static struct chunk *chunk_new(size_t capacity, struct chunk *before)
{
    if (capacity > SIZE_MAX - sizeof(struct chunk))
        return NULL;
    struct chunk *chunk = malloc(sizeof *chunk + capacity);
    if (!chunk)
        return NULL;
    chunk->before = before;
    chunk->capacity = capacity;
    chunk->used = 0;
    return chunk;
}

struct arena *arena_new(size_t first)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (!arena)
        return NULL;
    size_t capacity = first ? first : ARENA_FIRST;
    arena->chunk = chunk_new(capacity, NULL);
    if (!arena->chunk) {
        free(arena);
        return NULL;
    }
    arena->size = capacity;
    return arena;
}

static void run_deferred(struct arena *arena)
{
    while (arena->deferred) {
        struct deferred *deferred = arena->deferred;
        arena->deferred = deferred->before;
        deferred->release(deferred->object);
    }
}

void arena_reset(struct arena *arena)
{
    run_deferred(arena);
    while (arena->chunk->before) {
        struct chunk *chunk = arena->chunk;
        arena->chunk = chunk->before;
        free(chunk);
    }
    arena->chunk->used = 0;
    arena->size = arena->chunk->capacity;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    arena_reset(arena);
    free(arena->chunk);
    free(arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - ARENA_ALIGN)
        return NULL;
    size = size ? (size + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1) : ARENA_ALIGN;
    struct chunk *chunk = arena->chunk;
    if (chunk->capacity - chunk->used < size) {
        size_t step = chunk->capacity < ARENA_LARGEST_STEP ? chunk->capacity * 2 : chunk->capacity;
        if (step > ARENA_LARGEST_STEP)
            step = ARENA_LARGEST_STEP;
        size_t capacity = size > step ? size : step;
        chunk = chunk_new(capacity, arena->chunk);
        if (!chunk)
            return NULL;
        arena->chunk = chunk;
        arena->size += capacity;
    }
    void *bytes = chunk->bytes + chunk->used;
    chunk->used += size;
    return bytes;
}

void *arena_zalloc(struct arena *arena, size_t size)
{
    void *bytes = arena_alloc(arena, size);
    return bytes ? memset(bytes, 0, size) : NULL;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy = length < SIZE_MAX ? arena_alloc(arena, length + 1) : NULL;
    if (!copy)
        return NULL;
    if (length)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = length < 0 ? NULL : arena_alloc(arena, (size_t)length + 1);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

int arena_defer(struct arena *arena, void (*release)(void *object), void *object)
{
    struct deferred *deferred = arena_alloc(arena, sizeof *deferred);
    if (!deferred)
        return -1;
    *deferred = (struct deferred){ arena->deferred, release, object };
    arena->deferred = deferred;
    return 0;
}

size_t arena_size(const struct arena *arena)
{
    return arena->size;
}
