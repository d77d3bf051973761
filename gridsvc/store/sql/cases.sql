-- add_cases: new cases with their first steps and hops; those that the channel closed are history. Report and case of each
WITH made AS (
    INSERT INTO cases (report_id, lead, lane, state, registered_at, closed_at, version, department, condition, clock,
                       due_at, due_provisional, due_reason, stage, stage_due_at, split_from)
    SELECT report_id, lead, lane,
           CASE WHEN closed_at IS NOT NULL THEN 'closed' WHEN lane = 'self' THEN 'registered' ELSE 'dispatched' END,
           registered_at, closed_at, 1 + (lane <> 'self')::int + (closed_at IS NOT NULL)::int,
           CASE WHEN closed_at IS NULL AND lane <> 'self' THEN lead END, condition, clock, due_at,
           due_provisional, due_reason, CASE WHEN closed_at IS NULL AND lane <> 'self' THEN 'accept' END,
           CASE WHEN closed_at IS NULL AND lane <> 'self' THEN stage_due_at END, split_from
      FROM jsonb_to_recordset(%(cases)s::jsonb) AS given (
           report_id uuid, lead text, lane text, registered_at timestamptz, closed_at timestamptz, condition text,
           clock jsonb, due_at timestamptz, due_provisional boolean, due_reason text, stage_due_at timestamptz,
           split_from bigint)
    RETURNING *
), hops AS (
    INSERT INTO case_hop (case_id, hop, department, given_at, accept_due_at, ended_at, how)
    SELECT id, 1, lead, registered_at, stage_due_at, closed_at, CASE WHEN closed_at IS NOT NULL THEN 'take_over' END
      FROM made WHERE lane <> 'self'
), steps AS (
    INSERT INTO case_step (case_id, step, move, state, at, actor, note, details)
    SELECT made.id, row_number() OVER (PARTITION BY made.id ORDER BY step.place), step.move, step.state, step.at,
           %(actor)s, step.note, step.details
      FROM made,
           LATERAL (VALUES
               (1, 'register', 'registered', registered_at, NULL,
                jsonb_build_object('due_at', due_at)
                || jsonb_strip_nulls(jsonb_build_object('condition', condition, 'split_from', split_from))),
               (2, 'dispatch', 'dispatched', CASE WHEN lane <> 'self' THEN registered_at END, lead,
                jsonb_build_object('department', lead)),
               (3, 'take_over', 'closed', closed_at, 'taken over from the record of the channel', '{}')
           ) AS step (place, move, state, at, note, details)
     WHERE step.at IS NOT NULL
)
SELECT report_id, id FROM made;

-- ask_confirmations: reports go to the inspector on duty in their patrol grid, or new ones to the shift leader's list
WITH asked AS (
    SELECT report.id, given.due_at, duty.account, duty.area_code
      FROM unnest(%(ids)s::uuid[], %(due_at)s::timestamptz[]) AS given (id, due_at)
      JOIN report ON report.id = given.id
      LEFT JOIN LATERAL (
           SELECT entry.account, entry.area_code
             FROM area JOIN roster_entry AS entry ON entry.area_kind = area.kind AND entry.area_code = area.code
            WHERE area.id = ANY (report.current_area_ids) AND area.kind = 'patrol_grid' AND entry.account IS NOT NULL
              AND entry.valid_from <= %(at)s AND (entry.valid_to IS NULL OR entry.valid_to > %(at)s)
            ORDER BY (entry.post = 'inspector') DESC, entry.id LIMIT 1) AS duty ON true
     WHERE report.state = 'reported'
        OR report.state = 'confirming' AND report.confirmer IS NULL AND duty.account IS NOT NULL
), changed AS (
    UPDATE report SET state = 'confirming', confirmer = asked.account, confirm_due_at = asked.due_at
      FROM asked WHERE report.id = asked.id
)
INSERT INTO report_step (report_id, step, move, state, at, actor, details)
SELECT id, (SELECT coalesce(max(step), 0) + 1 FROM report_step WHERE report_id = id), 'ask_confirmation', 'confirming',
       %(at)s, %(actor)s,
       jsonb_strip_nulls(jsonb_build_object('confirmer', account, 'patrol_grid', area_code, 'due_at', due_at,
                         'without', CASE WHEN account IS NULL THEN 'inspector' END))
  FROM asked;

-- await_registration: until when reports are to be registered or rejected; the first time that is said holds
UPDATE report SET register_due_at = coalesce(register_due_at, given.due_at)
  FROM unnest(%(ids)s::uuid[], %(due_at)s::timestamptz[]) AS given (id, due_at) WHERE report.id = given.id;

