/* Tests of what the portal itself keeps: secrets, managed.conf, paths. */
#include "place.h"

#include "config/manage.h"

static int undo(const struct place *place, struct portico_error *error)
{
    char *data = g_build_filename(place->directory, "data", NULL);
    struct config_turn *turn;
    g_assert_cmpint(config_turn_take(data, &turn, error), ==, 0);
    int code = config_turn_undo(turn, error);
    config_turn_end(turn);
    g_free(data);
    return code;
}

/* Secrets */

static void a_secret_open_to_others_or_empty_is_a_problem(void)
{
    static const struct {
        mode_t mode;
        const char *content;
        const char *words; /* NULL: it is taken */
    } rows[] = {
        { 0600, "pw\n", NULL },
        { 0400, "pw", NULL },
        { 0640, "pw", NULL },
        { 0644, "pw", "is open to others (mode 0644). Run `chmod 600 " },
        { 0620, "pw", "is open to others" },
        { 0601, "pw", "is open to others" },
        { 0600, "", "is empty" },
        { 0600, "\n", "is empty" },
        { 0600, "\xFF", "is not valid UTF-8" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct place place = place_new("[database]\npassword_file = pw\n");
        put(&place, "pw", rows[i].content);
        char *path = g_build_filename(place.directory, "pw", NULL);
        g_assert_cmpint(g_chmod(path, rows[i].mode), ==, 0);
        struct config *config = load(&place);
        if (rows[i].words) {
            assert_problem(&place, config, 0, "portico.conf:2:", rows[i].words);
            g_assert_cmpstr(config_text(config, "database", "password"), ==, "");
        } else {
            assert_no_problem(&place, config);
            g_assert_cmpstr(config_text(config, "database", "password"), ==, "pw");
        }
        config_free(config);
        g_free(path);
        place_free(&place);
    }
}

static void the_portal_key_is_made_once_and_kept_private(void)
{
    struct place place = place_new("");
    put(&place, "data/keep", "");
    struct config *config = load(&place);
    unsigned char first[CONFIG_SECRET_KEY_SIZE] = { 0 };
    unsigned char second[CONFIG_SECRET_KEY_SIZE] = { 0 };
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(config_secret_key(config, first, &error), ==, 0);
    g_assert_cmpint(config_secret_key(config, second, &error), ==, 0);
    g_assert_cmpmem(first, sizeof first, second, sizeof second);
    char *path = g_build_filename(place.directory, "data/secret.key", NULL);
    struct stat status;
    g_assert_cmpint(stat(path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    g_assert_cmpint(status.st_nlink, ==, 1);
    g_assert_cmpint(g_chmod(path, 0644), ==, 0);
    g_assert_cmpint(config_secret_key(config, second, &error), ==, PORTICO_EPERM);
    g_assert_cmpint(g_chmod(path, 0600), ==, 0);
    put(&place, "data/secret.key", "short");
    g_assert_cmpint(g_chmod(path, 0600), ==, 0);
    g_assert_cmpint(config_secret_key(config, second, &error), ==, PORTICO_EINVAL);
    g_assert_nonnull(strstr(error.message, "must hold 32 bytes"));
    g_free(path);
    config_free(config);
    place_free(&place);
}

/* managed.conf */

static void managing_writes_changes_and_removes_a_key(void)
{
    struct place place = place_new("");
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(config_manage(place.file, "module x", "enabled", "true", &error), ==, 0);
    g_assert_cmpint(config_manage(place.file, "portal", "name", " a \"b\"\\ ", &error), ==, 0);
    g_assert_cmpint(config_manage(place.file, "module x", "greeting", "a\nb\tc", &error), ==, 0);
    struct config *config = load(&place);
    assert_no_problem(&place, config);
    g_assert_true(config_module_at(config, 0)->enabled);
    g_assert_cmpstr(config_text(config, "portal", "name"), ==, " a \"b\"\\ ");
    g_assert_cmpstr(config_module_text(config, "x", "greeting"), ==, "a\nb\tc");
    config_free(config);
    g_assert_cmpint(config_manage(place.file, "module x", "enabled", "false", &error), ==, 0);
    g_assert_cmpint(config_manage(place.file, "portal", "name", NULL, &error), ==, 0);
    config = load(&place);
    assert_no_problem(&place, config);
    g_assert_false(config_module_at(config, 0)->enabled);
    g_assert_cmpstr(config_text(config, "portal", "name"), ==, "Portico");
    config_free(config);
    place_free(&place);
}

static void the_history_keeps_the_versions_before_and_the_latest_twenty(void)
{
    struct place place = place_new("");
    struct portico_error error = PORTICO_ERROR_INIT;
    for (int i = 0; i < 25; i++) {
        char *name = g_strdup_printf("name %d", i);
        g_assert_cmpint(config_manage(place.file, "portal", "name", name, &error), ==, 0);
        g_free(name);
    }
    for (int i = 1; i <= 25; i++) {
        char *name = g_strdup_printf("data/managed.conf.%d", i);
        char *words = g_strdup_printf("name = name %d\n", i - 1);
        char *text = get(&place, name);
        /* 24 versions were replaced; the first four are gone. */
        if (i <= 4 || i == 25)
            g_assert_null(text);
        else
            g_assert_nonnull(strstr(text, words));
        g_free(text);
        g_free(words);
        g_free(name);
    }
    char *left = get(&place, "data/managed.new");
    g_assert_null(left);
    place_free(&place);
}

static void several_keys_are_changed_as_one_version_or_none(void)
{
    struct place place = place_new("[portal]\nlanguage = en\n");
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct config_change good[] = { { "portal", "name", "One" },
                                          { "module x", "size", "7" } };
    const struct config_change locked[] = { { "portal", "name", "Two" },
                                            { "portal", "language", "de" } };
    g_assert_cmpint(config_manage_all(place.file, good, 2, &error), ==, 0);
    g_assert_cmpint(config_manage_all(place.file, locked, 2, &error), ==, PORTICO_EPERM);
    g_assert_cmpint(config_manage_all(place.file, NULL, 0, &error), ==, 0);
    struct config *config = load(&place);
    g_assert_cmpstr(config_text(config, "portal", "name"), ==, "One");
    g_assert_cmpstr(config_module_text(config, "x", "size"), ==, "7");
    config_free(config);
    char *version = get(&place, "data/managed.conf.1");
    g_assert_null(version);
    place_free(&place);
}

static void undoing_goes_back_a_version_and_twice_is_as_it_was(void)
{
    struct place place = place_new("");
    struct portico_error error = PORTICO_ERROR_INIT;
    static const char *const names[] = { "Two", "One", "Two" };
    g_assert_cmpint(undo(&place, &error), ==, PORTICO_ENOENT);
    g_assert_cmpint(config_manage(place.file, "portal", "name", "One", &error), ==, 0);
    g_assert_cmpint(config_manage(place.file, "portal", "name", "Two", &error), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        struct config *config = load(&place);
        g_assert_cmpstr(config_text(config, "portal", "name"), ==, names[i]);
        config_free(config);
        g_assert_cmpint(undo(&place, &error), ==, 0);
    }
    place_free(&place);
}

static void what_is_refused_leaves_neither_values_nor_a_version_behind(void)
{
    struct place place = place_new("");
    struct portico_error error = PORTICO_ERROR_INIT;
    static const char *const names[] = { NULL, "One", "Two" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const struct config_change bad = { "portal", "name", "Refused" };
        struct config_turn *turn;
        struct config *config;
        if (names[i])
            g_assert_cmpint(config_manage(place.file, "portal", "name", names[i], &error), ==, 0);
        char *before = get(&place, "data/managed.conf");
        g_assert_cmpint(config_manage_begin(place.file, &turn, &config, &error), ==, 0);
        g_assert_cmpint(config_manage_change(turn, config, &bad, 1, &error), ==, 0);
        g_assert_cmpint(config_turn_refuse(turn, &error), ==, 0);
        config_turn_end(turn);
        config_free(config);
        char *after = get(&place, "data/managed.conf");
        g_assert_cmpstr(after, ==, before);
        g_free(before);
        g_free(after);
    }
    char *kept = get(&place, "data/managed.conf.1"), *refused = get(&place, "data/managed.conf.2");
    g_assert_nonnull(strstr(kept, "name = One\n"));
    g_assert_null(refused);
    g_assert_cmpint(undo(&place, &error), ==, 0);
    struct config *config = load(&place);
    g_assert_cmpstr(config_text(config, "portal", "name"), ==, "One");
    config_free(config);
    g_free(kept);
    place_free(&place);
}

static gpointer change_in_turn(gpointer data)
{
    const struct place *place = data;
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(config_manage(place->file, "portal", "contact", "desk@example.com", &error), ==,
                    0);
    return NULL;
}

static void a_change_made_while_another_is_refused_stays(void)
{
    struct place place = place_new("");
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct config_change bad = { "portal", "name", "Refused" };
    struct config_turn *turn;
    struct config *config;
    g_assert_cmpint(config_manage_begin(place.file, &turn, &config, &error), ==, 0);
    g_assert_cmpint(config_manage_change(turn, config, &bad, 1, &error), ==, 0);
    config_free(config);
    GThread *other = g_thread_new("other", change_in_turn, &place);
    g_assert_cmpint(config_turn_refuse(turn, &error), ==, 0);
    config_turn_end(turn);
    g_thread_join(other);
    config = load(&place);
    g_assert_cmpstr(config_text(config, "portal", "contact"), ==, "desk@example.com");
    g_assert_cmpstr(config_text(config, "portal", "name"), ==, "Portico");
    config_free(config);
    place_free(&place);
}

static void undoing_the_very_first_change_leaves_nothing_set(void)
{
    struct place place = place_new("");
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(config_manage(place.file, "portal", "name", "One", &error), ==, 0);
    g_assert_cmpint(undo(&place, &error), ==, 0);
    struct config *config = load(&place);
    assert_no_problem(&place, config);
    g_assert_cmpstr(config_text(config, "portal", "name"), ==, "Portico");
    config_free(config);
    place_free(&place);
}

static void locked_keys_are_refused_with_the_place_that_locks_them(void)
{
    struct place place = place_new("[portal]\nname = admin\n");
    put(&place, "conf.d/1.conf", "\n[module x]\nenabled = false\n");
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(config_manage(place.file, "portal", "name", "page", &error), ==, PORTICO_EPERM);
    g_assert_nonnull(strstr(error.message, "portico.conf:2 and locked by it. Change it there."));
    g_assert_cmpint(config_manage(place.file, "module x", "enabled", "true", &error), ==,
                    PORTICO_EPERM);
    g_assert_nonnull(strstr(error.message, "conf.d/1.conf:3"));
    g_setenv("PORTICO_LOG_LEVEL", "debug", TRUE);
    g_assert_cmpint(config_manage(place.file, "log", "level", "info", &error), ==, PORTICO_EPERM);
    g_assert_nonnull(strstr(error.message, "environment variable PORTICO_LOG_LEVEL"));
    g_unsetenv("PORTICO_LOG_LEVEL");
    char *text = get(&place, "data/managed.conf");
    g_assert_null(text);
    place_free(&place);
}

static void managing_refuses_what_the_schema_refuses(void)
{
    static const struct {
        const char *section, *key, *value;
        int code;
        const char *words;
    } rows[] = {
        { "nope", "x", "y", PORTICO_EINVAL, "Unknown section [nope]" },
        { "http", "lisen", "y", PORTICO_EINVAL, "Unknown key `lisen`" },
        { "http", "listen", "nonsense", PORTICO_EINVAL, "`listen` holds `nonsense`" },
        { "server", "workers", "65", PORTICO_EINVAL, "from 1 to 64" },
        { "module x", "enabled", "perhaps", PORTICO_EINVAL, "`true` or `false`" },
        { "module X y", "enabled", "true", PORTICO_EINVAL, "no module name" },
        { "module x", "two words", "true", PORTICO_EINVAL, "is no key" },
        { "module x", "a\nb", "true", PORTICO_EINVAL, "is no key" },
        { "module x", "path", "/tmp", PORTICO_EPERM, "points at files or code" },
        { "module x", "token_file", "/tmp", PORTICO_EPERM, "points at files or code" },
        { "portal", "data", "/tmp", PORTICO_EPERM, "points at files or code" },
        { "portal", "name", "a\x01", PORTICO_EINVAL, "control character" },
        { "portal", "name", "a\x7F", PORTICO_EINVAL, "control character" },
        { "portal", "name", "\xFF", PORTICO_EINVAL, "not valid UTF-8" },
    };
    struct place place = place_new("");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        g_assert_cmpint(
            config_manage(place.file, rows[i].section, rows[i].key, rows[i].value, &error), ==,
            rows[i].code);
        if (!strstr(error.message, rows[i].words))
            g_error("\"%s\" lacks \"%s\"", error.message, rows[i].words);
    }
    char *text = get(&place, "data/managed.conf");
    g_assert_null(text);
    place_free(&place);
}

static void what_managing_writes_is_read_again_however_long_it_is(void)
{
    struct place place = place_new("");
    for (size_t length = 2000; length < 4200; length += 97) {
        struct portico_error error = PORTICO_ERROR_INIT;
        char *value = g_strnfill(length, length % 2 ? '"' : 'x');
        int code = config_manage(place.file, "portal", "contact", value, &error);
        g_assert_true(code == 0 || (code == PORTICO_EINVAL && strstr(error.message, "Shorten it")));
        g_assert_cmpint(config_manage(place.file, "portal", "language", "de", &error), ==, 0);
        g_free(value);
    }
    place_free(&place);
}

static void a_managed_conf_edited_into_nonsense_is_not_overwritten(void)
{
    struct place place = place_new("");
    put(&place, "data/managed.conf", "[portal]\nnonsense\n");
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(config_manage(place.file, "portal", "name", "x", &error), ==, PORTICO_EINVAL);
    g_assert_nonnull(strstr(error.message, "managed.conf:2: `nonsense` is neither"));
    g_assert_nonnull(strstr(error.message, "nothing was changed"));
    char *text = get(&place, "data/managed.conf");
    g_assert_cmpstr(text, ==, "[portal]\nnonsense\n");
    g_free(text);
    place_free(&place);
}

static void writers_at_the_same_time_lose_no_key(void)
{
    enum { WRITERS = 4, KEYS = 5 };
    struct place place = place_new("");
    pid_t children[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        g_assert_cmpint(children[i], >=, 0);
        if (children[i] == 0) {
            int failed = 0;
            for (int j = 0; j < KEYS; j++) {
                char *key = g_strdup_printf("key_%d_%d", i, j);
                failed |= config_manage(place.file, "module x", key, "1", NULL);
                g_free(key);
            }
            _exit(failed ? 1 : 0);
        }
    }
    for (int i = 0; i < WRITERS; i++) {
        int status;
        g_assert_cmpint(waitpid(children[i], &status, 0), ==, children[i]);
        g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    struct config *config = load(&place);
    assert_no_problem(&place, config);
    for (int i = 0; i < WRITERS * KEYS; i++) {
        char *key = g_strdup_printf("key_%d_%d", i / KEYS, i % KEYS);
        g_assert_cmpstr(config_module_text(config, "x", key), ==, "1");
        g_free(key);
    }
    config_free(config);
    place_free(&place);
}

/* Paths */

static void module_directories_of_the_config_come_before_the_programs_own(void)
{
    struct place place =
        place_new("[modules]\ndirectories = mine /opt/theirs\n[module far]\npath = away/far\n");
    put(&place, "mine/near/near.so", "");
    struct config *config = load(&place);
    assert_no_problem(&place, config);
    const char *const *directories = paths_module_directories(config);
    char *mine = g_build_filename(place.directory, "mine", NULL);
    g_assert_cmpstr(directories[0], ==, mine);
    g_assert_cmpstr(directories[1], ==, "/opt/theirs");
    g_assert_true(g_str_has_suffix(directories[2], "/modules"));
    g_assert_true(g_path_is_absolute(paths_share_directory()));
    g_assert_true(g_str_has_suffix(paths_share_directory(), "/share/portico"));
    char *near = paths_module_directory(config, "near");
    char *far = paths_module_directory(config, "far");
    g_assert_true(g_str_has_prefix(near, mine) && g_str_has_suffix(near, "/near"));
    g_assert_true(g_str_has_suffix(far, "/away/far"));
    g_assert_null(paths_module_directory(config, "absent"));
    free(near);
    free(far);
    g_free(mine);
    config_free(config);
    place_free(&place);
}

static const struct {
    const char *name;
    void (*test)(void);
} tests[] = {
    { "secrets/a secret open to others or empty is a problem",
      a_secret_open_to_others_or_empty_is_a_problem },
    { "secrets/the portal's key is made once and kept private",
      the_portal_key_is_made_once_and_kept_private },
    { "managed/writes, changes and removes a key", managing_writes_changes_and_removes_a_key },
    { "managed/the history keeps the versions before, the latest twenty",
      the_history_keeps_the_versions_before_and_the_latest_twenty },
    { "managed/several keys are changed as one version, or none",
      several_keys_are_changed_as_one_version_or_none },
    { "managed/undoing goes back a version, and twice is as it was",
      undoing_goes_back_a_version_and_twice_is_as_it_was },
    { "managed/what is refused leaves neither values nor a version behind",
      what_is_refused_leaves_neither_values_nor_a_version_behind },
    { "managed/a change made while another is refused stays",
      a_change_made_while_another_is_refused_stays },
    { "managed/undoing the very first change leaves nothing set",
      undoing_the_very_first_change_leaves_nothing_set },
    { "managed/locked keys are refused with the place that locks them",
      locked_keys_are_refused_with_the_place_that_locks_them },
    { "managed/it refuses what the schema refuses", managing_refuses_what_the_schema_refuses },
    { "managed/what is written is read again however long it is",
      what_managing_writes_is_read_again_however_long_it_is },
    { "managed/a file edited into nonsense is not overwritten",
      a_managed_conf_edited_into_nonsense_is_not_overwritten },
    { "managed/writers at the same time lose no key", writers_at_the_same_time_lose_no_key },
    { "paths/module directories of the config come before the program's own",
      module_directories_of_the_config_come_before_the_programs_own },
};

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        char *path = g_strdup_printf("/config/%s", tests[i].name);
        g_test_add_func(path, tests[i].test);
        g_free(path);
    }
    return g_test_run();
}
