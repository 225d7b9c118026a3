#include "identity/hasher.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* OWASP's floor for argon2id: 19 MiB, two passes, one lane. */
#define PASSES 2
#define MEMORY ((size_t)19 * 1024 * 1024)

#define NICENESS 10 /* below its worker: handlers go first */

static enum identity_hash_outcome make(const char *password, size_t length, char *ret_hash)
{
    int code = crypto_pwhash_str_alg(ret_hash, password, length, PASSES, MEMORY,
                                     crypto_pwhash_ALG_ARGON2ID13);
    return code == 0 ? IDENTITY_HASH_DONE : IDENTITY_HASH_NO_MEMORY;
}

/* libsodium says the same of another password and of a lack of memory. */
static bool memory_is_there(void)
{
    void *map = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return map != MAP_FAILED && munmap(map, MEMORY) == 0;
}

static enum identity_hash_outcome compare(const char *password, size_t length, const char *hash)
{
    if (crypto_pwhash_str_verify(hash, password, length) == 0)
        return IDENTITY_HASH_DONE;
    return memory_is_there() ? IDENTITY_HASH_NO : IDENTITY_HASH_NO_MEMORY;
}

bool identity_hasher_answer(const struct identity_hash_question *question,
                            struct identity_hash_answer *ret_answer)
{
    _Static_assert(IDENTITY_HASH_SIZE == crypto_pwhash_STRBYTES, "as libsodium writes it");
    size_t length = strnlen(question->password, sizeof question->password);
    if (length == sizeof question->password || !memchr(question->hash, '\0', sizeof question->hash))
        return false;
    struct identity_hash_answer answer = { 0 };
    if (question->task == IDENTITY_HASH_MAKE)
        answer.outcome = make(question->password, length, answer.hash);
    else if (question->task == IDENTITY_HASH_COMPARE)
        answer.outcome = compare(question->password, length, question->hash);
    else
        return false;
    *ret_answer = answer;
    return true;
}

bool identity_hasher_is_old(const char *hash)
{
    return crypto_pwhash_str_needs_rehash(hash, PASSES, MEMORY) != 0;
}

/* It ends when its socket does, with the worker's last sign-in, and not before: a stop of the whole
 * portal signals every process at once. PR_SET_PDEATHSIG would not do: it goes by the thread that
 * started this process, not by the worker. */
static void prepare(void)
{
    static const struct rlimit none = { 0, 0 };
    prctl(PR_SET_NAME, "passwords");
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    setrlimit(RLIMIT_CORE, &none);
    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + NICENESS);
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
}

static bool a_worker_asks(void)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
           type == SOCK_SEQPACKET;
}

int identity_hasher_main(void)
{
    struct identity_hash_question question;
    struct identity_hash_answer answer;
    if (!a_worker_asks()) {
        fprintf(stderr, "portico " IDENTITY_HASHER_WORD
                        ": only a worker of `portico run` starts such a process.\n");
        return 2;
    }
    prepare();
    if (sodium_init() < 0)
        return 1;
    for (;;) {
        ssize_t got = recv(STDIN_FILENO, &question, sizeof question, MSG_TRUNC);
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            return 0;
        bool answered =
            got == (ssize_t)sizeof question && identity_hasher_answer(&question, &answer);
        sodium_memzero(&question, sizeof question);
        if (!answered)
            return 2;
        ssize_t sent = send(STDIN_FILENO, &answer, sizeof answer, MSG_NOSIGNAL);
        sodium_memzero(&answer, sizeof answer);
        if (sent < 0)
            return 0; /* the worker is gone */
    }
}
