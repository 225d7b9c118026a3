/* Forms of modules: what was typed becomes checked values, what was sent is sent once.
 *
 * form_value.c and form_file.c judge one value and know no request, form_sharing.c and form_image.c
 * know who asks; form.c holds the fields of one form in one request; form_view.c makes what
 * templates show, form_schema.c the JSON schema, form_sent.c and form_draft.c keep what came in. */
#ifndef MODULE_FORM_H
#define MODULE_FORM_H

#include "http/multipart.h"
#include "module/call.h"

#include <portico/form.h>

#define FORM_MAGIC 0x666f726du
#define FORMS_MAGIC 0x666f7273u

/* Fields every form carries beside its own; no field of a module begins like them. */
#define FORM_NAME "portico_form"
#define FORM_KEY "portico_key"
#define FORM_TOKEN "portico_token"
#define FORM_DRAFT "portico_draft" /* "save" and "discard" by button, "keep" by script */
#define FORM_PREVIEW "preview"     /* of FORM_DRAFT: shown as it will read, and not kept */

#define FORM_TOO_DEEP                                                                              \
    /* translated */                                                                               \
    "Lists and quotations stand too deep inside each other, or the text is too long. Make it "     \
    "flatter, or split it in two."

#define FORM_LINE_MAX 200
#define FORM_LINES_MAX 60000
#define FORM_TAGS_MAX 10
#define FORM_TAG_MAX 50
#define FORM_PASSWORD_MAX 1024

struct form_choice {
    const char *value, *title;
};

/* What a value is judged by. */
struct form_rules {
    const struct portico_field *field;
    const struct form_choice *choices;
    unsigned choice_count;
};

/* What became of it. */
struct form_reading {
    const char *text;        /* as it is shown again and kept; "" if empty */
    struct value *value;     /* NULL: empty or refused */
    const char *sentence;    /* English source text of why it is refused; NULL: it passes */
    struct value *arguments; /* of the sentence, or NULL */
    struct text content;     /* bytes of a FILE that passes, which tell two of one name apart */
};

/* Judges what was typed: UTF-8 without NUL. 0 or ENOMEM. */
int form_read(struct arena *arena, const struct form_rules *rules, struct text typed,
              struct form_reading *ret_reading);
/* The same for a member of a JSON body (NULL: absent): its kind must be the field's. */
int form_read_json(struct arena *arena, const struct form_rules *rules, const struct value *member,
                   struct form_reading *ret_reading);
/* The same for what came in a field of type FILE: `choices` say what is taken. */
int form_read_file(struct arena *arena, const struct form_rules *rules,
                   const struct http_part *part, struct form_reading *ret_reading);
/* A value of the kind portico_form_value gives, as it is typed; NULL: not of the field's type. */
const char *form_typed(struct arena *arena, const struct portico_field *field,
                       const struct value *value);
/* The choices of the descriptor, "value=title" lines; their titles are source texts. */
int form_parse_choices(struct arena *arena, const char *lines, struct form_choice **ret_choices,
                       unsigned *ret_count);
uint32_t form_most(const struct portico_field *field);
bool form_is_text(uint32_t type);  /* its value is a text with a length */
bool form_is_lines(uint32_t type); /* of several lines */

struct form_sharing;

struct form_field {
    const struct portico_field *field;
    struct form_choice *choices; /* titles in the reader's language */
    unsigned choice_count;
    bool left_out;
    bool carried; /* shown again without its choices: it goes along unseen */
    bool is_set;
    const char *set;     /* typed, by the module; "" empties */
    const char *drafted; /* from the draft; NULL: not in it */
    bool judged;
    struct form_reading reading;
    struct form_sharing *sharing; /* of a SHARING, once judged */
    struct form_image *image;     /* that came with a MARKDOWN and stands in its reading, or NULL */
    bool imageless;               /* it could not be kept: as if none had come */
    const char *error;            /* the reader's sentence; NULL: none */
};

struct form {
    struct portico_form public; /* must be first */
    uint32_t magic;
    struct scope *scope;
    struct call *call;
    const struct module *module; /* whose form it is, and whose words */
    const struct portico_form_type *type;
    const char *subject;
    struct form_field *fields;
    unsigned field_count;
    bool api;             /* below /api: JSON in, problems out */
    bool here;            /* the body of this request is this form's */
    bool sent;            /* and it is sent, not only kept as a draft */
    bool again;           /* it was sent and refused before its handler: shown as it came */
    bool checked;         /* unknown members were looked for */
    struct value *errors; /* above the form: texts of the reader */
    const char *action, *submit;
    const char *key;          /* as sent; NULL: none */
    const char *key_hash;     /* of it and its scope; NULL: none */
    const char *fingerprint;  /* of the values */
    const char *new_key;      /* of the next rendering; NULL until then */
    bool looked;              /* for an earlier sending */
    bool changed;             /* it was sent before, with other values */
    struct value *earlier;    /* its row, with the same values; NULL: none */
    const char *earlier_path; /* where the one with other values led; NULL: nowhere */
    bool begun;
    const char *draft; /* what FORM_DRAFT says; NULL: nothing */
    int64_t drafted;   /* when the draft shown was kept; 0: none is shown */
};

