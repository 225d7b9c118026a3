/* Command line: subcommands and importers that a module adds to `portico`. */
#ifndef PORTICO_COMMAND_H
#define PORTICO_COMMAND_H

#include "context.h"

/**
 * What a command was called with, and where it writes. Its functions take the command's context (or
 * a scope in it) and are called on the command's thread. Borrowed for the run. Since 0.1.
 */
struct portico_command_call {
    uint32_t size;                /**< sizeof(struct portico_command_call) of the host */
    uint32_t argument_count;      /**< between `least` and `most` of the command */
    const char *const *arguments; /**< UTF-8, after the options were taken out */
    /** The option's value, "" for a flag that is given, NULL if it is absent. Borrowed. */
    const char *(*option)(struct portico_context *context, const char *name);
    /** Writes UTF-8 to standard output as it is. EINVAL: it is not UTF-8; EIO: nobody reads. */
    int (*write)(struct portico_context *context, const char *text, size_t length);
    /** Reports `done` of `total` (0: unknown), shown as a bar on a terminal and as a line every ten
     * seconds elsewhere, on standard error; 1 if the person asked to stop. Cheap: call it for every
     * row. */
    int (*progress)(struct portico_context *context, int64_t done, int64_t total);
};

/**
 * `portico <id> <name> …`. In .commands. A module whose id is a command of the program itself, such
 * as "status", cannot have any. Since 0.1.
 */
struct portico_command {
    const char *name;        /**< words joined by "-" */
    const char *summary;     /**< one line for --help */
    const char *description; /**< paragraphs for --help, separated by blank lines; may be NULL */
    const char *arguments;   /**< for the usage line, such as "FILE"; NULL: it takes none */
    uint32_t least;          /**< how many arguments it takes at least */
    uint32_t most;           /**< and at most, up to 16 */
    /**
     * Called on the main thread of a program that serves nobody, as the host itself (no rows are
     * hidden), beside a running portal or without one, after the module's `start` and before its
     * `stop`. The host has checked options and arguments, and brought the database to the needed
     * shape. 0: exit status 0; negative: the message is printed and the exit status is 1. After
     * Ctrl-C or SIGTERM `progress` returns 1: finish what is begun and return; the exit status is
     * 130. A second Ctrl-C ends the program at once.
     */
    int (*run)(struct portico_context *context, const struct portico_command_call *call,
               struct portico_error *error);
};

/** An option of a command, at most 16 each. In .command_options. Since 0.1. */
struct portico_command_option {
    const char *command;  /**< one of .commands */
    const char *name;     /**< words joined by "-", without dashes before them */
    const char *argument; /**< what stands for its value, such as "FILE"; NULL: a flag */
    const char *help;     /**< a sentence */
};

/** Progress of an import, shown as a bar. Calls take the importer's context. */
struct portico_import {
    uint32_t size;         /**< bytes of the struct as this host knows it */
    const char *format;    /**< that of the importer */
    const char *directory; /**< absolute path of the input */
    /** Reports `done` of `total` (bytes, rows: the importer's choice); returns 1 if the person
     * asked to stop. */
    int (*progress)(struct portico_context *context, int64_t done, int64_t total);
    /** Says that an input row was left out and why; counted per reason in the final report. */
    void (*skipped)(struct portico_context *context, const char *reason, const char *where);
    /** Adds to a named count of the final report, such as "topics". */
    void (*count)(struct portico_context *context, const char *what, int64_t number);
};

/** `portico import <id> --format FORMAT DIR` calls it. In .importers. Since 0.1. */
struct portico_importer {
    const char *format;  /**< a word, unique in the module: what --format takes */
    const char *summary; /**< one line: what the directory holds */
    /** Resumable and idempotent: run again after any interruption it finishes the same result. */
    int (*run)(struct portico_context *context, const struct portico_import *import,
               struct portico_error *error);
};

#endif
