-- In a space of own topics each person sees what they asked themselves, and not what their colleagues did.
ALTER TABLE communities_space ADD COLUMN own_people {boolean} NOT NULL DEFAULT FALSE;

-- Whom a topic is for in such a space: who asked it, nobody of its account, or the staff (3).
ALTER TABLE communities_topic ADD COLUMN own_person {id} NOT NULL DEFAULT 3;

-- It was asked there, so whoever asked it was told that nobody else reads it: it stays so while it is in this space,
-- whatever the space becomes.
ALTER TABLE communities_topic ADD COLUMN asked_alone {boolean} NOT NULL DEFAULT FALSE;