struct form *form_open(struct scope *scope, const char *name, const char *subject);
/* The same of another module's, for the portal's own pages. */
struct form *form_open_of(struct scope *scope, const struct module *module, const char *name,
                          const char *subject);
/* What modules get of it. */
struct portico_form *form_show(struct form *form);
struct form_field *form_field(const struct form *form, const char *name); /* NULL: none such */
/* Judges every field once; true if nothing is refused. */
bool form_is_good(struct form *form);
const struct form_reading *form_field_reading(struct form *form, struct form_field *field);
/* Why `field` is refused; NULL: above the form. */
int form_refuse(struct form *form, struct form_field *field, const char *sentence);
/* The reader's words for a source text of the host's. */
const char *form_words(const struct form *form, const char *source, const struct value *arguments);
/* The reader's words for a source text of the module's; NULL stays NULL. */
const char *form_own_words(const struct form *form, const char *source);

/* What FORM_NAME says in its body: its name and, behind a blank, its subject. */
const char *form_named(const struct form *form);
struct value *form_view(struct form *form);

/* Whether it was sent before: one with other values refuses the form. */
int form_look(struct form *form, struct portico_error *error);
/* Answers as then; EEXIST, or why it cannot. */
int form_answer_again(struct form *form, struct portico_error *error);
int form_begin(struct form *form, struct portico_error *error);
int form_done(struct form *form, const char *path, const struct value *json,
              struct portico_error *error);
const char *form_new_key(struct form *form);

/* How the host refuses it, with English source texts. */
struct form_again {
    unsigned status;
    const char *title, *detail;
};
/* True if a page of the portal's own sent something to a module with forms, and a browser asks: it
 * may be a form that can be shown again. Any thread. */
bool form_may_show_again(const struct module_route *route, const struct http_request *request);
/* Handler thread, before the handler. Answers with the form that was sent, as it came but
 * for passwords and files. False: it cannot be shown, and nothing is answered. */
bool form_show_again(struct call *call, const struct form_again *again);

/* form_sharing.c: fields of type SHARING. `typed` is judged, or where that is empty `otherwise`;
 * the choices are filled in. */
int form_read_sharing(struct form *form, struct form_field *field, const char *typed,
                      const char *otherwise);
/* The choice, and the handles of people named behind it; "" where there is none. */
const char *form_sharing_token(const struct form_field *field);
const char *form_sharing_people(const struct form_field *field);
bool form_sharing_names(const struct form_field *field); /* people can be named in it */
/* A JSON object as it is typed; NULL: it is none of that shape. */
const char *form_sharing_typed(struct arena *arena, const struct value *value);
/* Behind portico_form_shared() and portico_form_set_shared(). */
int form_shared(struct form *form, struct form_field *field, struct portico_shared *ret_shared,
                struct portico_error *error);
int form_set_shared(struct form *form, struct form_field *field, int64_t audience,
                    const struct value *people);
#define FORM_PEOPLE "_people" /* behind the name: the page's field of their handles */

/* form_image.c: images that come with fields of type MARKDOWN, one with each, from who is signed
 * in. The reading has the image's Markdown behind what was typed; the file is kept by
 * form_keep_images(), once, or the field is refused. */
bool form_takes_image(const struct form *form, const struct portico_field *field);
const char *form_image_name(const struct form *form, const struct form_field *field);
int form_read_image(struct form *form, struct form_field *field, const struct form_rules *rules,
                    const char *typed);
void form_keep_images(struct form *form);
/* Of a field with an image: what was typed without it, and its bytes. */
const char *form_image_typed(const struct form_field *field);
struct text form_image_content(const struct form_field *field);
#define FORM_IMAGE "_image" /* behind the name: the page's field of it */
#define FORM_IMAGES "image" /* the portal's limit of images, also of those a script sends */
#define FORM_IMAGES_AN_HOUR 100
#define FORM_IMAGES_MANY                                                                           \
    /* translated */                                                                               \
    "You sent many images that stand in no text yet. Send what you are writing, or try again "     \
    "tomorrow."

bool form_keeps_draft(const struct form *form); /* it has drafts, and somebody whose they are */
void form_draft_load(struct form *form);
int form_draft_save(struct form *form, struct portico_error *error);
int form_draft_drop(struct form *form, struct portico_error *error);
/* One without a request, of a form without a subject; one that is there already stays. */
struct form_draft {
    int64_t person, updated;
    int64_t account; /* that they write in; 0: none */
    const char *module, *form;
    const struct value *content; /* texts by the names of fields */
};
int form_draft_make(struct store_session *session, const struct form_draft *draft,
                    struct portico_error *error);

/* Removes at most `most` rows each of what was sent and of drafts that nobody came back to, older
 * than the µs promised; returns how many. */
int form_prune_sent(struct store_session *session, int64_t age, unsigned most,
                    struct portico_error *error);
int form_prune_drafts(struct store_session *session, int64_t age, unsigned most,
                      struct portico_error *error);
#define FORM_SENT_KEPT (24 * 3600 * INT64_C(1000000))
#define FORM_DRAFT_KEPT (90 * 24 * 3600 * INT64_C(1000000))

/* JSON Schema of the body an API route with this form takes. NULL: memory ended. */
const char *form_schema(struct arena *arena, const struct portico_module *module, const char *form);

#endif
