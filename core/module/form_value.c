/* One value of a form: brought into its form, judged, and why it is refused. */
#include "base/error.h"
#include "module/form.h"
#include "notify/address.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool form_is_lines(uint32_t type)
{
    return type == PORTICO_FIELD_LONG || type == PORTICO_FIELD_MARKDOWN;
}

bool form_is_text(uint32_t type)
{
    return form_is_lines(type) || type == PORTICO_FIELD_TEXT || type == PORTICO_FIELD_MAIL ||
           type == PORTICO_FIELD_PASSWORD || type == PORTICO_FIELD_HIDDEN ||
           type == PORTICO_FIELD_LINK;
}

uint32_t form_most(const struct portico_field *field)
{
    if (field->maximum_length)
        return field->maximum_length;
    if (form_is_lines(field->type))
        return FORM_LINES_MAX;
    if (field->type == PORTICO_FIELD_PASSWORD)
        return FORM_PASSWORD_MAX;
    return field->type == PORTICO_FIELD_TAGS ? FORM_TAGS_MAX : FORM_LINE_MAX;
}

int form_parse_choices(struct arena *arena, const char *lines, struct form_choice **ret_choices,
                       unsigned *ret_count)
{
    unsigned count = 1, at = 0;
    for (const char *c = lines; c && *c; c++)
        count += *c == '\n';
    struct form_choice *choices = arena_zalloc(arena, count * sizeof *choices);
    if (!choices)
        return PORTICO_ENOMEM;
    for (const char *line = lines; line && *line;) {
        size_t length = strcspn(line, "\n");
        const char *equals = memchr(line, '=', length);
        size_t value = equals ? (size_t)(equals - line) : length;
        if (length > 0) {
            choices[at].value = arena_strndup(arena, line, value);
            choices[at].title =
                equals ? arena_strndup(arena, equals + 1, length - value - 1) : choices[at].value;
            if (!choices[at].value || !choices[at].title)
                return PORTICO_ENOMEM;
            at++;
        }
        line += length + (line[length] == '\n');
    }
    *ret_choices = choices;
    *ret_count = at;
    return 0;
}

/* One judgement at work. */
struct judging {
    struct arena *arena;
    const struct form_rules *rules;
    struct form_reading *reading;
};

static int refuse(struct judging *judging, const char *sentence)
{
    judging->reading->sentence = sentence;
    judging->reading->value = NULL;
    return 0;
}

static int refuse_with(struct judging *judging, const char *sentence, int64_t limit, int64_t count)
{
    struct value *arguments = value_new(judging->arena, PORTICO_OBJECT);
    if (!arguments || value_set_integer(arguments, "limit", limit) < 0 ||
        value_set_integer(arguments, "count", count) < 0)
        return PORTICO_ENOMEM;
    judging->reading->arguments = arguments;
    return refuse(judging, sentence);
}

static int refuse_naming(struct judging *judging, const char *sentence, const char *word)
{
    struct value *arguments = value_new(judging->arena, PORTICO_OBJECT);
    if (!arguments || value_set_text(arguments, "word", word) < 0 ||
        value_set_integer(arguments, "limit", FORM_TAG_MAX) < 0)
        return PORTICO_ENOMEM;
    judging->reading->arguments = arguments;
    return refuse(judging, sentence);
}

static int accept(struct judging *judging, struct value *value)
{
    judging->reading->value = value;
    return value ? 0 : PORTICO_ENOMEM;
}

