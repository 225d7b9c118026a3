CREATE TABLE orders_order (
    id {id} PRIMARY KEY,
    article {text} NOT NULL,
    pieces {integer} NOT NULL
);

CREATE TABLE orders_stock (
    article {text} PRIMARY KEY,
    pieces {integer} NOT NULL
);

INSERT INTO orders_stock (article, pieces)
VALUES ('tea', 5), ('cup', 2);

-- One letter an event: the event's id is its key.
CREATE TABLE orders_letter (
    event {id} PRIMARY KEY,
    text {text} NOT NULL
);
