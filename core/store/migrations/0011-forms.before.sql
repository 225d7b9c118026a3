-- What was sent once, and drafts. A key and its answer are kept for a day, so that a form sent twice
-- is answered twice and done once; the hashes are of the key with whose it is, and of the values.
CREATE TABLE portico_sent (
    key_hash {text} PRIMARY KEY,
    person {id},
    fingerprint {text} NOT NULL,
    status {integer} NOT NULL,
    location {text},
    body {json},
    created {time} NOT NULL
);

CREATE INDEX portico_sent_created ON portico_sent (created);

CREATE INDEX portico_sent_person ON portico_sent (person) WHERE person IS NOT NULL;

CREATE TABLE portico_draft (
    person {id} NOT NULL,
    module {text} NOT NULL,
    form {text} NOT NULL,
    subject {text} NOT NULL,
    content {json} NOT NULL,
    updated {time} NOT NULL,
    PRIMARY KEY (person, module, form, subject)
);

CREATE INDEX portico_draft_updated ON portico_draft (updated);
