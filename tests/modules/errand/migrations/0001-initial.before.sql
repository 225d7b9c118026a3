-- What was asked for.
CREATE TABLE errand_note (
    id {id} PRIMARY KEY,
    what {text} NOT NULL
);
