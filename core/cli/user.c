/* `portico user`: people who sign in, their passwords, roles and sessions. */
#include "base/text.h"
#include "cli/action.h"
#include "cli/alone.h"
#include "cli/database.h"
#include "cli/manage.h"
#include "identity/audit.h"
#include "identity/link.h"
#include "identity/password.h"
#include "identity/second.h"
#include "portal/portal.h"

#include <errno.h>
#include <glib.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#define PASSWORD_SIZE 1024
#define PEOPLE_MAX 1000u /* of one statement */
#define AUDIT_ORIGIN "command line"

/* One call at work. */
struct user {
    const struct cli_call *call;
    struct cli_database database;
    struct identity *identity;
    struct portico_error error;
};

/* One that listeners of events are told of: in the portal's name, in one transaction. */
struct told {
    const struct cli_call *call;
    const struct user_action *action;
    const struct manage *manage;
    struct portico_context *context;
    struct store_session *session;
    struct portico_error *error;
    struct identity_person person;
    GString *said; /* printed once it is committed */
};

struct user_action {
    struct cli_action action;
    int (*run)(struct user *user);  /* 0 or negative with the error */
    bool makes;                     /* the database may not be there yet */
    int (*tell)(struct told *told); /* instead of `run`, for one who is there: `person` */
    const char *kind;               /* of the record of it; NULL: it writes its own */
};

static int find(struct user *user, struct identity_person *ret_person)
{
    return identity_person_named(user->database.session, user->call->arguments[1], ret_person,
                                 &user->error);
}

static int record(struct store_session *session, const char *kind, int64_t person,
                  struct portico_error *error)
{
    const struct identity_act act = { .kind = kind, .person = person, .origin = AUDIT_ORIGIN };
    return identity_audit(session, &act, error);
}

/* ---- passwords ---- */

static int cut_line(struct user *user, char *line, size_t length)
{
    char *end = memchr(line, '\n', length);
    if (!end && length == PASSWORD_SIZE)
        return error_set(&user->error, PORTICO_EINVAL, "The password is too long.");
    if (end && end > line && end[-1] == '\r')
        end--;
    *(end ? end : line + length) = '\0';
    return 0;
}

static int read_descriptor(struct user *user, const char *number, char ret_line[PASSWORD_SIZE + 1])
{
    long long descriptor;
    size_t length = 0;
    ssize_t count = 0;
    if (!text_to_int64(text_of(number), &descriptor) || descriptor < 0 || descriptor > 65535)
        return error_set(&user->error, PORTICO_EINVAL, "`%.40s` is no number of a file descriptor.",
                         number);
    do {
        count = read((int)descriptor, ret_line + length, PASSWORD_SIZE - length);
        if (count < 0 && errno != EINTR)
            return error_set(&user->error, PORTICO_EIO,
                             "The password cannot be read from descriptor %lld: %s.", descriptor,
                             strerror(errno));
        length += count > 0 ? (size_t)count : 0;
    } while ((count > 0 || (count < 0 && errno == EINTR)) && length < PASSWORD_SIZE &&
             !memchr(ret_line, '\n', length));
    return cut_line(user, ret_line, length);
}

/* One line that is not shown while it is typed. */
static int read_hidden(struct user *user, const char *prompt, char ret_line[PASSWORD_SIZE + 1])
{
    struct termios shown, hidden;
    if (tcgetattr(STDIN_FILENO, &shown) != 0)
        return error_set(&user->error, PORTICO_EINVAL,
                         "This is no terminal: write --password-fd 0 to give the password on "
                         "standard input.");
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_lflag |= ECHONL;
    fputs(prompt, stderr);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    ssize_t count = read(STDIN_FILENO, ret_line, PASSWORD_SIZE);
    int failure = errno;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    if (count <= 0)
        return error_set(&user->error, PORTICO_EINVAL, "No password was typed%s%s.",
                         count < 0 ? ": " : "", count < 0 ? strerror(failure) : "");
    return cut_line(user, ret_line, (size_t)count);
}

static int read_password(struct user *user, char ret_line[PASSWORD_SIZE + 1])
{
    const char *descriptor = cli_value(user->call, "password-fd");
    char again[PASSWORD_SIZE + 1] = "";
    if (descriptor)
        return read_descriptor(user, descriptor, ret_line);
    int code = read_hidden(user, "New password: ", ret_line);
    if (code == 0)
        code = read_hidden(user, "The same again: ", again);
    if (code == 0 && strcmp(ret_line, again) != 0)
        code = error_set(&user->error, PORTICO_EINVAL,
                         "The two are not the same: nothing was changed.");
    sodium_memzero(again, sizeof again);
    return code;
}

