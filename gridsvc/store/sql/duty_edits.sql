-- lock_rules: one change of the rules at a time
SELECT pg_advisory_xact_lock(hashtext('gridsvc.rules'));

-- rule_revisions: what changed the rules, newest first, and how many of each sort a revision holds
SELECT revision, origin, loaded_at, edited, reason,
       (SELECT count(*) FROM duty_rule WHERE duty_rule.revision = duty_revision.revision) AS duties,
       (SELECT count(*) FROM lane_rule WHERE lane_rule.revision = duty_revision.revision) AS lanes
  FROM duty_revision
 WHERE %(origin)s::text IS NULL OR origin = %(origin)s
 ORDER BY revision DESC LIMIT %(limit)s OFFSET %(offset)s;

-- rule_revisions_total: how many that are
SELECT count(*) FROM duty_revision WHERE %(origin)s::text IS NULL OR origin = %(origin)s;

-- rule_tables: the newest revision of each table, and whether it ever held rules of lanes
SELECT origin, max(revision) AS revision, bool_or(EXISTS (SELECT FROM lane_rule WHERE lane_rule.revision = duty_revision.revision))
       AS of_lanes, bool_or(EXISTS (SELECT FROM duty_rule WHERE duty_rule.revision = duty_revision.revision)) AS of_duties
  FROM duty_revision
 WHERE %(as_of)s::int IS NULL OR revision <= %(as_of)s
 GROUP BY origin ORDER BY origin;

-- add_edited_revision: the next revision of the rules, made by hand or by somebody's file
INSERT INTO duty_revision (revision, origin, checksum, edited, reason)
SELECT coalesce(max(revision), 0) + 1, %(origin)s, %(checksum)s, %(edited)s, %(reason)s FROM duty_revision
RETURNING revision;

-- duties_as_of: the duties of each table as a revision left it; those about areas that ended hold for their heirs too,
-- as far as a revision of the areas has any
WITH RECURSIVE heir AS (
    SELECT kind, code, successor FROM area_succession WHERE revision <= %(areas)s
     UNION
    SELECT heir.kind, heir.code, later.successor
      FROM heir JOIN area_succession AS later
        ON later.kind = heir.kind AND later.code = heir.successor AND later.revision <= %(areas)s
), rule AS (
    SELECT id, kind, class_code, subclass_code, area_kind, area_code, lane, lead, co_operating, supervising, priority,
           valid_from, valid_to, source, name, level, origin
      FROM duty_rule JOIN duty_revision USING (revision)
     WHERE revision IN (SELECT max(revision) FROM duty_revision WHERE revision <= %(as_of)s GROUP BY origin)
)
SELECT *, NULL AS inherited FROM rule
 UNION ALL
SELECT rule.id, rule.kind, class_code, subclass_code, area_kind, heir.successor, lane, lead, co_operating, supervising,
       priority, valid_from, valid_to, source, name, level, origin, area_code
  FROM rule JOIN heir ON heir.kind = area_kind AND heir.code = area_code
 WHERE heir.successor <> heir.code
 ORDER BY id, inherited NULLS FIRST, area_code;

-- lanes_as_of: the same for rules of lanes
WITH RECURSIVE heir AS (
    SELECT kind, code, successor FROM area_succession WHERE revision <= %(areas)s
     UNION
    SELECT heir.kind, heir.code, later.successor
      FROM heir JOIN area_succession AS later
        ON later.kind = heir.kind AND later.code = heir.successor AND later.revision <= %(areas)s
), rule AS (
    SELECT id, kind, class_code, subclass_code, area_kind, area_code, lane, priority,
           valid_from, valid_to, source, name, origin
      FROM lane_rule JOIN duty_revision USING (revision)
     WHERE revision IN (SELECT max(revision) FROM duty_revision WHERE revision <= %(as_of)s GROUP BY origin)
)
SELECT *, NULL AS inherited FROM rule
 UNION ALL
SELECT rule.id, rule.kind, class_code, subclass_code, area_kind, heir.successor, lane,
       priority, valid_from, valid_to, source, name, origin, area_code
  FROM rule JOIN heir ON heir.kind = area_kind AND heir.code = area_code
 WHERE heir.successor <> heir.code
 ORDER BY id, inherited NULLS FIRST, area_code;

-- origin_of_rule: the table and revision that a rule of duty or of lanes stands in
SELECT origin, revision FROM duty_revision
 WHERE revision = CASE WHEN %(of_lanes)s THEN (SELECT revision FROM lane_rule WHERE id = %(id)s)
                       ELSE (SELECT revision FROM duty_rule WHERE id = %(id)s) END;

-- areas_named: some areas by kind and code: whether each is in force or will be, has heirs, and what it is called
SELECT kind, code, bool_or(current OR valid_from > now()) AS in_force,
       EXISTS (SELECT FROM area_succession AS heir WHERE heir.kind = area.kind AND heir.code = area.code) AS has_heirs,
       (array_agg(name_zh ORDER BY id DESC))[1] AS name_zh, (array_agg(name_en ORDER BY id DESC))[1] AS name_en
  FROM area
  JOIN unnest(%(kinds)s::text[], %(codes)s::text[]) AS asked (kind, code) USING (kind, code)
 GROUP BY kind, code;

-- places_in_areas: one place inside each area of some kinds in force, in the city's CRS
SELECT ST_X(place), ST_Y(place) FROM area, ST_PointOnSurface(geom) AS place
 WHERE current AND kind = ANY(%(kinds)s) ORDER BY id;
