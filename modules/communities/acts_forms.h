/* What the descriptor says of acting on what stands here. */
#ifndef COMMUNITIES_ACTS_FORMS_H
#define COMMUNITIES_ACTS_FORMS_H

#include "acts.h"
#include "readers.h"
#include "schemas.h"

/* clang-format off */
#define ACTS_FORMS                                                                                 \
    { .name = "flag", .submit = "Report" },                                                        \
    { .name = "decide", .submit = "Remove" },                                                      \
    { .name = "move", .submit = "Move" },                                                          \
    { .name = "merge", .submit = "Merge" }

#define ACTS_REASON(of)                                                                            \
    { .form = of, .name = "reason", .type = PORTICO_FIELD_TEXT, .label = "Reason",                 \
      .help = "Who wrote it reads it, and moderators in the log.",                                 \
      .maximum_length = REASON_MOST }
#define ACTS_FIELDS                                                                                \
    { .form = "flag", .name = "reason", .type = PORTICO_FIELD_CHOICE,                              \
      .flags = PORTICO_FIELD_REQUIRED, .label = "What is wrong?",                                  \
      .choices = "spam=Spam or advertising\nrude=Rude or hurtful\n"                                \
                 "off-topic=Does not belong here\nother=Something else" },                         \
    { .form = "flag", .name = "note", .type = PORTICO_FIELD_LONG, .label = "In your words",        \
      .help = "Only moderators read it.", .maximum_length = REASON_MOST },                         \
    ACTS_REASON("decide"),                                                                         \
    { .form = "move", .name = "space", .type = PORTICO_FIELD_CHOICE,                               \
      .flags = PORTICO_FIELD_REQUIRED, .label = "To the space" },                                  \
    READERS_FIELD("move"),                                                                         \
    ACTS_REASON("move"),                                                                           \
    { .form = "merge", .name = "into", .type = PORTICO_FIELD_TEXT,                                 \
      .flags = PORTICO_FIELD_REQUIRED, .label = "Into the question",                               \
      .help = "Its address, as the browser shows it. That question stays; answers and comments "   \
              "come to it.",                                                                       \
      .maximum_length = 500 },                                                                     \
    ACTS_REASON("merge")

#define ACTS_MAY_WRITE "communities.write"
#define ACTS_MAY_VOTE "communities.vote"
#define ACTS_MAY_MODERATE "communities.moderate"

#define ACTS_BUTTON(path, function, may)                                                           \
    { .method = "POST", .pattern = "/communities" path, .handler = function, .permission = may,    \
      .flags = PORTICO_ROUTE_IDEMPOTENT }
#define ACTS_PAGE(path, function, may, sends)                                                      \
    { .method = "GET", .pattern = "/communities" path, .handler = function, .permission = may },   \
    { .method = "POST", .pattern = "/communities" path, .handler = function, .permission = may,    \
      .form = sends }
#define ACTS_PUT(path, function, may, words, body, answer)                                         \
    { .method = "PUT", .pattern = "/api/communities/v1" path, .handler = function,                 \
      .permission = may, .summary = words, .request_schema = body, .response_schema = answer,      \
      .flags = PORTICO_ROUTE_IDEMPOTENT }
#define ACTS_SEND(path, function, may, words, sends)                                               \
    { .method = "POST", .pattern = "/api/communities/v1" path, .handler = function,                \
      .permission = may, .summary = words, .response_schema = SCHEMA_ACTED, .form = sends }
#define ACTS_LIST(path, function, words, answer)                                                   \
    { .method = "GET", .pattern = "/api/communities/v1" path, .handler = function,                 \
      .permission = ACTS_MAY_MODERATE, .summary = words, .response_schema = answer }

