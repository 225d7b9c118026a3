-- Of those the old generation made meanwhile with a first day to come.
-- sqlite:
UPDATE portico_membership
SET held = FALSE
WHERE valid_from > CAST(strftime('%s', 'now') AS INTEGER) * 1000000;

-- postgresql:
UPDATE portico_membership
SET held = FALSE
WHERE valid_from > CAST(extract(epoch FROM clock_timestamp()) AS BIGINT) * 1000000;
