-- Tags are listed by audience, the most used first: each viewer's list is that of the audiences they belong to.
CREATE INDEX communities_tag_count_topics ON communities_tag_count (audience, topics DESC, tag DESC);
