-- What people write here themselves: text as written, votes by person, history, flags, moderation.
-- status: 0 shown, 1 held for a moderator, 2 removed, 3 merged into another topic. What is not shown
-- has the audience of nobody; restoring gives it that of its space again.

ALTER TABLE communities_space ADD COLUMN position {integer} NOT NULL DEFAULT 0;

-- kind: 0 questions, 1 announcements: only moderators begin topics.
ALTER TABLE communities_space ADD COLUMN kind {integer} NOT NULL DEFAULT 0;

ALTER TABLE communities_space ADD COLUMN closed {boolean} NOT NULL DEFAULT FALSE;

CREATE INDEX communities_space_position ON communities_space (audience, position, title, id);

-- The name is a copy of the person's, so that reading needs no second place; `posts` counts what was
-- shown and stayed, which is what trust is made of.
ALTER TABLE communities_author ADD COLUMN handle {text};

ALTER TABLE communities_author ADD COLUMN staff {boolean} NOT NULL DEFAULT FALSE;

ALTER TABLE communities_author ADD COLUMN posts {integer} NOT NULL DEFAULT 0;

CREATE UNIQUE INDEX communities_author_person ON communities_author (person) WHERE person IS NOT NULL;

ALTER TABLE communities_topic ADD COLUMN status {integer} NOT NULL DEFAULT 0;

ALTER TABLE communities_topic ADD COLUMN merged_into {id};

ALTER TABLE communities_topic ADD COLUMN closed_reason {text};

ALTER TABLE communities_topic ADD COLUMN locale {text};

-- Markdown as its author wrote it; NULL for what an import brought as html.
ALTER TABLE communities_post ADD COLUMN source {text};

ALTER TABLE communities_post ADD COLUMN status {integer} NOT NULL DEFAULT 0;

ALTER TABLE communities_post ADD COLUMN revisions {integer} NOT NULL DEFAULT 0;

ALTER TABLE communities_comment ADD COLUMN source {text};

ALTER TABLE communities_comment ADD COLUMN status {integer} NOT NULL DEFAULT 0;

ALTER TABLE communities_comment ADD COLUMN edited {time};

CREATE INDEX communities_topic_author ON communities_topic (author, created);

CREATE INDEX communities_post_author ON communities_post (author, created);

CREATE INDEX communities_comment_author ON communities_comment (author, created);

CREATE INDEX communities_comment_post ON communities_comment (post, created, id);

-- What a question or answer said before; revision 0 is the first text. Written when it is edited.
CREATE TABLE communities_revision (
    id {id} PRIMARY KEY,
    post {id} NOT NULL,
    number {integer} NOT NULL,
    author {id},
    title {text},
    tags {text},
    source {text} NOT NULL,
    note {text},
    created {time} NOT NULL,
    UNIQUE (post, number)
);

-- One vote a person for a post (1 or -1) or comment (1); sums stand in the voted row, changed in the
-- same transaction.
CREATE TABLE communities_ballot (
    target {id} NOT NULL,
    author {id} NOT NULL,
    value {integer} NOT NULL,
    created {time} NOT NULL,
    PRIMARY KEY (target, author)
);

CREATE INDEX communities_ballot_author ON communities_ballot (author);

-- kind of the target: 1 question, 2 answer, 3 comment. state: 0 open, 1 upheld, 2 declined.
CREATE TABLE communities_flag (
    id {id} PRIMARY KEY,
    target {id} NOT NULL,
    kind {integer} NOT NULL,
    topic {id} NOT NULL,
    author {id} NOT NULL,
    reason {text} NOT NULL,
    note {text},
    state {integer} NOT NULL,
    created {time} NOT NULL,
    closed {time},
    closed_by {id},
    UNIQUE (target, author)
);

CREATE INDEX communities_flag_open ON communities_flag (created, id) WHERE state = 0;

-- What moderators did, and people with their own: hold, approve, remove, restore, close, reopen, move,
-- merge, accept for somebody. `before` and `after` are words for people who read the log.
CREATE TABLE communities_action (
    id {id} PRIMARY KEY,
    author {id} NOT NULL,
    name {text} NOT NULL,
    topic {id} NOT NULL,
    target {id},
    before {text},
    after {text},
    reason {text},
    created {time} NOT NULL
);

CREATE INDEX communities_action_topic ON communities_action (topic, created);

CREATE INDEX communities_action_time ON communities_action (created, id);

-- What waits for a moderator because it was held: found without looking through everything.
CREATE INDEX communities_post_held ON communities_post (created, id) WHERE status = 1;

CREATE INDEX communities_comment_held ON communities_comment (created, id) WHERE status = 1;
