/* Tests of the loaded configuration: schema, layers, modules. */
#include "place.h"

/* Schema */

static void every_default_fits_its_own_schema_and_has_help(void)
{
    for (size_t i = 0; i < config_key_count; i++) {
        const struct portico_setting *setting = &config_keys[i].setting;
        struct config_value value;
        struct portico_error error = PORTICO_ERROR_INIT;
        g_assert_cmpint(config_parse_value(setting, setting->initial, &value, &error), ==, 0);
        g_assert_true(setting->title && *setting->title);
        g_assert_true(g_str_has_suffix(setting->help, "."));
        for (size_t j = 0; j < i; j++)
            g_assert_false(strcmp(config_keys[j].section, config_keys[i].section) == 0 &&
                           strcmp(config_keys[j].setting.key, setting->key) == 0);
    }
}

static void an_empty_config_has_every_default(void)
{
    struct place place = place_new("");
    struct config *config = load(&place);
    assert_no_problem(&place, config);
    g_assert_cmpstr(config_text(config, "portal", "name"), ==, "Portico");
    g_assert_cmpint(config_integer(config, "server", "workers"), ==, 2);
    g_assert_cmpint(config_integer(config, "http", "idle_time"), ==, 60 * 1000000);
    g_assert_cmpint(config_integer(config, "http", "body_size"), ==, 1024 * 1024);
    g_assert_false(config_boolean(config, "portal", "development"));
    g_assert_true(config_boolean(config, "log", "access"));
    g_assert_cmpstr(config_words(config, "http", "listen")[0], ==, "127.0.0.1:8080");
    g_assert_null(config_words(config, "http", "listen")[1]);
    g_assert_cmpstr(config_url(config), ==, "http://127.0.0.1:8080");
    char *data = g_build_filename(place.directory, "data", NULL);
    char *database = g_strdup_printf("sqlite:%s/portico.db", data);
    g_assert_cmpstr(config_data_directory(config), ==, data);
    g_assert_cmpstr(config_database_url(config), ==, database);
    g_assert_cmpstr(config_file(config), ==, place.file);
    g_assert_null(config_brand_directory(config));
    g_assert_cmpuint(config_module_count(config), ==, 0);
    g_assert_null(config_origin(config, "portal", "name").file);
    g_free(database);
    g_free(data);
    config_free(config);
    place_free(&place);
}

struct value_case {
    uint32_t type;
    const char *text;
    int64_t integer;   /* what is read */
    const char *wrong; /* or words of the complaint */
};
static const struct value_case values[] = {
    { PORTICO_SETTING_INTEGER, "0", 0, NULL },
    { PORTICO_SETTING_INTEGER, "-17", -17, NULL },
    { PORTICO_SETTING_INTEGER, "9223372036854775807", INT64_MAX, NULL },
    { PORTICO_SETTING_INTEGER, "9223372036854775808", 0, "must be a whole number" },
    { PORTICO_SETTING_INTEGER, "", 0, "must be a whole number, not ``" },
    { PORTICO_SETTING_INTEGER, "1.5", 0, "must be a whole number, not `1.5`" },
    { PORTICO_SETTING_INTEGER, "1 # one", 0, "A comment needs a line of its own" },
    { PORTICO_SETTING_BOOLEAN, "true", 1, NULL },
    { PORTICO_SETTING_BOOLEAN, "yes", 1, NULL },
    { PORTICO_SETTING_BOOLEAN, "on", 1, NULL },
    { PORTICO_SETTING_BOOLEAN, "false", 0, NULL },
    { PORTICO_SETTING_BOOLEAN, "no", 0, NULL },
    { PORTICO_SETTING_BOOLEAN, "off", 0, NULL },
    { PORTICO_SETTING_BOOLEAN, "1", 0, "must be `true` or `false`, not `1`" },
    { PORTICO_SETTING_BOOLEAN, "True", 0, "must be `true` or `false`" },
    { PORTICO_SETTING_DURATION, "500ms", 500000, NULL },
    { PORTICO_SETTING_DURATION, "2s", 2000000, NULL },
    { PORTICO_SETTING_DURATION, "5min", INT64_C(300000000), NULL },
    { PORTICO_SETTING_DURATION, "1h", INT64_C(3600000000), NULL },
    { PORTICO_SETTING_DURATION, "7d", INT64_C(604800000000), NULL },
    { PORTICO_SETTING_DURATION, "2 s", 2000000, NULL },
    { PORTICO_SETTING_DURATION, "0", 0, NULL },
    { PORTICO_SETTING_DURATION, "10", 0, "must be a time such as 500ms" },
    { PORTICO_SETTING_DURATION, "-1s", 0, "must be a time" },
    { PORTICO_SETTING_DURATION, "1m", 0, "must be a time" },
    { PORTICO_SETTING_DURATION, "99999999999999d", 0, "must be a time" },
    { PORTICO_SETTING_SIZE, "512", 512, NULL },
    { PORTICO_SETTING_SIZE, "512B", 512, NULL },
    { PORTICO_SETTING_SIZE, "64KiB", 65536, NULL },
    { PORTICO_SETTING_SIZE, "1MiB", 1048576, NULL },
    { PORTICO_SETTING_SIZE, "2GiB", INT64_C(2147483648), NULL },
    { PORTICO_SETTING_SIZE, "1MB", 0, "must be a size such as" },
    { PORTICO_SETTING_SIZE, "99999999999GiB", 0, "must be a size" },
    { PORTICO_SETTING_REAL, "abc", 0, "must be a number such as 0.5" },
    { PORTICO_SETTING_REAL, "inf", 0, "must be a number" },
    { PORTICO_SETTING_REAL, "0x10", 0, "must be a number" },
    { PORTICO_SETTING_REAL, "1e999", 0, "must be a number" },
    { PORTICO_SETTING_CHOICE, "rde", 0,
      "must be one of `red`, `green` or `blue`, not `rde`. Did you mean `red`?" },
    { PORTICO_SETTING_CHOICE, "RED", 0, "Did you mean `red`?" },
    { PORTICO_SETTING_CHOICE, "", 0, "must be one of" },
    { 99, "x", 0, "unknown type 99; it belongs to a newer host" },
};

