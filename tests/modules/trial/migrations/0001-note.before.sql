CREATE TABLE trial_note (
    id {id} PRIMARY KEY,
    word {text} NOT NULL UNIQUE
);
