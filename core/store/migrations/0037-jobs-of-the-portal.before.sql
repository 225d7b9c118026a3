-- The portal's own jobs are looked up by whoever asked for them.
CREATE INDEX portico_job_own ON portico_job (person, sequence) WHERE module = 'portico';
