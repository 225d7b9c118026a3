-- Each account's members are an audience from the account's first day on. The account's number is free among
-- those of audiences: both are made as ids, and each only once.
INSERT INTO portico_audience (id, kind, account)
SELECT a.id, 'account', a.id
FROM portico_account a
WHERE a.id > 15
    AND NOT EXISTS (SELECT 1 FROM portico_audience u
                    WHERE u.account = a.id AND u.kind = 'account');

-- Files of what is held back are for the staff who decide about it; nobody's were shown to them before.
UPDATE portico_file
SET audience = 3
WHERE audience = 4 AND subject IS NOT NULL AND module = 'communities';
