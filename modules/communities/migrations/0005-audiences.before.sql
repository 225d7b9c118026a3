-- In a space of own topics each account sees what its people asked there, and the staff what anybody did.
ALTER TABLE communities_space ADD COLUMN own_topics {boolean} NOT NULL DEFAULT FALSE;

-- Whom a topic is for in such a space: the account it was asked for, or the staff (3).
ALTER TABLE communities_topic ADD COLUMN own {id} NOT NULL DEFAULT 3;

-- Each of these audiences once, so that a statement can ask which of them a viewer belongs to.
CREATE TABLE communities_own (
    audience {id} PRIMARY KEY
);

INSERT INTO communities_own (audience) VALUES (3);

-- How many topics of a space, and how many of a state, each viewer sees.
-- count: communities_topic space
-- count: communities_topic space state