#define ACTS_ROUTES                                                                                \
    ACTS_BUTTON("/posts/{id}/vote", act_vote_post, ACTS_MAY_VOTE),                                 \
    ACTS_BUTTON("/comments/{id}/vote", act_vote_comment, ACTS_MAY_VOTE),                           \
    ACTS_BUTTON("/posts/{id}/accept", act_accept, ACTS_MAY_WRITE),                                 \
    ACTS_BUTTON("/topics/{id}/follow", act_follow, PORTICO_SIGNED_IN),                             \
    ACTS_BUTTON("/posts/{id}/restore", act_restore_post, ACTS_MAY_WRITE),                          \
    ACTS_BUTTON("/comments/{id}/restore", act_restore_comment, ACTS_MAY_WRITE),                    \
    ACTS_PAGE("/posts/{id}/flag", act_flag_post, ACTS_MAY_WRITE, "flag"),                          \
    ACTS_PAGE("/comments/{id}/flag", act_flag_comment, ACTS_MAY_WRITE, "flag"),                    \
    ACTS_PAGE("/posts/{id}/remove", act_remove_post, ACTS_MAY_WRITE, "decide"),                    \
    ACTS_PAGE("/comments/{id}/remove", act_remove_comment, ACTS_MAY_WRITE, "decide"),              \
    { .method = "GET", .pattern = "/communities/moderation", .handler = moderation_queue,          \
      .permission = ACTS_MAY_MODERATE },                                                           \
    { .method = "GET", .pattern = "/communities/moderation/log", .handler = moderation_log,        \
      .permission = ACTS_MAY_MODERATE },                                                           \
    ACTS_BUTTON("/moderation/posts/{id}", moderation_post, ACTS_MAY_MODERATE),                     \
    ACTS_BUTTON("/moderation/comments/{id}", moderation_comment, ACTS_MAY_MODERATE),               \
    ACTS_PAGE("/moderation/close/{id}", act_close, ACTS_MAY_MODERATE, "decide"),                   \
    ACTS_PAGE("/moderation/reopen/{id}", act_reopen, ACTS_MAY_MODERATE, "decide"),                 \
    ACTS_PAGE("/moderation/move/{id}", act_move, ACTS_MAY_MODERATE, "move"),                       \
    ACTS_PAGE("/moderation/merge/{id}", act_merge, ACTS_MAY_MODERATE, "merge"),                    \
    ACTS_PUT("/posts/{id}/vote", act_vote_post, ACTS_MAY_VOTE,                                     \
             "Votes for a question or answer: 1, -1, or 0 for none", SCHEMA_VOTE, SCHEMA_VOTED),   \
    ACTS_PUT("/comments/{id}/vote", act_vote_comment, ACTS_MAY_VOTE,                               \
             "Votes for a comment: 1, or 0 for none", SCHEMA_VOTE, SCHEMA_VOTED),                  \
    ACTS_PUT("/posts/{id}/accepted", act_accept, ACTS_MAY_WRITE,                                   \
             "Says which answer helped; the asker's or a moderator's to say", SCHEMA_ACCEPT,       \
             SCHEMA_ACTED),                                                                        \
    ACTS_PUT("/topics/{id}/follow", act_follow, PORTICO_SIGNED_IN,                                 \
             "Follows a question, mutes it, or neither", SCHEMA_FOLLOW, SCHEMA_FOLLOW),            \
    ACTS_SEND("/posts/{id}/flags", act_flag_post, ACTS_MAY_WRITE,                                  \
              "Reports a question or answer to the moderators", "flag"),                           \
    ACTS_SEND("/comments/{id}/flags", act_flag_comment, ACTS_MAY_WRITE,                            \
              "Reports a comment to the moderators", "flag"),                                      \
    ACTS_SEND("/posts/{id}/remove", act_remove_post, ACTS_MAY_WRITE,                               \
              "Takes a question or answer away; it can be restored", "decide"),                    \
    ACTS_SEND("/comments/{id}/remove", act_remove_comment, ACTS_MAY_WRITE,                         \
              "Takes a comment away; it can be restored", "decide"),                               \
    ACTS_SEND("/posts/{id}/restore", act_restore_post, ACTS_MAY_WRITE,                             \
              "Puts a removed question or answer back", NULL),                                     \
    ACTS_SEND("/comments/{id}/restore", act_restore_comment, ACTS_MAY_WRITE,                       \
              "Puts a removed comment back", NULL),                                                \
    ACTS_SEND("/posts/{id}/approve", api_approve_post, ACTS_MAY_MODERATE,                          \
              "Shows a question or answer that was held", "decide"),                               \
    ACTS_SEND("/comments/{id}/approve", api_approve_comment, ACTS_MAY_MODERATE,                    \
              "Shows a comment that was held", "decide"),                                          \
    ACTS_SEND("/posts/{id}/keep", api_keep_post, ACTS_MAY_MODERATE,                                \
              "Declines the reports about a question or answer: it stays", "decide"),              \
    ACTS_SEND("/comments/{id}/keep", api_keep_comment, ACTS_MAY_MODERATE,                          \
              "Declines the reports about a comment: it stays", "decide"),                         \
    ACTS_SEND("/topics/{id}/close", act_close, ACTS_MAY_MODERATE,                                  \
              "Closes a question: nothing is added any more", "decide"),                           \
    ACTS_SEND("/topics/{id}/reopen", act_reopen, ACTS_MAY_MODERATE, "Opens a question again",      \
              "decide"),                                                                           \
    ACTS_SEND("/topics/{id}/move", act_move, ACTS_MAY_MODERATE,                                    \
              "Moves a question to another space, named by its slug", "move"),                     \
    ACTS_SEND("/topics/{id}/merge", act_merge, ACTS_MAY_MODERATE,                                  \
              "Merges a question into another, named by its id or address", "merge"),              \
    ACTS_LIST("/moderation", api_moderation_queue, "What waits for a moderator, the oldest first", \
              SCHEMA_LIST(SCHEMA_WAITING)),                                                        \
    ACTS_LIST("/moderation/log", api_moderation_log, "What was done, the newest first",            \
              SCHEMA_LIST(SCHEMA_ACTION))

