#include "module/interface.h"

#include <string.h>

/* Both are given without being asked for; a module names them to say which minor it cannot do
 * without. */
static void *open_context(struct scope *scope)
{
    return scope;
}

static void *open_request(struct scope *scope)
{
    (void)scope;
    return NULL;
}

/* Forms are of one request, and files answer one: both stay in the process. */
static const struct interface interfaces[] = {
    { PORTICO_CONTEXT_INTERFACE, 1, 1, false, open_context },
    { PORTICO_REQUEST_INTERFACE, 1, 1, false, open_request },
    { PORTICO_CONTENT, 1, 0, true, interface_content_open },
    { PORTICO_DB, 1, 1, true, interface_db_open },
    { PORTICO_EVENTS, 1, 0, true, interface_event_open },
    { PORTICO_JOBS, 1, 0, true, interface_job_open },
    { PORTICO_SEARCH, 1, 0, true, interface_search_open },
    { PORTICO_MAIL, 1, 0, true, interface_mail_open },
    { PORTICO_SECRETS, 1, 0, true, interface_secret_open },
    { PORTICO_FETCH, 1, 0, true, interface_fetch_open },
    { PORTICO_FILES, 1, 1, false, interface_file_open },
    { PORTICO_PEOPLE, 1, 1, true, interface_people_open },
    { PORTICO_NOTICES, 1, 1, true, interface_notice_open },
    { PORTICO_LIMITS, 1, 0, true, interface_limit_open },
    { PORTICO_FORMS, 1, 1, false, interface_form_open },
    { PORTICO_ACCOUNTS, 1, 1, true, interface_account_open },
    { PORTICO_AUDIENCES, 1, 1, true, interface_audience_open },
    { PORTICO_SESSION, 1, 0, true, interface_session_open },
};

const void *(*interface_substitute)(const void *table);

const struct interface *interface_at(unsigned index)
{
    return index < sizeof interfaces / sizeof *interfaces ? &interfaces[index] : NULL;
}

const struct interface *interface_find(const char *name)
{
    for (unsigned i = 0; i < sizeof interfaces / sizeof *interfaces; i++)
        if (strcmp(interfaces[i].name, name) == 0)
            return &interfaces[i];
    return NULL;
}
