/* What the passes of an import share: the run, and the rows that one transaction works on. */
#ifndef PORTAL_IMPORT_BATCH_H
#define PORTAL_IMPORT_BATCH_H

#include "portal/import.h"
#include "portal/import_read.h"
#include "portal/manage.h"

#include <glib.h>

#define IMPORT_BATCH 50u /* rows of one transaction */

struct import_run {
    struct module_host *host;
    const struct import_options *options;
    struct import_counts *counts;
    GHashTable *above;  /* of accounts in the files: id elsewhere to that of the one above, or "" */
    GHashTable *people; /* in the files: ids elsewhere */
    /* What a dry run would have made by now: addresses to ids elsewhere; "ACCOUNT PERSON". */
    GHashTable *addresses, *members;
    GHashTable *named; /* by contacts and account teams: "PASS ACCOUNT PERSON" to "FILE:LINE" */
    /* What a dry run would have named so far: "ACCOUNT ROLE" to people, each 1 or, taken, -1. */
    GHashTable *contacts;
    bool names_people; /* there are contacts or account teams */
    int64_t done, total;
    int pass;
    bool over; /* nothing more is done in the actor's name */
};

/* A row and how it went. */
struct import_item {
    struct import_row row;
    enum import_outcome outcome;
    const char *said;
};

/* What one transaction works on. */
struct import_batch {
    struct import_run *run;
    const struct import_file *file;
    struct arena *arena;
    struct import_item items[IMPORT_BATCH];
    size_t count, from, to; /* those at work */
    struct manage manage;
    struct import_item *at; /* the one that failed */
};

/* "" where it is not said. */
static inline const char *import_field(const struct import_row *row, enum import_field which)
{
    return row->fields[which] ? row->fields[which] : "";
}
/* Whether what the file says of something differs; not said is no difference. */
static inline bool import_differs(const char *said, const char *is)
{
    return said && strcmp(said, is ? is : "") != 0;
}
/* EINVAL: the column, "external", "person" or "account", is empty. */
int import_missing(enum import_field column, struct portico_error *error);
/* 1: it is there; 0: a dry run would make it. */
int import_find(const struct import_batch *batch, int code, int64_t id, GHashTable *planned,
                const char *external, const char *what, struct portico_error *error);
/* import_contacts.c: a dry run would let the person belong to the account; each by its id, or by
 * that elsewhere. */
void import_plan_member(const struct import_batch *batch, int64_t account,
                        const char *account_external, int64_t person, const char *person_external);
bool import_plans_member(const struct import_batch *batch, int64_t account,
                         const char *account_external, int64_t person, const char *person_external);

void import_plan_address(const struct import_batch *batch, const char *address,
                         const char *external);

/* The passes over contacts and account teams. */
int import_take_contact(struct import_batch *batch, const struct import_row *row,
                        enum import_outcome *ret_outcome, struct portico_error *error);
int import_take_team(struct import_batch *batch, const struct import_row *row,
                     enum import_outcome *ret_outcome, struct portico_error *error);

#endif
