-- Access tokens of the API: what acts in somebody's name without a browser.
CREATE TABLE portico_api_token (
    id {id} PRIMARY KEY,
    person {id} NOT NULL,
    account {id}, -- in which it acts; none: its person belongs to none
    name {text} NOT NULL, -- as its person calls it
    token_hash {text} NOT NULL,
    scopes {text} NOT NULL, -- permissions, separated by blanks
    proved {boolean} NOT NULL, -- made in a session with a second factor
    created {time} NOT NULL,
    expires {time}, -- the first moment after its last day; none: it has no last day
    used {time} -- to the minute
);

CREATE UNIQUE INDEX portico_api_token_hash ON portico_api_token (token_hash);

CREATE INDEX portico_api_token_person ON portico_api_token (person);
