CREATE TABLE forgetful_note (
    id {id} PRIMARY KEY,
    title {text} NOT NULL,
    audience {id} NOT NULL
);
