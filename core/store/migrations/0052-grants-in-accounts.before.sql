-- The audience of the company in which it was shown, to whom of it: 1 is of everybody, wherever they act.
ALTER TABLE portico_grant ADD COLUMN place {id} NOT NULL DEFAULT 1;

DROP INDEX portico_grant_person;

CREATE INDEX portico_grant_person ON portico_grant (person, relation, object, place);