static int set_password(struct user *user, int64_t person, const char *password)
{
    const struct identity_act act = { .origin = AUDIT_ORIGIN };
    return identity_password_set(user->identity, user->database.session, person, password, 0, &act,
                                 NULL, &user->error);
}

static int passwd(struct user *user)
{
    struct identity_person person;
    char password[PASSWORD_SIZE + 1] = "";
    int code = find(user, &person);
    if (code == 0)
        code = read_password(user, password);
    if (code == 0)
        code = set_password(user, person.id, password);
    sodium_memzero(password, sizeof password);
    if (code == 0)
        printf("%s has a new password; all their sessions ended.\n", person.handle);
    return code;
}

/* ---- making ---- */

static int invite(struct user *user, int64_t person, const char *address)
{
    char token[IDENTITY_TOKEN_SIZE];
    int code = identity_link_make(user->database.session, IDENTITY_LINK_INVITE, person, address,
                                  token, &user->error);
    if (code == 0)
        printf("Give them this link to set a password. It works once, within seven days:\n\n  "
               "%s" IDENTITY_LINK_PATH "%s\n\n",
               config_url(user->database.config), token);
    sodium_memzero(token, sizeof token);
    return code;
}

/* Who is made as one of the staff belongs to the owner's account. */
static int record_staff(struct store_session *session, int64_t person, uint64_t roles,
                        struct portico_error *error)
{
    const struct identity_act act = { .kind = "membership.made",
                                      .person = person,
                                      .account = IDENTITY_OWNER,
                                      .origin = AUDIT_ORIGIN };
    int code = identity_audit(session, &act, error);
    return code < 0 ? code : identity_audit_roles(session, &act, 0, roles, error);
}

static const char no_address[] = "--mail ADDRESS is missing: people sign in with it.";

static int add(struct user *user)
{
    const char *role = cli_value(user->call, "role");
    bool with_password = cli_value(user->call, "password-fd") != NULL;
    char password[PASSWORD_SIZE + 1] = "";
    struct identity_new_person made = { .name = user->call->arguments[1],
                                        .address = cli_value(user->call, "mail"),
                                        .verified = true,
                                        .state = IDENTITY_ACTIVE };
    struct identity_person person;
    int64_t id = 0;
    int code = made.address ? identity_roles_read(role ? role : "", &made.roles, &user->error)
                            : error_set(&user->error, PORTICO_EINVAL, "%s", no_address);
    made.roles &= IDENTITY_STORED;
    if (code == 0 && with_password)
        code = read_password(user, password);
    /* Before anybody is made. */
    const struct identity_password_context context = { NULL, made.name, NULL, made.address };
    if (code == 0 && with_password)
        code = identity_password_check(password, &context, NULL, &user->error);
    if (code == 0)
        code = identity_person_make(user->database.session, &made, &id, &user->error);
    if (code == 0)
        code = record(user->database.session, "person.made", id, &user->error);
    if (code == 0 && made.roles)
        code = record_staff(user->database.session, id, made.roles, &user->error);
    if (code == 0)
        code = identity_person_look(user->database.session, id, &person, &user->error);
    if (code == 0)
        printf("%s is made, with the address %s.\n", person.handle, person.address);
    if (code == 0 && with_password)
        code = set_password(user, id, password);
    if (code == 0 && cli_value(user->call, "invite"))
        code = invite(user, id, person.address);
    else if (code == 0 && !with_password)
        printf("`portico user passwd %s` gives them a password.\n", person.handle);
    sodium_memzero(password, sizeof password);
    return code;
}

/* ---- looking ---- */

static void print_people(struct user *user, const struct value *rows, bool first)
{
    struct arena *arena = user->database.arena;
    if (first)
        printf("%-24s %-24s %-30s %-16s %-9s %s\n", "HANDLE", "NAME", "ADDRESS", "ROLES", "STATE",
               "LAST SIGN-IN");
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *row = value_rows_at(rows, i);
        printf("%-24s %-24s %-30s %-16s %-9s %s\n", cli_shown(arena, &row[1]),
               cli_shown(arena, &row[2]), cli_shown(arena, &row[3]),
               *row[4].text ? row[4].text : "member", row[5].text,
               cli_shown_time(arena, &row[7], "never"));
    }
}

static int list(struct user *user)
{
    const char *beginning = user->call->argument_count > 1 ? user->call->arguments[1] : "";
    bool json = cli_value(user->call, "json") != NULL;
    struct identity_place place = { 0 };
    char *name = NULL;
    struct value *rows;
    int code;
    do {
        code = identity_people_list(user->database.session, beginning, name ? &place : NULL,
                                    PEOPLE_MAX, &rows, &user->error);
        if (code < 0)
            break;
        for (uint32_t i = 0; json && i < rows->count; i++)
            cli_print_row(user->database.arena, rows, i);
        if (!json)
            print_people(user, rows, name == NULL);
        g_free(name);
        name = NULL;
        if (rows->count == PEOPLE_MAX) {
            const struct value_cell *last = value_rows_at(rows, rows->count - 1);
            name = g_strdup(last[2].text);
            place = (struct identity_place){ name, last[0].integer };
            code = cli_database_renew(&user->database);
        }
    } while (code == 0 && name);
    g_free(name);
    return code;
}

