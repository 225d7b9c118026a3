#include "cli/watch.h"

#include <glib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define EVENTS (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE)
#define DEPTH_MAX 16

static bool is_ignored(const char *name)
{
    size_t length = strlen(name);
    return name[0] == '.' || name[0] == '#' || strcmp(name, "node_modules") == 0 ||
           strcmp(name, "4913") == 0 || (length && name[length - 1] == '~');
}

/* A directory that is watched already stays so. */
static int add(int watch, const char *directory, const char *except, int depth)
{
    if (depth > DEPTH_MAX || strcmp(directory, except) == 0)
        return 0;
    if (inotify_add_watch(watch, directory, EVENTS | IN_ONLYDIR) < 0)
        return -1;
    GDir *entries = g_dir_open(directory, 0, NULL);
    const char *name;
    int code = 0;
    while (entries && code == 0 && (name = g_dir_read_name(entries))) {
        char *path = g_build_filename(directory, name, NULL);
        if (!is_ignored(name) && g_file_test(path, G_FILE_TEST_IS_DIR) &&
            !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
            code = add(watch, path, except, depth + 1);
        g_free(path);
    }
    if (entries)
        g_dir_close(entries);
    return code;
}

int watch_open(const char *directory, const char *except)
{
    int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch >= 0 && add(watch, directory, except, 0) < 0) {
        close(watch);
        return -1;
    }
    return watch;
}

bool watch_read(int watch, const char *directory, const char *except)
{
    _Alignas(struct inotify_event) char buffer[8192];
    bool changed = false, grown = false;
    char *parent = g_path_get_dirname(except), *name = g_path_get_basename(except);
    int around = inotify_add_watch(watch, parent, EVENTS | IN_ONLYDIR); /* as it is known already */
    ssize_t length;
    while ((length = read(watch, buffer, sizeof buffer)) > 0)
        for (const char *at = buffer; at < buffer + length;) {
            const struct inotify_event *event = (const struct inotify_event *)at;
            at += sizeof *event + event->len;
            if (event->wd == around && event->len && strcmp(event->name, name) == 0)
                continue;
            grown |= (event->mask & (IN_ISDIR | IN_Q_OVERFLOW)) != 0;
            /* A new file says so again when it was written. */
            bool only_made = (event->mask & IN_CREATE) && !(event->mask & IN_ISDIR);
            changed |= event->len && !is_ignored(event->name) && !only_made;
            changed |= (event->mask & IN_Q_OVERFLOW) != 0;
        }
    g_free(name);
    g_free(parent);
    /* What cannot be watched any more went meanwhile. */
    if (grown)
        (void)add(watch, directory, except, 0);
    return changed;
}
