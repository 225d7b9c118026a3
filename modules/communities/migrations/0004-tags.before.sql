-- What moderators wrote of a tag stays when an import describes it too.
ALTER TABLE communities_tag ADD COLUMN described {boolean} NOT NULL DEFAULT FALSE;

-- How many topics of an audience have a tag: nobody is told of topics that are not for them.
-- communities_tag holds the widest audience and what is counted for that, which lists are sorted by.
CREATE TABLE communities_tag_count (
    tag {text} NOT NULL,
    account {id},
    audience {id} NOT NULL,
    topics {integer} NOT NULL,
    PRIMARY KEY (tag, audience)
);

INSERT INTO communities_tag_count (tag, audience, topics)
SELECT g.tag, g.audience, COUNT(*)
FROM communities_topic_tag g
WHERE g.audience <> 4
GROUP BY g.tag, g.audience;

UPDATE communities_tag
SET audience = COALESCE((SELECT MIN(c.audience) FROM communities_tag_count c
                         WHERE c.tag = communities_tag.name), 4),
    topics = COALESCE((SELECT c.topics FROM communities_tag_count c
                       WHERE c.tag = communities_tag.name
                       ORDER BY c.audience
                       LIMIT 1), 0);
