#include "module/examine.h"

#include "base/text.h"

#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <unistd.h>

void examine_say(struct examine_report *report, enum examine_weight weight, const char *rule,
                 const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *sentence = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    sentence[text_utf8_cut(sentence, strlen(sentence))] = '\0';
    /* One finding is one line, whatever file it quotes. */
    for (char *c = sentence; *c; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    if (weight == EXAMINE_ERROR)
        report->errors++;
    else
        report->advice++;
    report->say(weight, rule, sentence, report->data);
    g_free(sentence);
}

struct refusal {
    struct examine_report *report;
    char *migrations; /* what sentences about them begin with */
};

static void hear_refusal(const char *sentence, void *data)
{
    const struct refusal *refusal = data;
    bool migration = g_str_has_prefix(sentence, refusal->migrations);
    refusal->report->migrations_refused |= migration;
    examine_say(refusal->report, EXAMINE_ERROR, migration ? "migrations" : "load", "%s", sentence);
}

bool examine_module(const struct loader_options *options, const char *share, struct arena *arena,
                    struct examine_report *report)
{
    struct refusal refusal = { report,
                               g_build_filename(options->directory, "migrations", "", NULL) };
    struct descriptor_report refusals = { hear_refusal, &refusal, 0 };
    struct loader_findings findings;
    loader_inspect(options, arena, &findings, &refusals);
    g_free(refusal.migrations);
    int file = open(findings.file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file >= 0) {
        examine_file(file, report);
        close(file);
    }
    examine_directory(options->directory, options->id, share, report);
    if (findings.described)
        examine_texts(options->directory, &findings.module, share, report);
    return report->errors == 0;
}
