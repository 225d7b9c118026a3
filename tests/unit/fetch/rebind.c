/* A name whose answer changes between one look and the next. The resolver and the network are this
 * test's own: libcurl finds them before those of the C library. */
#include "fetch/fetch.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#define OUTSIDE "9.9.9.10" /* public by its number; nothing is ever sent there */
#define INSIDE "127.0.0.1"

/* What a name is answered, look by look; after the last, again from the first. */
static const char *const *answers;
static atomic_uint looks, connects;
static char reached[INET6_ADDRSTRLEN]; /* by the last connect */

static struct addrinfo *make(const char *address, const char *port)
{
    struct {
        struct addrinfo info;
        struct sockaddr_in in;
    } *made = calloc(1, sizeof *made);
    made->in.sin_family = AF_INET;
    made->in.sin_port = htons((uint16_t)strtoul(port ? port : "0", NULL, 10));
    inet_pton(AF_INET, address, &made->in.sin_addr);
    made->info = (struct addrinfo){ .ai_family = AF_INET,
                                    .ai_socktype = SOCK_STREAM,
                                    .ai_addrlen = sizeof made->in,
                                    .ai_addr = (struct sockaddr *)(void *)&made->in };
    return &made->info;
}

/* "A,B" in an answer: both addresses, in this order. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret_found)
{
    (void)hints;
    g_assert_cmpstr(name, ==, "turncoat.example");
    unsigned count = 0, look = atomic_fetch_add(&looks, 1);
    while (answers[count])
        count++;
    char **addresses = g_strsplit(answers[look % count], ",", -1);
    struct addrinfo **end = ret_found;
    *ret_found = NULL;
    for (char **address = addresses; *address; address++, end = &(*end)->ai_next)
        *end = make(*address, service);
    g_strfreev(addresses);
    return 0;
}

void freeaddrinfo(struct addrinfo *info)
{
    while (info) {
        struct addrinfo *next = info->ai_next;
        free(info);
        info = next;
    }
}

/* Notes where it would go, and goes nowhere. */
int connect(int descriptor, const struct sockaddr *address, socklen_t length)
{
    (void)descriptor;
    (void)length;
    atomic_fetch_add(&connects, 1);
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, reached,
                  sizeof reached);
    errno = ECONNREFUSED;
    return -1;
}

static int go(const char *const *given, struct portico_error *error)
{
    static const struct fetch_rules rules = { 0 };
    const struct fetch_request request = { .url = "https://turncoat.example/" };
    struct arena *arena = arena_new(0);
    struct fetch_answer answer;
    answers = given;
    *error = (struct portico_error)PORTICO_ERROR_INIT;
    int code = fetch_send(&rules, &request, arena, &answer, error);
    arena_free(arena);
    return code;
}

static void begin(void)
{
    atomic_store(&looks, 0);
    atomic_store(&connects, 0);
    reached[0] = '\0';
}

/* Were the name looked up once to check it and once more to connect, the second would be inside. */
static void the_address_that_was_checked_is_the_one_connected_to(void)
{
    static const char *const turning[] = { OUTSIDE, INSIDE, NULL };
    struct portico_error error;
    begin();
    g_assert_cmpint(go(turning, &error), ==, PORTICO_EIO);
    g_assert_cmpuint(atomic_load(&looks), ==, 1);
    g_assert_cmpuint(atomic_load(&connects), ==, 1);
    g_assert_cmpstr(reached, ==, OUTSIDE);
}

/* No answer is kept: the next fetch looks again, and what it finds is checked again. */
static void the_next_fetch_looks_again_and_is_refused(void)
{
    static const char *const turning[] = { OUTSIDE, INSIDE, NULL };
    struct portico_error error;
    begin();
    g_assert_cmpint(go(turning, &error), ==, PORTICO_EIO);
    g_assert_cmpint(go(turning, &error), ==, PORTICO_EPERM);
    g_assert_nonnull(strstr(error.message, "its address " INSIDE " is loopback"));
    g_assert_cmpuint(atomic_load(&looks), ==, 2);
    g_assert_cmpuint(atomic_load(&connects), ==, 1);
    g_assert_cmpstr(reached, ==, OUTSIDE);
}

/* One that fails, so that the next is tried: that one is checked as well. */
static void each_address_of_a_name_is_checked(void)
{
    static const char *const both[] = { OUTSIDE "," INSIDE ",169.254.169.254", NULL };
    static const char *const turned[] = { INSIDE "," OUTSIDE, NULL };
    struct portico_error error;
    begin();
    g_assert_cmpint(go(both, &error), ==, PORTICO_EPERM);
    g_assert_cmpuint(atomic_load(&connects), ==, 1);
    g_assert_cmpstr(reached, ==, OUTSIDE);
    begin();
    g_assert_cmpint(go(turned, &error), <, 0);
    g_assert_cmpstr(reached, !=, INSIDE);
}

int main(int count, char **words)
{
    g_test_init(&count, &words, NULL);
    g_test_add_func("/rebind/the address that was checked is the one connected to",
                    the_address_that_was_checked_is_the_one_connected_to);
    g_test_add_func("/rebind/the next fetch looks again and is refused",
                    the_next_fetch_looks_again_and_is_refused);
    g_test_add_func("/rebind/each address of a name is checked", each_address_of_a_name_is_checked);
    return g_test_run();
}
