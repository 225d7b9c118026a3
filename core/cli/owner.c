/* Commands that write beside a portal do so as the portal's user. */
#include "cli/cli.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static int become(uid_t user, gid_t group)
{
    const struct passwd *entry = getpwuid(user);
    if (entry ? initgroups(entry->pw_name, entry->pw_gid) : setgroups(0, NULL))
        return -1;
    if (setgid(entry ? entry->pw_gid : group) || setuid(user))
        return -1;
    /* A process that changed its user may not look at itself, and so not find its own program. */
    return prctl(PR_SET_DUMPABLE, 1);
}

int cli_become_owner(const struct cli_call *call, const struct config *config)
{
    const char *directory = config_data_directory(config);
    struct stat place;
    if (geteuid() != 0 || !directory || stat(directory, &place) < 0 || place.st_uid == 0)
        return 0;
    if (become(place.st_uid, place.st_gid) == 0)
        return 0;
    struct portico_error error = PORTICO_ERROR_INIT;
    error_set(&error, PORTICO_EPERM,
              "Cannot become the user with id %u who owns %s: %s. Run the command as that user.",
              (unsigned)place.st_uid, directory, strerror(errno));
    return cli_fail(call, &error);
}
