/* Accounts, people and memberships from files of another system, found again by their ids there:
 * run twice, nothing changes the second time. */
#ifndef PORTAL_IMPORT_H
#define PORTAL_IMPORT_H

#include "module/registry.h"

#include <portico/portico.h>

#include <stdio.h>

/* A file, borrowed for the run. */
struct import_file {
    const char *name; /* for reports */
    const char *data;
    size_t length;
};

enum import_outcome {
    IMPORT_MADE,
    IMPORT_CHANGED,
    IMPORT_SAME,
    IMPORT_WRONG,
    IMPORT_OUTCOMES,
    IMPORT_TOLD = IMPORT_OUTCOMES, /* wrong, as an earlier pass told: neither told nor counted */
};
enum {
    IMPORT_OF_ACCOUNTS,
    IMPORT_OF_PLACES,
    IMPORT_OF_PEOPLE,
    IMPORT_OF_MEMBERSHIPS,
    IMPORT_OF_CONTACTS,
    IMPORT_OF_TEAMS,
    IMPORT_PASSES
};

struct import_options {
    const struct import_file *files;
    size_t count;
    bool dry; /* says what would change, and changes nothing */
    /* Whose rights it is held to and in whose name it is recorded; IDENTITY_OPERATOR: a command. */
    int64_t actor;
    const char *from; /* the network they are in; NULL: the command line */
    /* Of a job, for its transactions; NULL: they are calls of their own. */
    struct portico_context *context;
    /* Each row that changes something or is wrong; `said` is a sentence or NULL. */
    void (*told)(const char *file, unsigned line, int pass, enum import_outcome outcome,
                 const char *subject, const char *said, void *data);
    /* Now and then; 1: stop after what is done. */
    int (*progress)(int64_t done, int64_t total, void *data);
    void *data;
};

struct import_counts {
    int64_t rows[IMPORT_PASSES][IMPORT_OUTCOMES];
};

/* The words of a report: a heading and a line for what was told, as CSV. */
void import_report_begin(FILE *file);
void import_report_row(FILE *file, const char *name, unsigned line, int pass,
                       enum import_outcome outcome, const char *subject, const char *said);
/* Whether the file can be read at all: its first record. EINVAL. */
int import_check(const struct import_file *file, struct portico_error *error);
/* In transactions of some rows each: what was done stays when it stops, and the same files go on
 * from there. Negative only where it could not go on; wrong rows are told. */
int import_run(struct module_host *host, const struct import_options *options,
               struct import_counts *ret_counts, struct portico_error *error);

#endif
