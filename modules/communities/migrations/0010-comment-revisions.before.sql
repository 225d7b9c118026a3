-- How often a comment was edited; what it said before stands in communities_revision, where `post` is then its id:
-- ids are never given twice. What comments said before this step is not known.
ALTER TABLE communities_comment ADD COLUMN revisions {integer} NOT NULL DEFAULT 0;
