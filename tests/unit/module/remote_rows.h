/* What each function of a remotable table takes and returns, and the calls that test them: data of
 * remote.c. A function added to such a table gets its row and at least one step here. */
#ifndef REMOTE_ROWS_H
#define REMOTE_ROWS_H

#include <glib.h>
#include <portico/portico.h>

#define SLOTS 32
#define MARA 9 /* the one person of both worlds */
#define SEAT 5 /* the session of whoever calls */
#define WORDS 8

/* Arguments, then ":" and the result. Of the arguments:
 *   S value by slot   C cursor by slot   I id by slot   t text   b bytes, length   l u z numbers
 *   d real   A SQL parameters, count   K ids, count   P D Q E J M F O structs   and for results
 *   v value   x int64   k int32   y id   c cursor   T text   B bytes, length   L length   R buffer,
 * length g page   N answer   e error The first of a table with a handle is H, that handle. */
struct row {
    const char *interface, *function;
    size_t offset;
    const char *signature;
};
#define ROW(interface, type, function, signature)                                                  \
    {                                                                                              \
        interface, #function, offsetof(struct type, function), signature                           \
    }
static const struct row rows[] = {
    ROW("portico.value", portico_value_api, kind, "S:u"),
    ROW("portico.value", portico_value_api, count, "S:z"),
    ROW("portico.value", portico_value_api, boolean, "Su:i"),
    ROW("portico.value", portico_value_api, integer, "Sl:l"),
    ROW("portico.value", portico_value_api, real, "Sd:d"),
    ROW("portico.value", portico_value_api, text, "SL:t"),
    ROW("portico.value", portico_value_api, get, "St:V"),
    ROW("portico.value", portico_value_api, at, "Sz:V"),
    ROW("portico.value", portico_value_api, key_at, "Sz:t"),
    ROW("portico.value", portico_value_api, set, "StS:i"),
    ROW("portico.value", portico_value_api, set_scalar, "Stuld:i"),
    ROW("portico.value", portico_value_api, set_text, "Stb:i"),
    ROW("portico.value", portico_value_api, append, "SS:i"),
    ROW("portico.value", portico_value_api, make, "Su:V"),
    ROW("portico.value", portico_value_api, make_text, "Sb:V"),
    ROW("portico.value", portico_value_api, make_scalar, "Suld:V"),
    ROW(PORTICO_DB, portico_db_api, query, "HtAve:i"),
    ROW(PORTICO_DB, portico_db_api, execute, "HtAxe:i"),
    ROW(PORTICO_DB, portico_db_api, begin, "He:i"),
    ROW(PORTICO_DB, portico_db_api, commit, "He:i"),
    ROW(PORTICO_DB, portico_db_api, rollback, "H:-"),
    ROW(PORTICO_DB, portico_db_api, cursor_open, "HtAce:i"),
    ROW(PORTICO_DB, portico_db_api, cursor_next, "Cve:i"),
    ROW(PORTICO_DB, portico_db_api, cursor_close, "C:-"),
    ROW(PORTICO_DB, portico_db_api, page, "HPge:i"),
    ROW(PORTICO_DB, portico_db_api, page_count, "HPxke:i"),
    ROW(PORTICO_SEARCH, portico_search_api, index, "HDe:i"),
    ROW(PORTICO_SEARCH, portico_search_api, remove, "Htle:i"),
    ROW(PORTICO_SEARCH, portico_search_api, query, "HQve:i"),
    ROW(PORTICO_CONTENT, portico_content_api, sanitize, "Hbe:V"),
    ROW(PORTICO_CONTENT, portico_content_api, markdown, "Hbe:V"),
    ROW(PORTICO_CONTENT, portico_content_api, plain, "HSz:t"),
    ROW(PORTICO_CONTENT, portico_content_api, seal, "HS:t"),
    ROW(PORTICO_SECRETS, portico_secret_api, read, "HtTe:i"),
    ROW(PORTICO_SECRETS, portico_secret_api, seal, "HtbTe:i"),
    ROW(PORTICO_SECRETS, portico_secret_api, open, "HtXBe:i"),
    ROW(PORTICO_SECRETS, portico_secret_api, sign, "HtbTe:i"),
    ROW(PORTICO_SECRETS, portico_secret_api, verify, "HtbXe:i"),
    ROW(PORTICO_SECRETS, portico_secret_api, random, "HR:i"),
    ROW(PORTICO_EVENTS, portico_event_api, emit, "HEye:i"),
    ROW(PORTICO_JOBS, portico_jobs_api, queue, "HJye:i"),
    ROW(PORTICO_JOBS, portico_jobs_api, cancel, "HIe:i"),
    ROW(PORTICO_JOBS, portico_jobs_api, look, "HIve:i"),
    ROW(PORTICO_MAIL, portico_mail_api, send, "HMye:i"),
    ROW(PORTICO_FETCH, portico_fetch_api, fetch, "HFNe:i"),
    ROW(PORTICO_PEOPLE, portico_people_api, look, "HKve:i"),
    ROW(PORTICO_PEOPLE, portico_people_api, join, "HSttve:i"),
    ROW(PORTICO_PEOPLE, portico_people_api, find, "Htuve:i"),
    ROW(PORTICO_PEOPLE, portico_people_api, named, "Htve:i"),
    ROW(PORTICO_PEOPLE, portico_people_api, external, "Htye:i"),
    ROW(PORTICO_PEOPLE, portico_people_api, may, "Hlt:i"),
    ROW(PORTICO_PEOPLE, portico_people_api, holding, "Htuve:i"),
    ROW(PORTICO_PEOPLE, portico_people_api, translate, "HltS:t"),
    ROW(PORTICO_PEOPLE, portico_people_api, may_in, "Hllt:i"),
    ROW(PORTICO_PEOPLE, portico_people_api, holding_in, "Hltuve:i"),
    ROW(PORTICO_ACCOUNTS, portico_accounts_api, look, "HKve:i"),
    ROW(PORTICO_ACCOUNTS, portico_accounts_api, join, "HSttve:i"),
    ROW(PORTICO_ACCOUNTS, portico_accounts_api, external, "Htye:i"),
    ROW(PORTICO_ACCOUNTS, portico_accounts_api, of, "Hluve:i"),
    ROW(PORTICO_ACCOUNTS, portico_accounts_api, members, "Htuve:i"),
    ROW(PORTICO_ACCOUNTS, portico_accounts_api, roles, "Hve:i"),
    ROW(PORTICO_ACCOUNTS, portico_accounts_api, fact, "Hltve:i"),
    ROW(PORTICO_ACCOUNTS, portico_accounts_api, set_fact, "Hltte:i"),
    ROW(PORTICO_ACCOUNTS, portico_accounts_api, contacts, "Hltve:i"),
    ROW(PORTICO_ACCOUNTS, portico_accounts_api, team, "Hlve:i"),
    ROW(PORTICO_ACCOUNTS, portico_accounts_api, partners, "Hlve:i"),
    ROW(PORTICO_AUDIENCES, portico_audiences_api, of, "Hultlye:i"),
    ROW(PORTICO_AUDIENCES, portico_audiences_api, may, "Hl:i"),
    ROW(PORTICO_AUDIENCES, portico_audiences_api, describe, "Hlve:i"),
    ROW(PORTICO_AUDIENCES, portico_audiences_api, grant, "HtlKe:i"),
    ROW(PORTICO_AUDIENCES, portico_audiences_api, granted, "Htlve:i"),
    ROW(PORTICO_AUDIENCES, portico_audiences_api, person, "Hllye:i"),
    ROW(PORTICO_SESSION, portico_session_api, get, "Htve:i"),
    ROW(PORTICO_SESSION, portico_session_api, get_shared, "Httve:i"),
    ROW(PORTICO_NOTICES, portico_notice_api, notify, "HOe:i"),
    ROW(PORTICO_NOTICES, portico_notice_api, follow, "Hltle:i"),
    ROW(PORTICO_NOTICES, portico_notice_api, following, "Hltke:i"),
    ROW(PORTICO_NOTICES, portico_notice_api, followers, "Htxe:i"),
    ROW(PORTICO_NOTICES, portico_notice_api, move, "Htte:i"),
    ROW(PORTICO_NOTICES, portico_notice_api, seen, "Hte:i"),
    ROW(PORTICO_NOTICES, portico_notice_api, withdraw, "Hte:i"),
    ROW(PORTICO_NOTICES, portico_notice_api, withdraw_part, "Htte:i"),
    ROW(PORTICO_NOTICES, portico_notice_api, followed, "Hlttuve:i"),
    ROW(PORTICO_LIMITS, portico_limit_api, take, "Htuue:i"),
};

