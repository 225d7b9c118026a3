/* `portico role`: what roles there are, what each may, and who holds them. */
#include "cli/action.h"
#include "cli/manage.h"
#include "identity/person.h"

struct role_action {
    struct cli_action action;
    int (*run)(struct cli_manage *at, void *data, struct portico_error *error);
};

/* ---- looking ---- */

static void print_role(struct cli_manage *at, const struct identity_role *role, int64_t holders)
{
    struct value *shown = value_new(store_session_arena(at->manage.session), PORTICO_OBJECT);
    const char *place = role->owner ? "owner" : "account";
    if (!cli_value(at->call, "json")) {
        g_string_append_printf(at->said, "%-24s %-8s %8lld  %s\n", role->key, place,
                               (long long)holders, role->title);
        return;
    }
    value_set_text(shown, "role", role->key);
    value_set_text(shown, "title", role->title);
    value_set_text(shown, "description", role->description);
    value_set_text(shown, "place", place);
    value_set_boolean(shown, "built_in", role->built_in);
    value_set_boolean(shown, "given", role->given);
    value_set_integer(shown, "holders", holders);
    cli_print_json(shown);
}

static int take_roles(struct cli_manage *at, struct identity_roles **ret_roles,
                      struct portico_error *error)
{
    return identity_roles_take(at->manage.identity, at->manage.session, -1, ret_roles, error);
}

static int list(struct cli_manage *at, void *data, struct portico_error *error)
{
    struct identity_roles *roles;
    (void)data;
    int code = take_roles(at, &roles, error);
    if (code < 0)
        return code;
    if (!cli_value(at->call, "json"))
        g_string_printf(at->said, "%-24s %-8s %8s  %s\n", "ROLE", "HELD IN", "BY", "TITLE");
    for (size_t i = 0; code == 0 && i < identity_roles_count(roles); i++) {
        const struct identity_role *role = identity_roles_at(roles, i);
        int64_t holders = 0;
        code = identity_role_holders(at->manage.session, role->key, &holders, error);
        if (code == 0)
            print_role(at, role, holders);
    }
    identity_roles_drop(roles);
    return code;
}

/* Permissions and what the role may of them. */
static int show(struct cli_manage *at, void *data, struct portico_error *error)
{
    struct identity_roles *roles;
    size_t count;
    (void)data;
    int code = take_roles(at, &roles, error);
    if (code < 0)
        return code;
    const struct identity_role *role = identity_roles_find(roles, at->call->arguments[1]);
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    if (!role)
        code =
            error_set(error, PORTICO_ENOENT, "There is no role \"%.40s\".", at->call->arguments[1]);
    else
        g_string_append_printf(at->said, "%s: %s\n", role->title, role->description);
    for (size_t i = 0; role && i < count; i++)
        g_string_append_printf(
            at->said, "%-4s %s\n",
            permissions[i].roles & role->bit || role->bit == IDENTITY_ADMIN ? "yes" : "no",
            permissions[i].name);
    identity_roles_drop(roles);
    return code;
}

/* ---- changing ---- */

static int add(struct cli_manage *at, void *data, struct portico_error *error)
{
    const char *place = cli_value(at->call, "place");
    const struct identity_new_role made = { .key = at->call->arguments[1],
                                            .title = at->call->arguments[2],
                                            .description = cli_value(at->call, "description"),
                                            .owner = place && strcmp(place, "owner") == 0 };
    (void)data;
    if (place && !made.owner && strcmp(place, "account") != 0)
        return error_set(error, PORTICO_EINVAL, "--place is `owner` or `account`, and not `%.40s`.",
                         place);
    g_string_printf(at->said,
                    "The role %s is made. `portico role allow %s PERMISSION` lets it do "
                    "something.\n",
                    made.key, made.key);
    return manage_role_add(&at->manage, &made, error);
}

static int describe(struct cli_manage *at, void *data, struct portico_error *error)
{
    const char *key = at->call->arguments[1];
    (void)data;
    g_string_printf(at->said, "The role %s is described.\n", key);
    return manage_role_describe(&at->manage, key, at->call->arguments[2],
                                cli_value(at->call, "description"), error);
}

static int remove_role(struct cli_manage *at, void *data, struct portico_error *error)
{
    const char *key = at->call->arguments[1];
    (void)data;
    g_string_printf(at->said, "The role %s is removed; nobody holds it any more.\n", key);
    return manage_role_remove(&at->manage, key, error);
}