/* Line ends become "\n", letters NFC. */
static const char *normalized(struct arena *arena, struct text typed)
{
    char *text = arena_alloc(arena, typed.length + 1);
    size_t length = 0;
    bool plain = true;
    for (size_t i = 0; text && i < typed.length; i++) {
        char c = typed.data[i];
        if (c == '\r' && i + 1 < typed.length && typed.data[i + 1] == '\n')
            continue;
        text[length++] = c == '\r' ? '\n' : c;
        plain &= (unsigned char)c < 0x80;
    }
    if (!text)
        return NULL;
    text[length] = '\0';
    char *composed = plain ? NULL : g_utf8_normalize(text, (gssize)length, G_NORMALIZE_NFC);
    const char *result = composed ? arena_strdup(arena, composed) : text;
    g_free(composed);
    return result;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Lines before the first with words go, blanks within it stay: they may mean code. */
static const char *trimmed(struct arena *arena, const char *text, bool lines)
{
    const char *begin = text;
    for (const char *c = text; is_blank(*c); c++)
        if (!lines || *c == '\n')
            begin = c + 1;
    size_t length = strlen(begin);
    while (length > 0 && is_blank(begin[length - 1]))
        length--;
    return arena_strndup(arena, begin, length);
}

/* C0 but for line ends and tabs, DEL, C1. */
static bool has_controls(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if ((*c < 0x20 && *c != '\n' && *c != '\t') || *c == 0x7f)
            return true;
        if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
            return true;
    }
    return false;
}

/* Embeddings, overrides and isolates: on one line with others they turn those around as well. */
static bool turns_around(const char *text)
{
    for (const char *c = text; *c; c = g_utf8_next_char(c)) {
        gunichar letter = g_utf8_get_char(c);
        if ((letter >= 0x202a && letter <= 0x202e) || (letter >= 0x2066 && letter <= 0x2069))
            return true;
    }
    return false;
}

/* Letters that draw nothing, though they are no blanks and no format characters by their kind. */
static bool is_filler(gunichar letter)
{
    return letter == 0x115f || letter == 0x1160 || letter == 0x2800 || letter == 0x3164 ||
           letter == 0xffa0 || letter == 0xfffc;
}

static bool is_seen(gunichar letter)
{
    return g_unichar_isgraph(letter) && !g_unichar_iszerowidth(letter) && !is_filler(letter);
}

static bool shows_something(const char *text)
{
    for (const char *c = text; *c; c = g_utf8_next_char(c))
        if (is_seen(g_utf8_get_char(c)))
            return true;
    return false;
}

#define UNSEEN /* translated */ "Write something that can be seen."

static int judge_length(struct judging *judging)
{
    const struct portico_field *field = judging->rules->field;
    const char *text = judging->reading->text;
    int64_t count = g_utf8_strlen(text, -1);
    if (field->type != PORTICO_FIELD_PASSWORD && field->type != PORTICO_FIELD_HIDDEN &&
        !shows_something(text))
        return refuse(judging, UNSEEN);
    if (count > form_most(field))
        return refuse_with(judging, /* translated */
                           "Shorten this to {limit} characters; it has {count}.", form_most(field),
                           count);
    if (count < field->minimum_length)
        return refuse_with(judging, /* translated */
                           "Write at least {limit} characters; it has {count}.",
                           field->minimum_length, count);
    return accept(judging, value_text(judging->arena, text, strlen(text)));
}

static int judge_mail(struct judging *judging)
{
    struct mail_address address;
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *text = judging->reading->text;
    if (strpbrk(text, "<>,; \t") ||
        mail_address_parse(judging->arena, text, &address, &error) < 0 || address.name)
        return refuse(judging, /* translated */
                      "This is not a mail address: write it like name@example.com.");
    return judge_length(judging);
}

static bool is_link(const char *text)
{
    static const char *const schemes[] = { "https://", "http://" };
    GUri *uri = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (g_ascii_strncasecmp(text, schemes[i], strlen(schemes[i])) == 0 &&
            !strpbrk(text, " \t\n\"<>\\"))
            uri = g_uri_parse(text, G_URI_FLAGS_PARSE_RELAXED, NULL);
    const char *host = uri ? g_uri_get_host(uri) : NULL;
    bool good = host && *host && !g_uri_get_userinfo(uri);
    if (uri)
        g_uri_unref(uri);
    return good;
}

static int judge_link(struct judging *judging)
{
    if (!is_link(judging->reading->text))
        return refuse(judging, /* translated */
                      "This is not a link: begin it with https:// or http://.");
    return judge_length(judging);
}

static bool to_integer(const char *text, int64_t *ret_number)
{
    long long number;
    if (!text || !text_to_int64(text_of(*text == '+' ? text + 1 : text), &number))
        return false;
    *ret_number = number;
    return true;
}