/* Structs that cross: members after `size`. Letters as above; W is a value, given as JSON. */
struct member {
    char letter;
    size_t offset;
};
#define AT(type, letter, name)                                                                     \
    {                                                                                              \
        letter, offsetof(struct type, name)                                                        \
    }
static const struct crossing {
    char letter;
    size_t size;
    struct member members[14]; /* the last one has no letter */
} crossings[] = {
    { 'P',
      sizeof(struct portico_page_query),
      { AT(portico_page_query, 'u', limit), AT(portico_page_query, 't', table),
        AT(portico_page_query, 't', columns), AT(portico_page_query, 't', joins),
        AT(portico_page_query, 't', where), AT(portico_page_query, 'A', arguments),
        AT(portico_page_query, 't', order), AT(portico_page_query, 't', cursor) } },
    { 'D',
      sizeof(struct portico_document),
      { AT(portico_document, 't', kind), AT(portico_document, 'l', id),
        AT(portico_document, 'l', audience), AT(portico_document, 'l', time),
        AT(portico_document, 't', title), AT(portico_document, 't', body),
        AT(portico_document, 't', url), AT(portico_document, 't', locale) } },
    { 'Q',
      sizeof(struct portico_search_query),
      { AT(portico_search_query, 'u', limit), AT(portico_search_query, 't', text),
        AT(portico_search_query, 't', kind), AT(portico_search_query, 'u', offset) } },
    { 'E',
      sizeof(struct portico_emission),
      { AT(portico_emission, 't', type), AT(portico_emission, 't', subject),
        AT(portico_emission, 'l', audience), AT(portico_emission, 'l', account),
        AT(portico_emission, 'W', data) } },
    { 'J',
      sizeof(struct portico_job_request),
      { AT(portico_job_request, 't', name), AT(portico_job_request, 'W', arguments),
        AT(portico_job_request, 't', key), AT(portico_job_request, 't', lane),
        AT(portico_job_request, 'l', not_before) } },
    { 'M',
      sizeof(struct portico_message),
      { AT(portico_message, 't', to), AT(portico_message, 't', subject),
        AT(portico_message, 't', text), AT(portico_message, 'W', html),
        AT(portico_message, 't', reply_to), AT(portico_message, 't', unsubscribe),
        AT(portico_message, 't', thread) } },
    { 'F',
      sizeof(struct portico_fetch_request),
      { AT(portico_fetch_request, 'u', timeout_ms), AT(portico_fetch_request, 't', method),
        AT(portico_fetch_request, 't', url), AT(portico_fetch_request, 'W', headers),
        AT(portico_fetch_request, 'b', body), AT(portico_fetch_request, 'l', answer_max),
        AT(portico_fetch_request, 'u', redirects) } },
    { 'O',
      sizeof(struct portico_notice),
      { AT(portico_notice, 'u', flags), AT(portico_notice, 't', kind),
        AT(portico_notice, 't', subject), AT(portico_notice, 't', title),
        AT(portico_notice, 'W', arguments), AT(portico_notice, 't', text),
        AT(portico_notice, 't', url), AT(portico_notice, 'l', audience),
        AT(portico_notice, 'K', people), AT(portico_notice, 'K', except),
        AT(portico_notice, 'l', actor), AT(portico_notice, 't', reason),
        AT(portico_notice, 't', part) } },
};

