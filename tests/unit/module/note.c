/* The note reader against files that lie: whatever stands in them, it answers and reads nothing
 * else. */
#include "module/note.h"
#include "workshop.h"

#include <sys/mman.h>
#include <unistd.h>

static void hear(const char *sentence, void *data)
{
    g_assert_true(text_is_utf8(sentence, strlen(sentence)));
    ++*(unsigned *)data;
}

/* Reads the note of a file in memory; what was said is counted. */
static bool read_bytes(const char *bytes, gsize length, unsigned *ret_said)
{
    struct descriptor_report report = { .say = hear, .data = ret_said };
    struct note note;
    *ret_said = 0;
    int file = memfd_create("module", MFD_CLOEXEC);
    g_assert_cmpint(write(file, bytes, length), ==, (gssize)length);
    bool good = note_read(file, &note, &report);
    close(file);
    return good;
}

static void test_every_cut_and_flip_is_answered(void)
{
    struct workshop *shop = workshop_open();
    workshop_module(shop, "sound", "", "");
    char *path = workshop_path(shop, "sound", "sound.so");
    char *bytes = NULL;
    gsize length = 0;
    unsigned said = 0;
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    g_assert_true(read_bytes(bytes, length, &said));
    g_assert_cmpuint(said, ==, 0);
    for (gsize cut = 0; cut < length; cut += 1 + length / 150)
        g_assert_true(read_bytes(bytes, cut, &said) == (said == 0));
    GRand *dice = g_rand_new_with_seed(20261121);
    for (int round = 0; round < 600; round++) {
        char *bent = g_memdup2(bytes, length);
        /* Headers and tables stand at both ends: most of the damage goes there. */
        for (int flips = g_rand_int_range(dice, 1, 8); flips > 0; flips--) {
            gsize near = (gsize)g_rand_int_range(dice, 0, 2048);
            gsize at = round % 3 == 0   ? near
                       : round % 3 == 1 ? length - 1 - near
                                        : (gsize)g_rand_int_range(dice, 0, (gint32)length);
            bent[at < length ? at : 0] = (char)g_rand_int_range(dice, 0, 256);
        }
        g_assert_true(read_bytes(bent, length, &said) == (said == 0));
        g_free(bent);
    }
    g_rand_free(dice);
    g_free(bytes);
    g_free(path);
    workshop_close(shop);
}

static void test_files_that_are_no_library_are_told_apart(void)
{
    static const char *const files[] = { "", "#!/bin/sh\nexit 0\n", "\177ELF", "!<arch>\n" };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        unsigned said = 0;
        g_assert_false(read_bytes(files[i], strlen(files[i]), &said));
        g_assert_cmpuint(said, ==, 1);
    }
}

static void test_needs_are_parsed_strictly(void)
{
    static const struct {
        const char *text;
        int count; /* -1: refused */
    } cases[] = {
        { "", 0 },
        { NULL, 0 },
        { "portico.db 1.0", 1 },
        { "portico.db 1.0, portico.search 1.2", 2 },
        { "  portico.db   1.0 ,catalog 3.11.2", 2 },
        { "portico.db", -1 },
        { "portico.db 1", -1 },
        { "portico.db one.two", -1 },
        { "portico.db 1.0,", 1 },
        { "portico.db 1.0,,catalog 1.0", -1 },
        { "Portico.DB 1.0", -1 },
        { "portico.db 99999.0", -1 },
        { "portico.db -1.0", -1 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct uses uses;
        int code = uses_parse(cases[i].text, &uses, NULL);
        g_test_message("%s", cases[i].text);
        g_assert_cmpint(code, ==, cases[i].count < 0 ? PORTICO_EINVAL : 0);
        if (code == 0)
            g_assert_cmpuint(uses.count, ==, (unsigned)cases[i].count);
    }
}

int main(int argc, char **argv)
{
    WORKSHOP_MAIN(argc, argv);
    g_test_add_func("/note/every cut and flip is answered", test_every_cut_and_flip_is_answered);
    g_test_add_func("/note/files that are no library are told apart",
                    test_files_that_are_no_library_are_told_apart);
    g_test_add_func("/note/needs are parsed strictly", test_needs_are_parsed_strictly);
    return g_test_run();
}
