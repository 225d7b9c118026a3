-- Who came and went. One row an event: the event's id is its key.
CREATE TABLE door_visit (
    event {id} PRIMARY KEY,
    person {id} NOT NULL,
    came {boolean} NOT NULL,
    time {time} NOT NULL
);

CREATE INDEX door_visit_person ON door_visit (person);
