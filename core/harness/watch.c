/* Memory is counted where the module asks for it: its own slots for malloc and the like lead here.
 * Libraries that it links are not counted; a program built with LeakSanitizer sees those too. */
#include "harness/watch.h"

#include "base/clock.h"
#include "harness/newer.h"
#include "module/loader.h"

#include <dirent.h>
#include <dlfcn.h>
#include <glib.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define SETTLE 2000000 /* µs that a thread has to be gone after it was joined */

static const struct bench *owner;
static bool enlarge;
static GHashTable *threads, *descriptors;

/* ---- memory ---- */

struct block {
    size_t size;
    const void *caller;
};

static GHashTable *blocks;
static pthread_mutex_t blocks_lock = PTHREAD_MUTEX_INITIALIZER;

/* Keys are inverted addresses: LeakSanitizer must not take our notes for references. */
static void took(void *memory, size_t size, const void *caller)
{
    if (!memory)
        return;
    struct block *block = g_new(struct block, 1);
    *block = (struct block){ size, caller };
    pthread_mutex_lock(&blocks_lock);
    g_hash_table_replace(blocks, (gpointer) ~(uintptr_t)memory, block);
    pthread_mutex_unlock(&blocks_lock);
}

static void gave(void *memory)
{
    if (!memory)
        return;
    pthread_mutex_lock(&blocks_lock);
    g_hash_table_remove(blocks, (gpointer) ~(uintptr_t)memory);
    pthread_mutex_unlock(&blocks_lock);
}

#define CALLER __builtin_return_address(0)

static void *watched_malloc(size_t size)
{
    void *memory = malloc(size);
    took(memory, size, CALLER);
    return memory;
}

static void *watched_calloc(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    took(memory, count * size, CALLER);
    return memory;
}

static void *watched_realloc(void *old, size_t size)
{
    gave(old);
    void *memory = realloc(old, size);
    took(memory, size, CALLER);
    return memory;
}

static void watched_free(void *memory)
{
    gave(memory);
    free(memory);
}

static char *watched_strdup(const char *text)
{
    char *memory = strdup(text);
    took(memory, memory ? strlen(memory) + 1 : 0, CALLER);
    return memory;
}

static char *watched_strndup(const char *text, size_t length)
{
    char *memory = strndup(text, length);
    took(memory, memory ? strlen(memory) + 1 : 0, CALLER);
    return memory;
}

static int watched_posix_memalign(void **ret_memory, size_t alignment, size_t size)
{
    int code = posix_memalign(ret_memory, alignment, size);
    if (code == 0)
        took(*ret_memory, size, CALLER);
    return code;
}

static void *watched_aligned_alloc(size_t alignment, size_t size)
{
    void *memory = aligned_alloc(alignment, size);
    took(memory, size, CALLER);
    return memory;
}

static const struct {
    const char *name;
    void *function;
} watched[] = {
    { "malloc", (void *)(uintptr_t)watched_malloc },
    { "calloc", (void *)(uintptr_t)watched_calloc },
    { "realloc", (void *)(uintptr_t)watched_realloc },
    { "free", (void *)(uintptr_t)watched_free },
    { "strdup", (void *)(uintptr_t)watched_strdup },
    { "strndup", (void *)(uintptr_t)watched_strndup },
    { "posix_memalign", (void *)(uintptr_t)watched_posix_memalign },
    { "aligned_alloc", (void *)(uintptr_t)watched_aligned_alloc },
};

static void *watched_function(const char *name)
{
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++)
        if (strcmp(watched[i].name, name) == 0)
            return watched[i].function;
    return NULL;
}

/* What the dynamic section says, as far as we need it. */
struct dynamic {
    const ElfW(Sym) * symbols;
    const char *names;
    const ElfW(Rela) * relocations[2];
    size_t counts[2];
};

static struct dynamic read_dynamic(const struct link_map *map)
{
    struct dynamic dynamic = { 0 };
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
        const void *place = (const void *)entry->d_un.d_ptr;
        switch (entry->d_tag) {
        case DT_SYMTAB: dynamic.symbols = place; break;
        case DT_STRTAB: dynamic.names = place; break;
        case DT_JMPREL: dynamic.relocations[0] = place; break;
        case DT_PLTRELSZ: dynamic.counts[0] = entry->d_un.d_val / sizeof(ElfW(Rela)); break;
        case DT_RELA: dynamic.relocations[1] = place; break;
        case DT_RELASZ: dynamic.counts[1] = entry->d_un.d_val / sizeof(ElfW(Rela)); break;
        default: break;
        }
    }
    return dynamic;
}

/* Only slots that hold the function's plain address: S, without an addend. */
static bool is_slot(const ElfW(Rela) * relocation)
{
    unsigned long type = ELF64_R_TYPE(relocation->r_info);
#if defined(__x86_64__)
    return type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT || type == R_X86_64_64;
#elif defined(__aarch64__)
    return type == R_AARCH64_JUMP_SLOT || type == R_AARCH64_GLOB_DAT || type == R_AARCH64_ABS64;
#else
    (void)type;
    return false;
#endif
}

