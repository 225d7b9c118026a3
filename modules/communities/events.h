/* What this module tells: events with their schemas, kinds of notices, scenarios; lines of the
 * descriptor. All events about a question have its subject, "topic/ID". Those that change what is
 * shown outdate what is kept for guests, except what only adds to it, and votes, of which there are
 * many: these are as old as the routes allow. */
#ifndef COMMUNITIES_EVENTS_H
#define COMMUNITIES_EVENTS_H

#include <portico/portico.h>

#define EVENT_CREATED "portal.communities.topic.created"
#define EVENT_TOPIC_HELD "portal.communities.topic.held"
#define EVENT_TOPIC_APPROVED "portal.communities.topic.approved"
#define EVENT_ANSWERED "portal.communities.topic.answered"
#define EVENT_SOLVED "portal.communities.topic.solved"
#define EVENT_UNSOLVED "portal.communities.topic.unsolved"
#define EVENT_CLOSED "portal.communities.topic.closed"
#define EVENT_REOPENED "portal.communities.topic.reopened"
#define EVENT_MOVED "portal.communities.topic.moved"
#define EVENT_MERGED "portal.communities.topic.merged"
#define EVENT_REMOVED "portal.communities.topic.removed"
#define EVENT_RESTORED "portal.communities.topic.restored"
#define EVENT_READ "portal.communities.topic.read"
#define EVENT_FOUND "portal.communities.answer.found"
#define EVENT_SEARCHED "portal.communities.search.performed"
#define EVENT_EDITED "portal.communities.post.edited"
#define EVENT_VOTED "portal.communities.post.voted"
#define EVENT_FLAGGED "portal.communities.post.flagged"
#define EVENT_HELD "portal.communities.post.held"
#define EVENT_APPROVED "portal.communities.post.approved"
#define EVENT_POST_REMOVED "portal.communities.post.removed"
#define EVENT_POST_RESTORED "portal.communities.post.restored"
#define EVENT_SPACE_CREATED "portal.communities.space.created"
#define EVENT_SPACE_CHANGED "portal.communities.space.changed"
#define EVENT_COMMENTED "portal.communities.comment.created"

/* Notices to moderators: one until they look at the queue. */
#define QUEUE_SUBJECT "queue"
/* Subjects of a topic: what happens in it, and what moderators do to its writers. */
const char *topic_subject(struct portico_context *context, portico_id topic);
const char *moderation_subject(struct portico_context *context, portico_id topic);

#ifdef COMMUNITIES_DESCRIPTOR
/* clang-format off */
#define EVENT_ID "{\"type\":\"string\"}"
#define EVENT_PLACE                                                                                \
    "\"topic\":" EVENT_ID ",\"space\":" EVENT_ID ",\"post\":" EVENT_ID ",\"comment\":" EVENT_ID       \
    ",\"kind\":{\"type\":\"string\",\"enum\":[\"question\",\"answer\",\"comment\"]}"
#define EVENT_SCHEMA(required, more)                                                               \
    "{\"type\":\"object\",\"required\":[" required "],\"properties\":{" EVENT_PLACE more "}}"
#define EVENT_SPACE                                                                                \
    "{\"type\":\"object\",\"required\":[\"space\"],\"properties\":{\"space\":" EVENT_ID "}}"
#define EVENT_DATA EVENT_SCHEMA("\"topic\",\"kind\"", "")

