/* Names, handles, addresses and passwords: whatever is taken has one form, and is taken again in
 * it. */
#include "identity/password.h"
#include "identity/person.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool true_of_it)
{
    if (!true_of_it)
        abort();
}

static void try_name(const char *text, struct arena *arena)
{
    const char *name, *again, *handle;
    if (identity_name_check(text, arena, &name, NULL) < 0)
        return;
    must(identity_name_check(name, arena, &again, NULL) == 0 && strcmp(name, again) == 0);
    must(*identity_initials(name, arena) != '\0');
    must(identity_handle_make(name, arena, &handle, NULL) == 0);
    must(identity_handle_check(handle, NULL) == 0);
}

static void try_address(const char *text, struct arena *arena)
{
    const char *address, *key, *again, *same;
    if (identity_address_check(text, arena, &address, &key, NULL) < 0)
        return;
    must(strlen(address) <= IDENTITY_ADDRESS_MAX && !strpbrk(address, " \r\n\t<>,;:\""));
    must(identity_address_check(key, arena, &again, &same, NULL) == 0 && strcmp(key, same) == 0);
}

static void try_password(const char *text)
{
    static const struct identity_password_context context = { "Harbour Works", "Mara Lindqvist",
                                                              "mara.lindqvist", "m@example.com" };
    const char *reason = NULL;
    int code = identity_password_check(text, &context, &reason, NULL);
    must((code < 0) == (reason != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(0);
    char *text = malloc(size + 1);
    if (!text || !arena)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    try_name(text, arena);
    try_address(text, arena);
    try_password(text);
    uint64_t roles;
    identity_handle_check(text, NULL);
    identity_roles_read(text, &roles, NULL);
    free(text);
    arena_free(arena);
    return 0;
}
