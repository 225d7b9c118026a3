-- A picture's file belongs to the subject "picture/ID".
CREATE TABLE pictures_picture (
    id {id} PRIMARY KEY,
    person {id},
    title {text} NOT NULL,
    file {id} NOT NULL,
    width {integer} NOT NULL,
    height {integer} NOT NULL
);
