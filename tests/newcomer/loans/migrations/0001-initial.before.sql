-- Who has what, and until when. A thing is out once at a time.
CREATE TABLE loans_loan (
    id {id} PRIMARY KEY,
    audience {id} NOT NULL,
    thing {text} NOT NULL,
    borrower {text} NOT NULL,
    person {id},
    borrowed {time} NOT NULL,
    due {time} NOT NULL,
    returned {time}
);

CREATE UNIQUE INDEX loans_loan_out ON loans_loan (thing) WHERE returned IS NULL;
CREATE INDEX loans_loan_newest ON loans_loan (audience, id);
CREATE INDEX loans_loan_due ON loans_loan (due, id) WHERE returned IS NULL;

-- How often a thing went out and came back, kept by the events.
CREATE TABLE loans_statistic (
    thing {text} PRIMARY KEY,
    borrowed {integer} NOT NULL,
    returned {integer} NOT NULL
);

-- Events that a message was written for: each once.
CREATE TABLE loans_letter (
    event {id} PRIMARY KEY,
    sent {time} NOT NULL
);
