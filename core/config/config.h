/* The configuration: key files read line by line, typed against a schema, every mistake reported at
 * once. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <portico/base.h>
#include <portico/module.h>

#include <stdbool.h>

struct config;

/* One mistake: where, what, and what to do. */
struct config_problem {
    const char *file;
    unsigned line;
    const char *message;
};

/* A typed key of the host's own schema, also the source of `portico check --settings` and the man
 * page. */
struct config_key {
    const char *section;
    struct portico_setting setting;
};
extern const struct config_key config_keys[];
extern const size_t config_key_count;

/* Reads FILE, then conf.d/ *.conf beside it in order, then `managed.conf` in the data directory,
 * then the environment (PORTICO_<SECTION>_<KEY>). Later wins; a key set in FILE or conf.d is locked
 * against managed.conf. Problems are collected; the config is returned unless memory ends or FILE
 * is unreadable. */
int config_load(const char *file, struct config **ret_config, struct portico_error *error);
void config_free(struct config *config);
size_t config_problem_count(const struct config *config);
const struct config_problem *config_problem_at(const struct config *config, size_t index);
/* For the rooms above to add theirs: file and line are those of `section`.`key` (or, without it, of
 * the section). A module's section is "module NAME". */
void config_add_problem(struct config *config, const char *section, const char *key,
                        const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Values of the host's schema; they never fail: an invalid value was reported and the default
 * stands. Durations in microseconds, sizes in bytes. Texts borrowed until config_free. */
const char *config_text(const struct config *config, const char *section, const char *key);
int64_t config_integer(const struct config *config, const char *section, const char *key);
bool config_boolean(const struct config *config, const char *section, const char *key);
/* A list such as [http] listen, split at blanks; NULL-terminated, borrowed. */
const char *const *config_words(const struct config *config, const char *section, const char *key);

/* Where a key's value stands. `file` is NULL if nothing sets it (the default holds), a path, or
 * "environment variable NAME" with line 0. */
struct config_origin {
    const char *file;
    unsigned line;
    bool locked; /* set in FILE, conf.d or the environment: managed.conf cannot change it */
};
struct config_origin config_origin(const struct config *config, const char *section,
                                   const char *key);
/* The value as written, or NULL if nothing sets it. Never a secret's text: that is its file's name.
 */
const char *config_written(const struct config *config, const char *section, const char *key);

/* Modules named in [module NAME] sections, in file order. */
struct config_module {
    const char *name;
    bool enabled;
    const char *path; /* directory given by `path`, or NULL: found in the module directories */
    const char *file;
    unsigned line;
};
size_t config_module_count(const struct config *config);
const struct config_module *config_module_at(const struct config *config, size_t index);
/* Checks [module NAME] against a module's own schema, collecting problems (unknown keys name the
 * nearest). */
void config_check_module(struct config *config, const char *name,
                         const struct portico_setting *settings, size_t count);
/* The text form of a module's setting, or NULL if not set. For a SECRET: the text of its file, once
 * config_check_module has read it. */
const char *config_module_text(const struct config *config, const char *name, const char *key);

/* "duration" and so on, for listings. */
const char *config_type_name(uint32_t type);
/* Parses one value by its type: integer for INTEGER, BOOLEAN, DURATION (µs) and SIZE; real for
 * REAL. */
struct config_value {
    int64_t integer;
    double real;
    const char *text;
};
int config_parse_value(const struct portico_setting *setting, const char *text,
                       struct config_value *ret_value, struct portico_error *error);

/* A path of the host's schema, absolute, counted from the directory of FILE; NULL: not set. */
const char *config_path(struct config *config, const char *section, const char *key);

/* Where things are. */
const char *config_file(const struct config *config);           /* absolute path of FILE */
const char *config_data_directory(const struct config *config); /* [portal] data, absolute */
/* The canonical URL without trailing slash: [portal] url, or what follows from the first address.
 */
const char *config_url(const struct config *config);
/* [database] url with a relative SQLite path made absolute: what store_open takes. */
const char *config_database_url(const struct config *config);
/* [portal] brand, absolute; NULL: none. */
const char *config_brand_directory(const struct config *config);

/* The portal's own key, from [secrets] key_file; made there on first use. */
#define CONFIG_SECRET_KEY_SIZE 32
int config_secret_key(const struct config *config, unsigned char ret_key[CONFIG_SECRET_KEY_SIZE],
                      struct portico_error *error);

#endif
