CREATE TABLE leaky_row (
    id {id} PRIMARY KEY,
    title {text} NOT NULL,
    file {text} NOT NULL,
    audience {id} NOT NULL
);

-- What the module forgets just now.
CREATE TABLE leaky_way (
    name {text} PRIMARY KEY
);
