-- Who may read a notice stands in its audience; the last column of an index on it is unique.
CREATE TABLE notices_notice (
    id {id} PRIMARY KEY,
    audience {id} NOT NULL,
    body {text} NOT NULL,
    created {time} NOT NULL
);

CREATE INDEX notices_notice_newest ON notices_notice (audience, created DESC, id DESC);
