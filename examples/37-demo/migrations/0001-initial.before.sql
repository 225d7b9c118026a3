-- Who has which tool. `number` is the line of the demo's file: read again, it replaces itself.
CREATE TABLE loans_loan (
    number {integer} PRIMARY KEY,
    tool {text} NOT NULL,
    person {id},
    taken {time} NOT NULL
);
