#include "search/search.h"

#include "base/error.h"
#include "base/id.h"
#include "search/words.h"

#include <glib.h>
#include <inttypes.h>

#define SEARCH_LIMIT_MAX 100u
#define SEARCH_OFFSET_MAX 1000u
#define UNFILTERED "{unfiltered the core's own index} "

/* The documents' own text configuration: English is stemmed, other languages match by whole words.
 */
static const char *configuration(const char *locale)
{
    return !locale || g_ascii_strncasecmp(locale, "en", 2) == 0 ? "english" : "simple";
}

static const char upsert_sqlite[] = UNFILTERED
    "INSERT INTO portico_document "
    "(id, module, kind, subject, audience, time, title, body, url, locale) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (module, kind, subject) DO UPDATE SET audience = excluded.audience, "
    "time = excluded.time, title = excluded.title, body = excluded.body, url = excluded.url, "
    "locale = excluded.locale";

static const char upsert_postgres[] = UNFILTERED
    "INSERT INTO portico_document "
    "(id, module, kind, subject, audience, time, title, body, url, locale, words) "
    "SELECT d.id, d.module, d.kind, d.subject, d.audience, d.time, d.title, d.body, d.url, "
    "d.locale, "
    "setweight(to_tsvector(d.configuration::REGCONFIG, d.title), 'A') || "
    "setweight(to_tsvector(d.configuration::REGCONFIG, d.body), 'B') "
    "FROM (VALUES (?::BIGINT, ?, ?, ?::BIGINT, ?::BIGINT, ?::BIGINT, ?, ?, ?, ?, ?)) "
    "AS d (id, module, kind, subject, audience, time, title, body, url, locale, configuration) "
    "ON CONFLICT (module, kind, subject) DO UPDATE SET audience = excluded.audience, "
    "time = excluded.time, title = excluded.title, body = excluded.body, url = excluded.url, "
    "locale = excluded.locale, words = excluded.words";

static int check_document(const struct portico_document *document, struct portico_error *error)
{
    if (!document->kind || !*document->kind || !document->id || !document->audience ||
        !document->title || !document->url || document->url[0] != '/')
        return error_set(error, PORTICO_EINVAL,
                         "A document needs kind, id, audience, title and a path on this portal.");
    return 0;
}

int search_index(struct store_session *session, const char *module,
                 const struct portico_document *document, struct portico_error *error)
{
    int code = check_document(document, error);
    if (code < 0)
        return code;
    bool lite = store_kind(store_session_store(session)) == STORE_SQLITE;
    const struct portico_argument arguments[] = {
        portico_arg_id(id_new()),
        portico_arg_text(module),
        portico_arg_text(document->kind),
        portico_arg_id(document->id),
        portico_arg_id(document->audience),
        portico_arg_time(document->time),
        portico_arg_text(document->title),
        portico_arg_text(document->body ? document->body : ""),
        portico_arg_text(document->url),
        portico_arg_text(document->locale),
        portico_arg_text(configuration(document->locale)),
    };
    return store_host_execute(session, lite ? upsert_sqlite : upsert_postgres, arguments,
                              G_N_ELEMENTS(arguments) - lite, NULL, error);
}

int search_remove(struct store_session *session, const char *module, const char *kind, int64_t id,
                  struct portico_error *error)
{
    return store_host_execute(
        session,
        UNFILTERED "DELETE FROM portico_document "
                   "WHERE module = ? AND kind = ? AND subject = ?",
        PORTICO_ARGS(portico_arg_text(module), portico_arg_text(kind), portico_arg_id(id)), NULL,
        error);
}

/* \x01 and \x02 stand for the marks until the text around them is escaped. */
static const char query_sqlite[] =
    UNFILTERED "SELECT d.kind, d.subject AS \"id:id\", d.title, d.url, d.time AS \"time:time\", "
               "snippet(portico_document_words, 1, char(1), char(2), '…', 32) AS excerpt, d.module "
               "FROM portico_document_words w "
               "JOIN {visible portico_document} d ON d.id = w.rowid "
               "WHERE portico_document_words MATCH ? "
               "AND (? IS NULL OR d.module = ?) AND (? IS NULL OR d.kind = ?) "
               "ORDER BY bm25(portico_document_words, 4.0, 1.0), d.id DESC "
               "LIMIT ? OFFSET ?";

/* Both ways of reading the words: as English stems and as they stand. Excerpts are made for the
 * page only. */
static const char query_postgres[] = UNFILTERED
    "SELECT h.kind, h.subject AS \"id:id\", h.title, h.url, h.time AS \"time:time\", "
    "ts_headline(CASE WHEN h.english THEN 'english' ELSE 'simple' END::REGCONFIG, "
    "left(h.body, 20000), h.query, 'MaxWords=32, MinWords=16, MaxFragments=1, "
    "FragmentDelimiter=…, StartSel=\x01, StopSel=\x02') AS excerpt, h.module "
    "FROM (SELECT d.*, q.query, (d.locale IS NULL OR d.locale ILIKE 'en%') AS english, "
    "ts_rank_cd('{0.1, 0.2, 0.25, 1.0}', d.words, q.query, 1) AS rank "
    "FROM (SELECT to_tsquery('english', x.words) || to_tsquery('simple', x.words) AS query "
    "FROM (SELECT ?::TEXT AS words) x) q "
    "JOIN {visible portico_document} d ON d.words @@ q.query "
    "WHERE (?::TEXT IS NULL OR d.module = ?) AND (?::TEXT IS NULL OR d.kind = ?) "
    "ORDER BY rank DESC, d.id DESC LIMIT ? OFFSET ?) h "
    "ORDER BY h.rank DESC, h.id DESC";

