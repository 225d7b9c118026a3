-- Who was last let in by a directory elsewhere, and the name they typed, folded.
CREATE TABLE portico_verified (
    person {id} PRIMARY KEY,
    name {text} NOT NULL
);

CREATE UNIQUE INDEX portico_verified_name ON portico_verified (name);

-- Of a sign-in that modules are asked about: whether a second factor was shown, and which steps are
-- done.
ALTER TABLE portico_half ADD COLUMN proved {boolean};

ALTER TABLE portico_half ADD COLUMN passed {text};
