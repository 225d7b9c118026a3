/* The descriptor: pages, feeds and API of the communities, settings, navigation, search, importers.
 */
#include "communities.h"

#define COMMUNITIES_DESCRIPTOR
#include "events.h"
#include "forms.h"
#include "import.h"
#include "reach.h"
#include "schemas.h"

#include <stdio.h>

#define LIST_SECONDS 15
#define TOPIC_SECONDS 30
#define FEED_SECONDS 30

/* Reading is open to all; what a viewer sees is a matter of each row's audience. */
#define PAGE(path, function, seconds)                                                              \
    {                                                                                              \
        .method = "GET", .pattern = "/communities" path, .handler = function,                      \
        .permission = PORTICO_PUBLIC, .cache_seconds = seconds                                     \
    }
/* Lists over which somebody of several companies may look at once. */
#define LIST_PAGE(path, function, seconds)                                                         \
    {                                                                                              \
        .method = "GET", .pattern = "/communities" path, .handler = function,                      \
        .permission = PORTICO_PUBLIC, .cache_seconds = seconds,                                    \
        .flags = PORTICO_ROUTE_ALL_ACCOUNTS                                                        \
    }
#define FEED_OF(path, function)                                                                    \
    {                                                                                              \
        .method = "GET", .pattern = "/communities" path, .handler = function,                      \
        .permission = PORTICO_PUBLIC, .cache_seconds = FEED_SECONDS, .flags = PORTICO_ROUTE_HIDDEN \
    }
#define FEED(path, function)                                                                       \
    FEED_OF(path "/feed.atom", function), FEED_OF(path "/feed.rss", function)
#define API_WITH(path, function, words, schema, own)                                               \
    {                                                                                              \
        .method = "GET", .pattern = "/api/communities/v1" path, .handler = function,               \
        .permission = PORTICO_PUBLIC, .summary = words, .response_schema = schema,                 \
        .cache_seconds = LIST_SECONDS, .flags = own                                                \
    }
#define API(path, function, words, schema) API_WITH(path, function, words, schema, 0)
#define API_LIST(path, function, words, schema)                                                    \
    API_WITH(path, function, words, schema, PORTICO_ROUTE_ALL_ACCOUNTS)

/* Writing: pages and API take the same forms. */
#define MEMBERS_PAGE(verb, path, function, taken)                                                  \
    {                                                                                              \
        .method = verb, .pattern = "/communities" path, .handler = function,                       \
        .permission = "communities.write", .form = taken                                           \
    }
#define MEMBERS_LIST_PAGE(path, function)                                                          \
    {                                                                                              \
        .method = "GET", .pattern = "/communities" path, .handler = function,                      \
        .permission = "communities.write", .flags = PORTICO_ROUTE_ALL_ACCOUNTS                     \
    }
#define MEMBERS_API(verb, path, function, taken, words, schema)                                    \
    {                                                                                              \
        .method = verb, .pattern = "/api/communities/v1" path, .handler = function,                \
        .permission = "communities.write", .form = taken, .summary = words,                        \
        .response_schema = schema                                                                  \
    }

