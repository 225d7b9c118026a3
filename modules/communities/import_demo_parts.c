/* Parts of a demo file that the portal keeps itself: people it knows, and pictures. */
#include "import.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGE_MARK "](image:"
#define IMAGE_BYTES_MAX (1024 * 1024)

/* The person's own row of authors, made if they have none yet. */
static int write_known(struct importer *importer, portico_id id, const struct import_person *person,
                       portico_id *ret_author)
{
    struct portico_value *rows = NULL, *row = NULL;
    int code = portico_people_look(portico_people(importer->scope), &id, 1, &rows, importer->error);
    if (code < 0)
        return code;
    const struct portico_value *known = portico_people_among(rows, id);
    code = portico_execute(
        importer->db,
        "INSERT INTO communities_author (id, person, name, handle, staff, company)\n"
        "VALUES (?, ?, ?, ?, ?, ?)\n"
        "ON CONFLICT (person) WHERE person IS NOT NULL DO UPDATE\n"
        "SET name = excluded.name, handle = excluded.handle, staff = excluded.staff,\n"
        "    company = excluded.company",
        PORTICO_ARGS(portico_arg_id(portico_new_id(importer->context)), portico_arg_id(id),
                     portico_arg_text(portico_get_text(known, "name", person->name)),
                     portico_arg_text(portico_get_text(known, "handle", NULL)),
                     portico_arg_boolean(portico_get_boolean(known, "staff", 0)),
                     portico_arg_text(person->company)),
        NULL, importer->error);
    if (code == 0)
        code = portico_query_one(importer->db,
                                 "SELECT id AS \"id:id\"\n"
                                 "FROM communities_author\n"
                                 "WHERE person = ?",
                                 PORTICO_ARGS(portico_arg_id(id)), &row, importer->error);
    if (code == 0)
        *ret_author = portico_get_integer(row, "id", 0);
    return code;
}

int import_write_person(struct importer *importer, int64_t number,
                        const struct import_person *person, portico_id *ret_author)
{
    struct portico_error unknown = PORTICO_ERROR_INIT;
    portico_id id = 0;
    int code =
        portico_people_external(portico_people(importer->scope), person->external, &id, &unknown);
    if (code == 0)
        return write_known(importer, id, person, ret_author);
    if (code != PORTICO_ENOENT)
        return import_fail(importer, code, "%s", unknown.message);
    *ret_author = import_id(importer, IMPORT_AUTHOR, number);
    return import_write_author(importer, number, person->name, person->company, NULL, 1);
}

int import_authors(struct importer *importer)
{
    int code = import_begin(importer);
    if (code == 0)
        code = portico_execute(importer->db,
                               IMPORT_SQL
                               "UPDATE communities_author\n"
                               "SET posts = (SELECT COUNT(*) FROM communities_post\n"
                               "             WHERE author = communities_author.id AND status = 0)\n"
                               "WHERE person IS NOT NULL",
                               PORTICO_NO_ARGS, NULL, importer->error);
    return code < 0 ? code : import_end(importer, 1, 0);
}

static const struct {
    const char *word;
    uint32_t level;
} readers_words[] = {
    { "everyone", PORTICO_LEVEL_EVERYONE }, { "signed-in", PORTICO_LEVEL_SIGNED_IN },
    { "staff", PORTICO_LEVEL_STAFF },       { "account", PORTICO_LEVEL_ACCOUNT },
    { "below", PORTICO_LEVEL_BELOW },
};

/* 0: no such word. */
static uint32_t level_of(const char *readers)
{
    for (size_t i = 0; i < sizeof readers_words / sizeof *readers_words; i++)
        if (!readers || strcmp(readers_words[i].word, readers) == 0)
            return readers_words[i].level;
    return 0;
}

int demo_knows_readers(const char *readers)
{
    return level_of(readers) != 0;
}

