/* The host's own settings: one table with type, default, range and help of every key. */
#include "base/error.h"
#include "base/text.h"
#include "config/state.h"

#include <string.h>

#define TEXT_TYPE PORTICO_SETTING_TEXT
#define INTEGER_TYPE PORTICO_SETTING_INTEGER
#define BOOLEAN_TYPE PORTICO_SETTING_BOOLEAN
#define DURATION_TYPE PORTICO_SETTING_DURATION
#define SIZE_TYPE PORTICO_SETTING_SIZE
#define CHOICE_TYPE PORTICO_SETTING_CHOICE
#define SECRET_TYPE PORTICO_SETTING_SECRET

const struct config_key config_keys[] = {
    { "portal",
      { .key = "name",
        .type = TEXT_TYPE,
        .initial = "Portico",
        .title = /* translated */ "Name",
        .help =
            /* translated */ "What the portal calls itself in its header, titles and feeds." } },
    { "portal",
      { .key = "url",
        .type = TEXT_TYPE,
        .initial = "",
        .title = /* translated */ "Canonical URL",
        .help = "The address people use, such as https://portal.example.com, without a path. "
                "Links in feeds and mail begin with it. May stay empty in development and while "
                "the portal listens on this machine only; it then follows from `listen`." } },
    { "portal",
      { .key = "data",
        .type = TEXT_TYPE,
        .initial = "data",
        .title = /* translated */ "Data directory",
        .help = "Where the portal keeps its database, managed.conf, keys and caches. Counts from "
                "the directory of the config file. It belongs to the portal's user alone." } },
    { "portal",
      { .key = "language",
        .type = TEXT_TYPE,
        .initial = "en",
        .title = /* translated */ "Language",
        .help = /* translated */ "BCP 47 tag of the language for readers who ask for none the "
                                 "portal speaks." } },
    { "portal",
      { .key = "timezone",
        .type = TEXT_TYPE,
        .initial = "UTC",
        .title = /* translated */ "Time zone",
        .help = /* translated */ "IANA name, such as Europe/Berlin, for dates of readers who "
                                 "have set none." } },
    { "portal",
      { .key = "development",
        .type = BOOLEAN_TYPE,
        .initial = "false",
        .title = /* translated */ "Development",
        .help = "Shows errors with file, line and cause in the page, also "
                "those of templates, which are refused otherwise. Never for "
                "a portal that others can reach." } },
    { "portal",
      { .key = "brand",
        .type = TEXT_TYPE,
        .initial = "",
        .title = /* translated */ "Brand directory",
        .help = "Templates, texts and styles that replace the portal's own. Counts from the "
                "directory of the config file; empty: none." } },

    { "portal",
      { .key = "contact",
        .type = TEXT_TYPE,
        .initial = "",
        .title = /* translated */ "Contact",
        .help = /* translated */ "Mail address or URL of whom people ask who cannot sign in; shown "
                                 "on the pages "
                                 "around signing in. Empty: none is named." } },

    { "http",
      { .key = "listen",
        .type = TEXT_TYPE,
        .initial = "127.0.0.1:8080",
        .title = "Addresses",
        .help = "Where to listen: HOST:PORT, [IPv6]:PORT, *:PORT or the path of a Unix socket, "
                "separated by blanks." } },
    { "http",
      { .key = "trusted_proxies",
        .type = TEXT_TYPE,
        .initial = "",
        .title = "Trusted proxies",
        .help =
            "Addresses or networks (10.0.0.0/8) whose X-Forwarded-For is believed, separated by "
            "blanks; `unix` stands for Unix sockets." } },
    { "http",
      { .key = "head_size",
        .type = SIZE_TYPE,
        .initial = "32KiB",
        .minimum = "1KiB",
        .maximum = "1MiB",
        .title = "Largest request head",
        .help = "Request line and header fields together; past it 431 is answered." } },
    { "http",
      { .key = "body_size",
        .type = SIZE_TYPE,
        .initial = "1MiB",
        .minimum = "1KiB",
        .maximum = "1GiB",
        .title = "Largest request body",
        .help = "Past it 413 is answered." } },
    { "http",
      { .key = "upload_size",
        .type = SIZE_TYPE,
        .initial = "10MiB",
        .minimum = "1KiB",
        .maximum = "1GiB",
        .title = "Largest form with files",
        .help = "The same for forms that take files. They are held in memory, at most 16 at once "
                "in each worker." } },
    { "http",
      { .key = "head_time",
        .type = DURATION_TYPE,
        .initial = "10s",
        .minimum = "100ms",
        .maximum = "10min",
        .title = "Time for a head",
        .help = "How long a client may take to send a whole request head." } },
    { "http",
      { .key = "body_time",
        .type = DURATION_TYPE,
        .initial = "10s",
        .minimum = "100ms",
        .maximum = "10min",
        .title = "Grace for a body",
        .help = "How long a body may be slow before it must keep 500 bytes a second." } },
    { "http",
      { .key = "idle_time",
        .type = DURATION_TYPE,
        .initial = "60s",
        .minimum = "100ms",
        .maximum = "1h",
        .title = "Idle time",
        .help = "How long an idle connection is kept for a next request." } },
    { "http",
      { .key = "write_time",
        .type = DURATION_TYPE,
        .initial = "30s",
        .minimum = "100ms",
        .maximum = "10min",
        .title = "Write time",
        .help = "How long an answer may make no progress before its connection is closed." } },
    { "http",
      { .key = "connections",
        .type = INTEGER_TYPE,
        .initial = "10000",
        .minimum = "1",
        .maximum = "1000000",
        .title = "Connections",
        .help = "Most connections of one worker; past it accepting pauses." } },
    { "http",
      { .key = "connections_per_address",
        .type = INTEGER_TYPE,
        .initial = "0",
        .minimum = "0",
        .maximum = "1000000",
        .title = "Connections of one address",
        .help = "Most connections of one client address to one worker; 0: no limit." } },

    { "server",
      { .key = "workers",
        .type = INTEGER_TYPE,
        .initial = "2",
        .minimum = "1",
        .maximum = "64",
        .title = "Workers",
        .help = "Processes that serve requests." } },
    { "server",
      { .key = "jobs",
        .type = INTEGER_TYPE,
        .initial = "1",
        .minimum = "0",
        .maximum = "16",
        .title = "Jobs processes",
        .help = "Processes that run jobs and deliver events; 0: another machine of this portal "
                "does." } },
    { "server",
      { .key = "events_keep",
        .type = DURATION_TYPE,
        .initial = "30d",
        .minimum = "1h",
        .maximum = "3650d",
        .title = "Keeping of events",
        .help = "How long events are kept once they are delivered." } },
    { "server",
      { .key = "audit_keep",
        .type = DURATION_TYPE,
        .initial = "730d",
        .minimum = "30d",
        .maximum = "36500d",
        .title = "Keeping of the audit log",
        .help = "How long records of the audit log are kept." } },
    { "server",
      { .key = "name_server",
        .type = TEXT_TYPE,
        .initial = "",
        .title = "Name server",
        .help = "Whom to ask about the domains of companies, such as 127.0.0.1:53; empty: those "
                "the machine asks." } },
    { "server",
      { .key = "handler_threads",
        .type = INTEGER_TYPE,
        .initial = "16",
        .minimum = "1",
        .maximum = "128",
        .title = "Handler threads",
        .help = "Threads of one worker that run module code." } },
    { "server",
      { .key = "queue_time",
        .type = DURATION_TYPE,
        .initial = "2s",
        .minimum = "10ms",
        .maximum = "1min",
        .title = "Waiting time",
        .help = "How long a request may wait for a handler thread; past it 503 is answered." } },
    { "server",
      { .key = "handler_time",
        .type = DURATION_TYPE,
        .initial = "10s",
        .minimum = "10ms",
        .maximum = "10min",
        .title = "Running time",
        .help = "How long a handler may run; past it the portal answers in its place." } },
    { "server",
      { .key = "drain_time",
        .type = DURATION_TYPE,
        .initial = "30s",
        .minimum = "0s",
        .maximum = "1h",
        .title = "Draining time",
        .help = "How long old workers may finish what is under way after a reload or stop." } },

    { "database",
      { .key = "url",
        .type = TEXT_TYPE,
        .initial = "sqlite:portico.db",
        .title = "Database",
        .help = "sqlite:PATH (counts from the data directory) or "
                "postgresql://USER@HOST[:PORT]/NAME. The password stands in `password_file`." } },
    { "database",
      { .key = "password",
        .type = SECRET_TYPE,
        .initial = "",
        .title = "Database password",
        .help = "File that holds the password of the PostgreSQL user." } },
    { "database",
      { .key = "connections",
        .type = INTEGER_TYPE,
        .initial = "0",
        .minimum = "0",
        .maximum = "1000",
        .title = "Database connections",
        .help = "Most connections of one worker; 0: one a handler thread on SQLite, 8 on "
                "PostgreSQL." } },

    { "log",
      { .key = "level",
        .type = CHOICE_TYPE,
        .initial = "info",
        .choices = "error warning info debug",
        .title = "Log level",
        .help = "The least important lines to write." } },
    { "log",
      { .key = "access",
        .type = BOOLEAN_TYPE,
        .initial = "true",
        .title = "Access log",
        .help = "Writes one line for each request." } },

    { "modules",
      { .key = "directories",
        .type = TEXT_TYPE,
        .initial = "",
        .title = "Module directories",
        .help = "Directories to look for modules in, before the portal's own; separated by blanks. "
                "They count from the directory of the config file." } },

    { "secrets",
      { .key = "key_file",
        .type = TEXT_TYPE,
        .initial = "secret.key",
        .title = "Key file",
        .help = "The portal's own key of 32 bytes; counts from the data directory. Made on first "
                "start if absent. Keep a copy: what it sealed opens with nothing else." } },
    { "secrets",
      { .key = "key_ring",
        .type = TEXT_TYPE,
        .initial = "secret.keys",
        .title = "Key ring",
        .help = "The numbered keys that modules' seals and signatures come from, changed with "
                "`portico key`; counts from the data directory. Made on first start if absent, the "
                "same file on every machine of a portal." } },

    { "fetch",
      { .key = "hosts",
        .type = TEXT_TYPE,
        .initial = "",
        .title = "Hosts allowed",
        .help = "HOST lets modules fetch from it over http too; HOST:PORT ([IPv6]:PORT) also lets "
                "it be in a private network or this machine. Separated by blanks. Other hosts are "
                "fetched over https only, and only at public addresses." } },
    { "fetch",
      { .key = "ca_file",
        .type = TEXT_TYPE,
        .initial = "",
        .title = "Certificate authorities",
        .help = "PEM file of the authorities believed in place of the system's. Counts from the "
                "directory of the config file." } },

    { "sign_in",
      { .key = "sign_up",
        .type = CHOICE_TYPE,
        .initial = "invitation",
        .choices = /* translated */ "open domain invitation closed",
        .title = /* translated */ "Signing up",
        .help = /* translated */
        "open: whoever confirms an address; domain: whoever confirms one in a domain of "
        "an account; invitation: whoever is invited; closed: nobody new, invited or not. "
        "An address in an account's domain makes its owner a member." } },
    { "sign_in",
      { .key = "idle",
        .type = DURATION_TYPE,
        .initial = "30min",
        .minimum = "2min",
        .maximum = "30d",
        .title = /* translated */ "Idle time",
        .help = /* translated */ "How long a session lasts without a request. Requests are noted "
                                 "once a minute." } },
    { "sign_in",
      { .key = "longest",
        .type = DURATION_TYPE,
        .initial = "12h",
        .minimum = "5min",
        .maximum = "90d",
        .title = /* translated */ "Longest session",
        .help = /* translated */ "How long a session lasts at most." } },
    { "sign_in",
      { .key = "remember",
        .type = DURATION_TYPE,
        .initial = "30d",
        .minimum = "0s",
        .maximum = "400d",
        .title = /* translated */ "Kept sessions",
        .help = /* translated */ "How long somebody stays signed in on a device where they asked "
                                 "for that, "
                                 "whatever the two times before; 0s: nobody is asked." } },
    { "sign_in",
      { .key = "second_factor",
        .type = TEXT_TYPE,
        .initial = "",
        .title = /* translated */ "Second factor needed",
        .help = "Roles, separated by blanks, whose people need a second factor: admin, moderator, "
                "staff, account-admin, account-member, member (all), or one of your own. Who lacks "
                "one sets it up before anything else, also in a session that goes on." } },
    { "sign_in",
      { .key = "verifiers",
        .type = TEXT_TYPE,
        .initial = "",
        .title = /* translated */ "Other passwords",
        .help =
            "Services of modules, separated by blanks, that are asked in this order about a "
            "name and a password that are not the portal's own, such as a company directory." } },
    { "sign_in",
      { .key = "steps",
        .type = TEXT_TYPE,
        .initial = "",
        .title = /* translated */ "Further steps",
        .help = "Services of modules, separated by blanks, that may ask one thing more, in this "
                "order, before a session begins." } },
    { "sign_in",
      { .key = "decorators",
        .type = TEXT_TYPE,
        .initial = "",
        .title = /* translated */ "Values of sessions",
        .help = "Services of modules, separated by blanks, that attach something to each session "
                "when it begins, such as the department that a directory names." } },
    { "sign_in",
      { .key = "ask_time",
        .type = DURATION_TYPE,
        .initial = "5s",
        .minimum = "100ms",
        .maximum = "30s",
        .title = /* translated */ "Time for modules",
        .help = "How long somebody who signs in waits for each service of the three keys above. "
                "Without an answer by then nobody is let in, but for values that a module can do "
                "without." } },
    { "sign_in",
      { .key = "trust",
        .type = DURATION_TYPE,
        .initial = "30d",
        .minimum = "0s",
        .maximum = "400d",
        .title = /* translated */ "Trusted devices",
        .help = "How long a device is not asked for the second factor again where somebody wants "
                "that; 0s: it is asked each time." } },
    { "sign_in",
      { .key = "tokens",
        .type = DURATION_TYPE,
        .initial = "365d",
        .minimum = "0s",
        .maximum = "3650d",
        .title = /* translated */ "Access tokens",
        .help =
            "How long an access token of the API is good for at most, also one made before; 0s: "
            "as long as its person wants." } },
    { "sign_in",
      { .key = "invitation",
        .type = DURATION_TYPE,
        .initial = "14d",
        .minimum = "1h",
        .maximum = "90d",
        .title = /* translated */ "Invitations",
        .help = "How long somebody may take to accept an invitation into a company." } },
    { "sign_in",
      { .key = "guesses",
        .type = INTEGER_TYPE,
        .initial = "20",
        .minimum = "3",
        .maximum = "1000",
        .title = /* translated */ "Guesses",
        .help = /* translated */
        "Wrong passwords evaluated for one name in any hour, in all processes together; "
        "ten times as many for one network. A device that signed in before has as many of "
        "its own." } },
    { "sign_in",
      { .key = "hashes",
        .type = INTEGER_TYPE,
        .initial = "1",
        .minimum = "1",
        .maximum = "16",
        .title = /* translated */ "Passwords at once",
        .help = "How many passwords one worker checks at once, each in a process of low priority "
                "that takes 19 MiB meanwhile; eight more wait for each." } },

    { "mail",
      { .key = "server",
        .type = TEXT_TYPE,
        .initial = "",
        .title = "Mail server",
        .help = "smtp://HOST[:PORT] (STARTTLS) or smtps://HOST[:PORT]. Empty: mail waits among the "
                "failed jobs." } },
    { "mail",
      { .key = "from",
        .type = TEXT_TYPE,
        .initial = "",
        .title = "Sender",
        .help = "Who mail comes from, such as `Example portal <portal@example.com>`." } },
    { "mail",
      { .key = "user",
        .type = TEXT_TYPE,
        .initial = "",
        .title = "Mail user",
        .help = "Name to sign in with at the mail server; empty: none." } },
    { "mail",
      { .key = "password",
        .type = SECRET_TYPE,
        .initial = "",
        .title = "Mail password",
        .help = "File that holds the password of the mail user; read again when it changes." } },
    { "mail",
      { .key = "tls",
        .type = CHOICE_TYPE,
        .initial = "auto",
        .choices = "auto required none",
        .title = "STARTTLS",
        .help = "auto: required unless the mail server is this machine; none: never, for networks "
                "nobody else reads." } },
    { "mail",
      { .key = "ca_file",
        .type = TEXT_TYPE,
        .initial = "",
        .title = "Certificate authorities",
        .help = "PEM file of the authorities believed in place of the system's. Counts from the "
                "directory of the config file." } },
};
const size_t config_key_count = sizeof config_keys / sizeof *config_keys;

