/* Values that one of the databases would take and the other not: refused before either sees them.
 */
#include "store/driver.h"

#include "base/error.h"

#include <math.h>

#define TEXT_MAX 1000000000u /* bytes that both databases can hold */

bool store_refused_value(const struct store_session *session)
{
    return session->value_refused;
}

int store_refuse_value(struct store_session *session, const char *sentence,
                       struct portico_error *error)
{
    session->value_refused = true;
    return error_set(error, PORTICO_EINVAL, "%s", sentence);
}

static int check_text(struct store_session *session, const struct portico_argument *argument,
                      size_t number, struct portico_error *error)
{
    if (argument->length > TEXT_MAX)
        return error_set(error, PORTICO_ELIMIT,
                         "Parameter %zu is a text larger than the database can hold.", number);
    if (!argument->length)
        return 0;
    if (memchr(argument->text, 0, argument->length)) {
        session->value_refused = true;
        return error_set(error, PORTICO_EINVAL,
                         "Parameter %zu is a text that holds the character NUL, which no database "
                         "keeps.",
                         number);
    }
    if (!text_is_utf8(argument->text, argument->length)) {
        session->value_refused = true;
        return error_set(error, PORTICO_EINVAL, "Parameter %zu is a text that is not UTF-8.",
                         number);
    }
    return 0;
}

static int check_count(struct store_session *session, const struct portico_argument *argument,
                       size_t number, struct portico_error *error)
{
    if (argument->kind != PORTICO_INTEGER)
        return error_set(error, PORTICO_EINVAL,
                         "Parameter %zu stands behind LIMIT or OFFSET and is no integer: pass "
                         "portico_arg_integer.",
                         number);
    if (argument->integer >= 0)
        return 0;
    session->value_refused = true;
    return error_set(error, PORTICO_EINVAL,
                     "Parameter %zu counts rows behind LIMIT or OFFSET and is below 0.", number);
}

int store_arguments_check(struct store_session *session, uint64_t counts,
                          const struct portico_argument *arguments, size_t count,
                          struct portico_error *error)
{
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++) {
        const struct portico_argument *argument = &arguments[i];
        if (argument->kind == PORTICO_TEXT)
            code = check_text(session, argument, i + 1, error);
        if (code == 0 && i < 64 && counts >> i & 1)
            code = check_count(session, argument, i + 1, error);
        if (code == 0 && argument->kind == PORTICO_REAL && isnan(argument->real)) {
            session->value_refused = true;
            code = error_set(error, PORTICO_EINVAL, "Parameter %zu is not a number.", i + 1);
        }
    }
    return code;
}
