/* The descriptor: what a module is, offers and needs, as data. */
#ifndef PORTICO_MODULE_H
#define PORTICO_MODULE_H

#include "account.h"
#include "command.h"
#include "context.h"
#include "event.h"
#include "form.h"
#include "hook.h"
#include "job.h"
#include "notice.h"
#include "personal.h"
#include "request.h"
#include "scenario.h"
#include "service.h"
#include "session.h"

/** Permissions every portal has. Others are named by modules: "<id>.<verb>". */
#define PORTICO_PUBLIC "public"
/** Whoever is signed in. */
#define PORTICO_SIGNED_IN "signed-in"

/** How a route behaves beyond its handler; combine with |. */
enum portico_route_flag {
    PORTICO_ROUTE_HIDDEN = 1u << 0,     /**< not for readers, such as a feed; a mark only */
    PORTICO_ROUTE_IDEMPOTENT = 1u << 1, /**< unsafe, but twice is as once; a mark only */
    /**
     * Takes POST, PUT, PATCH and DELETE from other sites' pages and programs as well, and runs as
     * nobody who is signed in, whatever cookies came: for one-click unsubscribing (RFC 8058) and
     * webhooks, which prove by a secret in the request that they may. Needs PORTICO_PUBLIC.
     */
    PORTICO_ROUTE_OUTSIDE = 1u << 2,
    /** Its multipart forms may be as large as uploads, [http] upload_size. Routes whose form has a
     * PORTICO_FIELD_FILE have it by themselves. */
    PORTICO_ROUTE_FILES = 1u << 3,
    /**
     * Answers with a sitemap (sitemaps.org), which /robots.txt names to search engines. It runs as
     * nobody who is signed in, whatever cookies came, so that it holds what everyone may see. A GET
     * without parameters in its pattern; needs PORTICO_PUBLIC.
     */
    PORTICO_ROUTE_SITEMAP = 1u << 4,
    /**
     * A list, by GET, that makes sense over all accounts which somebody acts in: the switcher
     * offers it, as the same path with `accounts=all`, and {visible} then shows what the viewer
     * sees in any of them. Permissions and portico_account() stay those of the active account; a
     * link to a row of another leads into that one. Links to further pages of the list repeat the
     * parameter.
     */
    PORTICO_ROUTE_ALL_ACCOUNTS = 1u << 5,
    /**
     * For the person alone, such as their tokens or other secrets: closed to staff who look at the
     * portal in their place (portico.people.view_as), who see all else that the person sees, but
     * for rows shown to them alone or by name.
     */
    PORTICO_ROUTE_PRIVATE = 1u << 6,
};

/**
 * One route. Pages live under "/<id>", the API under "/api/<id>/v1"; anything else does not load.
 * A pattern has literal segments, `{name}` for one segment and, last, `{name...}` for the rest.
 * HEAD and OPTIONS are answered by the host. Since 0.1.
 */
struct portico_route {
    const char *method;  /**< "GET", "POST", "PUT", "PATCH" or "DELETE" */
    const char *pattern; /**< such as "/ideas/{id}" */
    /**
     * Called on a handler thread, synchronously; may block. Returns what its reply function
     * returned, or a negative enum portico_code. Never called with NULL.
     */
    int (*handler)(struct portico_request *request);
    const char *permission; /**< required: PORTICO_PUBLIC, PORTICO_SIGNED_IN or a named one */
    const char *summary;    /**< one line on what it does; required under /api */
    /**
     * JSON Schema of the body; NULL: an API route takes none, and one sent is answered 415. The
     * host checks it before the handler runs and answers 415, 400 or 422. Keywords: type, required,
     * properties, additionalProperties, items, enum, const, minLength, maxLength, minItems,
     * maxItems, minimum, maximum, and annotations; a schema with any other keyword does not load.
     */
    const char *request_schema;
    /** JSON Schema of the 200 or 201 answer; required under /api, but not with DELETE. Answers are
     * checked against it in development and under test. */
    const char *response_schema;
    uint32_t flags;       /**< enum portico_route_flag */
    uint32_t deadline_ms; /**< running time; 0: the portal's default */
    uint32_t concurrency; /**< requests at once per worker; 0: the portal's default */
    /**
     * A GET answer may be reused this long for the same address, language and audiences; 0: never.
     * Only with PORTICO_PUBLIC: other permissions are asked for each time. An answer for which the
     * handler read a header field is not reused: it says Vary.
     */
    uint32_t cache_seconds;
    /**
     * The form this route takes, one of .forms; or NULL. An API route then takes it as JSON, with a
     * schema made from its fields: without .request_schema. See form.h.
     */
    const char *form;
};

/** What a permission is beyond who has it; combine with |. Since 0.1. */
enum portico_permission_flag {
    /** It is about all accounts, and never one's own alone: roles of the owner's account alone hold
     * it, whatever was said of others. `.roles` names none but "staff moderator admin". */
    PORTICO_PERMISSION_OWNER = 1u << 0,
};

