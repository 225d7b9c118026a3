#include "portal/import.h"

#include "base/clock.h"
#include "base/error.h"
#include "identity/audit.h"
#include "identity/holding.h"
#include "identity/person.h"
#include "portal/import_batch.h"
#include "portal/portal.h"

#include <glib.h>

int import_missing(enum import_field column, struct portico_error *error)
{
    static const char *const said[IMPORT_FIELDS] = {
        [IMPORT_EXTERNAL] = /* translated */ "The column \"external\" is empty here.",
        [IMPORT_PERSON_ID] = /* translated */ "The column \"person\" is empty here.",
        [IMPORT_ACCOUNT_ID] = /* translated */ "The column \"account\" is empty here.",
    };
    return error_set(error, PORTICO_EINVAL, "%s", said[column]);
}

int import_find(const struct import_batch *batch, int code, int64_t id, GHashTable *planned,
                const char *external, const char *what, struct portico_error *error)
{
    if (code == 0 && id)
        return 1;
    if (batch->run->options->dry && g_hash_table_contains(planned, external))
        return 0;
    return error_set(error, PORTICO_EINVAL, "No %s has the id \"%.60s\".", what, external);
}

/* ---- accounts ---- */

/* Up the tree as the files have it, from the one above. */
static int check_ring(const struct import_run *run, const char *external, const char *above,
                      struct portico_error *error)
{
    for (int i = 0; above && *above && i <= IDENTITY_DEPTH_MAX; i++) {
        if (strcmp(above, external) == 0)
            return error_set(error, PORTICO_EINVAL,
                             "\"%.60s\" would lie below itself: mend the column \"above\".",
                             external);
        above = g_hash_table_lookup(run->above, above);
    }
    return PORTICO_OK;
}

