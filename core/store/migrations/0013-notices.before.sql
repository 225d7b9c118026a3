-- How people stand to what there is: level -1 muted, 1 follows. `mark` is an id made then: what was
-- told of before is not told to who follows since.
CREATE TABLE portico_follow (
    module {text} NOT NULL,
    subject {text} NOT NULL,
    person {id} NOT NULL,
    level {integer} NOT NULL,
    mark {id} NOT NULL,
    changed {time} NOT NULL,
    PRIMARY KEY (module, subject, person)
);

CREATE INDEX portico_follow_person ON portico_follow (person);

-- What people were told. Unread ones about the same are one row, which says how often.
-- `audience` NULL: they were named. `mention`: muting the subject does not hold it back. `on_page`:
-- not by mail alone.
CREATE TABLE portico_notice (
    id {id} PRIMARY KEY,
    person {id} NOT NULL,
    module {text} NOT NULL,
    kind {text} NOT NULL,
    subject {text} NOT NULL,
    title {text} NOT NULL,
    arguments {json},
    excerpt {text},
    url {text} NOT NULL,
    audience {id},
    reason {text} NOT NULL,
    actor {id},
    repeats {integer} NOT NULL,
    mention {boolean} NOT NULL,
    on_page {boolean} NOT NULL,
    changed {time} NOT NULL,
    read_at {time},
    mailed_at {time}
);

CREATE UNIQUE INDEX portico_notice_unread ON portico_notice (person, module, kind, subject)
    WHERE read_at IS NULL;

CREATE INDEX portico_notice_person ON portico_notice (person, changed, id);

CREATE INDEX portico_notice_subject ON portico_notice (module, subject);

CREATE INDEX portico_notice_actor ON portico_notice (actor);

CREATE INDEX portico_notice_changed ON portico_notice (changed);

-- Where people chose otherwise than the kind of notice says by itself.
CREATE TABLE portico_notice_choice (
    person {id} NOT NULL,
    module {text} NOT NULL,
    kind {text} NOT NULL,
    on_page {boolean} NOT NULL,
    by_mail {boolean} NOT NULL,
    PRIMARY KEY (person, module, kind)
);

-- Subjects whose notices were taken back: those queued until then are not told any more. The row is
-- also the lock between telling and taking back.
CREATE TABLE portico_notice_withdrawn (
    module {text} NOT NULL,
    subject {text} NOT NULL,
    last {id} NOT NULL,
    changed {time} NOT NULL,
    PRIMARY KEY (module, subject)
);

CREATE INDEX portico_notice_withdrawn_changed ON portico_notice_withdrawn (changed);

-- How often things were done lately, in steps of a window; keys are hashes.
CREATE TABLE portico_limit (
    key_hash {text} NOT NULL,
    step {integer} NOT NULL,
    taken {integer} NOT NULL,
    expires {time} NOT NULL,
    PRIMARY KEY (key_hash, step)
);

CREATE INDEX portico_limit_expires ON portico_limit (expires);
