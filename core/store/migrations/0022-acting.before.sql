-- Which accounts somebody acted in, and when last.
CREATE TABLE portico_account_use (
    person {id} NOT NULL,
    account {id} NOT NULL,
    used {time} NOT NULL,
    PRIMARY KEY (person, account)
);

-- From which account a link took somebody to another of theirs, and when.
ALTER TABLE portico_session ADD COLUMN came_from {id};

ALTER TABLE portico_session ADD COLUMN switched {time};
