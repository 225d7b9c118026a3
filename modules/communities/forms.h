/* Forms people send here, for pages and API alike; included by the descriptor. */
#ifndef COMMUNITIES_FORMS_H
#define COMMUNITIES_FORMS_H

#include "acts_forms.h"
#include "spaces_forms.h"
#include "write.h"

static const struct portico_form_type forms[] = {
    { .name = "ask", .submit = "Ask your question", .flags = PORTICO_FORM_DRAFT },
    { .name = "answer", .submit = "Post your answer", .flags = PORTICO_FORM_DRAFT },
    { .name = "comment", .submit = "Comment", .flags = PORTICO_FORM_DRAFT },
    { .name = "edit", .submit = "Save changes", .flags = PORTICO_FORM_DRAFT },
    { .name = "edit_comment", .submit = "Save changes", .flags = PORTICO_FORM_DRAFT },
    { .name = "tag", .submit = "Save" },
    ACTS_FORMS,
    SPACES_FORMS,
};

#define FORM_TITLE(of)                                                                             \
    {                                                                                              \
        .form = of, .name = "title", .type = PORTICO_FIELD_TEXT, .flags = PORTICO_FIELD_REQUIRED,  \
        .label = "Title",                                                                          \
        .help = "One question, in a sentence: what do you want to do, and what happens instead?",  \
        .minimum_length = TITLE_LEAST, .maximum_length = TITLE_MOST                                \
    }
#define FORM_TAGS(of)                                                                              \
    {                                                                                              \
        .form = of, .name = "tags", .type = PORTICO_FIELD_TAGS, .label = "Tags",                   \
        .help = "Up to five words it is about, separated by commas: products, versions, parts.",   \
        .maximum_length = TAGS_MOST, .suggest = "/api/communities/v1/tags"                         \
    }

static const struct portico_field form_fields[] = {
    { .form = "ask",
      .name = "space",
      .type = PORTICO_FIELD_CHOICE,
      .flags = PORTICO_FIELD_REQUIRED,
      .label = "Space" },
    READERS_FIELD("ask"),
    FORM_TITLE("ask"),
    { .form = "ask",
      .name = "body",
      .type = PORTICO_FIELD_MARKDOWN,
      .flags = PORTICO_FIELD_REQUIRED,
      .label = "Details",
      .help = "What you tried, what you expected and what you saw. A picture can come with it.",
      .minimum_length = BODY_LEAST,
      .maximum_length = TEXT_MOST },
    FORM_TAGS("ask"),
    { .form = "answer",
      .name = "body",
      .type = PORTICO_FIELD_MARKDOWN,
      .flags = PORTICO_FIELD_REQUIRED,
      .label = "Your answer",
      .help = "What solves it, step by step, and how you know. To ask back, comment on the "
              "question.",
      .minimum_length = BODY_LEAST,
      .maximum_length = TEXT_MOST },
    { .form = "comment",
      .name = "body",
      .type = PORTICO_FIELD_MARKDOWN,
      .flags = PORTICO_FIELD_REQUIRED,
      .label = "Comment",
      .minimum_length = COMMENT_LEAST,
      .maximum_length = COMMENT_MOST },
    FORM_TITLE("edit"),
    { .form = "edit",
      .name = "body",
      .type = PORTICO_FIELD_MARKDOWN,
      .flags = PORTICO_FIELD_REQUIRED,
      .label = "Text",
      .minimum_length = BODY_LEAST,
      .maximum_length = TEXT_MOST },
    FORM_TAGS("edit"),
    { .form = "edit",
      .name = "note",
      .type = PORTICO_FIELD_TEXT,
      .label = "What you changed",
      .help = "Stands in the history, such as “added the version”.",
      .maximum_length = NOTE_MOST },
    { .form = "edit_comment",
      .name = "body",
      .type = PORTICO_FIELD_MARKDOWN,
      .flags = PORTICO_FIELD_REQUIRED,
      .label = "Comment",
      .minimum_length = COMMENT_LEAST,
      .maximum_length = COMMENT_MOST },
    { .form = "tag",
      .name = "description",
      .type = PORTICO_FIELD_LONG,
      .label = "Description",
      .help = "What questions with this tag are about, in a sentence or two. Empty: none.",
      .maximum_length = TAG_WORDS_MOST },
    ACTS_FIELDS,
    SPACES_FIELDS,
};

#endif
