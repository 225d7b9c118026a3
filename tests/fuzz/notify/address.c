/* Mail addresses: what is taken is rendered without a line of its own making. */
#include "notify/address.h"
#include "notify/mail.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct arena *arena = arena_new(0);
    struct mail_address address;
    if (!text || !arena)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    if (mail_address_parse(arena, text, &address, NULL) == 0) {
        const struct mail_message message = { .to = text, .subject = "x", .text = "x" };
        struct buffer out = { 0 };
        if (strpbrk(address.mailbox, "\r\n<> ") || !strchr(address.mailbox, '@') ||
            mail_render(&message, "a@example.com", 1, 0, &out, NULL) < 0)
            abort();
        const char *rendered = buffer_text(&out);
        const char *subject = rendered ? strstr(rendered, "\r\nSubject: x\r\nMessage-ID: ") : NULL;
        const char *to = rendered ? strstr(rendered, "\r\nTo: ") : NULL;
        if (!to || !subject)
            abort();
        for (const char *c = to + 2; c < subject; c++) /* every line of it is folded */
            if (*c == '\n' && c[1] != ' ')
                abort();
        buffer_free(&out);
    }
    arena_free(arena);
    free(text);
    return 0;
}