-- case_access: how a caller stands to a case that the caller sees
SELECT caller_may('work_cases') AND (caller_whole_city() OR report.current_area_ids && caller_areas()) AS by_area,
       caller_departments() AS departments
  FROM cases JOIN report ON report.id = report_id WHERE cases.id = %(id)s;

-- lock_cases: cases that are about to move, with what their reports are about; nobody else moves them meanwhile
SELECT cases.id, report_id, kind, subclass_code, lead, lane, cases.state, registered_at, closed_at, version, department,
       held_state, cases.condition, clock, due_at, due_provisional, due_reason, stage, stage_due_at, extension_asked,
       review_at, warned_at, merged_into, file_number, statutory_due
  FROM cases JOIN report ON report.id = report_id
 WHERE cases.id = ANY (%(ids)s) ORDER BY cases.id FOR UPDATE OF cases;

-- lock_cases_of: open cases of some reports are about to move
SELECT id FROM cases WHERE report_id = ANY (%(reports)s) AND closed_at IS NULL ORDER BY id FOR UPDATE;

-- hops_of: the hops of some cases
SELECT case_id, hop, department, above, given_at, accept_due_at, accepted_at, ended_at, how
  FROM case_hop WHERE case_id = ANY (%(ids)s) ORDER BY case_id, hop;

-- disposers_of: who disposed of some cases, and for which departments
SELECT case_id, array_agg(DISTINCT actor) AS actors,
       coalesce(array_agg(DISTINCT department) FILTER (WHERE department IS NOT NULL), '{}') AS departments
  FROM case_step WHERE case_id = ANY (%(ids)s) AND move IN ('dispose', 'self_dispose') GROUP BY case_id;

-- save_case: a case after a move
UPDATE cases
   SET lead = %(lead)s, lane = %(lane)s, state = %(state)s, closed_at = %(closed_at)s, version = %(version)s,
       department = %(department)s, held_state = %(held_state)s, condition = %(condition)s, clock = %(clock)s,
       due_at = %(due_at)s, due_provisional = %(due_provisional)s, due_reason = %(due_reason)s, stage = %(stage)s,
       stage_due_at = %(stage_due_at)s, extension_asked = %(extension_asked)s, review_at = %(review_at)s,
       warned_at = %(warned_at)s, merged_into = %(merged_into)s, file_number = %(file_number)s,
       statutory_due = %(statutory_due)s
 WHERE id = %(id)s;

-- save_hop: a hop as it is now
INSERT INTO case_hop (case_id, hop, department, above, given_at, accept_due_at, accepted_at, ended_at, how)
VALUES (%(case_id)s, %(hop)s, %(department)s, %(above)s, %(given_at)s, %(accept_due_at)s, %(accepted_at)s, %(ended_at)s,
        %(how)s)
ON CONFLICT (case_id, hop) DO UPDATE
   SET accepted_at = excluded.accepted_at, ended_at = excluded.ended_at, how = excluded.how;

-- add_case_step: the next step of a case
INSERT INTO case_step (case_id, step, move, state, at, actor, department, note, photos, details)
VALUES (%(case_id)s, %(step)s, %(move)s, %(state)s, %(at)s, %(actor)s, %(department)s, %(note)s, %(photos)s::uuid[],
        %(details)s);

-- show_also_to: one more department has a part in a report
UPDATE report SET departments = departments || %(department)s::text
 WHERE id = %(report_id)s AND %(department)s <> ALL (departments);

-- name_of_report: channel and external id
SELECT channel, external_id FROM report WHERE id = %(id)s;

-- photos_of_case: which of some pictures belong to the report of a case
SELECT photo.id FROM photo WHERE report_id = %(report_id)s AND id = ANY (%(ids)s::uuid[]);

-- case_steps: what happened to a case after a step
SELECT step, move, state, at, actor, department, note, photos, details
  FROM case_step WHERE case_id = %(id)s AND step > %(after)s ORDER BY step;

-- case_by_id: a case as far as the caller sees it
SELECT cases.id, report_id, kind, subclass_code, lead, lane, cases.state, registered_at, closed_at, version, department,
       held_state, cases.condition, clock, due_at, due_provisional, due_reason, stage, stage_due_at, extension_asked,
       review_at, warned_at, merged_into, split_from, file_number, statutory_due,
       closed_at IS NULL AND cases.state <> ALL (%(removed)s) AND due_at < now() AS overdue,
       coalesce(closed_at IS NULL AND cases.state <> ALL (%(removed)s)
                AND statutory_due < (now() AT TIME ZONE (SELECT time_zone FROM city))::date, false) AS statutory_overdue,
       ARRAY(SELECT id FROM cases AS other WHERE other.merged_into = cases.id ORDER BY id) AS merged_cases,
       ARRAY(SELECT id FROM cases AS other WHERE other.split_from = cases.id ORDER BY id) AS split_cases
  FROM cases JOIN report ON report.id = report_id WHERE cases.id = %(id)s;

