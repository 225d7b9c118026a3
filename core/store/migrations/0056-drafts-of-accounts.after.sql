-- What somebody began to write stays in the account they wrote it in. Of drafts from before, that is where they acted
-- last, or the first one they belong to; who belongs to none keeps them as they are.
INSERT INTO portico_draft (person, module, form, subject, content, updated)
SELECT d.person, d.module, d.form, 'account/' || CAST(coalesce(p.account, (
    SELECT m.account FROM portico_membership m WHERE m.person = p.id AND m.state = 1
    ORDER BY CASE WHEN m.account = 1 THEN 1 ELSE 0 END, m.created, m.id LIMIT 1)) AS TEXT) || ' ' || d.subject, d.content, d.updated
FROM portico_draft d JOIN portico_person p ON p.id = d.person
WHERE d.subject NOT LIKE 'account/% %'
AND EXISTS (SELECT 1 FROM portico_membership m WHERE m.person = p.id AND m.state = 1)
ON CONFLICT DO NOTHING;

DELETE FROM portico_draft
WHERE subject NOT LIKE 'account/% %'
AND EXISTS (SELECT 1 FROM portico_membership m WHERE m.person = portico_draft.person AND m.state = 1);