static int refuse_bound(struct judging *judging, const char *sentence, const char *bound)
{
    struct value *arguments = value_new(judging->arena, PORTICO_OBJECT);
    if (!arguments || value_set_text(arguments, "limit", bound) < 0)
        return PORTICO_ENOMEM;
    judging->reading->arguments = arguments;
    return refuse(judging, sentence);
}

static int judge_integer(struct judging *judging)
{
    const struct portico_field *field = judging->rules->field;
    int64_t number, bound;
    if (!to_integer(judging->reading->text, &number))
        return refuse(judging, /* translated */ "Write a whole number, such as 12.");
    if (to_integer(field->minimum, &bound) && number < bound)
        return refuse_bound(judging, /* translated */ "Write a number of at least {limit}.",
                            field->minimum);
    if (to_integer(field->maximum, &bound) && number > bound)
        return refuse_bound(judging, /* translated */ "Write a number of at most {limit}.",
                            field->maximum);
    return accept(judging, value_scalar(judging->arena, PORTICO_INTEGER, number, 0));
}

static bool to_real(const char *text, double *ret_number)
{
    char *end = NULL;
    if (!text || !*text || strspn(text, "0123456789+-.eE") != strlen(text))
        return false;
    double number = g_ascii_strtod(text, &end);
    if (*end || !isfinite(number))
        return false;
    *ret_number = number;
    return true;
}

static int judge_real(struct judging *judging)
{
    const struct portico_field *field = judging->rules->field;
    double number, bound;
    if (!to_real(judging->reading->text, &number))
        return refuse(judging, /* translated */ "Write a number, such as 12.5.");
    if (to_real(field->minimum, &bound) && number < bound)
        return refuse_bound(judging, /* translated */ "Write a number of at least {limit}.",
                            field->minimum);
    if (to_real(field->maximum, &bound) && number > bound)
        return refuse_bound(judging, /* translated */ "Write a number of at most {limit}.",
                            field->maximum);
    return accept(judging, value_scalar(judging->arena, PORTICO_REAL, 0, number));
}

/* RFC 3339 full-date; days in order are texts in order. */
static bool is_date(const char *text)
{
    static const char shape[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof shape; i++)
        if (shape[i] == 'd' ? !g_ascii_isdigit(text[i]) : text[i] != shape[i])
            return false;
    return atoi(text) >= 1 && g_date_valid_dmy((GDateDay)atoi(text + 8), (GDateMonth)atoi(text + 5),
                                               (GDateYear)atoi(text));
}

static int judge_date(struct judging *judging)
{
    const struct portico_field *field = judging->rules->field;
    const char *text = judging->reading->text;
    if (!is_date(text))
        return refuse(judging, /* translated */ "Write a day like 2026-11-22.");
    if (field->minimum && strcmp(text, field->minimum) < 0)
        return refuse_bound(judging, /* translated */ "Choose a day that is {limit} or later.",
                            field->minimum);
    if (field->maximum && strcmp(text, field->maximum) > 0)
        return refuse_bound(judging, /* translated */ "Choose a day that is {limit} or earlier.",
                            field->maximum);
    return accept(judging, value_text(judging->arena, text, strlen(text)));
}

static int judge_boolean(struct judging *judging)
{
    static const struct {
        const char *typed;
        bool truth;
    } words[] = {
        { "1", true }, { "on", true }, { "true", true }, { "0", false }, { "false", false }
    };
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strcmp(words[i].typed, judging->reading->text) != 0)
            continue;
        judging->reading->text = words[i].truth ? "1" : "";
        if (!words[i].truth && judging->rules->field->flags & PORTICO_FIELD_REQUIRED)
            return refuse(judging, /* translated */ "Tick this box to go on.");
        return accept(judging, value_scalar(judging->arena, PORTICO_BOOLEAN, words[i].truth, 0));
    }
    return refuse(judging, /* translated */ "Tick the box or leave it.");
}

static int judge_choice(struct judging *judging)
{
    const char *text = judging->reading->text;
    for (unsigned i = 0; i < judging->rules->choice_count; i++)
        if (strcmp(judging->rules->choices[i].value, text) == 0)
            return accept(judging, value_text(judging->arena, text, strlen(text)));
    return refuse(judging, /* translated */ "Choose one of the list.");
}

