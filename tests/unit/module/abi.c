/* The public sizes and offsets of SDK 0.1 on 64-bit machines. A test that fails here found an ABI
 * break: undo it, or add members at the end of a struct that carries its size, or, while the ABI
 * major is 0, enter the break with its reason in sdk/abi/breaks.md and correct the number. Numbers
 * only grow. */
#define PORTICO_MODULE_ID "abi"
#define PORTICO_MODULE_VERSION "1.0.0"
#include <portico/portico.h>

#include <glib.h>

static const struct {
    const char *what;
    size_t actual, pinned;
} sizes[] = {
#define SIZE(type, pinned)                                                                         \
    {                                                                                              \
#type, sizeof(struct type), pinned                                                         \
    }
    SIZE(portico_error, 520),       SIZE(portico_list, 16),
    SIZE(portico_table, 8),         SIZE(portico_value_api, 136),
    SIZE(portico_value, 8),         SIZE(portico_context_api, 128),
    SIZE(portico_context, 8),       SIZE(portico_request, 16),
    SIZE(portico_request_api, 152), SIZE(portico_argument, 16),
    SIZE(portico_page_query, 72),   SIZE(portico_page, 32),
    SIZE(portico_db_api, 80),       SIZE(portico_db, 8),
    SIZE(portico_cursor, 8),        SIZE(portico_document, 72),
    SIZE(portico_search_query, 32), SIZE(portico_search_api, 32),
    SIZE(portico_search, 8),        SIZE(portico_content_api, 40),
    SIZE(portico_content, 8),       SIZE(portico_route, 72),
    SIZE(portico_permission, 24),   SIZE(portico_setting, 64),
    SIZE(portico_navigation, 48),   SIZE(portico_health_check, 16),
    SIZE(portico_search_kind, 24),  SIZE(portico_import, 48),
    SIZE(portico_importer, 24),     SIZE(portico_module, 184),
#undef SIZE
};

