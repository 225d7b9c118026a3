-- Why staff look, for the company they go over to meanwhile.
ALTER TABLE portico_look ADD COLUMN reason {text};
