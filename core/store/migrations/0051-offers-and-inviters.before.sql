-- The secret of an app that waits to be confirmed belongs to the sign-in or session that opened it,
-- and nobody else is shown it.
ALTER TABLE portico_half ADD COLUMN offer {text};

ALTER TABLE portico_half ADD COLUMN offer_made {time};

ALTER TABLE portico_session ADD COLUMN offer {text};

ALTER TABLE portico_session ADD COLUMN offer_made {time};

-- Who of the staff invited the person of the link; nothing: the operator, or it is no invitation.
ALTER TABLE portico_link ADD COLUMN inviter {id};

CREATE INDEX portico_link_inviter ON portico_link (inviter);
