/* The handle of a running job, for the trampoline that makes it. */
#ifndef MODULE_INTERFACE_JOB_H
#define MODULE_INTERFACE_JOB_H

#include "module/call.h"

struct job_handle {
    struct portico_job public; /* must be first */
    uint32_t magic;
    struct call *call;
    int64_t done, total;
    char note[200];
    int64_t told_at; /* clock_steady of the last row written */
    bool untold;
};

void interface_job_begin(struct job_handle *handle, struct call *call);
/* Writes the last progress, if it is not written yet. */
void interface_job_tell(struct job_handle *handle);

#endif
