/* Tests of images: the corpus of tests/lib/images.mjs, whose names say what becomes of each. */
#include "file/image.h"

#include <glib.h>
#include <string.h>

#define SECRET "GPS 52.5163 N 13.3777 E"

struct sample {
    const char *name;
    gchar *data;
    gsize length;
    struct arena *arena;
    int code;
    struct image image;
    const char *reason;
};

static int clean(struct sample *sample)
{
    /* A buffer of the exact size, so that the sanitizer sees a step too far. */
    void *exact = g_memdup2(sample->data, sample->length);
    sample->code = image_clean(sample->arena, exact, sample->length, &image_limits_usual,
                               &sample->image, &sample->reason);
    g_free(exact);
    return sample->code;
}

/* Calls `test` for each file whose name begins so; there is at least one. */
static void for_each(const char *prefix, void (*test)(struct sample *sample))
{
    char *here = g_path_get_dirname(__FILE__);
    char *folder = g_build_filename(here, "..", "..", "fuzz", "corpus", "file_image", NULL);
    GDir *directory = g_dir_open(folder, 0, NULL);
    const char *name;
    unsigned count = 0;
    g_assert_nonnull(directory);
    while ((name = g_dir_read_name(directory))) {
        if (!g_str_has_prefix(name, prefix))
            continue;
        char *path = g_build_filename(folder, name, NULL);
        struct sample sample = { .name = name, .arena = arena_new(0) };
        g_assert_true(g_file_get_contents(path, &sample.data, &sample.length, NULL));
        clean(&sample);
        g_test_message("%s: %d %s", name, sample.code, sample.reason ? sample.reason : "");
        test(&sample);
        arena_free(sample.arena);
        g_free(sample.data);
        g_free(path);
        count++;
    }
    g_assert_cmpuint(count, >, 0);
    g_dir_close(directory);
    g_free(folder);
    g_free(here);
}

static void assert_sound(struct sample *sample)
{
    const struct image *image = &sample->image;
    g_assert_cmpint(sample->code, ==, 0);
    char *type = g_strdup_printf("good-%s-", strchr(image->media_type, '/') + 1);
    g_assert_true(g_str_has_prefix(sample->name, type));
    g_free(type);
    g_assert_cmpuint(image->frames, ==,
                     !strstr(sample->name, "animated") ? 1
                     : strstr(sample->name, "webp")    ? 2
                                                       : 3);
    g_assert_true(image_begins(image->data, image->length));
}

static void sound_images_are_taken_with_their_type_and_frames(void)
{
    for_each("good-", assert_sound);
}

static void assert_size(struct sample *sample)
{
    bool wide = strstr(sample->name, "side") != NULL;
    g_assert_cmpuint(sample->image.width, ==, wide ? 10000 : 4);
    g_assert_cmpuint(sample->image.height, ==, wide ? 4000 : 4);
}

static void the_size_is_the_headers(void)
{
    for_each("good-png-", assert_size);
    for_each("good-webp-", assert_size);
}

static void assert_stripped(struct sample *sample)
{
    static const char *const left_out[] = { SECRET, "script", "alert", "Comment", "Photoshop" };
    g_assert_nonnull(memmem(sample->data, sample->length, SECRET, strlen(SECRET)));
    for (size_t i = 0; i < G_N_ELEMENTS(left_out); i++)
        g_assert_null(
            memmem(sample->image.data, sample->image.length, left_out[i], strlen(left_out[i])));
}

static void what_is_not_seen_is_left_out(void)
{
    for_each("good-png-secret", assert_stripped);
    for_each("good-jpeg-secret", assert_stripped);
    for_each("good-gif-secret", assert_stripped);
    for_each("good-webp-secret", assert_stripped);
}

static void assert_unchanged(struct sample *sample)
{
    if (!strstr(sample->name, "secret") && !strstr(sample->name, "filled"))
        g_assert_cmpmem(sample->image.data, sample->image.length, sample->data, sample->length);
}

static void what_has_nothing_to_strip_stays_as_it_is(void)
{
    for_each("good-", assert_unchanged);
}

static void assert_stays_clean(struct sample *sample)
{
    struct sample again = { .name = sample->name,
                            .data = (gchar *)sample->image.data,
                            .length = sample->image.length,
                            .arena = sample->arena };
    g_assert_cmpint(clean(&again), ==, 0);
    g_assert_cmpmem(again.image.data, again.image.length, sample->image.data, sample->image.length);
}

static void a_clean_image_stays_as_it_is(void)
{
    for_each("good-", assert_stays_clean);
}

static void assert_oriented(struct sample *sample)
{
    static const uint8_t entry[] = { 1, 0x12, 0, 3, 0, 0, 0, 1, 0 };
    const uint8_t *found = memmem(sample->image.data, sample->image.length, entry, sizeof entry);
    g_assert_nonnull(found);
    g_assert_cmpint(found[sizeof entry], ==, strstr(sample->name, "webp") ? 8 : 6);
    const uint8_t *rest = found + 1;
    size_t left = sample->image.length - (size_t)(rest - (const uint8_t *)sample->image.data);
    g_assert_null(memmem(rest, left, entry, sizeof entry));
}

static void which_side_is_up_is_kept_once(void)
{
    for_each("good-png-secret-exif", assert_oriented);
    for_each("good-jpeg-secret-exif", assert_oriented);
    for_each("good-webp-secret-exif", assert_oriented);
}

static void assert_damaged(struct sample *sample)
{
    g_assert_cmpint(sample->code, ==, PORTICO_EINVAL);
    g_assert_true(g_str_has_prefix(sample->reason, "This image is damaged"));
}

static void damaged_images_are_refused(void)
{
    for_each("bad-", assert_damaged);
}

static void assert_cut(struct sample *sample)
{
    size_t whole = sample->length;
    if (strstr(sample->name, "trailer") || strstr(sample->name, "behind") || whole > 4096)
        return;
    for (sample->length = 0; sample->length < whole; sample->length++)
        g_assert_cmpint(clean(sample), ==, PORTICO_EINVAL);
}

static void an_image_cut_off_anywhere_is_refused(void)
{
    for_each("good-", assert_cut);
}

static void assert_large(struct sample *sample)
{
    g_assert_cmpint(sample->code, ==, PORTICO_ELIMIT);
    g_assert_cmpint(sample->reason[strlen(sample->reason) - 1], ==, '.');
}

static void images_past_a_limit_are_refused(void)
{
    for_each("large-", assert_large);
}

static void assert_other(struct sample *sample)
{
    g_assert_cmpint(sample->code, ==, PORTICO_EINVAL);
    g_assert_cmpstr(sample->reason, ==, "This is no PNG, JPEG, GIF or WebP image.");
    g_assert_false(image_begins(sample->data, sample->length));
}

static void what_is_no_image_is_refused_whatever_it_is_called(void)
{
    for_each("other-", assert_other);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/file/image/" #name, name)
    TEST(sound_images_are_taken_with_their_type_and_frames);
    TEST(the_size_is_the_headers);
    TEST(what_is_not_seen_is_left_out);
    TEST(what_has_nothing_to_strip_stays_as_it_is);
    TEST(a_clean_image_stays_as_it_is);
    TEST(which_side_is_up_is_kept_once);
    TEST(damaged_images_are_refused);
    TEST(an_image_cut_off_anywhere_is_refused);
    TEST(images_past_a_limit_are_refused);
    TEST(what_is_no_image_is_refused_whatever_it_is_called);
    return g_test_run();
}