static int rule(struct cli_manage *at, enum manage_rule wanted, const char *words,
                struct portico_error *error)
{
    const char *key = at->call->arguments[1], *permission = at->call->arguments[2];
    g_string_printf(at->said, "%s %s %s.\n", key, words, permission);
    return manage_role_rule(&at->manage, key, permission, wanted, error);
}

static int allow(struct cli_manage *at, void *data, struct portico_error *error)
{
    (void)data;
    return rule(at, MANAGE_ALLOW, "holds", error);
}

static int deny(struct cli_manage *at, void *data, struct portico_error *error)
{
    (void)data;
    return rule(at, MANAGE_DENY, "does not hold", error);
}

static int reset(struct cli_manage *at, void *data, struct portico_error *error)
{
    (void)data;
    return rule(at, MANAGE_RESET, "follows the modules again in", error);
}

/* The person's membership in the account of --in, or the owner's: made where none is. */
static int change_holder(struct cli_manage *at, bool given, struct portico_error *error)
{
    struct store_session *session = at->manage.session;
    const char *key = at->call->arguments[1], *in = cli_value(at->call, "in");
    struct identity_account account = { .id = IDENTITY_OWNER, .name = "the owner's account" };
    struct identity_person person;
    struct identity_member member;
    int code = in ? identity_account_named(session, in, &account, error) : 0;
    if (code == 0)
        code = identity_person_named(session, at->call->arguments[2], &person, error);
    if (code < 0)
        return code;
    const struct identity_new_member made = {
        .account = account.id, .person = person.id, .source = "staff", .roles = key
    };
    code = identity_member_of(session, account.id, person.id, &member, error);
    if (code == PORTICO_ENOENT && given)
        code = manage_member_add(&at->manage, &made, NULL, error);
    else if (code == 0)
        code = manage_member_roles(&at->manage, member.id, given ? key : NULL, given ? NULL : key,
                                   error);
    g_string_printf(at->said,
                    given ? "%s has the role %s in %s.\n"
                          : "%s has the role %s no more "
                            "in %s.\n",
                    person.handle, key, account.name);
    return code;
}

static int give(struct cli_manage *at, void *data, struct portico_error *error)
{
    (void)data;
    return change_holder(at, true, error);
}

static int take(struct cli_manage *at, void *data, struct portico_error *error)
{
    (void)data;
    return change_holder(at, false, error);
}

/* ---- the command ---- */

static const struct role_action actions[] = {
    { { "list", "", 0, 0 }, list },
    { { "show", " ROLE", 1, 1 }, show },
    { { "add", " ROLE TITLE", 2, 2 }, add },
    { { "describe", " ROLE TITLE", 2, 2 }, describe },
    { { "remove", " ROLE", 1, 1 }, remove_role },
    { { "allow", " ROLE PERMISSION", 2, 2 }, allow },
    { { "deny", " ROLE PERMISSION", 2, 2 }, deny },
    { { "reset", " ROLE PERMISSION", 2, 2 }, reset },
    { { "give", " ROLE WHO", 2, 2 }, give },
    { { "take", " ROLE WHO", 2, 2 }, take },
};

static int run(const struct cli_call *call)
{
    const struct role_action *action = CLI_FIND_ACTION(call, actions);
    return action ? cli_manage_run(call, action->run, NULL) : CLI_USAGE;
}

static const struct cli_option options[] = {
    { "place", "PLACE",
      "For `add`: `account`, as it is without, for customers and partners, or `owner`, for the "
      "staff." },
    { "description", "TEXT", "For `add` and `describe`: a sentence for whoever gives it." },
    { "in", "ACCOUNT", "For `give` and `take`: in that account; without, in the owner's." },
    { "json", NULL, "For `list`: one JSON object a line." },
};

const struct cli_command cli_role = {
    .name = "role",
    .summary = "define roles, say what they may, give and take them",
    .arguments = "list | ACTION ROLE [WORD…]",
    .arguments_least = 1,
    .arguments_most = 3,
    .description =
        "`list` shows all roles: those every portal has, and those of your own. `show` tells what "
        "one may. `add` makes one, with a key such as `buyer` and a title for people; `describe` "
        "gives it other words; `remove` takes it from everybody who holds it.\n\n"
        "`allow` and `deny` say whether a role holds a permission, whatever the modules say; "
        "`reset` follows the modules again. Admins may everything, always.\n\n"
        "`give` and `take` change who holds a role. Roles of the owner's account hold everywhere, "
        "those of another account while somebody acts in it. WHO is a handle, an address or an id, "
        "ACCOUNT a name, an id or `external:` and what another system calls it. A running portal "
        "knows within a second.",
    CLI_OPTIONS(options),
    .run = run,
};
