/* Commands that enabled modules add: `portico MODULE COMMAND …`. */
#ifndef CLI_EXTRA_H
#define CLI_EXTRA_H

/* Runs what the words after `portico` say if the first names an enabled module that has commands;
 * returns an enum cli_exit, or -1 if no such module is enabled here. */
int extra_run(int count, char **words);
/* A paragraph of `portico --help`, if modules have commands here. */
void extra_list(int count, char **words);

#endif