static bool is_among(const struct value *list, const char *word)
{
    for (uint32_t i = 0; i < list->count; i++) {
        char *own = g_utf8_casefold(list->items[i]->text, -1), *other = g_utf8_casefold(word, -1);
        bool same = strcmp(own, other) == 0;
        g_free(own);
        g_free(other);
        if (same)
            return true;
    }
    return false;
}

#define TAGS_BEYOND 100 /* counted for the sentence that says how many too many there are */

static int judge_tags(struct judging *judging)
{
    const struct portico_field *field = judging->rules->field;
    struct value *list = value_new(judging->arena, PORTICO_LISTING);
    struct buffer text = { 0 };
    const char *too_long = NULL, *unseen = NULL;
    int code = list ? 0 : PORTICO_ENOMEM;
    for (const char *at = judging->reading->text; code == 0 && *at;) {
        size_t length = strcspn(at, ", \t\n");
        const char *word = length ? arena_strndup(judging->arena, at, length) : NULL;
        at += length + (at[length] != '\0');
        if (length == 0 || (word && is_among(list, word)))
            continue;
        if (!word || value_append(list, value_text(judging->arena, word, length)) < 0)
            code = PORTICO_ENOMEM;
        else if (g_utf8_strlen(word, -1) > FORM_TAG_MAX)
            too_long = word;
        else if (!shows_something(word))
            unseen = word;
        buffer_append_text(&text, text.length ? ", " : "");
        buffer_append(&text, word ? word : "", word ? length : 0);
        if (list->count > form_most(field) + TAGS_BEYOND) /* each is compared with all before */
            break;
    }
    const char *shown = buffer_text(&text);
    if (list && list->count <= form_most(field))
        judging->reading->text = shown ? arena_strdup(judging->arena, shown) : NULL;
    buffer_free(&text);
    if (code < 0 || !judging->reading->text)
        return PORTICO_ENOMEM;
    if (unseen)
        return refuse(judging, UNSEEN);
    if (too_long)
        return refuse_naming(judging, /* translated */ "Shorten “{word}” to {limit} characters.",
                             too_long);
    if (list->count > form_most(field))
        return refuse_with(judging, /* translated */
                           "Keep at most {limit} of these; there are {count}.", form_most(field),
                           list->count);
    if (list->count < field->minimum_length)
        return refuse_with(judging, /* translated */ "Name at least {limit}.",
                           field->minimum_length, list->count);
    return accept(judging, list);
}

static const struct {
    int (*judge)(struct judging *judging);
    const char *missing;
} types[] = {
#define MISSING "Fill this in."
    [PORTICO_FIELD_TEXT] = { judge_length, /* translated */ "Fill this in." },
    [PORTICO_FIELD_LONG] = { judge_length, MISSING },
    [PORTICO_FIELD_MARKDOWN] = { judge_length, MISSING },
    [PORTICO_FIELD_MAIL] = { judge_mail, MISSING },
    [PORTICO_FIELD_PASSWORD] = { judge_length, MISSING },
    [PORTICO_FIELD_INTEGER] = { judge_integer, MISSING },
    [PORTICO_FIELD_BOOLEAN] = { judge_boolean, /* translated */ "Tick this box to go on." },
    [PORTICO_FIELD_CHOICE] = { judge_choice, /* translated */ "Choose one." },
    [PORTICO_FIELD_TAGS] = { judge_tags, MISSING },
    [PORTICO_FIELD_FILE] = { judge_length, /* translated */ "Choose a file." },
    [PORTICO_FIELD_HIDDEN] = { judge_length, MISSING },
    [PORTICO_FIELD_LINK] = { judge_link, MISSING },
    [PORTICO_FIELD_DATE] = { judge_date, /* translated */ "Choose a day." },
    [PORTICO_FIELD_REAL] = { judge_real, MISSING },
    [PORTICO_FIELD_SHARING] = { judge_choice, /* translated */ "Choose one." },
#undef MISSING
};

