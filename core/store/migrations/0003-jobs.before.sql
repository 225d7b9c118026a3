-- Work to do, and what became of it: queued jobs, deliveries of events, the host's own work.
CREATE TABLE portico_job (
    id {id} PRIMARY KEY,
    module {text} NOT NULL,
    name {text} NOT NULL,
    kind {integer} NOT NULL,
    arguments {json},
    unique_key {text},
    lane {text},
    state {integer} NOT NULL,
    not_before {time} NOT NULL,
    attempt {integer} NOT NULL,
    failures {integer} NOT NULL,
    attempts {integer} NOT NULL,
    fence {integer} NOT NULL,
    lease_until {time},
    runner {text},
    stop_asked {boolean} NOT NULL,
    done {integer} NOT NULL,
    total {integer} NOT NULL,
    note {text},
    saved {json},
    error {text},
    created {time} NOT NULL,
    finished {time},
    person {id},
    account {id},
    trace {text}
);

CREATE INDEX portico_job_ready ON portico_job (state, not_before);

CREATE INDEX portico_job_lane ON portico_job (lane, id);

CREATE UNIQUE INDEX portico_job_key ON portico_job (module, name, unique_key) WHERE state = 0;

-- The next time each schedule is due; the row is the lock that makes one runner queue it.
CREATE TABLE portico_schedule (
    module {text} NOT NULL,
    name {text} NOT NULL,
    schedule {text} NOT NULL,
    next_at {time} NOT NULL,
    PRIMARY KEY (module, name)
);
