/* Forms: fields declared as data; checked, kept and shown again by the host; sent once. */
#ifndef PORTICO_FORM_H
#define PORTICO_FORM_H

#include "context.h"

/** Name of the interface. */
#define PORTICO_FORMS "portico.form"

/**
 * What a field takes. Texts are brought to Unicode NFC, their line ends to "\n"; other control
 * characters are refused. One line is trimmed at both ends, several lines lose blank lines before
 * and blanks after. Since 0.1.
 */
enum portico_field_type {
    PORTICO_FIELD_TEXT = 1,     /**< one line */
    PORTICO_FIELD_LONG = 2,     /**< several lines, plain */
    PORTICO_FIELD_MARKDOWN = 3, /**< several lines with preview, mentions and images */
    PORTICO_FIELD_MAIL = 4,     /**< one mail address */
    /** Never trimmed, never shown again, never kept in a draft or log. */
    PORTICO_FIELD_PASSWORD = 5,
    PORTICO_FIELD_INTEGER = 6, /**< a whole number of 64 bits */
    PORTICO_FIELD_BOOLEAN = 7, /**< a check box; REQUIRED: it must be ticked */
    PORTICO_FIELD_CHOICE = 8,  /**< one of `choices`, or of those added at run time */
    PORTICO_FIELD_TAGS = 9,    /**< words between commas or blanks: a list of texts */
    PORTICO_FIELD_FILE = 10,   /**< an upload: take it by portico_upload(); see file.h */
    PORTICO_FIELD_HIDDEN = 11, /**< a text the page carries along; checked like any other */
    PORTICO_FIELD_LINK = 12,   /**< an http or https URL */
    PORTICO_FIELD_DATE = 13,   /**< a day, "2026-11-22" */
    PORTICO_FIELD_REAL = 14,   /**< a number with a point */
    /** Who may see what is written: one of the levels in `choices` (see audience.h), of which a
     * reader is offered what they may choose. Never empty. Read it by portico_form_shared(). */
    PORTICO_FIELD_SHARING = 15,
};

/** How a field behaves; combine with |. Since 0.1. */
enum portico_field_flag {
    PORTICO_FIELD_REQUIRED = 1u << 0,  /**< may not stay empty */
    PORTICO_FIELD_READ_ONLY = 1u << 1, /**< shown with its set value; what is sent is ignored */
};

/** One field. In .form_fields, in the order shown. Since 0.1. */
struct portico_field {
    const char *form;        /**< name of its form, one of .forms */
    const char *name;        /**< lower-case words joined by "_"; member of the JSON body */
    uint32_t type;           /**< enum portico_field_type */
    uint32_t flags;          /**< enum portico_field_flag */
    const char *label;       /**< English source text; HIDDEN may have NULL */
    const char *help;        /**< one sentence below the field, English source text; or NULL */
    uint32_t minimum_length; /**< characters of a text, entries of TAGS; 0: none */
    uint32_t maximum_length; /**< 0: 200 for one line, 60,000 for several, 10 entries of TAGS */
    const char *minimum;     /**< of INTEGER, REAL or DATE, inclusive, as typed; NULL: none */
    const char *maximum;     /**< the same; NULL: none */
    /** CHOICE: lines "value=English source text"; NULL: added at run time. FILE: what is taken, as
     * `accept` of portico_upload() says it; NULL: images. SHARING: words of "me people role team
     * account below signed-in everyone staff", separated by blanks; .initial is one of them. */
    const char *choices;
    const char *autocomplete; /**< HTML autofill token, such as "email"; or NULL */
    const char *initial;      /**< value of a new form, as typed; or NULL */
    /** TAGS: a path of this portal that answers `{"items": [{"name": …}]}` to `?q=`, offered while
     * typing; or NULL. */
    const char *suggest;
};

/** How a form behaves; combine with |. Since 0.1. */
enum portico_form_flag {
    /** What a signed-in person typed is kept until it is sent or discarded. */
    PORTICO_FORM_DRAFT = 1u << 0,
    /** People who are not signed in may send it too. */
    PORTICO_FORM_OPEN = 1u << 1,
};

