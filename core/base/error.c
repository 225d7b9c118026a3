#include "base/error.h"

#include <stdio.h>

/* Ends the text before a UTF-8 sequence that the limit has cut. */
static void trim_partial_character(char *text)
{
    size_t length = strlen(text);
    size_t start = length;
    while (start > 0 && length - start < 4 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (length - (start - 1) < needed)
        text[start - 1] = '\0';
}

int error_set(struct portico_error *error, int code, const char *format, ...)
{
    if (!error)
        return code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    trim_partial_character(error->message);
    error->code = code;
    return code;
}

int error_prefix(struct portico_error *error, const char *format, ...)
{
    if (!error)
        return 0;
    char before[sizeof error->message];
    memcpy(before, error->message, sizeof before);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < sizeof error->message)
        snprintf(error->message + length, sizeof error->message - (size_t)length, "%s", before);
    trim_partial_character(error->message);
    return error->code;
}

const char *error_name(int code)
{
    static const char *const names[] = {
        "OK",    "EINVAL",    "ENOMEM", "ENOENT",    "EEXIST", "EPERM",  "ENOTSUP",
        "EBUSY", "ETIMEDOUT", "EIO",    "ECONFLICT", "ELIMIT", "EFAULT",
    };
    size_t index = (size_t)(code < 0 ? -(int64_t)code : 0);
    return index < sizeof names / sizeof *names ? names[index] : "unknown";
}
