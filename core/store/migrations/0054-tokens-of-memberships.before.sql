-- By which membership, and which delegation (0: none), its person acts in the account: it ends with them, and nothing
-- that begins later brings it back. Of several ways in, the one that lasts longest.
ALTER TABLE portico_api_token ADD COLUMN membership {id};

ALTER TABLE portico_api_token ADD COLUMN delegation {id} NOT NULL DEFAULT 0;

UPDATE portico_api_token SET membership = (SELECT m.id FROM portico_membership m
    WHERE m.person = portico_api_token.person AND m.account = portico_api_token.account AND m.state = 1)
WHERE account IS NOT NULL;

UPDATE portico_api_token SET membership = (SELECT m.id FROM portico_membership m
    JOIN portico_account_above d ON d.above = m.account
    WHERE m.person = portico_api_token.person AND d.account = portico_api_token.account AND m.below AND m.state = 1
    ORDER BY m.valid_until IS NOT NULL, m.valid_until DESC, m.id LIMIT 1)
WHERE account IS NOT NULL AND membership IS NULL;

UPDATE portico_api_token SET delegation = coalesce((SELECT g.id FROM portico_delegation g
    JOIN portico_account_above d ON d.account = g.partner
    JOIN portico_membership m ON m.account = d.above AND (d.distance = 0 OR m.below)
    WHERE m.person = portico_api_token.person AND g.account = portico_api_token.account AND m.state = 1
    AND g.accepted IS NOT NULL ORDER BY g.valid_until DESC, g.id LIMIT 1), 0)
WHERE account IS NOT NULL AND membership IS NULL;

UPDATE portico_api_token SET membership = (SELECT m.id FROM portico_delegation g
    JOIN portico_account_above d ON d.account = g.partner
    JOIN portico_membership m ON m.account = d.above AND (d.distance = 0 OR m.below)
    WHERE m.person = portico_api_token.person AND g.id = portico_api_token.delegation AND m.state = 1
    ORDER BY m.valid_until IS NOT NULL, m.valid_until DESC, m.id LIMIT 1)
WHERE delegation <> 0;
