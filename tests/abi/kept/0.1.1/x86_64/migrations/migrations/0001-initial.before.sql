-- The first shape. Type tokens become each database's own types.
CREATE TABLE migrations_task (
    id {id} PRIMARY KEY,
    title {text} NOT NULL,
    done {boolean} NOT NULL
);

INSERT INTO migrations_task (id, title, done)
VALUES (7001, 'Read the example', TRUE), (7002, 'Write a migration', FALSE);
