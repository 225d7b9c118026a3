/* What the descriptor says of managing spaces. */
#ifndef COMMUNITIES_SPACES_FORMS_H
#define COMMUNITIES_SPACES_FORMS_H

#include "schemas.h"
#include "spaces.h"

#define SPACES_MAY_MANAGE "communities.manage"

/* clang-format off */
#define SPACES_FORMS                                                                               \
    { .name = "space", .submit = "Save changes" }

#define SPACES_FIELDS                                                                              \
    { .form = "space", .name = "title", .type = PORTICO_FIELD_TEXT,                                \
      .flags = PORTICO_FIELD_REQUIRED, .label = "Name",                                            \
      .help = "The subject in one to three words, such as “Integrations”.",                        \
      .minimum_length = 2, .maximum_length = SPACE_TITLE_MOST },                                   \
    { .form = "space", .name = "slug", .type = PORTICO_FIELD_TEXT, .label = "Address",             \
      .help = "What stands behind /communities/ for good, and is one space's only, of all there "  \
              "are. Empty: made from the name.",                                                   \
      .maximum_length = SPACE_SLUG_MOST },                                                         \
    { .form = "space", .name = "description", .type = PORTICO_FIELD_LONG, .label = "Description",  \
      .help = "What belongs here, in a sentence or two; it stands at the top of the space.",       \
      .maximum_length = SPACE_WORDS_MOST },                                                        \
    { .form = "space", .name = "kind", .type = PORTICO_FIELD_CHOICE,                               \
      .flags = PORTICO_FIELD_REQUIRED, .label = "Kind", .initial = "questions",                    \
      .choices = "questions=Questions: everybody who writes here asks\n"                           \
                 "announcements=Announcements: the team begins, others answer and comment" },      \
    { .form = "space", .name = "writers", .type = PORTICO_FIELD_CHOICE,                            \
      .flags = PORTICO_FIELD_REQUIRED, .label = "Who writes", .initial = "members",                \
      .choices = "members=Everybody who is signed in\nteam=Only the team" },                       \
    { .form = "space", .name = "sharing", .type = PORTICO_FIELD_SHARING,                           \
      .flags = PORTICO_FIELD_REQUIRED, .label = "Who reads", .initial = "everyone",                \
      .help = "Later you may change it: what is there follows, and is never shown to more "        \
              "people than you choose.",                                                           \
      .choices = "everyone signed-in below account role team staff" },                             \
    { .form = "space", .name = "own_topics", .type = PORTICO_FIELD_BOOLEAN,                        \
      .label = "Own questions only",                                                               \
      .help = "Each company sees only what its own people ask here, and whoever acts for no "      \
              "company asks elsewhere; of the team, whoever may “See what is all companies'” "     \
              "sees and answers it. What was asked before for no company is then for the team "    \
              "alone. For questions about contracts, bills and faults." },                         \
    { .form = "space", .name = "own_people", .type = PORTICO_FIELD_BOOLEAN,                        \
      .label = "Each person their own",                                                            \
      .help = "Each person sees only what they asked themselves, for the company they act for; "   \
              "not even their colleagues see it. For questions about people, pay and access. What " \
              "is asked while it is ticked stays so when you untick it, unless a moderator moves " \
              "it to another space." },                                                            \
    { .form = "space", .name = "closed", .type = PORTICO_FIELD_BOOLEAN, .label = "Closed",         \
      .help = "Nothing new is asked here; what is there is still read, answered and found." },     \
    { .form = "space", .name = "position", .type = PORTICO_FIELD_INTEGER,                          \
      .label = "Place in the list", .help = "1 is the first. Empty: it stays where it is.",        \
      .minimum = "1", .maximum = "200" }

#define SPACES_ROUTES                                                                              \
    { .method = "GET", .pattern = "/communities/spaces", .handler = page_spaces,                   \
      .permission = SPACES_MAY_MANAGE },                                                           \
    { .method = "GET", .pattern = "/communities/spaces/new", .handler = send_space,                \
      .permission = SPACES_MAY_MANAGE },                                                           \
    { .method = "POST", .pattern = "/communities/spaces/new", .handler = send_space,               \
      .permission = SPACES_MAY_MANAGE, .form = "space" },                                          \
    { .method = "GET", .pattern = "/communities/spaces/{id}/edit", .handler = send_space_change,   \
      .permission = SPACES_MAY_MANAGE },                                                           \
    { .method = "POST", .pattern = "/communities/spaces/{id}/edit", .handler = send_space_change,  \
      .permission = SPACES_MAY_MANAGE, .form = "space" },                                          \
    { .method = "POST", .pattern = "/communities/spaces/{id}/move", .handler = act_space_move,     \
      .permission = SPACES_MAY_MANAGE },                                                           \
    { .method = "POST", .pattern = "/api/communities/v1/spaces", .handler = send_space,            \
      .permission = SPACES_MAY_MANAGE, .summary = "Opens a space", .form = "space",                \
      .response_schema = SCHEMA_SPACE },                                                           \
    { .method = "PATCH", .pattern = "/api/communities/v1/spaces/{id}",                             \
      .handler = send_space_change, .permission = SPACES_MAY_MANAGE,                               \
      .summary = "Changes a space, its place among the others, or closes it", .form = "space",     \
      .response_schema = SCHEMA_SPACE }

#define SPACES_PERMISSIONS                                                                         \
    { .name = SPACES_MAY_MANAGE, .title = "Manage spaces",                                         \
      .description = "Open, describe, order and close the spaces of the community.",               \
      .roles = "admin", .flags = PORTICO_PERMISSION_OWNER }
/* clang-format on */

#endif
