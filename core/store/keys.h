/* The keys of a list and its opaque cursors: direction and key values of one row, with a checksum.
 */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "store/store.h"

#define PAGE_KEYS_MAX 8u
#define PAGE_KEY_PREFIX "portico_key_" /* of the columns that the cursors are made of */

struct page_keys {
    char names[PAGE_KEYS_MAX][64];
    unsigned count;
    bool descending;
    bool given;    /* a cursor was given: `values` stand */
    bool backward; /* it leads to the page before */
    struct portico_argument values[PAGE_KEYS_MAX];
};

/* Reads `order` and `cursor` of a query; texts of the cursor live in the arena. */
int page_keys_read(struct page_keys *keys, const struct portico_page_query *query,
                   struct arena *arena, struct portico_error *error);
/* The cursor of a row whose key cells are given; NULL: memory ended. */
const char *page_keys_write(const struct page_keys *keys, const struct portico_page_query *query,
                            const struct value_cell *cells, bool backward, struct arena *arena);

#endif
