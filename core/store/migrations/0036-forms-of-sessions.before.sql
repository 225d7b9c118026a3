-- What the forms of a session carry, where its token was made anew since they were first shown.
ALTER TABLE portico_session ADD COLUMN form_token {text};
