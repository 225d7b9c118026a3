/* Sending: several ready answers in one system call, files by sendfile. */
#include "http/internal.h"

#include <errno.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define VECTORS_MAX 64u
#define PIECES_TURN 16u /* pieces of a produced answer before others have their turn */
#define FILE_TURN ((size_t)1024 * 1024) /* bytes of a file before others have their turn */

static uint64_t length_in_memory(const struct http_call *call)
{
    return call->head.length + call->payload.length;
}

/* One vector for what is left of a part of which `*sent` bytes are gone. */
static unsigned add_vector(struct iovec *vector, struct text part, uint64_t *sent)
{
    if (*sent >= part.length) {
        *sent -= part.length;
        return 0;
    }
    vector->iov_base = (char *)(uintptr_t)part.data + *sent;
    vector->iov_len = part.length - (size_t)*sent;
    *sent = 0;
    return 1;
}

/* Gathers ready answers up to the first that ends with a file or the connection. */
static unsigned gather(const struct http_call *call, struct iovec *vectors, bool *ret_file)
{
    unsigned count = 0;
    for (; call && call->done && count + 2 <= VECTORS_MAX; call = call->next) {
        uint64_t sent = call->sent;
        count += add_vector(&vectors[count], call->head, &sent);
        count += add_vector(&vectors[count], call->payload, &sent);
        *ret_file = call->file_remaining > 0;
        if (*ret_file || call->producing || call->close)
            break;
    }
    return count;
}

/* Takes the first call off the queue; true if nothing may follow it. */
static bool complete_first(struct http_connection *connection)
{
    struct http_call *call = connection->first;
    bool close = call->close;
    connection->unread |= close && call->framing.keep_alive;
    connection->first = call->next;
    if (!connection->first)
        connection->last = NULL;
    connection->waiting--;
    http_call_free(call);
    return close;
}

/* Spreads what the kernel took over the calls. True: the last answer of the connection is out. */
static bool account(struct http_connection *connection, uint64_t sent)
{
    while (connection->first && connection->first->done) {
        struct http_call *call = connection->first;
        uint64_t left = length_in_memory(call) - call->sent;
        uint64_t part = sent < left ? sent : left;
        call->sent += part;
        sent -= part;
        if (part < left || call->file_remaining || call->producing)
            return false;
        if (complete_first(connection))
            return true;
    }
    return false;
}

static enum http_sent send_file(struct http_connection *connection, struct http_call *call)
{
    size_t budget = FILE_TURN;
    while (call->file_remaining) {
        if (budget == 0)
            return HTTP_SENT_BLOCKED;
        size_t part = call->file_remaining < budget ? (size_t)call->file_remaining : budget;
        ssize_t sent = sendfile(event_get_fd(&connection->reader), call->exchange.response.file,
                                &call->exchange.response.file_offset, part);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN)
            return HTTP_SENT_BLOCKED;
        if (sent <= 0)
            return HTTP_SENT_BROKEN; /* also a file that became shorter than was promised */
        call->file_remaining -= (uint64_t)sent;
        budget -= (size_t)sent;
        connection->written = true;
        connection->server->counters.bytes_out += (uint64_t)sent;
    }
    return complete_first(connection) ? HTTP_SENT_LAST : HTTP_SENT_ALL;
}

enum piece { PIECE_MADE, PIECE_LATER, PIECE_FAILED };

/* Has the next piece made and framed. The response's own fields are in the head already, so their
 * memory takes the raw piece. */
static enum piece next_piece(struct http_call *call)
{
    struct http_response *response = &call->exchange.response;
    struct buffer *piece = &response->fields;
    struct buffer *framed = &response->body;
    buffer_clear(piece);
    buffer_clear(framed);
    int result = response->produce(piece, response->produce_data);
    if (result == HTTP_LATER && piece->length == 0)
        return PIECE_LATER;
    if (result < 0 || piece->failed || (result > 0 && piece->length == 0))
        return PIECE_FAILED;
    if (call->chunked && piece->length)
        buffer_printf(framed, "%zx\r\n", piece->length);
    buffer_append(framed, piece->data, piece->length);
    if (call->chunked && piece->length)
        buffer_append(framed, "\r\n", 2);
    if (call->chunked && result == 0)
        buffer_append(framed, "0\r\n\r\n", 5);
    call->producing = result > 0;
    call->head = (struct text){ framed->data ? framed->data : "", framed->length };
    call->payload = TEXT("");
    call->sent = 0;
    return framed->failed ? PIECE_FAILED : PIECE_MADE;
}

static ssize_t send_vectors(const struct http_connection *connection, struct iovec *vectors,
                            unsigned count, int flags)
{
    int descriptor = event_get_fd(&connection->reader);
    if (count == 1)
        return send(descriptor, vectors->iov_base, vectors->iov_len, flags | MSG_NOSIGNAL);
    struct msghdr message = { .msg_iov = vectors, .msg_iovlen = count };
    return sendmsg(descriptor, &message, flags | MSG_NOSIGNAL);
}

enum http_sent http_output_flush(struct http_connection *connection)
{
    unsigned pieces = 0;
    while (connection->first && connection->first->done) {
        struct iovec vectors[VECTORS_MAX];
        bool file = false;
        unsigned count = gather(connection->first, vectors, &file);
        if (count) {
            ssize_t sent = send_vectors(connection, vectors, count, file ? MSG_MORE : 0);
            if (sent < 0 && errno == EINTR)
                continue;
            if (sent < 0)
                return errno == EAGAIN ? HTTP_SENT_BLOCKED : HTTP_SENT_BROKEN;
            connection->written = true;
            connection->server->counters.bytes_out += (uint64_t)sent;
            if (account(connection, (uint64_t)sent))
                return HTTP_SENT_LAST;
        }
        struct http_call *call = connection->first;
        if (!call || !call->done)
            break;
        if (call->sent < length_in_memory(call))
            continue; /* a short write: the next one says whether it would block */
        if (call->producing) {
            if (pieces++ >= PIECES_TURN)
                return HTTP_SENT_BLOCKED;
            enum piece piece = next_piece(call);
            if (piece == PIECE_LATER)
                return HTTP_SENT_ALL;
            if (piece == PIECE_FAILED)
                return HTTP_SENT_BROKEN;
            if (call->head.length == 0)
                return complete_first(connection) ? HTTP_SENT_LAST : HTTP_SENT_BROKEN;
            continue;
        }
        if (call->head.length == 0)
            return HTTP_SENT_BROKEN;
        enum http_sent result = send_file(connection, call);
        if (result != HTTP_SENT_ALL)
            return result;
    }
    return HTTP_SENT_ALL;
}
