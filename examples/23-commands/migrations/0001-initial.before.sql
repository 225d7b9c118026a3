-- Lines, oldest first.
CREATE TABLE commands_line (
    id {id} PRIMARY KEY,
    text {text} NOT NULL,
    created {time} NOT NULL
);
