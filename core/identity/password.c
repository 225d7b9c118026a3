#include "identity/api_token.h"
#include "identity/audit.h"
#include "identity/room.h"

#include "identity/gate.h"

#include <sodium.h>

/* Of no password anybody knows: what unknown names are held against. */
static const char nobodys[] = "$argon2id$v=19$m=19456,t=2,p=1$198Hchx89hHC4l95nIkZ6A$JAEyOtL+"
                              "I0Wt6cx4ycL+9A/yLfnx2l2KC0NS+47ZkCI";

static void wipe(char *text)
{
    if (text)
        sodium_memzero(text, strlen(text));
    g_free(text);
}

/* Takes the password's normal form, and wipes it. */
static int hash_it(struct identity *identity, struct identity_hash_question *question, char *normal,
                   struct identity_hash_answer *ret_answer, struct portico_error *error)
{
    int code = PORTICO_OK;
    g_strlcpy(question->password, normal ? normal : "", sizeof question->password);
    wipe(normal);
    if (identity->gate)
        code = identity_gate_ask(identity->gate, question, ret_answer, error);
    else
        identity_hasher_answer(question, ret_answer);
    sodium_memzero(question, sizeof *question);
    if (code == 0 && ret_answer->outcome == IDENTITY_HASH_NO_MEMORY)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a password was hashed.");
    return code;
}

int identity_hash(struct identity *identity, const char *password,
                  char ret_hash[IDENTITY_HASH_SIZE], struct portico_error *error)
{
    size_t characters = 0;
    struct identity_hash_question question = { .task = IDENTITY_HASH_MAKE };
    struct identity_hash_answer answer;
    char *normal = identity_normal(password, &characters);
    if (!normal || characters > IDENTITY_PASSWORD_MOST) {
        wipe(normal);
        return error_set(error, PORTICO_EINVAL, "The password is no text of at most %d characters.",
                         IDENTITY_PASSWORD_MOST);
    }
    int code = hash_it(identity, &question, normal, &answer, error);
    if (code == 0)
        memcpy(ret_hash, answer.hash, sizeof answer.hash);
    return code;
}

int identity_verify(struct identity *identity, const char *hash, const char *password,
                    bool *ret_old, struct portico_error *error)
{
    size_t characters = 0;
    bool known = hash && *hash;
    struct identity_hash_question question = { .task = IDENTITY_HASH_COMPARE };
    struct identity_hash_answer answer;
    char *normal = identity_normal(password, &characters);
    bool fits = normal && characters <= IDENTITY_PASSWORD_MOST;
    if (!fits) {
        wipe(normal);
        normal = NULL;
    }
    g_strlcpy(question.hash, known ? hash : nobodys, sizeof question.hash);
    int code = hash_it(identity, &question, normal, &answer, error);
    if (code < 0)
        return code;
    bool same = known && fits && answer.outcome == IDENTITY_HASH_DONE;
    if (same && ret_old)
        *ret_old = identity_hasher_is_old(hash);
    return same;
}

int identity_password_put(struct store_session *session, int64_t person, const char *hash,
                          int64_t keep, struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(
        session,
        "UPDATE portico_person SET password = ?, password_changed = ?, "
        "rights = rights + 1 WHERE id = ?",
        PORTICO_ARGS(portico_arg_text(hash), portico_arg_time(clock_now()), portico_arg_id(person)),
        &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such person.");
    if (code == 0)
        code = identity_session_end_all(session, person, keep, NULL, error);
    /* Whoever had the old one, or none, may have made tokens. */
    if (code == 0 && !keep)
        code = identity_api_tokens_revoke(session, person, NULL, error);
    /* What was mailed to set another one is over. */
    if (code == 0)
        code = store_host_execute(
            session,
            "DELETE FROM portico_link "
            "WHERE person = ? AND purpose = ? AND used IS NULL",
            PORTICO_ARGS(portico_arg_id(person), portico_arg_integer(IDENTITY_LINK_RESET)), NULL,
            error);
    return code;
}

static int put_and_record(struct store_session *session, int64_t person, const char *hash,
                          int64_t keep, const struct identity_act *act,
                          const struct identity_opening *set, struct portico_error *error)
{
    int code = identity_password_put(session, person, hash, keep, error);
    if (code == 0 && act) {
        struct identity_act done = *act;
        done.kind = "password.changed";
        done.person = person;
        code = identity_audit(session, &done, error);
    }
    return code < 0 || !set ? code : identity_tell_opening(set, person, error);
}

int identity_password_set(struct identity *identity, struct store_session *session, int64_t person,
                          const char *password, int64_t keep, const struct identity_act *act,
                          const char **ret_reason, struct portico_error *error)
{
    return identity_password_set_by(identity, session, person, password, keep, act, NULL,
                                    ret_reason, error);
}

int identity_password_set_by(struct identity *identity, struct store_session *session,
                             int64_t person, const char *password, int64_t keep,
                             const struct identity_act *act, const struct identity_opening *set,
                             const char **ret_reason, struct portico_error *error)
{
    struct identity_person whose;
    struct identity_step step;
    char hash[IDENTITY_HASH_SIZE];
    int code = identity_refuse_transaction(session, error);
    if (code == 0)
        code = identity_person_look(session, person, &whose, error);
    if (code < 0)
        return code;
    const struct identity_password_context context = { identity->portal, whose.name, whose.handle,
                                                       whose.address };
    code = identity_password_check(password, &context, ret_reason, error);
    if (code == 0)
        code = identity_hash(identity, password, hash, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code == 0)
        code = identity_step_end(
            &step, put_and_record(session, person, hash, keep, act, set, error), error);
    sodium_memzero(hash, sizeof hash);
    return code;
}