static void values_are_read_by_their_type_or_refused_with_an_example(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        struct portico_setting setting = { .key = "k",
                                           .type = values[i].type,
                                           .choices = "red green blue" };
        struct config_value value = { .integer = 4711 };
        struct portico_error error = PORTICO_ERROR_INIT;
        int code = config_parse_value(&setting, values[i].text, &value, &error);
        g_assert_cmpint(code, ==, values[i].wrong ? PORTICO_EINVAL : 0);
        g_assert_cmpint(value.integer, ==, values[i].wrong ? 4711 : values[i].integer);
        if (values[i].wrong && !strstr(error.message, values[i].wrong))
            g_error("\"%s\" lacks \"%s\"", error.message, values[i].wrong);
    }
    struct portico_setting real = { .key = "k", .type = PORTICO_SETTING_REAL };
    struct config_value value;
    g_assert_cmpint(config_parse_value(&real, "-0.25", &value, NULL), ==, 0);
    g_assert_cmpfloat(value.real, ==, -0.25);
    struct portico_setting choice = { .key = "k",
                                      .type = PORTICO_SETTING_CHOICE,
                                      .choices = "a b" };
    g_assert_cmpint(config_parse_value(&choice, "b", &value, NULL), ==, 0);
    g_assert_cmpstr(value.text, ==, "b");
}

