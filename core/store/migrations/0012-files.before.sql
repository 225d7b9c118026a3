-- Files that people sent. Their bytes lie below DATA/files, by their hash.
CREATE TABLE portico_file (
    id {id} PRIMARY KEY,
    person {id},
    module {text} NOT NULL,
    subject {text},
    audience {id},
    hash {text} NOT NULL,
    media_type {text} NOT NULL,
    name {text},
    bytes {integer} NOT NULL,
    width {integer} NOT NULL,
    height {integer} NOT NULL,
    frames {integer} NOT NULL,
    created {time} NOT NULL
);

CREATE INDEX portico_file_subject ON portico_file (module, subject) WHERE subject IS NOT NULL;

CREATE INDEX portico_file_hash ON portico_file (hash);

CREATE INDEX portico_file_person ON portico_file (person) WHERE person IS NOT NULL;

-- What belongs to nothing yet, and what nobody can see any more, goes by its age.
CREATE INDEX portico_file_loose ON portico_file (created)
WHERE subject IS NULL OR (person IS NULL AND audience IS NULL);