/* An argument as a step gives it. */
struct given {
    const char *text;    /* t b X */
    int64_t number;      /* l u z, length of b, count of A K, wanted bytes of R */
    unsigned slot;       /* S C I X */
    double real;         /* d */
    const void *pointer; /* structs, A K */
};
#define T(value)                                                                                   \
    {                                                                                              \
        .text = (value)                                                                            \
    }
#define B(value)                                                                                   \
    {                                                                                              \
        .text = (value), .number = sizeof(value) - 1                                               \
    }
#define N(value)                                                                                   \
    {                                                                                              \
        .number = (value)                                                                          \
    }
#define S(value)                                                                                   \
    {                                                                                              \
        .slot = (value)                                                                            \
    }
#define D(value)                                                                                   \
    {                                                                                              \
        .real = (value)                                                                            \
    }
#define O(value)                                                                                   \
    {                                                                                              \
        .pointer = &(value)                                                                        \
    }
#define NOTHING                                                                                    \
    {                                                                                              \
        .number = 0                                                                                \
    }
#define PARAMETERS(array)                                                                          \
    {                                                                                              \
        .pointer = (array), .number = G_N_ELEMENTS(array)                                          \
    }

struct step {
    const char *interface, *function;
    struct given given[WORDS]; /* without H and without results */
    unsigned keep;             /* slot for what it returns */
    int64_t expect;            /* its result, where that is a number */
    bool loose;                /* ids, times and random texts: compare the shape */
};

