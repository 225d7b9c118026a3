#include "send.h"

#include <ctype.h>

#define TAG_MOST 30

int send_is_api(struct portico_request *request)
{
    return strncmp(portico_path(request), "/api/", 5) == 0;
}

const char *send_path(struct portico_request *request, portico_id topic, const char *slug,
                      const char *anchor, portico_id id)
{
    const char *path =
        portico_printf(request, "/communities/topics/%lld/%s", (long long)topic, slug);
    return anchor ? portico_printf(request, "%s#%s-%lld", path ? path : "", anchor, (long long)id)
                  : path;
}

/* When a form was opened is signed, for its reader alone: "TIME.SIGNATURE". Programs that send the
 * API's JSON open no form; what slows them down are the limits an hour. */
#define OPENED "opened"

static const char *opened_words(struct portico_request *request, portico_time opened)
{
    return portico_printf(request, "%lld %lld", (long long)portico_person(request),
                          (long long)opened);
}

/* What a page sent says of itself, or now: whoever takes that away or makes it up was not slow. */
static portico_time read_opened(struct portico_request *request)
{
    const char *given = portico_form(request, OPENED);
    const char *dot = given ? strchr(given, '.') : NULL;
    int64_t opened = 0;
    if (!dot ||
        words_integer(portico_printf(request, "%.*s", (int)(dot - given), given), &opened) < 0)
        return portico_now(request);
    const char *words = opened_words(request, opened);
    return words && portico_verify(portico_secrets(request), OPENED, words, strlen(words), dot + 1,
                                   NULL) == 0
               ? opened
               : portico_now(request);
}

int send_judge(struct portico_request *request, struct portico_form *form, enum brakes_act act,
               struct brakes_verdict *ret_verdict, struct portico_error *error)
{
    struct brakes_text text = {
        .act = act,
        .title = act == BRAKES_QUESTION ? portico_form_text(form, "title") : NULL,
        .source = portico_form_text(form, "body"),
        .opened = send_is_api(request) ? 0 : read_opened(request),
    };
    return brakes_write(PORTICO_CONTEXT(request), &text, ret_verdict, error);
}

const char *send_opened(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    portico_time opened = read_opened(request);
    const char *words = opened_words(request, opened);
    char *signature = NULL;
    if (!words || portico_sign(portico_secrets(request), OPENED, words, strlen(words), &signature,
                               &error) < 0) {
        portico_log(request, PORTICO_LOG_WARNING, "When a form was opened is not signed: %s",
                    error.message);
        return "";
    }
    return portico_printf(request, "%lld.%s", (long long)opened, signature);
}

const char *send_onward(const struct brakes_verdict *verdict, const char *path)
{
    return verdict->status == STATUS_SHOWN ? path : "/communities/waiting";
}

int send_refused(struct portico_request *request, const struct sending *sending, int code,
                 const struct portico_error *error)
{
    portico_rollback(portico_db(request));
    int beside = code == PORTICO_EINVAL, above = code == PORTICO_ECONFLICT || code == PORTICO_EPERM;
    /* A page keeps what was written; a program has it. */
    above |= code == PORTICO_ELIMIT && !send_is_api(request);
    if ((!beside && !above) || !error->message[0])
        return code == PORTICO_EEXIST || code == PORTICO_ELIMIT
                   ? code
                   : view_failed(request, code == PORTICO_EINVAL ? PORTICO_EIO : code, error);
    portico_form_reject(sending->form, beside ? sending->field : NULL, error->message);
    return portico_form_reply(sending->form, sending->template, sending->view);
}

/* Letters and digits of any script, and what names of products and versions hold. */
static int is_tag(const char *tag)
{
    size_t length = 0;
    for (const unsigned char *at = (const unsigned char *)tag; *at; at++, length++)
        if (*at < 0x80 && !isalnum(*at) && !strchr("-+._", *at))
            return 0;
    return length > 0 && length <= TAG_MOST && !strchr("-.", tag[0]);
}

static int has_tag(const char *tags, const char *tag)
{
    char own[WORDS_TAG_MAX + 1];
    while (words_next_tag(&tags, own))
        if (strcmp(own, tag) == 0)
            return 1;
    return 0;
}

int send_tags(struct portico_request *request, struct portico_form *form,
              char ret_tags[WORDS_TAGS_MAX + 1])
{
    const struct portico_value *list = portico_form_value(form, "tags");
    size_t length = 0;
    char tags[WORDS_TAGS_MAX + 1] = "";
    for (size_t i = 0; i < portico_count(list) && i < TAGS_MOST; i++) {
        char *tag = portico_printf(request, "%s", portico_text_of(portico_at(list, i), NULL));
        if (!tag)
            return PORTICO_ENOMEM;
        for (char *at = tag; *at; at++)
            *at = (char)((unsigned char)*at < 0x80 ? tolower((unsigned char)*at) : *at);
        if (!is_tag(tag)) {
            struct portico_value *arguments = portico_object(request);
            portico_set_text(arguments, "tag", tag);
            portico_form_reject(
                form, "tags",
                portico_translate(request,
                                  "“{tag}” cannot be a tag: take letters, digits, “-”, “+”, “.” "
                                  "and “_”, at most 30.",
                                  arguments));
            return PORTICO_EINVAL;
        }
        if (has_tag(tags, tag))
            continue;
        size_t more = strlen(tag);
        if (length)
            tags[length++] = ' ';
        memcpy(tags + length, tag, more + 1);
        length += more;
    }
    memcpy(ret_tags, tags, sizeof tags);
    return PORTICO_OK;
}
