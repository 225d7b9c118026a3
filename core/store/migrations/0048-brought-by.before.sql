-- Who invited somebody into an account or took them in.
ALTER TABLE portico_membership ADD COLUMN brought_by {id};
