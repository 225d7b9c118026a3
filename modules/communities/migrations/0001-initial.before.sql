-- Spaces, topics, posts, comments and tags; who wrote them; how far an import has come.
-- Rows of an import carry an id made of the import's number, the kind and the id in its source, so that
-- a parent is found without a lookup and a run that was cut off writes the same rows again.

CREATE TABLE communities_import (
    number {integer} PRIMARY KEY,
    format {text} NOT NULL,
    source {text} NOT NULL,
    fingerprint {text} NOT NULL,
    round {integer} NOT NULL,
    phase {text} NOT NULL,
    position {integer} NOT NULL,
    space {id} NOT NULL,
    started {time} NOT NULL,
    finished {time},
    UNIQUE (format, source)
);

CREATE TABLE communities_import_skip (
    import {integer} NOT NULL,
    reason {text} NOT NULL,
    example {text} NOT NULL,
    number {integer} NOT NULL,
    PRIMARY KEY (import, reason)
);

CREATE TABLE communities_space (
    id {id} PRIMARY KEY,
    account {id},
    audience {id} NOT NULL,
    slug {text} NOT NULL UNIQUE,
    title {text} NOT NULL,
    description {text} NOT NULL,
    topics {integer} NOT NULL,
    answers {integer} NOT NULL,
    solved {integer} NOT NULL,
    last_activity {time} NOT NULL,
    created {time} NOT NULL
);
CREATE INDEX communities_space_title ON communities_space (audience, title, id);

-- A person as an import names them. `person` is the portal's own once somebody links them.
CREATE TABLE communities_author (
    id {id} PRIMARY KEY,
    person {id},
    name {text} NOT NULL,
    company {text},
    url {text},
    import {integer},
    source_id {integer}
);

-- state: 0 nobody answered, 1 answered, 2 solved.
CREATE TABLE communities_topic (
    id {id} PRIMARY KEY,
    account {id},
    audience {id} NOT NULL,
    space {id} NOT NULL,
    author {id},
    author_name {text},
    title {text} NOT NULL,
    slug {text} NOT NULL,
    excerpt {text} NOT NULL,
    tags {text} NOT NULL,
    state {integer} NOT NULL,
    closed {boolean} NOT NULL,
    score {integer} NOT NULL,
    views {integer} NOT NULL,
    answers {integer} NOT NULL,
    comments {integer} NOT NULL,
    accepted {id},
    created {time} NOT NULL,
    last_activity {time} NOT NULL,
    import {integer},
    source_id {integer},
    source_url {text}
);
CREATE INDEX communities_topic_space_active ON communities_topic (space, audience, last_activity, id);
CREATE INDEX communities_topic_space_newest ON communities_topic (space, audience, created, id);
CREATE INDEX communities_topic_space_votes ON communities_topic (space, audience, score, id);
CREATE INDEX communities_topic_space_state ON communities_topic (space, state, audience, created, id);
CREATE INDEX communities_topic_active ON communities_topic (audience, last_activity, id);
CREATE INDEX communities_topic_newest ON communities_topic (audience, created, id);
CREATE INDEX communities_topic_votes ON communities_topic (audience, score, id);
CREATE INDEX communities_topic_state ON communities_topic (state, audience, created, id);

-- kind: 1 the question, 2 an answer. `body` is sealed html.
CREATE TABLE communities_post (
    id {id} PRIMARY KEY,
    account {id},
    audience {id} NOT NULL,
    topic {id} NOT NULL,
    kind {integer} NOT NULL,
    author {id},
    author_name {text},
    accepted {boolean} NOT NULL,
    score {integer} NOT NULL,
    created {time} NOT NULL,
    edited {time},
    licence {text},
    import {integer},
    source_id {integer},
    source_url {text},
    body {text} NOT NULL
);
CREATE INDEX communities_post_topic ON communities_post (topic, kind, accepted, score, id);

CREATE TABLE communities_comment (
    id {id} PRIMARY KEY,
    account {id},
    audience {id} NOT NULL,
    topic {id} NOT NULL,
    post {id} NOT NULL,
    author {id},
    author_name {text},
    score {integer} NOT NULL,
    created {time} NOT NULL,
    licence {text},
    import {integer},
    source_id {integer},
    body {text} NOT NULL
);
CREATE INDEX communities_comment_topic ON communities_comment (topic, created, id);

-- Votes by direction; `score` of the post is what counts. `round` tells which run of an import counted.
CREATE TABLE communities_vote (
    post {id} PRIMARY KEY,
    up {integer} NOT NULL,
    down {integer} NOT NULL,
    round {integer} NOT NULL
);

CREATE TABLE communities_tag (
    name {text} PRIMARY KEY,
    account {id},
    audience {id} NOT NULL,
    topics {integer} NOT NULL,
    description {text},
    import {integer},
    excerpt_source {integer}
);
CREATE INDEX communities_tag_topics ON communities_tag (audience, topics, name);
CREATE INDEX communities_tag_excerpt ON communities_tag (import, excerpt_source);

-- One row per topic and tag with what the lists of a tag are sorted by.
CREATE TABLE communities_topic_tag (
    tag {text} NOT NULL,
    topic {id} NOT NULL,
    account {id},
    audience {id} NOT NULL,
    state {integer} NOT NULL,
    score {integer} NOT NULL,
    created {time} NOT NULL,
    last_activity {time} NOT NULL,
    PRIMARY KEY (tag, topic)
);
CREATE INDEX communities_topic_tag_topic ON communities_topic_tag (topic);
CREATE INDEX communities_topic_tag_active ON communities_topic_tag (tag, audience, last_activity, topic);
CREATE INDEX communities_topic_tag_newest ON communities_topic_tag (tag, audience, created, topic);
CREATE INDEX communities_topic_tag_votes ON communities_topic_tag (tag, audience, score, topic);
CREATE INDEX communities_topic_tag_state ON communities_topic_tag (tag, state, audience, created, topic);
