/* What is taken as a notice, and its way into the queue and out of it. */
#include "base/error.h"
#include "base/text.h"
#include "base/value_copy.h"
#include "notify/notice.h"
#include "notify/rows.h"

#define TITLE_MAX 500
#define REASON_MAX 300
#define URL_MAX 900
#define EXCERPT_MAX 600 /* what mails and pages show of a text */
#define ARGUMENTS_MAX 20

static int check_line(const char *what, const char *line, size_t most, struct portico_error *error)
{
    size_t length = line ? strlen(line) : 0;
    return length <= most && text_is_line(line, length)
               ? 0
               : error_set(error, PORTICO_EINVAL,
                           "The %s of a notice is one line of 1 to %zu bytes.", what, most);
}

static int check_url(const char *url, struct portico_error *error)
{
    bool fits = url && url[0] == '/' && url[1] != '/' && strlen(url) <= URL_MAX;
    for (const char *c = url; fits && *c; c++)
        fits = (unsigned char)*c > ' ' && (unsigned char)*c < 0x7f && !strchr("<>\"\\", *c);
    return fits ? 0
                : error_set(error, PORTICO_EINVAL,
                            "The url of a notice is a path of this portal such as \"/ideas/7\", "
                            "not \"%.100s\".",
                            url ? url : "");
}

static int check_arguments(const struct value *arguments, struct portico_error *error)
{
    bool fits =
        !arguments || (arguments->kind == PORTICO_OBJECT && arguments->count <= ARGUMENTS_MAX);
    for (uint32_t i = 0; fits && arguments && i < arguments->count; i++)
        fits = arguments->members[i].value->kind <= PORTICO_TEXT ||
               arguments->members[i].value->kind == PORTICO_TIME;
    return fits ? 0
                : error_set(error, PORTICO_EINVAL,
                            "The arguments of a notice are an object of at most %d texts, "
                            "numbers and times.",
                            ARGUMENTS_MAX);
}

static int check(const struct portico_notice *notice, struct portico_error *error)
{
    int code = notice_check_subject(notice->subject, error);
    if (code == 0 && notice->part)
        code = notice_check_subject(notice->part, error);
    if (code == 0)
        code = check_line("title", notice->title, TITLE_MAX, error);
    if (code == 0 && notice->reason)
        code = check_line("reason", notice->reason, REASON_MAX, error);
    if (code == 0)
        code = check_url(notice->url, error);
    if (code == 0 && notice->text && !text_is_utf8(notice->text, strlen(notice->text)))
        code = error_set(error, PORTICO_EINVAL, "The text of a notice is not UTF-8.");
    if (code == 0 && (notice->people_count > PORTICO_NOTICE_PEOPLE_MAX ||
                      notice->except_count > PORTICO_NOTICE_PEOPLE_MAX))
        code = error_set(error, PORTICO_ELIMIT,
                         "A notice names at most %d people: let them follow its subject.",
                         PORTICO_NOTICE_PEOPLE_MAX);
    if (code == 0 &&
        ((notice->people_count && !notice->people) || (notice->except_count && !notice->except)))
        code = error_set(error, PORTICO_EINVAL, "A notice counts people it does not give.");
    return code;
}

/* The beginning of a text, blanks folded, cut between characters. */
static char *excerpt_of(struct arena *arena, const char *text)
{
    struct buffer out = { 0 };
    size_t length = strlen(text), kept = length;
    bool blank = true;
    for (size_t i = 0; i < length && out.length <= EXCERPT_MAX; i++) {
        bool is_blank = (unsigned char)text[i] <= ' ' || text[i] == 0x7f;
        if (!is_blank)
            buffer_append_char(&out, text[i]);
        else if (!blank)
            buffer_append_char(&out, ' ');
        blank = is_blank;
    }
    kept = out.length > EXCERPT_MAX ? text_utf8_cut(out.data, EXCERPT_MAX) : out.length;
    char *excerpt = out.failed ? NULL
                               : arena_printf(arena, "%.*s%s", (int)kept, out.data ? out.data : "",
                                              kept < out.length ? "…" : "");
    buffer_free(&out);
    return excerpt;
}

static bool set_ids(struct value *object, const char *name, const int64_t *ids, size_t count)
{
    struct value *list = value_new(object->arena, PORTICO_LISTING);
    for (size_t i = 0; list && i < count; i++)
        if (value_append(list, value_scalar(object->arena, PORTICO_INTEGER, ids[i], 0)) < 0)
            return false;
    return list && value_set(object, text_of(name), list) == 0;
}

/* JSON, in which they wait and are kept, has no times: one is an object there, which no argument
 * is, so that a text that looks like a time stays a text. */
