/* Memory with one end: everything a request allocates, freed at once. Not thread-safe. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* A new arena whose first chunk holds `first` bytes (0: 4 KiB); NULL when memory ended. */
struct arena *arena_new(size_t first);
/* Frees everything; accepts NULL. */
void arena_free(struct arena *arena);
/* Forgets all allocations but keeps the first chunk, so that a busy thread does not call malloc. */
void arena_reset(struct arena *arena);
/* Uninitialised, aligned for any type; NULL when memory ended. A size of 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_zalloc(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
/* Copies `length` bytes and adds a NUL. */
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
/* Calls `release(object)` when the arena is reset or freed, last registered first. -1: memory ended. */
int arena_defer(struct arena *arena, void (*release)(void *object), void *object);
/* Bytes taken from the system, for limits and metrics. */
size_t arena_size(const struct arena *arena);

#endif
