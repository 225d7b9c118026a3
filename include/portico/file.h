/* Files people send: checked by what they are, kept, shown to whom they are for. */
#ifndef PORTICO_FILE_H
#define PORTICO_FILE_H

#include "context.h"

/** Name of the interface. */
#define PORTICO_FILES "portico.file"

/** For `accept`: PNG, JPEG, GIF and WebP. */
#define PORTICO_ACCEPT_IMAGES "image"
/** For `accept`: whatever is sent. */
#define PORTICO_ACCEPT_ANY "*"

/**
 * One file in this call's memory, checked and cleaned. An image has lost what is not seen: place
 * and camera (EXIF, except which side is up), comments, XMP, and whatever followed its end; its
 * colour profile stays. Made by the host; a struct filled by hand is not taken. Since 0.1.
 */
struct portico_upload {
    uint32_t size;    /**< sizeof(struct portico_upload), set by the caller */
    uint32_t width;   /**< pixels of an image as it is stored; 0: no image */
    uint32_t height;  /**< likewise */
    uint32_t frames;  /**< pictures of an animation; 1: a still image; 0: no image */
    const char *name; /**< for people to read: a plain file name, never a path; "" if none came */
    const char *media_type; /**< by its content, never by its name, such as "image/png" */
    const void *data;       /**< its bytes; what was stripped is gone */
    size_t length;          /**< how many */
};

/** The files of one call; see portico_files(). Since 0.1. */
struct portico_files;
/**
 * `portico.file` 1.1, in-process only; 1.0 ended with reply. Declare "portico.file 1.0" in
 * PORTICO_MODULE_USES, or 1.1 with portico_file_follow(). What is written inside an open
 * transaction of portico.db is part of it. Since 0.1.
 */
struct portico_file_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_upload(). */
    int (*upload)(struct portico_files *files, const char *field, const char *accept,
                  struct portico_upload *ret_upload, struct portico_error *error);
    /** As portico_file_check(). */
    int (*check)(struct portico_files *files, const char *name, const void *data, size_t length,
                 const char *accept, struct portico_upload *ret_upload,
                 struct portico_error *error);
    /** As portico_file_keep(). */
    int (*keep)(struct portico_files *files, const struct portico_upload *upload,
                const char *subject, portico_id audience, portico_id *ret_id,
                struct portico_error *error);
    /** As portico_file_path(). */
    const char *(*path)(struct portico_files *files, portico_id id, const char *name);
    /** As portico_file_assign(). */
    int (*assign)(struct portico_files *files, portico_id id, const char *subject,
                  portico_id audience, struct portico_error *error);
    /** As portico_file_assign_text(). */
    int (*assign_text)(struct portico_files *files, const char *text, const char *subject,
                       portico_id audience, struct portico_error *error);
    /** As portico_file_show(). */
    int (*show)(struct portico_files *files, const char *subject, portico_id audience,
                struct portico_error *error);
    /** As portico_file_drop(). */
    int (*drop)(struct portico_files *files, const char *subject, struct portico_error *error);
    /** As portico_file_read(). */
    int (*read)(struct portico_files *files, portico_id id, struct portico_upload *ret_file,
                struct portico_error *error);
    /** As portico_reply_kept(). */
    int (*reply)(struct portico_files *files, portico_id id, struct portico_error *error);
    /** As portico_file_follow(). Since 1.1. */
    int (*follow)(struct portico_files *files, const char *subject, const char *table,
                  portico_id row, struct portico_error *error);
};
/** Public head: its table. Since 0.1. */
struct portico_files {
    const struct portico_file_api *api; /**< called through the functions below */
};

/** The files of this call, or NULL if the module did not declare "portico.file 1.0". Borrowed; the
 * calling thread's. Since 0.1. */
#define portico_files(handle)                                                                      \
    ((struct portico_files *)portico_interface((handle), PORTICO_FILES, 1))

/**
 * The file that came in field `field` of this request's multipart/form-data body, checked and
 * cleaned. `accept` says what is taken: PORTICO_ACCEPT_IMAGES, PORTICO_ACCEPT_ANY, or media types
 * separated by blanks, such as "image application/pdf"; NULL: images. Recognised are the four image
 * types, application/pdf, application/zip and text/plain (UTF-8); all else is
 * application/octet-stream. ENOENT: nothing was sent; EINVAL: a sentence to show to who sent it,
 * already in their language, that says what came and what is taken, or why the image cannot be
 * shown; ELIMIT: likewise, it is too large. Since 0.1.
 */
static inline int portico_upload(struct portico_files *files, const char *field, const char *accept,
                                 struct portico_upload *ret_upload, struct portico_error *error)
{
    return files ? files->api->upload(files, field, accept, ret_upload, error)
                 : portico_undeclared(error);
}

/**
 * Checks and cleans bytes that came another way, such as from an importer, as portico_upload()
 * does. `data` is borrowed until the call ends. Since 0.1.
 */
static inline int portico_file_check(struct portico_files *files, const char *name,
                                     const void *data, size_t length, const char *accept,
                                     struct portico_upload *ret_upload, struct portico_error *error)
{
    return files ? files->api->check(files, name, data, length, accept, ret_upload, error)
                 : portico_undeclared(error);
}