static const struct {
    const char *what;
    size_t actual, pinned;
} offsets[] = {
#define OFFSET(type, member, pinned)                                                               \
    {                                                                                              \
#type "." #member, offsetof(struct type, member), pinned                                   \
    }
    OFFSET(portico_error, size, 0),
    OFFSET(portico_error, code, 4),
    OFFSET(portico_error, message, 8),
    OFFSET(portico_list, items, 0),
    OFFSET(portico_list, count, 8),
    OFFSET(portico_list, item_size, 12),
    OFFSET(portico_table, size, 0),
    OFFSET(portico_table, major, 4),
    OFFSET(portico_table, minor, 6),
    OFFSET(portico_value_api, table, 0),
    OFFSET(portico_value_api, kind, 8),
    OFFSET(portico_value_api, count, 16),
    OFFSET(portico_value_api, boolean, 24),
    OFFSET(portico_value_api, integer, 32),
    OFFSET(portico_value_api, real, 40),
    OFFSET(portico_value_api, text, 48),
    OFFSET(portico_value_api, get, 56),
    OFFSET(portico_value_api, at, 64),
    OFFSET(portico_value_api, key_at, 72),
    OFFSET(portico_value_api, set, 80),
    OFFSET(portico_value_api, set_scalar, 88),
    OFFSET(portico_value_api, set_text, 96),
    OFFSET(portico_value_api, append, 104),
    OFFSET(portico_value_api, make, 112),
    OFFSET(portico_value_api, make_text, 120),
    OFFSET(portico_value_api, make_scalar, 128),
    OFFSET(portico_value, api, 0),
    OFFSET(portico_context_api, table, 0),
    OFFSET(portico_context_api, alloc, 8),
    OFFSET(portico_context_api, vprintf, 16),
    OFFSET(portico_context_api, vlog, 24),
    OFFSET(portico_context_api, state, 32),
    OFFSET(portico_context_api, set_state, 40),
    OFFSET(portico_context_api, interface, 48),
    OFFSET(portico_context_api, setting, 56),
    OFFSET(portico_context_api, translate, 64),
    OFFSET(portico_context_api, now, 72),
    OFFSET(portico_context_api, new_id, 80),
    OFFSET(portico_context_api, make, 88),
    OFFSET(portico_context_api, may, 96),
    OFFSET(portico_context_api, locale, 104),
    OFFSET(portico_context_api, scope, 112),
    OFFSET(portico_context_api, end_scope, 120),
    OFFSET(portico_context, api, 0),
    OFFSET(portico_request, api, 0),
    OFFSET(portico_request, context, 8),
    OFFSET(portico_request_api, table, 0),
    OFFSET(portico_request_api, method, 8),
    OFFSET(portico_request_api, path, 16),
    OFFSET(portico_request_api, param, 24),
    OFFSET(portico_request_api, query, 32),
    OFFSET(portico_request_api, header, 40),
    OFFSET(portico_request_api, form, 48),
    OFFSET(portico_request_api, body, 56),
    OFFSET(portico_request_api, json, 64),
    OFFSET(portico_request_api, external_url, 72),
    OFFSET(portico_request_api, set_status, 80),
    OFFSET(portico_request_api, set_header, 88),
    OFFSET(portico_request_api, reply_view, 96),
    OFFSET(portico_request_api, reply_json, 104),
    OFFSET(portico_request_api, reply_problem, 112),
    OFFSET(portico_request_api, reply_redirect, 120),
    OFFSET(portico_request_api, reply_bytes, 128),
    OFFSET(portico_request_api, reply_file, 136),
    OFFSET(portico_request_api, reply_template, 144),
    OFFSET(portico_argument, kind, 0),
    OFFSET(portico_argument, length, 4),
    OFFSET(portico_argument, integer, 8),
    OFFSET(portico_argument, real, 8),
    OFFSET(portico_argument, text, 8),
    OFFSET(portico_page_query, size, 0),
    OFFSET(portico_page_query, limit, 4),
    OFFSET(portico_page_query, table, 8),
    OFFSET(portico_page_query, columns, 16),
    OFFSET(portico_page_query, joins, 24),
    OFFSET(portico_page_query, where, 32),
    OFFSET(portico_page_query, arguments, 40),
    OFFSET(portico_page_query, argument_count, 48),
    OFFSET(portico_page_query, order, 56),
    OFFSET(portico_page_query, cursor, 64),
    OFFSET(portico_page, size, 0),
    OFFSET(portico_page, rows, 8),
    OFFSET(portico_page, next, 16),
    OFFSET(portico_page, previous, 24),
    OFFSET(portico_db_api, table, 0),
    OFFSET(portico_db_api, query, 8),
    OFFSET(portico_db_api, execute, 16),
    OFFSET(portico_db_api, begin, 24),
    OFFSET(portico_db_api, commit, 32),
    OFFSET(portico_db_api, rollback, 40),
    OFFSET(portico_db_api, cursor_open, 48),
    OFFSET(portico_db_api, cursor_next, 56),
    OFFSET(portico_db_api, cursor_close, 64),
    OFFSET(portico_db_api, page, 72),
    OFFSET(portico_db, api, 0),
    OFFSET(portico_cursor, api, 0),
    OFFSET(portico_document, size, 0),
    OFFSET(portico_document, kind, 8),
    OFFSET(portico_document, id, 16),
    OFFSET(portico_document, audience, 24),
    OFFSET(portico_document, time, 32),
    OFFSET(portico_document, title, 40),
    OFFSET(portico_document, body, 48),
    OFFSET(portico_document, url, 56),
    OFFSET(portico_document, locale, 64),
    OFFSET(portico_search_query, size, 0),
    OFFSET(portico_search_query, limit, 4),
    OFFSET(portico_search_query, text, 8),
    OFFSET(portico_search_query, kind, 16),
    OFFSET(portico_search_query, offset, 24),
    OFFSET(portico_search_api, table, 0),
    OFFSET(portico_search_api, index, 8),
    OFFSET(portico_search_api, remove, 16),
    OFFSET(portico_search_api, query, 24),
    OFFSET(portico_search, api, 0),
    OFFSET(portico_content_api, table, 0),
    OFFSET(portico_content_api, sanitize, 8),
    OFFSET(portico_content_api, markdown, 16),
    OFFSET(portico_content_api, plain, 24),
    OFFSET(portico_content_api, seal, 32),
    OFFSET(portico_content, api, 0),
    OFFSET(portico_route, method, 0),
    OFFSET(portico_route, pattern, 8),
    OFFSET(portico_route, handler, 16),
    OFFSET(portico_route, permission, 24),
    OFFSET(portico_route, summary, 32),
    OFFSET(portico_route, request_schema, 40),
    OFFSET(portico_route, response_schema, 48),
    OFFSET(portico_route, flags, 56),
    OFFSET(portico_route, deadline_ms, 60),
    OFFSET(portico_route, concurrency, 64),
    OFFSET(portico_route, cache_seconds, 68),
    OFFSET(portico_permission, name, 0),
    OFFSET(portico_permission, title, 8),
    OFFSET(portico_permission, description, 16),
    OFFSET(portico_setting, key, 0),
    OFFSET(portico_setting, type, 8),
    OFFSET(portico_setting, initial, 16),
    OFFSET(portico_setting, title, 24),
    OFFSET(portico_setting, help, 32),
    OFFSET(portico_setting, minimum, 40),
    OFFSET(portico_setting, maximum, 48),
    OFFSET(portico_setting, choices, 56),
    OFFSET(portico_navigation, path, 0),
    OFFSET(portico_navigation, title, 8),
    OFFSET(portico_navigation, icon, 16),
    OFFSET(portico_navigation, group, 24),
    OFFSET(portico_navigation, permission, 32),
    OFFSET(portico_navigation, tab, 40),
    OFFSET(portico_health_check, name, 0),
    OFFSET(portico_health_check, check, 8),
    OFFSET(portico_search_kind, kind, 0),
    OFFSET(portico_search_kind, title, 8),
    OFFSET(portico_search_kind, icon, 16),
    OFFSET(portico_import, size, 0),
    OFFSET(portico_import, format, 8),
    OFFSET(portico_import, directory, 16),
    OFFSET(portico_import, progress, 24),
    OFFSET(portico_import, skipped, 32),
    OFFSET(portico_import, count, 40),
    OFFSET(portico_importer, format, 0),
    OFFSET(portico_importer, summary, 8),
    OFFSET(portico_importer, run, 16),
    OFFSET(portico_module, size, 0),
    OFFSET(portico_module, abi, 4),
    OFFSET(portico_module, id, 8),
    OFFSET(portico_module, version, 16),
    OFFSET(portico_module, uses, 24),
    OFFSET(portico_module, title, 32),
    OFFSET(portico_module, description, 40),
    OFFSET(portico_module, concurrency, 48),
    OFFSET(portico_module, reserved, 52),
    OFFSET(portico_module, start, 56),
    OFFSET(portico_module, stop, 64),
    OFFSET(portico_module, routes, 72),
    OFFSET(portico_module, permissions, 88),
    OFFSET(portico_module, settings, 104),
    OFFSET(portico_module, navigation, 120),
    OFFSET(portico_module, health_checks, 136),
    OFFSET(portico_module, search_kinds, 152),
    OFFSET(portico_module, importers, 168),
#undef OFFSET
};