static const struct portico_argument two[] = {
    { .kind = PORTICO_INTEGER, .integer = 7 },
    { .kind = PORTICO_TEXT, .length = 5, .text = "Gr\xc3\xbcn" }
};
static const struct portico_argument one[] = { { .kind = PORTICO_INTEGER, .integer = 8 } };
static const struct portico_page_query page_query = {
    .limit = 1, .table = "far_thing", .columns = "t.id AS \"id\", t.name", .order = "id DESC"
};
static const struct portico_document document = { .kind = "thing",
                                                  .id = 7,
                                                  .audience = PORTICO_AUDIENCE_EVERYONE,
                                                  .time = 1700000000000000,
                                                  .title = "Green tea",
                                                  .body = "Leaves, lightly steamed.",
                                                  .url = "/far/7",
                                                  .locale = "en" };
static const struct portico_search_query search_query = { .limit = 10, .text = "tea" };
static const struct portico_emission emission = {
    .type = "portal.far.thing.made",
    .subject = "thing/7",
    .data = (const struct portico_value *)(const void *)"{\"name\":\"tea\"}",
};
static const struct portico_job_request job = {
    .name = "tidy",
    .arguments = (const struct portico_value *)(const void *)"{\"depth\":[1,2.5,\"x\",null,true]}",
    .not_before = INT64_C(4000000000000000),
};
static const struct portico_message message = { .to = "ana@example.com",
                                                .subject = "Tea",
                                                .text = "It is ready." };
static const struct portico_fetch_request request = {
    .method = "POST",
    .url = "https://example.com/a?b=c",
    .headers = (const struct portico_value *)(const void *)"{\"accept\":\"text/plain\"}",
    .body = "a\0b",
    .body_length = 3,
};

static const portico_id ids[] = { MARA, 0, 77 };
static const portico_id mara[] = { MARA };
static const portico_id accounts[] = { PORTICO_ACCOUNT_OWNER, 0, 77 };
static const struct portico_notice notice = {
    .kind = "reply",
    .subject = "thing/7",
    .title = "{actor} likes “{thing}”",
    .arguments = (const struct portico_value *)(const void *)"{\"thing\":\"tea\"}",
    .text = "It is green.",
    .url = "/far/7",
    .people = ids,
    .people_count = 1,
};

