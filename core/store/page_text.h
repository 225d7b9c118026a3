/* One visible list while its text is made: of store_page and store_page_count. */
#ifndef STORE_PAGE_TEXT_H
#define STORE_PAGE_TEXT_H

#include "store/driver.h"
#include "store/keys.h"

#define PAGE_ARGUMENTS_MAX 64u /* as given; of them, a text takes some more than once */
#define PAGE_PASSED_MAX (4 * PAGE_ARGUMENTS_MAX)

struct page {
    const struct portico_page_query *query;
    struct store_session *session;
    struct page_keys keys;
    bool open;           /* the table has no audience: all its rows are for all */
    bool named;          /* some rows of it were granted to people by name, and the viewer is one */
    size_t joins, where; /* parameters of these parts */
    struct portico_argument arguments[PAGE_PASSED_MAX]; /* in the order the text takes them */
    size_t argument_count;
};

/* Adds to the arguments that the text passes. */
void page_text_pass(struct page *page, const struct portico_argument *arguments, size_t count);
/* The author's condition, which equals the list's key; false: there is none. */
bool page_text_where(struct page *page, GString *sql, const char *before);
/* What was granted to the viewer and is in none of their audiences, as a relation `t`: as many rows
 * as grants at most. */
void page_text_granted(struct page *page, GString *sql);
/* The statement of a page; `ret_hosts`: it is the host's text around the module's, which has been
 * checked. Free with g_free. */
int page_text_make(struct page *page, char **ret_sql, bool *ret_hosts, struct portico_error *error);
/* Reads of the schema what is `open` and `named`. */
void page_text_look(struct page *page);

/* Table, parts and parameters of a list; `page->query` and `page->session` stand. */
int page_begin(struct page *page, struct portico_error *error);

#endif
