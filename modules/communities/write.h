/* Changes to what people wrote here. Each works on the open transaction of the call and leaves
 * everything that follows from it in step: audiences, counters, tags, search, files; who is to know
 * of it is told. No request, no reply: pages, API and moderators call the same.
 *
 * Locks are taken in one order, so that changes wait for each other instead of failing: the topic,
 * then authors, tags and spaces, each by id or name. */
#ifndef COMMUNITIES_WRITE_H
#define COMMUNITIES_WRITE_H

#include "words.h"

#define WRITE_SQL "{unfiltered writing} "

/* `status` of topics, posts and comments. A row is seen if it is shown and what it stands under is;
 * whatever is not seen has the audience of nobody. A question that is held or removed stands so in
 * its topic and in its post. */
enum status { STATUS_SHOWN = 0, STATUS_HELD = 1, STATUS_REMOVED = 2, STATUS_MERGED = 3 };

/* Images of what is not seen are for those who decide about it. */
static inline portico_id write_files_audience(portico_id audience)
{
    return audience == PORTICO_AUDIENCE_NOBODY ? PORTICO_AUDIENCE_STAFF : audience;
}

/* `kind` of posts. */
enum post_kind { POST_QUESTION = 1, POST_ANSWER = 2 };

/* `kind` of spaces. */
enum space_kind { SPACE_QUESTIONS = 0, SPACE_ANNOUNCEMENTS = 1 };

#define TITLE_LEAST 10
#define TITLE_MOST 150
#define TAGS_MOST 5
#define BODY_LEAST 15
#define TEXT_MOST 30000
#define COMMENT_LEAST 3
#define COMMENT_MOST 1000
#define NOTE_MOST 200
#define TAG_WORDS_MOST 300

/* The author's row of who is signed in, made at the first writing. EPERM: nobody is. */
int author_mine(struct portico_context *context, portico_id *ret_author,
                struct portico_error *error);
/* The same without making one: 0 if there is none yet, or nobody is signed in. */
int author_known(struct portico_context *context, portico_id *ret_author,
                 struct portico_error *error);

/* The same of a person. */
int author_of(struct portico_context *context, portico_id person, portico_id *ret_author,
              struct portico_error *error);
/* The row of `from`, if there is one, becomes the person's, with their name, handle and role as
 * they are now; or stays theirs. Who is not there any more was erased, and their row here with
 * them. */
int author_give(struct portico_context *context, portico_id from, portico_id person,
                struct portico_error *error);

/* What one person wrote becomes another's, who may have written here too: of .personal_hooks. */
int author_merge(struct portico_context *context, portico_id from, portico_id into,
                 struct portico_error *error);

/* Event handler: a person has another name, handle or role, and the author's row says so. */
int author_follow(struct portico_context *context, const struct portico_event *event,
                  struct portico_error *error);

/* A topic while it, its posts or comments change: begin locks it and keeps what it counted for; the
 * caller then writes rows and sets their `status`, `accepted`, `closed`, `title`, `slug`, `tags`,
 * `space`; end brings the rest in step with that: audiences of its rows, answers, comments, state,
 * topic_tag, and the sums of tags, authors and spaces. */
struct topic_change {
    portico_id id;
    int touched;    /* set by the caller: this counts as activity */
    int same_words; /* set by the caller: title, texts and audience stay, search is left alone */
    /* What it counted for before. */
    portico_id space;
    portico_id audience;
    int alone; /* asked for one person */
    int64_t status, state, answers;
    char tags[WORDS_TAGS_MAX + 1];
};
/* ENOENT: there is no such topic. Whether the viewer may see it is asked before. */
int topic_change_begin(struct portico_context *context, portico_id topic,
                       struct topic_change *ret_change, struct portico_error *error);
int topic_change_end(struct portico_context *context, const struct topic_change *change,
                     struct portico_error *error);

/* What is written anew. `status` is STATUS_SHOWN, or STATUS_HELD with everything else done but
 * nobody told except moderators. */
struct topic_new {
    portico_id space;
    const char *title;  /* one line */
    const char *source; /* Markdown */
    const char *tags;   /* words between blanks, "" for none */
    enum status status;
};
struct answer_new {
    portico_id topic;
    const char *source;
    enum status status;
};
struct comment_new {
    portico_id post;
    const char *source;
    enum status status;
};
/* ENOENT: the viewer sees no such space, topic or post. ECONFLICT: it is closed. EPERM: nobody is
 * signed in, or only moderators begin topics there. EINVAL: the text cannot be shown. */
int topic_create(struct portico_context *context, const struct topic_new *topic, portico_id *ret_id,
                 portico_id *ret_post, struct portico_error *error);
int answer_create(struct portico_context *context, const struct answer_new *answer,
                  portico_id *ret_id, struct portico_error *error);
int comment_create(struct portico_context *context, const struct comment_new *comment,
                   portico_id *ret_id, struct portico_error *error);

/* What a question or answer, or a comment, says from now on. What a post said before stays as a
 * revision. Whether the viewer may is asked before. */
struct post_edit {
    portico_id post;
    int64_t revision;   /* the one it was made from: ECONFLICT if it is no longer the newest */
    const char *source; /* Markdown */
    const char *title;  /* of a question; NULL: as it is */
    const char *tags;   /* of a question; NULL: as they are */
    const char *note;   /* what was changed, or NULL */
    enum status status; /* STATUS_HELD: what was shown waits from now on */
};
int post_edit(struct portico_context *context, const struct post_edit *edit,
              struct portico_error *error);
/* `from` is when the text it was made from was written: edited last, or created. ECONFLICT: there
 * is a newer one. `status` as in post_edit. */
int comment_edit(struct portico_context *context, portico_id comment, portico_time from,
                 const char *source, enum status status, struct portico_error *error);

/* One text of a post or comment, as it was from then on. */
struct revision {
    portico_id of, author;
    int64_t number;
    const char *title, *tags, *source, *note;
    portico_time created;
};
/* Keeps what an edit made of it; the first edit also keeps what was there before, as revision 0. */
int write_revisions(struct portico_context *context, const struct revision *first,
                    const struct revision *next, struct portico_error *error);

/* tag.c: makes the tag where there is none, and locks it against others who count. */
int tag_lock(struct portico_context *context, const char *tag, struct portico_error *error);
/* `number` more topics of an audience have a tag, or fewer; it is seen by whom one of its
 * topics is for. */
int tag_count(struct portico_context *context, const char *tag, portico_id audience, int64_t number,
              struct portico_error *error);
/* Exactly so many, whatever was counted before. */
int tag_recount(struct portico_context *context, const char *tag, portico_id audience,
                int64_t number, struct portico_error *error);

/* text.c: Markdown as it is kept. */
#define MENTIONS_MOST 20
struct text {
    const char *body;    /* sealed html, people's handles as links */
    const char *plain;   /* its words */
    const char *excerpt; /* the first of them, for lists */
    portico_id mentioned[MENTIONS_MOST];
    size_t mentioned_count;
};
/* EINVAL: too deep or too long. */
int text_render(struct portico_context *context, const char *source, struct text *ret_text,
                struct portico_error *error);
/* How many links it holds. */
unsigned text_links(struct portico_context *context, const char *source);

/* A sentence for `error` and its code. */
int write_fail(struct portico_error *error, int code, const char *sentence);

#endif
