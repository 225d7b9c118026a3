-- Additive: the generation before this one keeps working while it drains.
ALTER TABLE migrations_task ADD COLUMN due {time};

UPDATE migrations_task SET due = 1767225600000000 WHERE id = 7002;
