#include "identity/again.h"

#include "identity/room.h"

#include <stdio.h>

int identity_is_fresh(struct store_session *session, int64_t current, bool *ret_fresh,
                      struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session, "SELECT id FROM portico_session WHERE id = ? AND fresh > ?",
        PORTICO_ARGS(portico_arg_id(current), portico_arg_time(clock_now() - IDENTITY_FRESH_TIME)),
        &rows, error);
    if (code == 0)
        *ret_fresh = rows->count > 0;
    return code;
}

/* A code first, where there is an app: it costs no hash. 1: it was one. */
static int prove_by_code(struct identity *identity, struct store_session *session, int64_t person,
                         int64_t current, const char *proof, const struct identity_opening *used,
                         struct portico_error *error)
{
    struct identity_second second;
    struct identity_step step;
    enum identity_proof how = IDENTITY_PROOF_NONE;
    int code = identity_second_look(session, person, &second, error);
    if (code < 0 || !second.any)
        return code;
    code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_code_use(identity, session, person, proof, &how, error);
    if (code == 0 && how == IDENTITY_PROOF_RECOVERY)
        code = identity_tell_opening(used, person, error);
    if (code == 0)
        code = identity_session_prove(session, current, error);
    code = identity_step_end(&step, code, error);
    return code == PORTICO_EPERM ? 0 : code < 0 ? code : 1;
}

int identity_prove_again_by(struct identity *identity, struct store_session *session,
                            int64_t person, int64_t current, const char *proof,
                            const struct identity_opening *used, struct portico_error *error)
{
    const struct portico_error none = PORTICO_ERROR_INIT;
    char key[24];
    snprintf(key, sizeof key, "%lld", (long long)person);
    int code = identity_refuse_transaction(session, error);
    if (code == 0)
        code = identity_guess_take(identity, session, "again code", key, identity->rules.guesses,
                                   NULL, error);
    if (code == 0)
        code = prove_by_code(identity, session, person, current, proof, used, error);
    if (code < 0)
        return code;
    if (code == 0) {
        if (error)
            *error = none;
        code = identity_again(identity, session, person, proof, error);
    }
    if (code < 0)
        return code;
    code = identity_guess_return(identity, session, "again code", key, error);
    return code < 0 ? code : identity_session_fresh(session, current, error);
}

int identity_prove_again(struct identity *identity, struct store_session *session, int64_t person,
                         int64_t current, const char *proof, struct portico_error *error)
{
    static const struct identity_opening nobody;
    return identity_prove_again_by(identity, session, person, current, proof, &nobody, error);
}
