-- Words and how often each was counted.
CREATE TABLE cplusplus_word (
    word {text} PRIMARY KEY,
    number {integer} NOT NULL
);