static int sessions(struct user *user)
{
    struct arena *arena = user->database.arena;
    struct identity_person person;
    struct value *rows;
    int code = find(user, &person);
    if (code == 0)
        code = identity_session_list(user->identity, user->database.session, person.id, 0, &rows,
                                     &user->error);
    if (code < 0)
        return code;
    printf("%-22s%-22s%-40s %s\n", "BEGUN", "LAST SEEN", "NETWORK", "BROWSER");
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *row = value_rows_at(rows, i);
        printf("%-22s%-22s%-40s %s\n", cli_shown_time(arena, &row[1], "never"),
               cli_shown_time(arena, &row[2], "never"), cli_shown(arena, &row[5]),
               cli_shown(arena, &row[4]));
    }
    return code;
}

/* ---- changing ---- */

static int role(struct told *told)
{
    struct identity_person *person = &told->person;
    uint64_t added = 0, taken = 0;
    char words[32];
    for (size_t i = 2; i < told->call->argument_count; i++) {
        const char *word = told->call->arguments[i];
        uint64_t one = identity_role_named(word + 1, strlen(word) - 1);
        if ((*word != '+' && *word != '-') || !(one & IDENTITY_STORED))
            return error_set(told->error, PORTICO_EINVAL,
                             "`%.40s` says neither what is given nor what is taken: write "
                             "+moderator, -moderator, +admin or -admin.",
                             word);
        *(*word == '+' ? &added : &taken) |= one;
    }
    int code = manage_staff_roles(told->manage, person->id, added, taken, told->error);
    if (code == 0)
        code = identity_person_look(told->session, person->id, person, told->error);
    if (code < 0)
        return code;
    identity_roles_write(person->roles, words);
    g_string_printf(told->said, "%s is %s.\n", person->handle, *words ? words : "a member");
    return 0;
}

static int tell_ended(struct told *told, int code)
{
    return code < 0 ? code
                    : portal_tell(told->context, "portal.portico.session.ended", told->person.id,
                                  "all", told->error);
}

static int disable(struct told *told)
{
    int code = tell_ended(told, identity_person_state(told->session, told->person.id,
                                                      IDENTITY_DISABLED, told->error));
    g_string_printf(told->said,
                    "%s is disabled: all their sessions ended, and they cannot sign in.\n",
                    told->person.handle);
    return code < 0 ? code
                    : portal_tell(told->context, "portal.portico.person.disabled", told->person.id,
                                  NULL, told->error);
}

static int enable(struct told *told)
{
    int code = identity_person_state(told->session, told->person.id, IDENTITY_ACTIVE, told->error);
    g_string_printf(told->said, "%s may sign in again.\n", told->person.handle);
    return code < 0 ? code
                    : portal_tell(told->context, "portal.portico.person.enabled", told->person.id,
                                  NULL, told->error);
}

static int end_sessions(struct told *told)
{
    int64_t ended = 0;
    int code = tell_ended(
        told, identity_session_end_all(told->session, told->person.id, 0, &ended, told->error));
    g_string_printf(told->said, "%lld sessions of %s ended.\n", (long long)ended,
                    told->person.handle);
    return code < 0 ? code
                    : portal_tell(told->context, "portal.portico.person.changed", told->person.id,
                                  "sessions: ended", told->error);
}

static int forget_second(struct told *told)
{
    int code = identity_second_forget(told->session, told->person.id, told->error);
    g_string_printf(told->said,
                    "The second factor of %s and their recovery codes are gone: they sign in with "
                    "their password, and set up another one if their role needs it.\n",
                    told->person.handle);
    return code < 0 ? code
                    : portal_tell(told->context, "portal.portico.person.changed", told->person.id,
                                  "second factor: taken away", told->error);
}

static const struct user_action actions[] = {
    { { "add", " NAME --mail ADDRESS", 1, 1 }, .run = add, .makes = true },
    { { "list", " [BEGINNING]", 0, 1 }, .run = list },
    { { "passwd", " WHO", 1, 1 }, .run = passwd },
    { { "role", " WHO +ROLE|-ROLE…", 2, CLI_ARGUMENTS_MAX - 1 }, .tell = role },
    { { "disable", " WHO", 1, 1 }, .tell = disable, .kind = "person.disabled" },
    { { "enable", " WHO", 1, 1 }, .tell = enable, .kind = "person.enabled" },
    { { "sessions", " WHO", 1, 1 }, .run = sessions },
    { { "forget-second", " WHO", 1, 1 }, .tell = forget_second, .kind = "second-factor.removed" },
};
/* `sessions` with --end. */
static const struct user_action end_action = { .tell = end_sessions, .kind = "sessions.ended" };

