-- taxonomy: the words of a channel or of all, mapped or not
SELECT channel, category, parent_category, name_zh, name_en, kind, subclass_code
  FROM channel_category WHERE %(channel)s::text IS NULL OR channel = %(channel)s ORDER BY channel, category;

-- put_category: a channel's own word, or what it means from now on
INSERT INTO channel_category (channel, category, name_zh, name_en, kind, subclass_code, parent_category)
VALUES (%(channel)s, %(category)s, %(name_zh)s, %(name_en)s, %(kind)s, %(subclass_code)s, %(parent_category)s)
ON CONFLICT (channel, category) DO UPDATE
   SET name_zh = excluded.name_zh, name_en = excluded.name_en, kind = excluded.kind,
       subclass_code = excluded.subclass_code, parent_category = excluded.parent_category;

-- unmapped_words: how many reports wait for a person since a word of their channel is not mapped, and the newest
SELECT report.channel, report.category, count(*) AS reports, max(reported_at) AS newest
  FROM report
 WHERE manual_reason = 'unmapped' AND category IS NOT NULL
   AND report.state IN ('reported', 'confirming', 'confirmed')
   AND (%(channel)s::text IS NULL OR report.channel = %(channel)s)
 GROUP BY report.channel, report.category;

-- unknown_subjects: the same for reports that name a subclass which the catalogue lacks
SELECT report.channel, kind, subclass_code, count(*) AS reports, max(reported_at) AS newest
  FROM report
 WHERE manual_reason = 'unmapped' AND category IS NULL
   AND report.state IN ('reported', 'confirming', 'confirmed')
   AND (%(channel)s::text IS NULL OR report.channel = %(channel)s)
 GROUP BY report.channel, kind, subclass_code ORDER BY reports DESC, report.channel, kind, subclass_code;

-- reports_waiting: reports that wait since words of a channel were not mapped, and whose words are by now; oldest first
SELECT report.channel, external_id, report.category, reported_at
  FROM report JOIN channel_category AS word ON word.channel = report.channel AND word.category = report.category
 WHERE manual_reason = 'unmapped' AND word.subclass_code IS NOT NULL
   AND report.state IN ('reported', 'confirming', 'confirmed')
   AND report.channel = %(channel)s AND (%(category)s::text IS NULL OR report.category = %(category)s)
   AND (reported_at, report.id) > (%(after_at)s, %(after_id)s)
 ORDER BY reported_at, report.id LIMIT %(limit)s;

-- set_subjects: what reports are about, now that it is known
UPDATE report SET kind = given.kind, subclass_code = given.subclass_code
  FROM unnest(%(ids)s::uuid[], %(kinds)s::text[], %(subclass_codes)s::text[]) AS given (id, kind, subclass_code)
 WHERE report.id = given.id;
