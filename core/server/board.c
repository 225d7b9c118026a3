#include "server/board.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

struct board *board_map(int descriptor)
{
    void *memory =
        mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

int board_create(struct board **ret_board)
{
    int descriptor = memfd_create("portico-figures", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0)
        return -1;
    /* Sealed: a worker that shrank it could make the others' reads fail with SIGBUS. */
    if (ftruncate(descriptor, sizeof(struct board)) != 0 ||
        fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        goto failed;
    struct board *board = board_map(descriptor);
    if (!board)
        goto failed;
    if (getrandom(&board->word, sizeof board->word, 0) != (ssize_t)sizeof board->word) {
        board_unmap(board);
        goto failed;
    }
    *ret_board = board;
    return descriptor;
failed:
    close(descriptor);
    return -1;
}

void board_unmap(struct board *board)
{
    if (board)
        munmap(board, sizeof *board);
}

void board_set_state(struct board *board, unsigned slot, enum board_state state)
{
    if (board && slot < BOARD_SLOTS)
        atomic_store(&board->states[slot], state);
}

static uint64_t read_number(const board_number *number)
{
    return atomic_load_explicit(number, memory_order_relaxed);
}

/* FNV-1a; never 0. */
static uint64_t hash(const char *label)
{
    uint64_t key = 14695981039346656037u;
    for (; *label; label++)
        key = (key ^ (unsigned char)*label) * 1099511628211u;
    return key ? key : 1;
}

/* The row of a key, the first free one, or NULL. */
static struct board_route *find(struct board_slot *slot, uint64_t key)
{
    for (unsigned i = 0; i < BOARD_ROUTES; i++) {
        uint64_t found = read_number(&slot->routes[i].key);
        if (found == key || found == 0)
            return &slot->routes[i];
    }
    return NULL;
}

void board_tidy(struct board *board, unsigned slot)
{
    if (slot < BOARD_SLOTS && read_number(&board->slots[slot].routes[BOARD_ROUTES / 2].key))
        memset(board->slots[slot].routes, 0, sizeof board->slots[slot].routes);
}

struct board_route *board_claim(struct board *board, unsigned slot, const char *label)
{
    uint64_t key = hash(label);
    struct board_route *row = slot < BOARD_SLOTS ? find(&board->slots[slot], key) : NULL;
    if (row)
        atomic_store_explicit(&row->key, key, memory_order_relaxed);
    return row;
}

static bool is_used(const struct board *board, unsigned slot, bool *ret_living)
{
    uint32_t state = atomic_load_explicit(&board->states[slot], memory_order_relaxed);
    *ret_living = state == BOARD_LIVING || state == BOARD_LIVING_JOBS;
    return state != BOARD_UNUSED;
}

/* The log is one file, and each worker saw its length at its own time. */
static void add(struct board_totals *totals, unsigned figure, uint64_t value)
{
    uint64_t *total = &totals->figures[figure];
    if (figure != BOARD_LOG_PAGES)
        *total += value;
    else if (value > *total)
        *total = value;
}

void board_sum(const struct board *board, struct board_totals *ret_totals)
{
    bool living;
    *ret_totals = (struct board_totals){ 0 };
    for (unsigned s = 0; s < BOARD_SLOTS; s++) {
        if (!is_used(board, s, &living))
            continue;
        bool jobs =
            atomic_load_explicit(&board->states[s], memory_order_relaxed) == BOARD_LIVING_JOBS;
        ret_totals->workers += living && !jobs;
        ret_totals->jobs += jobs;
        for (unsigned i = 0; i < (living ? BOARD_FIGURES : BOARD_GAUGES); i++)
            add(ret_totals, i, read_number(&board->slots[s].figures[i]));
    }
}

void board_sum_route(const struct board *board, const char *label, struct board_route *ret_sum)
{
    uint64_t key = hash(label);
    bool living;
    *ret_sum = (struct board_route){ 0 };
    for (unsigned s = 0; s < BOARD_SLOTS; s++) {
        if (!is_used(board, s, &living))
            continue;
        const struct board_route *row = find((struct board_slot *)&board->slots[s], key);
        if (!row || read_number(&row->key) != key)
            continue;
        board_add(&ret_sum->requests, read_number(&row->requests));
        board_add(&ret_sum->failures, read_number(&row->failures));
        board_add(&ret_sum->late, read_number(&row->late));
        board_add(&ret_sum->shed, read_number(&row->shed));
        board_add(&ret_sum->out, living && read_number(&row->out));
        board_add(&ret_sum->duration_sum, read_number(&row->duration_sum));
        for (unsigned b = 0; b < BOARD_BUCKETS; b++)
            board_add(&ret_sum->durations[b], read_number(&row->durations[b]));
    }
}
