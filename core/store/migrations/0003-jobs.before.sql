-- Work to do, and what became of it: queued jobs, deliveries of events, the host's own work.
-- `due`: waiting, the earliest time of the next try; running, the end of the lease.
-- `sequence` is the order of queueing, which within a lane is the order of commits.
CREATE TABLE portico_job (
    id {id} PRIMARY KEY,
    sequence {integer} NOT NULL,
    module {text} NOT NULL,
    name {text} NOT NULL,
    kind {integer} NOT NULL,
    arguments {json},
    unique_key {text},
    lane {text},
    state {integer} NOT NULL,
    due {time} NOT NULL,
    failures {integer} NOT NULL,
    attempts {integer} NOT NULL,
    fence {integer} NOT NULL,
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

CREATE UNIQUE INDEX portico_job_sequence ON portico_job (sequence);

CREATE INDEX portico_job_due ON portico_job (due, sequence) WHERE state < 2;

CREATE INDEX portico_job_lane ON portico_job (lane, sequence) WHERE state < 2;

CREATE INDEX portico_job_type ON portico_job (module, name, kind) WHERE state = 1;

CREATE INDEX portico_job_over ON portico_job (state, finished);

CREATE UNIQUE INDEX portico_job_key ON portico_job (module, name, unique_key) WHERE state = 0;

-- postgresql:
CREATE SEQUENCE portico_job_order;

-- all:
-- The next time each schedule is due; the row is the lock that makes one process queue it.
CREATE TABLE portico_schedule (
    module {text} NOT NULL,
    name {text} NOT NULL,
    schedule {text} NOT NULL,
    next_at {time} NOT NULL,
    PRIMARY KEY (module, name)
);
