-- People, how they are reached and how they sign in. Secrets are kept as hashes: of passwords by
-- argon2id, of tokens by SHA-256, of guessed names by a keyed HMAC.
CREATE TABLE portico_person (
    id {id} PRIMARY KEY,
    handle {text} NOT NULL,
    name {text} NOT NULL,
    name_key {text} NOT NULL,
    locale {text} NOT NULL,
    timezone {text} NOT NULL,
    state {integer} NOT NULL,
    external {text},
    password {text},
    password_changed {time},
    created {time} NOT NULL,
    last_sign_in {time},
    rights {integer} NOT NULL
);

CREATE UNIQUE INDEX portico_person_handle ON portico_person (handle);

CREATE UNIQUE INDEX portico_person_external ON portico_person (external)
WHERE external IS NOT NULL;

CREATE INDEX portico_person_name ON portico_person (name_key, id);

CREATE INDEX portico_person_waiting ON portico_person (created) WHERE state = 0;

-- An address counts once it is verified; until then others may have written it as well.
CREATE TABLE portico_address (
    id {id} PRIMARY KEY,
    person {id} NOT NULL,
    address {text} NOT NULL,
    address_key {text} NOT NULL,
    verified {time},
    main {boolean} NOT NULL,
    created {time} NOT NULL
);

CREATE UNIQUE INDEX portico_address_verified ON portico_address (address_key)
WHERE verified IS NOT NULL;

CREATE UNIQUE INDEX portico_address_person ON portico_address (person, address_key);

CREATE TABLE portico_person_role (
    person {id} NOT NULL,
    role {text} NOT NULL,
    PRIMARY KEY (person, role)
);

CREATE INDEX portico_person_role_role ON portico_person_role (role, person);

-- `rights` are the person's when the token was made; the token before it is known until
-- `previous_until`.
CREATE TABLE portico_session (
    id {id} PRIMARY KEY,
    token_hash {text} NOT NULL,
    previous_hash {text},
    previous_until {time},
    person {id} NOT NULL,
    rights {integer} NOT NULL,
    created {time} NOT NULL,
    last_seen {time} NOT NULL,
    expires {time} NOT NULL,
    fresh {time} NOT NULL,
    remembered {boolean} NOT NULL,
    agent {text} NOT NULL,
    network {text} NOT NULL
);

CREATE UNIQUE INDEX portico_session_token ON portico_session (token_hash);

CREATE UNIQUE INDEX portico_session_previous ON portico_session (previous_hash)
WHERE previous_hash IS NOT NULL;

CREATE INDEX portico_session_person ON portico_session (person);

CREATE INDEX portico_session_expires ON portico_session (expires);

CREATE INDEX portico_session_seen ON portico_session (last_seen);

-- Devices that signed in before.
CREATE TABLE portico_device (
    id {id} PRIMARY KEY,
    person {id} NOT NULL,
    token_hash {text} NOT NULL,
    created {time} NOT NULL,
    last_seen {time} NOT NULL
);

CREATE UNIQUE INDEX portico_device_token ON portico_device (token_hash);

CREATE INDEX portico_device_person ON portico_device (person);

CREATE INDEX portico_device_seen ON portico_device (last_seen);

-- One-time links; `person` is empty in the one for the first admin.
CREATE TABLE portico_link (
    id {id} PRIMARY KEY,
    purpose {integer} NOT NULL,
    token_hash {text} NOT NULL,
    person {id},
    address {text},
    created {time} NOT NULL,
    expires {time} NOT NULL,
    used {time}
);

CREATE UNIQUE INDEX portico_link_token ON portico_link (token_hash);

CREATE INDEX portico_link_person ON portico_link (person, purpose);

CREATE INDEX portico_link_expires ON portico_link (expires);

-- How much of a budget was spent in ten minutes, which `span` counts.
CREATE TABLE portico_guess (
    guess_key {text} NOT NULL,
    span {integer} NOT NULL,
    spent {integer} NOT NULL,
    PRIMARY KEY (guess_key, span)
);

CREATE INDEX portico_guess_span ON portico_guess (span);