/* What the words alone show to be wrong is said before a config or a database is looked for. */
static int check_words(struct user *user, const struct user_action *action)
{
    uint64_t roles;
    const char *words = cli_value(user->call, "role");
    if (action->run == add && !cli_value(user->call, "mail"))
        return error_set(&user->error, PORTICO_EINVAL, "%s", no_address);
    if (words)
        return identity_roles_read(words, &roles, &user->error);
    for (size_t i = 2; action->tell == role && i < user->call->argument_count; i++) {
        const char *word = user->call->arguments[i];
        if (*word != '+' && *word != '-')
            return error_set(&user->error, PORTICO_EINVAL,
                             "`%.40s` says neither + nor -: write +%.40s to give the role, -%.40s "
                             "to take it.",
                             word, word, word);
    }
    return 0;
}

static int look_and_tell(struct cli_manage *at, void *data, struct portico_error *error)
{
    struct told *told = data;
    told->manage = &at->manage;
    told->context = at->manage.context;
    told->session = at->manage.session;
    told->said = at->said;
    told->error = error;
    int code = identity_person_named(told->session, told->call->arguments[1], &told->person, error);
    if (code == 0)
        code = told->action->tell(told);
    if (code < 0 || !told->action->kind)
        return code;
    return record(told->session, told->action->kind, told->person.id, error);
}

/* The database is not made for it: who would be in it? */
static int run_told(const struct cli_call *call, const struct user_action *action)
{
    struct told told = { .call = call, .action = action };
    return cli_manage_run(call, look_and_tell, &told);
}

static int run_alone(struct user *user, const struct user_action *action)
{
    int exit = action->makes ? alone_prepare(user->call) : 0;
    if (exit == 0)
        exit = cli_database_open(user->call, &user->database);
    if (exit == 0 && (identity_open(user->database.config, &user->identity, &user->error) < 0 ||
                      action->run(user) < 0))
        exit = cli_fail(user->call, &user->error);
    identity_close(user->identity);
    cli_database_close(&user->database);
    return exit;
}

static int run(const struct cli_call *call)
{
    static const struct portico_error none = PORTICO_ERROR_INIT;
    struct user user = { .call = call, .error = none };
    const struct user_action *action = CLI_FIND_ACTION(call, actions);
    if (!action)
        return CLI_USAGE;
    if (check_words(&user, action) < 0) {
        cli_fail(call, &user.error);
        return CLI_USAGE;
    }
    if (action->run == sessions && cli_value(call, "end"))
        action = &end_action;
    return action->tell ? run_told(call, action) : run_alone(&user, action);
}

static const struct cli_option options[] = {
    { "mail", "ADDRESS", "For `add`: the address they sign in with. It counts at once." },
    { "role", "ROLE", "For `add`: `moderator` or `admin`." },
    { "invite", NULL, "For `add`: prints a link with which they set a password." },
    { "password-fd", "NUMBER",
      "For `add` and `passwd`: the file descriptor that the password is read from, as one line; 0 "
      "is standard input." },
    { "end", NULL, "For `sessions`: ends all of them." },
    { "json", NULL, "For `list`: one JSON object a line." },
};

const struct cli_command cli_user = {
    .name = "user",
    .summary = "make people, set their passwords and roles, end their sessions",
    .arguments = "add NAME | list | ACTION WHO",
    .arguments_least = 1,
    .arguments_most = CLI_ARGUMENTS_MAX,
    .description =
        "WHO is a handle, an address or an id.\n\n"
        "`add` makes somebody who signs in with the given address. `list` shows people by name, "
        "those whose name, handle or address begins with the word behind it. `passwd` asks for a "
        "new password without showing it, and ends all sessions of that person. `role` gives "
        "(+moderator, +admin) and takes (-moderator, -admin) roles; a running portal knows within "
        "a second. `disable` keeps what somebody wrote but lets them sign in no more; `enable` "
        "undoes it. `sessions` shows where somebody is signed in. `forget-second` takes "
        "away the second factor of somebody who lost it with their recovery codes. What changes a "
        "role, a state or "
        "sessions starts the modules, whose handlers of events are told of it.\n\n"
        "The last active admin cannot be disabled, and stays an admin. A password is never an "
        "argument of a command, where other users of the machine could read it.",
    CLI_OPTIONS(options),
    .run = run,
    .signs = true,
};
