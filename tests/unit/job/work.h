/* A fresh database with the host's own tables, and short ways to queue and claim. */
#ifndef TEST_WORK_H
#define TEST_WORK_H

#include "../store/database.h"
#include "job/job.h"

#define WORK_ROW(rows, row, column) (&value_rows_at((rows), (row))[column])

static inline bool work_new(struct database *database, gconstpointer kind)
{
    return database_with_core(database, kind);
}

static inline struct job_request work_request(const char *name)
{
    return (struct job_request){ .module = "shop", .name = name, .kind = JOB_MODULE };
}

static inline int64_t work_queue(struct database *database, const struct job_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t id = 0;
    database_must(job_queue(database->session, request, &id, &error), &error);
    g_assert_cmpint(id, >, 0);
    return id;
}

static const struct job_claimant work_anybody = { .runner = "here/1/0" };

static inline bool work_claim(struct database *database, struct job_claim *claim)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = job_claim(database->session, &work_anybody, claim, &error);
    database_must(code, &error);
    return code == 1;
}

static inline struct value *work_look(struct database *database, int64_t id)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *job = NULL;
    database_must(job_look(database->session, "shop", id, &job, &error), &error);
    return job;
}

static inline const char *work_state(struct database *database, int64_t id)
{
    return value_get(work_look(database, id), TEXT("state"))->text;
}

static inline int64_t work_number(struct database *database, int64_t id, const char *member)
{
    return value_get(work_look(database, id), text_of(member))->integer;
}

/* The lease of a running job, or the wait of another, is over. */
static inline void work_expire(struct database *database, int64_t id)
{
    g_assert_cmpint(database_execute(database, "UPDATE portico_job SET due = 1 WHERE id = ?",
                                     PORTICO_ARGS(portico_arg_id(id))),
                    ==, 1);
}

#endif
