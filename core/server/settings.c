#include "server/settings.h"

#include "base/error.h"
#include "base/log.h"

#include <errno.h>
#include <glib.h>
#include <sys/stat.h>

#define QUEUE_LENGTH 4096
#define START_TIME (60 * 1000000)
#define CACHE_BYTES (32 * 1024 * 1024)

static int log_level_of(const char *name)
{
    static const struct {
        const char *name;
        int level;
    } levels[] = {
        { "error", LOG_LEVEL_ERROR },
        { "warning", LOG_LEVEL_WARNING },
        { "info", LOG_LEVEL_INFO },
        { "debug", LOG_LEVEL_DEBUG },
    };
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (strcmp(levels[i].name, name) == 0)
            return levels[i].level;
    }
    return LOG_LEVEL_INFO;
}

static char *private_directory(const char *data, const char *name, struct portico_error *error)
{
    char *path = g_build_filename(data, name, NULL);
    if (g_mkdir_with_parents(path, 0700) == 0)
        return path;
    error_set(
        error, PORTICO_EIO,
        "Cannot make the directory %s: %s. Give the portal's user a data directory of its own.",
        path, g_strerror(errno));
    g_free(path);
    return NULL;
}

/* RFC 6454 section 6.2: scheme and host in lower case, the port only if it is not the usual one. */
static char *origin_of(const char *url)
{
    const char *host = strstr(url, "://");
    size_t length = host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : strlen(url);
    char *origin = g_ascii_strdown(url, (gssize)length);
    bool secure = g_str_has_prefix(origin, "https:");
    if (g_str_has_suffix(origin, secure ? ":443" : ":80"))
        *strrchr(origin, ':') = '\0';
    return origin;
}

int server_settings_read(const struct config *config, struct server_settings *ret_settings,
                         struct portico_error *error)
{
    const char *data = config_data_directory(config);
    struct server_settings settings = {
        .workers = (unsigned)config_integer(config, "server", "workers"),
        .jobs = (unsigned)config_integer(config, "server", "jobs"),
        .events_keep = config_integer(config, "server", "events_keep"),
        .audit_keep = config_integer(config, "server", "audit_keep"),
        .threads = (unsigned)config_integer(config, "server", "handler_threads"),
        .queue_length = QUEUE_LENGTH,
        .queue_time = config_integer(config, "server", "queue_time"),
        .run_time = config_integer(config, "server", "handler_time"),
        .drain_time = config_integer(config, "server", "drain_time"),
        .start_time = START_TIME,
        .cache_bytes = CACHE_BYTES,
        .access_log = config_boolean(config, "log", "access"),
        .development = config_boolean(config, "portal", "development"),
        .log_level = log_level_of(config_text(config, "log", "level")),
        .listen = config_words(config, "http", "listen"),
        .canonical_url = config_url(config),
        .name = config_text(config, "portal", "name"),
        .data = data,
        .limits = { .head_bytes = (size_t)config_integer(config, "http", "head_size"),
                    .body_bytes = (size_t)config_integer(config, "http", "body_size"),
                    .upload_bytes = (size_t)config_integer(config, "http", "upload_size"),
                    .connections = (unsigned)config_integer(config, "http", "connections"),
                    .connections_peer =
                        (unsigned)config_integer(config, "http", "connections_per_address"),
                    .head_time = config_integer(config, "http", "head_time"),
                    .body_time = config_integer(config, "http", "body_time"),
                    .idle_time = config_integer(config, "http", "idle_time"),
                    .write_time = config_integer(config, "http", "write_time") },
        .proxies = config_text(config, "http", "trusted_proxies"),
        .run = private_directory(data, "run", error),
        .locks = private_directory(data, "locks", error),
        .copies = private_directory(data, "modules", error),
    };
    if (!settings.run || !settings.locks || !settings.copies) {
        server_settings_free(&settings);
        return PORTICO_EIO;
    }
    settings.secure = strncmp(settings.canonical_url, "https://", 8) == 0;
    if (config_origin(config, "portal", "url").file)
        settings.origin = origin_of(settings.canonical_url);
    settings.store =
        (struct store_options){ .url = config_database_url(config),
                                .password = config_text(config, "database", "password"),
                                .directory = settings.locks,
                                .connections =
                                    (unsigned)config_integer(config, "database", "connections") };
    *ret_settings = settings;
    return 0;
}

void server_settings_free(struct server_settings *settings)
{
    g_free(settings->run);
    g_free(settings->locks);
    g_free(settings->copies);
    g_free(settings->origin);
    settings->run = settings->locks = settings->copies = settings->origin = NULL;
}
