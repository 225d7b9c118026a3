/* JSON Schemas of the API's answers. */
#ifndef COMMUNITIES_SCHEMAS_H
#define COMMUNITIES_SCHEMAS_H

#define SCHEMA_TEXT "{\"type\":\"string\"}"
#define SCHEMA_MAYBE_TEXT "{\"type\":[\"string\",\"null\"]}"
#define SCHEMA_NUMBER "{\"type\":\"integer\"}"
#define SCHEMA_FLAG "{\"type\":\"boolean\"}"
#define SCHEMA_TAGS "{\"type\":\"array\",\"items\":" SCHEMA_TEXT "}"
#define SCHEMA_STATE "{\"type\":\"string\",\"enum\":[\"open\",\"answered\",\"solved\"]}"
#define SCHEMA_KIND "{\"type\":\"string\",\"enum\":[\"question\",\"answer\"]}"

#define SCHEMA_LIST(item)                                                                          \
    "{\"type\":\"object\",\"required\":[\"items\"],\"properties\":{"                               \
    "\"items\":{\"type\":\"array\",\"items\":" item "},"                                           \
    "\"next\":" SCHEMA_MAYBE_TEXT ",\"previous\":" SCHEMA_MAYBE_TEXT "}}"

#define SCHEMA_SPACE                                                                               \
    "{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{\"id\":" SCHEMA_TEXT               \
    ",\"slug\":" SCHEMA_TEXT ",\"title\":" SCHEMA_TEXT ",\"description\":" SCHEMA_TEXT             \
    ",\"topics\":" SCHEMA_NUMBER ",\"answers\":{\"type\":[\"integer\",\"null\"]}"                  \
    ",\"solved\":" SCHEMA_NUMBER ",\"last_activity\":" SCHEMA_MAYBE_TEXT                           \
    ",\"position\":" SCHEMA_NUMBER ",\"closed\":" SCHEMA_FLAG                                      \
    ",\"kind\":{\"type\":\"string\",\"enum\":[\"questions\",\"announcements\"]}"                   \
    ",\"writers\":{\"type\":\"string\",\"enum\":[\"members\",\"team\"]}"                           \
    ",\"own_topics\":" SCHEMA_FLAG ",\"own_people\":" SCHEMA_FLAG                                  \
    ",\"sharing\":{\"type\":[\"object\",\"null\"]}}}"

#define SCHEMA_TOPIC_MEMBERS                                                                       \
    "\"id\":" SCHEMA_TEXT ",\"title\":" SCHEMA_TEXT ",\"slug\":" SCHEMA_TEXT                       \
    ",\"excerpt\":" SCHEMA_TEXT ",\"space\":" SCHEMA_TEXT ",\"state\":" SCHEMA_STATE               \
    ",\"closed\":" SCHEMA_FLAG ",\"score\":" SCHEMA_NUMBER ",\"views\":" SCHEMA_NUMBER             \
    ",\"answers\":" SCHEMA_NUMBER ",\"comments\":" SCHEMA_NUMBER ",\"author\":" SCHEMA_TEXT        \
    ",\"created\":" SCHEMA_TEXT ",\"last_activity\":" SCHEMA_TEXT ",\"tags\":" SCHEMA_TAGS

#define SCHEMA_TOPIC_ITEM                                                                          \
    "{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{" SCHEMA_TOPIC_MEMBERS             \
    ",\"href\":" SCHEMA_TEXT "}}"

#define SCHEMA_COMMENT                                                                             \
    "{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{\"id\":" SCHEMA_TEXT               \
    ",\"score\":" SCHEMA_NUMBER ",\"body\":" SCHEMA_TEXT ",\"author\":" SCHEMA_TEXT                \
    ",\"created\":" SCHEMA_TEXT "}}"

