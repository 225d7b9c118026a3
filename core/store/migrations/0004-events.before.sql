-- What happened, as CloudEvents: written with the change itself. Deliveries are jobs.
CREATE TABLE portico_event (
    id {id} PRIMARY KEY,
    sequence {integer} NOT NULL,
    type {text} NOT NULL,
    source {text} NOT NULL,
    subject {text} NOT NULL,
    time {time} NOT NULL,
    person {id},
    account {id},
    audience {id},
    trace {text} NOT NULL,
    data {json} NOT NULL
);

CREATE UNIQUE INDEX portico_event_sequence ON portico_event (sequence);

CREATE INDEX portico_event_time ON portico_event (time);

-- postgresql:
CREATE SEQUENCE portico_event_order;