/* The excerpt as html: everything escaped but the host's own marks. */
static int mark(struct arena *arena, struct value_cell *cell)
{
    struct buffer html = { 0 };
    const char *text = cell->kind == PORTICO_TEXT ? cell->text : "";
    bool marked = false;
    while (*text) {
        size_t plain = strcspn(text, "\x01\x02");
        buffer_append_escaped(&html, text, plain);
        text += plain;
        bool opens = *text == '\x01';
        if (*text &&
            opens != marked) /* marks of the text's own neither open twice nor close alone */
            buffer_append_text(&html, opens ? "<mark>" : "</mark>");
        marked = *text ? opens : marked;
        text += *text != '\0';
    }
    if (marked)
        buffer_append_text(&html, "</mark>");
    const char *copy =
        html.failed ? NULL : arena_strndup(arena, html.data ? html.data : "", html.length);
    *cell =
        (struct value_cell){ .kind = PORTICO_HTML, .length = (uint32_t)html.length, .text = copy };
    buffer_free(&html);
    return copy ? 0 : -1;
}

static int mark_all(struct arena *arena, struct value *rows)
{
    for (uint32_t i = 0; i < rows->count; i++)
        if (mark(arena, rows->rows->cells + (size_t)i * rows->rows->column_count + 5) < 0)
            return -1;
    return 0;
}

static int no_hits(struct store_session *session, struct value **ret_hits,
                   struct portico_error *error)
{
    static const struct text columns[] = { { "kind", 4 },  { "id", 2 },   { "title", 5 },
                                           { "url", 3 },   { "time", 4 }, { "excerpt", 7 },
                                           { "module", 6 } };
    struct value *rows =
        value_rows_new(store_session_arena(session), columns, G_N_ELEMENTS(columns));
    if (!rows)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while the search was answered.");
    *ret_hits = rows;
    return 0;
}

int search_query(struct store_session *session, const char *module,
                 const struct portico_search_query *query, struct value **ret_hits,
                 struct portico_error *error)
{
    if (query->limit < 1 || query->limit > SEARCH_LIMIT_MAX || query->offset > SEARCH_OFFSET_MAX)
        return error_set(error, PORTICO_EINVAL,
                         "A search returns 1 to %u hits from offset 0 to %u: mend limit or offset.",
                         SEARCH_LIMIT_MAX, SEARCH_OFFSET_MAX);
    bool lite = store_kind(store_session_store(session)) == STORE_SQLITE;
    char *words = lite ? search_words_fts5(query->text) : search_words_tsquery(query->text);
    if (!words)
        return no_hits(session, ret_hits, error);
    struct value *rows = NULL;
    struct portico_argument in = portico_arg_text(module), kind = portico_arg_text(query->kind);
    int code = store_host_query(session, lite ? query_sqlite : query_postgres,
                                PORTICO_ARGS(portico_arg_text(words), in, in, kind, kind,
                                             portico_arg_integer(query->limit),
                                             portico_arg_integer(query->offset)),
                                &rows, error);
    g_free(words);
    if (code < 0)
        return code;
    if (mark_all(store_session_arena(session), rows) < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while the search was answered.");
    *ret_hits = rows;
    return 0;
}

/* ---- the index itself ---- */

/* What all statements of the transaction's connection changed so far. */
static int changes_so_far(struct store_session *session, int64_t *ret_changes,
                          struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, "SELECT total_changes()", NULL, 0, &rows, error);
    if (code == 0)
        *ret_changes = value_rows_at(rows, 0)->integer;
    return code;
}

/* FTS5's own command; fewer than two changes say that it found nothing to merge
 * (https://sqlite.org/fts5.html, "The 'merge' Command"). */
static int merge(struct store_session *session, int64_t pages, bool *ret_more,
                 struct portico_error *error)
{
    int64_t before = 0, after = 0;
    int code = changes_so_far(session, &before, error);
    if (code == 0)
        code = store_host_execute(session,
                                  UNFILTERED
                                  "INSERT INTO portico_document_words (portico_document_words, "
                                  "rank) VALUES ('merge', ?)",
                                  PORTICO_ARGS(portico_arg_integer(pages)), NULL, error);
    if (code == 0)
        code = changes_so_far(session, &after, error);
    if (code == 0)
        *ret_more = after - before >= 2;
    return code;
}

int search_tidy(struct store_session *session, unsigned pages, bool anew, bool *ret_more,
                struct portico_error *error)
{
    bool more = false;
    if (store_kind(store_session_store(session)) != STORE_SQLITE) {
        *ret_more = false;
        return 0;
    }
    int code = store_begin(session, error);
    if (code < 0)
        return code;
    code = merge(session, anew ? -(int64_t)pages : (int64_t)pages, &more, error);
    if (code < 0) {
        store_rollback(session);
        return code;
    }
    code = store_commit(session, error);
    if (code == 0)
        *ret_more = more;
    return code;
}
