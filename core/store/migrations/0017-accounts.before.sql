-- Companies, who belongs to them, and what each may there. Account 1 is the owner's own: its
-- members are the staff.
CREATE TABLE portico_account (
    id {id} PRIMARY KEY,
    parent {id},
    kind {text} NOT NULL, -- owner, customer, partner
    name {text} NOT NULL, -- empty in the owner's: the portal's
    name_key {text} NOT NULL,
    state {integer} NOT NULL, -- 1 active, 2 suspended, 3 closed
    created {time} NOT NULL
);

CREATE INDEX portico_account_name ON portico_account (name_key, id);

CREATE INDEX portico_account_parent ON portico_account (parent);

-- Each account and all above it, itself at distance 0.
CREATE TABLE portico_account_above (
    account {id} NOT NULL,
    above {id} NOT NULL,
    distance {integer} NOT NULL,
    PRIMARY KEY (account, above)
);

CREATE INDEX portico_account_above_above ON portico_account_above (above, account);

-- What other systems call an account: "crm:0815".
CREATE TABLE portico_account_external (
    external {text} NOT NULL,
    account {id} NOT NULL,
    PRIMARY KEY (external)
);

CREATE INDEX portico_account_external_account ON portico_account_external (account);

-- A person in an account; `below`: in all accounts below it as well.
CREATE TABLE portico_membership (
    id {id} PRIMARY KEY,
    account {id} NOT NULL,
    person {id} NOT NULL,
    title {text} NOT NULL, -- what they do there
    state {integer} NOT NULL, -- 0 waits for approval, 1 active
    below {boolean} NOT NULL,
    source {text} NOT NULL, -- invited, domain, import, roles
    valid_from {time},
    valid_until {time},
    created {time} NOT NULL
);

CREATE UNIQUE INDEX portico_membership_person ON portico_membership (person, account);

CREATE INDEX portico_membership_account ON portico_membership (account, state, id);

CREATE TABLE portico_membership_role (
    membership {id} NOT NULL,
    role {text} NOT NULL,
    PRIMARY KEY (membership, role)
);

CREATE INDEX portico_membership_role_role ON portico_membership_role (role, membership);

-- Roles the owner defined; those every portal has stand in the program.
CREATE TABLE portico_role (
    role {text} NOT NULL,
    place {text} NOT NULL, -- owner, account: where it can be held
    title {text} NOT NULL,
    description {text} NOT NULL,
    created {time} NOT NULL,
    PRIMARY KEY (role)
);

-- What a role may beyond what the modules gave it, or may not although they did.
CREATE TABLE portico_role_rule (
    role {text} NOT NULL,
    permission {text} NOT NULL,
    allowed {boolean} NOT NULL,
    PRIMARY KEY (role, permission)
);

CREATE TABLE portico_team (
    id {id} PRIMARY KEY,
    account {id} NOT NULL,
    name {text} NOT NULL,
    name_key {text} NOT NULL,
    created {time} NOT NULL
);

CREATE UNIQUE INDEX portico_team_name ON portico_team (account, name_key);

CREATE TABLE portico_team_member (
    team {id} NOT NULL,
    person {id} NOT NULL,
    PRIMARY KEY (team, person)
);

CREATE INDEX portico_team_member_person ON portico_team_member (person);

-- Counts changes of what many people may at once: a role's rules, an account's place or state, a
-- new audience. What changes for one person is counted in their own row.
CREATE TABLE portico_rights (
    id {integer} PRIMARY KEY, -- always 1
    number {integer} NOT NULL
);

INSERT INTO portico_rights (id, number)
VALUES (1, 0);

ALTER TABLE portico_audience ADD COLUMN team {id};

CREATE UNIQUE INDEX portico_audience_what
ON portico_audience (coalesce(account, 0), kind, coalesce(role, ''), coalesce(team, 0));

-- Which account somebody acts in, here and where they next sign in.
ALTER TABLE portico_session ADD COLUMN account {id};

ALTER TABLE portico_person ADD COLUMN account {id};

INSERT INTO portico_account (id, parent, kind, name, name_key, state, created)
VALUES (1, NULL, 'owner', '', '', 1, 0);

INSERT INTO portico_account_above (account, above, distance)
VALUES (1, 1, 0);

INSERT INTO portico_membership
    (id, account, person, title, state, below, source, valid_from, valid_until, created)
SELECT p.id, 1, p.id, '', 1, FALSE, 'roles', NULL, NULL, p.created
FROM portico_person p
WHERE EXISTS (SELECT 1 FROM portico_person_role r WHERE r.person = p.id);

INSERT INTO portico_membership_role (membership, role)
SELECT r.person, r.role
FROM portico_person_role r
WHERE EXISTS (SELECT 1 FROM portico_membership m WHERE m.id = r.person);
