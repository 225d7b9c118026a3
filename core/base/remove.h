/* Removing what was made on disk. */
#ifndef BASE_REMOVE_H
#define BASE_REMOVE_H

/* A file, or a directory with all that is below it; follows no link. As much as can be removed
 * goes, without a word about the rest. */
void remove_tree(const char *path);

#endif
