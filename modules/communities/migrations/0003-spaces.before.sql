-- Who writes in a space: 0 everybody who may write, 1 only who moderates.
ALTER TABLE communities_space ADD COLUMN writers {integer} NOT NULL DEFAULT 0;
