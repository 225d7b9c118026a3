#include "import.h"

#include "communities.h"
#include "spaces.h"

#include <stdio.h>
#include <time.h>

static const char *const reasons[IMPORT_SKIP_COUNT] = {
    [IMPORT_SKIP_ID] = "it has no usable Id",
    [IMPORT_SKIP_TYPE] = "its PostTypeId is neither a question nor an answer",
    [IMPORT_SKIP_WIKI] = "it describes a tag that Tags.xml does not name",
    [IMPORT_SKIP_DELETED] = "it was deleted at its source",
    [IMPORT_SKIP_TITLE] = "a question without a title",
    [IMPORT_SKIP_BODY] = "it has no text",
    [IMPORT_SKIP_UNSAFE] = "its text is too long or nested too deep",
    [IMPORT_SKIP_DATE] = "its CreationDate is no date",
    [IMPORT_SKIP_PARENT] = "an answer that does not say to what",
    [IMPORT_SKIP_ORPHAN] = "an answer whose question is not there",
    [IMPORT_SKIP_COMMENT] = "a comment on a post that is not there",
    [IMPORT_SKIP_VOTE] = "a vote on a post that is not there",
    [IMPORT_SKIP_VOTE_TYPE] = "a vote that is neither for nor against",
    [IMPORT_SKIP_NAME] = "a person without a name",
    [IMPORT_SKIP_TAG] = "a tag without a name",
};

