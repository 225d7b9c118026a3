-- Rows shown to named people, beside those whom their audience shows them to. `relation` is the
-- table, whose rows say in a column `granted` whether there is any.
CREATE TABLE portico_grant (
    relation {text} NOT NULL,
    object {id} NOT NULL,
    person {id} NOT NULL,
    giver {id}, -- NULL: the portal itself
    given {time} NOT NULL,
    PRIMARY KEY (relation, object, person)
);

CREATE INDEX portico_grant_person ON portico_grant (person, relation, object);
