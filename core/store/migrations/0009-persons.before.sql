-- What is a person's is found without reading all there is: to hand it out, and to erase it.
CREATE INDEX portico_event_person ON portico_event (person) WHERE person IS NOT NULL;

CREATE INDEX portico_job_person ON portico_job (person) WHERE person IS NOT NULL;

CREATE INDEX portico_scenario_run_person ON portico_scenario_run (person)
WHERE person IS NOT NULL;

CREATE INDEX portico_personal_request_person ON portico_personal_request (person, kind);

-- And what became of the runs of one scenario lately without reading those of a year.
CREATE INDEX portico_scenario_run_ended ON portico_scenario_run (module, scenario, finished)
WHERE finished IS NOT NULL;