#define ACTS_PERMISSIONS                                                                           \
    { .name = ACTS_MAY_VOTE, .title = "Vote",                                                      \
      .description = "Say of questions, answers and comments whether they help.",                  \
      .roles = "member" },                                                                         \
    { .name = ACTS_MAY_MODERATE, .title = "Moderate the community",                                \
      .description = "Decide what was held or reported; remove and restore, close, move and merge.", \
      .roles = "moderator" }

#define ACTS_SETTINGS                                                                              \
    { .key = "questions_an_hour", .type = PORTICO_SETTING_INTEGER, .initial = "10",                \
      .title = "Questions an hour",                                                                \
      .help = "How many questions one person may ask in an hour. Newcomers: a quarter.",           \
      .minimum = "1", .maximum = "1000" },                                                         \
    { .key = "answers_an_hour", .type = PORTICO_SETTING_INTEGER, .initial = "30",                  \
      .title = "Answers an hour",                                                                  \
      .help = "How many answers one person may write in an hour. Newcomers: a quarter.",           \
      .minimum = "1", .maximum = "1000" },                                                         \
    { .key = "comments_an_hour", .type = PORTICO_SETTING_INTEGER, .initial = "60",                 \
      .title = "Comments an hour",                                                                 \
      .help = "How many comments one person may write in an hour. Newcomers: a quarter.",          \
      .minimum = "1", .maximum = "1000" },                                                         \
    { .key = "votes_an_hour", .type = PORTICO_SETTING_INTEGER, .initial = "200",                   \
      .title = "Votes an hour",                                                                    \
      .help = "How many votes one person may give in an hour. Newcomers: a quarter.",              \
      .minimum = "1", .maximum = "10000" },                                                        \
    { .key = "flags_an_hour", .type = PORTICO_SETTING_INTEGER, .initial = "20",                    \
      .title = "Reports an hour",                                                                  \
      .help = "How much one person may report in an hour. Newcomers: a quarter.",                  \
      .minimum = "1", .maximum = "1000" },                                                         \
    { .key = "newcomer_posts", .type = PORTICO_SETTING_INTEGER, .initial = "3",                    \
      .title = "Newcomer below",                                                                   \
      .help = "Who has fewer posts that stayed is a newcomer: held to a quarter of the limits, "   \
              "and what is sent within three seconds of opening the form waits for a moderator. "  \
              "0: nobody is one.",                                                                 \
      .minimum = "0", .maximum = "100" },                                                          \
    { .key = "newcomer_links", .type = PORTICO_SETTING_INTEGER, .initial = "2",                    \
      .title = "Links from a newcomer",                                                              \
      .help = "What a newcomer writes with more links than this waits for a moderator.",           \
      .minimum = "0", .maximum = "100" },                                                          \
    { .key = "blocked_words", .type = PORTICO_SETTING_TEXT, .initial = "",                         \
      .title = "Words that are held",                                                              \
      .help = "Words or phrases, separated by commas: what holds one waits for a moderator." }