int demo_readers(struct importer *importer, const char *readers, const char *key,
                 portico_id *ret_audience, portico_id *ret_account)
{
    struct portico_context *context = importer->scope ? importer->scope : importer->context;
    portico_id account = 0;
    uint32_t level = level_of(readers);
    if (!level)
        return PORTICO_EINVAL;
    int code = key ? portico_account_external(portico_accounts(context),
                                              portico_printf(context, "demo:%s", key), &account,
                                              importer->error)
                   : PORTICO_ENOENT;
    if (code < 0 && code != PORTICO_ENOENT)
        return code;
    if (!account && (level == PORTICO_LEVEL_ACCOUNT || level == PORTICO_LEVEL_BELOW))
        level = PORTICO_LEVEL_STAFF;
    *ret_account = account;
    return portico_audience(portico_audiences(context), level, account, NULL, 0, ret_audience,
                            importer->error);
}

/* A picture beside the demo's files, checked. */
static int read_image(struct importer *importer, const char *name,
                      struct portico_upload *ret_upload)
{
    char *path = portico_printf(importer->scope, "%s/%s", importer->import->directory, name);
    char *bytes = portico_alloc(importer->scope, IMAGE_BYTES_MAX);
    int descriptor = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    ssize_t length = descriptor >= 0 && bytes ? read(descriptor, bytes, IMAGE_BYTES_MAX) : -1;
    if (descriptor >= 0)
        close(descriptor);
    if (strchr(name, '/') || length <= 0 || length == IMAGE_BYTES_MAX)
        return import_fail(importer, PORTICO_EINVAL,
                           "The picture %s is not beside the demo's files, or has more than 1 MiB.",
                           name);
    return portico_file_check(portico_files(importer->scope), name, bytes, (size_t)length, NULL,
                              ret_upload, importer->error);
}

/* Path of the kept picture, or NULL with the error set. */
static const char *keep_image(struct importer *importer, const char *name, const char *subject)
{
    struct portico_files *files = portico_files(importer->scope);
    struct portico_upload upload = { .size = sizeof upload };
    portico_id id = 0;
    if (read_image(importer, name, &upload) < 0 ||
        portico_file_keep(files, &upload, subject, PORTICO_AUDIENCE_STAFF, &id, importer->error) <
            0)
        return NULL;
    return portico_file_path(files, id, name);
}

/* The name behind a mark. */
static const char *name_at(struct importer *importer, const char *mark, size_t *ret_length)
{
    const char *name = mark + strlen(IMAGE_MARK);
    *ret_length = strcspn(name, ")\n");
    return portico_printf(importer->scope, "%.*s", (int)*ret_length, name);
}

int demo_check_images(struct importer *importer, const char *markdown)
{
    int code = PORTICO_OK;
    for (const char *mark = markdown; code >= 0 && (mark = strstr(mark, IMAGE_MARK));) {
        struct portico_upload upload = { .size = sizeof upload };
        size_t length = 0;
        const char *name = name_at(importer, mark, &length);
        code = name ? read_image(importer, name, &upload) : PORTICO_ENOMEM;
        mark += strlen(IMAGE_MARK) + length;
    }
    return code < 0 ? code : PORTICO_OK;
}

char *demo_images(struct importer *importer, const char *markdown, const char *subject)
{
    char *text = portico_printf(importer->scope, "%s", markdown);
    const char *mark = NULL;
    while (text && (mark = strstr(text, IMAGE_MARK))) {
        size_t length = 0;
        const char *name = name_at(importer, mark, &length);
        const char *path = name ? keep_image(importer, name, subject) : NULL;
        if (!path)
            return NULL;
        text = portico_printf(importer->scope, "%.*s](%s%s", (int)(mark - text), text, path,
                              mark + strlen(IMAGE_MARK) + length);
    }
    return text;
}

int demo_show_images(struct importer *importer, enum import_kind kind, portico_id id,
                     const char *subject)
{
    struct portico_value *row = NULL;
    int code =
        portico_query_one(importer->db,
                          kind == IMPORT_COMMENT ? IMPORT_SQL "SELECT audience AS \"audience:id\"\n"
                                                              "FROM communities_comment\n"
                                                              "WHERE id = ?"
                                                 : IMPORT_SQL "SELECT audience AS \"audience:id\"\n"
                                                              "FROM communities_post\n"
                                                              "WHERE id = ?",
                          PORTICO_ARGS(portico_arg_id(id)), &row, importer->error);
    if (code == 0)
        code = portico_file_show(portico_files(importer->scope), subject,
                                 portico_get_integer(row, "audience", 0), importer->error);
    return code < 0 ? code : PORTICO_OK;
}
