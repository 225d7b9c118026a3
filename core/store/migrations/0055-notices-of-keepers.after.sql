-- What a company's admins were told before is read no more by who may not answer it any longer, and nobody can tell
-- from an old notice who that is. What waits stands on the pages where it is answered.
UPDATE portico_notice SET audience = 4
WHERE module = 'portico' AND audience IS NULL
AND kind IN ('application', 'delegation', 'access-asked', 'account-entered');
