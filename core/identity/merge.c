#include "identity/merge.h"

#include "identity/api_token.h"
#include "identity/audience.h"
#include "identity/grant.h"
#include "identity/role.h"
#include "identity/room.h"
#include "identity/roster.h"
#include "identity/second.h"

/* ---- what becomes of memberships ---- */

static bool in_force(const struct identity_member *member, int64_t now)
{
    return member->id && member->state == IDENTITY_MEMBERSHIP && member->from <= now &&
           (!member->until || member->until > now);
}

/* What a membership is worth against the other's: none, over, asked for, yet to begin, in force. */
enum worth { WORTH_NONE, WORTH_OVER, WORTH_ASKED, WORTH_LATER, WORTH_NOW };

static enum worth worth_of(const struct identity_member *member, int64_t now)
{
    if (!member->id)
        return WORTH_NONE;
    if (in_force(member, now))
        return WORTH_NOW;
    if (member->until && member->until <= now)
        return WORTH_OVER;
    return member->state == IDENTITY_MEMBERSHIP ? WORTH_LATER : WORTH_ASKED;
}

/* At least as long as the other. */
static bool lasts(const struct identity_member *member, const struct identity_member *other)
{
    return !member->until || (other->until && member->until >= other->until);
}

static int roles_of(struct store_session *session, int64_t membership, const char **ret_roles,
                    struct portico_error *error)
{
    struct value *rows;
    const char *words = "";
    int code = membership ? identity_roles_of_member(session, membership, &rows, error) : 0;
    for (uint32_t i = 0; code == 0 && membership && words && i < rows->count; i++)
        words = arena_printf(store_session_arena(session), "%s%s%s", words, *words ? " " : "",
                             value_rows_at(rows, i)->text);
    if (code == 0 && !words)
        code = identity_no_memory(error);
    if (code == 0)
        *ret_roles = words;
    return code;
}