/* The slots are read-only once the module is loaded (-z relro). */
static void write_slot(void **slot, void *function)
{
    uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);
    void *page = (void *)((uintptr_t)slot & ~(size - 1));
    if (mprotect(page, size, PROT_READ | PROT_WRITE) == 0)
        *slot = function;
}

static void watch_module(const void *inside)
{
    Dl_info info;
    struct link_map *map = NULL;
    if (!dladdr1(inside, &info, (void **)&map, RTLD_DL_LINKMAP) || !map)
        return;
    struct dynamic dynamic = read_dynamic(map);
    for (int part = 0; part < 2 && dynamic.symbols && dynamic.names; part++)
        for (size_t i = 0; i < dynamic.counts[part]; i++) {
            const ElfW(Rela) *relocation = &dynamic.relocations[part][i];
            const ElfW(Sym) *symbol = &dynamic.symbols[ELF64_R_SYM(relocation->r_info)];
            void *function =
                is_slot(relocation) ? watched_function(dynamic.names + symbol->st_name) : NULL;
            if (function)
                write_slot((void **)(map->l_addr + relocation->r_offset), function);
        }
}

static const struct portico_module *on_loaded(const struct portico_module *foreign)
{
    watch_module(foreign);
    return enlarge ? newer_descriptor(foreign) : foreign;
}

void watch_check_memory(const struct bench *bench)
{
    GHashTableIter iterator;
    gpointer value;
    size_t count = 0, bytes = 0;
    const void *caller = NULL;
    pthread_mutex_lock(&blocks_lock);
    g_hash_table_iter_init(&iterator, blocks);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        const struct block *block = value;
        count++;
        bytes += block->size;
        caller = !caller || block->caller < caller ? block->caller : caller;
    }
    pthread_mutex_unlock(&blocks_lock);
    Dl_info info;
    if (count == 0 || !dladdr(caller, &info))
        return;
    size_t offset = (size_t)((const char *)caller - (const char *)info.dli_fbase);
    bench_record(
        bench, RECORD_VIOLATION,
        "After stop, %zu block%s (%zu bytes) that the module took with malloc %s not "
        "freed, one taken before offset 0x%zx of its file%s%s: free in `stop` what `start` "
        "took, and what a call took before it returns (addr2line -f -e MODULE.so 0x%zx "
        "names the line).",
        count, count == 1 ? "" : "s", bytes, count == 1 ? "was" : "were", offset,
        info.dli_sname ? ", in " : "", info.dli_sname ? info.dli_sname : "", offset);
}

/* ---- threads and descriptors ---- */

static GHashTable *list_numbers(const char *directory)
{
    GHashTable *numbers = g_hash_table_new(NULL, NULL);
    DIR *entries = opendir(directory);
    const struct dirent *entry;
    while (entries && (entry = readdir(entries))) {
        int number = atoi(entry->d_name);
        if (*entry->d_name != '.' && number != dirfd(entries))
            g_hash_table_add(numbers, GINT_TO_POINTER(number));
    }
    if (entries)
        closedir(entries);
    return numbers;
}

/* 0: none that was not there before. */
static int first_new(const char *directory, GHashTable *before)
{
    GHashTable *now = list_numbers(directory);
    GHashTableIter iterator;
    gpointer key;
    int found = 0;
    g_hash_table_iter_init(&iterator, now);
    while (g_hash_table_iter_next(&iterator, &key, NULL))
        if (!g_hash_table_contains(before, key))
            found = GPOINTER_TO_INT(key);
    g_hash_table_destroy(now);
    return found;
}

static void check_threads(const struct bench *bench)
{
    int64_t end = clock_steady() + SETTLE;
    int thread;
    while ((thread = first_new("/proc/self/task", threads)) && clock_steady() < end)
        usleep(1000);
    if (!thread)
        return;
    char path[64], name[32] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/comm", thread);
    FILE *file = fopen(path, "re");
    if (file && fgets(name, sizeof name, file))
        name[strcspn(name, "\n")] = '\0';
    if (file)
        fclose(file);
    bench_record(bench, RECORD_VIOLATION,
                 "After stop a thread is still running (number %d, \"%s\"): end and join in `stop` "
                 "what `start` or a call began.",
                 thread, name);
}

static void check_descriptors(const struct bench *bench)
{
    int descriptor = first_new("/proc/self/fd", descriptors);
    if (!descriptor)
        return;
    char path[64], target[256] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(path, target, sizeof target - 1);
    bench_record(bench, RECORD_VIOLATION,
                 "After stop a file descriptor is still open (number %d, %.*s): close what `start` "
                 "or a call opened.",
                 descriptor, length > 0 ? (int)length : 0, target);
}

void watch_begin(const struct bench *bench, bool newer)
{
    owner = bench;
    enlarge = newer;
    blocks = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    threads = list_numbers("/proc/self/task");
    descriptors = list_numbers("/proc/self/fd");
    loader_substitute = on_loaded;
}

void watch_check_process(const struct bench *bench)
{
    check_threads(bench);
    check_descriptors(bench);
    g_hash_table_destroy(threads);
    g_hash_table_destroy(descriptors);
    loader_substitute = NULL;
}