static const struct portico_route routes[] = {
    LIST_PAGE("", page_home, LIST_SECONDS),
    MEMBERS_PAGE("GET", "/ask", send_question, NULL),
    MEMBERS_PAGE("POST", "/ask", send_question, "ask"),
    MEMBERS_PAGE("POST", "/topics/{id}", send_answer, "answer"),
    PAGE("/posts/{id}", page_post, TOPIC_SECONDS),
    PAGE("/posts/{id}/history", page_history, 0),
    MEMBERS_PAGE("GET", "/posts/{id}/comments", send_comment, NULL),
    MEMBERS_PAGE("POST", "/posts/{id}/comments", send_comment, "comment"),
    MEMBERS_PAGE("GET", "/posts/{id}/edit", send_edit, NULL),
    MEMBERS_PAGE("POST", "/posts/{id}/edit", send_edit, "edit"),
    PAGE("/comments/{id}/history", page_comment_history, 0),
    MEMBERS_PAGE("GET", "/comments/{id}/edit", send_comment_edit, NULL),
    MEMBERS_PAGE("POST", "/comments/{id}/edit", send_comment_edit, "edit_comment"),
    MEMBERS_LIST_PAGE("/waiting", page_waiting),
    MEMBERS_LIST_PAGE("/mine", page_mine),
    LIST_PAGE("/people/{handle}", page_person, LIST_SECONDS),
    MEMBERS_API("POST", "/topics", send_question, "ask",
                "Asks a question; where each person sees their own, the first is there for its "
                "author within a second",
                SCHEMA_ASKED),
    MEMBERS_API("POST", "/topics/{id}/answers", send_answer, "answer", "Answers a question",
                SCHEMA_ASKED),
    MEMBERS_API("POST", "/posts/{id}/comments", send_comment, "comment",
                "Comments on a question or answer", SCHEMA_ASKED),
    MEMBERS_API("PATCH", "/posts/{id}", send_edit, "edit",
                "Edits a question or answer, made from the version in If-Match", SCHEMA_EDITED),
    MEMBERS_API("PATCH", "/comments/{id}", send_comment_edit, "edit_comment",
                "Edits a comment, made from the version in If-Match", SCHEMA_EDITED),
    API("/comments/{id}", api_comment, "One comment", SCHEMA_ONE_COMMENT),
    API("/posts/{id}/revisions", api_revisions, "What a question or answer said, the newest first",
        SCHEMA_LIST(SCHEMA_REVISION)),
    API("/comments/{id}/revisions", api_comment_revisions, "What a comment said, the newest first",
        SCHEMA_LIST(SCHEMA_REVISION)),
    API("/similar", api_similar, "Questions like one with the title in q", SCHEMA_LIST(SCHEMA_HIT)),
    LIST_PAGE("/search", page_search, 0),
    LIST_PAGE("/tags", page_tags, LIST_SECONDS),
    LIST_PAGE("/tags/{tag}", page_tag, LIST_SECONDS),
    { .method = "GET",
      .pattern = "/communities/tags/{tag}/edit",
      .handler = send_tag,
      .permission = ACTS_MAY_MODERATE },
    { .method = "POST",
      .pattern = "/communities/tags/{tag}/edit",
      .handler = send_tag,
      .permission = ACTS_MAY_MODERATE,
      .form = "tag" },
    { .method = "PATCH",
      .pattern = "/api/communities/v1/tags/{tag}",
      .handler = send_tag,
      .permission = ACTS_MAY_MODERATE,
      .summary = "Says what a tag is about",
      .response_schema = SCHEMA_TAG,
      .form = "tag" },
    PAGE("/topics/{id}", page_topic, TOPIC_SECONDS),
    PAGE("/topics/{id}/{slug}", page_topic, TOPIC_SECONDS),
    LIST_PAGE("/{space}", page_space, LIST_SECONDS),
    ACTS_ROUTES,
    SPACES_ROUTES,
    FEED("", feed_all),
    FEED("/{space}", feed_space),
    FEED("/tags/{tag}", feed_tag),
    { .method = "GET",
      .pattern = "/communities/sitemap.xml",
      .handler = sitemap,
      .permission = PORTICO_PUBLIC,
      .cache_seconds = FEED_SECONDS,
      .flags = PORTICO_ROUTE_HIDDEN | PORTICO_ROUTE_SITEMAP },
    FEED_OF("/sitemap/{from}", sitemap_part),
    API_LIST("/spaces", api_spaces, "Spaces, in their order", SCHEMA_LIST(SCHEMA_SPACE)),
    API("/spaces/{id}", api_space, "One space", SCHEMA_SPACE),
    API_LIST("/topics", api_topics, "Questions of a space, of a tag or of all, sorted, by cursor",
             SCHEMA_LIST(SCHEMA_TOPIC_ITEM)),
    API("/topics/{id}", api_topic, "One question with its answers and comments", SCHEMA_TOPIC),
    API("/posts/{id}", api_post, "One question or answer with its votes", SCHEMA_POST),
    API_LIST("/tags", api_tags, "Tags, the most used first", SCHEMA_LIST(SCHEMA_TAG)),
    API_LIST("/search", api_search, "Questions that hold the words given", SCHEMA_LIST(SCHEMA_HIT)),
};

int page_is_named(const char *name)
{
    static const char below[] = "/communities/";
    const size_t length = strlen(name);
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        const char *pattern = routes[i].pattern;
        if (strncmp(pattern, below, sizeof below - 1) != 0)
            continue;
        pattern += sizeof below - 1;
        if (strcspn(pattern, "/") == length && strncmp(pattern, name, length) == 0)
            return 1;
    }
    return 0;
}