const struct portico_setting config_module_keys[] = {
    { .key = "enabled",
      .type = BOOLEAN_TYPE,
      .initial = "false",
      .title = "Enabled",
      .help = "Whether the module runs." },
    { .key = "path",
      .type = TEXT_TYPE,
      .initial = "",
      .title = "Directory",
      .help = "The module's own directory, if it lies outside the module directories. Counts from "
              "the directory of the config file." },
};
const size_t config_module_key_count = sizeof config_module_keys / sizeof *config_module_keys;

/* A secret is written as `<key>_file`. */
static bool is_key(const struct portico_setting *setting, const char *key)
{
    size_t length = strlen(setting->key);
    if (strncmp(setting->key, key, length) != 0)
        return false;
    return !key[length] ||
           (setting->type == PORTICO_SETTING_SECRET && strcmp(key + length, "_file") == 0);
}

int config_schema_find(const char *section, const char *key)
{
    for (size_t i = 0; i < config_key_count; i++)
        if (strcmp(config_keys[i].section, section) == 0 && is_key(&config_keys[i].setting, key))
            return (int)i;
    return -1;
}

bool config_schema_has_section(const char *section)
{
    for (size_t i = 0; i < config_key_count; i++)
        if (strcmp(config_keys[i].section, section) == 0)
            return true;
    return false;
}

