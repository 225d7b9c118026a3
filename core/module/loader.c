#include "module/loader.h"

#include "module/check.h"
#include "module/inspect.h"
#include "module/note.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (256LL * 1024 * 1024)
#define HASH_BYTES 32

/* Who owns it and who may write it: else anyone could have the portal run their code. */
static bool check_trust(int descriptor, const char *path, struct descriptor_report *report)
{
    struct stat status;
    if (fstat(descriptor, &status) < 0) {
        descriptor_say(report, "%s cannot be examined: %s. Install it again.", path,
                       strerror(errno));
        return false;
    }
    if (status.st_uid != 0 && status.st_uid != geteuid()) {
        descriptor_say(report,
                       "%s belongs to user %u, who could change what the portal runs: run "
                       "`chown root %s`.",
                       path, (unsigned)status.st_uid, path);
        return false;
    }
    if (status.st_mode & (S_IWGRP | S_IWOTH)) {
        descriptor_say(report, "%s can be written by others (mode %04o): run `chmod go-w %s`.",
                       path, (unsigned)status.st_mode & 07777, path);
        return false;
    }
    return true;
}

/* Opens NAME.so in the module's directory, both checked through their own descriptors. */
static int open_library(const struct loader_options *options, const char *path,
                        struct descriptor_report *report)
{
    int directory = open(options->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0) {
        descriptor_say(report,
                       "%s is not a directory that can be opened (%s); a link is not "
                       "followed.",
                       options->directory, strerror(errno));
        return -1;
    }
    char *name = g_strdup_printf("%s.so", options->id);
    int file = -1;
    if (check_trust(directory, options->directory, report)) {
        file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        if (file < 0)
            descriptor_say(report, "%s cannot be opened (%s); a link is not followed.", path,
                           strerror(errno));
    }
    g_free(name);
    close(directory);
    struct stat status;
    if (file < 0)
        return -1;
    if (fstat(file, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size > FILE_MAX) {
        descriptor_say(report, "%s is not a regular file of at most 256 MiB: install it again.",
                       path);
    } else if (check_trust(file, path, report)) {
        return file;
    }
    close(file);
    return -1;
}

static bool read_all(int file, GByteArray *bytes)
{
    guint8 part[65536];
    for (;;) {
        ssize_t got = read(file, part, sizeof part);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || bytes->len > FILE_MAX)
            return false;
        if (got == 0)
            return true;
        g_byte_array_append(bytes, part, (guint)got);
    }
}

static void hash_of(const GByteArray *bytes, unsigned char ret_hash[HASH_BYTES])
{
    crypto_generichash(ret_hash, HASH_BYTES, bytes->data, bytes->len, NULL, 0);
}

/* Opens a copy that stands there and is still what its name says. -1: there is none. */
static int open_copy(const char *path, const unsigned char hash[HASH_BYTES])
{
    struct stat status;
    unsigned char found[HASH_BYTES];
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return -1;
    GByteArray *bytes = g_byte_array_new();
    bool same = fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
                status.st_uid == geteuid() && (status.st_mode & 07777) == 0500 &&
                read_all(file, bytes);
    if (same) {
        hash_of(bytes, found);
        same = memcmp(found, hash, HASH_BYTES) == 0;
    }
    g_byte_array_free(bytes, TRUE);
    if (same && lseek(file, 0, SEEK_SET) == 0)
        return file;
    close(file);
    return -1;
}

static bool write_all(int file, const guint8 *data, gsize length)
{
    while (length > 0) {
        ssize_t wrote = write(file, data, length);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        data += wrote;
        length -= (gsize)wrote;
    }
    return true;
}

static bool write_copy(const char *path, const GByteArray *bytes, struct descriptor_report *report)
{
    char *draft = g_strdup_printf("%s.XXXXXX", path);
    int file = g_mkstemp_full(draft, O_WRONLY | O_CLOEXEC, 0600);
    bool written = file >= 0 && write_all(file, bytes->data, bytes->len) &&
                   fchmod(file, 0500) == 0 && rename(draft, path) == 0;
    if (!written)
        descriptor_say(report,
                       "Its verified copy %s cannot be written: %s. Make room, or set the "
                       "directory's owner.",
                       path, strerror(errno));
    if (!written && file >= 0)
        unlink(draft);
    if (file >= 0)
        close(file);
    g_free(draft);
    return written;
}