-- guide_of: how a problem of a subclass is disposed of
SELECT text_zh, text_en, source FROM guide WHERE kind = %(kind)s AND subclass_code = %(subclass_code)s;

-- clear_guides: before they are written anew
DELETE FROM guide;

-- add_guide: one of them
INSERT INTO guide (kind, subclass_code, text_zh, text_en, source)
VALUES (%(kind)s, %(subclass_code)s, %(text_zh)s, %(text_en)s, %(source)s);

-- cases_page: cases that a filter finds, newest first
SELECT cases.id, report_id, channel, external_id, kind, subclass_code, address, lead, lane, cases.state, department,
       registered_at, closed_at, version, due_at, due_provisional, due_reason, stage, stage_due_at, review_at,
       statutory_due,
       closed_at IS NULL AND cases.state <> ALL (%(removed)s) AND due_at < now() AS overdue,
       coalesce(closed_at IS NULL AND cases.state <> ALL (%(removed)s)
                AND statutory_due < (now() AT TIME ZONE (SELECT time_zone FROM city))::date, false) AS statutory_overdue,
       ST_X(ST_Transform(geom, 4326)) AS lon, ST_Y(ST_Transform(geom, 4326)) AS lat
  FROM cases JOIN report ON report.id = report_id
 WHERE (%(states)s::text[] IS NULL OR cases.state = ANY (%(states)s))
   AND (%(lane)s::text IS NULL OR lane = %(lane)s)
   AND (%(department)s::text IS NULL OR %(department)s IN (department, lead))
   AND (%(kind)s::text IS NULL OR kind = %(kind)s)
   AND (%(subclass_code)s::text IS NULL OR subclass_code = %(subclass_code)s)
   AND (%(area_kind)s::text IS NULL OR EXISTS (
        SELECT FROM area WHERE area.id = ANY (current_area_ids) AND area.kind = %(area_kind)s AND code = %(area_code)s))
   AND (%(from_time)s::timestamptz IS NULL OR registered_at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR registered_at < %(to_time)s)
   AND (%(overdue)s::boolean IS NULL
        OR (closed_at IS NULL AND cases.state <> ALL (%(removed)s) AND coalesce(due_at < now(), false)) = %(overdue)s)
   AND (NOT %(review_due)s OR cases.state = 'backlog' AND review_at <= now())
   AND (NOT %(mine)s OR closed_at IS NULL AND (department = ANY (caller_departments())
        OR caller_may('work_cases') AND (caller_whole_city() OR current_area_ids && caller_areas())))
 ORDER BY registered_at DESC, cases.id DESC LIMIT %(limit)s OFFSET %(offset)s;

-- cases_total: how many a filter finds
SELECT count(*)
  FROM cases JOIN report ON report.id = report_id
 WHERE (%(states)s::text[] IS NULL OR cases.state = ANY (%(states)s))
   AND (%(lane)s::text IS NULL OR lane = %(lane)s)
   AND (%(department)s::text IS NULL OR %(department)s IN (department, lead))
   AND (%(kind)s::text IS NULL OR kind = %(kind)s)
   AND (%(subclass_code)s::text IS NULL OR subclass_code = %(subclass_code)s)
   AND (%(area_kind)s::text IS NULL OR EXISTS (
        SELECT FROM area WHERE area.id = ANY (current_area_ids) AND area.kind = %(area_kind)s AND code = %(area_code)s))
   AND (%(from_time)s::timestamptz IS NULL OR registered_at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR registered_at < %(to_time)s)
   AND (%(overdue)s::boolean IS NULL
        OR (closed_at IS NULL AND cases.state <> ALL (%(removed)s) AND coalesce(due_at < now(), false)) = %(overdue)s)
   AND (NOT %(review_due)s OR cases.state = 'backlog' AND review_at <= now())
   AND (NOT %(mine)s OR closed_at IS NULL AND (department = ANY (caller_departments())
        OR caller_may('work_cases') AND (caller_whole_city() OR current_area_ids && caller_areas())));