static int64_t steady(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

const char *import_attribute(const char **attributes, const char *name)
{
    for (; *attributes; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return NULL;
}

portico_id import_id(const struct importer *importer, enum import_kind kind, int64_t source_id)
{
    return (importer->number << 2 | (int64_t)kind) << IMPORT_SOURCE_BITS | source_id;
}

int import_fail(struct importer *importer, int code, const char *format, ...)
{
    if (importer->error) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(importer->error->message, sizeof importer->error->message, format, arguments);
        va_end(arguments);
        importer->error->code = code;
    }
    return code;
}

void import_skip(struct importer *importer, enum import_skip reason, const char *file,
                 const char *source_id)
{
    if (importer->skipped_count == sizeof importer->skipped / sizeof *importer->skipped)
        return;
    struct import_skipped *skipped = &importer->skipped[importer->skipped_count++];
    skipped->reason = reason;
    snprintf(skipped->where, sizeof skipped->where, "%s, Id %.20s", file,
             source_id ? source_id : "missing");
}

int import_is_full(const struct importer *importer)
{
    return importer->rows >= IMPORT_BATCH_ROWS || steady() - importer->begun >= IMPORT_BATCH_TIME;
}

void import_abandon(struct importer *importer)
{
    portico_rollback(importer->db);
    portico_end_scope(importer->scope);
    importer->scope = NULL;
    importer->db = NULL;
    importer->skipped_count = 0;
}

int import_begin(struct importer *importer)
{
    importer->scope = portico_scope(importer->context);
    if (!importer->scope)
        return import_fail(importer, PORTICO_ENOMEM, "Memory ended. Run the same command again.");
    importer->db = portico_db(importer->scope);
    importer->content = portico_content(importer->scope);
    importer->search = portico_search(importer->scope);
    importer->rows = 0;
    importer->skipped_count = 0;
    importer->begun = steady();
    return portico_begin(importer->db, importer->error);
}

/* Adds the batch's skipped rows to the import's, so that a resumed run reports all of them. */
static int keep_skipped(struct importer *importer)
{
    for (unsigned reason = 0; reason < IMPORT_SKIP_COUNT; reason++) {
        int64_t number = 0;
        const char *example = NULL;
        for (unsigned i = 0; i < importer->skipped_count; i++)
            if (importer->skipped[i].reason == reason) {
                number++;
                example = example ? example : importer->skipped[i].where;
            }
        if (!number)
            continue;
        int code = portico_execute(
            importer->db,
            "INSERT INTO communities_import_skip (import, reason, example, number)\n"
            "VALUES (?, ?, ?, ?)\n"
            "ON CONFLICT (import, reason) DO UPDATE\n"
            "SET number = communities_import_skip.number + excluded.number",
            PORTICO_ARGS(portico_arg_integer(importer->number), portico_arg_text(reasons[reason]),
                         portico_arg_text(example), portico_arg_integer(number)),
            NULL, importer->error);
        if (code < 0)
            return code;
    }
    return PORTICO_OK;
}

int64_t import_share(const struct importer *importer, int64_t position, int64_t last)
{
    double share = last > 0 ? (double)position / (double)last : 1;
    return (int64_t)((double)importer->weight * (share < 1 ? share : 1));
}

static int write_position(struct importer *importer, int64_t position)
{
    return portico_execute(importer->db,
                           "UPDATE communities_import\n"
                           "SET phase = ?, position = ?\n"
                           "WHERE number = ?",
                           PORTICO_ARGS(portico_arg_text(importer->phase),
                                        portico_arg_integer(position),
                                        portico_arg_integer(importer->number)),
                           NULL, importer->error);
}

int import_end(struct importer *importer, int64_t position, int64_t done)
{
    int code = keep_skipped(importer);
    if (code == 0)
        code = write_position(importer, position);
    if (code == 0)
        code = portico_commit(importer->db, importer->error);
    if (code < 0) {
        import_abandon(importer);
        return code;
    }
    importer->position = position;
    import_abandon(importer);
    if (importer->import->progress(importer->context, importer->before + done, importer->total))
        return import_fail(importer, PORTICO_EBUSY,
                           "The import was stopped. What is in stays; run the same command again "
                           "to go on from here.");
    return PORTICO_OK;
}

static int make_space(struct importer *importer, const struct import_space_words *words)
{
    struct portico_value *row = NULL;
    int code =
        portico_query_one(importer->db,
                          IMPORT_SQL "SELECT id AS \"id:id\"\n"
                                     "FROM communities_space\n"
                                     "WHERE slug = ?",
                          PORTICO_ARGS(portico_arg_text(importer->source)), &row, importer->error);
    if (code == 0) {
        importer->space = portico_get_integer(row, "id", 0);
        return PORTICO_OK;
    }
    if (code != PORTICO_ENOENT)
        return code;
    importer->space = import_id(importer, IMPORT_TOPIC, 0);
    const struct space_words space = {
        .title = words->title,
        .description = words->description,
        .kind = words->is_announcements ? SPACE_ANNOUNCEMENTS : SPACE_QUESTIONS,
        .position = words->position,
        .audience = words->audience ? words->audience : PORTICO_AUDIENCE_EVERYONE,
        .own_topics = words->own_topics,
    };
    return space_insert(importer->scope, importer->space, &space, importer->source,
                        importer->error);
}

/* A new import takes the next number. */
static int make_import(struct importer *importer, const char *format, const char *fingerprint,
                       const char *first_phase, const struct import_space_words *words)
{
    struct portico_value *row = NULL;
    int code = portico_query_one(importer->db,
                                 "SELECT COALESCE(MAX(number), 0) AS number\n"
                                 "FROM communities_import",
                                 PORTICO_NO_ARGS, &row, importer->error);
    if (code < 0)
        return code;
    importer->number = portico_get_integer(row, "number", 0) + 1;
    if (importer->number > IMPORT_NUMBER_MAX)
        return import_fail(importer, PORTICO_ELIMIT,
                           "This portal has seen %d imports, the most it "
                           "can tell apart. Import into a new portal.",
                           IMPORT_NUMBER_MAX);
    importer->started = portico_now(importer->context);
    importer->round = 1;
    code = make_space(importer, words);
    if (code < 0)
        return code;
    return portico_execute(
        importer->db,
        "INSERT INTO communities_import (number, format, source, fingerprint, round, phase,\n"
        "    position, space, started)\n"
        "VALUES (?, ?, ?, ?, 1, ?, 0, ?, ?)",
        PORTICO_ARGS(portico_arg_integer(importer->number), portico_arg_text(format),
                     portico_arg_text(importer->source), portico_arg_text(fingerprint),
                     portico_arg_text(first_phase), portico_arg_id(importer->space),
                     portico_arg_time(importer->started)),
        NULL, importer->error);
}

/* The same source with other files: everything is read again over what is there. */
static int restart(struct importer *importer, const char *fingerprint, const char *first_phase)
{
    importer->round++;
    int code = portico_execute(
        importer->db,
        "UPDATE communities_import\n"
        "SET fingerprint = ?, round = ?, phase = ?, position = 0, finished = NULL\n"
        "WHERE number = ?",
        PORTICO_ARGS(portico_arg_text(fingerprint), portico_arg_integer(importer->round),
                     portico_arg_text(first_phase), portico_arg_integer(importer->number)),
        NULL, importer->error);
    if (code < 0)
        return code;
    return portico_execute(importer->db,
                           "DELETE FROM communities_import_skip\n"
                           "WHERE import = ?",
                           PORTICO_ARGS(portico_arg_integer(importer->number)), NULL,
                           importer->error);
}

static int find_import(struct importer *importer, const char *format, const char *fingerprint,
                       const char *first_phase, const struct import_space_words *words)
{
    struct portico_value *row = NULL;
    int code = portico_query_one(
        importer->db,
        "SELECT number, fingerprint, round, phase, position, space AS \"space:id\",\n"
        "    started AS \"started:time\"\n"
        "FROM communities_import\n"
        "WHERE format = ? AND source = ?",
        PORTICO_ARGS(portico_arg_text(format), portico_arg_text(importer->source)), &row,
        importer->error);
    if (code == PORTICO_ENOENT) {
        importer->phase = first_phase;
        return make_import(importer, format, fingerprint, first_phase, words);
    }
    if (code < 0)
        return code;
    importer->number = portico_get_integer(row, "number", 0);
    importer->round = portico_get_integer(row, "round", 1);
    importer->space = portico_get_integer(row, "space", 0);
    importer->started = portico_get_integer(row, "started", 0);
    if (strcmp(portico_get_text(row, "fingerprint", ""), fingerprint) != 0) {
        importer->phase = first_phase;
        return restart(importer, fingerprint, first_phase);
    }
    importer->phase = portico_printf(importer->context, "%s", portico_get_text(row, "phase", ""));
    importer->position = portico_get_integer(row, "position", 0);
    return importer->phase ? strcmp(importer->phase, "finished") == 0 : PORTICO_ENOMEM;
}

/* A space may not take the address of a page of ours. */
static void avoid_pages(char source[WORDS_SLUG_MAX + 1])
{
    if (page_is_named(source))
        strcat(source, "-space");
}

int import_open(struct importer *importer, const char *format, const char *fingerprint,
                const char *first_phase, const struct import_space_words *words)
{
    avoid_pages(importer->source);
    int code = import_begin(importer);
    if (code == 0)
        code = find_import(importer, format, fingerprint, first_phase, words);
    if (code == 0)
        code = portico_commit(importer->db, importer->error);
    import_abandon(importer);
    return code;
}

int import_run_phase(struct importer *importer, const char *next, int64_t weight,
                     int (*phase)(struct importer *importer))
{
    /* A busy database or a batch over its deadline was rolled back: go on behind the last commit.
     */
    int code, attempts = 0;
    importer->weight = weight;
    do {
        int64_t before = importer->position;
        code = phase(importer);
        import_abandon(importer);
        attempts = importer->position > before ? 0 : attempts + 1;
    } while ((code == PORTICO_ETIMEDOUT || code == PORTICO_ECONFLICT) && attempts < 5);
    if (code < 0)
        return code;
    code = import_begin(importer);
    if (code < 0) {
        import_abandon(importer);
        return code;
    }
    importer->phase = next;
    if (strcmp(next, "finished") == 0)
        code = portico_execute(importer->db,
                               "UPDATE communities_import\n"
                               "SET finished = ?\n"
                               "WHERE number = ?",
                               PORTICO_ARGS(portico_arg_time(portico_now(importer->context)),
                                            portico_arg_integer(importer->number)),
                               NULL, importer->error);
    if (code < 0) {
        import_abandon(importer);
        return code;
    }
    importer->before += weight;
    return import_end(importer, 0, 0);
}

/* What all runs of this import left out, the most frequent reason first. */
static int report_skipped(struct importer *importer, struct portico_db *db)
{
    struct portico_value *rows = NULL;
    int code =
        portico_query(db,
                      "SELECT reason, example, number\n"
                      "FROM communities_import_skip\n"
                      "WHERE import = ?\n"
                      "ORDER BY number DESC, reason",
                      PORTICO_ARGS(portico_arg_integer(importer->number)), &rows, importer->error);
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++) {
        struct portico_value *row = portico_at(rows, i);
        const char *reason = portico_get_text(row, "reason", "");
        const char *example = portico_get_text(row, "example", "");
        for (int64_t n = portico_get_integer(row, "number", 0); n > 0; n--)
            importer->import->skipped(importer->context, reason, example);
    }
    return code;
}

