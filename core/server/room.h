/* What a worker holds besides its loop: config, database, pages, modules, files, from one config
 * file. */
#ifndef SERVER_ROOM_H
#define SERVER_ROOM_H

#include "http/files.h"
#include "module/registry.h"
#include "server/settings.h"

struct room {
    struct config *config;
    struct server_settings settings;
    struct store *store;
    struct identity *identity;
    struct page_set *pages;
    struct registry *registry;
    struct http_files *files;
    struct arena *arena; /* of the portal's frame */
    struct module_host host;
    bool started;
};

/* Opens everything (static files only with `files`) and starts the modules. All config problems are
 * in `report`, a line each. */
int room_open(struct room *room, const char *config, bool files, struct buffer *report,
              struct portico_error *error);
/* Stops the modules and frees; accepts a half-open room. */
void room_close(struct room *room);

#endif
