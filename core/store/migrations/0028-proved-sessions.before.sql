-- When a second factor was shown in a session, or its device was trusted with it; null: it was not.
ALTER TABLE portico_session ADD COLUMN proved {time};
