-- What modules attached to a session when it began, as {"MODULE":{"KEY":"content"}}; of a sign-in, what
-- they attached so far.
ALTER TABLE portico_session ADD COLUMN carried {text};

ALTER TABLE portico_half ADD COLUMN carried {text};
