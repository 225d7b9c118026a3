-- Who of the owner's people looks after an account, shown to it.
CREATE TABLE portico_account_team (
    account {id} NOT NULL,
    person {id} NOT NULL,
    role {text} NOT NULL, -- in words
    phone {text} NOT NULL,
    created {time} NOT NULL,
    PRIMARY KEY (account, person)
);

CREATE INDEX portico_account_team_person ON portico_account_team (person);

-- Whom of an account's people one asks about what.
CREATE TABLE portico_account_contact (
    account {id} NOT NULL,
    role {text} NOT NULL, -- billing, technical, security, legal
    person {id} NOT NULL,
    PRIMARY KEY (account, role, person)
);

CREATE INDEX portico_account_contact_person ON portico_account_contact (person);

-- A domain counts once it is known to be the account's: by a record in the DNS that holds the
-- token, or by the word of the staff.
ALTER TABLE portico_account_domain ADD COLUMN verified {time};

ALTER TABLE portico_account_domain ADD COLUMN token {text};

UPDATE portico_account_domain SET verified = created;

-- The name of whom a membership is of, so that lists of an account are read in its order.
ALTER TABLE portico_membership ADD COLUMN name_key {text} NOT NULL DEFAULT '';

UPDATE portico_membership
SET name_key = (SELECT p.name_key FROM portico_person p WHERE p.id = portico_membership.person);

CREATE INDEX portico_membership_name ON portico_membership (account, name_key, id);

CREATE INDEX portico_invitation_name ON portico_invitation (account, state, name_key, id);
