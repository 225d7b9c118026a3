-- How many rows of declared lists there are for each audience and key, and what was noted since
-- that was added up. `list` is the table and its key's columns, `key` their values.
CREATE TABLE portico_count (
    list {text} NOT NULL,
    key {text} NOT NULL,
    audience {id} NOT NULL,
    number {integer} NOT NULL,
    PRIMARY KEY (list, key, audience)
);

-- sqlite:
CREATE TABLE portico_count_change (
    id {id} PRIMARY KEY,
    list {text} NOT NULL,
    key {text} NOT NULL,
    audience {id} NOT NULL,
    number {integer} NOT NULL
);

-- postgresql:
CREATE TABLE portico_count_change (
    id {id} GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    list {text} NOT NULL,
    key {text} NOT NULL,
    audience {id} NOT NULL,
    number {integer} NOT NULL
);

-- all:
CREATE INDEX portico_count_change_key ON portico_count_change (list, key);
