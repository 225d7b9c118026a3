/* Files that people sent: shown to whom they are for, and images taken while somebody writes. */
#include "file/upload.h"
#include "module/form.h"
#include "portal/pages.h"

#include <stdlib.h>
#include <string.h>

/* An id as its path has it: digits without a leading zero, so that a file has one address. */
static portico_id id_of(const char *text)
{
    size_t length = strspn(text, "0123456789");
    return length && length < 20 && text[length] == '\0' && text[0] != '0' ? strtoll(text, NULL, 10)
                                                                           : 0;
}

int file_page(struct portico_request *request)
{
    portico_id id = id_of(portico_param(request, "id"));
    return id ? portico_reply_kept(portico_files(request), id, NULL) : PORTICO_ENOENT;
}

static int refuse(struct portico_request *request, int code, const struct portico_error *error)
{
    static const struct {
        int code;
        uint32_t status;
    } statuses[] = { { PORTICO_EINVAL, 422 }, { PORTICO_ELIMIT, 413 } };
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].code == code)
            return portico_reply_problem(
                request, statuses[i].status, NULL,
                portico_translate(request, "This image cannot be taken", NULL), error->message);
    return code;
}

static int answer(struct portico_request *request, const struct portico_upload *upload,
                  portico_id id)
{
    const char *url = portico_file_path(portico_files(request), id, upload->name);
    struct portico_value *image = portico_object(request);
    char *name = portico_printf(request, "%s", upload->name);
    if (!url || !image || !name)
        return PORTICO_ENOMEM;
    portico_set_text(image, "url", url);
    portico_set_text(image, "markdown",
                     portico_printf(request, "![%s](%s)", upload_alternative(name), url));
    portico_set_integer(image, "width", upload->width);
    portico_set_integer(image, "height", upload->height);
    portico_set_status(request, 201);
    portico_set_header(request, "Location", url);
    return portico_reply_json(request, image);
}

int image_take(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_upload upload = { .size = sizeof upload };
    struct portico_files *files = portico_files(request);
    portico_id id;
    int code =
        portico_limit_take(portico_limits(request), FORM_IMAGES, FORM_IMAGES_AN_HOUR, 3600, &error);
    if (code < 0)
        return code;
    code = portico_upload(files, "image", PORTICO_ACCEPT_IMAGES, &upload, &error);
    if (code == PORTICO_ENOENT)
        return portico_reply_problem(
            request, 422, NULL, portico_translate(request, "This image cannot be taken", NULL),
            portico_translate(request, "Send one image, as the field “image” of a form.", NULL));
    if (code < 0)
        return refuse(request, code, &error);
    code = portico_file_keep(files, &upload, NULL, 0, &id, &error);
    if (code == PORTICO_ELIMIT)
        return portico_reply_problem(request, 429, NULL,
                                     portico_translate(request, "This image cannot be taken", NULL),
                                     portico_translate(request, FORM_IMAGES_MANY, NULL));
    return code < 0 ? code : answer(request, &upload, id);
}