const char *config_schema_nearest_section(const char *section)
{
    const char *names[sizeof config_keys / sizeof *config_keys];
    for (size_t i = 0; i < config_key_count; i++)
        names[i] = config_keys[i].section;
    char *lower = g_ascii_strdown(section, -1);
    const char *nearest = text_nearest(lower, names, config_key_count);
    g_free(lower);
    return nearest;
}

const char *config_schema_nearest_key(const char *section, const char *key)
{
    const char *names[sizeof config_keys / sizeof *config_keys];
    size_t count = 0;
    for (size_t i = 0; i < config_key_count; i++)
        if (strcmp(config_keys[i].section, section) == 0)
            names[count++] = config_keys[i].setting.key;
    char *lower = g_ascii_strdown(key, -1);
    const char *nearest = text_nearest(lower, names, count);
    g_free(lower);
    return nearest;
}

bool config_schema_is_protected(const char *section, const char *key)
{
    static const struct {
        const char *section;
        const char *key;
    } keys[] = {
        { "portal", "data" },
        { "portal", "brand" },
        { "modules", "directories" },
        { "secrets", "key_file" },
        { "database", "password_file" },
        { "database", "url" },
        { "secrets", "key_ring" },
        { "mail", "password_file" },
        { "mail", "ca_file" },
        { "fetch", "ca_file" },
        { "fetch", "hosts" },
        { "sign_in", "verifiers" },
        { "sign_in", "steps" },
    };
    if (g_str_has_prefix(section, "module ")) {
        return strcmp(key, "path") == 0 || g_str_has_suffix(key, "_file");
    }
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].key, key) == 0)
            return true;
    return false;
}
