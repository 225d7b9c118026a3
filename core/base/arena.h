/* Memory with one end: everything a request allocates, freed at once. Not thread-safe. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#define ARENA_ALIGN ((size_t)16)

/* Open only for the short way of arena_alloc, which is most of what a page's values cost. */
struct arena {
    char *next, *end; /* free room in the newest chunk */
    struct arena_chunk *chunk;
    struct arena_deferred *deferred;
    size_t size;
};

/* A new arena whose first chunk holds `first` bytes (0: 4 KiB); NULL when memory ended. */
struct arena *arena_new(size_t first);
/* Frees everything; accepts NULL. */
void arena_free(struct arena *arena);
/* Forgets all allocations but keeps the first chunk, so that a busy thread does not call malloc. */
void arena_reset(struct arena *arena);
/* Uninitialised, aligned for any type; NULL when memory ended. A size of 0 gives a valid pointer.
 */
static inline void *arena_alloc(struct arena *arena, size_t size);
void *arena_zalloc(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
/* Copies `length` bytes and adds a NUL. */
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
/* Calls `release(object)` when the arena is reset or freed, last registered first. -1: memory
 * ended. */
int arena_defer(struct arena *arena, void (*release)(void *object), void *object);
/* Bytes taken from the system, for limits and metrics. */
size_t arena_size(const struct arena *arena);

/* What did not fit goes to a new chunk. */
void *arena_alloc_more(struct arena *arena, size_t size);
static inline void *arena_alloc(struct arena *arena, size_t size)
{
    size_t step = (size + (size == 0) + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
    if (step == 0 || (size_t)(arena->end - arena->next) < step)
        return arena_alloc_more(arena, size);
    void *bytes = arena->next;
    arena->next += step;
    return bytes;
}

#endif
