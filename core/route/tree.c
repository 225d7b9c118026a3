#include "route/tree.h"

#include "base/error.h"

#include <stdlib.h>

#define METHODS_MAX 8
#define PATTERN_MAX 1024
#define ALLOW_MAX 128

/* One route of a node. Its own parameter names: GET /a/{id} and POST /a/{name} share a node. */
struct entry {
    const char *method;
    void *target;
    const char *names[ROUTE_PARAMS_MAX];
};

struct node {
    struct text segment;
    struct node **literals; /* sorted by segment */
    unsigned literal_count, literal_capacity;
    struct node *any;  /* {name} */
    struct node *rest; /* {name...} */
    struct entry entries[METHODS_MAX];
    unsigned entry_count;
    char allow[ALLOW_MAX];
};

struct route_tree {
    struct arena *arena;
    struct node *root;
};

/* Segments of a path being matched and what the parameters took. */
struct walk {
    const char *end;
    struct text values[ROUTE_PARAMS_MAX];
    unsigned value_count;
};

enum segment_kind { SEGMENT_LITERAL, SEGMENT_ANY, SEGMENT_REST };

/* A pattern taken apart. */
struct pattern {
    struct {
        enum segment_kind kind;
        struct text text; /* the literal, or the name */
    } segments[PATTERN_MAX / 2];
    unsigned count;
};

struct route_tree *route_tree_new(void)
{
    struct arena *arena = arena_new(0);
    struct route_tree *tree = arena ? arena_zalloc(arena, sizeof *tree) : NULL;
    struct node *root = tree ? arena_zalloc(arena, sizeof *root) : NULL;
    if (!root) {
        arena_free(arena);
        return NULL;
    }
    tree->arena = arena;
    tree->root = root;
    return tree;
}

void route_tree_free(struct route_tree *tree)
{
    if (tree)
        arena_free(tree->arena);
}

static bool is_name(struct text name)
{
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return name.length > 0;
}

/* One segment: why it is wrong, or NULL. */
static const char *parse_segment(struct text segment, bool last, struct pattern *pattern)
{
    enum segment_kind kind = SEGMENT_LITERAL;
    if (segment.length == 0)
        return "has an empty segment: write one slash between segments and none at the end";
    if (text_equals(segment, TEXT(".")) || text_equals(segment, TEXT("..")))
        return "has a dot segment, which no request path holds";
    if (segment.data[0] == '{' && segment.data[segment.length - 1] == '}') {
        kind = SEGMENT_ANY;
        segment = (struct text){ segment.data + 1, segment.length - 2 };
        if (segment.length > 3 && memcmp(segment.data + segment.length - 3, "...", 3) == 0) {
            kind = SEGMENT_REST;
            segment.length -= 3;
        }
        if (!is_name(segment))
            return "has a parameter whose name is not lower-case letters, digits and \"_\"";
        if (kind == SEGMENT_REST && !last)
            return "has segments after {name...}, which takes all that is left";
    } else {
        for (size_t i = 0; i < segment.length; i++)
            if (strchr("{}?#%\\ ", segment.data[i]) || (unsigned char)segment.data[i] < 0x20)
                return "has a segment that mixes text with one of { } ? # % \\ or a blank: "
                       "a parameter is a whole segment, and text stands as it is when decoded";
    }
    pattern->segments[pattern->count].kind = kind;
    pattern->segments[pattern->count++].text = segment;
    return NULL;
}

static const char *parse_pattern(const char *text, struct pattern *pattern)
{
    size_t length = strlen(text);
    if (text[0] != '/')
        return "does not begin with \"/\"";
    if (length >= PATTERN_MAX)
        return "is longer than 1,023 bytes";
    if (!text_is_utf8(text, length))
        return "is not UTF-8";
    if (length == 1)
        return NULL;
    unsigned params = 0;
    for (const char *at = text + 1;;) {
        const char *slash = strchr(at, '/');
        size_t span = slash ? (size_t)(slash - at) : strlen(at);
        const char *wrong = parse_segment((struct text){ at, span }, slash == NULL, pattern);
        if (wrong)
            return wrong;
        if (pattern->segments[pattern->count - 1].kind != SEGMENT_LITERAL) {
            if (++params > ROUTE_PARAMS_MAX)
                return "has more than 16 parameters";
            for (unsigned i = 0; i + 1 < pattern->count; i++)
                if (pattern->segments[i].kind != SEGMENT_LITERAL &&
                    text_equals(pattern->segments[i].text,
                                pattern->segments[pattern->count - 1].text))
                    return "names a parameter twice";
        }
        if (!slash)
            return NULL;
        at = slash + 1;
    }
}

