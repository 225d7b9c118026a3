CREATE TABLE talk_answer (
    id {id} PRIMARY KEY,
    topic {text} NOT NULL,
    author {id} NOT NULL,
    body {text} NOT NULL
);

CREATE INDEX talk_answer_topic ON talk_answer (topic, id);
