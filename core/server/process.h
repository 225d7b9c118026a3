/* Child processes of the supervisor: this same program with other arguments, by fork and exec. */
#ifndef SERVER_PROCESS_H
#define SERVER_PROCESS_H

#include <portico/base.h>

#include <sys/types.h>

#define PROCESS_DESCRIPTORS_MAX 48

struct process_options {
    const char *const *arguments; /* NULL-terminated, without the program's name */
    /* These become descriptors 3, 4, 5, … of the child; nothing else but 0, 1, 2 is inherited. */
    const int *descriptors;
    size_t descriptor_count;
    int output; /* the child's standard output and error, or -1 for the supervisor's own */
};

/* Starts a child; its pid, or a negative code. */
pid_t process_start(const struct process_options *options, struct portico_error *error);
/* "ended with code 3", "was killed by signal 11 (Segmentation fault)": static, for one sentence. */
const char *process_end_text(int status, char *ret_text, size_t size);

#endif
