-- One person while they act in one account: they alone see what is theirs; -1: nobody, for what nobody of the
-- account is to see. `former`: 0, or of what was made for a person who was merged into this one, its own id.
CREATE TABLE portico_audience_person (
    id {id} PRIMARY KEY,
    person {id} NOT NULL,
    account {id} NOT NULL,
    former {id} NOT NULL
);

CREATE UNIQUE INDEX portico_audience_person_key ON portico_audience_person (person, account, former);

-- Counts what is for them alone: with it what they see is read anew, and nobody else's; it is no right of
-- theirs, so sessions and sign-ins go on.
ALTER TABLE portico_person ADD COLUMN shown {integer} NOT NULL DEFAULT 0;
