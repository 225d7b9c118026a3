-- Two people who turned out to be one: whom the vanished one became. Their handle stays theirs.
ALTER TABLE portico_person ADD COLUMN merged_into {id};

CREATE INDEX portico_person_merged ON portico_person (merged_into) WHERE merged_into IS NOT NULL;