static const struct portico_permission permissions[] = {
    { .name = "communities.read",
      .title = "Read the community",
      .description = "See spaces, questions and answers that are not open to everyone.",
      .roles = "everyone" },
    { .name = "communities.write",
      .title = "Ask and answer",
      .description = "Ask questions, answer, comment, and edit what one wrote.",
      .roles = "member" },
    { .name = "communities.edit_others",
      .title = "Edit what others wrote",
      .description = "Mend titles, tags and texts; what they said before stays in the history.",
      .roles = "moderator" },
    ACTS_PERMISSIONS,
    SPACES_PERMISSIONS,
};

static const struct portico_setting settings[] = {
    { .key = "title",
      .type = PORTICO_SETTING_TEXT,
      .initial = "",
      .title = "Title",
      .help = "What the community is called; empty: Community." },
    { .key = "page_size",
      .type = PORTICO_SETTING_INTEGER,
      .initial = "20",
      .title = "Questions a page",
      .help = "How many questions a list shows at once.",
      .minimum = "5",
      .maximum = "100" },
    { .key = "feed_items",
      .type = PORTICO_SETTING_INTEGER,
      .initial = "30",
      .title = "Questions a feed",
      .help = "How many questions a feed holds.",
      .minimum = "5",
      .maximum = "100" },
    { .key = "import_space",
      .type = PORTICO_SETTING_TEXT,
      .initial = "",
      .title = "Space of imports",
      .help = "Where a Stack Exchange import goes; empty: a space named like its directory." },
    { .key = "import_site",
      .type = PORTICO_SETTING_TEXT,
      .initial = "",
      .title = "Site of imports",
      .help = "Address imported posts link back to, such as https://coffee.stackexchange.com; "
              "empty: taken from the directory if it is named like a site." },
    ACTS_SETTINGS,
};

static const struct portico_navigation navigation[] = {
    { .path = "/communities",
      .title = "Community",
      .icon = "message-square",
      .group = "Together",
      .permission = PORTICO_PUBLIC,
      .tab = 1 },
    { .path = "/communities/moderation",
      .title = "Moderation",
      .icon = "shield",
      .group = "Manage",
      .permission = ACTS_MAY_MODERATE },
    { .path = "/communities/spaces",
      .title = "Spaces",
      .icon = "layers",
      .group = "Manage",
      .permission = SPACES_MAY_MANAGE },
};

static const struct portico_job_type jobs[] = {
    { .name = REACH_JOB,
      .title = "Show the topics of a space to whom it is for now",
      .concurrency = 1,
      .run = reach_run },
};

static const struct portico_event_handler event_handlers[] = {
    { .name = "follow-names",
      .types = "portal.portico.person.renamed portal.portico.person.changed",
      .handle = author_follow },
};

static const struct portico_search_kind search_kinds[] = {
    { .kind = "topic", .title = "Questions", .icon = "message-square" },
};

static const struct portico_importer importers[] = {
    { "stackexchange",
      "A Stack Exchange dump: Posts.xml and, if there, Users, Comments, Votes, Tags",
      import_stackexchange },
    { "demo", "Communities of our own writing, one XML file a space", import_demo },
};

/* Degraded while an import is not finished: lists and counts may lack what it still brings. */
static int check_data(struct portico_context *context, char *ret_message, size_t size)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    int code = portico_query_one(portico_db(context),
                                 "SELECT source, format\n"
                                 "FROM communities_import\n"
                                 "WHERE finished IS NULL\n"
                                 "ORDER BY number\n"
                                 "LIMIT 1",
                                 PORTICO_NO_ARGS, &row, &error);
    if (code == PORTICO_ENOENT)
        return PORTICO_HEALTHY;
    if (code < 0) {
        snprintf(ret_message, size, "The communities cannot be read: %s", error.message);
        return PORTICO_FAILED;
    }
    snprintf(ret_message, size,
             "The import of %s is not finished. If none is running, run portico import communities "
             "--format %s again; it goes on where it stopped.",
             portico_get_text(row, "source", ""), portico_get_text(row, "format", ""));
    return PORTICO_DEGRADED;
}

static const struct portico_health_check health_checks[] = {
    { .name = "data", .check = check_data },
};

