-- What search finds: one row a document, its words beside it in each database's own index.
CREATE TABLE portico_document (
    id {id} PRIMARY KEY,
    module {text} NOT NULL,
    kind {text} NOT NULL,
    subject {id} NOT NULL,
    audience {id} NOT NULL,
    time {time} NOT NULL,
    title {text} NOT NULL,
    body {text} NOT NULL,
    url {text} NOT NULL,
    locale {text},
    UNIQUE (module, kind, subject)
);

-- sqlite:
CREATE VIRTUAL TABLE portico_document_words USING fts5 (
    title, body,
    content = 'portico_document', content_rowid = 'id',
    tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
);

CREATE TRIGGER portico_document_added AFTER INSERT ON portico_document BEGIN
    INSERT INTO portico_document_words (rowid, title, body)
    VALUES (new.id, new.title, new.body);
END;

CREATE TRIGGER portico_document_removed AFTER DELETE ON portico_document BEGIN
    INSERT INTO portico_document_words (portico_document_words, rowid, title, body)
    VALUES ('delete', old.id, old.title, old.body);
END;

CREATE TRIGGER portico_document_changed AFTER UPDATE ON portico_document BEGIN
    INSERT INTO portico_document_words (portico_document_words, rowid, title, body)
    VALUES ('delete', old.id, old.title, old.body);
    INSERT INTO portico_document_words (rowid, title, body)
    VALUES (new.id, new.title, new.body);
END;

-- postgresql:
ALTER TABLE portico_document ADD COLUMN words TSVECTOR;

CREATE INDEX portico_document_words ON portico_document USING gin (words);

-- all:
CREATE INDEX portico_document_audience ON portico_document (audience, time);
