-- The proof of what was handed out and erased.
CREATE TABLE portico_personal_request (
    id {id} PRIMARY KEY,
    kind {text} NOT NULL,
    person {id} NOT NULL,
    requested {time} NOT NULL,
    finished {time},
    report {json}
);
