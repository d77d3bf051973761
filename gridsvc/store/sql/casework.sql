-- declare_channel: add a channel, or bring it up to date
INSERT INTO channel (channel, name_zh, name_en, confirmed, open_to_public, folds, accuracy_m)
VALUES (%(channel)s, %(name_zh)s, %(name_en)s, %(confirmed)s, %(open_to_public)s, %(folds)s, %(accuracy_m)s)
ON CONFLICT (channel) DO UPDATE
   SET name_zh = excluded.name_zh, name_en = excluded.name_en, confirmed = excluded.confirmed,
       open_to_public = excluded.open_to_public, folds = excluded.folds,
       accuracy_m = excluded.accuracy_m;

-- channels: all channels
SELECT channel, name_zh, name_en, confirmed, open_to_public, folds, accuracy_m FROM channel ORDER BY channel;

-- declare_category: what a channel's own word means in the catalogue
INSERT INTO channel_category (channel, category, name_zh, name_en, kind, subclass_code)
VALUES (%(channel)s, %(category)s, %(name_zh)s, %(name_en)s, %(kind)s, %(subclass_code)s)
ON CONFLICT (channel, category) DO UPDATE
   SET name_zh = excluded.name_zh, name_en = excluded.name_en, kind = excluded.kind,
       subclass_code = excluded.subclass_code;

-- categories: the taxonomy of every channel
SELECT channel, category, kind, subclass_code FROM channel_category WHERE subclass_code IS NOT NULL;

-- add_reports: reports of a lot that are new, who sent them and what was decided; the first of several with one id wins
WITH given AS MATERIALIZED (
    SELECT DISTINCT ON (id) *
      FROM jsonb_to_recordset(%(reports)s::jsonb) AS given (
           n int, id uuid, channel text, external_id text, category text, kind text, subclass_code text,
           reported_at timestamptz, accuracy_m float8, component_code text, condition text, channel_due_at timestamptz,
           address text, description text, recorded jsonb, reporter_name text, reporter_phone text, x float8, y float8,
           state text, waits_for text, linked_to uuid, repeats boolean, matched_component text,
           area_ids bigint[], current_area_ids bigint[], departments text[], lead text, co_operating text[],
           supervising text[], lane text, rule text, rule_id bigint, manual_reason text, explanation jsonb)
     ORDER BY id, n
), new AS (
    INSERT INTO report (id, channel, external_id, category, kind, subclass_code, reported_at, accuracy_m,
                        component_code, condition, channel_due_at, address, description, recorded, state,
                        manual_reason, linked_to, repeats, matched_component, area_ids, current_area_ids, departments, batch_id,
                        geom)
    SELECT id, channel, external_id, category, kind, subclass_code, reported_at, accuracy_m, component_code, condition,
           channel_due_at, address, description, recorded, state, waits_for, linked_to, repeats, matched_component, area_ids,
           current_area_ids, departments, %(batch_id)s, ST_SetSRID(ST_MakePoint(x, y), %(srid)s)
      FROM given ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING id
), sent_by AS (
    INSERT INTO reporter (report_id, name, phone)
    SELECT id, reporter_name, reporter_phone FROM given JOIN new USING (id)
     WHERE reporter_name IS NOT NULL OR reporter_phone IS NOT NULL
), decided AS (
    INSERT INTO routing_decision (report_id, lead, co_operating, supervising, lane, rule, rule_id, manual_reason,
                                  area_revision, duty_revision, inventory_batch, explanation)
    SELECT id, lead, co_operating, supervising, lane, rule, rule_id, manual_reason, %(area)s, %(duty)s, %(inventory)s,
           explanation
      FROM given JOIN new USING (id) ORDER BY n
)
SELECT n FROM given JOIN new USING (id);

