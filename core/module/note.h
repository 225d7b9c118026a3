/* What a module's file says about itself without being loaded: the ELF note and its dynamic
 * section. */
#ifndef MODULE_NOTE_H
#define MODULE_NOTE_H

#include "module/descriptor.h"
#include "module/uses.h"

#define NOTE_TEXT_MAX 4096

struct note {
    bool found; /* false: none that can be read, and the rest is empty */
    char id[64], version[64], sdk[32];
    unsigned abi;
    struct uses uses;
};

/* Reads an open file, hostile or not. Reports what is missing or does not fit this host: no ELF
 * file of this machine, no note, another ABI major, interfaces this host lacks, no
 * portico_module_entry, a Jansson of its own. False if anything was reported; what the note says is
 * in `ret_note` even then, to be shown. */
bool note_read(int descriptor, struct note *ret_note, struct descriptor_report *report);

#endif
