-- What was done that bears on security, each record sealed with the one before it. Records are
-- only added; old ones go from the front, in order.
CREATE TABLE portico_audit (
    number {integer} NOT NULL, -- 1, 2, 3 … without a gap
    time {time} NOT NULL,
    kind {text} NOT NULL, -- as in core/identity/audit.c
    actor {id}, -- who did it; none: the portal itself, or its operator
    acted_as {id}, -- in whose place
    person {id}, -- whom it is about
    account {id}, -- and which account
    object {text}, -- and what else
    origin {text} NOT NULL, -- a network, "command line" or "portal"
    hash {text} NOT NULL, -- SHA-256 of the hash before and this record
    PRIMARY KEY (number)
);

CREATE INDEX portico_audit_account ON portico_audit (account, number);

CREATE INDEX portico_audit_person ON portico_audit (person, number);

CREATE INDEX portico_audit_actor ON portico_audit (actor, number);

-- Where the chain stands: its last record, and the last one that went from its front.
CREATE TABLE portico_audit_chain (
    id {integer} PRIMARY KEY, -- always 1
    last {integer} NOT NULL,
    last_hash {text} NOT NULL,
    gone {integer} NOT NULL,
    gone_hash {text} NOT NULL
);

INSERT INTO portico_audit_chain (id, last, last_hash, gone, gone_hash)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0,
    '0000000000000000000000000000000000000000000000000000000000000000');
