CREATE TABLE audience_note (
    id {id} PRIMARY KEY,
    title {text} NOT NULL,
    person {id},
    audience {id} NOT NULL,
    granted {boolean} NOT NULL DEFAULT FALSE
);

CREATE INDEX audience_note_list ON audience_note (audience, id DESC);

-- count: audience_note
