/* From a module's directory to its checked descriptor, and, unless only inspecting, to loaded code.
 */
#ifndef MODULE_LOADER_H
#define MODULE_LOADER_H

#include "module/note.h"

struct loader_options {
    const char *directory;       /* of the module; its name is the module's id */
    const char *id;              /* as the config names it */
    const char *cache_directory; /* for verified copies, 0700; created if its parent exists */
    bool inspect_only;           /* load nothing into this process */
};

/* Checks owner and mode of directory and file, takes a verified copy under a name made from its
 * content, reads the note, inspects it in a child, then loads the copy for good. The descriptor
 * lands in the arena in the host's own sizes. Everything wrong is reported; false if there was any.
 */
bool loader_open(const struct loader_options *options, struct arena *arena,
                 struct portico_module *ret_module, struct descriptor_report *report);

/* What an inspection found, of a good module or a refused one. In the arena. */
struct loader_findings {
    const char *file;
    struct note note;
    bool described; /* the descriptor could be read: `module` says what it registers */
    struct portico_module module;
};
/* Inspects without loading anything here; every refusal is reported, not the first alone. The same
 * open file is examined and given to the inspector. False if anything was reported; what could be
 * read is in `ret_findings` even then, to be shown, not used. */
bool loader_inspect(const struct loader_options *options, struct arena *arena,
                    struct loader_findings *ret_findings, struct descriptor_report *report);

/* For the tests of modules: what is read instead of the descriptor that a loaded module gave. NULL
 * in a portal. */
extern const struct portico_module *(*loader_substitute)(const struct portico_module *foreign);

#endif
