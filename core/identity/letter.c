/* What is written to people who cannot sign in yet. Whether somebody is known shows in the letter
 * alone: the answer to the browser and the work are the same. */
#include "identity/domain.h"
#include "identity/room.h"

#include <inttypes.h>
#include <stdio.h>

/* Mails in any hour: */
#define LETTERS 5       /* to one address or handle, of strangers; and of each who is signed in */
#define ALL_LETTERS 50  /* to one address, of all companies; and so many again of all people */
#define OWN_LETTERS 20  /* that one person has sent to confirm addresses */
#define INVITATIONS 300 /* of one person, and of one account */

static int letter(struct store_session *session, enum identity_letter_kind kind,
                  enum identity_purpose purpose, const struct identity_person *whose,
                  const char *address, struct identity_letter *ret_letter,
                  struct portico_error *error)
{
    struct identity_letter made = {
        .kind = kind,
        .purpose = purpose,
        .person = whose ? whose->id : 0,
        .address = address,
        .locale = whose ? whose->locale : "",
    };
    int code = identity_link_make(session, purpose, made.person, address, made.token, error);
    if (code == 0)
        *ret_letter = made;
    return code;
}

/* A link that nobody gets: it costs what one costs. */
static int no_letter(struct store_session *session, enum identity_purpose purpose,
                     struct identity_letter *ret_letter, struct portico_error *error)
{
    char token[IDENTITY_TOKEN_SIZE];
    int code = identity_link_make(session, purpose, 0, NULL, token, error);
    if (code == 0)
        *ret_letter = (struct identity_letter){ .kind = IDENTITY_LETTER_NONE, .locale = "" };
    return code;
}

/* Those of strangers and of people signed in are two: nobody outside keeps a company from inviting
 * somebody, or them from setting a new password. */
static const char *key_of(const char *name, struct arena *arena)
{
    const char *key = "";
    if (identity_address_check(name, arena, NULL, &key, NULL) < 0)
        identity_fold(name, arena, &key, NULL);
    return key;
}

static int limit(struct identity *identity, struct store_session *session, const char *name,
                 const char *network, int64_t *ret_wait, struct portico_error *error)
{
    int code = identity_guess_take(identity, session, "letter network", network ? network : "",
                                   identity->rules.guesses, ret_wait, error);
    return code < 0 ? code
                    : identity_guess_take(identity, session, "letter",
                                          key_of(name, store_session_arena(session)), LETTERS,
                                          ret_wait, error);
}

static int take_of(struct identity *identity, struct store_session *session, const char *kind,
                   int64_t whose, unsigned most, int64_t *ret_wait, struct portico_error *error)
{
    char key[24];
    snprintf(key, sizeof key, "%" PRId64, whose);
    return identity_guess_take(identity, session, kind, key, most, ret_wait, error);
}

/* Each company counts for itself, and each person for addresses of their own, so that no refusal
 * tells who else wrote there and nobody uses up what others have. What all of them send is so much
 * more that no single one gets there, and confirming takes nothing of what invites. */
int identity_letter_take_address(struct identity *identity, struct store_session *session,
                                 const struct identity_writer *writer, const char *address,
                                 int64_t *ret_wait, struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    const bool invites = writer->account != 0;
    const char *key = key_of(address, arena);
    const char *theirs =
        arena_printf(arena, "%" PRId64 " %s", invites ? writer->account : writer->person, key);
    if (!theirs)
        return identity_no_memory(error);
    int code = identity_guess_take(identity, session, invites ? "invite to" : "letter to", theirs,
                                   LETTERS, ret_wait, error);
    return code < 0
               ? code
               : identity_guess_take(identity, session, invites ? "all invite to" : "all letter to",
                                     key, ALL_LETTERS, ret_wait, error);
}

int identity_letter_take_sender(struct identity *identity, struct store_session *session,
                                const struct identity_writer *writer, int64_t *ret_wait,
                                struct portico_error *error)
{
    if (!writer->account)
        return take_of(identity, session, "letter by", writer->person, OWN_LETTERS, ret_wait,
                       error);
    int code = take_of(identity, session, "invite", writer->account, INVITATIONS, ret_wait, error);
    return code < 0 ? code
                    : take_of(identity, session, "invite by", writer->person, INVITATIONS, ret_wait,
                              error);
}

/* Somebody has the address already: they hear of it, and get a way back in. */
static int sign_up_known(struct store_session *session, int64_t person,
                         struct identity_letter *ret_letter, struct portico_error *error)
{
    struct identity_person whose;
    int code = identity_person_look(session, person, &whose, error);
    if (code < 0)
        return code;
    if (whose.state != IDENTITY_ACTIVE || !whose.address)
        return no_letter(session, IDENTITY_LINK_RESET, ret_letter, error);
    return letter(session, IDENTITY_LETTER_ALREADY, IDENTITY_LINK_RESET, &whose, whose.address,
                  ret_letter, error);
}

