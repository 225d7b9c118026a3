CREATE TABLE desk_desk (
    id {id} PRIMARY KEY,
    number {integer} NOT NULL
);

INSERT INTO desk_desk (id, number)
VALUES (1, 0), (2, 0);