static const struct portico_event_type event_types[] = {
    { .type = EVENT_CREATED, .title = "Question asked",
      .description = "A question is shown to those of its space.",
      .data_schema = EVENT_DATA },
    { .type = EVENT_TOPIC_HELD, .title = "Question held",
      .description = "A new question waits for a moderator.",
      .data_schema = EVENT_DATA,
      .flags = PORTICO_EVENT_OUTDATES },
    { .type = EVENT_TOPIC_APPROVED, .title = "Question approved",
      .description = "A moderator lets a held question be shown; it is also told as asked.",
      .data_schema = EVENT_DATA },
    { .type = EVENT_ANSWERED, .title = "Question answered",
      .description = "An answer is shown under a question.",
      .data_schema = EVENT_DATA, .flags = PORTICO_EVENT_LIVE },
    { .type = EVENT_SOLVED, .title = "Question solved",
      .description = "An answer was accepted.",
      .data_schema = EVENT_DATA,
      .flags = PORTICO_EVENT_OUTDATES },
    { .type = EVENT_UNSOLVED, .title = "Acceptance taken back",
      .description = "No answer is accepted any more.",
      .data_schema = EVENT_DATA,
      .flags = PORTICO_EVENT_OUTDATES },
    { .type = EVENT_CLOSED, .title = "Question closed",
      .description = "Nothing is added to it any more.",
      .data_schema = EVENT_DATA,
      .flags = PORTICO_EVENT_OUTDATES },
    { .type = EVENT_REOPENED, .title = "Question opened again",
      .description = "Answers and comments are taken again.",
      .data_schema = EVENT_DATA,
      .flags = PORTICO_EVENT_OUTDATES },
    { .type = EVENT_MOVED, .title = "Question moved",
      .description = "It stands in another space now.",
      .data_schema = EVENT_DATA,
      .flags = PORTICO_EVENT_OUTDATES },
    { .type = EVENT_MERGED, .title = "Question merged",
      .description = "Its answers stand under another question now: into.",
      .data_schema = EVENT_SCHEMA("\"topic\",\"into\"", ",\"into\":" EVENT_ID),
      .flags = PORTICO_EVENT_OUTDATES },
    { .type = EVENT_REMOVED, .title = "Question removed",
      .description = "Nobody but its author and moderators see it.",
      .data_schema = EVENT_DATA,
      .flags = PORTICO_EVENT_OUTDATES },
    { .type = EVENT_RESTORED, .title = "Question restored",
      .description = "It is shown again.",
      .data_schema = EVENT_DATA,
      .flags = PORTICO_EVENT_OUTDATES },
    { .type = EVENT_READ, .title = "Question read",
      .description = "Somebody signed in opened a question of others.",
      .data_schema = EVENT_DATA },
    { .type = EVENT_FOUND, .title = "Answer found",
      .description = "Somebody signed in read a solved question of others.",
      .data_schema = EVENT_DATA },
    { .type = EVENT_SEARCHED, .title = "Searched",
      .description = "Somebody signed in searched the community.",
      .data_schema = "{\"type\":\"object\",\"properties\":{\"hits\":{\"type\":\"integer\"}}}" },
    { .type = EVENT_EDITED, .title = "Text edited",
      .description = "A question, an answer or a comment says something else.",
      .data_schema = EVENT_DATA,
      .flags = PORTICO_EVENT_OUTDATES },
    { .type = EVENT_VOTED, .title = "Vote given",
      .description = "Somebody voted, or took a vote back.",
      .data_schema = EVENT_SCHEMA("\"topic\",\"value\",\"score\"",
                                  ",\"value\":{\"type\":\"integer\",\"minimum\":-1,\"maximum\":1}"
                                  ",\"score\":{\"type\":\"integer\"}") },
    { .type = EVENT_FLAGGED, .title = "Reported",
      .description = "Somebody reported a question, an answer or a comment.",
      .data_schema = EVENT_SCHEMA("\"topic\",\"reason\"", ",\"reason\":{\"type\":\"string\"}") },
    { .type = EVENT_HELD, .title = "Answer or comment held",
      .description = "It waits for a moderator.",
      .data_schema = EVENT_DATA,
      .flags = PORTICO_EVENT_OUTDATES },
    { .type = EVENT_APPROVED, .title = "Answer or comment approved",
      .description = "A moderator lets it be shown; it is also told as written.",
      .data_schema = EVENT_DATA },
    { .type = EVENT_POST_REMOVED, .title = "Answer or comment removed",
      .description = "Nobody but its author and moderators see it.",
      .data_schema = EVENT_DATA,
      .flags = PORTICO_EVENT_OUTDATES },
    { .type = EVENT_POST_RESTORED, .title = "Answer or comment restored",
      .description = "It is shown again.",
      .data_schema = EVENT_DATA,
      .flags = PORTICO_EVENT_OUTDATES },
    { .type = EVENT_SPACE_CREATED, .title = "Space opened",
      .description = "There is a new space.", .data_schema = EVENT_SPACE },
    { .type = EVENT_SPACE_CHANGED, .title = "Space changed",
      .description = "Its name, its description, its rules or its place changed, or it was closed.",
      .data_schema = EVENT_SPACE,
      .flags = PORTICO_EVENT_OUTDATES },
    { .type = EVENT_COMMENTED, .title = "Comment written",
      .description = "A comment is shown under a question or answer.",
      .data_schema = EVENT_DATA, .flags = PORTICO_EVENT_LIVE },
};

static const struct portico_notice_kind notices[] = {
    { .name = "answers", .title = "Answers to questions I follow",
      .description = "You follow what you ask and what you answer, until you say otherwise.",
      .mail = 1 },
    { .name = "comments", .title = "Comments on what I wrote", .mail = 1 },
    { .name = "mentions", .title = "Somebody mentions me", .mail = 1 },
    { .name = "accepted", .title = "My answer was accepted", .mail = 1 },
    { .name = "moderation", .title = "What moderators do with what I wrote",
      .description = "Shown, removed, restored, closed, moved or merged, and why.", .mail = 1 },
    { .name = "reports", .title = "Reports and what waits for a moderator",
      .description = "For moderators." },
};

static const struct portico_scenario scenarios[] = {
    { .id = "find-an-answer", .title = "Find an answer",
      .description = "From a search or an opened question to one that is solved.",
      .starts = EVENT_SEARCHED " " EVENT_READ, .finishes = EVENT_FOUND, .abandon_hours = 24 },
    { .id = "get-an-answer", .title = "Get a question answered",
      .description = "From asking to an answer that the asker, or a moderator, accepted.",
      .starts = EVENT_CREATED " " EVENT_TOPIC_HELD, .finishes = EVENT_SOLVED,
      .correlate = "subject", .abandon_hours = 24 * 30 },
};
static const struct portico_scenario_step scenario_steps[] = {
    { .scenario = "find-an-answer", .id = "searched", .title = "Searched",
      .passes = EVENT_SEARCHED },
    { .scenario = "find-an-answer", .id = "opened", .title = "Opened a question",
      .passes = EVENT_READ },
    { .scenario = "get-an-answer", .id = "shown", .title = "The question is shown",
      .passes = EVENT_CREATED },
    { .scenario = "get-an-answer", .id = "answered", .title = "Somebody answered",
      .passes = EVENT_ANSWERED },
};
/* clang-format on */
#endif

#endif
