/* `portico version`: what this program is and which libraries it runs with. */
#include "base/buffer.h"
#include "base/json.h"
#include "cli/cli.h"

#include <event2/event.h>
#include <glib.h>
#include <jansson.h>
#include <libpq-fe.h>
#include <portico/portico.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unicode/uvernum.h>
#include <unicode/uversion.h>

#define WIDTH 32

static void event_version(char *text)
{
    snprintf(text, WIDTH, "%s", event_get_version());
}

static void glib_version_text(char *text)
{
    snprintf(text, WIDTH, "%u.%u.%u", glib_major_version, glib_minor_version, glib_micro_version);
}

static void jansson_version_text(char *text)
{
    snprintf(text, WIDTH, "%s", jansson_version_str());
}

static void sqlite_version(char *text)
{
    snprintf(text, WIDTH, "%s", sqlite3_libversion());
}

static void postgres_version(char *text)
{
    int number = PQlibVersion();
    snprintf(text, WIDTH, "%d.%d", number / 10000, number % 10000);
}

static void sodium_version(char *text)
{
    snprintf(text, WIDTH, "%s", sodium_version_string());
}

static void icu_version(char *text)
{
    UVersionInfo version;
    u_getVersion(version);
    snprintf(text, WIDTH, "%u.%u", version[0], version[1]);
}

/* Name, the version it was built against (libpq's headers do not tell), and how the running one
 * tells. */
static const struct library {
    const char *name;
    const char *built;
    void (*running)(char *text);
} libraries[] = {
    { "libevent", EVENT__VERSION, event_version },
    { "glib",
      G_STRINGIFY(GLIB_MAJOR_VERSION) "." G_STRINGIFY(GLIB_MINOR_VERSION) "." G_STRINGIFY(
          GLIB_MICRO_VERSION),
      glib_version_text },
    { "jansson", JANSSON_VERSION, jansson_version_text },
    { "sqlite", SQLITE_VERSION, sqlite_version },
    { "libpq", NULL, postgres_version },
    { "libsodium", SODIUM_VERSION_STRING, sodium_version },
    { "icu", U_ICU_VERSION, icu_version },
};

static int print_json(void)
{
    struct arena *arena = arena_new(0);
    struct value *version = value_new(arena, PORTICO_OBJECT);
    value_set_text(version, "version", PORTICO_VERSION);
    value_set_integer(version, "abi", PORTICO_ABI);
    value_set_text(version, "sdk", PORTICO_SDK_VERSION);
    struct value *list = value_new(arena, PORTICO_OBJECT);
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        char running[WIDTH];
        libraries[i].running(running);
        struct value *library = value_new(arena, PORTICO_OBJECT);
        if (libraries[i].built)
            value_set_text(library, "built", libraries[i].built);
        value_set_text(library, "running", running);
        value_set(list, text_of(libraries[i].name), library);
    }
    value_set(version, TEXT("libraries"), list);
    struct buffer out = { 0 };
    json_write(&out, version);
    int code = puts(buffer_text(&out)) < 0 ? CLI_FAILED : CLI_OK;
    buffer_free(&out);
    arena_free(arena);
    return code;
}

static int run(const struct cli_call *call)
{
    if (cli_value(call, "json"))
        return print_json();
    printf("portico %s\nmodule ABI %d, SDK %s\n", PORTICO_VERSION, PORTICO_ABI,
           PORTICO_SDK_VERSION);
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        char running[WIDTH];
        libraries[i].running(running);
        printf("%-10s %s", libraries[i].name, running);
        if (libraries[i].built)
            printf(" (built against %s)", libraries[i].built);
        putchar('\n');
    }
    return CLI_OK;
}

static const struct cli_option options[] = {
    { "json", NULL, "Prints one JSON object." },
};

const struct cli_command cli_version = {
    .name = "version",
    .summary = "print the version, the module ABI and the libraries",
    .arguments = "",
    .description = "Prints the version of Portico, the ABI major and SDK version that modules are "
                   "held against, and each library with the version that runs and the one this "
                   "program was built against.",
    CLI_OPTIONS(options),
    .run = run,
};