/** One form. In .forms. Since 0.1. */
struct portico_form_type {
    const char *name;   /**< lower-case words joined by "_", unique in the module */
    const char *submit; /**< words of its button, a verb, English source text */
    uint32_t flags;     /**< enum portico_form_flag */
    uint32_t reserved;  /**< 0 */
};

/** Who may see what was written, as portico_form_shared() gives it. Since 0.1. */
struct portico_shared {
    uint32_t size;       /**< sizeof(struct portico_shared) */
    uint32_t level;      /**< enum portico_level */
    portico_id audience; /**< for the column `audience` of the row */
    /** For portico_grant(): people named, and whoever shares it where the audience does not show it
     * to them. NULL if there is nobody. Borrowed for the call. */
    const portico_id *people;
    size_t people_count; /**< how many */
};

struct portico_form;

/**
 * What can be done with one form of one request. Every function takes a NULL form: it says 0, ""
 * or NULL, and what can fail returns PORTICO_EINVAL. Handler thread. Since 0.1.
 */
struct portico_form_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_form_sent(). */
    int (*sent)(struct portico_form *form);
    /** As portico_form_valid(). */
    int (*valid)(struct portico_form *form);
    /** As portico_form_value(). */
    const struct portico_value *(*value)(struct portico_form *form, const char *field);
    /** As portico_form_text(). */
    const char *(*text)(struct portico_form *form, const char *field);
    /** As portico_form_set_text(), of any kind; NULL empties the field. */
    int (*set)(struct portico_form *form, const char *field, const struct portico_value *value);
    /** As portico_form_set_text(). */
    int (*set_text)(struct portico_form *form, const char *field, const char *text);
    /** As portico_form_set_integer(). */
    int (*set_integer)(struct portico_form *form, const char *field, int64_t integer);
    /** As portico_form_choice(). */
    int (*choice)(struct portico_form *form, const char *field, const char *value,
                  const char *title);
    /** As portico_form_leave_out(). */
    int (*leave_out)(struct portico_form *form, const char *field);
    /** As portico_form_reject(). */
    int (*reject)(struct portico_form *form, const char *field, const char *sentence);
    /** As portico_form_action(). */
    int (*action)(struct portico_form *form, const char *path);
    /** As portico_form_submit(). */
    int (*submit)(struct portico_form *form, const char *words);
    /** As portico_form_begin(). */
    int (*begin)(struct portico_form *form, struct portico_error *error);
    /** As portico_form_done(). */
    int (*done)(struct portico_form *form, const char *path, const struct portico_value *json,
                struct portico_error *error);
    /** As portico_form_view(). */
    struct portico_value *(*view)(struct portico_form *form);
    /** As portico_form_reply(). */
    int (*reply)(struct portico_form *form, const char *view, struct portico_value *data);
    /** As portico_form_shared(). */
    int (*shared)(struct portico_form *form, const char *field, struct portico_shared *ret_shared,
                  struct portico_error *error);
    /** As portico_form_set_shared(). */
    int (*set_shared)(struct portico_form *form, const char *field, portico_id audience,
                      const struct portico_value *people);
};
/** One form of one request; ends with the call. Public head: its table. */
struct portico_form {
    const struct portico_form_api *api; /**< what can be done with it */
};

struct portico_forms;

/** `portico.form` 1.1; 1.0 had no PORTICO_FIELD_SHARING. Declare "portico.form 1.0", or 1.1 with
 * such a field. Since 0.1. */
struct portico_forms_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_form_open(). */
    struct portico_form *(*open)(struct portico_forms *forms, const char *name,
                                 const char *subject);
};
/** The forms of a call. Public head: its table. */
struct portico_forms {
    const struct portico_forms_api *api; /**< what can be done with them */
};

/**
 * Opens form `name` of this module for this request: shown, or sent by it. `subject` (such as
 * "topic/123"; NULL: "") tells forms of the same name apart, for drafts and for sending once.
 * NULL, with the reason in the log: not one of .forms, portico.form is not declared, no request, or
 * memory ended. Every function below takes that NULL. Since 0.1.
 */
