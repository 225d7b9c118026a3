-- The account that staff looks into in this session, and until when.
ALTER TABLE portico_session ADD COLUMN entered {id};

ALTER TABLE portico_session ADD COLUMN entered_until {time};
