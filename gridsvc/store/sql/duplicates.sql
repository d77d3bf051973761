-- take_turns_folding: one lot of channels that fold at a time: two at once would both open a case for one problem
SELECT pg_advisory_xact_lock(hashtext('gridsvc.folding'));

-- repeated_reports: for each report that has a place: its place, when its subclass counts as reported twice, and the open report that it likeliest repeats: of the same component, else the nearest of its subclass within radius and time
WITH new AS MATERIALIZED (
    SELECT n, id, component, given.kind, given.subclass_code, at, ST_SetSRID(ST_MakePoint(x, y), %(srid)s) AS geom,
           coalesce(rule.radius_m, %(radius_m)s) AS radius_m, coalesce(rule.fold_m, %(fold_m)s) AS fold_m,
           coalesce(rule.minutes, %(minutes)s) AS minutes
      FROM unnest(%(ids)s::uuid[], %(components)s::text[], %(kinds)s::text[], %(subclass_codes)s::text[],
                  %(times)s::timestamptz[], %(x)s::float8[], %(y)s::float8[])
           WITH ORDINALITY AS given (id, component, kind, subclass_code, at, x, y, n)
      LEFT JOIN duplicate_rule AS rule ON rule.kind = given.kind AND rule.subclass_code = given.subclass_code
     WHERE %(stored)s OR NOT EXISTS (SELECT FROM report WHERE report.id = given.id)
)
SELECT new.n - 1 AS n, radius_m, fold_m, minutes, first.id, first.by, first.distance_m, first.reported_at
  FROM new
  LEFT JOIN LATERAL (
       SELECT old.id, old.by, old.distance_m, old.reported_at
         FROM (SELECT id, 'component' AS by, geom <-> new.geom AS distance_m, reported_at, state, recorded
                 FROM report
                WHERE matched_component = new.component AND subclass_code = new.subclass_code AND NOT repeats
                UNION ALL
               SELECT id, 'place', geom <-> new.geom, reported_at, state, recorded
                 FROM report
                WHERE NOT repeats AND subclass_code = new.subclass_code AND kind = new.kind
                  AND ST_DWithin(geom, new.geom, new.radius_m)
                  AND reported_at BETWEEN new.at - make_interval(mins => new.minutes)
                                      AND new.at + make_interval(mins => new.minutes)
                  AND (matched_component IS NULL OR new.component IS NULL)) AS old
        WHERE old.state NOT IN ('rejected', 'voided') AND NOT old.recorded ? 'closed_at' AND old.id <> new.id
          AND NOT EXISTS (SELECT FROM cases WHERE report_id = old.id AND closed_at IS NOT NULL)
          AND NOT EXISTS (SELECT FROM report_duplicate AS said
                           WHERE said.report_id = new.id AND of_report_id = old.id AND said.state = 'refused')
        ORDER BY old.by, old.distance_m, old.reported_at, old.id
        LIMIT 1) AS first ON true
 ORDER BY new.n;

-- add_duplicates: what reports may repeat, and what they were linked to at once
INSERT INTO report_duplicate (report_id, of_report_id, by, distance_m, minutes, state)
SELECT given.*
  FROM unnest(%(report_ids)s::uuid[], %(of_report_ids)s::uuid[], %(by)s::text[], %(distances)s::float8[],
              %(minutes)s::int[], %(states)s::text[]) AS given
ON CONFLICT (report_id, of_report_id) DO NOTHING;

-- lock_sides: two reports that nobody else changes now; their cases are asked for afterwards, so that they are the newest
SELECT FROM report WHERE id = ANY (%(ids)s) ORDER BY id FOR NO KEY UPDATE;

-- both_sides: two reports that may be the same
SELECT report.id, report.state, linked_to, cases.id AS case_id,
       cases.closed_at IS NOT NULL OR recorded ? 'closed_at' AS closed
  FROM report LEFT JOIN cases ON cases.report_id = report.id
 WHERE report.id = ANY (%(ids)s);