static const char *method_wrong(const char *method)
{
    size_t length = strlen(method);
    if (length == 0 || length > 15)
        return "has a length no method has";
    for (size_t i = 0; i < length; i++)
        if (method[i] < 'A' || method[i] > 'Z')
            return "is not capital letters";
    if (strcmp(method, "HEAD") == 0 || strcmp(method, "OPTIONS") == 0)
        return "is answered by the portal itself: register GET";
    return NULL;
}

static int parse(const char *method, const char *text, struct pattern *pattern,
                 struct portico_error *error)
{
    if (!method || !text)
        return error_set(error, PORTICO_EINVAL, "A route lacks its %s.",
                         method ? "pattern" : "method");
    const char *wrong = method_wrong(method);
    if (wrong)
        return error_set(error, PORTICO_EINVAL, "The method \"%.32s\" of %.128s %s.", method, text,
                         wrong);
    pattern->count = 0;
    wrong = parse_pattern(text, pattern);
    if (wrong)
        return error_set(error, PORTICO_EINVAL, "The route pattern \"%.200s\" %s.", text, wrong);
    return PORTICO_OK;
}

int route_tree_check(const char *method, const char *pattern, struct portico_error *error)
{
    struct pattern parsed;
    return parse(method, pattern, &parsed, error);
}

