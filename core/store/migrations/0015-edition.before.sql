-- Counts how often something shown was taken from view: what was kept of before is shown no longer.
CREATE TABLE portico_edition (
    id {integer} PRIMARY KEY, -- always 1
    number {integer} NOT NULL
);

INSERT INTO portico_edition (id, number)
VALUES (1, 0);
