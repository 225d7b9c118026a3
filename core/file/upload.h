/* What somebody sent: what it is, by its content, and what people may call it. */
#ifndef FILE_UPLOAD_H
#define FILE_UPLOAD_H

#include "file/image.h"

#include "base/text.h"

struct upload {
    const char *name; /* cleaned: no path, no control characters, the ending of an image its own */
    const char *media_type;
    uint32_t width, height, frames; /* 0: no image */
    const void *data;               /* of an image the cleaned copy, else what was given */
    size_t length;
};

/* Checks bytes against `accept` (PORTICO_ACCEPT_…, or media types with blanks between). EINVAL or
 * ELIMIT with `ret_reason`, an English source text for who sent it, with {type} and {accept} as
 * arguments; ENOMEM without. `ret_upload` has the media type also when it is not taken. */
int upload_check(struct arena *arena, struct text name, const void *data, size_t length,
                 const char *accept, struct upload *ret_upload, const char **ret_reason);
/* What stands for an image that is not seen: its name without the ending, and without what means
 * something in Markdown. Changes `name`, and returns it. */
char *upload_alternative(char *name);
/* A name without its path and what could mislead: never empty but for an empty name. */
const char *upload_name(struct arena *arena, struct text name);

#endif
