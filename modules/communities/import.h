/* Importing: files of rows, streamed in batches, each committed together with how far it came.
 *
 * A run is a list of phases. A phase reads a file (position: byte offset behind the last row) or
 * walks ids (position: the last id done). Phase and position stand in communities_import and change
 * in the same transaction as the rows: cut off anywhere, the next run goes on behind the last
 * commit. */
#ifndef COMMUNITIES_IMPORT_H
#define COMMUNITIES_IMPORT_H

#include "words.h"

/* Ids of imported rows: number of the import, kind, id in the source. They lie below every id the
 * host makes, keep the source's order and make a parent's id computable without a lookup. */
#define IMPORT_SOURCE_BITS 40
#define IMPORT_NUMBER_MAX 32767
enum import_kind { IMPORT_TOPIC = 0, IMPORT_POST = 1, IMPORT_COMMENT = 2, IMPORT_AUTHOR = 3 };

#define IMPORT_SQL "{unfiltered import} "

/* A commit after so many rows or so much time, well inside the transaction's 2 s. */
#define IMPORT_BATCH_ROWS 400
#define IMPORT_BATCH_TIME INT64_C(300000)

enum import_skip {
    IMPORT_SKIP_ID,
    IMPORT_SKIP_TYPE,
    IMPORT_SKIP_WIKI,
    IMPORT_SKIP_DELETED,
    IMPORT_SKIP_TITLE,
    IMPORT_SKIP_BODY,
    IMPORT_SKIP_UNSAFE,
    IMPORT_SKIP_DATE,
    IMPORT_SKIP_PARENT,
    IMPORT_SKIP_ORPHAN,
    IMPORT_SKIP_COMMENT,
    IMPORT_SKIP_VOTE,
    IMPORT_SKIP_VOTE_TYPE,
    IMPORT_SKIP_NAME,
    IMPORT_SKIP_TAG,
    IMPORT_SKIP_COUNT
};

struct import_skipped {
    enum import_skip reason;
    char where[48];
};

struct importer {
    struct portico_context *context; /* the whole call */
    const struct portico_import *import;
    struct portico_error *error;

    int64_t number, round;
    portico_id space;
    portico_time started;
    char source[WORDS_SLUG_MAX + 1]; /* also the slug of the space */
    char site[256];                  /* "https://coffee.stackexchange.com" for links back, or "" */
    int knows_people;                /* the people come from a file of their own */
    int64_t total, before, weight; /* progress in bytes: of everything, before and in this phase */

    /* The batch: a scope, its tables, a write transaction, and what it has left out so far. */
    struct portico_context *scope;
    struct portico_db *db;
    struct portico_content *content;
    struct portico_search *search;
    int64_t begun;
    unsigned rows;
    struct import_skipped skipped[IMPORT_BATCH_ROWS + 1];
    unsigned skipped_count;

    const char *phase;
    int64_t position; /* of the last commit */
    void *format;     /* what a phase of the format keeps; NULL: nothing */
};

/* Attributes of a row as expat gives them: name, value, …, NULL. */
const char *import_attribute(const char **attributes, const char *name);

portico_id import_id(const struct importer *importer, enum import_kind kind, int64_t source_id);
/* Counts a row as left out; the count is written with the batch. */
void import_skip(struct importer *importer, enum import_skip reason, const char *file,
                 const char *source_id);
/* A batch: begin opens scope and transaction, end writes the position, commits. */
int import_begin(struct importer *importer);
int import_end(struct importer *importer, int64_t position, int64_t done);
/* Progress of a phase that walks ids: its weight, as far as `position` has come on the way to
 * `last`. */
int64_t import_share(const struct importer *importer, int64_t position, int64_t last);
void import_abandon(struct importer *importer);
int import_is_full(const struct importer *importer);
int import_fail(struct importer *importer, int code, const char *format, ...) PORTICO_PRINTF(3, 4);

/* One row of a file; 0, or negative with importer->error set. */
typedef int import_row(struct importer *importer, const char **attributes);
import_row import_user, import_tag, import_post, import_comment, import_vote;

/* Streams `file` of the import's directory from importer->position, calling `row` for each <row
 * …/>. */
int import_stream(struct importer *importer, const char *file, import_row *row);

