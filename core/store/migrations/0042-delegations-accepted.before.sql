-- A partner acts for an account once an admin of its own accepted that; those given before count.
ALTER TABLE portico_delegation ADD COLUMN accepted {time}; -- none: it is offered

ALTER TABLE portico_delegation ADD COLUMN commanded {boolean} NOT NULL DEFAULT FALSE; -- no giver

UPDATE portico_delegation SET accepted = created;