-- cases_nearly_due: open cases that will soon be due, or whose statutory date is near, and were not warned of
SELECT id FROM cases
 WHERE closed_at IS NULL AND warned_at IS NULL AND state = ANY (%(states)s)
   AND id IN (  -- two ways, each with its index, for this is asked every second
       SELECT id FROM cases
        WHERE closed_at IS NULL AND due_at > now()
          AND due_at <= now() + make_interval(mins => coalesce((SELECT warn_minutes FROM clock_rules), %(usual)s))
        UNION ALL
       SELECT cases.id FROM (SELECT (now() AT TIME ZONE time_zone)::date AS today FROM city) AS local
         JOIN cases ON statutory_due BETWEEN today AND today + %(days)s::int
        WHERE closed_at IS NULL AND statutory_due IS NOT NULL)
 ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- cases_without_due: open cases of which it could not be told when they are due
SELECT id FROM cases WHERE closed_at IS NULL AND due_reason IS NOT NULL ORDER BY id;

-- report_access: how a caller stands to a report that the caller sees
SELECT caller_may('work_cases') AND (caller_whole_city() OR current_area_ids && caller_areas()) AS by_area
  FROM report WHERE id = %(id)s;

-- lock_report: a report that is about to move
SELECT id, channel, external_id, category, kind, subclass_code, reported_at, accuracy_m, component_code, condition,
       state, confirmer, ST_X(geom) AS x, ST_Y(geom) AS y, recorded ->> 'closed_at' AS closed_at,
       coalesce((SELECT max(step) FROM report_step WHERE report_id = report.id), 0) AS version
  FROM report WHERE id = %(id)s FOR UPDATE OF report;

-- save_report: a report after a move; nobody need decide about one that is rejected
UPDATE report SET state = %(state)s, condition = %(condition)s, channel_due_at = coalesce(%(channel_due_at)s, channel_due_at),
                  manual_reason = CASE WHEN %(state)s <> 'rejected' THEN manual_reason END
 WHERE id = %(id)s;

-- save_channel_due: until when the channel wants an answer
UPDATE report SET channel_due_at = %(at)s WHERE id = %(id)s;

-- add_report_step: the next step of a report
INSERT INTO report_step (report_id, step, move, state, at, actor, department, note, photos, details)
VALUES (%(report_id)s, %(step)s, %(move)s, %(state)s, %(at)s, %(actor)s, %(department)s, %(note)s, %(photos)s::uuid[],
        %(details)s);

-- report_steps: what happened to a report after a step
SELECT step, move, state, at, actor, department, note, photos, details
  FROM report_step WHERE report_id = %(id)s AND step > %(after)s ORDER BY step;

-- confirmations_page: reports that wait for confirmation, the most pressing first
SELECT id, channel, external_id, kind, subclass_code, category, reported_at, address, condition, confirmer,
       confirm_due_at, confirm_due_at < now() AS overdue,
       ST_X(ST_Transform(geom, 4326)) AS lon, ST_Y(ST_Transform(geom, 4326)) AS lat
  FROM report
 WHERE state = 'confirming' AND (%(confirmer)s::text IS NULL OR confirmer = %(confirmer)s)
   AND (NOT %(nobodys)s OR confirmer IS NULL)
 ORDER BY confirm_due_at, id LIMIT %(limit)s OFFSET %(offset)s;

-- confirmations_total: how many there are
SELECT count(*) FROM report
 WHERE state = 'confirming' AND (%(confirmer)s::text IS NULL OR confirmer = %(confirmer)s)
   AND (NOT %(nobodys)s OR confirmer IS NULL);

-- copy_report: a second report of the same problem, for a case of its own
INSERT INTO report (id, channel, external_id, category, kind, subclass_code, reported_at, accuracy_m, component_code,
                    condition, address, description, recorded, state, area_ids, current_area_ids, batch_id, geom,
                    departments)
SELECT %(new_id)s, channel, %(external_id)s, category, kind, subclass_code, reported_at, accuracy_m, component_code,
       %(condition)s, address, description, jsonb_build_object('split_from', %(case_id)s), 'registered', area_ids,
       current_area_ids, batch_id, geom, departments
  FROM report WHERE id = %(report_id)s;

-- copy_decision: the newest decision about a report, by hand, about another one
INSERT INTO routing_decision (report_id, lead, co_operating, supervising, lane, rule, area_revision, duty_revision,
                              inventory_batch, explanation)
SELECT %(new_id)s, %(lead)s, co_operating, supervising, %(lane)s, 'desk', area_revision, duty_revision, inventory_batch,
       explanation || %(explanation)s
  FROM routing_decision WHERE report_id = %(report_id)s ORDER BY id DESC LIMIT 1;