static int compare(struct text a, struct text b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

/* Where `segment` stands among the literals, or where it belongs. */
static unsigned literal_index(const struct node *node, struct text segment, bool *ret_found)
{
    unsigned low = 0, high = node->literal_count;
    *ret_found = false;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        int order = compare(node->literals[middle]->segment, segment);
        if (order == 0) {
            *ret_found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct node *literal_child(struct route_tree *tree, struct node *node, struct text segment)
{
    bool found;
    unsigned at = literal_index(node, segment, &found);
    if (found)
        return node->literals[at];
    if (node->literal_count == node->literal_capacity) {
        unsigned capacity = node->literal_capacity ? node->literal_capacity * 2 : 4;
        struct node **grown = arena_alloc(tree->arena, capacity * sizeof(struct node *));
        if (!grown)
            return NULL;
        if (node->literal_count)
            memcpy(grown, node->literals, node->literal_count * sizeof(struct node *));
        node->literals = grown;
        node->literal_capacity = capacity;
    }
    struct node *child = arena_zalloc(tree->arena, sizeof *child);
    char *copy = arena_strndup(tree->arena, segment.data, segment.length);
    if (!child || !copy)
        return NULL;
    child->segment = (struct text){ copy, segment.length };
    memmove(node->literals + at + 1, node->literals + at,
            (node->literal_count - at) * sizeof(struct node *));
    node->literals[at] = child;
    node->literal_count++;
    return child;
}

static struct node *child_of(struct route_tree *tree, struct node *node, enum segment_kind kind,
                             struct text text)
{
    if (kind == SEGMENT_LITERAL)
        return literal_child(tree, node, text);
    struct node **slot = kind == SEGMENT_ANY ? &node->any : &node->rest;
    if (!*slot)
        *slot = arena_zalloc(tree->arena, sizeof **slot);
    return *slot;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void write_allow(struct node *node)
{
    const char *names[METHODS_MAX + 2];
    unsigned count = 0;
    for (unsigned i = 0; i < node->entry_count; i++) {
        names[count++] = node->entries[i].method;
        if (strcmp(node->entries[i].method, "GET") == 0)
            names[count++] = "HEAD";
    }
    names[count++] = "OPTIONS";
    qsort(names, count, sizeof *names, by_name);
    size_t length = 0;
    for (unsigned i = 0; i < count; i++) {
        size_t span = strlen(names[i]);
        if (length + span + 3 > sizeof node->allow)
            break;
        if (i > 0) {
            memcpy(node->allow + length, ", ", 2);
            length += 2;
        }
        memcpy(node->allow + length, names[i], span + 1);
        length += span;
    }
}

static const struct entry *entry_for(const struct node *node, struct text method)
{
    for (unsigned i = 0; i < node->entry_count; i++)
        if (text_equals(text_of(node->entries[i].method), method))
            return &node->entries[i];
    return NULL;
}

int route_tree_add(struct route_tree *tree, const char *method, const char *pattern, void *target,
                   void **ret_other, struct portico_error *error)
{
    struct pattern parsed;
    int code = parse(method, pattern, &parsed, error);
    if (code < 0)
        return code;
    struct entry entry = { .method = arena_strdup(tree->arena, method), .target = target };
    struct node *node = tree->root;
    unsigned params = 0;
    for (unsigned i = 0; i < parsed.count && node; i++) {
        struct text text = parsed.segments[i].text;
        if (parsed.segments[i].kind != SEGMENT_LITERAL) {
            entry.names[params] = arena_strndup(tree->arena, text.data, text.length);
            if (!entry.names[params++])
                node = NULL;
        }
        if (node)
            node = child_of(tree, node, parsed.segments[i].kind, text);
    }
    if (!node || !entry.method)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while routes were added.");
    const struct entry *other = entry_for(node, text_of(method));
    if (other) {
        if (ret_other)
            *ret_other = other->target;
        return error_set(error, PORTICO_EEXIST, "%s %s is already answered by another route.",
                         method, pattern);
    }
    if (node->entry_count == METHODS_MAX)
        return error_set(error, PORTICO_ELIMIT, "%s has more than %d methods.", pattern,
                         METHODS_MAX);
    node->entries[node->entry_count++] = entry;
    write_allow(node);
    return PORTICO_OK;
}

/* `at` is behind a slash. A node stands at one depth only, so each is visited at most once. */
static const struct node *find(const struct node *node, const char *at, struct walk *walk)
{
    const char *slash = memchr(at, '/', (size_t)(walk->end - at));
    struct text segment = { at, (size_t)((slash ? slash : walk->end) - at) };
    unsigned taken = walk->value_count;
    bool found;
    unsigned index = literal_index(node, segment, &found);
    const struct node *next[2] = { found ? node->literals[index] : NULL,
                                   segment.length > 0 ? node->any : NULL };
    for (unsigned i = 0; i < 2; i++) {
        walk->value_count = taken;
        if (!next[i])
            continue;
        if (i == 1)
            walk->values[walk->value_count++] = segment;
        const struct node *end = next[i];
        if (slash)
            end = find(next[i], slash + 1, walk);
        if (end && end->entry_count > 0)
            return end;
    }
    walk->value_count = taken;
    if (!node->rest || at == walk->end)
        return NULL;
    walk->values[walk->value_count++] = (struct text){ at, (size_t)(walk->end - at) };
    return node->rest;
}

static const struct node *find_path(const struct route_tree *tree, struct text path,
                                    struct walk *walk)
{
    if (path.length == 0 || path.data[0] != '/')
        return NULL;
    if (path.length == 1)
        return tree->root->entry_count > 0 ? tree->root : NULL;
    walk->end = path.data + path.length;
    return find(tree->root, path.data + 1, walk);
}

bool route_tree_match(const struct route_tree *tree, struct text method, struct text path,
                      struct route_match *ret_match)
{
    struct walk walk;
    walk.value_count = 0;
    const struct node *node = find_path(tree, path, &walk);
    if (!node)
        return false;
    const struct entry *entry =
        entry_for(node, text_equals(method, TEXT("HEAD")) ? TEXT("GET") : method);
    ret_match->route = entry ? entry->target : NULL;
    ret_match->allow = node->allow;
    ret_match->param_count = entry ? walk.value_count : 0;
    for (unsigned i = 0; i < ret_match->param_count; i++) {
        ret_match->params[i].name = entry->names[i];
        ret_match->params[i].value = walk.values[i];
    }
    return true;
}

bool route_tree_unslashed(const struct route_tree *tree, struct text path, struct text *ret_path)
{
    struct walk walk;
    walk.value_count = 0;
    struct text shorter = { path.data, path.length - 1 };
    if (path.length < 2 || path.data[path.length - 1] != '/' || !find_path(tree, shorter, &walk))
        return false;
    *ret_path = shorter;
    return true;
}
