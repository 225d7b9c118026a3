-- Of those the old generation made meanwhile.
UPDATE portico_membership
SET name_key = (SELECT p.name_key FROM portico_person p WHERE p.id = portico_membership.person)
WHERE name_key = '';
