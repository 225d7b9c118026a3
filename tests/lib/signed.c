/* Signs people in without the sign-in page: signed CONFIG COMMAND HANDLE [WORDS]
 *
 * start HANDLE [ROLES]: makes the person if there is none, prints a session's token
 * crowd NAME COUNT: the same for NAME0, NAME1 …, a token a line; starts HANDLE COUNT: all of one
 * make HANDLE NAME [ADDRESS]: prints the id; the address counts
 * end TOKEN, disable HANDLE, roles HANDLE ADDED TAKEN, password HANDLE [WORDS]: as the portal's
 * pages do
 * locale HANDLE TAG
 * account NAME [PARENT]: prints the id; member ACCOUNT HANDLE [ROLES]: by id, prints the
 * membership's; leave MEMBERSHIP; term MEMBERSHIP FROM UNTIL: it holds from so many milliseconds
 * from now on until so many, "" without that end; domain ACCOUNT DOMAIN [join]: who is there asks
 * to join, or does; stale HANDLE: their proofs are old; lapse ACCOUNT PARTNER: what the one lent
 * the other ends in a moment
 */
#include "identity/domain.h"
#include "identity/member.h"
#include "identity/password.h"
#include "identity/session.h"

#include "base/clock.h"
#include "base/error.h"
#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>

struct tool {
    struct identity *identity;
    struct store_session *session;
    struct portico_error error;
    const char *words[3];
};

static int person_of(struct tool *tool, int64_t *ret_person)
{
    struct identity_person person = { 0 };
    int code = identity_person_named(tool->session, tool->words[0], &person, &tool->error);
    if (code == 0)
        *ret_person = person.id;
    return code;
}

static int start(struct tool *tool)
{
    char token[IDENTITY_TOKEN_SIZE];
    const struct identity_device device = { .agent = "a test", .network = "127.0.0.1" };
    const struct identity_new_person made = { .name = tool->words[0],
                                              .handle = tool->words[0],
                                              .state = IDENTITY_ACTIVE };
    int64_t person = 0;
    uint64_t roles = 0;
    int code = identity_roles_read(tool->words[1], &roles, &tool->error);
    if (code == 0 && person_of(tool, &person) < 0)
        code = identity_person_make(tool->session, &made, &person, &tool->error);
    if (code == 0 && roles)
        code = identity_person_roles(tool->session, person, roles, 0, &tool->error);
    if (code == 0)
        code = identity_session_start(tool->identity, tool->session, person, &device, false, token,
                                      &tool->error);
    if (code == 0)
        puts(token);
    return code;
}

static int crowd(struct tool *tool)
{
    unsigned count = (unsigned)strtoul(tool->words[1], NULL, 10);
    const char *name = tool->words[0];
    char handle[40];
    tool->words[0] = handle;
    tool->words[1] = "";
    int code = 0;
    for (unsigned i = 0; code == 0 && i < count; i++) {
        snprintf(handle, sizeof handle, "%.20s%u", name, i);
        code = start(tool);
    }
    return code;
}

static int starts(struct tool *tool)
{
    unsigned count = (unsigned)strtoul(tool->words[1], NULL, 10);
    int code = 0;
    tool->words[1] = "";
    for (unsigned i = 0; code == 0 && i < count; i++)
        code = start(tool);
    return code;
}

static int make(struct tool *tool)
{
    const struct identity_new_person made = { .handle = tool->words[0],
                                              .name = tool->words[1],
                                              .address = *tool->words[2] ? tool->words[2] : NULL,
                                              .verified = true,
                                              .state = IDENTITY_ACTIVE };
    int64_t person = 0;
    int code = identity_person_make(tool->session, &made, &person, &tool->error);
    if (code == 0)
        printf("%lld\n", (long long)person);
    return code;
}

static int end(struct tool *tool)
{
    return identity_session_end(tool->session, tool->words[0], &tool->error);
}

static int disable(struct tool *tool)
{
    int64_t person = 0;
    int code = person_of(tool, &person);
    return code < 0 ? code
                    : identity_person_state(tool->session, person, IDENTITY_DISABLED, &tool->error);
}

static int roles(struct tool *tool)
{
    int64_t person = 0;
    uint64_t added = 0, taken = 0;
    int code = person_of(tool, &person);
    if (code == 0)
        code = identity_roles_read(tool->words[1], &added, &tool->error);
    if (code == 0)
        code = identity_roles_read(tool->words[2], &taken, &tool->error);
    return code < 0 ? code
                    : identity_person_roles(tool->session, person, added, taken, &tool->error);
}

static int password(struct tool *tool)
{
    const char *words = *tool->words[1] ? tool->words[1] : "a new and long passphrase";
    int64_t person = 0;
    int code = person_of(tool, &person);
    return code < 0 ? code
                    : identity_password_set(tool->identity, tool->session, person, words, 0, NULL,
                                            NULL, &tool->error);
}

static int locale(struct tool *tool)
{
    int64_t person = 0;
    const struct identity_profile profile = { .locale = tool->words[1] };
    int code = person_of(tool, &person);
    return code < 0 ? code : identity_person_change(tool->session, person, &profile, &tool->error);
}

