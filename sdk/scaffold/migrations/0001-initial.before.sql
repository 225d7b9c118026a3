-- Notes, newest first on the page.
CREATE TABLE scaffold_name_note (
    id {id} PRIMARY KEY,
    text {text} NOT NULL,
    created {time} NOT NULL
);
