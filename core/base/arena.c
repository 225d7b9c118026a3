#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_FIRST ((size_t)4096)
#define ARENA_LARGEST_STEP ((size_t)256 * 1024)

struct arena_chunk {
    struct arena_chunk *before;
    size_t capacity;
    _Alignas(16) char bytes[];
};

struct arena_deferred {
    struct arena_deferred *before;
    void (*release)(void *object);
    void *object;
};

static struct arena_chunk *chunk_new(size_t capacity, struct arena_chunk *before)
{
    if (capacity > SIZE_MAX - sizeof(struct arena_chunk))
        return NULL;
    struct arena_chunk *chunk = malloc(sizeof *chunk + capacity);
    if (!chunk)
        return NULL;
    chunk->before = before;
    chunk->capacity = capacity;
    return chunk;
}

static void use_chunk(struct arena *arena, struct arena_chunk *chunk)
{
    arena->chunk = chunk;
    arena->next = chunk->bytes;
    arena->end = chunk->bytes + chunk->capacity;
}

struct arena *arena_new(size_t first)
{
    size_t capacity = first ? (first + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1) : ARENA_FIRST;
    struct arena *arena = calloc(1, sizeof *arena);
    struct arena_chunk *chunk = arena ? chunk_new(capacity, NULL) : NULL;
    if (!chunk) {
        free(arena);
        return NULL;
    }
    use_chunk(arena, chunk);
    arena->size = capacity;
    return arena;
}

static void run_deferred(struct arena *arena)
{
    while (arena->deferred) {
        struct arena_deferred *deferred = arena->deferred;
        arena->deferred = deferred->before;
        deferred->release(deferred->object);
    }
}

void arena_reset(struct arena *arena)
{
    run_deferred(arena);
    struct arena_chunk *chunk = arena->chunk;
    while (chunk->before) {
        struct arena_chunk *before = chunk->before;
        free(chunk);
        chunk = before;
    }
    use_chunk(arena, chunk);
    arena->size = chunk->capacity;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    arena_reset(arena);
    free(arena->chunk);
    free(arena);
}

void *arena_alloc_more(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - ARENA_ALIGN)
        return NULL;
    size = (size + (size == 0) + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
    size_t last = arena->chunk->capacity;
    size_t step = last < ARENA_LARGEST_STEP ? last * 2 : last;
    if (step > ARENA_LARGEST_STEP)
        step = ARENA_LARGEST_STEP;
    size_t capacity = size > step ? size : step;
    struct arena_chunk *chunk = chunk_new(capacity, arena->chunk);
    if (!chunk)
        return NULL;
    use_chunk(arena, chunk);
    arena->size += capacity;
    arena->next += size;
    return chunk->bytes;
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
    /* Mostly there is room for it already, and one pass is enough. */
    size_t room = (size_t)(arena->end - arena->next);
    int length = vsnprintf(arena->next, room, format, arguments);
    char *text = length < 0 ? NULL : arena_alloc(arena, (size_t)length + 1);
    if (text && (size_t)length >= room)
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
    struct arena_deferred *deferred = arena_alloc(arena, sizeof *deferred);
    if (!deferred)
        return -1;
    *deferred = (struct arena_deferred){ arena->deferred, release, object };
    arena->deferred = deferred;
    return 0;
}

size_t arena_size(const struct arena *arena)
{
    return arena->size;
}
