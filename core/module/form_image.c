/* An image that comes with a text, where no script sends it while one writes: judged with the text,
 * kept once the form passes or is shown again, and named at the text's end. */
#include "module/form.h"

#include "base/error.h"
#include "base/id.h"
#include "base/log.h"
#include "file/upload.h"
#include "module/interface.h"
#include "module/request.h"

struct form_image {
    struct upload upload;
    int64_t id;        /* of the file it becomes */
    const char *typed; /* the text without it */
    bool tried;        /* to keep it */
};

bool form_takes_image(const struct form *form, const struct portico_field *field)
{
    const struct viewer *viewer = form->call->viewer;
    return field->type == PORTICO_FIELD_MARKDOWN && !(field->flags & PORTICO_FIELD_READ_ONLY) &&
           !form->api && viewer->person && !viewer_looks(viewer);
}

const char *form_image_name(const struct form *form, const struct form_field *field)
{
    return arena_printf(form->scope->arena, "%s" FORM_IMAGE, field->field->name);
}

const char *form_image_typed(const struct form_field *field)
{
    return field->image->typed;
}

struct text form_image_content(const struct form_field *field)
{
    return (struct text){ field->image->upload.data, field->image->upload.length };
}

/* Browsers never fill in a file again: whoever is told why also learns that. */
static int refuse(struct form *form, struct form_field *field, const char *why)
{
    field->error = arena_printf(
        form->scope->arena, "%s %s", why,
        form_words(form,
                   /* translated */ "Choose an image once more; what you wrote is still here.",
                   NULL));
    return field->error ? 0 : PORTICO_ENOMEM;
}

static int refuse_kind(struct form *form, struct form_field *field, const struct upload *upload,
                       const char *reason)
{
    struct value *arguments = value_new(form->scope->arena, PORTICO_OBJECT);
    if (!arguments ||
        value_set_text(arguments, "type", upload->media_type ? upload->media_type : "") < 0 ||
        value_set_text(arguments, "accept", PORTICO_ACCEPT_IMAGES) < 0)
        return PORTICO_ENOMEM;
    return refuse(form, field, form_words(form, reason, arguments));
}

/* The text with the image behind it, under the address it will have. */
static const char *text_with(struct form *form, const struct form_image *image)
{
    struct arena *arena = form->scope->arena;
    char *name = arena_strdup(arena, image->upload.name);
    const char *path = interface_file_path(arena, image->id, image->upload.name);
    return name && path ? arena_printf(arena, "%s%s![%s](%s)", image->typed,
                                       *image->typed ? "\n\n" : "", upload_alternative(name), path)
                        : NULL;
}

int form_read_image(struct form *form, struct form_field *field, const struct form_rules *rules,
                    const char *typed)
{
    struct arena *arena = form->scope->arena;
    const char *name = form_image_name(form, field), *reason = NULL;
    const struct http_part *part =
        form->here && !field->imageless && name ? request_upload(form->call, name) : NULL;
    struct form_image *image = part ? arena_zalloc(arena, sizeof *image) : NULL;
    if (!part)
        return form_read(arena, rules, text_of(typed), &field->reading);
    if (!image)
        return PORTICO_ENOMEM;
    int code = upload_check(arena, part->file_name, part->content.data, part->content.length,
                            PORTICO_ACCEPT_IMAGES, &image->upload, &reason);
    if (code < 0 && !reason)
        return code;
    if (code < 0) {
        code = refuse_kind(form, field, &image->upload, reason);
        return code < 0 ? code : form_read(arena, rules, text_of(typed), &field->reading);
    }
    image->typed = typed;
    image->id = id_new();
    const char *text = text_with(form, image);
    code = text ? form_read(arena, rules, text_of(text), &field->reading) : PORTICO_ENOMEM;
    field->image = code == 0 ? image : NULL;
    return code;
}

/* The reader's sentence of why it was not kept; NULL: it was. */
static const char *keep(struct form *form, const struct form_image *image)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = interface_limit_take(form->scope, "portico", FORM_IMAGES, FORM_IMAGES_AN_HOUR, 3600,
                                    &error);
    if (code == PORTICO_ELIMIT)
        return arena_strdup(form->scope->arena, error.message);
    if (code == 0)
        code =
            interface_file_keep(form->scope, "portico", &image->upload, image->id, NULL, 0, &error);
    if (code == PORTICO_ELIMIT)
        return form_words(form, FORM_IMAGES_MANY, NULL);
    if (code < 0)
        log_error("An image that came with a form was not kept: %s", error.message);
    return code < 0 ? form_words(form, /* translated */ "The image could not be kept.", NULL)
                    : NULL;
}

void form_keep_images(struct form *form)
{
    for (unsigned i = 0; form->here && !form->again && !form->earlier && i < form->field_count;
         i++) {
        struct form_field *field = &form->fields[i];
        form_field_reading(form, field);
        if (!field->image || field->image->tried)
            continue;
        field->image->tried = true;
        const char *why = keep(form, field->image);
        if (!why)
            continue;
        field->image = NULL;
        field->imageless = true;
        field->judged = false;
        form_field_reading(form, field);
        if (refuse(form, field, why) < 0)
            field->error = why;
    }
}
