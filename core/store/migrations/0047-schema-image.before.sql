-- The empty copy of the schema in which statements are checked, as the migrations made it that `source` is the
-- sum of: an SQLite database in base64. It is a shortcut; where it is missing or of others, the migrations run.
CREATE TABLE portico_schema_image (
    id {integer} PRIMARY KEY,
    source {text} NOT NULL,
    image {text} NOT NULL
);