-- add_repeats: the others are the same reports again, with what they say differently, unless it was erased already
INSERT INTO report_repeat (report_id, batch_id, differs)
SELECT report.id, %(batch_id)s, CASE WHEN anonymised_at IS NULL THEN differs ELSE differs - 'description' END
  FROM jsonb_to_recordset(%(reports)s::jsonb) AS again (
       n int, id uuid, category text, kind text, subclass_code text, reported_at timestamptz, accuracy_m float8,
       component_code text, condition text, channel_due_at timestamptz, address text, description text,
       recorded jsonb, x float8, y float8)
  JOIN report USING (id),
       LATERAL (SELECT coalesce(jsonb_object_agg(key, value), '{}') AS differs
                  FROM jsonb_each(jsonb_build_object(
                       'category', again.category, 'kind', again.kind, 'subclass_code', again.subclass_code,
                       'reported_at', again.reported_at, 'accuracy_m', again.accuracy_m,
                       'component_code', again.component_code, 'condition', again.condition,
                       'channel_due_at', again.channel_due_at, 'address', again.address,
                       'description', again.description, 'recorded', again.recorded, 'x', again.x, 'y', again.y))
                 WHERE value IS DISTINCT FROM
                       (to_jsonb(report) || jsonb_build_object('x', ST_X(geom), 'y', ST_Y(geom))) -> key) AS compared
 ORDER BY n;

-- decide_again: one more decision about a report, who may see it now, and whether a person must decide
WITH decided AS (
    INSERT INTO routing_decision (report_id, lead, co_operating, supervising, lane, rule, rule_id, manual_reason,
                                  area_revision, duty_revision, inventory_batch, explanation)
    VALUES (%(report_id)s, %(lead)s, %(co_operating)s, %(supervising)s, %(lane)s, %(rule)s, %(rule_id)s,
            %(manual_reason)s, %(area)s, %(duty)s, %(inventory)s, %(explanation)s)
)
UPDATE report SET manual_reason = %(waits_for)s::text,
                  departments = CASE WHEN %(lead)s::text IS NULL THEN departments ELSE %(departments)s::text[] END
 WHERE id = %(report_id)s;

-- settle_report: a stored report that is about to be decided anew
UPDATE report SET kind = %(kind)s, subclass_code = %(subclass_code)s, area_ids = %(area_ids)s::bigint[],
                  current_area_ids = %(current_area_ids)s::bigint[], matched_component = %(matched_component)s,
                  linked_to = %(linked_to)s, repeats = %(repeats)s,
                  state = CASE WHEN %(linked_to)s::uuid IS NULL THEN state ELSE 'linked' END
 WHERE id = %(id)s;

-- places_of_reports: where the reports in a box lie
SELECT id, ST_X(geom), ST_Y(geom) FROM report
 WHERE ST_X(geom) BETWEEN %(xmin)s AND %(xmax)s AND ST_Y(geom) BETWEEN %(ymin)s AND %(ymax)s
 ORDER BY id;

-- assign_reports: reports get the areas that hold them today; what they had at their own time stays
UPDATE report SET current_area_ids = given.area_ids::bigint[]
  FROM unnest(%(ids)s::uuid[], %(area_ids)s::text[]) AS given (id, area_ids)
 WHERE report.id = given.id AND report.current_area_ids IS DISTINCT FROM given.area_ids::bigint[]
RETURNING report.id;

-- current_revisions: what a decision made now is based on, and from when the areas of now count
SELECT (SELECT coalesce(max(revision), 0) FROM area_revision) AS area,
       (SELECT coalesce(max(revision), 0) FROM duty_revision) AS duty,
       (SELECT coalesce(max(id), 0) FROM import_batch WHERE state = 'promoted' AND target = 'components') AS inventory,
       coalesce((SELECT revision FROM rule_book), 0) AS rules,
       (SELECT max(valid_from) FROM area_revision WHERE began_at IS NOT NULL) AS areas_since;

-- lock_reports: one file of reports at a time
SELECT pg_advisory_xact_lock(hashtext('gridsvc.reports'));

-- keep_areas: no areas change until the transaction ends; any number may hold this at a time
SELECT pg_advisory_xact_lock_shared(hashtext('gridsvc.promotion'));

-- last_repeat: what the repeat that this session stored last says differently
SELECT differs FROM report_repeat WHERE id = currval(pg_get_serial_sequence('report_repeat', 'id'));

