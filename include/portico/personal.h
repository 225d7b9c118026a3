/* Personal data: what each table holds of people, how it is handed out, erased and let go. */
#ifndef PORTICO_PERSONAL_H
#define PORTICO_PERSONAL_H

#include "context.h"

/** What erasing a person does to the rows that are theirs. */
enum portico_erase {
    PORTICO_NOT_PERSONAL = 0,  /**< the table holds nothing of people; `reason` says why */
    PORTICO_ERASE_ROWS = 1,    /**< rows are deleted */
    PORTICO_ERASE_COLUMNS = 2, /**< the columns in `cleared` are emptied, the rows stay */
    PORTICO_ERASE_KEEP = 3,    /**< rows stay as they are; `reason` says by which duty */
};

/** Which row stays where two people become one, each has a row, and there may be but one of them.
 */
enum portico_merge {
    PORTICO_MERGE_REMAINING = 0, /**< that of the person who remains */
    PORTICO_MERGE_LATER = 1, /**< the one whose `time` is later; if both are the same, as above */
};

/**
 * One table of this module. Every table that its migrations create stands in .personal_data, or the
 * module does not load: so nobody forgets one. Since 0.1.
 */
struct portico_personal_table {
    const char *table;       /**< its name, as in the migrations */
    const char *title;       /**< English source text, a heading of the export */
    uint32_t erase;          /**< enum portico_erase */
    uint32_t retention_days; /**< rows whose `time` is older are erased, as `erase` says; 0: none */
    /** Column that holds the person's id; or NULL and `match` is given. */
    const char *person;
    /** SQL condition with one ?, the person's id: "topic IN (SELECT id FROM x_topic WHERE author =
     * ?)". */
    const char *match;
    /** Columns that are handed out, separated by blanks, each with a kind if need be: "id:id title
     * created:time". NULL: all. */
    const char *columns;
    /** For PORTICO_ERASE_COLUMNS: separated by blanks; they become NULL, or "" and 0 where NULL is
     * not allowed. */
    const char *cleared;
    const char *time;   /**< column with the time that retention counts from */
    const char *reason; /**< why rows are kept, or why the table is not personal */
    /** Columns that hold a person's id, separated by blanks: when two people become one, the id of
     * the one who remains is put in place of the other's. NULL: that of `person`. "": none, for
     * rows that are nobody else's to have, or that the module's merge_people takes over. */
    const char *people;
    uint32_t merge; /**< enum portico_merge: what becomes of two rows where one may be */
};

/** Effects beside the database: files, copies elsewhere. In .personal_hooks. Since 0.1. */
struct portico_personal_hook {
    const char *name; /**< a word, unique in the module */
    /** Adds what it knows of the person to `export` (an object); may be NULL. */
    int (*export_person)(struct portico_context *context, portico_id person,
                         struct portico_value *ret_export, struct portico_error *error);
    /** Forgets the person, after the tables; repeatable; may be NULL. */
    int (*erase_person)(struct portico_context *context, portico_id person,
                        struct portico_error *error);
    /** Two people become one: does what putting `into` in place of `from` cannot do, such as adding
     * up sums. Before the rows of the tables, which name both still. A bounded part at each call:
     * positive while more is left, and the host calls again; 0: done. Repeatable from the start,
     * and for two people of whom it knows nothing; may be NULL. */
    int (*merge_people)(struct portico_context *context, portico_id from, portico_id into,
                        struct portico_error *error);
};

#endif
