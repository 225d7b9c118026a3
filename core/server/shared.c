#include "server/shared.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

struct server_page *server_page_map(int descriptor)
{
    void *memory =
        mmap(NULL, sizeof(struct server_page), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

int server_page_create(struct server_page **ret_page)
{
    int descriptor = memfd_create("portico-worker", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0)
        return -1;
    /* Sealed: a worker that shrank it could make the supervisor's read fail with SIGBUS. */
    if (ftruncate(descriptor, sizeof(struct server_page)) != 0 ||
        fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        goto failed;
    struct server_page *page = server_page_map(descriptor);
    if (!page)
        goto failed;
    *ret_page = page;
    return descriptor;
failed:
    close(descriptor);
    return -1;
}

void server_page_unmap(struct server_page *page)
{
    if (page)
        munmap(page, sizeof *page);
}