-- open_cases: open cases of some reports, or in a box, with what their reports say
SELECT cases.id AS case_id, cases.lead, cases.lane, cases.state, report.id AS report_id, report.channel,
       report.external_id, report.kind, report.subclass_code, report.category, ST_X(geom) AS x, ST_Y(geom) AS y
  FROM cases JOIN report ON report.id = cases.report_id
 WHERE cases.closed_at IS NULL AND geom IS NOT NULL
   AND (%(reports)s::uuid[] IS NULL OR report.id = ANY(%(reports)s))
   AND (%(xmin)s::float8 IS NULL
        OR ST_X(geom) BETWEEN %(xmin)s AND %(xmax)s AND ST_Y(geom) BETWEEN %(ymin)s AND %(ymax)s)
 ORDER BY cases.id;

-- last_decisions: the newest decision about each of some reports, and whether it waits for a person
SELECT DISTINCT ON (report_id) report_id, explanation -> 'component' AS component, rule, lead, lane,
       report.manual_reason IS NOT NULL AS waits
  FROM routing_decision JOIN report ON report.id = report_id
 WHERE report_id = ANY(%(reports)s) ORDER BY report_id, routing_decision.id DESC;

-- ask_desk: why somebody must decide about a report again, if so
UPDATE report SET manual_reason = %(manual_reason)s WHERE id = %(report_id)s;

-- report_by_id: a report with its newest decision, as far as the caller may see it
SELECT report.id, channel, external_id, category, kind, subclass_code, reported_at, received_at, accuracy_m,
       component_code, report.condition, channel_due_at, address, description, report.state, report.manual_reason,
       confirmer, confirm_due_at, register_due_at,
       coalesce((SELECT max(step) FROM report_step WHERE report_step.report_id = report.id), 0) AS version,
       ST_X(ST_Transform(geom, 4326)) AS lon, ST_Y(ST_Transform(geom, 4326)) AS lat,
       decision.lead, decision.co_operating, decision.supervising, decision.lane, decision.rule,
       decision.area_revision, decision.duty_revision, decision.inventory_batch, decision.explanation, cases.id AS case_id,
       cases.state AS case_state, cases.due_at, cases.due_provisional, cases.due_reason, cases.stage,
       cases.stage_due_at, reporter.name AS reporter_name, reporter.phone AS reporter_phone, anonymised_at,
       worked_on, (SELECT other.id FROM report AS other WHERE other.id = report.linked_to) AS linked_to,
       (SELECT count(*) FROM report AS other WHERE other.linked_to = report.id) AS duplicates
  FROM report_seen AS report
  LEFT JOIN LATERAL (SELECT * FROM routing_decision WHERE report_id = report.id ORDER BY id DESC LIMIT 1)
       AS decision ON true
  LEFT JOIN cases ON cases.report_id = report.id
  LEFT JOIN reporter ON reporter.report_id = report.id
 WHERE report.id = %(id)s;

-- report_receipt: what anybody who sent a report is told
SELECT id, state FROM report WHERE id = %(id)s;

-- receipts: the same of many, and why a person must decide or what they repeat
SELECT id, state, manual_reason, linked_to FROM report WHERE id = ANY (%(ids)s);

-- known_reports: those of some reports that are stored already
SELECT id FROM report WHERE id = ANY (%(ids)s);

-- channel_open: whether the public may report by a channel
SELECT open_to_public FROM channel WHERE channel = %(channel)s;

-- reports_page: reports by time, newest first
SELECT report.id, channel, external_id, category, kind, subclass_code, reported_at, state, manual_reason,
       register_due_at, address,
       ST_X(ST_Transform(geom, 4326)) AS lon, ST_Y(ST_Transform(geom, 4326)) AS lat
  FROM report
 WHERE (%(manual)s::boolean IS NULL OR (manual_reason IS NOT NULL) = %(manual)s)
   AND (%(kind)s::text IS NULL OR kind = %(kind)s)
   AND (%(subclass_code)s::text IS NULL OR subclass_code = %(subclass_code)s)
   AND (%(from_time)s::timestamptz IS NULL OR reported_at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR reported_at < %(to_time)s)
 ORDER BY reported_at DESC, report.id
 LIMIT %(limit)s OFFSET %(offset)s;