static inline struct portico_form *portico_form_open(struct portico_request *request,
                                                     const char *name, const char *subject)
{
    struct portico_forms *forms =
        (struct portico_forms *)portico_interface(request, PORTICO_FORMS, 1);
    return forms ? forms->api->open(forms, name, subject) : NULL;
}
/** 1: this request sends this form; 0: it shows it, keeps its draft, or sends another. Since 0.1.
 */
static inline int portico_form_sent(struct portico_form *form)
{
    return form ? form->api->sent(form) : 0;
}
/** 1: it was sent, all fields pass and nothing was rejected. Choices are added, fields set and left
 * out before. 0 also when this very sending was done before: portico_form_reply() then answers as
 * it was answered then. Since 0.1. */
static inline int portico_form_valid(struct portico_form *form)
{
    return form ? form->api->valid(form) : 0;
}
/** The value of a field by its type: TEXT (also of DATE), INTEGER, REAL, BOOLEAN, a list of texts
 * for TAGS, its name for FILE, an object with "level", "account", "role", "team" and "people"
 * (handles) for SHARING; NULL if it is empty or does not pass. Borrowed for the call. Since
 * 0.1. */
static inline const struct portico_value *portico_form_value(struct portico_form *form,
                                                             const char *field)
{
    return form ? form->api->value(form, field) : NULL;
}
/** What stands in a field, as text; "" if it is empty, never NULL. Borrowed for the call. Since
 * 0.1. */
static inline const char *portico_form_text(struct portico_form *form, const char *field)
{
    return form ? form->api->text(form, field) : "";
}
/** The number in an INTEGER field; 0 if it is empty. Since 0.1. */
static inline int64_t portico_form_integer(struct portico_form *form, const char *field)
{
    return portico_value_integer(portico_form_value(form, field));
}
/** The number in a REAL field; 0 if it is empty. Since 0.1. */
static inline double portico_form_real(struct portico_form *form, const char *field)
{
    const struct portico_value *value = portico_form_value(form, field);
    return value ? value->api->real(value, 0) : 0;
}
/** 1: the box is ticked. Since 0.1. */
static inline int portico_form_boolean(struct portico_form *form, const char *field)
{
    return portico_value_integer(portico_form_value(form, field)) != 0;
}
/** What a field shows as long as nobody typed into it, of the kind portico_form_value() gives; for
 * editing what is there. A PATCH without the field leaves it so. EINVAL: no such field, or not a
 * value of its type. Since 0.1. */
static inline int portico_form_set(struct portico_form *form, const char *field,
                                   const struct portico_value *value)
{
    return form ? form->api->set(form, field, value) : PORTICO_EINVAL;
}
/** The same with a text, as typed: "3", "2026-11-22", "red, green"; NULL empties. Since 0.1. */
static inline int portico_form_set_text(struct portico_form *form, const char *field,
                                        const char *text)
{
    return form ? form->api->set_text(form, field, text) : PORTICO_EINVAL;
}
/** The same with a number. Since 0.1. */
static inline int portico_form_set_integer(struct portico_form *form, const char *field,
                                           int64_t integer)
{
    return form ? form->api->set_integer(form, field, integer) : PORTICO_EINVAL;
}
/** The same with a box that is ticked or not. Since 0.1. */
static inline int portico_form_set_boolean(struct portico_form *form, const char *field,
                                           int boolean)
{
    return form ? form->api->set_integer(form, field, boolean != 0) : PORTICO_EINVAL;
}
/**
 * What was chosen in a SHARING field: an audience, and people to grant the row to. `ret_shared`
 * needs its size set. In the transaction that writes the row: a new audience is made in it. EINVAL:
 * no such field, or it does not pass. Since 0.1.
 */
static inline int portico_form_shared(struct portico_form *form, const char *field,
                                      struct portico_shared *ret_shared,
                                      struct portico_error *error)
{
    if (!form)
        return PORTICO_EINVAL;
    return PORTICO_HAS(form->api, shared) ? form->api->shared(form, field, ret_shared, error)
                                          : PORTICO_ENOTSUP;
}
/** What a SHARING field shows as long as nobody changed it: the `audience` of a row, and the people
 * it is granted to, as portico_granted() gives them (NULL: nobody). It may be kept by whoever
 * edits the row, also where they could not choose it anew. ENOENT: no audience the viewer may know
 * about. EINVAL: no such field. Since 0.1. */
