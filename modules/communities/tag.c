/* A tag: for whom its topics are counted, and what moderators say of it. */
#include "send.h"

#define TAG_SQL "{unfiltered counting} "

int tag_lock(struct portico_context *context, const char *tag, struct portico_error *error)
{
    return portico_execute(
        portico_db(context),
        TAG_SQL "INSERT INTO communities_tag (name, audience, topics)\n"
                "VALUES (?, ?, 0)\n"
                "ON CONFLICT (name) DO UPDATE\n"
                "SET topics = communities_tag.topics",
        PORTICO_ARGS(portico_arg_text(tag), portico_arg_id(PORTICO_AUDIENCE_NOBODY)), NULL, error);
}

/* The ids of everyone, signed-in and staff rise as they narrow: the lowest is the widest. What only
 * accounts use is for nobody here; tags.c counts it for them. */
static int widen(struct portico_context *context, const char *tag, struct portico_error *error)
{
    struct portico_argument nobody = portico_arg_id(PORTICO_AUDIENCE_NOBODY);
    return portico_execute(
        portico_db(context),
        TAG_SQL "UPDATE communities_tag\n"
                "SET audience = COALESCE((SELECT MIN(c.audience) FROM communities_tag_count c\n"
                "                         WHERE c.tag = communities_tag.name AND c.topics > 0\n"
                "                             AND c.audience < ?), ?),\n"
                "    topics = COALESCE((SELECT c.topics FROM communities_tag_count c\n"
                "                       WHERE c.tag = communities_tag.name AND c.topics > 0\n"
                "                           AND c.audience < ?\n"
                "                       ORDER BY c.audience\n"
                "                       LIMIT 1), 0)\n"
                "WHERE name = ?",
        PORTICO_ARGS(nobody, nobody, nobody, portico_arg_text(tag)), NULL, error);
}

int tag_count(struct portico_context *context, const char *tag, portico_id audience, int64_t number,
              struct portico_error *error)
{
    int code = tag_lock(context, tag, error);
    if (code == 0)
        code =
            portico_execute(portico_db(context),
                            TAG_SQL "INSERT INTO communities_tag_count (tag, audience, topics)\n"
                                    "VALUES (?, ?, ?)\n"
                                    "ON CONFLICT (tag, audience) DO UPDATE\n"
                                    "SET topics = communities_tag_count.topics + excluded.topics",
                            PORTICO_ARGS(portico_arg_text(tag), portico_arg_id(audience),
                                         portico_arg_integer(number)),
                            NULL, error);
    return code < 0 ? code : widen(context, tag, error);
}

int tag_recount(struct portico_context *context, const char *tag, portico_id audience,
                int64_t number, struct portico_error *error)
{
    int code = tag_lock(context, tag, error);
    if (code == 0)
        code = portico_execute(portico_db(context),
                               TAG_SQL "INSERT INTO communities_tag_count (tag, audience, topics)\n"
                                       "VALUES (?, ?, ?)\n"
                                       "ON CONFLICT (tag, audience) DO UPDATE\n"
                                       "SET topics = excluded.topics",
                               PORTICO_ARGS(portico_arg_text(tag), portico_arg_id(audience),
                                            portico_arg_integer(number)),
                               NULL, error);
    return code < 0 ? code : widen(context, tag, error);
}

/* ---- what moderators say of it ---- */

static int describe(struct portico_request *request, const struct sending *sending,
                    const char *name)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *words = portico_form_text(sending->form, "description");
    struct portico_value *row = NULL;
    int code = portico_form_begin(sending->form, &error);
    if (code == 0)
        code = portico_execute(portico_db(request),
                               TAG_SQL "UPDATE communities_tag\n"
                                       "SET description = ?, described = ?\n"
                                       "WHERE name = ?",
                               PORTICO_ARGS(portico_arg_text(*words ? words : NULL),
                                            portico_arg_boolean(1), portico_arg_text(name)),
                               NULL, &error);
    if (code == 0)
        code = tag_read(request, name, &row, &error);
    if (code < 0)
        return send_refused(request, sending, code, &error);
    const char *path =
        send_is_api(request) ? NULL : portico_printf(request, "/communities/tags/%s", name);
    code = portico_form_done(sending->form, path, row, &error);
    return code < 0 ? send_refused(request, sending, code, &error) : code;
}

int send_tag(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    const char *name = portico_param(request, "tag");
    int code = tag_read(request, name, &row, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct sending sending = {
        .form = portico_form_open(request, "tag", portico_printf(request, "tag/%s", name)),
        .field = "description",
        .template = send_is_api(request) ? NULL : "tag-edit",
        .view = view_page(request),
    };
    portico_form_set_text(sending.form, "description", portico_get_text(row, "description", ""));
    portico_set(sending.view, "tag", row);
    return portico_form_valid(sending.form)
               ? describe(request, &sending, name)
               : portico_form_reply(sending.form, sending.template, sending.view);
}
