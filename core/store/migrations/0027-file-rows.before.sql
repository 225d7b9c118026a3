-- Files that whoever sees a row sees, by the row as it is then.
ALTER TABLE portico_file ADD COLUMN relation {text};
ALTER TABLE portico_file ADD COLUMN object {id};

CREATE INDEX portico_file_row ON portico_file (relation, object) WHERE relation IS NOT NULL;
