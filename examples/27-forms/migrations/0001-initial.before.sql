CREATE TABLE wishes_wish (
    id {id} PRIMARY KEY,
    title {text} NOT NULL,
    reason {text} NOT NULL,
    urgency {text} NOT NULL,
    pieces {integer} NOT NULL,
    person {id}
);
