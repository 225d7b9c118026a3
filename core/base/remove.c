#include "base/remove.h"

#include <ftw.h>
#include <stdio.h>

#define DIRECTORIES_OPEN 16

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    remove(path);
    return 0;
}

void remove_tree(const char *path)
{
    nftw(path, remove_one, DIRECTORIES_OPEN, FTW_DEPTH | FTW_PHYS);
}
