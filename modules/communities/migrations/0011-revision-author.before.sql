-- Whether somebody changed anything is asked when their page is opened and they wrote nothing that its reader sees.
CREATE INDEX communities_revision_author ON communities_revision (author);
