CREATE TABLE lenient_note (
    id {id} PRIMARY KEY,
    title {text} NOT NULL,
    person {id} NOT NULL,
    account {id} NOT NULL,
    above {id} NOT NULL,
    audience {id} NOT NULL
);

-- Who opened which.
CREATE TABLE lenient_opened (
    person {id} NOT NULL,
    note {id} NOT NULL,
    PRIMARY KEY (person, note)
);

-- What the module forgets just now.
CREATE TABLE lenient_way (
    name {text} PRIMARY KEY
);
