CREATE TABLE reports_line (
    id {id} PRIMARY KEY,
    job {id} NOT NULL,
    number {integer} NOT NULL
);

CREATE TABLE reports_beat (
    name {text} PRIMARY KEY,
    count {integer} NOT NULL
);
