/* Reads key files line by line: sections, keys, quoted values; reports every mistake with its line.
 */
#ifndef CONFIG_READER_H
#define CONFIG_READER_H

#include "base/arena.h"

#include <portico/base.h>

#include <stdbool.h>

#define CONFIG_READER_FILE_MAX (1024 * 1024)
#define CONFIG_READER_LINE_MAX 4096
/* After so many mistakes in one file the rest is not read: it is probably no config file at all. */
#define CONFIG_READER_PROBLEMS_MAX 100

/* One `key = value` line, and the section it stands in: "http", or "module NAME". */
struct config_reader_entry {
    const char *section;
    const char *key;
    const char *value;
    const char *file;
    unsigned line;
};

/* Who hears what stands in the file, in the order of its lines. Texts live in `arena`. */
struct config_reader {
    struct arena *arena;
    /* A section begins. False: it is unknown (and was reported), its keys are passed over. */
    bool (*section)(const char *section, const char *file, unsigned line, void *data);
    void (*entry)(const struct config_reader_entry *entry, void *data);
    void (*problem)(const char *file, unsigned line, const char *message, void *data);
    void *data;
};

/* Reads `length` bytes as the file called `file`, which must live as long as the arena. */
void config_reader_parse(const struct config_reader *reader, const char *file, const char *bytes,
                         size_t length);
/* Reads a file from disk. ENOENT or EIO if it cannot be read, EINVAL if it is no regular file or
 * too long; mistakes inside go to `problem`. */
int config_reader_read(const struct config_reader *reader, const char *file,
                       struct portico_error *error);

#endif
