-- Runs of scenarios: one open run for each scenario and correlation at a time.
CREATE TABLE portico_scenario_run (
    id {id} PRIMARY KEY,
    module {text} NOT NULL,
    scenario {text} NOT NULL,
    correlation {text} NOT NULL,
    person {id},
    account {id},
    state {integer} NOT NULL,
    started {time} NOT NULL,
    last_seen {time} NOT NULL,
    finished {time}
);

CREATE UNIQUE INDEX portico_scenario_run_open ON portico_scenario_run (module, scenario, correlation)
WHERE state = 0;

CREATE INDEX portico_scenario_run_time ON portico_scenario_run (module, scenario, started);

CREATE TABLE portico_scenario_pass (
    run {id} NOT NULL,
    step {text} NOT NULL,
    time {time} NOT NULL,
    PRIMARY KEY (run, step)
);
