#include "store/twin.h"

#include "store/driver.h"

struct twin {
    int unused;
};

struct twin *twin_new(void)
{
    return NULL;
}
void twin_free(struct twin *twin)
{
    (void)twin;
}
int twin_check(struct store *store, const char *sql, const char *module,
               struct portico_error *error)
{
    (void)store, (void)sql, (void)module, (void)error;
    return 0;
}
void twin_forget(struct store *store)
{
    (void)store;
}