/* clang-format on */

#define SCHEMA_VOTE                                                                                \
    "{\"type\":\"object\",\"required\":[\"value\"],\"additionalProperties\":false,"                \
    "\"properties\":{\"value\":{\"type\":\"integer\",\"minimum\":-1,\"maximum\":1}}}"
#define SCHEMA_VOTED                                                                               \
    "{\"type\":\"object\",\"required\":[\"value\",\"score\"],\"properties\":{"                     \
    "\"value\":" SCHEMA_NUMBER ",\"score\":" SCHEMA_NUMBER "}}"
#define SCHEMA_ACCEPT                                                                              \
    "{\"type\":\"object\",\"required\":[\"accepted\"],\"additionalProperties\":false,"             \
    "\"properties\":{\"accepted\":" SCHEMA_FLAG "}}"
#define SCHEMA_FOLLOW                                                                              \
    "{\"type\":\"object\",\"required\":[\"level\"],\"additionalProperties\":false,"                \
    "\"properties\":{\"level\":{\"type\":\"string\",\"enum\":[\"follow\",\"normal\",\"mute\"]}}}"
#define SCHEMA_STATUS "{\"type\":\"string\",\"enum\":[\"shown\",\"held\",\"removed\",\"merged\"]}"
#define SCHEMA_ACTED                                                                               \
    "{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{\"id\":" SCHEMA_TEXT               \
    ",\"topic\":" SCHEMA_TEXT ",\"status\":" SCHEMA_STATUS ",\"state\":" SCHEMA_STATE              \
    ",\"closed\":" SCHEMA_FLAG ",\"accepted\":" SCHEMA_FLAG ",\"href\":" SCHEMA_TEXT "}}"
#define SCHEMA_WAITING                                                                             \
    "{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{\"id\":" SCHEMA_TEXT               \
    ",\"kind\":{\"type\":\"string\",\"enum\":[\"question\",\"answer\",\"comment\"]}"               \
    ",\"topic\":" SCHEMA_TEXT ",\"title\":" SCHEMA_TEXT ",\"excerpt\":" SCHEMA_TEXT                \
    ",\"author\":" SCHEMA_TEXT ",\"held\":" SCHEMA_FLAG ",\"because\":" SCHEMA_MAYBE_TEXT          \
    ",\"since\":" SCHEMA_TEXT ",\"flags\":{\"type\":\"array\",\"items\":{\"type\":\"object\","     \
    "\"properties\":{\"reason\":" SCHEMA_TEXT ",\"note\":" SCHEMA_MAYBE_TEXT                       \
    ",\"author\":" SCHEMA_TEXT ",\"created\":" SCHEMA_TEXT "}}}}}"
#define SCHEMA_ACTION                                                                              \
    "{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{\"id\":" SCHEMA_TEXT               \
    ",\"name\":" SCHEMA_TEXT ",\"topic\":" SCHEMA_TEXT ",\"target\":" SCHEMA_MAYBE_TEXT            \
    ",\"before\":" SCHEMA_MAYBE_TEXT ",\"after\":" SCHEMA_MAYBE_TEXT                               \
    ",\"reason\":" SCHEMA_MAYBE_TEXT ",\"author\":" SCHEMA_TEXT ",\"created\":" SCHEMA_TEXT "}}"

#endif
