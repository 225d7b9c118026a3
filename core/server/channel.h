/* Messages between supervisor and worker: one JSON object each over a SOCK_SEQPACKET pair, with at
 * most one descriptor. The supervisor reads a worker's messages as hostile input. */
#ifndef SERVER_CHANNEL_H
#define SERVER_CHANNEL_H

#include "base/arena.h"
#include "base/value.h"

#define CHANNEL_BYTES_MAX 65536

/* Both ends non-blocking and close-on-exec. 0 or -1. */
int channel_pair(int ret_ends[2]);
/* Sends `message` (cut to CHANNEL_BYTES_MAX is refused) with `descriptor` (-1: none). 0 or -1. */
int channel_send(int channel, const struct value *message, int descriptor);
/* A message of one member "type". */
int channel_send_type(int channel, const char *type, int descriptor);
/* 1 with a message (an object in `arena`), 0 when none waits, -1 at the end or for one that is not
 * JSON. `ret_descriptor` gets the descriptor that came along, or -1; the caller's to close. */
int channel_receive(int channel, struct arena *arena, struct value **ret_message,
                    int *ret_descriptor);

/* Text member or "": messages come from processes that run module code. */
const char *channel_text(const struct value *message, const char *key);
int64_t channel_integer(const struct value *message, const char *key);

/* Passing a bare connection to another worker: one descriptor, no message. Waits up to a second for
 * room. 0 or -1 (the descriptor stays the caller's). */
int channel_give(int channel, int descriptor);
/* The descriptor of one such message, or -1 when none waits. */
int channel_take(int channel);

#endif
