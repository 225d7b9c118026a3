/* A file of a form: whether it is of the kinds the field takes. */
#include "module/form.h"

#include "file/upload.h"

static int refuse(struct arena *arena, const struct form_rules *rules, const struct upload *upload,
                  const char *reason, struct form_reading *reading)
{
    const char *taken = rules->field->choices;
    struct value *arguments = value_new(arena, PORTICO_OBJECT);
    if (!arguments ||
        value_set_text(arguments, "type", upload->media_type ? upload->media_type : "") < 0 ||
        value_set_text(arguments, "accept", taken ? taken : PORTICO_ACCEPT_IMAGES) < 0)
        return PORTICO_ENOMEM;
    reading->sentence = reason;
    reading->arguments = arguments;
    return 0;
}

int form_read_file(struct arena *arena, const struct form_rules *rules,
                   const struct http_part *part, struct form_reading *ret_reading)
{
    struct upload upload = { 0 };
    const char *reason = NULL;
    if (!part)
        return form_read(arena, rules, text_of(""), ret_reading);
    struct form_reading reading = { .text = upload_name(arena, part->file_name) };
    if (!reading.text)
        return PORTICO_ENOMEM;
    int code = upload_check(arena, part->file_name, part->content.data, part->content.length,
                            rules->field->choices, &upload, &reason);
    if (code < 0 && !reason)
        return code;
    if (code < 0) {
        code = refuse(arena, rules, &upload, reason, &reading);
    } else {
        reading.text = upload.name;
        reading.value = value_text(arena, upload.name, strlen(upload.name));
        reading.content = part->content;
        code = reading.value ? 0 : PORTICO_ENOMEM;
    }
    if (code == 0)
        *ret_reading = reading;
    return code;
}