static int account(struct tool *tool)
{
    const struct identity_new_account made = { .name = tool->words[0],
                                               .parent = strtoll(tool->words[1], NULL, 10) };
    int64_t id = 0;
    int code = identity_account_make(tool->session, &made, &id, &tool->error);
    if (code == 0)
        printf("%lld\n", (long long)id);
    return code;
}

static int member(struct tool *tool)
{
    struct identity_new_member made = { .account = strtoll(tool->words[0], NULL, 10),
                                        .source = "import",
                                        .roles = tool->words[2] };
    int64_t id = 0;
    tool->words[0] = tool->words[1];
    int code = person_of(tool, &made.person);
    if (code == 0)
        code = identity_member_add(tool->session, &made, &id, &tool->error);
    if (code == 0)
        printf("%lld\n", (long long)id);
    return code;
}

static int leave(struct tool *tool)
{
    return identity_member_remove(tool->session, strtoll(tool->words[0], NULL, 10), &tool->error);
}

static int64_t from_now(const char *milliseconds)
{
    return *milliseconds ? clock_now() + strtoll(milliseconds, NULL, 10) * 1000 : 0;
}

static int term(struct tool *tool)
{
    const struct identity_member_change change = { .from = from_now(tool->words[1]),
                                                   .until = from_now(tool->words[2]) };
    return identity_member_change(tool->session, strtoll(tool->words[0], NULL, 10), &change,
                                  &tool->error);
}

/* As if they had signed in, and proved who they are, long ago. */
static int stale(struct tool *tool)
{
    int64_t person = 0;
    int code = person_of(tool, &person);
    return code < 0 ? code
                    : store_host_execute(tool->session,
                                         "UPDATE portico_session SET fresh = 0 WHERE person = ?",
                                         PORTICO_ARGS(portico_arg_id(person)), NULL, &tool->error);
}

/* What the one lent the other ends in a moment, by itself, as if its last day were over then. */
static int lapse(struct tool *tool)
{
    const int64_t account = strtoll(tool->words[0], NULL, 10),
                  partner = strtoll(tool->words[1], NULL, 10);
    int code = store_begin(tool->session, &tool->error);
    if (code == 0)
        code = store_host_execute(
            tool->session,
            "UPDATE portico_delegation SET valid_until = ? WHERE account = ? AND partner = ?",
            PORTICO_ARGS(portico_arg_time(clock_now() + 1500000), portico_arg_id(account),
                         portico_arg_id(partner)),
            NULL, &tool->error);
    if (code == 0)
        code = identity_rights_move(tool->session, &tool->error);
    return code == 0 ? store_commit(tool->session, &tool->error) : code;
}

static int domain(struct tool *tool)
{
    const int64_t account = strtoll(tool->words[0], NULL, 10);
    const char *kept;
    int code =
        identity_domain_add(tool->session, account, tool->words[1], !*tool->words[2], &tool->error);
    if (code == 0)
        code = identity_domain_check(tool->session, tool->words[1], &kept, &tool->error);
    return code < 0 ? code : identity_domain_verified(tool->session, account, kept, &tool->error);
}

static int run(struct tool *tool, const char *command)
{
    static const struct {
        const char *name;
        int (*run)(struct tool *tool);
    } commands[] = {
        { "start", start },       { "crowd", crowd },     { "make", make },
        { "end", end },           { "disable", disable }, { "roles", roles },
        { "password", password }, { "locale", locale },   { "account", account },
        { "member", member },     { "leave", leave },     { "domain", domain },
        { "stale", stale },       { "term", term },       { "starts", starts },
        { "lapse", lapse },
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, command) == 0)
            return commands[i].run(tool);
    return error_set(&tool->error, PORTICO_EINVAL, "There is no command %s.", command);
}

int main(int count, char **words)
{
    struct tool tool = { .error = PORTICO_ERROR_INIT, .words = { "", "", "" } };
    struct config *config = NULL;
    struct store *store = NULL;
    struct arena *arena = arena_new(0);
    if (count < 4 || count > 6) {
        fputs("signed CONFIG COMMAND WORD [WORD] [WORD]\n", stderr);
        return 2;
    }
    for (int i = 3; i < count; i++)
        tool.words[i - 3] = words[i];
    int code = config_load(words[1], &config, &tool.error);
    char *locks = code == 0 ? arena_printf(arena, "%s/locks", config_data_directory(config)) : NULL;
    if (code == 0) {
        const struct store_options options = { .url = config_database_url(config),
                                               .directory = locks };
        code = store_open(&options, &store, &tool.error);
    }
    if (code == 0)
        code = identity_open(config, &tool.identity, &tool.error);
    if (code == 0) {
        tool.session = store_session_new(store, arena, &store_viewer_host, "core");
        code = run(&tool, words[2]);
    }
    if (code < 0)
        fprintf(stderr, "%s: %s\n", words[2], tool.error.message);
    store_session_end(tool.session);
    identity_close(tool.identity);
    store_close(store);
    if (config)
        config_free(config);
    arena_free(arena);
    return code < 0 ? 1 : 0;
}
