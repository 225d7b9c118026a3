-- Whoever is shown a row in two companies sees it in both: one grant for each place.
-- sqlite:
CREATE TABLE portico_grant_placed (
    relation {text} NOT NULL,
    object {id} NOT NULL,
    person {id} NOT NULL,
    giver {id}, -- NULL: the portal itself
    given {time} NOT NULL,
    place {id} NOT NULL DEFAULT 1,
    PRIMARY KEY (relation, object, person, place)
);

INSERT INTO portico_grant_placed (relation, object, person, giver, given, place)
SELECT relation, object, person, giver, given, place FROM portico_grant;

DROP TABLE portico_grant;

ALTER TABLE portico_grant_placed RENAME TO portico_grant;

CREATE INDEX portico_grant_person ON portico_grant (person, relation, object, place);

-- postgresql:
ALTER TABLE portico_grant DROP CONSTRAINT portico_grant_pkey, ADD PRIMARY KEY (relation, object, person, place);
