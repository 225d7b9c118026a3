/* Full-text search over what modules index, filtered by audience. */
#ifndef PORTICO_SEARCH_H
#define PORTICO_SEARCH_H

#include "db.h"

/** Name of the interface. */
#define PORTICO_SEARCH "portico.search"
/** Interned audience ids every installation has. Others are made by accounts. */
#define PORTICO_AUDIENCE_EVERYONE 1
/** Whoever is signed in. */
#define PORTICO_AUDIENCE_SIGNED_IN 2
/** The owner's own people. */
#define PORTICO_AUDIENCE_STAFF 3
/** Nobody: rows held back, removed or merged away keep this one until they are restored. */
#define PORTICO_AUDIENCE_NOBODY 4

struct portico_search;

/** One document. (kind, id) is its key; indexing it again replaces it. Texts are plain, not markup.
 */
struct portico_document {
    uint32_t size;       /**< sizeof(struct portico_document) */
    const char *kind;    /**< a search kind of the module's descriptor, such as "topic" */
    portico_id id;       /**< of the row it stands for */
    portico_id audience; /**< who may find it: the audience of the row it stands for */
    portico_time time;   /**< what "newest" means for it */
    const char *title;   /**< what a hit shows; weighs more than the body */
    const char *body;    /**< the words to find it by */
    const char *url;     /**< path on this portal */
    const char *locale;  /**< BCP 47 tag of its language, or NULL */
};

/** A search. Since 0.1. */
struct portico_search_query {
    uint32_t size;    /**< sizeof(struct portico_search_query) */
    uint32_t limit;   /**< hits, 1 to 100 */
    const char *text; /**< words as typed; "quoted phrases"; never an error for any input */
    const char *kind; /**< only this kind of this module, or NULL for all of this module */
    uint32_t offset;  /**< hits to pass over, at most 1,000 */
};

/**
 * `portico.search` 1.0, remotable. Declare "portico.search 1.0". `index` and `remove` inside an
 * open transaction of portico.db are part of it. Since 0.1.
 */
struct portico_search_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_search_index(). */
    int (*index)(struct portico_search *search, const struct portico_document *document,
                 struct portico_error *error);
    /** As portico_search_remove(). */
    int (*remove)(struct portico_search *search, const char *kind, portico_id id,
                  struct portico_error *error);
    /** As portico_search_query(). */
    int (*query)(struct portico_search *search, const struct portico_search_query *query,
                 struct portico_value **ret_hits, struct portico_error *error);
};
/** Public head: its table. */
struct portico_search {
    const struct portico_search_api *api; /**< what it can do */
};

/** The search of this call, or NULL if the module did not declare "portico.search 1.0". Borrowed.
 */
#define portico_search(handle)                                                                     \
    ((struct portico_search *)portico_interface((handle), PORTICO_SEARCH, 1))

/** Puts a document into the index, in the open transaction if there is one. EINVAL: its kind is not
 * in .search_kinds, or its size is not set. */
static inline int portico_search_index(struct portico_search *search,
                                       const struct portico_document *document,
                                       struct portico_error *error)
{
    return search ? search->api->index(search, document, error) : portico_undeclared(error);
}
/** Takes a document out; nothing happens if it is not there. EINVAL as portico_search_index(). */
static inline int portico_search_remove(struct portico_search *search, const char *kind,
                                        portico_id id, struct portico_error *error)
{
    return search ? search->api->remove(search, kind, id, error) : portico_undeclared(error);
}
/**
 * Best hits first. Rows: kind (text), id (id), title (text), url (text), time (time), excerpt (html
 * with the mark element around what was found). Only documents whose audience the viewer belongs
 * to.
 */
static inline int portico_search_query(struct portico_search *search,
                                       const struct portico_search_query *query,
                                       struct portico_value **ret_hits, struct portico_error *error)
{
    return search ? search->api->query(search, query, ret_hits, error) : portico_undeclared(error);
}

#endif
