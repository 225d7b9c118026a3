-- Staff who look into an account, or at the portal in somebody's place, in this session: where and
-- until when. A row outlives its session until its end was written down.
CREATE TABLE portico_look (
    session {id} PRIMARY KEY,
    asker {id} NOT NULL, -- whose session it is
    account {id}, -- in which they look; none: in none
    person {id}, -- in whose place; none: in their own
    accounts {text} NOT NULL, -- whose records have it: ids between blanks
    rights {integer} NOT NULL, -- of asker and person together, as they were
    valid_until {time} NOT NULL,
    ended {boolean} NOT NULL -- and that was written down
);
