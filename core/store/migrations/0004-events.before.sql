-- What happened, as CloudEvents: written with the change itself. Deliveries are jobs.
CREATE TABLE portico_event (
    id {id} PRIMARY KEY,
    type {text} NOT NULL,
    source {text} NOT NULL,
    subject {text} NOT NULL,
    time {time} NOT NULL,
    person {id},
    account {id},
    audience {id},
    trace {text},
    data {json} NOT NULL
);

CREATE INDEX portico_event_time ON portico_event (time);