-- reports_total: how many reports the same filter finds
SELECT count(*)
  FROM report
 WHERE (%(manual)s::boolean IS NULL OR (manual_reason IS NOT NULL) = %(manual)s)
   AND (%(kind)s::text IS NULL OR kind = %(kind)s)
   AND (%(subclass_code)s::text IS NULL OR subclass_code = %(subclass_code)s)
   AND (%(from_time)s::timestamptz IS NULL OR reported_at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR reported_at < %(to_time)s);

-- decided_reports: every report with its newest decision, to be routed again without writing
SELECT report.id, report.channel, report.external_id, report.kind, report.subclass_code, report.category,
       report.reported_at, report.recorded, ST_X(report.geom) AS x, ST_Y(report.geom) AS y, decision.lead,
       decision.lane, decision.manual_reason, decision.explanation
  FROM report
  JOIN LATERAL (SELECT * FROM routing_decision WHERE report_id = report.id ORDER BY id DESC LIMIT 1)
       AS decision ON true
 WHERE (%(channel)s::text IS NULL OR report.channel = %(channel)s)
   AND (%(from_time)s::timestamptz IS NULL OR reported_at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR reported_at < %(to_time)s)
 ORDER BY report.reported_at, report.id;

-- recorded_areas_differ: reports whose area of a kind is not the one that the channel recorded
SELECT report.external_id, report.address, area.code AS located, report.recorded ->> %(kind)s AS recorded,
       (SELECT min(edge.geom <-> report.geom) FROM area_edge AS edge WHERE edge.area_id = area.id) AS edge_distance,
       (SELECT min(other.geom <-> report.geom) FROM area AS other
         WHERE other.kind = %(kind)s AND other.code = report.recorded ->> %(kind)s
           AND other.valid_from <= reported_at AND (other.valid_to IS NULL OR other.valid_to > reported_at))
       AS recorded_distance,
       ST_X(ST_Transform(report.geom, 4326)) AS lon, ST_Y(ST_Transform(report.geom, 4326)) AS lat
  FROM report
  JOIN area ON area.id = ANY(report.area_ids) AND area.kind = %(kind)s
 WHERE report.recorded ? %(kind)s AND report.recorded ->> %(kind)s <> area.code
   AND report.channel = %(channel)s
   AND (%(from_time)s::timestamptz IS NULL OR reported_at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR reported_at < %(to_time)s)
 ORDER BY edge_distance DESC, report.external_id;

-- recorded_areas_compared: how many reports have a located and a recorded area of a kind, and how many lack one
SELECT count(*) FILTER (WHERE report.recorded ? %(kind)s AND area.id IS NOT NULL) AS compared,
       count(*) FILTER (WHERE report.recorded ? %(kind)s AND report.recorded ->> %(kind)s = area.code) AS same,
       count(*) FILTER (WHERE NOT report.recorded ? %(kind)s AND area.id IS NOT NULL) AS not_recorded,
       count(*) FILTER (WHERE report.recorded ? %(kind)s AND area.id IS NULL) AS not_located
  FROM report
  LEFT JOIN area ON area.id = ANY(report.area_ids) AND area.kind = %(kind)s
 WHERE report.channel = %(channel)s
   AND (%(from_time)s::timestamptz IS NULL OR reported_at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR reported_at < %(to_time)s);

-- add_photo: a picture of a report; no row if it has the same one
INSERT INTO photo (report_id, original_sha256, shared_sha256, original_type)
SELECT id, CASE WHEN anonymised_at IS NULL THEN %(original)s END, %(shared)s, %(original_type)s
  FROM report WHERE id = %(report_id)s
ON CONFLICT (report_id, shared_sha256) DO NOTHING RETURNING id;

-- photo_total: how many pictures a report has
SELECT count(*) FROM photo WHERE report_id = %(report_id)s;

-- photos_of_report: its pictures, oldest first
SELECT id, added_at FROM photo WHERE report_id = %(report_id)s ORDER BY added_at, id;

-- photo_by_id: where a picture is kept, and whether the caller works on its report
SELECT original_sha256, shared_sha256, original_type, worked_on
  FROM photo JOIN report_seen ON report_seen.id = report_id WHERE photo.id = %(id)s;

-- photo_files: the hashes of all pictures that are kept
SELECT original_sha256 FROM photo WHERE original_sha256 IS NOT NULL UNION SELECT shared_sha256 FROM photo
UNION SELECT sha256 FROM component_photo;
