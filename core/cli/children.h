/* Programs that a command starts and ends again: compilers, a portal to try a module in. */
#ifndef CLI_CHILDREN_H
#define CLI_CHILDREN_H

#include "base/buffer.h"

#include <stdbool.h>
#include <sys/types.h>

/* From now on SIGINT, SIGTERM and SIGCHLD are read from the descriptor that is returned, and do not
 * end the program; negative if that cannot be had. */
int children_open(void);
/* Reads what signals came; true once SIGINT or SIGTERM was among them. */
bool children_interrupted(int signals);

/* Starts a program in a process group of its own, which ends with this one. Its output goes to
 * `output` and its complaints to `errors`. Its pid, or negative with errno. */
pid_t child_start(const char *const *arguments, int output, int errors);
/* Runs a program to its end and appends what it prints. Its exit status, 128 and more for a signal,
 * -1 if it could not be started, -2 if the person interrupted: then it was ended. */
int child_run(const char *const *arguments, int signals, struct buffer *ret_output);
/* Ends the program and all it started: asked first, killed after ten seconds. */
void child_end(pid_t pid);

#endif