static bool has_word(const char *words, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += length)
        if ((at == words || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

/* Words of the one that the other has not. */
static const char *beyond(struct arena *arena, const char *words, const char *other)
{
    const char *more = "";
    char **split = g_strsplit(words, " ", -1);
    for (char **word = split; more && *word; word++)
        if (**word && !has_word(other, *word))
            more = arena_printf(arena, "%s%s%s", more, *more ? " " : "", *word);
    g_strfreev(split);
    return more;
}

static int unite(struct store_session *session, const struct identity_member *from,
                 const struct identity_member *into, struct identity_union *ret_union,
                 struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    const int64_t now = clock_now();
    const enum worth gone = worth_of(from, now), stays = worth_of(into, now);
    const char *theirs = "", *own = "";
    int code = roles_of(session, from->id, &theirs, error);
    if (code == 0)
        code = roles_of(session, into->id, &own, error);
    if (code < 0)
        return code;
    struct identity_union united = { .from = from->id, .into = into->id, .had = own };
    united.gained = united.lost = united.teams = "";
    united.takes_over = gone > stays;
    united.adds = united.takes_over || (gone == WORTH_NOW && lasts(from, into));
    if (united.adds)
        united.gained = beyond(arena, theirs, own);
    else
        united.lost = beyond(arena, theirs, own);
    const struct identity_member *ends = united.takes_over ? into : from;
    united.from_asked = from->id && from->state == IDENTITY_APPLIED;
    united.into_asked = into->id && into->state == IDENTITY_APPLIED;
    /* Roles of a membership that is not in force do not come back with the other. */
    if (united.takes_over)
        united.lost = beyond(arena, own, theirs);
    united.below = united.adds && from->below && !into->below;
    if (!united.gained || !united.lost)
        return identity_no_memory(error);
    /* One that is yet to begin would be thrown away, and holds longer or more than the other. */
    united.loses_later = (united.takes_over ? stays : gone) == WORTH_LATER &&
                         (!lasts(united.takes_over ? from : into, ends) || *united.lost ||
                          (ends->below && !(united.takes_over ? from : into)->below));
    *ret_union = united;
    return 0;
}

/* Names of the teams that the one is in, and the other is not by a membership that counts on. */
static int teams_of(struct store_session *session, struct identity_union *united, int64_t from,
                    int64_t into, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT t.name FROM portico_team t JOIN portico_team_member m ON m.team = t.id "
        "WHERE t.account = ? AND m.person = ? AND NOT EXISTS (SELECT 1 FROM portico_team_member o "
        "WHERE o.team = t.id AND o.person = ?) ORDER BY t.name_key",
        PORTICO_ARGS(portico_arg_id(united->account), portico_arg_id(from),
                     portico_arg_id(united->takes_over ? 0 : into)),
        &rows, error);
    for (uint32_t i = 0; code == 0 && united->teams && i < rows->count; i++)
        united->teams = arena_printf(store_session_arena(session), "%s%s%s", united->teams,
                                     i ? ", " : "", value_rows_at(rows, i)->text);
    return code == 0 && !united->teams ? identity_no_memory(error) : code;
}

static int member_or_none(struct store_session *session, int64_t account, int64_t person,
                          struct identity_member *ret_member, struct portico_error *error)
{
    int code = identity_member_of(session, account, person, ret_member, error);
    if (code != PORTICO_ENOENT)
        return code;
    *ret_member = (struct identity_member){ 0 };
    return 0;
}

static int accounts_of(struct store_session *session, int64_t from, int64_t into,
                       struct value **ret_rows, struct portico_error *error)
{
    return store_host_query(session,
                            "SELECT DISTINCT a.id, a.name, a.kind FROM portico_membership m "
                            "JOIN portico_account a ON a.id = m.account WHERE m.person IN (?, ?) "
                            "ORDER BY a.id",
                            PORTICO_ARGS(portico_arg_id(from), portico_arg_id(into)), ret_rows,
                            error);
}

int identity_merge_look(struct store_session *session, int64_t from, int64_t into,
                        struct identity_union **ret_unions, size_t *ret_count,
                        struct portico_error *error)
{
    struct value *rows;
    int code = accounts_of(session, from, into, &rows, error);
    if (code < 0)
        return code;
    struct identity_union *unions = arena_zalloc(store_session_arena(session),
                                                 (rows->count ? rows->count : 1) * sizeof *unions);
    if (!unions)
        return identity_no_memory(error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        struct identity_member theirs, own;
        code = member_or_none(session, cells[0].integer, from, &theirs, error);
        if (code == 0)
            code = member_or_none(session, cells[0].integer, into, &own, error);
        if (code == 0)
            code = unite(session, &theirs, &own, &unions[i], error);
        unions[i].account = cells[0].integer;
        unions[i].name = cells[1].text;
        unions[i].kind = cells[2].text;
        if (code == 0)
            code = teams_of(session, &unions[i], from, into, error);
    }
    if (code < 0)
        return code;
    *ret_unions = unions;
    *ret_count = rows->count;
    return 0;
}

/* ---- holding ---- */

int identity_merge_check(const struct identity_person *gone, const struct identity_person *remains,
                         struct portico_error *error)
{
    if (gone->merged_into || remains->merged_into)
        return error_set(error, PORTICO_ECONFLICT,
                         /* translated */ "One of them was merged into somebody already.");
    if (remains->state != IDENTITY_ACTIVE)
        return error_set(error, PORTICO_ECONFLICT,
                         /* translated */
                         "Who remains must be able to sign in: switch them on first, or let the "
                         "other remain.");
    return PORTICO_OK;
}

static int check_people(struct store_session *session, int64_t from, int64_t into,
                        struct portico_error *error)
{
    struct identity_person gone, remains;
    int code = identity_person_look(session, from, &gone, error);
    if (code == 0)
        code = identity_person_look(session, into, &remains, error);
    return code < 0 ? code : identity_merge_check(&gone, &remains, error);
}

/* Who belongs where changes no more once both people are held: they are raised by each change. */
static int check_same(struct store_session *session, const struct value *before, int64_t from,
                      int64_t into, struct portico_error *error)
{
    struct value *rows;
    int code = accounts_of(session, from, into, &rows, error);
    bool same = code == 0 && rows->count == before->count;
    for (uint32_t i = 0; same && i < rows->count; i++)
        same = value_rows_at(rows, i)->integer == value_rows_at(before, i)->integer;
    if (code == 0 && !same)
        code = error_set(error, PORTICO_ECONFLICT,
                         /* translated */
                         "Somebody changed where they belong at the same moment: look again.");
    return code;
}

int identity_merge_hold(struct store_session *session, int64_t from, int64_t into,
                        struct portico_error *error)
{
    struct value *accounts;
    if (from == into)
        return error_set(error, PORTICO_EINVAL,
                         /* translated */ "This is the same person: choose somebody else.");
    int code = accounts_of(session, from, into, &accounts, error);
    for (uint32_t i = 0; code == 0 && i < accounts->count; i++)
        code = identity_account_hold(session, value_rows_at(accounts, i)->integer, error);
    if (code == 0)
        code = identity_lock(session, "identity admins", error);
    if (code == 0)
        code = identity_person_hold(session, MIN(from, into), error);
    if (code == 0)
        code = identity_person_hold(session, MAX(from, into), error);
    if (code == 0)
        code = check_same(session, accounts, from, into, error);
    return code < 0 ? code : check_people(session, from, into, error);
}

/* ---- doing it ---- */

/* Places in an account, where the one who remains has not the same: into, from, account, into. What
 * they hang on is a membership: they go over where it counts on, and end with it otherwise. */
static const char *const places[] = {
    "UPDATE portico_team_member SET person = ? WHERE person = ? AND team IN "
    "(SELECT a.id FROM portico_team a WHERE a.account = ?) AND team NOT IN "
    "(SELECT t.team FROM portico_team_member t WHERE t.person = ?)",
    "UPDATE portico_account_contact SET person = ? WHERE person = ? AND account = ? AND NOT EXISTS "
    "(SELECT 1 FROM portico_account_contact c WHERE c.account = portico_account_contact.account "
    "AND c.role = portico_account_contact.role AND c.person = ?)",
};
/* The companies that staff look after hang on the owner's account: into, from, into. */
static const char looked_after[] =
    "UPDATE portico_account_team SET person = ? WHERE person = ? AND account NOT IN "
    "(SELECT t.account FROM portico_account_team t WHERE t.person = ?)";

/* What hung on a membership that gives way to the other's: into, account; into. */
static const char *const given_up[] = {
    "DELETE FROM portico_team_member WHERE person = ? AND team IN "
    "(SELECT a.id FROM portico_team a WHERE a.account = ?)",
    "DELETE FROM portico_account_contact WHERE person = ? AND account = ?",
};
static const char looked_after_no_more[] = "DELETE FROM portico_account_team WHERE person = ?";

static int remove_membership(struct store_session *session, int64_t membership,
                             struct portico_error *error)
{
    int code =
        store_host_execute(session, "DELETE FROM portico_membership_role WHERE membership = ?",
                           PORTICO_ARGS(portico_arg_id(membership)), NULL, error);
    if (code == 0)
        code = store_host_execute(session,
                                  "DELETE FROM portico_membership_review WHERE membership = ?",
                                  PORTICO_ARGS(portico_arg_id(membership)), NULL, error);
    if (code == 0)
        code = store_host_execute(session, "DELETE FROM portico_membership WHERE id = ?",
                                  PORTICO_ARGS(portico_arg_id(membership)), NULL, error);
    return code;
}

static int take_over(struct store_session *session, const struct identity_union *united,
                     int64_t into, struct portico_error *error)
{
    int code = united->into ? remove_membership(session, united->into, error) : 0;
    return code < 0 ? code
                    : store_host_execute(
                          session,
                          "UPDATE portico_membership SET person = ?, name_key = (SELECT p.name_key "
                          "FROM portico_person p WHERE p.id = ?) WHERE id = ?",
                          PORTICO_ARGS(portico_arg_id(into), portico_arg_id(into),
                                       portico_arg_id(united->from)),
                          NULL, error);
}

static int join(struct store_session *session, const struct identity_union *united,
                struct portico_error *error)
{
    const bool below = true;
    const struct identity_member_change reach = { .below = &below, .from = -1, .until = -1 };
    int code = remove_membership(session, united->from, error);
    if (code == 0 && *united->gained)
        code = identity_member_roles(session, united->into, united->gained, "", error);
    if (code == 0 && united->below)
        code = identity_member_change(session, united->into, &reach, error);
    return code;
}

/* Places of a membership that is not in force do not come back with the other's. */
static int give_up_places(struct store_session *session, const struct identity_union *united,
                          int64_t into, struct portico_error *error)
{
    const struct portico_argument ids[] = { portico_arg_id(into), portico_arg_id(united->account) };
    int code = PORTICO_OK;
    for (size_t i = 0; code == 0 && i < G_N_ELEMENTS(given_up); i++)
        code = store_host_execute(session, given_up[i], ids, 2, NULL, error);
    if (code == 0 && united->account == IDENTITY_OWNER)
        code = store_host_execute(session, looked_after_no_more, ids, 1, NULL, error);
    return code;
}

static int move_places(struct store_session *session, const struct identity_union *united,
                       int64_t from, int64_t into, struct portico_error *error)
{
    const struct portico_argument ids[] = { portico_arg_id(into), portico_arg_id(from),
                                            portico_arg_id(united->account), portico_arg_id(into) };
    const struct portico_argument people[] = { ids[0], ids[1], ids[3] };
    int code = united->takes_over ? give_up_places(session, united, into, error) : PORTICO_OK;
    for (size_t i = 0; code == 0 && united->adds && i < G_N_ELEMENTS(places); i++)
        code = store_host_execute(session, places[i], ids, 4, NULL, error);
    if (code == 0 && united->adds && united->account == IDENTITY_OWNER)
        code = store_host_execute(session, looked_after, people, 3, NULL, error);
    return code;
}

static int unite_all(struct store_session *session, int64_t from, int64_t into,
                     struct portico_error *error)
{
    struct identity_union *unions;
    size_t count;
    int code = identity_merge_look(session, from, into, &unions, &count, error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        code = move_places(session, &unions[i], from, into, error);
        if (code == 0 && unions[i].takes_over)
            code = take_over(session, &unions[i], into, error);
        else if (code == 0 && unions[i].from)
            code = join(session, &unions[i], error);
    }
    return code;
}

/* Addresses that count, the remaining person's main one staying it; others are gone. */
static int move_addresses(struct store_session *session, int64_t from, int64_t into,
                          struct portico_error *error)
{
    const char *main = NULL;
    const struct portico_argument both[] = { portico_arg_id(into), portico_arg_id(from) };
    int code = identity_address_of(session, into, &main, NULL);
    if (code < 0 && code != PORTICO_ENOENT)
        return error_set(error, code, "The addresses could not be read.");
    code = store_host_execute(session,
                              "DELETE FROM portico_address WHERE person = ? AND verified IS NULL",
                              &both[1], 1, NULL, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "DELETE FROM portico_address WHERE person = ? AND verified IS NULL AND address_key IN "
            "(SELECT a.address_key FROM portico_address a WHERE a.person = ?)",
            both, 2, NULL, error);
    if (code < 0)
        return code;
    return store_host_execute(session,
                              main ? "UPDATE portico_address SET person = ?, main = FALSE "
                                     "WHERE person = ?"
                                   : "UPDATE portico_address SET person = ? WHERE person = ?",
                              both, 2, NULL, error);
}

/* Into, from. */
static const char *const given[] = {
    "UPDATE portico_invitation SET inviter = ? WHERE inviter = ?",
    "UPDATE portico_link SET inviter = ? WHERE inviter = ?",
    "UPDATE portico_delegation SET giver = ? WHERE giver = ?",
    "UPDATE portico_membership SET reviewer = ? WHERE reviewer = ?",
    "UPDATE portico_membership SET brought_by = ? WHERE brought_by = ?",
    "UPDATE portico_person SET merged_into = ? WHERE merged_into = ?",
};
/* From: what is left, and what they signed in with beside what other rooms end. */
static const char *const ended[] = {
    "DELETE FROM portico_team_member WHERE person = ?",
    "DELETE FROM portico_account_team WHERE person = ?",
    "DELETE FROM portico_account_contact WHERE person = ?",
    "DELETE FROM portico_verified WHERE person = ?",
    "DELETE FROM portico_half WHERE person = ?",
    "DELETE FROM portico_device WHERE person = ?",
    "DELETE FROM portico_link WHERE person = ?",
    "DELETE FROM portico_account_use WHERE person = ?",
};

static int run_all(struct store_session *session, int64_t from, int64_t into,
                   struct portico_error *error)
{
    const struct portico_argument ids[] = { portico_arg_id(into), portico_arg_id(from) };
    int code = PORTICO_OK;
    for (size_t i = 0; code == 0 && i < G_N_ELEMENTS(given); i++)
        code = store_host_execute(session, given[i], ids, 2, NULL, error);
    for (size_t i = 0; code == 0 && i < G_N_ELEMENTS(ended); i++)
        code = store_host_execute(session, ended[i], &ids[1], 1, NULL, error);
    return code;
}

/* Nobody signs in as them any more, here or by a directory. Their id elsewhere stays with them, so
 * that imports find whom it leads to. */
static int close_person(struct store_session *session, int64_t from, int64_t into,
                        struct portico_error *error)
{
    int code = store_host_execute(
        session,
        "UPDATE portico_person SET state = ?, password = NULL, account = NULL, merged_into = ?, "
        "rights = rights + 1 WHERE id = ?",
        PORTICO_ARGS(portico_arg_integer(IDENTITY_DISABLED), portico_arg_id(into),
                     portico_arg_id(from)),
        NULL, error);
    return code < 0 ? code : identity_raise(session, into, error);
}

int identity_merge(struct store_session *session, int64_t from, int64_t into,
                   struct portico_error *error)
{
    bool had_admin = false;
    int code = identity_has_admin(session, &had_admin, error);
    if (code == 0)
        code = unite_all(session, from, into, error);
    if (code == 0)
        code = move_addresses(session, from, into, error);
    if (code == 0)
        code = run_all(session, from, into, error);
    if (code == 0)
        code = identity_grants_move(session, from, into, error);
    if (code == 0)
        code = identity_audience_move_person(session, from, into, error);
    if (code == 0)
        code = identity_second_forget(session, from, error);
    if (code == 0)
        code = identity_api_tokens_revoke(session, from, NULL, error);
    if (code == 0)
        code = identity_session_end_all(session, from, 0, NULL, error);
    if (code == 0)
        code = close_person(session, from, into, error);
    return code == 0 && had_admin ? identity_keep_admin(session, error) : code;
}

int identity_merging(struct store_session *session, int64_t person, bool *ret_merging,
                     struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT r.id FROM portico_personal_request r WHERE r.kind = 'merge' AND r.finished IS NULL "
        "AND (r.person = ? OR r.person IN (SELECT p.id FROM portico_person p "
        "WHERE p.merged_into = ?)) LIMIT 1",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_id(person)), &rows, error);
    if (code == 0)
        *ret_merging = rows->count > 0;
    return code;
}

int identity_merging_held(struct store_session *session, int64_t person, bool *ret_merging,
                          struct portico_error *error)
{
    struct portico_error unheard = PORTICO_ERROR_INIT;
    int code = identity_person_hold(session, person, &unheard);
    if (code < 0 && code != PORTICO_ENOENT)
        return error_set(error, code, "%s", unheard.message);
    return identity_merging(session, person, ret_merging, error);
}

int identity_leaving(struct store_session *session, int64_t person, bool *ret_leaving,
                     struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session,
                                "SELECT id FROM portico_personal_request WHERE person = ? AND "
                                "kind = 'erase' AND finished IS NULL LIMIT 1",
                                PORTICO_ARGS(portico_arg_id(person)), &rows, error);
    if (code == 0)
        *ret_leaving = rows->count > 0;
    return code;
}
