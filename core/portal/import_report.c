/* What an import did, row by row, as CSV. */
#include "base/csv.h"
#include "portal/import.h"

#include <glib.h>

static const char *const whats[IMPORT_PASSES] = {
    [IMPORT_OF_ACCOUNTS] = "account", [IMPORT_OF_PLACES] = "place",
    [IMPORT_OF_PEOPLE] = "person",    [IMPORT_OF_MEMBERSHIPS] = "membership",
    [IMPORT_OF_CONTACTS] = "contact", [IMPORT_OF_TEAMS] = "account team",
};
static const char *const words[IMPORT_OUTCOMES] = {
    [IMPORT_MADE] = "made",
    [IMPORT_CHANGED] = "changed",
    [IMPORT_SAME] = "as they were",
    [IMPORT_WRONG] = "wrong",
};

static void write_line(FILE *file, const char *const *fields, size_t count)
{
    struct buffer line = { 0 };
    for (size_t i = 0; i < count; i++)
        csv_write(&line, fields[i]);
    csv_write_end(&line);
    if (buffer_text(&line))
        fputs(line.data, file);
    buffer_free(&line);
}

void import_report_begin(FILE *file)
{
    static const char *const heading[] = { "file", "line", "what", "outcome", "id", "problem" };
    write_line(file, heading, G_N_ELEMENTS(heading));
}

void import_report_row(FILE *file, const char *name, unsigned line, int pass,
                       enum import_outcome outcome, const char *subject, const char *said)
{
    char number[16];
    g_snprintf(number, sizeof number, "%u", line);
    const char *const fields[] = { name,           number,  whats[pass],
                                   words[outcome], subject, said ? said : "" };
    write_line(file, fields, G_N_ELEMENTS(fields));
}
