-- The audience of what nobody may see for now: held back, removed, merged away.
INSERT INTO portico_audience (id, kind)
VALUES (4, 'nobody');