int import_report(struct importer *importer)
{
    struct portico_context *scope = portico_scope(importer->context);
    if (!scope)
        return import_fail(importer, PORTICO_ENOMEM, "Memory ended.");
    struct portico_value *row = NULL;
    int code = portico_query_one(
        portico_db(scope),
        IMPORT_SQL "SELECT COUNT(*) AS topics, COALESCE(SUM(answers), 0) AS answers,\n"
                   "    COALESCE(SUM(comments), 0) AS comments\n"
                   "FROM communities_topic\n"
                   "WHERE id > ? AND id < ?",
        PORTICO_ARGS(portico_arg_id(import_id(importer, IMPORT_TOPIC, 0)),
                     portico_arg_id(import_id(importer, IMPORT_POST, 0))),
        &row, importer->error);
    static const char *const names[] = { "topics", "answers", "comments" };
    for (size_t i = 0; code == 0 && i < sizeof names / sizeof *names; i++)
        importer->import->count(importer->context, names[i], portico_get_integer(row, names[i], 0));
    if (code == 0)
        code = portico_query_one(
            portico_db(scope),
            "SELECT COUNT(*) AS people\n"
            "FROM communities_author\n"
            "WHERE id > ? AND id < ?",
            PORTICO_ARGS(portico_arg_id(import_id(importer, IMPORT_AUTHOR, 0)),
                         portico_arg_id((importer->number + 1) << (IMPORT_SOURCE_BITS + 2))),
            &row, importer->error);
    if (code == 0)
        importer->import->count(importer->context, "people", portico_get_integer(row, "people", 0));
    if (code == 0)
        code = report_skipped(importer, portico_db(scope));
    portico_end_scope(scope);
    return code;
}
