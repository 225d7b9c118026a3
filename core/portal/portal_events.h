/* What the portal tells modules of people, companies and settings. For portal.c alone, whose
 * descriptor names it. */
#ifndef PORTAL_PORTAL_EVENTS_H
#define PORTAL_PORTAL_EVENTS_H

#include <portico/portico.h>

#define ABOUT_PERSON                                                                               \
    "{\"type\":\"object\",\"required\":[\"person\"],\"properties\":{\"person\":{\"type\":"         \
    "\"string\"},\"change\":{\"type\":\"string\"}}}"

#define ABOUT_MERGED                                                                               \
    "{\"type\":\"object\",\"required\":[\"person\",\"merged\"],\"properties\":{\"person\":{"       \
    "\"type\":\"string\"},\"merged\":{\"type\":\"string\"}}}"

#define ABOUT_SETTINGS                                                                             \
    "{\"type\":\"object\",\"required\":[\"settings\"],\"properties\":{\"settings\":{\"type\":"     \
    "\"array\",\"items\":{\"type\":\"string\"}}}}"

#define ABOUT_ACCOUNT                                                                              \
    "{\"type\":\"object\",\"required\":[\"account\"],\"properties\":{\"account\":{\"type\":"       \
    "\"string\"},\"change\":{\"type\":\"string\"}}}"

#define ABOUT_MEMBERSHIP                                                                           \
    "{\"type\":\"object\",\"required\":[\"account\",\"person\"],\"properties\":{\"account\":{"     \
    "\"type\":\"string\"},\"person\":{\"type\":\"string\"},\"change\":{\"type\":\"string\"}}}"

#define ABOUT_ROLE                                                                                 \
    "{\"type\":\"object\",\"required\":[\"role\",\"change\"],\"properties\":{\"role\":{\"type\":"  \
    "\"string\"},\"change\":{\"type\":\"string\"}}}"

static const struct portico_event_type event_types[] = {
    { .type = "portal.portico.account.added",
      .title = "A company was made",
      .data_schema = ABOUT_ACCOUNT },
    { .type = "portal.portico.account.changed",
      .title = "A company has another name, place, kind or state",
      .data_schema = ABOUT_ACCOUNT },
    { .type = "portal.portico.membership.added",
      .title = "Somebody belongs to a company",
      .data_schema = ABOUT_MEMBERSHIP },
    { .type = "portal.portico.membership.applied",
      .title = "Somebody asks to join a company",
      .data_schema = ABOUT_MEMBERSHIP },
    { .type = "portal.portico.membership.declined",
      .title = "A company takes somebody who asked not in",
      .data_schema = ABOUT_MEMBERSHIP },
    { .type = "portal.portico.membership.changed",
      .title = "What somebody is in a company changed",
      .data_schema = ABOUT_MEMBERSHIP },
    { .type = "portal.portico.membership.removed",
      .title = "Somebody belongs to a company no more",
      .data_schema = ABOUT_MEMBERSHIP },
    { .type = "portal.portico.role.changed",
      .title = "A role was added, removed, described, or may something else",
      .data_schema = ABOUT_ROLE },
    { .type = "portal.portico.settings.changed",
      .title = "An admin changed settings",
      .data_schema = ABOUT_SETTINGS },
    { .type = "portal.portico.settings.undone",
      .title = "An admin undid the last change of settings",
      .data_schema = ABOUT_SETTINGS },
    { .type = "portal.portico.session.began",
      .title = "Somebody signs in",
      .description = "A handler in the transaction lets them in or refuses.",
      .data_schema = ABOUT_PERSON },
    { .type = "portal.portico.session.ended",
      .title = "Somebody signed out, or their sessions were ended",
      .data_schema = ABOUT_PERSON },
    { .type = "portal.portico.person.merged",
      .title = "Two people became one",
      .description = "\"person\" remains; \"merged\" is the id of the other. Rows follow in a job.",
      .data_schema = ABOUT_MERGED },
    { .type = "portal.portico.person.invited",
      .title = "Somebody was invited",
      .data_schema = ABOUT_PERSON },
    { .type = "portal.portico.person.changed",
      .title = "An admin changed somebody's roles or sign-in",
      .data_schema = ABOUT_PERSON },
    { .type = "portal.portico.person.renamed",
      .title = "Somebody changed their name or handle",
      .data_schema = ABOUT_PERSON },
    { .type = "portal.portico.person.disabled",
      .title = "Somebody's sign-in was switched off",
      .data_schema = ABOUT_PERSON },
    { .type = "portal.portico.person.enabled",
      .title = "Somebody's sign-in was switched on again",
      .data_schema = ABOUT_PERSON },
    { .type = "portal.portico.person.exported",
      .title = "What is held of a person was handed out",
      .data_schema = ABOUT_PERSON },
    { .type = "portal.portico.person.erased",
      .title = "Somebody asked for a person to be erased",
      .data_schema = ABOUT_PERSON },
};

#endif
