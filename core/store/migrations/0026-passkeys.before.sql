-- Passkeys: what a browser may sign with, and what it was asked to sign lately.
CREATE TABLE portico_passkey (
    id {id} PRIMARY KEY,
    person {id} NOT NULL,
    credential {text} NOT NULL,
    public_key {text} NOT NULL,
    algorithm {integer} NOT NULL,
    used_count {integer} NOT NULL,
    name {text} NOT NULL,
    created {time} NOT NULL,
    used {time}
);

CREATE UNIQUE INDEX portico_passkey_credential ON portico_passkey (credential);

CREATE INDEX portico_passkey_person ON portico_passkey (person);

CREATE TABLE portico_challenge (
    challenge_key {text} NOT NULL,
    expires {time} NOT NULL,
    PRIMARY KEY (challenge_key)
);

CREATE INDEX portico_challenge_expires ON portico_challenge (expires);
