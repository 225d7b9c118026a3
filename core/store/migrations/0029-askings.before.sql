-- What somebody lacked and asked for, and what became of it: one row for each permission in each
-- account, used again when they ask again.
CREATE TABLE portico_asking (
    id {id} PRIMARY KEY,
    person {id} NOT NULL,
    account {id} NOT NULL, -- where it is lacking
    permission {text} NOT NULL,
    path {text} NOT NULL, -- of the page that asked for it
    words {text} NOT NULL, -- theirs, or empty
    asked {time} NOT NULL,
    answered {time},
    answerer {id},
    role {text} -- that was given
);

CREATE UNIQUE INDEX portico_asking_what ON portico_asking (person, account, permission);

CREATE INDEX portico_asking_waiting ON portico_asking (account, answered, id);
