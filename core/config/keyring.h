/* The portal's numbered keys, in a private file that `portico key` changes while the portal runs.
 *
 * The highest number makes; lower ones only open what they made, until they are retired: then their
 * bytes are gone for good and only the number is remembered, so that none is ever used twice. */
#ifndef CONFIG_KEYRING_H
#define CONFIG_KEYRING_H

#include "config/config.h"

#include <stddef.h>
#include <stdint.h>

#define KEYRING_KEY_SIZE 32
#define KEYRING_MAX 500 /* keys of one ring, retired ones included */

struct keyring;

struct keyring_entry {
    unsigned number; /* from 1 */
    bool retired;
    int64_t made; /* µs UTC */
};

/* [secrets] key_ring, absolute; g_free() it. */
char *keyring_path(const struct config *config);
/* Reads the ring, or makes one with a first key. `tell` hears, in whole sentences, when the file
 * broke or came back while the ring is in use (the keys last read stay in use); NULL: nobody. */
int keyring_open(const char *path, void (*tell)(const char *sentence), struct keyring **ret_ring,
                 struct portico_error *error);
void keyring_free(struct keyring *ring); /* wipes; accepts NULL */

/* A key by number, 0 for the one in use. The file is looked at once a second at most, and at once
 * for a number that is not there. ENOENT: there is none, or it was retired. Any thread. */
int keyring_key(struct keyring *ring, unsigned number, unsigned *ret_number,
                unsigned char ret_key[KEYRING_KEY_SIZE], struct portico_error *error);
/* Copies at most `most` entries, oldest first; returns how many there are. */
size_t keyring_list(struct keyring *ring, struct keyring_entry *ret_entries, size_t most);

/* Adds a key, which is in use from then on. Replaces the file atomically; one writer at a time. */
int keyring_rotate(const char *path, unsigned *ret_number, struct portico_error *error);
/* Forgets a key that is not in use. EINVAL: it is; ENOENT: there is none, or it is retired. */
int keyring_retire(const char *path, unsigned number, struct portico_error *error);

#endif
