-- Domains of mail addresses that are an account's: who confirmed one there may join it.
CREATE TABLE portico_account_domain (
    domain {text} NOT NULL,
    account {id} NOT NULL,
    approval {boolean} NOT NULL, -- joins once an admin of the account approved
    created {time} NOT NULL,
    PRIMARY KEY (domain)
);

CREATE INDEX portico_account_domain_account ON portico_account_domain (account);

-- Who was asked to join an account, by address.
CREATE TABLE portico_invitation (
    id {id} PRIMARY KEY,
    account {id} NOT NULL,
    inviter {id} NOT NULL,
    address {text} NOT NULL,
    address_key {text} NOT NULL,
    name {text} NOT NULL, -- or empty
    name_key {text} NOT NULL, -- of the name, or the address
    title {text} NOT NULL,
    roles {text} NOT NULL, -- keys separated by blanks
    locale {text} NOT NULL,
    state {integer} NOT NULL, -- 1 waits, 2 accepted, 3 withdrawn, 4 declined
    token_hash {text},
    created {time} NOT NULL,
    expires {time} NOT NULL
);

CREATE UNIQUE INDEX portico_invitation_address ON portico_invitation (account, address_key);

CREATE UNIQUE INDEX portico_invitation_token ON portico_invitation (token_hash);

CREATE INDEX portico_invitation_expires ON portico_invitation (expires);

-- When an admin of the account last looked at what somebody may, and who did.
ALTER TABLE portico_membership ADD COLUMN reviewed {time};

ALTER TABLE portico_membership ADD COLUMN reviewer {id};
