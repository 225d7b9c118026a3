/* Whom of an account's people one asks about what, and who of the owner's staff looks after it,
 * from files. None of it gives a right. */
#include "base/error.h"
#include "identity/contact.h"
#include "identity/person.h"
#include "portal/import_batch.h"

/* What a row names. Ids are 0 where a dry run would make it. */
struct named {
    int64_t account, person;
    const char *account_external, *person_external;
};

/* ---- what a dry run would have made ---- */

/* An id starts no text that names one elsewhere: those begin with "=". */
static char *member_key(int64_t account, const char *account_external, int64_t person,
                        const char *person_external)
{
    char *of = account ? g_strdup_printf("%" G_GINT64_FORMAT, account)
                       : g_strdup_printf("=%s", account_external);
    char *key = person ? g_strdup_printf("%s\n%" G_GINT64_FORMAT, of, person)
                       : g_strdup_printf("%s\n=%s", of, person_external ? person_external : "");
    g_free(of);
    return key;
}

void import_plan_member(const struct import_batch *batch, int64_t account,
                        const char *account_external, int64_t person, const char *person_external)
{
    if (batch->run->options->dry && batch->run->names_people)
        g_hash_table_add(batch->run->members,
                         member_key(account, account_external, person, person_external));
}

bool import_plans_member(const struct import_batch *batch, int64_t account,
                         const char *account_external, int64_t person, const char *person_external)
{
    char *key = member_key(account, account_external, person, person_external);
    const bool planned = g_hash_table_contains(batch->run->members, key);
    g_free(key);
    return planned;
}

void import_plan_address(const struct import_batch *batch, const char *address,
                         const char *external)
{
    if (batch->run->options->dry && batch->run->names_people)
        g_hash_table_replace(batch->run->addresses, g_ascii_strdown(address, -1),
                             g_strdup(external));
}

static const char *planned_address(const struct import_batch *batch, const char *address)
{
    char *key = g_ascii_strdown(address, -1);
    const char *external = g_hash_table_lookup(batch->run->addresses, key);
    g_free(key);
    return external;
}

/* ---- whom a row names ---- */

/* By the address they sign in with. */
static int find_address(const struct import_batch *batch, const char *mail, struct named *named,
                        struct portico_error *error)
{
    struct identity_person person;
    struct store_session *session = batch->manage.session;
    const char *external = planned_address(batch, mail), *key;
    /* Not a handle, an id, or "external:" with one. */
    const bool address =
        identity_address_check(mail, store_session_arena(session), NULL, &key, NULL) == 0;
    int code = address ? identity_person_named(session, mail, &person, error) : PORTICO_ENOENT;
    if (code == 0) {
        named->person = person.id;
        return PORTICO_OK;
    }
    if (code != PORTICO_ENOENT && code != PORTICO_EINVAL)
        return code;
    named->person_external = external;
    return external ? PORTICO_OK
                    : error_set(error, PORTICO_EINVAL, "Nobody signs in with \"%.100s\".", mail);
}

static int find_person(const struct import_batch *batch, const struct import_row *row,
                       struct named *named, struct portico_error *error)
{
    const char *external = import_field(row, IMPORT_PERSON_ID);
    const char *mail = import_field(row, IMPORT_MAIL);
    if (*external && *mail)
        return error_set(error, PORTICO_EINVAL,
                         "Name them by \"person\" or by \"mail\", and leave the other empty.");
    if (!*external)
        return *mail ? find_address(batch, mail, named, error)
                     : import_missing(IMPORT_PERSON_ID, error);
    named->person_external = external;
    int found = identity_person_external(batch->manage.session, external, &named->person, NULL);
    return MIN(
        import_find(batch, found, named->person, batch->run->people, external, "person", error),
        PORTICO_OK);
}