static int sign_up_new(struct store_session *session, const struct identity_new_person *made,
                       const char *address, struct identity_letter *ret_letter,
                       struct portico_error *error)
{
    struct identity_person whose;
    int64_t person;
    int code = identity_person_make(session, made, &person, error);
    if (code == 0)
        code = identity_person_look(session, person, &whose, error);
    return code < 0 ? code
                    : letter(session, IDENTITY_LETTER_LINK, IDENTITY_LINK_SIGN_UP, &whose, address,
                             ret_letter, error);
}

/* Who may not come in by their address costs the same work, and nothing of it is left. */
static int sign_up_outside(struct store_session *session, const struct identity_new_person *made,
                           const char *address, struct identity_letter *ret_letter,
                           struct portico_error *error)
{
    static const char *const gone[] = { "DELETE FROM portico_link WHERE person = ?",
                                        "DELETE FROM portico_address WHERE person = ?",
                                        "DELETE FROM portico_person WHERE id = ?" };
    struct identity_letter unsent;
    int code = sign_up_new(session, made, address, &unsent, error);
    for (size_t i = 0; code == 0 && i < G_N_ELEMENTS(gone); i++)
        code = store_host_execute(session, gone[i], PORTICO_ARGS(portico_arg_id(unsent.person)),
                                  NULL, error);
    if (code == 0)
        *ret_letter = (struct identity_letter){ .kind = IDENTITY_LETTER_NONE, .locale = "" };
    return code;
}

int identity_sign_up(struct identity *identity, struct store_session *session,
                     const struct identity_sign_up *asked, struct identity_letter *ret_letter,
                     const char **ret_field, int64_t *ret_wait, struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    const char *name, *address, *key, *field = NULL;
    struct identity_step step;
    int64_t owner = 0, company = 0;
    if (!identity->rules.sign_up)
        return error_set(
            error, PORTICO_EPERM,
            /* translated */ "Nobody signs up here by themselves: ask for an invitation.");
    int code = identity_name_chosen(identity, asked->name, arena, &name, error);
    field = code < 0 ? "name" : NULL;
    if (code == 0) {
        code = identity_address_check(asked->address, arena, &address, &key, error);
        field = code < 0 ? "address" : NULL;
    }
    if (ret_field)
        *ret_field = field;
    if (code == 0)
        code = limit(identity, session, key, asked->network, ret_wait, error);
    if (code == 0)
        code = identity_find(session, key, &owner, error);
    if (code == 0)
        code = identity_domain_of(session, key, &company, NULL, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    const bool outside = identity->rules.by_domain && !company;
    const struct identity_new_person made = { .name = name,
                                              .address = address,
                                              .locale = asked->locale,
                                              .timezone = asked->timezone,
                                              .state = IDENTITY_WAITING };
    code = owner     ? sign_up_known(session, owner, ret_letter, error)
           : outside ? sign_up_outside(session, &made, address, ret_letter, error)
                     : sign_up_new(session, &made, address, ret_letter, error);
    return identity_step_end(&step, code, error);
}

int identity_forgot(struct identity *identity, struct store_session *session, const char *name,
                    const char *network, struct identity_letter *ret_letter, int64_t *ret_wait,
                    struct portico_error *error)
{
    struct identity_person whose = { .state = IDENTITY_WAITING };
    int64_t person = 0;
    int code = limit(identity, session, name, network, ret_wait, error);
    if (code == 0)
        code = identity_find(session, name, &person, error);
    if (code == 0 && person)
        code = identity_person_look(session, person, &whose, error);
    if (code < 0)
        return code;
    if (whose.state != IDENTITY_ACTIVE || !whose.address)
        return no_letter(session, IDENTITY_LINK_RESET, ret_letter, error);
    return letter(session, IDENTITY_LETTER_LINK, IDENTITY_LINK_RESET, &whose, whose.address,
                  ret_letter, error);
}

int identity_letter_for_address(struct store_session *session, int64_t person, const char *address,
                                struct identity_letter *ret_letter, struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    struct identity_person whose;
    const char *written, *key;
    int64_t id;
    bool taken;
    int code = identity_address_check(address, arena, &written, &key, error);
    if (code == 0)
        code = identity_person_look(session, person, &whose, error);
    if (code == 0)
        code = identity_address_add(session, person, address, &id, &taken, error);
    if (code < 0)
        return code;
    if (taken)
        return no_letter(session, IDENTITY_LINK_ADDRESS, ret_letter, error);
    return letter(session, IDENTITY_LETTER_LINK, IDENTITY_LINK_ADDRESS, &whose, written, ret_letter,
                  error);
}
