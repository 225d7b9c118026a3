/* The control socket DATA/run/control: one JSON object a line; "reload", "stop", "status". */
#ifndef SERVER_CONTROL_H
#define SERVER_CONTROL_H

#include "base/value.h"

#include <event2/event.h>
#include <portico/base.h>

#define CONTROL_LINE_MAX (1024 * 1024)

struct control;
struct control_client;

/* Listens in `directory` (0700). `handle` gets each request and answers with control_reply, now or
 * later, exactly once. */
int control_new(struct event_base *base, const char *directory,
                void (*handle)(struct control_client *client, const struct value *request,
                               void *data),
                void *data, struct control **ret_control, struct portico_error *error);
/* Sends the answer and ends the connection; the client's memory ends with it. */
void control_reply(struct control_client *client, const struct value *answer);
/* Removes the socket; clients without an answer are cut off. Accepts NULL. */
void control_free(struct control *control);

/* The other side: asks the portal of a data directory and waits for the answer (free it). ENOENT:
 * none runs. ETIMEDOUT: it takes longer than `patience` seconds (0: as long as it takes), and goes
 * on. */
int control_request(const char *data_directory, const char *json_command, char **ret_json,
                    struct portico_error *error);
int control_request_within(const char *data_directory, const char *json_command, unsigned patience,
                           char **ret_json, struct portico_error *error);

#endif