/* Two lines of one person would be put in force by turns, run after run. */
static int check_once(const struct import_batch *batch, const struct import_row *row,
                      const struct named *named, struct portico_error *error)
{
    char *who =
        member_key(named->account, named->account_external, named->person, named->person_external);
    char *key = g_strdup_printf("%d\n%s", batch->run->pass, who);
    char *place = g_strdup_printf("%s:%u", batch->file->name, row->line);
    const char *before = g_hash_table_lookup(batch->run->named, key);
    /* A row is taken again where another of its transaction was refused. */
    const bool once = !before || strcmp(before, place) == 0;
    int code = once ? PORTICO_OK
                    : error_set(error, PORTICO_EINVAL,
                                "They stand at %.100s for this account already: write all of it on "
                                "one line.",
                                before);
    if (!before)
        g_hash_table_insert(batch->run->named, g_strdup(key), g_strdup(place));
    g_free(who);
    g_free(key);
    g_free(place);
    return code;
}

static int find_named(const struct import_batch *batch, const struct import_row *row,
                      struct named *named, struct portico_error *error)
{
    const char *external = import_field(row, IMPORT_ACCOUNT_ID);
    *named = (struct named){ .account_external = external };
    if (!*external)
        return import_missing(IMPORT_ACCOUNT_ID, error);
    int found = identity_account_external(batch->manage.session, external, &named->account, NULL);
    int code =
        import_find(batch, found, named->account, batch->run->above, external, "account", error);
    if (code >= 0)
        code = find_person(batch, row, named, error);
    return code < 0 ? code : check_once(batch, row, named, error);
}

/* ---- contacts ---- */

/* The keys of `row` that are no kind of contact are refused where they are put. */
static int check_keys(const struct import_batch *batch, const char *keys,
                      struct portico_error *error)
{
    char **words = g_strsplit(keys, " ", -1);
    int code = PORTICO_OK;
    for (char **word = words; code == 0 && *word; word++)
        if (**word)
            code = identity_contact_check(batch->manage.session, 0, *word, 0, error);
    g_strfreev(words);
    return code;
}

static bool has(const char *keys, const char *key)
{
    char **words = g_strsplit(keys, " ", -1);
    const bool found = g_strv_contains((const char *const *)words, key);
    g_strfreev(words);
    return found;
}

/* Whether they are named for it now. */
static bool is_named(const struct value *contacts, int64_t person, const char *role)
{
    for (uint32_t i = 0; i < contacts->count; i++) {
        const struct value_cell *cells = value_rows_at(contacts, i);
        if (cells[1].integer == person && strcmp(cells[0].text, role) == 0)
            return true;
    }
    return false;
}

/* Those of one kind of an account. */
static GHashTable *planned_contacts(const struct import_batch *batch, const struct named *named,
                                    const char *role)
{
    char *account = named->account ? g_strdup_printf("%" G_GINT64_FORMAT, named->account)
                                   : g_strdup_printf("=%s", named->account_external);
    char *key = g_strdup_printf("%s\n%s", account, role);
    GHashTable *people = g_hash_table_lookup(batch->run->contacts, key);
    if (!people) {
        people = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        g_hash_table_insert(batch->run->contacts, g_strdup(key), people);
    }
    g_free(account);
    g_free(key);
    return people;
}

/* As many fit in as in the run itself, which names one after the other. A row that is taken again
 * counts once. */
static int plan_contact(const struct import_batch *batch, const struct named *named,
                        const char *role, bool wanted, struct portico_error *error)
{
    GHashTable *people = planned_contacts(batch, named, role);
    char *who =
        member_key(named->account, named->account_external, named->person, named->person_external);
    GHashTableIter iter;
    gpointer change;
    int64_t more = 0;
    int code = PORTICO_OK;
    g_hash_table_remove(people, who);
    g_hash_table_iter_init(&iter, people);
    while (g_hash_table_iter_next(&iter, NULL, &change))
        more += GPOINTER_TO_INT(change);
    if (wanted)
        code = identity_contact_room(batch->manage.session, named->account, role, more, error);
    if (code == 0)
        g_hash_table_insert(people, g_strdup(who), GINT_TO_POINTER(wanted ? 1 : -1));
    g_free(who);
    return code;
}

/* One that a dry run would let belong there is no stranger to it. */
static int check_contact(const struct import_batch *batch, const struct named *named,
                         const char *role, struct portico_error *error)
{
    if (import_plans_member(batch, named->account, named->account_external, named->person,
                            named->person_external))
        return PORTICO_OK;
    if (named->account && named->person)
        return identity_contact_check(batch->manage.session, named->account, role, named->person,
                                      error);
    return error_set(error, PORTICO_EINVAL,
                     /* translated */ "Only who belongs to the company is named here.");
}

