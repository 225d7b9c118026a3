-- The access review of a company looks at whoever acts for it without belonging to it: people of
-- accounts above, and partners.
CREATE TABLE portico_membership_review (
    membership {id} NOT NULL, -- of an account above
    account {id} NOT NULL, -- below it, whose admin looked at it
    reviewed {time} NOT NULL,
    PRIMARY KEY (membership, account)
);

ALTER TABLE portico_delegation ADD COLUMN reviewed {time};

CREATE INDEX portico_membership_below ON portico_membership (account, name_key, id) WHERE below;
