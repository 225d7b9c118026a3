-- Counters by name.
CREATE TABLE database_counter (
    id {id} PRIMARY KEY,
    name {text} NOT NULL UNIQUE,
    number {integer} NOT NULL,
    created {time} NOT NULL
);