/*
 * What somebody wrote stays, for those who asked and answered with them, but nobody's name stands
 * over it: the name in each row goes and the link to the author's row with it. Rows of an author
 * come before the author, through whom they are found. Names that came with an import belong to
 * people of other sites, without an account here; their rows have no person until somebody links
 * one, and leave with the import that brought them.
 */
#define OF_AUTHOR "author IN (SELECT a.id FROM communities_author a WHERE a.person = ?)"
static const struct portico_personal_table personal_data[] = {
    { .table = "communities_comment",
      .title = "Comments",
      .erase = PORTICO_ERASE_COLUMNS,
      .match = OF_AUTHOR,
      .columns = "id topic post author_name score created licence body",
      .cleared = "author author_name" },
    { .table = "communities_post",
      .title = "Questions and answers",
      .erase = PORTICO_ERASE_COLUMNS,
      .match = OF_AUTHOR,
      .columns = "id topic author_name accepted score created edited licence source_url body",
      .cleared = "author author_name source_id source_url" },
    { .table = "communities_topic",
      .title = "Topics",
      .erase = PORTICO_ERASE_COLUMNS,
      .match = OF_AUTHOR,
      .columns =
          "id space author_name title tags state score views created last_activity source_url",
      .cleared = "author author_name source_id source_url" },
    { .table = "communities_revision",
      .title = "Earlier texts of questions, answers and comments",
      .erase = PORTICO_ERASE_COLUMNS,
      .match = OF_AUTHOR,
      .columns = "post number title tags source note created",
      .cleared = "author" },
    { .table = "communities_ballot",
      .title = "Votes",
      .erase = PORTICO_ERASE_ROWS,
      .match = OF_AUTHOR,
      .columns = "target value created" },
    { .table = "communities_flag",
      .title = "What you reported",
      .erase = PORTICO_ERASE_ROWS,
      .match = OF_AUTHOR,
      .columns = "target reason note state created closed" },
    { .table = "communities_action",
      .title = "What you did as a moderator",
      .erase = PORTICO_ERASE_KEEP,
      .match = OF_AUTHOR,
      .columns = "name topic target before after reason created",
      .reason = /* translated */
      "Who moderated what stays answerable; without the author's row no name stands there." },
    { .table = "communities_author",
      .title = "Your name in the community",
      .erase = PORTICO_ERASE_ROWS,
      .people = "", /* author_merge puts two of them together */
      .person = "person",
      .columns = "id name company url" },
    { .table = "communities_import", .reason = "Which files were imported, and how far." },
    { .table = "communities_import_skip", .reason = "How many rows an import left out, and why." },
    { .table = "communities_own",
      .reason = "Numbers of audiences, also of one person alone: whose they are stands with the "
                "portal." },
    { .table = "communities_space", .reason = "Headings that topics stand under." },
    { .table = "communities_vote", .reason = "Sums of votes; who voted is not kept." },
    { .table = "communities_tag", .reason = "Words that topics are sorted by." },
    { .table = "communities_tag_count", .reason = "How many topics have which tag." },
    { .table = "communities_topic_tag", .reason = "Which topic has which tag." },
};

static const struct portico_personal_hook personal_hooks[] = {
    { .name = "authors", .merge_people = author_merge },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Community",
    .description = "Spaces with questions, answers and comments",
    .concurrency = PORTICO_REENTRANT,
    .routes = PORTICO_LIST(routes),
    .permissions = PORTICO_LIST(permissions),
    .settings = PORTICO_LIST(settings),
    .navigation = PORTICO_LIST(navigation),
    .health_checks = PORTICO_LIST(health_checks),
    .search_kinds = PORTICO_LIST(search_kinds),
    .importers = PORTICO_LIST(importers),
    .personal_data = PORTICO_LIST(personal_data),
    .personal_hooks = PORTICO_LIST(personal_hooks),
    .forms = PORTICO_LIST(forms),
    .form_fields = PORTICO_LIST(form_fields),
    .event_types = PORTICO_LIST(event_types),
    .event_handlers = PORTICO_LIST(event_handlers),
    .jobs = PORTICO_LIST(jobs),
    .notices = PORTICO_LIST(notices),
    .scenarios = PORTICO_LIST(scenarios),
    .scenario_steps = PORTICO_LIST(scenario_steps),
};

PORTICO_EXPORT_MODULE(module)