/* Numbers that stand in compiled modules. */
static const struct {
    const char *what;
    long actual, pinned;
} numbers[] = {
#define NUMBER(name, pinned)                                                                       \
    {                                                                                              \
#name, name, pinned                                                                        \
    }
    NUMBER(PORTICO_ABI, 0),
    NUMBER(PORTICO_EINVAL, -1),
    NUMBER(PORTICO_ENOMEM, -2),
    NUMBER(PORTICO_ENOENT, -3),
    NUMBER(PORTICO_EEXIST, -4),
    NUMBER(PORTICO_EPERM, -5),
    NUMBER(PORTICO_ENOTSUP, -6),
    NUMBER(PORTICO_EBUSY, -7),
    NUMBER(PORTICO_ETIMEDOUT, -8),
    NUMBER(PORTICO_EIO, -9),
    NUMBER(PORTICO_ECONFLICT, -10),
    NUMBER(PORTICO_ELIMIT, -11),
    NUMBER(PORTICO_EFAULT, -12),
    NUMBER(PORTICO_TEXT, 4),
    NUMBER(PORTICO_HTML, 5),
    NUMBER(PORTICO_TIME, 6),
    NUMBER(PORTICO_ID, 7),
    NUMBER(PORTICO_LISTING, 8),
    NUMBER(PORTICO_OBJECT, 9),
    NUMBER(PORTICO_ROWS, 10),
    NUMBER(PORTICO_NOTE_TYPE, 1),
    NUMBER(PORTICO_SETTING_TEXT, 1),
    NUMBER(PORTICO_SETTING_SECRET, 8),
    NUMBER(PORTICO_SERIAL, 1),
    NUMBER(PORTICO_FAILED, 2),
    NUMBER(PORTICO_AUDIENCE_EVERYONE, 1),
    NUMBER(PORTICO_ROUTE_HIDDEN, 1),
    NUMBER(PORTICO_ROUTE_IDEMPOTENT, 2),
#undef NUMBER
};

static void test_sizes_are_those_of_the_first_release(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_test_message("%s", sizes[i].what);
        g_assert_cmpuint(sizes[i].actual, ==, sizes[i].pinned);
    }
}

static void test_members_keep_their_places(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(offsets); i++) {
        g_test_message("%s", offsets[i].what);
        g_assert_cmpuint(offsets[i].actual, ==, offsets[i].pinned);
    }
}

static void test_numbers_keep_their_meaning(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        g_test_message("%s", numbers[i].what);
        g_assert_cmpint(numbers[i].actual, ==, numbers[i].pinned);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/abi/sizes are those of the first release",
                    test_sizes_are_those_of_the_first_release);
    g_test_add_func("/abi/members keep their places", test_members_keep_their_places);
    g_test_add_func("/abi/numbers keep their meaning", test_numbers_keep_their_meaning);
    return g_test_run();
}