/**
 * Keeps a file for this module, in the open transaction if there is one: the bytes are on disk
 * before it is committed. `subject` says what it belongs to, such as "topic/123" (at most 200
 * bytes): who may see it is said by `audience`, interned as in search.h; 0: only who sent it. With
 * NULL as `subject` it belongs to nothing yet, only its sender sees it, and it goes after a day
 * unless portico_file_assign() comes first. The same bytes are stored once, however often they are
 * kept. EINVAL: the upload was not made by the host, or the subject is none; ELIMIT: the sender has
 * more than 100 files or 200 MiB that belong to nothing. Since 0.1.
 */
static inline int portico_file_keep(struct portico_files *files,
                                    const struct portico_upload *upload, const char *subject,
                                    portico_id audience, portico_id *ret_id,
                                    struct portico_error *error)
{
    return files ? files->api->keep(files, upload, subject, audience, ret_id, error)
                 : portico_undeclared(error);
}

/** Path of a kept file, such as "/portico/files/123/cat.png", in this call's memory. The name is
 * for people only and may be NULL. Who may not see it gets 404 there. NULL when memory ended. Since
 * 0.1.
 */
static inline const char *portico_file_path(struct portico_files *files, portico_id id,
                                            const char *name)
{
    return files ? files->api->path(files, id, name) : NULL;
}

/**
 * A file that belongs to nothing yet becomes part of `subject` of this module. ENOENT: there is
 * none; EPERM: somebody else sent it, or it belongs to another subject. Once more with the same
 * subject changes its audience. Since 0.1.
 */
static inline int portico_file_assign(struct portico_files *files, portico_id id,
                                      const char *subject, portico_id audience,
                                      struct portico_error *error)
{
    return files ? files->api->assign(files, id, subject, audience, error)
                 : portico_undeclared(error);
}

/**
 * As portico_file_assign() for every path of portico_file_path() in a Markdown text, at most 200.
 * Those that this person did not send, or that belong elsewhere, stay as they are. How many are
 * part of `subject` now. Call it when what was written is saved. Since 0.1.
 */
static inline int portico_file_assign_text(struct portico_files *files, const char *text,
                                           const char *subject, portico_id audience,
                                           struct portico_error *error)
{
    return files ? files->api->assign_text(files, text, subject, audience, error)
                 : portico_undeclared(error);
}

/** Changes who may see the files of `subject`. How many there are. With PORTICO_AUDIENCE_NOBODY
 * only who sent them: what waits for somebody to decide about it goes to them, such as
 * PORTICO_AUDIENCE_STAFF. Since 0.1. */
static inline int portico_file_show(struct portico_files *files, const char *subject,
                                    portico_id audience, struct portico_error *error)
{
    return files ? files->api->show(files, subject, audience, error) : portico_undeclared(error);
}

/**
 * From now on the files of `subject` are seen by whoever sees row `row` of this module's `table`,
 * whenever they ask, and by nobody else: who is in its audience and whom it was granted to, by the
 * row as it is then. Neither an audience they were kept with nor having sent them shows them any
 * more. Right for all rows that people share: see audience.h. The table has the columns `id` and
 * `audience`, the row is there; call it behind what keeps or assigns the files, in the same
 * transaction, each time: those kept later have what they were kept with, so keep them with
 * audience 0. portico_file_show() and portico_file_assign() end it. A file goes once its row is
 * gone. How many files there are. ENOENT: no such row. EPERM: no table of this module. EINVAL: all
 * see its rows. ENOTSUP: the host is older. Since 0.1.
 */
static inline int portico_file_follow(struct portico_files *files, const char *subject,
                                      const char *table, portico_id row,
                                      struct portico_error *error)
{
    if (!files)
        return portico_undeclared(error);
    return PORTICO_HAS(files->api, follow) ? files->api->follow(files, subject, table, row, error)
                                           : PORTICO_ENOTSUP;
}

/** Removes the files of `subject`; their bytes leave the disk later, if nothing else has the same.
 * How many there were. Since 0.1. */
static inline int portico_file_drop(struct portico_files *files, const char *subject,
                                    struct portico_error *error)
{
    return files ? files->api->drop(files, subject, error) : portico_undeclared(error);
}

/** Reads a file this module kept, whoever may see it. ENOENT: there is none; EIO: the disk. Since
 * 0.1. */
static inline int portico_file_read(struct portico_files *files, portico_id id,
                                    struct portico_upload *ret_file, struct portico_error *error)
{
    return files ? files->api->read(files, id, ret_file, error) : portico_undeclared(error);
}

/**
 * Answers this request with a kept file, as the portal does at portico_file_path(): a reply
 * function. Images are shown, all else is downloaded; ranges and conditional requests work by
 * themselves. ENOENT: there is none, or this viewer may not see it: return it and the host answers
 * 404. Since 0.1.
 */
static inline int portico_reply_kept(struct portico_files *files, portico_id id,
                                     struct portico_error *error)
{
    return files ? files->api->reply(files, id, error) : portico_undeclared(error);
}

#endif
