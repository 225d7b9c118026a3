/* What every other SDK header stands on: result codes, errors, lists, table sizes. libc types. */
#ifndef PORTICO_BASE_H
#define PORTICO_BASE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** ABI major of these headers. A host loads a module only if both agree. While it is 0 it may
 * break. */
#define PORTICO_ABI 0
/** Version of the SDK these headers belong to. Informative: hosts gate on PORTICO_ABI and
 * interfaces. */
#define PORTICO_SDK_VERSION "0.1"

/**
 * Result codes. Functions return 0 (or a count) on success and one of these, negative, on failure.
 * Outputs (`ret_…`) stay untouched on failure. Since 0.1.
 */
enum portico_code {
    PORTICO_OK = 0,
    PORTICO_EINVAL = -1,     /**< an argument or input is wrong; the message says which */
    PORTICO_ENOMEM = -2,     /**< memory ended */
    PORTICO_ENOENT = -3,     /**< no such thing, or none this viewer may see */
    PORTICO_EEXIST = -4,     /**< it is there already (unique constraint) */
    PORTICO_EPERM = -5,      /**< the viewer, or this module's capabilities, do not allow it */
    PORTICO_ENOTSUP = -6,    /**< this host's table is older and lacks the function */
    PORTICO_EBUSY = -7,      /**< try again: lock, queue or pool is full */
    PORTICO_ETIMEDOUT = -8,  /**< a deadline passed; what was open has been rolled back */
    PORTICO_EIO = -9,        /**< disk, network or database failed */
    PORTICO_ECONFLICT = -10, /**< a concurrent change got there first (If-Match, constraint) */
    PORTICO_ELIMIT = -11,    /**< a size, depth or count limit was passed */
    PORTICO_EFAULT = -12,    /**< a defect in the host or module; the log has the details */
};

/** Room for a message, its NUL included. */
#define PORTICO_ERROR_MESSAGE_MAX 512

/**
 * Caller-owned error. Initialise with `struct portico_error error = PORTICO_ERROR_INIT;`.
 * The last parameter of functions that can fail; NULL is accepted. The message is one or more whole
 * sentences: what happened, where, and what to do next. Since 0.1.
 */
struct portico_error {
    uint32_t size;                           /**< sizeof(struct portico_error) of the caller */
    int32_t code;                            /**< an enum portico_code */
    char message[PORTICO_ERROR_MESSAGE_MAX]; /**< UTF-8, NUL-terminated, never secret */
};
/* clang-format off */
/** Makes an empty error. */
#define PORTICO_ERROR_INIT { sizeof(struct portico_error), 0, { 0 } }
/* clang-format on */

/** What a function of an undeclared interface returns: PORTICO_EPERM, and a sentence in `error`,
 * which may be NULL. Used by the other headers. */
static inline int portico_undeclared(struct portico_error *error)
{
    static const char message[] =
        "This module asked for an interface that its PORTICO_MODULE_USES "
        "does not name: the log says which. Add it there and build again.";
    if (error) {
        error->code = PORTICO_EPERM;
        memcpy(error->message, message, sizeof message);
    }
    return PORTICO_EPERM;
}

/** A list in a descriptor: items, how many, and how large one was when the module was compiled. */
struct portico_list {
    const void *items;  /**< the first; NULL if there are none */
    uint32_t count;     /**< how many */
    uint32_t item_size; /**< bytes of one, as the module knew it */
};
/* clang-format off */
/** A portico_list of an array, for the descriptor. */
#define PORTICO_LIST(array) \
    { (array), (uint32_t)(sizeof(array) / sizeof(*(array))), (uint32_t)sizeof(*(array)) }
/* clang-format on */

/** First members of every interface table. `size` tells which functions a host has. Since 0.1. */
struct portico_table {
    uint32_t size;  /**< bytes of the whole table, as this host knows it */
    uint16_t major; /**< changes when something that was there changed */
    uint16_t minor; /**< grows with new functions */
};

/** True if the host's table reaches as far as `member`. Tables only ever grow at their end. */
#define PORTICO_HAS(api, member)                                                                   \
    ((api)->table.size >= offsetof(__typeof__(*(api)), member) + sizeof((api)->member))

#if defined(__GNUC__)
/** The compiler checks arguments from `first` on against the format at `at`. */
#define PORTICO_PRINTF(at, first) __attribute__((__format__(__printf__, at, first)))
/** Marks what a module exports though all else is hidden. */
#define PORTICO_VISIBLE __attribute__((visibility("default")))
#else
#define PORTICO_PRINTF(at, first)
#define PORTICO_VISIBLE
#endif

/** 63-bit time-ordered id, made by the host; 0 is no id. JSON carries ids as decimal strings. */
typedef int64_t portico_id;
/** Microseconds since 1970-01-01T00:00:00Z. */
typedef int64_t portico_time;

#endif
