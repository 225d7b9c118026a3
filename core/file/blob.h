/* Contents of files on disk: DIRECTORY/ab/cdef…, named by their SHA-256, written once, never
 * changed. Rows of portico_file say who refers to them. Any thread, any process. */
#ifndef FILE_BLOB_H
#define FILE_BLOB_H

#include "store/store.h"

#include <stdbool.h>

#define BLOB_HASH_SIZE 65 /* hex digits and NUL */

/* Puts bytes there and returns once they are on disk: call it before the transaction that refers to
 * them is committed. What lies there already is not written again, and is safe from removal for the
 * grace of blob_remove_unused. */
int blob_put(const char *directory, const void *data, size_t length, char ret_hash[BLOB_HASH_SIZE],
             struct portico_error *error);
/* Opens it for reading; the caller closes it. EIO if it is not there: a row says it is. */
int blob_open(const char *directory, const char *hash, int *ret_descriptor, size_t *ret_length,
              struct portico_error *error);
/* Removes what no committed row refers to and was put there, or put again, at least `grace` µs ago,
 * and what a crash left half written. How many. `must_stop` may be NULL. */
int blob_remove_unused(const char *directory, struct store_session *session, int64_t grace,
                       bool (*must_stop)(void *data), void *data, struct portico_error *error);

#endif