static bool check_cache(const char *directory, struct descriptor_report *report)
{
    struct stat status;
    if (mkdir(directory, 0700) < 0 && errno != EEXIST) {
        descriptor_say(report,
                       "The directory for verified modules %s cannot be made: %s. Make it, "
                       "for the portal's user alone.",
                       directory, strerror(errno));
        return false;
    }
    if (lstat(directory, &status) < 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid() ||
        (status.st_mode & 0077)) {
        descriptor_say(report,
                       "The directory for verified modules %s must belong to the portal's user "
                       "alone: run `chmod 700 %s`.",
                       directory, directory);
        return false;
    }
    return true;
}

/* Copies the open file to a path made from its content; returns the copy, open, and its path. */
static int take_copy(int library, const char *cache_directory, char **ret_path,
                     struct descriptor_report *report)
{
    unsigned char hash[HASH_BYTES];
    char hex[2 * HASH_BYTES + 1];
    GByteArray *bytes = g_byte_array_new();
    int copy = -1;
    if (!read_all(library, bytes)) {
        descriptor_say(report, "It cannot be read: %s. Install it again.", strerror(errno));
    } else if (check_cache(cache_directory, report)) {
        hash_of(bytes, hash);
        sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
        char *path = g_strdup_printf("%s/%s.so", cache_directory, hex);
        copy = open_copy(path, hash);
        if (copy < 0 && write_copy(path, bytes, report)) {
            copy = open_copy(path, hash);
            if (copy < 0)
                descriptor_say(
                    report,
                    "Its verified copy %s changed while it was written: the disk "
                    "or another process is at fault; run it again, then look at the disk.",
                    path);
        }
        if (copy >= 0)
            *ret_path = path;
        else
            g_free(path);
    }
    g_byte_array_free(bytes, TRUE);
    return copy;
}

/* The note is what this host was asked about, the descriptor what the module is given. */
static bool same_uses(const struct note *note, const struct portico_module *module)
{
    struct uses uses;
    if (uses_parse(module->uses, &uses, NULL) < 0 || uses.count != note->uses.count)
        return false;
    for (unsigned i = 0; i < uses.count; i++) {
        const struct use *own = &uses.items[i], *noted = &note->uses.items[i];
        if (strcmp(own->name, noted->name) != 0 || own->major != noted->major ||
            own->minor != noted->minor)
            return false;
    }
    return true;
}

/* The id stands in the note, the descriptor, the config and the directory's name: all must agree.
 */
static bool check_identity(const struct loader_options *options, const struct note *note,
                           const struct portico_module *module, struct descriptor_report *report)
{
    unsigned before = report->count;
    char *folder = g_path_get_basename(options->directory);
    if (strcmp(folder, options->id) != 0)
        descriptor_say(report, "Its directory is named %s, the config names it %s: rename one.",
                       folder, options->id);
    if (strcmp(note->id, options->id) != 0)
        descriptor_say(report,
                       "Its file says that it is the module %s, not %s: install it as %s/%s.so.",
                       note->id, options->id, note->id, note->id);
    else if (module && strcmp(module->id, note->id) != 0)
        descriptor_say(report,
                       "Its descriptor has the id %s, its note %s: begin the descriptor with "
                       "PORTICO_MODULE_HEADER.",
                       module->id, note->id);
    else if (module && strcmp(module->version, note->version) != 0)
        descriptor_say(report,
                       "Its descriptor has the version %s, its note %s: begin the descriptor "
                       "with PORTICO_MODULE_HEADER.",
                       module->version, note->version);
    else if (module && !same_uses(note, module))
        descriptor_say(report,
                       "Its descriptor uses \"%.200s\", its note says otherwise: define "
                       "PORTICO_MODULE_USES once, before the first include, and begin the "
                       "descriptor with PORTICO_MODULE_HEADER.",
                       module->uses ? module->uses : "");
    g_free(folder);
    return report->count == before;
}

