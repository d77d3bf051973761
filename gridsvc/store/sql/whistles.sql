-- add_whistle: departments are called to a place; no row if there is one with this id already
INSERT INTO whistle (id, case_id, reason, whistler, at, minutes, due_at, departments, area_ids, geom)
VALUES (%(id)s, %(case_id)s, %(reason)s, %(whistler)s, %(at)s, %(minutes)s, %(due_at)s, %(departments)s, %(area_ids)s,
        ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), %(srid)s))
ON CONFLICT (id) DO NOTHING RETURNING id;

-- add_whistle_call: one department of a whistle
INSERT INTO whistle_call (whistle_id, department) VALUES (%(whistle_id)s, %(department)s);

-- whistle_as_blown: what a whistle was asked for with
SELECT case_id, reason, whistler, minutes, departments FROM whistle WHERE id = %(id)s;

-- place_of_case: where the report of a case that the caller sees lies, and whether the caller works there
SELECT ST_X(geom) AS x, ST_Y(geom) AS y, geom IS NOT NULL AS placed,
       caller_may('work_cases') AND (caller_whole_city() OR current_area_ids && caller_areas()) AS by_area
  FROM cases JOIN report ON report.id = report_id WHERE cases.id = %(case_id)s;

-- works_in: whether a caller works on cases in one of some areas
SELECT caller_may('work_cases') AND (caller_whole_city() OR %(area_ids)s::bigint[] && caller_areas());

-- whistle_access: how a caller stands to a whistle that the caller sees
SELECT caller_may('work_cases') AND (caller_whole_city() OR area_ids && caller_areas()) AS by_area,
       caller_departments() AS departments
  FROM whistle WHERE id = %(id)s;

-- lock_whistle: a whistle that is about to move, as it stands
SELECT whistle.id, case_id, whistler, at, closed_at,
       (SELECT jsonb_object_agg(department, jsonb_build_object('answered', answered_at IS NOT NULL,
                                                               'arrived', arrived_at IS NOT NULL))
          FROM whistle_call WHERE whistle_id = whistle.id) AS calls
  FROM whistle WHERE whistle.id = %(id)s FOR UPDATE OF whistle;

-- answer_call: a department has taken note and comes
UPDATE whistle_call SET answered_at = %(at)s WHERE whistle_id = %(whistle_id)s AND department = %(department)s;

-- arrive_at_call: a department is there; how far from the place, in metres
UPDATE whistle_call
   SET answered_at = coalesce(answered_at, %(at)s), arrived_at = %(at)s, geom = here.geom,
       distance_m = ST_Distance(here.geom, whistle.geom)
  FROM whistle, LATERAL (SELECT ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), %(srid)s) AS geom) AS here
 WHERE whistle.id = whistle_id AND whistle_id = %(whistle_id)s AND department = %(department)s
RETURNING distance_m;

-- report_of_call: what a department did there
UPDATE whistle_call SET outcome = %(outcome)s WHERE whistle_id = %(whistle_id)s AND department = %(department)s;

-- close_whistle: it is over
UPDATE whistle SET closed_at = %(at)s, outcome = %(outcome)s WHERE id = %(id)s;

-- add_whistle_step: the next step of a whistle
INSERT INTO whistle_step (whistle_id, move, at, actor, department, note, details)
VALUES (%(whistle_id)s, %(move)s, %(at)s, %(actor)s, %(department)s, %(note)s, %(details)s);

-- whistle_by_id: a whistle as far as the caller may see it
SELECT id, case_id, reason, whistler, at, minutes, due_at, closed_at, outcome,
       ST_X(ST_Transform(geom, 4326)) AS lon, ST_Y(ST_Transform(geom, 4326)) AS lat
  FROM whistle WHERE id = %(id)s;

-- whistle_calls: who was called by some whistles, and who came, when and how far from the place
SELECT whistle_id, department, name_zh, name_en, answered_at, arrived_at, distance_m, whistle_call.outcome,
       ST_X(ST_Transform(whistle_call.geom, 4326)) AS lon, ST_Y(ST_Transform(whistle_call.geom, 4326)) AS lat,
       extract(epoch FROM arrived_at - at)::float8 / 60 AS minutes_to_arrival,
       date_trunc('minute', coalesce(arrived_at, closed_at, now())) > due_at AS overdue
  FROM whistle_call JOIN whistle ON whistle.id = whistle_id JOIN department ON code = department
 WHERE whistle_id = ANY (%(ids)s) ORDER BY whistle_id, department;

-- whistle_steps: what happened to a whistle
SELECT move, at, actor, department, note, details FROM whistle_step WHERE whistle_id = %(id)s ORDER BY id;

-- whistles_page: whistles by time, newest first
SELECT id, case_id, reason, whistler, at, minutes, due_at, closed_at, outcome,
       ST_X(ST_Transform(geom, 4326)) AS lon, ST_Y(ST_Transform(geom, 4326)) AS lat
  FROM whistle
 WHERE (%(open)s::boolean IS NULL OR (closed_at IS NULL) = %(open)s)
   AND (%(case_id)s::bigint IS NULL OR case_id = %(case_id)s)
   AND (%(department)s::text IS NULL OR %(department)s = ANY (departments))
   AND (NOT %(overdue)s OR closed_at IS NULL AND due_at < date_trunc('minute', now())
        AND EXISTS (SELECT FROM whistle_call WHERE whistle_id = whistle.id AND arrived_at IS NULL))
 ORDER BY at DESC, id LIMIT %(limit)s OFFSET %(offset)s;

-- whistles_total: how many the same filter finds
SELECT count(*)
  FROM whistle
 WHERE (%(open)s::boolean IS NULL OR (closed_at IS NULL) = %(open)s)
   AND (%(case_id)s::bigint IS NULL OR case_id = %(case_id)s)
   AND (%(department)s::text IS NULL OR %(department)s = ANY (departments))
   AND (NOT %(overdue)s OR closed_at IS NULL AND due_at < date_trunc('minute', now())
        AND EXISTS (SELECT FROM whistle_call WHERE whistle_id = whistle.id AND arrived_at IS NULL));
