-- What people prove beside their password. Secrets of apps are sealed with a key made of the
-- portal's own; recovery codes are keyed hashes.
CREATE TABLE portico_app (
    person {id} NOT NULL,
    secret {text}, -- NULL: none is confirmed yet
    step {integer} NOT NULL, -- the last one used
    confirmed {time},
    next {text}, -- waits to be confirmed
    next_made {time},
    PRIMARY KEY (person)
);

CREATE TABLE portico_recovery (
    person {id} NOT NULL,
    code_hash {text} NOT NULL,
    made {time} NOT NULL,
    used {time},
    PRIMARY KEY (person, code_hash)
);

-- Whose password was right and who has more to show: no session.
CREATE TABLE portico_half (
    id {id} PRIMARY KEY,
    token_hash {text} NOT NULL,
    person {id} NOT NULL,
    rights {integer} NOT NULL,
    purpose {integer} NOT NULL, -- 1 show it, 2 set one up first
    remembered {boolean} NOT NULL,
    browser {text} NOT NULL,
    expires {time} NOT NULL
);

CREATE UNIQUE INDEX portico_half_token ON portico_half (token_hash);

CREATE INDEX portico_half_person ON portico_half (person);

CREATE INDEX portico_half_expires ON portico_half (expires);

-- Until when a device is not asked for the second step.
ALTER TABLE portico_device ADD COLUMN trusted {time};