static inline int portico_form_set_shared(struct portico_form *form, const char *field,
                                          portico_id audience, const struct portico_value *people)
{
    if (!form)
        return PORTICO_EINVAL;
    return PORTICO_HAS(form->api, set_shared) ? form->api->set_shared(form, field, audience, people)
                                              : PORTICO_ENOTSUP;
}
/** Adds a choice to a CHOICE field, after those of the descriptor; `title` is the reader's words
 * (NULL: the value). Before portico_form_valid(). EINVAL: no such field, or no CHOICE. Since 0.1.
 */
static inline int portico_form_choice(struct portico_form *form, const char *field,
                                      const char *value, const char *title)
{
    return form ? form->api->choice(form, field, value, title) : PORTICO_EINVAL;
}
/** Takes a field out of this form for this request: neither shown nor taken. EINVAL: no such
 * field. Since 0.1. */
static inline int portico_form_leave_out(struct portico_form *form, const char *field)
{
    return form ? form->api->leave_out(form, field) : PORTICO_EINVAL;
}
/** Puts a sentence in the reader's words beside a field, or above the form (`field` NULL); the form
 * is no longer valid. It says how to mend it. EINVAL: no such field. Since 0.1. */
static inline int portico_form_reject(struct portico_form *form, const char *field,
                                      const char *sentence)
{
    return form ? form->api->reject(form, field, sentence) : PORTICO_EINVAL;
}
/** Where it is sent: a path on this portal; otherwise this request's. Since 0.1. */
static inline int portico_form_action(struct portico_form *form, const char *path)
{
    return form ? form->api->action(form, path) : PORTICO_EINVAL;
}
/** Words of its button for this request, in the reader's language, such as "Save" while editing.
 * Since 0.1. */
static inline int portico_form_submit(struct portico_form *form, const char *words)
{
    return form ? form->api->submit(form, words) : PORTICO_EINVAL;
}
/**
 * Opens the transaction of this call's database, as portico_begin() does, and claims in it that
 * this form is sent now. EEXIST: it was sent before, and the host has answered as it did then;
 * return the code. Whoever fails between this and portico_form_done() returns its code too: the
 * host rolls back. Other codes as of portico_begin(); EINVAL: it is not valid. Since 0.1.
 */
static inline int portico_form_begin(struct portico_form *form, struct portico_error *error)
{
    return form ? form->api->begin(form, error) : PORTICO_EINVAL;
}
/**
 * Ends it: drops the draft, keeps the outcome for whoever sends it once more, commits and answers.
 * A browser gets 303 to `path`; an API client 201 with Location and `json`, or, without `path`, 200
 * with `json`, or 204 without either. `path` lies on this portal. Without portico_form_begin() it
 * only drops the draft and answers. Codes as of portico_commit(). Since 0.1.
 */
static inline int portico_form_done(struct portico_form *form, const char *path,
                                    const struct portico_value *json, struct portico_error *error)
{
    return form ? form->api->done(form, path, json, error) : PORTICO_EINVAL;
}
/**
 * What templates render, for a page of several forms: put it into the data under a name of your
 * own. Whole: `{{#form}}{{>portico/form}}{{/form}}`. In parts: between form tags of your own,
 * `{{#form}}{{>portico/form-hidden}}{{/form}}`, then `{{#form.fields.title}}{{>portico/field}}
 * {{/form.fields.title}}`. The members stand in docs/modules/forms.md, "The handler". NULL when
 * memory ended. Since 0.1.
 */
static inline struct portico_value *portico_form_view(struct portico_form *form)
{
    return form ? form->api->view(form) : NULL;
}
/**
 * Answers with page `view`, whose `data` gets the member "form": 200, or 422 with errors if it was
 * sent and is not valid, or as the first time if it was sent before. Below /api: the problem
 * document with "errors", a list of {"field", "detail"}. `view` NULL: there is no page to show it
 * again on, the errors make an error page. Since 0.1.
 */
static inline int portico_form_reply(struct portico_form *form, const char *view,
                                     struct portico_value *data)
{
    return form ? form->api->reply(form, view, data) : PORTICO_EINVAL;
}

#endif
