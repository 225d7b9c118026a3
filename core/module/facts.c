#include "module/facts.h"

#include "base/clock.h"
#include "base/error.h"
#include "identity/fact.h"
#include "module/form.h"
#include "module/module.h"
#include "page/format.h"

#define TEXT_MAX 500 /* characters */

static const struct {
    const char *word;
    uint32_t field; /* judged as a form's field of this type */
} types[] = {
    [PORTICO_FACT_TEXT] = { "text", PORTICO_FIELD_TEXT },
    [PORTICO_FACT_NUMBER] = { "number", PORTICO_FIELD_REAL },
    [PORTICO_FACT_DATE] = { "date", PORTICO_FIELD_DATE },
    [PORTICO_FACT_BOOLEAN] = { "boolean", PORTICO_FIELD_BOOLEAN },
    [PORTICO_FACT_CHOICE] = { "choice", PORTICO_FIELD_CHOICE },
};

const struct portico_account_fact *facts_find(const struct module *module, const char *key)
{
    const struct portico_list *list = &module->descriptor->account_facts;
    const struct portico_account_fact *facts = list->items;
    for (uint32_t i = 0; key && i < list->count; i++)
        if (strcmp(facts[i].key, key) == 0)
            return &facts[i];
    return NULL;
}

/* As a form judges a field of this kind. */
static int judge_as(uint32_t kind, const struct portico_account_fact *fact, const char *typed,
                    struct arena *arena, struct form_reading *ret_reading)
{
    struct form_choice *choices = NULL;
    const struct portico_field field = { .type = kind,
                                         .maximum_length =
                                             fact->type == PORTICO_FACT_TEXT ? TEXT_MAX : 0 };
    struct form_rules rules = { .field = &field };
    if (form_parse_choices(arena, fact->choices, &choices, &rules.choice_count) < 0)
        return PORTICO_ENOMEM;
    rules.choices = choices;
    return form_read(arena, &rules, text_of(typed), ret_reading);
}

static int judge(const struct portico_account_fact *fact, const char *typed, struct arena *arena,
                 struct form_reading *ret_reading)
{
    return judge_as(types[fact->type].field, fact, typed, arena, ret_reading);
}

int facts_check(const struct portico_account_fact *fact, const char *typed, struct arena *arena,
                const char **ret_content, struct portico_error *error)
{
    struct form_reading reading = { .text = "" };
    if (typed && !text_is_utf8(typed, strlen(typed)))
        return error_set(error, PORTICO_EINVAL, "A value is UTF-8.");
    if (typed && judge(fact, typed, arena, &reading) < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a fact was checked.");
    if (reading.sentence)
        return error_set(error, PORTICO_EINVAL, "\"%.100s\" is no value of %.64s: %s", typed,
                         fact->key, reading.sentence);
    bool truth = fact->type == PORTICO_FACT_BOOLEAN && reading.value;
    *ret_content = truth                           ? reading.value->integer ? "true" : "false"
                   : reading.text && *reading.text ? reading.text
                                                   : NULL;
    return 0;
}

struct value *facts_value(const struct portico_account_fact *fact, const char *content,
                          struct arena *arena)
{
    struct form_reading reading = { 0 };
    long long whole;
    if (fact->type == PORTICO_FACT_NUMBER && text_to_int64(text_of(content), &whole))
        return value_scalar(arena, PORTICO_INTEGER, whole, 0);
    return judge(fact, content, arena, &reading) == 0 ? reading.value : NULL;
}

/* ---- for pages ---- */

/* One account's page at work. */
struct showing {
    struct facts_reader reader;
    const struct value *rows; /* of identity_facts */
    bool staff;
    struct value *list;
};

static const char *content_of(const struct value *rows, const char *module, const char *fact)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        if (strcmp(cells[0].text, module) == 0 && strcmp(cells[1].text, fact) == 0)
            return cells[2].text;
    }
    return NULL;
}

const char *facts_words(const struct facts_reader *reader, const char *module, const char *source)
{
    if (!source || !reader->host->pages)
        return source;
    return page_translate(reader->host->pages, module, reader->arena, reader->locale, source, NULL);
}

/* In the arena; NULL: memory ended. */
static const char *kept(const struct facts_reader *reader, struct buffer *out)
{
    const char *text =
        out->failed ? NULL : arena_strndup(reader->arena, (const char *)out->data, out->length);
    buffer_free(out);
    return text;
}

/* A day is the same one in all zones. */
static const char *day_text(const struct facts_reader *reader, const char *content)
{
    const struct page_reader words = { .locale = reader->locale, .timezone = "UTC" };
    const int64_t day = clock_parse_first_day(content, strlen(content));
    struct buffer out = { 0 };
    if (day == INT64_MIN)
        return content;
    format_time(&out, &words, FORMAT_DATE, day);
    return kept(reader, &out);
}