static struct value *keep_arguments(struct arena *arena, const struct value *arguments)
{
    struct value *kept = value_new(arena, PORTICO_OBJECT);
    bool good = kept != NULL;
    for (uint32_t i = 0; good && i < arguments->count; i++) {
        struct value *value = value_copy(arena, arguments->members[i].value), *time = value;
        if (value && value->kind == PORTICO_TIME) {
            time = value_new(arena, PORTICO_OBJECT);
            good = time && value_set(time, TEXT(NOTICE_TIME), value) == 0;
        }
        good = good && value && value_set(kept, arguments->members[i].key, time) == 0;
    }
    return good ? kept : NULL;
}

static struct value *order_of(struct arena *arena, const char *module,
                              const struct portico_notice *notice, int64_t actor)
{
    struct value *order = value_new(arena, PORTICO_OBJECT);
    const struct value *arguments = (const struct value *)notice->arguments;
    const char *excerpt = notice->text ? excerpt_of(arena, notice->text) : NULL;
    bool good = order && (excerpt || !notice->text) &&
                value_set_text(order, "module", module) == 0 &&
                value_set_text(order, "kind", notice->kind) == 0 &&
                value_set_text(order, "subject", notice->subject) == 0 &&
                value_set_text(order, "part", notice->part) == 0 &&
                value_set_text(order, "title", notice->title) == 0 &&
                value_set_text(order, "excerpt", excerpt) == 0 &&
                value_set_text(order, "url", notice->url) == 0 &&
                value_set_text(order, "reason", notice->reason) == 0 &&
                value_set_integer(order, "audience", notice->audience) == 0 &&
                value_set_integer(order, "actor", notice->actor ? notice->actor : actor) == 0 &&
                value_set_integer(order, "flags", notice->flags) == 0 &&
                set_ids(order, "people", notice->people, notice->people_count) &&
                set_ids(order, "except", notice->except, notice->except_count);
    if (good && arguments)
        good = value_set(order, TEXT("arguments"), keep_arguments(arena, arguments)) == 0;
    return good ? order : NULL;
}

int notice_queue(struct store_session *session, const char *module,
                 const struct portico_notice *notice, int64_t actor, struct portico_error *error)
{
    int code = check(notice, error);
    if (code == 0)
        code = check_arguments((const struct value *)notice->arguments, error);
    if (code < 0)
        return code;
    struct arena *arena = store_session_arena(session);
    struct value *order = order_of(arena, module, notice, actor);
    const char *lane = arena_printf(arena, "notices/%s/%s", module, notice->subject);
    if (!order || !lane)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a notice was queued.");
    const struct job_request request = {
        .module = "core",
        .name = NOTICE_JOB,
        .kind = JOB_HOST,
        .arguments = order,
        .lane = lane,
        .attempts = MAIL_ATTEMPTS,
        .person = notice->actor ? notice->actor : actor,
    };
    return job_queue(session, &request, NULL, error);
}

static const char *member_text(const struct value *order, const char *name)
{
    const struct value *value = value_get(order, text_of(name));
    return value && value->kind == PORTICO_TEXT ? value->text : NULL;
}

static int64_t member_integer(const struct value *order, const char *name)
{
    const struct value *value = value_get(order, text_of(name));
    return value && value->kind == PORTICO_INTEGER ? value->integer : 0;
}

static const struct value *member_of(const struct value *order, const char *name, uint32_t kind)
{
    const struct value *value = value_get(order, text_of(name));
    return value && value->kind == kind ? value : NULL;
}

int notice_order_read(const struct job_claim *claim, struct notice_order *ret_order,
                      struct portico_error *error)
{
    const struct value *object = claim->arguments;
    if (!object || object->kind != PORTICO_OBJECT)
        return error_set(error, PORTICO_EINVAL, "The job has no notice in its arguments.");
    const struct notice_order order = {
        .id = claim->id,
        .module = member_text(object, "module"),
        .kind = member_text(object, "kind"),
        .subject = member_text(object, "subject"),
        .part = member_text(object, "part"),
        .title = member_text(object, "title"),
        .excerpt = member_text(object, "excerpt"),
        .url = member_text(object, "url"),
        .reason = member_text(object, "reason"),
        .arguments = member_of(object, "arguments", PORTICO_OBJECT),
        .people = member_of(object, "people", PORTICO_LISTING),
        .except = member_of(object, "except", PORTICO_LISTING),
        .audience = member_integer(object, "audience"),
        .actor = member_integer(object, "actor"),
        .flags = (unsigned)member_integer(object, "flags"),
    };
    if (!order.module || !order.kind || !order.subject || !order.title || !order.url ||
        !order.people || !order.except)
        return error_set(error, PORTICO_EINVAL, "The job's arguments are no notice.");
    *ret_order = order;
    return 0;
}
