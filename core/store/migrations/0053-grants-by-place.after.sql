-- Grants from before 0052 hold everywhere. From now on staff see what they were shown as long as they are staff, others
-- in each company in which they and who showed it act, and elsewhere no more: they are named anew. What staff showed, or
-- the portal, stays, and what was shown by or to somebody who never was of a company. -1 is no place: those that are to
-- be settled. Who showed it may be somebody else by now, or have left, as the log says.
UPDATE portico_grant SET giver = (SELECT p.merged_into FROM portico_person p WHERE p.id = portico_grant.giver)
WHERE place = 1
AND EXISTS (SELECT 1 FROM portico_person p WHERE p.id = portico_grant.giver AND p.merged_into IS NOT NULL);

UPDATE portico_grant SET place = -1
WHERE place = 1
AND EXISTS (SELECT 1 FROM portico_membership n WHERE n.person = portico_grant.person)
AND (EXISTS (SELECT 1 FROM portico_membership m WHERE m.person = portico_grant.giver)
    OR EXISTS (SELECT 1 FROM portico_audit l WHERE l.person = portico_grant.giver AND l.kind LIKE 'membership.%'))
AND NOT EXISTS (SELECT 1 FROM portico_membership m WHERE m.person = portico_grant.giver AND m.account = 1)
AND NOT EXISTS (
    SELECT 1 FROM portico_audit l
    WHERE l.person = portico_grant.giver AND l.kind LIKE 'membership.%' AND l.account = 1);

INSERT INTO portico_grant (relation, object, person, giver, given, place)
SELECT g.relation, g.object, g.person, g.giver, g.given, 3 FROM portico_grant g
WHERE g.place = -1
AND EXISTS (SELECT 1 FROM portico_membership n WHERE n.person = g.person AND n.account = 1)
ON CONFLICT DO NOTHING;

INSERT INTO portico_grant (relation, object, person, giver, given, place)
SELECT g.relation, g.object, g.person, g.giver, g.given, u.id FROM portico_grant g
JOIN portico_membership m ON m.person = g.giver AND m.account <> 1 AND m.state = 1
JOIN portico_account_above a ON a.above = m.account AND (a.distance = 0 OR m.below)
JOIN portico_membership n ON n.person = g.person AND n.account <> 1 AND n.state = 1
JOIN portico_account_above b ON b.above = n.account AND (b.distance = 0 OR n.below) AND b.account = a.account
JOIN portico_audience u ON u.account = a.account AND u.kind = 'account'
WHERE g.place = -1
ON CONFLICT DO NOTHING;

INSERT INTO portico_grant (relation, object, person, giver, given, place)
SELECT g.relation, g.object, g.person, g.giver, g.given, 4 FROM portico_grant g
WHERE g.place = -1 AND NOT EXISTS (
    SELECT 1 FROM portico_grant h
    WHERE h.relation = g.relation AND h.object = g.object AND h.person = g.person AND h.place > 0)
ON CONFLICT DO NOTHING;

DELETE FROM portico_grant WHERE place = -1;
