-- A guest book: entries with their author, likes by people, and a calendar without them.
CREATE TABLE personal_data_entry (
    id {id} PRIMARY KEY,
    author {id},
    name {text} NOT NULL,
    text {text} NOT NULL,
    written {time} NOT NULL
);

CREATE TABLE personal_data_like (
    entry {id} NOT NULL,
    person {id} NOT NULL,
    liked {time} NOT NULL,
    PRIMARY KEY (entry, person)
);

CREATE TABLE personal_data_invoice (
    id {id} PRIMARY KEY,
    person {id} NOT NULL,
    sum {integer} NOT NULL
);

CREATE TABLE personal_data_holiday (
    day {time} PRIMARY KEY,
    title {text} NOT NULL
);

INSERT INTO personal_data_entry (id, author, name, text, written)
VALUES (1, 7, 'Dana', 'Hello there.', 1767225600000000), (2, 8, 'Lee', 'Hello Dana.', 1767225600000000);

INSERT INTO personal_data_like (entry, person, liked)
VALUES (2, 7, 1767225600000000), (1, 8, 1767225600000000), (1, 9, 1000000);

INSERT INTO personal_data_invoice (id, person, sum)
VALUES (1, 7, 1200);

INSERT INTO personal_data_holiday (day, title)
VALUES (1767225600000000, 'New Year');