const struct portico_module *(*loader_substitute)(const struct portico_module *foreign);

/* Loads the copy into this process, never to be unloaded. */
static bool load(const char *path, struct arena *arena, struct portico_module *ret_module,
                 struct descriptor_report *report)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    void *symbol = library ? dlsym(library, "portico_module_entry") : NULL;
    const struct portico_module *(*entry)(void) = NULL;
    memcpy(&entry, &symbol, sizeof entry);
    const struct portico_module *foreign = entry ? entry() : NULL;
    if (foreign && loader_substitute)
        foreign = loader_substitute(foreign);
    if (!foreign) {
        const char *why = dlerror();
        descriptor_say(report, "It cannot be loaded: %s. Build it again for this system.",
                       why ? why : "it has no descriptor");
        return false;
    }
    struct portico_module module;
    unsigned before = report->count;
    if (!descriptor_copy(foreign, arena, &module, report))
        return false;
    descriptor_check(&module, report);
    if (report->count > before)
        return false;
    *ret_module = module;
    return true;
}

bool loader_inspect(const struct loader_options *options, struct arena *arena,
                    struct loader_findings *ret_findings, struct descriptor_report *report)
{
    struct loader_findings findings = { .file = arena_printf(arena, "%s/%s.so", options->directory,
                                                             options->id) };
    struct portico_module module = { 0 };
    unsigned before = report->count;
    int library = open_library(options, findings.file, report);
    if (library < 0) {
        *ret_findings = findings;
        return false;
    }
    /* Everything that is wrong at once: one step's refusal does not hide the next one's. Only a
     * descriptor of another ABI would be read as what it is not. */
    note_read(library, &findings.note, report);
    if (findings.note.found)
        check_identity(options, &findings.note, NULL, report);
    if (findings.note.found && findings.note.abi == PORTICO_ABI)
        inspect_module(library, INSPECT_TIME, arena, &module, report);
    findings.described = module.id != NULL;
    findings.module = module;
    if (report->count == before)
        check_identity(options, &findings.note, &module, report);
    if (findings.described)
        check_personal(&module, options->directory, report);
    close(library);
    *ret_findings = findings;
    return report->count == before;
}

/* From a verified copy to code in this process. */
static bool open_copied(const struct loader_options *options, int library, struct arena *arena,
                        struct portico_module *ret_module, struct descriptor_report *report)
{
    char *path = NULL;
    struct note note = { .abi = 0 };
    struct portico_module module = { 0 };
    int copy = take_copy(library, options->cache_directory, &path, report);
    bool good = copy >= 0 && note_read(copy, &note, report) &&
                check_identity(options, &note, NULL, report) &&
                inspect_module(copy, INSPECT_TIME, arena, &module, report) &&
                check_identity(options, &note, &module, report) &&
                load(path, arena, &module, report) &&
                check_identity(options, &note, &module, report);
    if (copy >= 0)
        close(copy);
    g_free(path);
    if (good)
        *ret_module = module;
    return good;
}

bool loader_open(const struct loader_options *options, struct arena *arena,
                 struct portico_module *ret_module, struct descriptor_report *report)
{
    if (options->inspect_only) {
        struct loader_findings findings;
        bool good = loader_inspect(options, arena, &findings, report);
        if (good)
            *ret_module = findings.module;
        return good;
    }
    char *path = g_strdup_printf("%s/%s.so", options->directory, options->id);
    int library = open_library(options, path, report);
    unsigned before = report->count;
    bool good = library >= 0 && open_copied(options, library, arena, ret_module, report);
    if (good)
        check_personal(ret_module, options->directory, report);
    good = good && report->count == before;
    if (library >= 0)
        close(library);
    g_free(path);
    return good;
}