int form_read(struct arena *arena, const struct form_rules *rules, struct text typed,
              struct form_reading *ret_reading)
{
    const struct portico_field *field = rules->field;
    struct form_reading reading = { 0 };
    struct judging judging = { arena, rules, &reading };
    bool lines = form_is_lines(field->type);
    const char *text = normalized(arena, typed);
    reading.text = text;
    if (text && field->type != PORTICO_FIELD_PASSWORD)
        reading.text = trimmed(arena, text, lines);
    if (!reading.text)
        return PORTICO_ENOMEM;
    int code = 0;
    bool line = field->type == PORTICO_FIELD_TEXT || field->type == PORTICO_FIELD_TAGS;
    if (has_controls(reading.text) || (line && turns_around(reading.text)))
        code = refuse(&judging, /* translated */
                      "Take out the control characters; they may have come with copied text.");
    else if (!lines && field->type != PORTICO_FIELD_TAGS && strchr(reading.text, '\n'))
        code = refuse(&judging, /* translated */ "Write this on one line.");
    else if (*reading.text)
        code = types[field->type].judge(&judging);
    else if (field->flags & PORTICO_FIELD_REQUIRED)
        code = refuse(&judging, types[field->type].missing);
    if (code == 0)
        *ret_reading = reading;
    return code;
}

/* JSON. */

static const char *list_typed(struct arena *arena, const struct value *list)
{
    struct buffer text = { 0 };
    for (uint32_t i = 0; i < list->count; i++) {
        buffer_append_text(&text, i ? ", " : "");
        buffer_append(&text, list->items[i]->text, list->items[i]->count);
    }
    const char *typed = buffer_text(&text);
    typed = typed ? arena_strdup(arena, typed) : NULL;
    buffer_free(&text);
    return typed;
}

/* Texts without what separates them. */
static bool is_list_of_words(const struct value *value)
{
    if (value->kind != PORTICO_LISTING)
        return false;
    for (uint32_t i = 0; i < value->count; i++)
        if (value->items[i]->kind != PORTICO_TEXT || !value->items[i]->count ||
            strpbrk(value->items[i]->text, ", \t\n\r"))
            return false;
    return true;
}

const char *form_typed(struct arena *arena, const struct portico_field *field,
                       const struct value *value)
{
    if (!value || value->kind == PORTICO_NULL)
        return "";
    switch (field->type) {
    case PORTICO_FIELD_INTEGER:
        return value->kind == PORTICO_INTEGER
                   ? arena_printf(arena, "%lld", (long long)value->integer)
                   : NULL;
    case PORTICO_FIELD_REAL: {
        char digits[G_ASCII_DTOSTR_BUF_SIZE];
        if (value->kind == PORTICO_INTEGER)
            return arena_printf(arena, "%lld", (long long)value->integer);
        return value->kind == PORTICO_REAL
                   ? arena_strdup(arena, g_ascii_dtostr(digits, sizeof digits, value->real))
                   : NULL;
    }
    case PORTICO_FIELD_BOOLEAN:
        return value->kind == PORTICO_BOOLEAN ? value->integer ? "1" : "0" : NULL;
    case PORTICO_FIELD_TAGS: return is_list_of_words(value) ? list_typed(arena, value) : NULL;
    case PORTICO_FIELD_SHARING: return form_sharing_typed(arena, value);
    default: return value->kind == PORTICO_TEXT ? value->text : NULL;
    }
}

static const char *kind_sentence(uint32_t type)
{
    switch (type) {
    case PORTICO_FIELD_INTEGER: return /* translated */ "Send this as a whole number.";
    case PORTICO_FIELD_REAL: return /* translated */ "Send this as a number.";
    case PORTICO_FIELD_BOOLEAN: return /* translated */ "Send this as true or false.";
    case PORTICO_FIELD_TAGS:
        return /* translated */ "Send this as a list of words without commas and blanks.";
    default: return /* translated */ "Send this as a text.";
    }
}

int form_read_json(struct arena *arena, const struct form_rules *rules, const struct value *member,
                   struct form_reading *ret_reading)
{
    const char *typed = form_typed(arena, rules->field, member);
    if (typed)
        return form_read(arena, rules, text_of(typed), ret_reading);
    *ret_reading =
        (struct form_reading){ .text = "", .sentence = kind_sentence(rules->field->type) };
    return 0;
}