/** A permission this module checks. `name` is "<id>.<verb>". */
struct portico_permission {
    const char *name;        /**< "<id>.<verb>" */
    const char *title;       /**< English source text, translated */
    const char *description; /**< what it allows, for who grants it; or NULL */
    /**
     * Who has it before the owner changes that: words of "everyone member account-member
     * account-admin staff moderator admin", separated by blanks. Everyone are all who ask, also
     * signed out; members all who are signed in; account members all who act in a company, account
     * admins who looks after it; staff are all of the owner's company. Admins have every
     * permission. NULL: admins alone.
     */
    const char *roles;
    uint32_t flags; /**< enum portico_permission_flag */
};

/** Type of a setting. */
enum portico_setting_type {
    PORTICO_SETTING_TEXT = 1,
    PORTICO_SETTING_INTEGER = 2,
    PORTICO_SETTING_BOOLEAN = 3,
    PORTICO_SETTING_REAL = 4,
    PORTICO_SETTING_DURATION = 5, /**< milliseconds; written "500ms", "2s", "5min", "1h", "7d" */
    PORTICO_SETTING_SIZE = 6,     /**< integer bytes; written "64KiB", "1MiB" */
    PORTICO_SETTING_CHOICE = 7,   /**< one of `choices` */
    PORTICO_SETTING_SECRET = 8,   /**< text read from the file named by the key `<key>_file` */
};

/** A typed setting in `[module <id>]`. The form, the CLI, the docs and the check come from it. */
struct portico_setting {
    const char *key;     /**< lower case, words joined by "_" */
    uint32_t type;       /**< enum portico_setting_type */
    const char *initial; /**< default, written as in the file */
    const char *title;   /**< English source text */
    const char *help;    /**< a sentence or two, English source text; or NULL */
    const char *minimum; /**< inclusive, written as in the file; NULL: none */
    const char *maximum; /**< inclusive; NULL: none */
    const char *choices; /**< for CHOICE: words separated by blanks */
};

/** An entry of the main navigation. Shown only to who has `permission`. */
struct portico_navigation {
    const char *path;  /**< "/<id>" or below */
    const char *title; /**< English source text */
    const char *icon;  /**< an icon of the portal's sprite, such as "star"; NULL: a puzzle piece */
    const char *group; /**< English source text of the heading it stands under; NULL: first block */
    const char *permission; /**< required, as a route's */
    uint32_t tab;           /**< 1: also one of the phone's tabs, if there is room */
};

/** What a health check found. */
enum portico_health_state { PORTICO_HEALTHY = 0, PORTICO_DEGRADED = 1, PORTICO_FAILED = 2 };

/** A check behind /readyz and `portico status`. */
struct portico_health_check {
    const char *name; /**< lower-case words, unique in the module */
    /** Called on a handler thread whenever /readyz is asked, so it is quick. Returns an enum
     * portico_health_state; writes one sentence to `ret_message` (at most `size` bytes) unless
     * healthy. */
    int (*check)(struct portico_context *context, char *ret_message, size_t size);
};

/** A kind of thing this module puts into search. */
struct portico_search_kind {
    const char *kind;  /**< a lower-case word, such as "topic" */
    const char *title; /**< English source text, singular */
    const char *icon;  /**< a Lucide icon name of the portal's sprite, or NULL */
};

/** Whether handlers may run at the same time. */
enum portico_concurrency { PORTICO_REENTRANT = 0, PORTICO_SERIAL = 1 };

/**
 * The descriptor. Everything it points to lives as long as the process (static const). The host
 * copies what it keeps. A member added later is absent (zero) in modules built before. Since 0.1.
 */
struct portico_module {
    uint32_t size;           /**< set by PORTICO_MODULE_HEADER */
    uint32_t abi;            /**< set by PORTICO_MODULE_HEADER */
    const char *id;          /**< set by PORTICO_MODULE_HEADER */
    const char *version;     /**< set by PORTICO_MODULE_HEADER */
    const char *uses;        /**< set by PORTICO_MODULE_HEADER */
    const char *title;       /**< English source text */
    const char *description; /**< a sentence for admins, English source text; or NULL */
    uint32_t concurrency;    /**< enum portico_concurrency */
    uint32_t reserved;       /**< 0 */
    /**
     * Called once per process before anything else, on the process's first thread, which serves
     * nobody yet: it may block, for at most a minute. Negative: the generation is refused with
     * `error`. May be NULL.
     */
    int (*start)(struct portico_context *context, struct portico_error *error);
    /**
     * Called once when the process ends, on the thread of `start`, after the last handler returned.
     * Not called when a handler never returns or the process is killed. May be NULL.
     */
    void (*stop)(struct portico_context *context);
    struct portico_list routes;          /**< struct portico_route */
    struct portico_list permissions;     /**< struct portico_permission */
    struct portico_list settings;        /**< struct portico_setting */
    struct portico_list navigation;      /**< struct portico_navigation */
    struct portico_list health_checks;   /**< struct portico_health_check */
    struct portico_list search_kinds;    /**< struct portico_search_kind */
    struct portico_list importers;       /**< struct portico_importer */
    struct portico_list event_types;     /**< struct portico_event_type */
    struct portico_list event_handlers;  /**< struct portico_event_handler */
    struct portico_list jobs;            /**< struct portico_job_type */
    struct portico_list hooks;           /**< struct portico_hook */
    struct portico_list services;        /**< struct portico_service */
    struct portico_list methods;         /**< struct portico_method */
    struct portico_list scenarios;       /**< struct portico_scenario */
    struct portico_list scenario_steps;  /**< struct portico_scenario_step */
    struct portico_list personal_data;   /**< struct portico_personal_table */
    struct portico_list personal_hooks;  /**< struct portico_personal_hook */
    struct portico_list commands;        /**< struct portico_command */
    struct portico_list command_options; /**< struct portico_command_option */
    struct portico_list forms;           /**< struct portico_form_type */
    struct portico_list form_fields;     /**< struct portico_field */
    struct portico_list notices;         /**< struct portico_notice_kind */
    struct portico_list account_facts;   /**< struct portico_account_fact */
    struct portico_list session_values;  /**< struct portico_session_value */
};