static int state_of(const char *word, struct portico_error *error)
{
    static const char *const words[] = { "", "open", "suspended", "closed" };
    for (int i = 1; i < 4; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return error_set(error, PORTICO_EINVAL,
                     "\"%.40s\" is no state: write open, suspended or closed.", word);
}

static int check_account(const struct import_batch *batch, const struct import_row *row,
                         struct portico_error *error)
{
    struct arena *arena = store_session_arena(batch->manage.session);
    const char *external = import_field(row, IMPORT_EXTERNAL),
               *above = import_field(row, IMPORT_ABOVE);
    const char *kind = import_field(row, IMPORT_KIND), *name = import_field(row, IMPORT_NAME);
    int64_t id;
    if (!*external)
        return import_missing(IMPORT_EXTERNAL, error);
    int code = identity_name_check(name, arena, &name, error);
    if (code == 0 && *kind && strcmp(kind, "customer") != 0 && strcmp(kind, "partner") != 0)
        code = error_set(error, PORTICO_EINVAL, "An account is of kind customer or partner.");
    if (code == 0 && *import_field(row, IMPORT_STATE))
        code = MIN(state_of(import_field(row, IMPORT_STATE), error), 0);
    if (code == 0)
        code = check_ring(batch->run, external, above, error);
    if (code == 0 && *above && !g_hash_table_contains(batch->run->above, above) &&
        identity_account_external(batch->manage.session, above, &id, NULL) < 0)
        code = error_set(error, PORTICO_EINVAL,
                         "No account has the id \"%.60s\", here or in these files.", above);
    return code;
}

static int change_account(struct import_batch *batch, const struct identity_account *account,
                          const struct import_row *row, enum import_outcome *ret_outcome,
                          struct portico_error *error)
{
    const struct manage *manage = &batch->manage;
    const char *name, *kind = row->fields[IMPORT_KIND];
    const bool dry = batch->run->options->dry;
    const int state =
        *import_field(row, IMPORT_STATE) ? state_of(row->fields[IMPORT_STATE], error) : 0;
    int code = identity_name_check(import_field(row, IMPORT_NAME),
                                   store_session_arena(manage->session), &name, error);
    const bool renamed = code == 0 && import_differs(name, account->name);
    const bool another = kind && *kind && import_differs(kind, account->kind);
    const bool moved = state > 0 && state != (int)account->state;
    *ret_outcome = renamed || another || moved ? IMPORT_CHANGED : IMPORT_SAME;
    if (code == 0 && renamed && !dry)
        code = manage_account_rename(manage, account->id, name, error);
    if (code == 0 && another && !dry)
        code = manage_account_kind(manage, account->id, kind, error);
    if (code == 0 && moved && !dry)
        code = manage_account_state(manage, account->id, (enum identity_account_state)state, error);
    return code;
}

static int take_account(struct import_batch *batch, const struct import_row *row,
                        enum import_outcome *ret_outcome, struct portico_error *error)
{
    const struct manage *manage = &batch->manage;
    const char *external = import_field(row, IMPORT_EXTERNAL);
    struct identity_new_account made = { .name = import_field(row, IMPORT_NAME),
                                         .external = external };
    struct identity_account account;
    int64_t id = 0;
    int code = check_account(batch, row, error);
    if (code < 0)
        return code;
    if (identity_account_external(manage->session, external, &id, NULL) == 0) {
        code = identity_account_look(manage->session, id, &account, error);
        return code < 0 ? code : change_account(batch, &account, row, ret_outcome, error);
    }
    *ret_outcome = IMPORT_MADE;
    made.kind = *import_field(row, IMPORT_KIND) ? row->fields[IMPORT_KIND] : NULL;
    if (batch->run->options->dry)
        return PORTICO_OK;
    /* One above that is not there yet is found in the next pass. */
    if (*import_field(row, IMPORT_ABOVE))
        identity_account_external(manage->session, row->fields[IMPORT_ABOVE], &made.parent, NULL);
    code = manage_account_add(manage, &made, &id, error);
    if (code == 0 && *import_field(row, IMPORT_STATE)) {
        const int state = state_of(row->fields[IMPORT_STATE], error);
        if (state > IDENTITY_OPEN)
            code = manage_account_state(manage, id, (enum identity_account_state)state, error);
    }
    return code;
}

/* Where an account lies, once all are there. */
static int take_place(struct import_batch *batch, const struct import_row *row,
                      enum import_outcome *ret_outcome, struct portico_error *error)
{
    const struct manage *manage = &batch->manage;
    const char *above = row->fields[IMPORT_ABOVE];
    struct identity_account account;
    int64_t id = 0, parent = 0;
    const char *external = import_field(row, IMPORT_EXTERNAL);
    const bool right = *external && g_hash_table_contains(batch->run->above, external);
    *ret_outcome = right ? IMPORT_SAME : IMPORT_TOLD;
    /* Those that a dry run would make lie right. */
    if (!right || !above || identity_account_external(manage->session, external, &id, NULL) < 0)
        return PORTICO_OK;
    if (*above) {
        int found = identity_account_external(manage->session, above, &parent, NULL);
        int there = import_find(batch, found, parent, batch->run->above, above, "account", error);
        if (there <= 0)
            return there;
    }
    int code = identity_account_look(manage->session, id, &account, error);
    if (code < 0 || account.parent == parent)
        return code;
    *ret_outcome = IMPORT_CHANGED;
    return batch->run->options->dry ? PORTICO_OK : manage_account_move(manage, id, parent, error);
}

/* ---- people ---- */

/* As on the pages: who looks after the portal makes people, and changes those who do no more. */
static int may_touch(const struct import_batch *batch, int64_t person, struct portico_error *error)
{
    const struct manage *manage = &batch->manage;
    int code = manage->actor == IDENTITY_OPERATOR
                   ? 1
                   : identity_person_may(manage->identity, manage->session, manage->actor, 0,
                                         "portico.admin", error);
    if (code == 0)
        return error_set(error, PORTICO_EPERM,
                         "People are made and changed by who looks after the portal.");
    return code < 0 || !person
               ? MIN(code, 0)
               : identity_over(manage->identity, manage->session, manage->actor, person, error);
}

static int make_person(struct import_batch *batch, const struct import_row *row,
                       struct portico_error *error)
{
    struct store_session *session = batch->manage.session;
    const struct identity_new_person made = { .name = import_field(row, IMPORT_NAME),
                                              .address = import_field(row, IMPORT_MAIL),
                                              .verified = true,
                                              .locale = row->fields[IMPORT_LOCALE],
                                              .timezone = row->fields[IMPORT_TIMEZONE],
                                              .external = import_field(row, IMPORT_EXTERNAL),
                                              .state = IDENTITY_ACTIVE };
    struct identity_person known;
    const char *kept;
    int64_t id = 0;
    int code = may_touch(batch, 0, error);
    if (code == 0)
        code = identity_name_check(made.name, store_session_arena(session), &kept, error);
    if (code == 0)
        code =
            identity_address_check(made.address, store_session_arena(session), NULL, &kept, error);
    if (code == 0 && identity_person_named(session, made.address, &known, NULL) == 0)
        code = error_set(error, PORTICO_EEXIST,
                         "The address \"%.100s\" is that of @%s, who has another id elsewhere, or "
                         "none.",
                         made.address, known.handle);
    if (code == 0 && batch->run->options->dry)
        import_plan_address(batch, made.address, made.external);
    if (code < 0 || batch->run->options->dry)
        return code;
    code = identity_person_make(session, &made, &id, error);
    return code < 0 ? code
                    : manage_record(&batch->manage, "person.made", 0, id, made.external, error);
}

/* Of somebody whom merges gave several ids elsewhere one row says what they are called and are; the
 * others say who is meant. */
static int is_alias(struct store_session *session, int64_t person, const char *external,
                    bool *ret_alias, struct portico_error *error)
{
    const char *leading = NULL;
    int code = identity_person_leading(session, person, &leading, error);
    *ret_alias = code == 0 && leading && strcmp(leading, external) != 0;
    return code;
}

static int take_person(struct import_batch *batch, const struct import_row *row,
                       enum import_outcome *ret_outcome, struct portico_error *error)
{
    struct store_session *session = batch->manage.session;
    struct identity_person person;
    const char *name = NULL;
    int64_t id = 0;
    if (!*import_field(row, IMPORT_EXTERNAL))
        return import_missing(IMPORT_EXTERNAL, error);
    if (identity_person_external(session, row->fields[IMPORT_EXTERNAL], &id, NULL) < 0) {
        *ret_outcome = IMPORT_MADE;
        return make_person(batch, row, error);
    }
    bool alias = false;
    int code = is_alias(session, id, row->fields[IMPORT_EXTERNAL], &alias, error);
    *ret_outcome = IMPORT_SAME;
    if (code < 0 || alias)
        return code;
    code = identity_person_look(session, id, &person, error);
    if (code == 0)
        code = identity_name_check(import_field(row, IMPORT_NAME), store_session_arena(session),
                                   &name, error);
    if (code < 0)
        return code;
    const struct identity_profile profile = {
        .name = import_differs(name, person.name) ? name : NULL,
        .locale = import_differs(row->fields[IMPORT_LOCALE], person.locale)
                      ? row->fields[IMPORT_LOCALE]
                      : NULL,
        .timezone = import_differs(row->fields[IMPORT_TIMEZONE], person.timezone)
                        ? row->fields[IMPORT_TIMEZONE]
                        : NULL,
    };
    const bool changed = profile.name || profile.locale || profile.timezone;
    *ret_outcome = changed ? IMPORT_CHANGED : IMPORT_SAME;
    if (changed)
        code = may_touch(batch, id, error);
    if (code < 0 || !changed || batch->run->options->dry)
        return code;
    code = identity_person_change(session, id, &profile, error);
    if (code == 0 && profile.name)
        code = manage_record(&batch->manage, "person.renamed", 0, id, "name", error);
    return code < 0 ? code
                    : portal_tell(batch->manage.context, "portal.portico.person.renamed", id, NULL,
                                  error);
}

/* ---- memberships ---- */

static int read_day(const char *text, int64_t (*parse)(const char *text, size_t length),
                    int64_t *ret_day, struct portico_error *error)
{
    *ret_day = *text ? parse(text, strlen(text)) : 0;
    if (*ret_day != INT64_MIN)
        return PORTICO_OK;
    return error_set(error, PORTICO_EINVAL, "\"%.40s\" is no day: write one such as 2027-06-30.",
                     text);
}

static int read_below(const char *text, bool *ret_below, struct portico_error *error)
{
    *ret_below = strcmp(text, "yes") == 0 || strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    if (*ret_below || !*text || strcmp(text, "no") == 0 || strcmp(text, "false") == 0 ||
        strcmp(text, "0") == 0)
        return PORTICO_OK;
    return error_set(error, PORTICO_EINVAL, "\"%.40s\" in \"below\" is neither yes nor no.", text);
}

static int check_roles(struct store_session *session, int64_t account, const char *roles,
                       struct portico_error *error)
{
    const int wanted =
        account == IDENTITY_OWNER ? IDENTITY_HELD_BY_OWNER : IDENTITY_HELD_BY_ACCOUNTS;
    char **words = g_strsplit(roles, " ", -1);
    int code = PORTICO_OK;
    for (char **word = words; code >= 0 && *word; word++)
        if (**word) {
            code = identity_role_place(session, *word, error);
            if (code >= 0 && code != wanted)
                code = error_set(error, PORTICO_EINVAL, "The role \"%.40s\" is not held there.",
                                 *word);
        }
    g_strfreev(words);
    return MIN(code, PORTICO_OK);
}

/* What manage.h asks before it writes, for a run that does not. */
static int may_give(const struct import_batch *batch, const struct identity_new_member *made,
                    const char *roles, bool below, struct portico_error *error)
{
    const struct manage *manage = &batch->manage;
    int code = identity_giving(manage->identity, manage->session, manage->actor, made->account,
                               made->person, roles, error);
    return code < 0 || !below || !made->account
               ? code
               : identity_giving_below(manage->identity, manage->session, manage->actor,
                                       made->account, error);
}

/* Words of `from` that `without` lacks. */
static char *left(const char *from, const char *without)
{
    GString *kept = g_string_new(NULL);
    char **words = g_strsplit(from, " ", -1), **others = g_strsplit(without, " ", -1);
    for (char **word = words; *word; word++)
        if (**word && !g_strv_contains((const char *const *)others, *word))
            g_string_append_printf(kept, "%s%s", kept->len ? " " : "", *word);
    g_strfreev(words);
    g_strfreev(others);
    return g_string_free(kept, FALSE);
}

static int change_roles(struct import_batch *batch, int64_t membership,
                        const struct identity_new_member *wanted, enum import_outcome *outcome,
                        struct portico_error *error)
{
    struct value *rows;
    GString *before = g_string_new(NULL);
    int code = identity_roles_of_member(batch->manage.session, membership, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++)
        g_string_append_printf(before, "%s ", value_rows_at(rows, i)->text);
    char *given = left(wanted->roles, before->str), *taken = left(before->str, wanted->roles);
    if (code == 0 && (*given || *taken)) {
        *outcome = IMPORT_CHANGED;
        if (!batch->run->options->dry)
            code = manage_member_roles(&batch->manage, membership, given, taken, error);
        else if ((code = may_give(batch, wanted, given, false, error)) == 0)
            code = may_give(batch, wanted, taken, false, error);
    }
    g_free(given);
    g_free(taken);
    g_string_free(before, TRUE);
    return code;
}

static int change_member(struct import_batch *batch, const struct identity_member *member,
                         const struct import_row *row, const struct identity_new_member *wanted,
                         enum import_outcome *ret_outcome, struct portico_error *error)
{
    const char *title = row->fields[IMPORT_TITLE];
    int code = PORTICO_OK;
    if (title && *title)
        code =
            identity_name_check(title, store_session_arena(batch->manage.session), &title, error);
    if (code < 0)
        return code;
    const struct identity_member_change change = {
        .title = title,
        .below = row->fields[IMPORT_BELOW] ? &wanted->below : NULL,
        .from = row->fields[IMPORT_FROM] ? wanted->from : -1,
        .until = row->fields[IMPORT_UNTIL] ? wanted->until : -1,
    };
    const bool changed = import_differs(change.title, member->title) ||
                         (change.below && *change.below != member->below) ||
                         (change.from >= 0 && change.from != member->from) ||
                         (change.until >= 0 && change.until != member->until);
    *ret_outcome = changed ? IMPORT_CHANGED : IMPORT_SAME;
    if (changed)
        code = batch->run->options->dry
                   ? manage_member_may(&batch->manage, member->id, &change, error)
                   : manage_member_change(&batch->manage, member->id, &change, error);
    if (code == 0 && row->fields[IMPORT_ROLES])
        code = change_roles(batch, member->id, wanted, ret_outcome, error);
    return code;
}

static int take_membership(struct import_batch *batch, const struct import_row *row,
                           enum import_outcome *ret_outcome, struct portico_error *error)
{
    struct store_session *session = batch->manage.session;
    const char *account = import_field(row, IMPORT_ACCOUNT_ID),
               *person = import_field(row, IMPORT_PERSON_ID);
    struct identity_new_member made = { .title = row->fields[IMPORT_TITLE],
                                        .source = "import",
                                        .roles = import_field(row, IMPORT_ROLES) };
    struct identity_member member;
    int found = identity_account_external(session, account, &made.account, NULL);
    int there =
        import_find(batch, found, made.account, batch->run->above, account, "account", error);
    if (there < 0)
        return there;
    found = identity_person_external(session, person, &made.person, NULL);
    int too = import_find(batch, found, made.person, batch->run->people, person, "person", error);
    int code = MIN(too, PORTICO_OK);
    if (code == 0)
        code = read_day(import_field(row, IMPORT_FROM), clock_parse_first_day, &made.from, error);
    if (code == 0)
        code = read_day(import_field(row, IMPORT_UNTIL), clock_parse_last_day, &made.until, error);
    if (code == 0)
        code = identity_member_days(made.account, made.from, made.until, error);
    if (code == 0)
        code = read_below(import_field(row, IMPORT_BELOW), &made.below, error);
    if (code == 0)
        code = check_roles(session, made.account, made.roles, error);
    if (code < 0)
        return code;
    bool alias = false;
    code = too ? is_alias(session, made.person, person, &alias, error) : 0;
    if (code < 0)
        return code;
    *ret_outcome = IMPORT_MADE;
    code = there && too ? identity_member_of(session, made.account, made.person, &member, error)
                        : PORTICO_ENOENT;
    if (code == PORTICO_ENOENT)
        code = batch->run->options->dry ? may_give(batch, &made, made.roles, made.below, error)
                                        : manage_member_add(&batch->manage, &made, NULL, error);
    else if (code == 0 && alias)
        *ret_outcome = IMPORT_SAME;
    else if (code == 0)
        code = change_member(batch, &member, row, &made, ret_outcome, error);
    /* Who is there already may still wait for approval, or have had their last day. */
    if (code == 0 && *ret_outcome == IMPORT_MADE)
        import_plan_member(batch, made.account, account, made.person, person);
    return code;
}

/* ---- a batch ---- */

static const struct {
    enum import_kind kind;
    int (*take)(struct import_batch *batch, const struct import_row *row,
                enum import_outcome *ret_outcome, struct portico_error *error);
} passes[IMPORT_PASSES] = {
    [IMPORT_OF_ACCOUNTS] = { IMPORT_ACCOUNT, take_account },
    [IMPORT_OF_PLACES] = { IMPORT_ACCOUNT, take_place },
    [IMPORT_OF_PEOPLE] = { IMPORT_PERSON, take_person },
    [IMPORT_OF_MEMBERSHIPS] = { IMPORT_MEMBERSHIP, take_membership },
    [IMPORT_OF_CONTACTS] = { IMPORT_CONTACT, import_take_contact },
    [IMPORT_OF_TEAMS] = { IMPORT_TEAM, import_take_team },
};

/* Whoever started it may have lost the right meanwhile: then it ends. */
static int still_may(const struct import_batch *batch, struct portico_error *error)
{
    const struct manage *manage = &batch->manage;
    int code = identity_person_may(manage->identity, manage->session, manage->actor, 0,
                                   "portico.accounts", error);
    batch->run->over = code == 0;
    return code != 0 ? MIN(code, 0)
                     : error_set(error, PORTICO_EPERM, /* translated */
                                 "Who started this looks after companies no more.");
}

static int work(struct portico_context *context, struct store_session *session, void *data,
                struct portico_error *error)
{
    struct import_batch *batch = data;
    int code = PORTICO_OK;
    batch->manage = (struct manage){ .context = context,
                                     .session = session,
                                     .identity = batch->run->host->identity,
                                     .actor = batch->run->options->actor,
                                     .from = batch->run->options->from };
    if (batch->manage.actor != IDENTITY_OPERATOR)
        code = still_may(batch, error);
    else
        batch->manage.from = "import";
    for (size_t i = batch->from; code == 0 && i < batch->to; i++)
        if (batch->items[i].outcome != IMPORT_WRONG) {
            batch->at = &batch->items[i];
            code =
                passes[batch->run->pass].take(batch, &batch->at->row, &batch->at->outcome, error);
        }
    return code;
}

static int transact(const struct import_run *run,
                    int (*step)(struct portico_context *context, struct store_session *session,
                                void *data, struct portico_error *error),
                    void *data, struct portico_error *error)
{
    return run->options->context ? portal_transact(run->options->context, step, data, error)
                                 : portal_work(run->host, "account", step, data, error);
}

/* Whether the row is to blame, or what the whole import stands on. */
static bool is_refusal(int code)
{
    return code == PORTICO_EINVAL || code == PORTICO_EEXIST || code == PORTICO_ECONFLICT ||
           code == PORTICO_EPERM || code == PORTICO_ENOENT || code == PORTICO_ELIMIT;
}

/* All at once; where one is refused, each by itself, so that it alone is left out, and where all
 * take longer than a transaction may. */
static int write_batch(struct import_batch *batch, struct portico_error *error)
{
    batch->from = 0;
    batch->to = batch->count;
    int code = batch->count ? transact(batch->run, work, batch, error) : 0;
    if (batch->run->over || (!is_refusal(code) && code != PORTICO_ETIMEDOUT))
        return code;
    for (size_t i = 0; i < batch->count; i++) {
        batch->from = i;
        batch->to = i + 1;
        code = transact(batch->run, work, batch, error);
        if (code < 0 && (batch->run->over || !is_refusal(code)))
            return code;
        if (code < 0) {
            batch->items[i].outcome = IMPORT_WRONG;
            batch->items[i].said = arena_strdup(batch->arena, error->message);
        }
    }
    return PORTICO_OK;
}

static const char *subject(struct arena *arena, const struct import_row *row)
{
    if (row->kind < IMPORT_MEMBERSHIP)
        return import_field(row, IMPORT_EXTERNAL);
    const char *person = import_field(row, IMPORT_PERSON_ID);
    const bool mail = !*person && row->kind != IMPORT_MEMBERSHIP;
    if (!row->fields[IMPORT_ACCOUNT_ID]) /* it could not be read */
        return "";
    return arena_printf(arena, "%s in %s", mail ? import_field(row, IMPORT_MAIL) : person,
                        import_field(row, IMPORT_ACCOUNT_ID));
}

static int end_batch(struct import_batch *batch, struct portico_error *error)
{
    struct import_run *run = batch->run;
    int code = write_batch(batch, error);
    for (size_t i = 0; code == 0 && i < batch->count; i++) {
        const struct import_item *item = &batch->items[i];
        if (item->outcome == IMPORT_TOLD)
            continue;
        run->counts->rows[run->pass][item->outcome]++;
        if (item->outcome == IMPORT_WRONG && item->row.fields[IMPORT_EXTERNAL])
            g_hash_table_remove(item->row.kind == IMPORT_PERSON ? run->people : run->above,
                                item->row.fields[IMPORT_EXTERNAL]);
        if (item->outcome != IMPORT_SAME)
            run->options->told(batch->file->name, item->row.line, run->pass, item->outcome,
                               subject(batch->arena, &item->row), item->said, run->options->data);
    }
    batch->count = 0;
    arena_reset(batch->arena);
    return code;
}

/* ---- the files ---- */

/* A row that cannot be read is told in one pass alone, the first of its kind as far as that is
 * known. */
static bool belongs(const struct import_run *run, int code, const struct import_row *row)
{
    return row->kind == passes[run->pass].kind && (code >= 0 || run->pass != IMPORT_OF_PLACES);
}

static int read_file(struct import_run *run, const struct import_file *file,
                     struct import_batch *batch, struct portico_error *error)
{
    struct import_reader reader;
    struct import_row row;
    const int64_t begun = run->done;
    int code = import_read_begin(&reader, file->data, file->length, error), more = code;
    int stop = 0;
    batch->file = file;
    while (code == 0 && !stop && (more = import_read_next(&reader, batch->arena, &row, error))) {
        if (belongs(run, more, &row)) {
            batch->items[batch->count++] = (struct import_item){
                .row = row,
                .outcome = more < 0 ? IMPORT_WRONG : IMPORT_SAME,
                .said = more < 0 ? arena_strdup(batch->arena, error->message) : NULL,
            };
        }
        if (batch->count < IMPORT_BATCH)
            continue;
        code = end_batch(batch, error);
        run->done = begun + (int64_t)(file->length - import_read_left(&reader));
        stop = run->options->progress(run->done, run->total, run->options->data);
    }
    if (code == 0 && !stop)
        code = end_batch(batch, error);
    else if (code < 0)
        error_prefix(error, "%s: ", file->name);
    import_read_end(&reader);
    run->done = begun + (int64_t)file->length;
    return code < 0 ? code : stop;
}

static int read_pass(struct import_run *run, struct portico_error *error)
{
    struct import_batch *batch = g_new0(struct import_batch, 1);
    int code = PORTICO_OK;
    batch->run = run;
    batch->arena = arena_new(0);
    for (size_t i = 0; code == 0 && i < run->options->count; i++)
        code = read_file(run, &run->options->files[i], batch, error);
    arena_free(batch->arena);
    g_free(batch);
    return code;
}

/* An id that stands there twice would be made and changed by turns, run after run. */
static int note_row(struct import_run *run, const char *file, const struct import_row *row,
                    struct portico_error *error)
{
    const bool person = row->kind == IMPORT_PERSON;
    GHashTable *table = person ? run->people : run->above;
    const char *external = import_field(row, IMPORT_EXTERNAL);
    run->names_people |= row->kind > IMPORT_MEMBERSHIP;
    if (row->kind >= IMPORT_MEMBERSHIP || !*external)
        return PORTICO_OK;
    if (!g_hash_table_insert(table, g_strdup(external),
                             g_strdup(person ? "" : import_field(row, IMPORT_ABOVE))))
        return error_set(error, PORTICO_EINVAL,
                         "%s:%u: the id \"%.60s\" stands there twice. Nothing was changed.", file,
                         row->line, external);
    return PORTICO_OK;
}

/* Which ids the files bring. */
static int scan(struct import_run *run, struct portico_error *error)
{
    struct arena *arena = arena_new(0);
    int code = PORTICO_OK;
    for (size_t i = 0; code == 0 && i < run->options->count; i++) {
        const struct import_file *file = &run->options->files[i];
        struct import_reader reader;
        struct import_row row;
        int more = code = import_read_begin(&reader, file->data, file->length, error);
        if (code < 0)
            error_prefix(error, "%s: ", file->name);
        while (code == 0 && (more = import_read_next(&reader, arena, &row, error))) {
            code = more > 0 ? note_row(run, file->name, &row, error) : PORTICO_OK;
            arena_reset(arena);
        }
        import_read_end(&reader);
        run->total += (int64_t)file->length * IMPORT_PASSES;
    }
    arena_free(arena);
    return code;
}

/* One record of the run itself. */
static int note_run(struct portico_context *context, struct store_session *session, void *data,
                    struct portico_error *error)
{
    const struct import_run *run = data;
    const bool command = run->options->actor == IDENTITY_OPERATOR;
    int64_t sums[IMPORT_OUTCOMES] = { 0 };
    for (int pass = 0; pass < IMPORT_PASSES; pass++)
        for (int outcome = 0; outcome < IMPORT_OUTCOMES; outcome++)
            sums[outcome] += run->counts->rows[pass][outcome];
    const struct identity_act act = {
        .kind = "import.run",
        .actor = run->options->actor,
        .object = portico_printf(context, "%lld made, %lld changed, %lld wrong",
                                 (long long)sums[IMPORT_MADE], (long long)sums[IMPORT_CHANGED],
                                 (long long)sums[IMPORT_WRONG]),
        .origin = command ? "command line" : run->options->from,
    };
    return identity_audit(session, &act, error);
}

int import_run(struct module_host *host, const struct import_options *options,
               struct import_counts *ret_counts, struct portico_error *error)
{
    struct import_run run = { .host = host, .options = options, .counts = ret_counts };
    *ret_counts = (struct import_counts){ 0 };
    run.above = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    run.people = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    run.addresses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    run.members = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    run.named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    run.contacts =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
    int code = scan(&run, error);
    for (run.pass = 0; code == 0 && run.pass < IMPORT_PASSES; run.pass++)
        code = read_pass(&run, error);
    if (code >= 0 && !options->dry) {
        int noted = transact(&run, note_run, &run, error);
        code = noted < 0 ? noted : code;
    }
    g_hash_table_destroy(run.above);
    g_hash_table_destroy(run.people);
    g_hash_table_destroy(run.addresses);
    g_hash_table_destroy(run.members);
    g_hash_table_destroy(run.named);
    g_hash_table_destroy(run.contacts);
    return MIN(code, PORTICO_OK);
}

int import_check(const struct import_file *file, struct portico_error *error)
{
    struct import_reader reader;
    int code = import_read_begin(&reader, file->data, file->length, error);
    import_read_end(&reader);
    return code;
}
