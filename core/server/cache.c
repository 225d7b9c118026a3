#include "server/cache.h"

#include <glib.h>

#define TARGET_MAX 1024

struct entry {
    struct cache_key key; /* target is a copy */
    struct http_content *content;
    int64_t until;
    size_t bytes;
    GList link; /* in `used`, data is the entry */
};

struct cache {
    GHashTable *entries; /* struct entry is key and value */
    GQueue used;         /* most recently used first */
    size_t limit;
    int64_t edition;
    int64_t confirmed; /* steady */
    struct cache_counters counters;
};

static guint key_hash(gconstpointer data)
{
    const struct cache_key *key = data;
    uint64_t hash = 1469598103934665603u ^ key->audiences;
    for (size_t i = 0; i < key->target.length; i++)
        hash = (hash ^ (unsigned char)key->target.data[i]) * 1099511628211u;
    return (guint)(hash ^ hash >> 32);
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    const struct cache_key *one = a, *other = b;
    return one->audiences == other->audiences && one->locale == other->locale &&
           text_equals(one->target, other->target);
}

static void entry_free(gpointer data)
{
    struct entry *entry = data;
    http_content_unref(entry->content);
    g_free((char *)(uintptr_t)entry->key.target.data);
    g_free(entry);
}

struct cache *cache_new(size_t bytes)
{
    struct cache *cache = g_new0(struct cache, 1);
    cache->limit = bytes;
    cache->edition = -1;
    cache->confirmed = -CACHE_TRUST;
    cache->entries = g_hash_table_new_full(key_hash, key_equal, NULL, entry_free);
    g_queue_init(&cache->used);
    return cache;
}

void cache_free(struct cache *cache)
{
    if (!cache)
        return;
    g_hash_table_destroy(cache->entries);
    g_free(cache);
}

static void drop(struct cache *cache, struct entry *entry)
{
    g_queue_unlink(&cache->used, &entry->link);
    cache->counters.bytes -= entry->bytes;
    cache->counters.entries--;
    cache->counters.dropped++;
    g_hash_table_remove(cache->entries, &entry->key);
}

void cache_confirm(struct cache *cache, int64_t edition, int64_t at)
{
    if (at < cache->confirmed)
        return;
    cache->confirmed = at;
    if (edition == cache->edition)
        return;
    cache->edition = edition;
    while (cache->used.tail)
        drop(cache, cache->used.tail->data);
}

int64_t cache_edition(const struct cache *cache)
{
    return cache->edition;
}

bool cache_asks(const struct cache *cache, int64_t now)
{
    return now - cache->confirmed >= CACHE_ASK;
}

struct http_content *cache_find(struct cache *cache, const struct cache_key *key, int64_t now)
{
    if (cache->counters.entries == 0 || now - cache->confirmed >= CACHE_TRUST)
        return NULL;
    struct entry *entry = g_hash_table_lookup(cache->entries, key);
    if (!entry)
        return NULL;
    if (entry->until <= now) {
        drop(cache, entry);
        return NULL;
    }
    if (cache->used.head != &entry->link) {
        g_queue_unlink(&cache->used, &entry->link);
        g_queue_push_head_link(&cache->used, &entry->link);
    }
    cache->counters.hits++;
    return entry->content;
}

void cache_put(struct cache *cache, const struct cache_key *key, struct http_content *content,
               int64_t edition, int64_t until)
{
    size_t bytes = sizeof(struct entry) + sizeof *content + key->target.length +
                   content->fields.length + content->body.length;
    cache->counters.misses++;
    if (edition < 0 || edition != cache->edition)
        return;
    if (bytes > cache->limit / 4 || key->target.length > TARGET_MAX)
        return;
    struct entry *older = g_hash_table_lookup(cache->entries, key);
    if (older)
        drop(cache, older);
    while (cache->counters.bytes + bytes > cache->limit)
        drop(cache, cache->used.tail->data);
    struct entry *entry = g_new0(struct entry, 1);
    entry->key = *key;
    entry->key.target.data = g_strndup(key->target.data, key->target.length);
    entry->content = http_content_ref(content);
    entry->until = until;
    entry->bytes = bytes;
    entry->link.data = entry;
    g_queue_push_head_link(&cache->used, &entry->link);
    g_hash_table_add(cache->entries, &entry->key);
    cache->counters.bytes += bytes;
    cache->counters.entries++;
    cache->counters.kept++;
}

const struct cache_counters *cache_counters(const struct cache *cache)
{
    return &cache->counters;
}
