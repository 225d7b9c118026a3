-- What ran, in the order it was written.
CREATE TABLE chores_done (
    id {id} PRIMARY KEY,
    what {text} NOT NULL,
    job {id} NOT NULL,
    attempt {integer} NOT NULL
);