-- link_report: a report repeats another, and so does whatever repeats it
UPDATE report SET linked_to = %(of)s, repeats = true, state = CASE id WHEN %(report_id)s THEN 'linked' ELSE state END,
                  manual_reason = CASE WHEN id <> %(report_id)s THEN manual_reason END
 WHERE id = %(report_id)s OR linked_to = %(report_id)s;

-- pass_on_duplicates: reports that are linked to one that itself repeats another are linked to that one
WITH passed AS (
    DELETE FROM report_duplicate WHERE of_report_id = %(report_id)s AND state = 'linked'
    RETURNING report_id, at, account
)
INSERT INTO report_duplicate (report_id, of_report_id, by, distance_m, minutes, state, at, account)
SELECT report.id, other.id, 'desk', report.geom <-> other.geom,
       abs(extract(epoch FROM report.reported_at - other.reported_at)) / 60, 'linked', passed.at, passed.account
  FROM passed JOIN report ON report.id = passed.report_id, report AS other WHERE other.id = %(of)s
ON CONFLICT (report_id, of_report_id) DO UPDATE
   SET state = excluded.state, at = excluded.at, account = excluded.account;

-- unlink_report: a report stands for itself again, confirmed if it was
UPDATE report SET repeats = false, linked_to = NULL,
                  state = CASE WHEN linked_to IS NULL THEN state
                               WHEN EXISTS (SELECT FROM report_step WHERE report_id = report.id AND move = 'confirm')
                               THEN 'confirmed' ELSE 'reported' END
 WHERE id = %(report_id)s AND (linked_to = %(of)s OR linked_to IS NULL);

-- tell_duplicate: what a person said of two reports
INSERT INTO report_duplicate (report_id, of_report_id, by, distance_m, minutes, state, account)
SELECT report.id, other.id, 'desk', report.geom <-> other.geom,
       abs(extract(epoch FROM report.reported_at - other.reported_at)) / 60, %(state)s, %(account)s
  FROM report, report AS other WHERE report.id = %(report_id)s AND other.id = %(of)s
ON CONFLICT (report_id, of_report_id) DO UPDATE
   SET state = excluded.state, at = now(), account = excluded.account;

-- duplicate_state: what is said of two reports so far
SELECT state FROM report_duplicate WHERE report_id = %(report_id)s AND of_report_id = %(of)s;

-- what_it_repeats: the reports that one may repeat, likeliest first
SELECT of_report_id AS report_id, by, distance_m, minutes, said.state, at, account, report.channel, report.external_id,
       report.reported_at, report.state AS report_state
  FROM report_duplicate AS said JOIN report ON report.id = of_report_id
 WHERE said.report_id = %(report_id)s
 ORDER BY said.state = 'refused', by, distance_m, of_report_id;

-- what_repeats_it: the reports that may repeat one, newest first
SELECT said.report_id, by, distance_m, minutes, said.state, at, account, report.channel, report.external_id,
       report.reported_at, report.state AS report_state
  FROM report_duplicate AS said JOIN report ON report.id = said.report_id
 WHERE of_report_id = %(report_id)s
 ORDER BY report.reported_at DESC, said.report_id
 LIMIT %(limit)s OFFSET %(offset)s;

-- what_repeats_it_total: how many they are
SELECT count(*) FROM report_duplicate AS said JOIN report ON report.id = said.report_id
 WHERE of_report_id = %(report_id)s;

-- duplicate_rules: where it is not as usual
SELECT kind, subclass_code, radius_m, fold_m, minutes FROM duplicate_rule ORDER BY kind, subclass_code;

-- clear_duplicate_rules: as usual everywhere
DELETE FROM duplicate_rule;

-- add_duplicate_rule: when two reports of a subclass may mean one problem
INSERT INTO duplicate_rule (kind, subclass_code, radius_m, fold_m, minutes)
VALUES (%(kind)s, %(subclass_code)s, %(radius_m)s, %(fold_m)s, %(minutes)s);
