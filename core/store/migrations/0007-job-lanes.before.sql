-- What waits behind another of its lane: whoever looks for work passes it by. The one before it
-- takes the mark away when it ends.
ALTER TABLE portico_job ADD COLUMN parked {integer} NOT NULL DEFAULT 0;

CREATE INDEX portico_job_open ON portico_job (due, sequence) WHERE state < 2 AND parked = 0;

CREATE INDEX portico_job_parked ON portico_job (lane, sequence) WHERE parked = 1;