static void ranges_include_their_ends_and_are_named_in_the_refusal(void)
{
    static const struct {
        uint32_t type;
        const char *minimum, *maximum, *low, *high, *below, *above, *words;
    } ranges[] = {
        { PORTICO_SETTING_INTEGER, "1", "64", "1", "64", "0", "65", ", from 1 to 64, not" },
        { PORTICO_SETTING_DURATION, "1s", "1min", "1000ms", "60s", "999ms", "61s",
          ", from 1s to 1min" },
        { PORTICO_SETTING_SIZE, "1KiB", "1MiB", "1024", "1024KiB", "1023", "2MiB",
          ", from 1KiB to 1MiB" },
        { PORTICO_SETTING_REAL, "0", "1", "0.0", "1.0", "-0.1", "1.1", ", from 0 to 1" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++) {
        struct portico_setting setting = { .key = "k",
                                           .type = ranges[i].type,
                                           .minimum = ranges[i].minimum,
                                           .maximum = ranges[i].maximum };
        struct config_value value;
        struct portico_error error = PORTICO_ERROR_INIT;
        g_assert_cmpint(config_parse_value(&setting, ranges[i].low, &value, &error), ==, 0);
        g_assert_cmpint(config_parse_value(&setting, ranges[i].high, &value, &error), ==, 0);
        g_assert_cmpint(config_parse_value(&setting, ranges[i].below, &value, &error), ==,
                        PORTICO_EINVAL);
        g_assert_nonnull(strstr(error.message, ranges[i].words));
        g_assert_cmpint(config_parse_value(&setting, ranges[i].above, &value, &error), ==,
                        PORTICO_EINVAL);
        g_assert_nonnull(strstr(error.message, ranges[i].words));
    }
}

static void long_values_are_cut_in_the_complaint(void)
{
    char *wide = g_strnfill(600, 'x');
    memcpy(wide + 59, "ü", 2);
    struct portico_setting setting = { .key = "k", .type = PORTICO_SETTING_INTEGER };
    struct config_value value;
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(config_parse_value(&setting, wide, &value, &error), ==, PORTICO_EINVAL);
    g_assert_cmpuint(strlen(error.message), <, 140);
    g_assert_true(g_utf8_validate(error.message, -1, NULL));
    g_free(wide);
}

/* What a config text is refused with: one problem, its place and words. */
struct refusal {
    const char *text;
    const char *where;
    const char *words;
};
static const struct refusal refusals[] = {
    { "[http]\nlisen = a:1\n",
      "portico.conf:2:", "Unknown key `lisen` in [http]. Did you mean `listen`?" },
    { "[http]\nLISTEN = a:1\n", "portico.conf:2:", "Did you mean `listen`?" },
    { "[http]\nworkers = 2\n",
      "portico.conf:2:", "Unknown key `workers` in [http]. It belongs to [server]." },
    { "[http]\nxyzzyplugh = 2\n", "portico.conf:2:", "`portico check --settings` lists all." },
    { "[sevrer]\nworkers = 2\n",
      "portico.conf:1:", "Unknown section [sevrer]. Did you mean [server]?" },
    { "[communities]\nenabled = true\n", "portico.conf:1:",
      "Unknown section [communities]. Settings of a module stand in [module NAME]." },
    { "\n[module Communities]\n", "portico.conf:2:", "`Communities` is no module name" },
    { "[module 1st]\n", "portico.conf:1:", "begin with a letter" },
    { "[module a]\nenabled = maybe\n",
      "portico.conf:2:", "`enabled` must be `true` or `false`, not `maybe`." },
    { "[server]\nworkers = many\n",
      "portico.conf:2:", "`workers` must be a whole number, from 1 to 64, not `many`." },
    { "[server]\nworkers = 0\n", "portico.conf:2:", "from 1 to 64" },
    { "[server]\n\nhandler_time = 10\n", "portico.conf:3:", "a time such as" },
    { "[log]\nlevel = verbose\n",
      "portico.conf:2:", "one of `error`, `warning`, `info` or `debug`" },
    { "[http]\nlisten =\n", "portico.conf:2:", "`listen` must hold at least one address" },
    { "[http]\nlisten = 8080\n",
      "portico.conf:2:", "`listen` holds `8080`, which is not HOST:PORT" },
    { "[http]\nlisten = 127.0.0.1:99999\n", "portico.conf:2:", "`127.0.0.1:99999`" },
    { "[http]\nlisten = 127.0.0.1:80 [::1:80\n", "portico.conf:2:", "`[::1:80`" },
    { "[http]\ntrusted_proxies = 10.0.0.0/33\n", "portico.conf:2:", "`10.0.0.0/33`" },
    { "[http]\ntrusted_proxies = proxy.local\n",
      "portico.conf:2:", "`proxy.local`, which is not an address" },
    { "[portal]\nurl = portal.example.com\n",
      "portico.conf:2:", "`url` must be the portal's address without a path" },
    { "[portal]\nurl = https://portal.example.com/help\n", "portico.conf:2:", "without a path" },
    { "[portal]\nurl = https://user@portal.example.com\n", "portico.conf:2:", "without a path" },
    { "[portal]\nurl = https://portal.example.com:port\n", "portico.conf:2:", "without a path" },
    { "[portal]\nurl = ftp://portal.example.com\n", "portico.conf:2:", "without a path" },
    { "[portal]\nlanguage = english language\n",
      "portico.conf:2:", "`language` must be a language tag" },
    { "[portal]\ntimezone = ../../etc/passwd\n",
      "portico.conf:2:", "`timezone` must be an IANA time zone" },
    { "[portal]\ndata =\n", "portico.conf:2:", "`data` must not be empty" },
    { "[database]\nurl = mysql://x\n",
      "portico.conf:2:", "`url` must be sqlite:PATH or postgresql://USER@HOST/NAME." },
    { "[database]\nurl = postgresql://me:secret@host/name\n",
      "portico.conf:2:", "name that in `password_file`" },
    { "[database]\nurl = postgresql://host/name?password=secret\n",
      "portico.conf:2:", "holds a password" },
    { "[database]\npassword = secret\n", "portico.conf:2:", "write `password_file = PATH`" },
    { "[database]\npassword_file = missing\n",
      "portico.conf:2:", "missing cannot be opened: No such file" },
    { "[http]\nlisten = 0.0.0.0:80\n", "portico.conf:2:", "Set `url` in [portal]" },
    { "[http]\nlisten = 127.0.0.1:80 *:81\n", "portico.conf:2:", "its URL is unknown" },
};

static void each_wrong_config_is_refused_with_its_line_and_what_to_do(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        struct place place = place_new(refusals[i].text);
        struct config *config = load(&place);
        assert_problem(&place, config, 0, refusals[i].where, refusals[i].words);
        g_assert_cmpuint(config_problem_count(config), ==, 1);
        char *text = problem_text(&place, config, 0);
        g_assert_null(strstr(text, ":secret@"));
        g_free(text);
        config_free(config);
        place_free(&place);
    }
}

