-- Who may see a row: interned, few, shared. Ids 1 to 3 are the same in every portal.
CREATE TABLE portico_audience (
    id {id} PRIMARY KEY,
    kind {text} NOT NULL,
    account {id},
    role {text}
);

INSERT INTO portico_audience (id, kind)
VALUES (1, 'everyone'), (2, 'signed-in'), (3, 'staff');