#define SCHEMA_POST_MEMBERS                                                                        \
    "\"id\":" SCHEMA_TEXT ",\"kind\":" SCHEMA_KIND ",\"score\":" SCHEMA_NUMBER                     \
    ",\"body\":" SCHEMA_TEXT ",\"author\":" SCHEMA_TEXT ",\"company\":" SCHEMA_MAYBE_TEXT          \
    ",\"created\":" SCHEMA_TEXT ",\"edited\":" SCHEMA_MAYBE_TEXT ",\"accepted\":" SCHEMA_FLAG      \
    ",\"licence\":" SCHEMA_MAYBE_TEXT ",\"source_url\":" SCHEMA_MAYBE_TEXT

#define SCHEMA_POST                                                                                \
    "{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{" SCHEMA_POST_MEMBERS              \
    ",\"topic\":" SCHEMA_TEXT ",\"source\":" SCHEMA_MAYBE_TEXT ",\"version\":" SCHEMA_NUMBER       \
    ",\"votes_up\":" SCHEMA_NUMBER ",\"votes_down\":" SCHEMA_NUMBER "}}"

#define SCHEMA_TOPIC                                                                               \
    "{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{" SCHEMA_TOPIC_MEMBERS             \
    ",\"source_url\":" SCHEMA_MAYBE_TEXT ",\"next\":" SCHEMA_TEXT                                  \
    ",\"posts\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"id\"],"         \
    "\"properties\":{" SCHEMA_POST_MEMBERS ",\"author_url\":" SCHEMA_MAYBE_TEXT                    \
    ",\"comments\":{\"type\":\"array\",\"items\":" SCHEMA_COMMENT "}}}}}}"

/* What writing answers with. */
#define SCHEMA_ASKED                                                                               \
    "{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{\"id\":" SCHEMA_TEXT               \
    ",\"slug\":" SCHEMA_TEXT ",\"topic\":" SCHEMA_TEXT ",\"post\":" SCHEMA_TEXT                    \
    ",\"held\":" SCHEMA_FLAG "}}"
#define SCHEMA_EDITED                                                                              \
    "{\"type\":\"object\",\"required\":[\"id\",\"version\"],\"properties\":{\"id\":" SCHEMA_TEXT   \
    ",\"version\":" SCHEMA_NUMBER ",\"held\":" SCHEMA_FLAG "}}"
#define SCHEMA_ONE_COMMENT                                                                         \
    "{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{\"id\":" SCHEMA_TEXT               \
    ",\"topic\":" SCHEMA_TEXT ",\"post\":" SCHEMA_TEXT ",\"score\":" SCHEMA_NUMBER                 \
    ",\"body\":" SCHEMA_TEXT ",\"author\":" SCHEMA_TEXT ",\"created\":" SCHEMA_TEXT                \
    ",\"edited\":" SCHEMA_MAYBE_TEXT ",\"source\":" SCHEMA_MAYBE_TEXT                              \
    ",\"version\":" SCHEMA_NUMBER "}}"
#define SCHEMA_REVISION                                                                            \
    "{\"type\":\"object\",\"required\":[\"number\"],\"properties\":{\"number\":" SCHEMA_NUMBER     \
    ",\"title\":" SCHEMA_MAYBE_TEXT ",\"tags\":" SCHEMA_TAGS ",\"source\":" SCHEMA_TEXT            \
    ",\"note\":" SCHEMA_MAYBE_TEXT ",\"author\":" SCHEMA_TEXT ",\"created\":" SCHEMA_TEXT "}}"

#define SCHEMA_TAG                                                                                 \
    "{\"type\":\"object\",\"properties\":{\"name\":" SCHEMA_TEXT ",\"topics\":" SCHEMA_NUMBER      \
    ",\"description\":" SCHEMA_MAYBE_TEXT "}}"

#define SCHEMA_HIT                                                                                 \
    "{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{\"id\":" SCHEMA_TEXT               \
    ",\"title\":" SCHEMA_TEXT ",\"url\":" SCHEMA_TEXT ",\"time\":" SCHEMA_TEXT                     \
    ",\"excerpt\":" SCHEMA_TEXT "}}"

#endif