/* With all digits that it has behind the point: 99.999 is not 100. */
static const char *number_text(const struct facts_reader *reader,
                               const struct portico_account_fact *fact, const char *content)
{
    const struct value *value = facts_value(fact, content, reader->arena);
    const char *point = strchr(content, '.');
    struct buffer out = { 0 };
    if (!value)
        return content;
    if (value->kind == PORTICO_INTEGER)
        format_integer(&out, reader->locale, value->integer);
    else
        format_decimal(&out, reader->locale, value->real,
                       point ? (unsigned)strspn(point + 1, "0123456789") : 0);
    return kept(reader, &out);
}

const char *facts_text(const struct facts_reader *reader, const char *module,
                       const struct portico_account_fact *fact, const char *content)
{
    struct form_choice *choices = NULL;
    unsigned count = 0;
    if (fact->type == PORTICO_FACT_BOOLEAN)
        return strcmp(content, "true") == 0 ? facts_words(reader, "portico", /* translated */ "Yes")
                                            : facts_words(reader, "portico", /* translated */ "No");
    if (fact->type == PORTICO_FACT_DATE)
        return day_text(reader, content);
    if (fact->type == PORTICO_FACT_NUMBER)
        return number_text(reader, fact, content);
    if (fact->type == PORTICO_FACT_CHOICE)
        form_parse_choices(reader->arena, fact->choices, &choices, &count);
    for (unsigned i = 0; i < count; i++)
        if (strcmp(choices[i].value, content) == 0)
            return facts_words(reader, module, choices[i].title);
    return content;
}

/* A text that is an address of the web as a whole; NULL: it is none. */
static const char *link_of(const struct portico_account_fact *fact, const char *content,
                           struct arena *arena)
{
    struct form_reading reading = { 0 };
    return fact->type == PORTICO_FACT_TEXT &&
                   judge_as(PORTICO_FIELD_LINK, fact, content, arena, &reading) == 0 &&
                   reading.value && !reading.sentence
               ? content
               : NULL;
}

static int add(const struct showing *showing, const struct module *module,
               const struct portico_account_fact *fact)
{
    const char *content = content_of(showing->rows, module->id, fact->key);
    if (!content || !(showing->staff || fact->flags & PORTICO_FACT_SHOWN))
        return 0;
    struct arena *arena = showing->list->arena;
    struct value *object = value_new(arena, PORTICO_OBJECT);
    struct value *value = facts_value(fact, content, arena);
    if (!value) /* a choice that the module has no more */
        return object ? 0 : PORTICO_ENOMEM;
    if (!object || value_set_text(object, "module", module->id) < 0 ||
        value_set_text(object, "key", fact->key) < 0 ||
        value_set_text(object, "title", facts_words(&showing->reader, module->id, fact->title)) <
            0 ||
        value_set_text(object, "help",
                       showing->staff ? facts_words(&showing->reader, module->id, fact->help)
                                      : NULL) < 0 ||
        value_set_text(object, "type", types[fact->type].word) < 0 ||
        value_set(object, TEXT("value"), value) < 0 ||
        value_set_text(object, "text", facts_text(&showing->reader, module->id, fact, content)) <
            0 ||
        value_set_text(object, "link", link_of(fact, content, arena)) < 0 ||
        value_set_boolean(object, "shown", fact->flags & PORTICO_FACT_SHOWN) < 0)
        return PORTICO_ENOMEM;
    return value_append(showing->list, object);
}

int facts_of_account(const struct module_host *host, struct store_session *session, int64_t account,
                     bool staff, const char *locale, struct value **ret_list,
                     struct portico_error *error)
{
    struct showing showing = { .reader = { host, locale, store_session_arena(session) },
                               .staff = staff };
    int code = identity_facts(session, account, (struct value **)(uintptr_t)&showing.rows, error);
    if (code < 0)
        return code;
    showing.list = value_new(store_session_arena(session), PORTICO_LISTING);
    const GPtrArray *modules = host->registry->modules;
    for (guint i = 0; showing.list && code == 0 && i < modules->len; i++) {
        const struct module *module = g_ptr_array_index(modules, i);
        const struct portico_account_fact *facts = module->descriptor->account_facts.items;
        for (uint32_t n = 0; code == 0 && n < module->descriptor->account_facts.count; n++)
            code = add(&showing, module, &facts[n]);
    }
    if (!showing.list || code < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while facts were read.");
    *ret_list = showing.list;
    return 0;
}
