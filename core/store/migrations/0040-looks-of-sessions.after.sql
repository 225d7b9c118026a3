-- They stand in portico_look now.
ALTER TABLE portico_session DROP COLUMN entered;

ALTER TABLE portico_session DROP COLUMN entered_until;
