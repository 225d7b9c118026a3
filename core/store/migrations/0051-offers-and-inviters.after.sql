-- What waited to be confirmed stands with whoever opened it now.
DELETE FROM portico_app WHERE secret IS NULL;

ALTER TABLE portico_app DROP COLUMN next;

ALTER TABLE portico_app DROP COLUMN next_made;
