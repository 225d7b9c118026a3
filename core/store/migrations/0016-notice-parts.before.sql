-- What below its subject a notice is about, so that it can be taken back alone.
ALTER TABLE portico_notice ADD COLUMN part {text};
