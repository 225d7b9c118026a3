-- Indexes in the order of the lists they serve: SQLite then begins with what is for everyone, which
-- fills most of a page, and looks only at the first row of each of the viewer's companies.
CREATE INDEX communities_topic_space_active_first ON communities_topic (space, audience, last_activity DESC, id DESC);

CREATE INDEX communities_topic_space_newest_first ON communities_topic (space, audience, created DESC, id DESC);

CREATE INDEX communities_topic_space_votes_first ON communities_topic (space, audience, score DESC, id DESC);

CREATE INDEX communities_topic_space_state_first ON communities_topic (space, state, audience, created DESC, id DESC);

CREATE INDEX communities_topic_active_first ON communities_topic (audience, last_activity DESC, id DESC);

CREATE INDEX communities_topic_newest_first ON communities_topic (audience, created DESC, id DESC);

CREATE INDEX communities_topic_votes_first ON communities_topic (audience, score DESC, id DESC);

CREATE INDEX communities_topic_state_first ON communities_topic (state, audience, created DESC, id DESC);

CREATE INDEX communities_tag_topics_first ON communities_tag (audience, topics DESC, name DESC);

CREATE INDEX communities_topic_tag_active_first ON communities_topic_tag (tag, audience, last_activity DESC, topic DESC);

CREATE INDEX communities_topic_tag_newest_first ON communities_topic_tag (tag, audience, created DESC, topic DESC);

CREATE INDEX communities_topic_tag_votes_first ON communities_topic_tag (tag, audience, score DESC, topic DESC);

CREATE INDEX communities_topic_tag_state_first ON communities_topic_tag (tag, state, audience, created DESC, topic DESC);