static void right_addresses_urls_and_zones_are_taken(void)
{
    static const char *const texts[] = {
        "[http]\nlisten = localhost:80 [::1]:80 /run/portico.sock\n",
        "[http]\nlisten = *:80\n[portal]\nurl = https://portal.example.com\n",
        "[http]\nlisten = *:80\n[portal]\ndevelopment = true\n",
        "[http]\ntrusted_proxies = 10.0.0.0/8 ::1 fd00::/8 192.0.2.1 unix\n",
        "[http]\ntrusted_proxies =\n",
        "[portal]\nurl = http://[::1]:8080/\nlanguage = pt-BR\ntimezone = UTC\n",
        "[database]\nurl = postgresql://me@host:5433/name?sslmode=require\n",
        "[database]\nurl = postgresql:///name?host=/run/postgresql\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        struct place place = place_new(texts[i]);
        struct config *config = load(&place);
        assert_no_problem(&place, config);
        config_free(config);
        place_free(&place);
    }
}

static void the_url_loses_its_slash_and_follows_from_listen_where_it_may(void)
{
    static const char *const pairs[][2] = {
        { "[portal]\nurl = https://a.example/\n", "https://a.example" },
        { "[http]\nlisten = /run/p.sock localhost:81\n", "http://localhost:81" },
        { "[http]\nlisten = *:8080\n[portal]\ndevelopment = true\n", "http://localhost:8080" },
        { "[http]\nlisten = 127.0.0.1:80\n", "http://127.0.0.1" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        struct place place = place_new(pairs[i][0]);
        struct config *config = load(&place);
        assert_no_problem(&place, config);
        g_assert_cmpstr(config_url(config), ==, pairs[i][1]);
        config_free(config);
        place_free(&place);
    }
}

static void a_config_that_is_not_there_is_an_error_that_names_the_option(void)
{
    struct config *config = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(config_load("/nonexistent/p.conf", &config, &error), ==, PORTICO_ENOENT);
    g_assert_nonnull(strstr(error.message, "/nonexistent/p.conf"));
    g_assert_nonnull(strstr(error.message, "--config FILE"));
    g_assert_null(config);
    config_free(NULL);
}

static void problems_come_in_the_order_of_files_and_lines(void)
{
    struct place place = place_new("[log]\nlevel = x\nbroken\n[log]\n");
    put(&place, "conf.d/20.conf", "later\n");
    put(&place, "conf.d/10.conf", "[nope]\n");
    put(&place, "conf.d/ignored.txt", "broken\n");
    put(&place, "conf.d/.hidden.conf", "broken\n");
    struct config *config = load(&place);
    assert_problem(&place, config, 0, "portico.conf:2:", "`level`");
    assert_problem(&place, config, 1, "portico.conf:3:", "`broken`");
    assert_problem(&place, config, 2, "portico.conf:4:", "already in line 1");
    assert_problem(&place, config, 3, "conf.d/10.conf:1:", "[nope]");
    assert_problem(&place, config, 4, "conf.d/20.conf:1:", "`later`");
    g_assert_cmpuint(config_problem_count(config), ==, 5);
    config_free(config);
    place_free(&place);
}

/* Layers */

static void later_files_win_and_say_where_the_value_stands(void)
{
    struct place place = place_new("[portal]\nname = one\nlanguage = de\n[server]\nworkers = 3\n");
    put(&place, "conf.d/10.conf", "[portal]\nname = two\n");
    put(&place, "conf.d/20.conf", "\n[portal]\nname = three\n");
    struct config *config = load(&place);
    assert_no_problem(&place, config);
    g_assert_cmpstr(config_text(config, "portal", "name"), ==, "three");
    g_assert_cmpstr(config_text(config, "portal", "language"), ==, "de");
    struct config_origin origin = config_origin(config, "portal", "name");
    g_assert_true(g_str_has_suffix(origin.file, "/conf.d/20.conf"));
    g_assert_cmpuint(origin.line, ==, 3);
    g_assert_true(origin.locked);
    g_assert_cmpstr(config_written(config, "portal", "name"), ==, "three");
    config_free(config);
    place_free(&place);
}

static void the_environment_wins_over_all_files(void)
{
    struct place place = place_new("[portal]\nname = file\n[module my-mod]\nsize = 1\n"
                                   "[module my]\nmod_x = 0\n");
    g_setenv("PORTICO_PORTAL_NAME", "environment", TRUE);
    g_setenv("PORTICO_HTTP_BODY_SIZE", "2MiB", TRUE);
    g_setenv("PORTICO_MODULE_MY_MOD_SIZE", "9", TRUE);
    g_setenv("PORTICO_MODULE_MY_MOD_ENABLED", "true", TRUE);
    g_setenv("PORTICO_UNRELATED", "x", TRUE);
    struct config *config = load(&place);
    assert_no_problem(&place, config);
    g_assert_cmpstr(config_text(config, "portal", "name"), ==, "environment");
    g_assert_cmpint(config_integer(config, "http", "body_size"), ==, 2 * 1024 * 1024);
    g_assert_cmpstr(config_module_text(config, "my-mod", "size"), ==, "9");
    g_assert_true(config_module_at(config, 0)->enabled);
    g_assert_null(config_module_text(config, "my", "mod_size"));
    struct config_origin origin = config_origin(config, "portal", "name");
    g_assert_cmpstr(origin.file, ==, "environment variable PORTICO_PORTAL_NAME");
    g_assert_cmpuint(origin.line, ==, 0);
    config_free(config);
    g_setenv("PORTICO_HTTP_LISEN", "x:1", TRUE);
    g_setenv("PORTICO_LOG_LEVEL", "loud", TRUE);
    config = load(&place);
    g_assert_cmpuint(config_problem_count(config), ==, 2);
    for (size_t i = 0; i < 2; i++) {
        bool level = strstr(config_problem_at(config, i)->file, "LEVEL") != NULL;
        assert_problem(&place, config, i,
                       level ? "environment variable PORTICO_LOG_LEVEL:0:"
                             : "environment variable PORTICO_HTTP_LISEN:0:",
                       level ? "not `loud`" : "Did you mean `listen`?");
    }
    config_free(config);
    static const char *const names[] = { "PORTAL_NAME",        "HTTP_BODY_SIZE",
                                         "MODULE_MY_MOD_SIZE", "MODULE_MY_MOD_ENABLED",
                                         "UNRELATED",          "HTTP_LISEN",
                                         "LOG_LEVEL" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        char *name = g_strdup_printf("PORTICO_%s", names[i]);
        g_unsetenv(name);
        g_free(name);
    }
    place_free(&place);
}

static void the_environment_moves_the_data_directory_and_managed_conf_with_it(void)
{
    struct place place = place_new("");
    put(&place, "elsewhere/managed.conf", "[portal]\nname = moved\n");
    char *elsewhere = g_build_filename(place.directory, "elsewhere", NULL);
    g_setenv("PORTICO_PORTAL_DATA", elsewhere, TRUE);
    struct config *config = load(&place);
    assert_no_problem(&place, config);
    g_assert_cmpstr(config_data_directory(config), ==, elsewhere);
    g_assert_cmpstr(config_text(config, "portal", "name"), ==, "moved");
    config_free(config);
    g_unsetenv("PORTICO_PORTAL_DATA");
    g_free(elsewhere);
    place_free(&place);
}

static void managed_conf_fills_what_the_admin_left_open_and_loses_where_it_did_not(void)
{
    struct place place = place_new("[portal]\nname = admin\n");
    put(&place, "data/managed.conf",
        "[portal]\nname = page\nlanguage = fr\n[module x]\nenabled = true\n");
    struct config *config = load(&place);
    assert_no_problem(&place, config);
    g_assert_cmpstr(config_text(config, "portal", "name"), ==, "admin");
    g_assert_cmpstr(config_text(config, "portal", "language"), ==, "fr");
    g_assert_false(config_origin(config, "portal", "language").locked);
    g_assert_cmpuint(config_module_count(config), ==, 1);
    g_assert_true(config_module_at(config, 0)->enabled);
    config_free(config);
    place_free(&place);
}

static void managed_conf_may_not_point_at_files_or_code(void)
{
    struct place place = place_new("");
    put(&place, "data/managed.conf",
        "[portal]\ndata = /x\n[module x]\npath = /x\ntoken_file = /x\n"
        "[modules]\ndirectories = /x\n");
    struct config *config = load(&place);
    assert_problem(&place, config, 0, "data/managed.conf:2:", "`data` in [portal]");
    assert_problem(&place, config, 1, "data/managed.conf:4:", "`path` in [module x]");
    assert_problem(&place, config, 2, "data/managed.conf:5:", "`token_file`");
    assert_problem(&place, config, 3, "data/managed.conf:7:", "cannot stand in managed.conf");
    g_assert_null(config_module_at(config, 0)->path);
    config_free(config);
    place_free(&place);
}

/* Modules */

static const struct portico_setting module_settings[] = {
    { .key = "page_size",
      .type = PORTICO_SETTING_INTEGER,
      .initial = "20",
      .minimum = "1",
      .maximum = "100" },
    { .key = "greeting", .type = PORTICO_SETTING_TEXT, .initial = "hello" },
    { .key = "token", .type = PORTICO_SETTING_SECRET },
};

static void modules_are_listed_in_the_order_of_the_file_and_are_off_by_default(void)
{
    struct place place = place_new("[module second]\nenabled = yes\npath = mods/second\n"
                                   "[module first]\n[module third]\nenabled = false\n");
    put(&place, "conf.d/1.conf", "[module first]\nenabled = true\n[module fourth]\n");
    struct config *config = load(&place);
    assert_no_problem(&place, config);
    static const char *const names[] = { "second", "first", "third", "fourth" };
    static const bool enabled[] = { true, true, false, false };
    g_assert_cmpuint(config_module_count(config), ==, 4);
    for (size_t i = 0; i < 4; i++) {
        g_assert_cmpstr(config_module_at(config, i)->name, ==, names[i]);
        g_assert_cmpint(config_module_at(config, i)->enabled, ==, enabled[i]);
    }
    char *path = g_build_filename(place.directory, "mods/second", NULL);
    g_assert_cmpstr(config_module_at(config, 0)->path, ==, path);
    g_assert_cmpuint(config_module_at(config, 1)->line, ==, 4);
    g_assert_null(config_module_at(config, 4));
    g_free(path);
    config_free(config);
    place_free(&place);
}

static void a_module_section_is_held_against_the_module_schema(void)
{
    struct place place = place_new("[module x]\nenabled = true\npage_size = 0\ngreting = hi\n"
                                   "tokn_file = a\ntoken = abc\n");
    struct config *config = load(&place);
    assert_no_problem(&place, config);
    config_check_module(config, "x", module_settings, G_N_ELEMENTS(module_settings));
    assert_problem(&place, config, 0, "portico.conf:3:",
                   "`page_size` must be a whole number, from 1 to 100, not `0`.");
    assert_problem(&place, config, 1, "portico.conf:4:",
                   "Unknown key `greting` in [module x]. Did you mean `greeting`?");
    assert_problem(&place, config, 2, "portico.conf:5:", "Did you mean `token_file`?");
    assert_problem(&place, config, 3, "portico.conf:6:", "`token` in [module x] is a secret");
    g_assert_cmpuint(config_problem_count(config), ==, 4);
    config_free(config);
    place_free(&place);
}

static void a_module_reads_its_texts_and_secrets(void)
{
    struct place place =
        place_new("[module x]\nenabled = true\ngreeting = \" hi \"\ntoken_file = token\n");
    put(&place, "token", "s3cret\n");
    char *path = g_build_filename(place.directory, "token", NULL);
    g_assert_cmpint(g_chmod(path, 0600), ==, 0);
    struct config *config = load(&place);
    config_check_module(config, "x", module_settings, G_N_ELEMENTS(module_settings));
    assert_no_problem(&place, config);
    g_assert_cmpstr(config_module_text(config, "x", "greeting"), ==, " hi ");
    g_assert_cmpstr(config_module_text(config, "x", "token"), ==, "s3cret");
    g_assert_null(config_module_text(config, "x", "page_size"));
    g_assert_null(config_module_text(config, "y", "greeting"));
    g_assert_cmpstr(config_written(config, "module x", "token_file"), ==, "token");
    config_free(config);
    g_free(path);
    place_free(&place);
}

static void rooms_above_add_problems_at_a_key_or_its_section(void)
{
    struct place place = place_new("[http]\n\nlisten = 127.0.0.1:1\n[module x]\n");
    struct config *config = load(&place);
    config_add_problem(config, "http", "listen", "Port %d is taken.", 1);
    config_add_problem(config, "module x", NULL, "It clashes.");
    config_add_problem(config, "module x", "absent", "It clashes.");
    config_add_problem(config, NULL, NULL, "Something.");
    assert_problem(&place, config, 0, "portico.conf:3:", "Port 1 is taken.");
    assert_problem(&place, config, 1, "portico.conf:4:", "It clashes.");
    assert_problem(&place, config, 2, "portico.conf:4:", "It clashes.");
    assert_problem(&place, config, 3, "portico.conf:0:", "Something.");
    config_free(config);
    place_free(&place);
}

static const struct {
    const char *name;
    void (*test)(void);
} tests[] = {
    { "schema/every default fits its own schema and has help",
      every_default_fits_its_own_schema_and_has_help },
    { "schema/an empty config has every default", an_empty_config_has_every_default },
    { "schema/values are read by their type or refused with an example",
      values_are_read_by_their_type_or_refused_with_an_example },
    { "schema/ranges include their ends and are named in the refusal",
      ranges_include_their_ends_and_are_named_in_the_refusal },
    { "schema/long values are cut in the complaint", long_values_are_cut_in_the_complaint },
    { "schema/each wrong config is refused with its line and what to do",
      each_wrong_config_is_refused_with_its_line_and_what_to_do },
    { "schema/right addresses, URLs and zones are taken",
      right_addresses_urls_and_zones_are_taken },
    { "schema/the URL loses its slash and follows from listen where it may",
      the_url_loses_its_slash_and_follows_from_listen_where_it_may },
    { "layers/a config that is not there is an error that names the option",
      a_config_that_is_not_there_is_an_error_that_names_the_option },
    { "layers/problems come in the order of files and lines",
      problems_come_in_the_order_of_files_and_lines },
    { "layers/later files win and say where the value stands",
      later_files_win_and_say_where_the_value_stands },
    { "layers/the environment wins over all files", the_environment_wins_over_all_files },
    { "layers/the environment moves the data directory and managed.conf with it",
      the_environment_moves_the_data_directory_and_managed_conf_with_it },
    { "layers/managed.conf fills what the admin left open and loses where it did not",
      managed_conf_fills_what_the_admin_left_open_and_loses_where_it_did_not },
    { "layers/managed.conf may not point at files or code",
      managed_conf_may_not_point_at_files_or_code },
    { "modules/they are listed in the order of the file and are off by default",
      modules_are_listed_in_the_order_of_the_file_and_are_off_by_default },
    { "modules/a section is held against the module's schema",
      a_module_section_is_held_against_the_module_schema },
    { "modules/a module reads its texts and secrets", a_module_reads_its_texts_and_secrets },
    { "modules/rooms above add problems at a key or its section",
      rooms_above_add_problems_at_a_key_or_its_section },
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
