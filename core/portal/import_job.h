/* An import that a page asked for, as a job of the portal's.
 *
 * Its arguments: "files", a list of "id" and "name"; "dry"; "from", the network of who asked; "of",
 * the dry run it was shown by. What it saves: "rows", counts by pass and outcome; "wrong", the
 * first rows that were refused, of "file", "line", "problem"; "report", the id of a file, of
 * the last try; "cut", there were others. The files are kept as what belongs to nothing: they
 * are their sender's alone, and go after a day. The report goes with the job, and only the import's
 * page gives it out. */
#ifndef PORTAL_IMPORT_JOB_H
#define PORTAL_IMPORT_JOB_H

#include <portico/portico.h>

#define IMPORT_JOB "import-companies"
#define IMPORT_TIME (60u * 60 * 1000) /* ms of one try */
#define IMPORT_WRONG_SHOWN 20

int import_job(struct portico_context *context, struct portico_job *job,
               struct portico_error *error);

#endif
