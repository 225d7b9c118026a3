/* Stack Exchange's XML: files of <row attribute="…"/>, streamed with expat in constant memory. */
#include "import.h"

#include <errno.h>
#include <expat.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES (64 * 1024)
/* A single tag longer than this is not a row of a dump but an attack on memory. */
#define TAG_BYTES_MAX (16 * 1024 * 1024)

struct stream {
    struct importer *importer;
    const char *file;
    import_row *row;
    XML_Parser parser;
    int depth;
    int code; /* first failure inside a callback */
    int has_doctype;
    int64_t shift; /* offset in the file = byte index of the parser + shift */
    int64_t root;  /* where the root's start tag ends */
    int64_t seen;  /* end of the last tag inside the root, as the parser counts */
};

static void fail(struct stream *stream, int code)
{
    stream->code = code;
    XML_StopParser(stream->parser, XML_FALSE);
}

/* A dump has no DOCTYPE. Without one no entity can be declared: nothing expands, nothing is
 * fetched. */
static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int has_internal_subset)
{
    (void)name, (void)system, (void)public, (void)has_internal_subset;
    struct stream *stream = data;
    stream->has_doctype = 1;
    fail(stream, import_fail(stream->importer, PORTICO_EINVAL,
                             "%s begins with a DOCTYPE, which a dump never has. Nothing of it was "
                             "read; use the file as Stack Exchange publishes it.",
                             stream->file));
}

static int64_t tag_end(const struct stream *stream)
{
    return XML_GetCurrentByteIndex(stream->parser) + XML_GetCurrentByteCount(stream->parser);
}

static void XMLCALL on_root_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    (void)name, (void)attributes;
    struct stream *stream = data;
    stream->root = tag_end(stream);
    XML_StopParser(stream->parser, XML_FALSE);
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct stream *stream = data;
    if (++stream->depth != 2 || stream->code || strcmp(name, "row") != 0)
        return;
    if (!stream->importer->scope) {
        int code = import_begin(stream->importer);
        if (code < 0) {
            fail(stream, code);
            return;
        }
    }
    int code = stream->row(stream->importer, attributes);
    stream->importer->rows++;
    if (code < 0)
        fail(stream, code);
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
    (void)name;
    struct stream *stream = data;
    if (--stream->depth == 0)
        return; /* a run that goes on from behind the rows must find the root's end again */
    stream->seen = tag_end(stream);
    if (stream->depth != 1 || stream->code || !stream->importer->scope ||
        !import_is_full(stream->importer))
        return;
    int64_t position = stream->seen + stream->shift;
    int code = import_end(stream->importer, position, position);
    if (code < 0)
        fail(stream, code);
}

static int report_xml(struct stream *stream)
{
    if (stream->code)
        return stream->code;
    return import_fail(stream->importer, PORTICO_EINVAL,
                       "%s is not well-formed XML near byte %lld (%s). What came before is in; "
                       "fetch the file again and run the same command.",
                       stream->file,
                       (long long)(XML_GetCurrentByteIndex(stream->parser) + stream->shift),
                       XML_ErrorString(XML_GetErrorCode(stream->parser)));
}

static int new_parser(struct stream *stream)
{
    XML_ParserFree(stream->parser);
    stream->parser = XML_ParserCreate(NULL);
    if (!stream->parser)
        return import_fail(stream->importer, PORTICO_ENOMEM,
                           "Memory ended. Run the command again.");
    XML_SetUserData(stream->parser, stream);
    XML_SetStartDoctypeDeclHandler(stream->parser, on_doctype);
    return PORTICO_OK;
}

static int read_failed(struct stream *stream)
{
    return import_fail(stream->importer, PORTICO_EIO,
                       "%s cannot be read: %s. What is in stays; "
                       "mend that and run the same command again.",
                       stream->file, strerror(errno));
}

/* Feeds the file from `offset` to `end` (-1: its end); 0, or 1 after a handler stopped the parser.
 */
static int feed(struct stream *stream, int descriptor, int64_t offset, int64_t end)
{
    for (;;) {
        void *buffer = XML_GetBuffer(stream->parser, READ_BYTES);
        if (!buffer)
            return import_fail(stream->importer, PORTICO_ENOMEM, "Memory ended.");
        size_t wanted = end >= 0 && end - offset < READ_BYTES ? (size_t)(end - offset) : READ_BYTES;
        ssize_t length = pread(descriptor, buffer, wanted, offset);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            return read_failed(stream);
        offset += length;
        int last = end < 0 && length == 0;
        enum XML_Status status = XML_ParseBuffer(stream->parser, (int)length, last);
        if (status != XML_STATUS_OK)
            return XML_GetErrorCode(stream->parser) == XML_ERROR_ABORTED && !stream->code
                       ? 1
                       : report_xml(stream);
        if (last || offset == end)
            return PORTICO_OK;
        if (end < 0 && offset - stream->shift - stream->seen > TAG_BYTES_MAX)
            return import_fail(stream->importer, PORTICO_ELIMIT,
                               "%s holds a single row of more than 16 MiB near byte %lld. That is "
                               "no dump; what came before is in.",
                               stream->file, (long long)(stream->seen + stream->shift));
    }
}

/* Where the first row may begin: byte order mark, XML declaration and root stand before it. */
static int find_root(struct stream *stream, int descriptor)
{
    int code = new_parser(stream);
    if (code < 0)
        return code;
    XML_SetStartElementHandler(stream->parser, on_root_start);
    code = feed(stream, descriptor, 0, -1);
    return code < 0 ? code : PORTICO_OK;
}

static int run(struct stream *stream, int descriptor)
{
    int code = find_root(stream, descriptor);
    if (code == 0)
        code = new_parser(stream);
    if (code < 0)
        return code;
    /* The head again, for its encoding and the open root; then from where the last run stopped. */
    stream->depth = 0;
    XML_SetElementHandler(stream->parser, on_start, on_end);
    code = feed(stream, descriptor, 0, stream->root);
    if (code < 0)
        return code;
    int64_t from =
        stream->importer->position > stream->root ? stream->importer->position : stream->root;
    stream->seen = stream->root;
    stream->shift = from - stream->root;
    return feed(stream, descriptor, from, -1);
}

int import_stream(struct importer *importer, const char *file, import_row *row)
{
    struct stream stream = { .importer = importer, .file = file, .row = row };
    const char *path =
        portico_printf(importer->context, "%s/%s", importer->import->directory, file);
    int descriptor = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (descriptor < 0)
        return read_failed(&stream);
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    int code = run(&stream, descriptor);
    if (code == 0 && importer->scope) {
        int64_t position = stream.seen + stream.shift;
        code = import_end(importer, position, position);
    }
    XML_ParserFree(stream.parser);
    close(descriptor);
    return code;
}
