/* Patterns to routes: literal segments before {name} before {name...}; clashes are found when
 * added.
 *
 * The most specific pattern owns a path: where "/a/new" exists, "/a/{id}" is not asked, not even
 * for a method that "/a/new" lacks. {name} matches one non-empty segment, {name...} everything
 * left, at least one byte. "/a/" is not "/a": no pattern but "/" ends in a slash, and
 * route_tree_unslashed tells the server where to redirect to. */
#ifndef ROUTE_TREE_H
#define ROUTE_TREE_H

#include "base/arena.h"
#include "base/text.h"

#include <portico/base.h>

#define ROUTE_PARAMS_MAX 16

struct route_tree;

struct route_param {
    const char *name;
    struct text value; /* points into the path */
};
struct route_match {
    void *route; /* the target of the method, or NULL: the path exists, the method does not */
    struct route_param params[ROUTE_PARAMS_MAX];
    unsigned param_count;
    const char *allow; /* "GET, HEAD, OPTIONS, POST" */
};

struct route_tree *route_tree_new(void);
void route_tree_free(struct route_tree *tree);
/* Adds; EEXIST if another route answers the same method and shape: `ret_other` is that target.
 * EINVAL with a sentence for a malformed pattern. The pattern is copied. */
int route_tree_add(struct route_tree *tree, const char *method, const char *pattern, void *target,
                   void **ret_other, struct portico_error *error);
/* 0, or EINVAL with a sentence that says what is wrong with the method or pattern. */
int route_tree_check(const char *method, const char *pattern, struct portico_error *error);
/* True if a pattern matches the path. HEAD matches GET. Thread-safe once built. */
bool route_tree_match(const struct route_tree *tree, struct text method, struct text path,
                      struct route_match *ret_match);
/* For a path that did not match: true if it ends in one slash and matches without it. `ret_path` is
 * that path, for a 308 redirect. */
bool route_tree_unslashed(const struct route_tree *tree, struct text path, struct text *ret_path);

#endif
