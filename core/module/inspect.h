/* A module is first loaded in a child process of its own, which reads and checks its descriptor.
 *
 * Whatever its constructors or its entry function do – crash, hang, exit – happens there, without
 * this process's environment, descriptors or data, under limits of time, memory and file size. The
 * child is this program again (`portico inspect-module PATH`); what it writes is treated as
 * hostile. */
#ifndef MODULE_INSPECT_H
#define MODULE_INSPECT_H

#include "module/descriptor.h"

#define INSPECT_TIME (5 * 1000000)

/* Where the child finds the file it inspects. */
#define INSPECT_CHILD_FILE 4
#define INSPECT_CHILD_PATH "/proc/self/fd/4"

/* Inspects an open file and copies its descriptor into the arena; its functions
 * cannot be called. Every
 * mistake is reported; false if there was any. A descriptor that could be read lands in
 * `ret_module` even then, to be shown, not used. `time` in microseconds. */
bool inspect_module(int file, int64_t time, struct arena *arena, struct portico_module *ret_module,
                    struct descriptor_report *report);
/* The child: `main` of every program that inspects calls it when argv[1] is "inspect-module".
 * Writes its findings to descriptor 3, or to standard output when that is closed. Returns the exit
 * status. */
int inspect_main(int argc, char **argv);

#endif
