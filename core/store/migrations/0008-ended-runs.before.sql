-- Runs that are over are removed in the order they ended.
CREATE INDEX portico_scenario_run_finished ON portico_scenario_run (finished)
WHERE finished IS NOT NULL;
