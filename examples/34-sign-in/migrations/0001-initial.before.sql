-- Who agreed to the rules of the house, and when.
CREATE TABLE staffbook_agreed (
    person {id} PRIMARY KEY,
    time {time} NOT NULL
);