/* What import_rows.c writes, whatever the format it came in. */
struct import_record {
    int64_t source_id, parent, owner, accepted, score, views;
    portico_id author; /* row of the author where it is known; else made of `owner` */
    const char *owner_name, *title, *tags, *licence;
    const char *source; /* Markdown as written; NULL: it came as html */
    const struct portico_value *html;
    portico_time created, edited, active;
    int closed;
    portico_id account, own; /* of a question: whose it is, and whom it is for among own topics */
    portico_id alone;        /* and where each person sees their own: nobody of the account */
};
int import_write_question(struct importer *importer, const struct import_record *record);
int import_write_answer(struct importer *importer, const struct import_record *record);
int import_write_comment(struct importer *importer, const struct import_record *record,
                         int64_t *ret_changed);
int import_write_author(struct importer *importer, int64_t source_id, const char *name,
                        const char *company, const char *url, int replace);

/* Somebody by a name and, if the portal knows them by `external`, as that person: then their row is
 * the one they write with themselves. `number` tells those apart whom it does not know. */
struct import_person {
    const char *external, *name, *company;
};
int import_write_person(struct importer *importer, int64_t number,
                        const struct import_person *person, portico_id *ret_author);
/* The pass that counts what people the portal knows have written: they are no newcomers. */
int import_authors(struct importer *importer);
/* Whom `readers` means ("everyone", "signed-in", "staff", "account" or "below"; NULL: everyone), of
 * the account that the portal knows as demo:KEY, whose id is given too. The staff where it knows no
 * such account. EINVAL: no such word. */
int demo_readers(struct importer *importer, const char *readers, const char *key,
                 portico_id *ret_audience, portico_id *ret_account);
/* 1: such a word, or NULL. */
int demo_knows_readers(const char *readers);
/* Whether each `image:NAME` in the Markdown is there and may be kept. In the importer's scope. */
int demo_check_images(struct importer *importer, const char *markdown);
/* Markdown in which each `image:NAME` is the path of that file in the import's directory, kept by
 * the portal as `subject`'s, for the staff until demo_show_images(). In the importer's scope; NULL
 * with the error set. */
char *demo_images(struct importer *importer, const char *markdown, const char *subject);
/* To whom the post or comment is shown that they belong to. */
int demo_show_images(struct importer *importer, enum import_kind kind, portico_id id,
                     const char *subject);

/* What became of something in a demo file: an edit, a report, what a moderator did, who follows it.
 * Texts are borrowed. */
struct import_deed {
    int64_t to;     /* number of the post or comment */
    const char *on; /* "comment"; NULL: a question or answer */
    portico_id author;
    portico_time at;
    const char *name, *reason, *note; /* as the attributes of those names */
    const char *space;
    int64_t into;
    const char *title, *tags, *source; /* of an edit; NULL: as they were */
    const struct portico_value *html;
};
/* import_story.c: an edit, in the order of the file. */
int story_edit(struct importer *importer, const struct import_deed *deed);
/* The others, once everything is written and counted. 1: it is one of them. */
int story_has(const char *element);
/* What is wrong with it, or NULL. */
const char *story_check(const char *element, const struct import_deed *deed);
int story_write(struct importer *importer, const char *element, const struct import_deed *deed);

/* The passes after the files, from importer->position on. */
int import_orphans(struct importer *importer);
int import_topics(struct importer *importer);
int import_tags(struct importer *importer);
int import_space(struct importer *importer);

/* A portal's entry points: struct portico_importer.run. */
int import_stackexchange(struct portico_context *context, const struct portico_import *import,
                         struct portico_error *error);
int import_demo(struct portico_context *context, const struct portico_import *import,
                struct portico_error *error);

/* Shared by both: finds or makes the import's row and its space; 1 if this input is imported
 * already. */
struct import_space_words {
    const char *title, *description;
    int64_t position;
    int is_announcements;
    portico_id audience; /* 0: everyone */
    int own_topics;
};
int import_open(struct importer *importer, const char *format, const char *fingerprint,
                const char *first_phase, const struct import_space_words *words);
/* Runs one phase, worth `weight` bytes of progress, to its end and moves on to `next`. */
int import_run_phase(struct importer *importer, const char *next, int64_t weight,
                     int (*phase)(struct importer *importer));
/* The final report: counts, and what was left out in this run and those it goes on from. */
int import_report(struct importer *importer);

#endif