static int put_contact(const struct import_batch *batch, const struct named *named,
                       const char *role, bool wanted, struct portico_error *error)
{
    if (!batch->run->options->dry)
        return manage_contact(&batch->manage, named->account, role, named->person, wanted, error);
    int code = wanted ? check_contact(batch, named, role, error) : PORTICO_OK;
    return code < 0 ? code : plan_contact(batch, named, role, wanted, error);
}

int import_take_contact(struct import_batch *batch, const struct import_row *row,
                        enum import_outcome *ret_outcome, struct portico_error *error)
{
    const char *keys = import_field(row, IMPORT_CONTACT_FOR), *role;
    struct named named;
    struct value *contacts;
    size_t before = 0, given = 0, taken = 0;
    int code = find_named(batch, row, &named, error);
    if (code == 0)
        code = check_keys(batch, keys, error);
    if (code == 0)
        code = identity_contacts(batch->manage.session, named.account, &contacts, error);
    for (size_t i = 0; code == 0 && (role = identity_contact_role(i, NULL)); i++) {
        const bool is = named.person && is_named(contacts, named.person, role);
        const bool wanted = has(keys, role);
        before += is;
        given += wanted && !is;
        taken += is && !wanted;
        if (is != wanted)
            code = put_contact(batch, &named, role, wanted, error);
    }
    if (code < 0)
        return code;
    *ret_outcome = given && !before ? IMPORT_MADE : given || taken ? IMPORT_CHANGED : IMPORT_SAME;
    return PORTICO_OK;
}

/* ---- account teams ---- */

/* A row of identity_account_team; NULL: they are not in it. */
static const struct value_cell *find_in_team(const struct value *team, int64_t person)
{
    for (uint32_t i = 0; person && i < team->count; i++)
        if (value_rows_at(team, i)[0].integer == person)
            return value_rows_at(team, i);
    return NULL;
}

static int put_in_team(const struct import_batch *batch, const struct named *named,
                       const char *role, const char *phone, struct portico_error *error)
{
    const bool staff =
        import_plans_member(batch, IDENTITY_OWNER, "", named->person, named->person_external);
    if (!batch->run->options->dry)
        return manage_account_team_put(&batch->manage, named->account, named->person, role, phone,
                                       error);
    if (!named->person && !staff)
        return error_set(error, PORTICO_EINVAL,
                         /* translated */ "Only staff of the portal's own company is named here.");
    return identity_account_team_check(batch->manage.session, named->account,
                                       staff ? 0 : named->person, role, phone, error);
}

int import_take_team(struct import_batch *batch, const struct import_row *row,
                     enum import_outcome *ret_outcome, struct portico_error *error)
{
    const char *role = import_field(row, IMPORT_TEAM_ROLE), *phone = row->fields[IMPORT_PHONE];
    struct named named;
    struct value *team;
    int code = find_named(batch, row, &named, error);
    /* As it is kept, so that it is the same the next time. */
    if (code == 0 && *role)
        code = identity_name_check(role, store_session_arena(batch->manage.session), &role, error);
    if (code == 0)
        code = identity_account_team(batch->manage.session, named.account, &team, error);
    if (code < 0)
        return code;
    const struct value_cell *is = find_in_team(team, named.person);
    if (!*role) {
        *ret_outcome = is ? IMPORT_CHANGED : IMPORT_SAME;
        return is && !batch->run->options->dry
                   ? manage_account_team_take(&batch->manage, named.account, named.person, error)
                   : PORTICO_OK;
    }
    if (!phone)
        phone = is ? is[4].text : "";
    *ret_outcome = !is ? IMPORT_MADE
                   : import_differs(role, is[3].text) || import_differs(phone, is[4].text)
                       ? IMPORT_CHANGED
                       : IMPORT_SAME;
    return *ret_outcome == IMPORT_SAME ? PORTICO_OK
                                       : put_in_team(batch, &named, role, phone, error);
}
