-- An account lets a partner's account act for it, with some of its roles, until a day.
CREATE TABLE portico_delegation (
    id {id} PRIMARY KEY,
    account {id} NOT NULL, -- whose
    partner {id} NOT NULL, -- who may act there
    reason {text} NOT NULL,
    giver {id}, -- who gave it; none: a command
    valid_until {time} NOT NULL,
    created {time} NOT NULL
);

CREATE UNIQUE INDEX portico_delegation_pair ON portico_delegation (account, partner);

CREATE INDEX portico_delegation_partner ON portico_delegation (partner, account);

CREATE TABLE portico_delegation_role (
    delegation {id} NOT NULL,
    role {text} NOT NULL,
    PRIMARY KEY (delegation, role)
);

CREATE INDEX portico_delegation_role_role ON portico_delegation_role (role, delegation);

-- Another company in it: the partner for which the actor acted there, or that a delegation is with.
ALTER TABLE portico_audit ADD COLUMN other {id};
