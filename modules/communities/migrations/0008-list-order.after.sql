-- Those in the other direction, which the version before reads by.
DROP INDEX communities_topic_space_active;

DROP INDEX communities_topic_space_newest;

DROP INDEX communities_topic_space_votes;

DROP INDEX communities_topic_space_state;

DROP INDEX communities_topic_active;

DROP INDEX communities_topic_newest;

DROP INDEX communities_topic_votes;

DROP INDEX communities_topic_state;

DROP INDEX communities_tag_topics;

DROP INDEX communities_topic_tag_active;

DROP INDEX communities_topic_tag_newest;

DROP INDEX communities_topic_tag_votes;

DROP INDEX communities_topic_tag_state;
