-- What was told of days that came: whether a membership holds, which end of a delegation is over,
-- and of which one its givers were reminded. What came before today is told to nobody any more.
ALTER TABLE portico_membership ADD COLUMN held {boolean} NOT NULL DEFAULT TRUE;

ALTER TABLE portico_delegation ADD COLUMN told {time};

ALTER TABLE portico_delegation ADD COLUMN reminded {time};

-- sqlite:
UPDATE portico_membership
SET held = FALSE
WHERE valid_from > CAST(strftime('%s', 'now') AS INTEGER) * 1000000
   OR valid_until <= CAST(strftime('%s', 'now') AS INTEGER) * 1000000;

UPDATE portico_delegation
SET told = valid_until
WHERE valid_until <= CAST(strftime('%s', 'now') AS INTEGER) * 1000000;

-- postgresql:
UPDATE portico_membership
SET held = FALSE
WHERE valid_from > CAST(extract(epoch FROM clock_timestamp()) AS BIGINT) * 1000000
   OR valid_until <= CAST(extract(epoch FROM clock_timestamp()) AS BIGINT) * 1000000;

UPDATE portico_delegation
SET told = valid_until
WHERE valid_until <= CAST(extract(epoch FROM clock_timestamp()) AS BIGINT) * 1000000;

-- all:
CREATE INDEX portico_membership_ends ON portico_membership (valid_until)
WHERE held AND valid_until IS NOT NULL;

CREATE INDEX portico_membership_begins
ON portico_membership (coalesce(valid_until, 9223372036854775807))
WHERE NOT held;
