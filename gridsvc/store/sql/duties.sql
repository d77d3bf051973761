-- rule_revision_in_force: the newest revision of a table of rules if the file that it goes back to holds a checksum
SELECT (SELECT max(revision) FROM duty_revision WHERE origin = %(origin)s) FROM duty_revision
 WHERE checksum = %(checksum)s
   AND revision = (SELECT max(revision) FROM duty_revision WHERE origin = %(origin)s AND NOT edited);

-- add_rule_revision: the next revision of the rules
INSERT INTO duty_revision (revision, origin, checksum)
SELECT coalesce(max(revision), 0) + 1, %(origin)s, %(checksum)s FROM duty_revision RETURNING revision;

-- add_duty_rule: one rule
INSERT INTO duty_rule (revision, kind, class_code, subclass_code, area_kind, area_code, lane, lead, co_operating,
                       supervising, priority, valid_from, valid_to, source, name, level)
VALUES (%(revision)s, %(kind)s, %(class_code)s, %(subclass_code)s, %(area_kind)s, %(area_code)s, %(lane)s, %(lead)s,
        %(co_operating)s, %(supervising)s, %(priority)s, %(valid_from)s, %(valid_to)s, %(source)s,
        %(name)s, %(level)s);

-- add_lane_rule: one rule about lanes
INSERT INTO lane_rule (revision, kind, class_code, subclass_code, area_kind, area_code, lane, priority, valid_from,
                       valid_to, source, name)
VALUES (%(revision)s, %(kind)s, %(class_code)s, %(subclass_code)s, %(area_kind)s, %(area_code)s, %(lane)s,
        %(priority)s, %(valid_from)s, %(valid_to)s, %(source)s, %(name)s);

-- duty_rules: the rules of the newest revision of each table; those about areas that ended hold for their heirs too
WITH RECURSIVE heir AS (
    SELECT kind, code, successor FROM area_succession
     UNION
    SELECT heir.kind, heir.code, later.successor
      FROM heir JOIN area_succession AS later ON later.kind = heir.kind AND later.code = heir.successor
), rule AS (
    SELECT id, kind, class_code, subclass_code, area_kind, area_code, lane, lead, co_operating, supervising, priority,
           valid_from, valid_to, source, name, level, origin
      FROM duty_rule JOIN duty_revision USING (revision)
     WHERE revision IN (SELECT max(revision) FROM duty_revision GROUP BY origin)
)
SELECT *, NULL AS inherited FROM rule
 UNION ALL
SELECT rule.id, rule.kind, class_code, subclass_code, area_kind, heir.successor, lane, lead, co_operating, supervising,
       priority, valid_from, valid_to, source, name, level, origin, area_code
  FROM rule JOIN heir ON heir.kind = area_kind AND heir.code = area_code
 WHERE heir.successor <> heir.code
 ORDER BY id, inherited NULLS FIRST, area_code;

-- lane_rules: the lanes of the newest revision of each table; those about areas that ended hold for their heirs too
WITH RECURSIVE heir AS (
    SELECT kind, code, successor FROM area_succession
     UNION
    SELECT heir.kind, heir.code, later.successor
      FROM heir JOIN area_succession AS later ON later.kind = heir.kind AND later.code = heir.successor
), rule AS (
    SELECT id, kind, class_code, subclass_code, area_kind, area_code, lane, priority,
           valid_from, valid_to, source, name, origin
      FROM lane_rule JOIN duty_revision USING (revision)
     WHERE revision IN (SELECT max(revision) FROM duty_revision GROUP BY origin)
)
SELECT *, NULL AS inherited FROM rule
 UNION ALL
SELECT rule.id, rule.kind, class_code, subclass_code, area_kind, heir.successor, lane,
       priority, valid_from, valid_to, source, name, origin, area_code
  FROM rule JOIN heir ON heir.kind = area_kind AND heir.code = area_code
 WHERE heir.successor <> heir.code
 ORDER BY id, inherited NULLS FIRST, area_code;

-- area_heirs: for areas that ended all that took over from them, heirs of heirs too
WITH RECURSIVE heir AS (
    SELECT kind, code, successor FROM area_succession
     UNION
    SELECT heir.kind, heir.code, later.successor
      FROM heir JOIN area_succession AS later ON later.kind = heir.kind AND later.code = heir.successor
)
SELECT kind, code, successor FROM heir WHERE successor <> code ORDER BY kind, code, successor;