/**
 * What this module needs, such as "portico.db 1.0, portico.search 1.0". Define before including, or
 * give USES to portico_add_module. A name that begins with "portico." is an interface of the host,
 * and only those named here are given. A name with a dot, such as "catalog.prices", is a service of
 * module "catalog"; any other name is a module. Both must be enabled, in that version or a later
 * one of the same major, and their module starts first; after "?" ("catalog.prices 1.0?") they may
 * be missing.
 */
#ifndef PORTICO_MODULE_USES
#define PORTICO_MODULE_USES ""
#endif

/**
 * First line of a descriptor. The id is the name of the module's directory and file: lower-case
 * letters, digits and "-", a letter first, at most 40, and none of the portal's own first path
 * segments (account, admin, api, assets, brand, core, healthz, login, logout, metrics, portico,
 * readyz, search, static, tmf-api). The version is "1.2.3". Id and version stand once, as macros
 * before the first include (or from the build), because the ELF note needs them as text that is
 * readable without loading.
 */
#define PORTICO_MODULE_HEADER                                                                      \
    .size = sizeof(struct portico_module), .abi = PORTICO_ABI, .id = PORTICO_MODULE_ID,            \
    .version = PORTICO_MODULE_VERSION, .uses = PORTICO_MODULE_USES

/** Behind PORTICO_STRINGIFY(). */
#define PORTICO_STRINGIFY_(x) #x
/** The text of what `x` expands to. */
#define PORTICO_STRINGIFY(x) PORTICO_STRINGIFY_(x)
/** ELF note: owner "Portico", type 1, description "key=value" lines, NUL-terminated. */
#define PORTICO_NOTE_OWNER "Portico"
/** Type of the ELF note. */
#define PORTICO_NOTE_TYPE 1
/* clang-format off */
/** What the ELF note says: "key=value" lines. */
#define PORTICO_NOTE_TEXT                                                    \
    "id=" PORTICO_MODULE_ID "\nversion=" PORTICO_MODULE_VERSION              \
    "\nabi=" PORTICO_STRINGIFY(PORTICO_ABI) "\nsdk=" PORTICO_SDK_VERSION     \
    "\nuses=" PORTICO_MODULE_USES "\n"
/* clang-format on */

#ifdef __cplusplus
/** Linkage of what a module exports. */
#define PORTICO_C extern "C"
/**
 * C++: the beginning of a descriptor, for a constexpr function that sets the rest and so leaves
 * nothing to run when the module is loaded. From C++20 on PORTICO_MODULE_HEADER and designated
 * initialisers do, as in C.
 */
#define PORTICO_MODULE_BEGIN                                                                       \
    portico_module_begin(PORTICO_MODULE_ID, PORTICO_MODULE_VERSION, PORTICO_MODULE_USES)
/** Behind PORTICO_MODULE_BEGIN. */
constexpr struct portico_module portico_module_begin(const char *id, const char *version,
                                                     const char *uses)
{
    struct portico_module module = {};
    module.size = sizeof(struct portico_module);
    module.abi = PORTICO_ABI;
    module.id = id;
    module.version = version;
    module.uses = uses;
    return module;
}
#else
/** Gives a declaration C linkage in C++; nothing in C. */
#define PORTICO_C
#endif

/** Exports `module`: the ELF note and the one exported function. Once per module, at the end. */
#define PORTICO_EXPORT_MODULE(module)                                                              \
    __attribute__((section(".note.portico"), used, aligned(4))) static const struct {              \
        uint32_t name_size, text_size, type;                                                       \
        char name[sizeof PORTICO_NOTE_OWNER];                                                      \
        char text[(sizeof PORTICO_NOTE_TEXT + 3) & ~3u];                                           \
    } portico_note = { sizeof PORTICO_NOTE_OWNER, sizeof portico_note.text, PORTICO_NOTE_TYPE,     \
                       PORTICO_NOTE_OWNER, PORTICO_NOTE_TEXT };                                    \
    PORTICO_C PORTICO_VISIBLE const struct portico_module *portico_module_entry(void);             \
    const struct portico_module *portico_module_entry(void)                                        \
    {                                                                                              \
        return &(module);                                                                          \
    }

#endif