static const struct step steps[] = {
    { "portico.value", "make", .given = { S(1), N(PORTICO_OBJECT) }, .keep = 2 },
    { "portico.value", "make", .given = { S(1), N(PORTICO_LISTING) }, .keep = 3 },
    { "portico.value", "make_text", .given = { S(1), B("a\xe2\x82\xac") }, .keep = 4 },
    { "portico.value", "make_scalar", .given = { S(1), N(PORTICO_REAL), N(0), D(1.25) },
      .keep = 5 },
    { "portico.value", "append", .given = { S(3), S(4) } },
    { "portico.value", "append", .given = { S(3), S(5) } },
    { "portico.value", "set", .given = { S(2), T("list"), S(3) } },
    { "portico.value", "set", .given = { S(2), T("again"), S(3) }, .expect = PORTICO_EINVAL },
    { "portico.value", "set_scalar",
      .given = { S(2), T("when"), N(PORTICO_TIME), N(INT64_C(-1700000000000001)), D(0) } },
    { "portico.value", "set_text", .given = { S(2), T("name"), B("tea") } },
    { "portico.value", "set_text", .given = { S(2), T("bad"), B("\xff") },
      .expect = PORTICO_EINVAL },
    { "portico.value", "kind", .given = { S(2) }, .expect = PORTICO_OBJECT },
    { "portico.value", "count", .given = { S(2) }, .expect = 3 },
    { "portico.value", "get", .given = { S(2), T("when") }, .keep = 6 },
    { "portico.value", "get", .given = { S(2), T("nothing") } },
    { "portico.value", "integer", .given = { S(6), N(5) }, .expect = INT64_C(-1700000000000001) },
    { "portico.value", "boolean", .given = { S(4), N(1) }, .expect = 1 },
    { "portico.value", "real", .given = { S(5), D(7) } },
    { "portico.value", "text", .given = { S(4) } },
    { "portico.value", "at", .given = { S(3), N(1) } },
    { "portico.value", "key_at", .given = { S(2), N(1) } },
    { PORTICO_DB, "begin", .given = { NOTHING } },
    { PORTICO_DB, "execute",
      .given = { T("INSERT INTO far_thing (id, name, audience, granted) VALUES (?, ?, 1, FALSE)"),
                 PARAMETERS(two) } },
    { PORTICO_DB, "commit", .given = { NOTHING } },
    { PORTICO_DB, "begin", .given = { NOTHING } },
    { PORTICO_DB, "execute",
      .given = { T("INSERT INTO far_thing (id, name, audience, granted) VALUES (?, 'gone', 1, "
                   "FALSE)"),
                 PARAMETERS(one) } },
    { PORTICO_DB, "rollback", .given = { NOTHING } },
    { PORTICO_DB, "query",
      .given = { T("SELECT t.id, t.name FROM {visible far_thing} t WHERE t.id = ? AND t.name = ?"),
                 PARAMETERS(two) } },
    { PORTICO_DB, "query", .given = { T("SELEKT"), NOTHING }, .expect = PORTICO_EFAULT },
    { PORTICO_DB, "cursor_open",
      .given = { T("SELECT t.name FROM {visible far_thing} t"), NOTHING }, .keep = 7 },
    { PORTICO_DB, "cursor_next", .given = { S(7) }, .expect = 1 },
    { PORTICO_DB, "cursor_next", .given = { S(7) }, .expect = 0 },
    { PORTICO_DB, "cursor_close", .given = { S(7) } },
    { PORTICO_DB, "page", .given = { O(page_query) } },
    { PORTICO_DB, "page_count", .given = { O(page_query) } },
    { PORTICO_SEARCH, "index", .given = { O(document) } },
    { PORTICO_SEARCH, "query", .given = { O(search_query) } },
    { PORTICO_SEARCH, "remove", .given = { T("thing"), N(7) } },
    { PORTICO_SEARCH, "query", .given = { O(search_query) } },
    { PORTICO_SEARCH, "remove", .given = { T("stranger"), N(7) }, .expect = PORTICO_EINVAL },
    { PORTICO_CONTENT, "markdown", .given = { B("*Tea* <script>x</script>") }, .keep = 8 },
    { PORTICO_CONTENT, "sanitize", .given = { B("<b onclick=x>Tea</b>") }, .keep = 9 },
    { PORTICO_CONTENT, "plain", .given = { S(8), N(0) } },
    { PORTICO_CONTENT, "seal", .given = { S(9) } },
    { PORTICO_SECRETS, "read", .given = { T("key") } },
    { PORTICO_SECRETS, "read", .given = { T("other") }, .expect = PORTICO_EINVAL },
    { PORTICO_SECRETS, "seal", .given = { T("test"), B("a\0b") }, .keep = 10, .loose = true },
    { PORTICO_SECRETS, "open", .given = { T("test"), S(10) } },
    { PORTICO_SECRETS, "open", .given = { T("other"), S(10) }, .expect = PORTICO_EINVAL },
    { PORTICO_SECRETS, "sign", .given = { T("test"), B("a\0b") }, .keep = 11, .loose = true },
    { PORTICO_SECRETS, "verify", .given = { T("test"), B("a\0b"), S(11) } },
    { PORTICO_SECRETS, "verify", .given = { T("test"), B("a\0c"), S(11) },
      .expect = PORTICO_EINVAL },
    { PORTICO_SECRETS, "random", .given = { N(32) }, .loose = true },
    { PORTICO_EVENTS, "emit", .given = { O(emission) }, .loose = true },
    { PORTICO_JOBS, "queue", .given = { O(job) }, .keep = 12, .loose = true },
    { PORTICO_JOBS, "look", .given = { S(12) }, .loose = true },
    { PORTICO_JOBS, "cancel", .given = { S(12) } },
    { PORTICO_MAIL, "send", .given = { O(message) }, .loose = true },
    { PORTICO_FETCH, "fetch", .given = { O(request) } },
    { PORTICO_PEOPLE, "look", .given = { PARAMETERS(ids) } },
    { "portico.value", "make", .given = { S(1), N(PORTICO_OBJECT) }, .keep = 13 },
    { "portico.value", "make", .given = { S(1), N(PORTICO_LISTING) }, .keep = 14 },
    { "portico.value", "set_scalar",
      .given = { S(13), T("author"), N(PORTICO_ID), N(MARA), D(0) } },
    { "portico.value", "append", .given = { S(14), S(13) } },
    { PORTICO_PEOPLE, "join", .given = { S(14), T("author"), T("who") } },
    { PORTICO_PEOPLE, "join", .given = { S(14), T(NULL), T("who") }, .expect = PORTICO_EINVAL },
    { PORTICO_PEOPLE, "find", .given = { T("ma"), N(5) }, .expect = PORTICO_EPERM },
    { PORTICO_PEOPLE, "named", .given = { T("Mara") } },
    { PORTICO_PEOPLE, "named", .given = { T("nobody") }, .expect = PORTICO_ENOENT },
    { PORTICO_PEOPLE, "external", .given = { T("demo:mara") } },
    { PORTICO_PEOPLE, "may", .given = { N(MARA), T(PORTICO_SIGNED_IN) }, .expect = 1 },
    { PORTICO_PEOPLE, "may", .given = { N(77), T(PORTICO_SIGNED_IN) } },
    { PORTICO_PEOPLE, "holding", .given = { T("far.tend"), N(10) } },
    { PORTICO_PEOPLE, "holding", .given = { T("far.other"), N(10) }, .expect = PORTICO_EINVAL },
    { PORTICO_PEOPLE, "translate", .given = { N(MARA), T("Made"), S(13) } },
    { PORTICO_PEOPLE, "may_in",
      .given = { N(MARA), N(PORTICO_ACCOUNT_OWNER), T(PORTICO_SIGNED_IN) }, .expect = 1 },
    { PORTICO_PEOPLE, "may_in", .given = { N(MARA), N(77), T(PORTICO_SIGNED_IN) } },
    { PORTICO_PEOPLE, "holding_in", .given = { N(PORTICO_ACCOUNT_OWNER), T("far.tend"), N(10) } },
    { PORTICO_PEOPLE, "holding_in", .given = { N(77), T("far.tend"), N(10) },
      .expect = PORTICO_ENOENT },
    { PORTICO_ACCOUNTS, "look", .given = { PARAMETERS(accounts) } },
    { PORTICO_ACCOUNTS, "join", .given = { S(14), T("author"), T("company") } },
    { PORTICO_ACCOUNTS, "external", .given = { T("crm:1") }, .expect = PORTICO_ENOENT },
    { PORTICO_ACCOUNTS, "of", .given = { N(MARA), N(5) } },
    { PORTICO_ACCOUNTS, "of", .given = { N(MARA), N(0) }, .expect = PORTICO_EINVAL },
    { PORTICO_ACCOUNTS, "members", .given = { T(""), N(5) }, .expect = PORTICO_EPERM },
    { PORTICO_ACCOUNTS, "roles", .given = { NOTHING } },
    { PORTICO_ACCOUNTS, "set_fact", .given = { N(PORTICO_ACCOUNT_OWNER), T("tier"), T("gold") },
      .expect = PORTICO_EPERM },
    { PORTICO_ACCOUNTS, "fact", .given = { N(PORTICO_ACCOUNT_OWNER), T("tier") } },
    { PORTICO_ACCOUNTS, "set_fact", .given = { N(PORTICO_ACCOUNT_OWNER), T("tier"), T("lead") },
      .expect = PORTICO_EINVAL },
    { PORTICO_ACCOUNTS, "set_fact", .given = { N(77), T("tier"), T("gold") },
      .expect = PORTICO_ENOENT },
    { PORTICO_ACCOUNTS, "fact", .given = { N(77), T("tier") }, .expect = PORTICO_ENOENT },
    { PORTICO_ACCOUNTS, "contacts", .given = { N(77), T("legal") }, .expect = PORTICO_ENOENT },
    { PORTICO_ACCOUNTS, "contacts", .given = { N(PORTICO_ACCOUNT_OWNER), T("legal") },
      .expect = PORTICO_EPERM },
    { PORTICO_ACCOUNTS, "team", .given = { N(PORTICO_ACCOUNT_OWNER) }, .expect = PORTICO_EPERM },
    { PORTICO_ACCOUNTS, "partners", .given = { N(PORTICO_ACCOUNT_OWNER) },
      .expect = PORTICO_EPERM },
    { PORTICO_AUDIENCES, "of",
      .given = { N(PORTICO_LEVEL_ROLE), N(PORTICO_ACCOUNT_OWNER), T("moderator"), N(0) },
      .loose = true },
    { PORTICO_AUDIENCES, "of", .given = { N(PORTICO_LEVEL_ACCOUNT), N(77), T(NULL), N(0) },
      .expect = PORTICO_ENOENT },
    { PORTICO_AUDIENCES, "of", .given = { N(99), N(0), T(NULL), N(0) }, .expect = PORTICO_EINVAL },
    { PORTICO_AUDIENCES, "may", .given = { N(PORTICO_AUDIENCE_EVERYONE) }, .expect = 1 },
    { PORTICO_AUDIENCES, "may", .given = { N(PORTICO_AUDIENCE_STAFF) } },
    { PORTICO_AUDIENCES, "describe", .given = { N(PORTICO_AUDIENCE_STAFF) } },
    { PORTICO_AUDIENCES, "describe", .given = { N(77) }, .expect = PORTICO_ENOENT },
    { PORTICO_AUDIENCES, "grant", .given = { T("far_thing"), N(7), PARAMETERS(mara) } },
    { PORTICO_AUDIENCES, "granted", .given = { T("far_thing"), N(7) } },
    { PORTICO_AUDIENCES, "person", .given = { N(PORTICO_ACCOUNT_OWNER), N(MARA) }, .loose = true },
    { PORTICO_AUDIENCES, "person", .given = { N(77), N(MARA) }, .expect = PORTICO_ENOENT },
    { PORTICO_AUDIENCES, "grant", .given = { T("far_other"), N(7), PARAMETERS(mara) },
      .expect = PORTICO_EPERM },
    { PORTICO_SESSION, "get", .given = { T("desk") } },
    { PORTICO_SESSION, "get", .given = { T("chair") }, .expect = PORTICO_EINVAL },
    { PORTICO_SESSION, "get_shared", .given = { T("far"), T("desk") } },
    { PORTICO_SESSION, "get_shared", .given = { T("near"), T("desk") }, .expect = PORTICO_ENOENT },
    { PORTICO_NOTICES, "notify", .given = { O(notice) } },
    { PORTICO_NOTICES, "follow", .given = { N(MARA), T("thing/7"), N(PORTICO_FOLLOWS) } },
    { PORTICO_NOTICES, "follow", .given = { N(MARA), T("thing/7"), N(3) },
      .expect = PORTICO_EINVAL },
    { PORTICO_NOTICES, "following", .given = { N(MARA), T("thing/7") } },
    { PORTICO_NOTICES, "followers", .given = { T("thing/7") } },
    { PORTICO_NOTICES, "followed", .given = { N(MARA), T("thing/"), T(NULL), N(9) },
      .loose = true },
    { PORTICO_NOTICES, "followed", .given = { N(MARA), T("thing/"), T("soon"), N(9) },
      .expect = PORTICO_EINVAL },
    { PORTICO_NOTICES, "move", .given = { T("thing/7"), T("thing/8") } },
    { PORTICO_NOTICES, "followers", .given = { T("thing/8") } },
    { PORTICO_NOTICES, "seen", .given = { T("thing/8") } },
    { PORTICO_NOTICES, "withdraw", .given = { T("thing/8") } },
    { PORTICO_NOTICES, "withdraw_part", .given = { T("thing/8"), T("piece/9") } },
    { PORTICO_LIMITS, "take", .given = { T("ask"), N(3), N(60) } },
    { PORTICO_LIMITS, "take", .given = { T(""), N(3), N(60) }, .expect = PORTICO_EINVAL },
};

#endif
