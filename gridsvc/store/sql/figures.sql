-- figures: of every figure by group and period what was due, what of it was good, and minutes, of what the caller sees
WITH period AS MATERIALIZED (
    SELECT number, "begin", until, date_trunc('minute', until) AS minute
      FROM unnest(%(begins)s::timestamptz[], %(untils)s::timestamptz[]) WITH ORDINALITY AS p ("begin", until, number)
), span AS MATERIALIZED (
    SELECT min("begin") AS "begin", max(until) AS until FROM period
), matter AS MATERIALIZED (
    SELECT report.id, reported_at, confirm_due_at, register_due_at, cases.registered_at,
           recorded ? 'closed_at' AS history, cases.id AS case_id, cases.lane, cases.lead, cases.due_at,
           cases.stage, cases.stage_due_at, decision.automatic, decision.decided, recorded ? 'split_from' AS part,
           link.at AS linked_at, coalesce(cases.lead, root.lead) AS valid_by,  -- what is linked is as valid as its root
           coalesce(cases.registered_at, CASE WHEN root.id IS NOT NULL THEN greatest(root.registered_at, link.at) END)
           AS valid_at,
           CASE %(by)s::text WHEN 'all' THEN 'all' WHEN 'area' THEN area.code WHEN 'rule' THEN rule
                             WHEN 'lane' THEN coalesce(cases.lane, root.lane)
                             WHEN 'subclass' THEN concat_ws(' ', report.kind, report.subclass_code) END AS key
      FROM span CROSS JOIN report
      LEFT JOIN cases ON cases.report_id = report.id
      LEFT JOIN cases AS root ON root.report_id = report.linked_to
      LEFT JOIN report_duplicate AS link
        ON link.report_id = report.id AND link.of_report_id = report.linked_to AND link.state = 'linked'
      LEFT JOIN LATERAL (
           SELECT code FROM unnest(report.current_area_ids) AS held JOIN area ON area.id = held
            WHERE area.kind = %(area_kind)s ORDER BY code LIMIT 1) AS area ON %(area_kind)s::text IS NOT NULL
      LEFT JOIN LATERAL (
           SELECT (array_agg(rule ORDER BY id DESC))[1] AS rule, count(*) > 0 AS decided,
                  (array_agg(manual_reason ORDER BY id))[1] IS NULL AS automatic
             FROM routing_decision WHERE report_id = report.id) AS decision ON true
     WHERE reported_at < span.until
       AND (reported_at >= span."begin" OR cases.id IS NULL AND coalesce(confirm_due_at, register_due_at) IS NOT NULL
            OR cases.id IS NOT NULL
               AND (cases.closed_at IS NULL OR cases.closed_at >= span."begin" OR cases.due_at >= span."begin"))
       AND (%(kind)s::text IS NULL OR report.kind = %(kind)s)
       AND (%(subclass_code)s::text IS NULL OR report.subclass_code = %(subclass_code)s)
       AND (%(lane)s::text IS NULL OR coalesce(cases.lane, root.lane) = %(lane)s)
       AND (%(area_code)s::text IS NULL OR area.code = %(area_code)s)
), touched AS (
    SELECT matter.case_id, width_bucket(at, %(begins)s::timestamptz[]) AS number
      FROM matter JOIN case_step ON case_step.case_id = matter.case_id AND state = ANY (%(finished)s)
     UNION
    SELECT matter.case_id, width_bucket((details ->> 'due_at')::timestamptz, %(begins)s::timestamptz[])
      FROM matter JOIN case_step ON case_step.case_id = matter.case_id AND details ->> 'due_at' IS NOT NULL
     UNION
    SELECT case_id, width_bucket(due_at, %(begins)s::timestamptz[]) FROM matter WHERE due_at IS NOT NULL
), life AS (
    SELECT number, matter.key, lane = 'self' AS own, reported_at, reworked, extended, finished_at,
           limit_at IS NOT NULL AS limited,
           CASE WHEN lane = 'self' THEN lead WHEN past.state <> 'returned' THEN hop.department END AS department,
           past.state = ANY (%(finished)s) AS finished, past.state = 'closed' AS closed,
           date_trunc('minute', finished_at) <= limit_at AS in_time, past.state <> ALL (%(excluded)s) AS counts,
           coalesce(limit_at >= "begin" AND limit_at < minute, false) AS falls,
           past.state = ANY (%(finished)s) AND finished_at >= "begin" AS just_finished,
           past.state = 'closed' AND closed_at >= "begin" AS just_closed
      FROM touched JOIN period USING (number) JOIN matter USING (case_id)
     CROSS JOIN LATERAL (
           SELECT (array_agg(state ORDER BY step DESC))[1] AS state,
                  max(at) FILTER (WHERE state = ANY (%(finished)s)
                                    AND NOT coalesce(was = ANY (%(finished)s), false)) AS finished_at,
                  max(at) FILTER (WHERE state = 'closed' AND was IS DISTINCT FROM 'closed') AS closed_at,
                  bool_or(move = 'fail') AS reworked, bool_or(move = 'extend') AS extended,
                  CASE WHEN bool_or(details ? 'due_at')  -- else of a case of an older release
                       THEN (array_agg(details ->> 'due_at' ORDER BY step DESC)
                             FILTER (WHERE details ? 'due_at'))[1]::timestamptz ELSE matter.due_at END AS limit_at
             FROM (SELECT step, state, move, at, details, lag(state) OVER (ORDER BY step) AS was
                     FROM case_step WHERE case_id = touched.case_id AND at < until) AS step) AS past
      LEFT JOIN LATERAL (
           SELECT department FROM case_hop
            WHERE case_id = touched.case_id AND above IS NULL AND given_at < until ORDER BY hop DESC LIMIT 1) AS hop ON true
), handed AS MATERIALIZED (  -- by the command centre, not back after a failed verification, and not by the channel itself
    SELECT matter.id, matter.key, hop.hop, hop.department, given_at, ended_at, how, move, details
      FROM matter JOIN case_hop AS hop ON hop.case_id = matter.case_id AND above IS NULL AND how IS DISTINCT FROM 'take_over'
      JOIN case_step AS step ON step.case_id = hop.case_id AND step.at = given_at
       AND move IN ('dispatch', 'redispatch', 'reroute')
), dispatch AS (
    SELECT number, key, department, hop = 1 AS first,
           coalesce(how = ANY (%(wrong)s) AND ended_at < until, false) AS wrong,
           coalesce(how = 'return' AND ended_at < until, false) AS returned
      FROM handed JOIN period ON number = width_bucket(given_at, %(begins)s::timestamptz[]) AND given_at < until
), task AS MATERIALIZED (  -- what was linked in time has not to be confirmed any more
    SELECT matter.id, key, 'confirm' AS stage, NULL AS department, confirm_due_at AS due_at, done_at
      FROM matter LEFT JOIN LATERAL (
           SELECT min(at) AS done_at FROM report_step
            WHERE report_id = matter.id AND move IN ('confirm', 'deny', 'reject')) AS step ON true
     WHERE confirm_due_at IS NOT NULL AND (done_at IS NOT NULL OR linked_at IS NULL OR linked_at > confirm_due_at)
     UNION ALL
    SELECT matter.id, key, 'register', NULL, coalesce(register_due_at, registered_at),  -- at once, by the service
           coalesce(registered_at, rejected_at)
      FROM matter LEFT JOIN LATERAL (
           SELECT min(at) AS rejected_at FROM report_step WHERE report_id = matter.id AND move = 'reject') AS step ON true
     WHERE NOT part AND NOT history
       AND (coalesce(registered_at, rejected_at) IS NOT NULL OR linked_at IS NULL OR linked_at > register_due_at)
     UNION ALL
    SELECT matter.id, key, 'accept', department, accept_due_at,
           coalesce(accepted_at, CASE WHEN how IN ('return', 'hand_up') THEN ended_at END)
      FROM matter JOIN case_hop AS hop ON hop.case_id = matter.case_id
     WHERE accepted_at IS NOT NULL OR ended_at IS NULL OR how IN ('return', 'hand_up') OR ended_at > accept_due_at
     UNION ALL
    SELECT matter.id, key, 'verify', NULL, (details ->> 'stage_due_at')::timestamptz, at
      FROM matter JOIN case_step ON case_step.case_id = matter.case_id AND move IN ('verify', 'fail')
     UNION ALL
    SELECT id, key, 'dispatch', NULL,
           CASE WHEN details ->> 'stage' = 'dispatch' THEN (details ->> 'stage_due_at')::timestamptz
                WHEN move = 'dispatch' THEN given_at END, given_at  -- at once, by the service
      FROM handed
     UNION ALL
    SELECT id, key, stage, NULL, stage_due_at, NULL FROM matter WHERE stage IN ('dispatch', 'verify')
), stage AS (
    SELECT number, key, stage, department, coalesce(done_at < until, false) AS done,
           coalesce(done_at < until AND date_trunc('minute', done_at) <= due_at, false) AS in_time
      FROM (SELECT *, width_bucket(due_at, %(begins)s::timestamptz[]) AS number FROM task
             UNION SELECT *, width_bucket(done_at, %(begins)s::timestamptz[]) FROM task WHERE done_at IS NOT NULL) AS task
      JOIN period USING (number)
     WHERE due_at IS NOT NULL AND (due_at >= "begin" AND due_at < minute OR done_at >= "begin" AND done_at < until)
), fact AS (
    SELECT number, key, department, figure, good
      FROM life CROSS JOIN LATERAL (SELECT counts AND (falls OR just_finished) AS to_dispose,
                                           counts AND (falls OR just_closed) AS to_close) AS due
     CROSS JOIN LATERAL (VALUES
           ('disposal', to_dispose AND NOT own, finished),
           ('disposal_in_time', to_dispose AND NOT own AND limited, finished AND in_time),
           ('closing', to_close AND NOT own, closed),
           ('closing_in_time', to_close AND NOT own AND limited, closed AND in_time),
           ('rework', to_close AND NOT own, reworked),
           ('extension', to_dispose AND NOT own, extended),
           ('overdue_open', to_dispose AND NOT own, NOT finished),
           ('self_disposal', to_dispose AND own, finished),
           ('self_in_time', to_dispose AND own AND limited, finished AND in_time)) AS told (figure, counted, good)
     WHERE counted
     UNION ALL
    SELECT number, key, department, figure, good
      FROM dispatch CROSS JOIN LATERAL (VALUES
           ('correct_dispatch', true, NOT wrong), ('first_dispatch', first, NOT wrong), ('return', true, returned)
           ) AS told (figure, counted, good)
     WHERE counted
     UNION ALL
    SELECT number, key, NULL, 'correct_dispatch', false FROM stage WHERE stage = 'dispatch' AND NOT done
     UNION ALL
    SELECT number, key, department, stage || '_in_time', in_time FROM stage
     UNION ALL
    SELECT number, key, valid_by, figure, good
      FROM matter JOIN period ON number = width_bucket(reported_at, %(begins)s::timestamptz[]) AND reported_at < until
     CROSS JOIN LATERAL (VALUES
           ('valid_reports', NOT part, coalesce(valid_at < until, false)), ('automatic', decided AND NOT part, automatic)
           ) AS told (figure, counted, good)
     WHERE counted
), lapse AS (
    SELECT number, key, department, 'report_to_disposed' AS figure,
           extract(epoch FROM finished_at - reported_at) / 60 AS minutes
      FROM life WHERE just_finished
     UNION ALL
    SELECT number, key, department, 'report_to_accepted', extract(epoch FROM accepted_at - reported_at) / 60
      FROM matter CROSS JOIN LATERAL (
           SELECT department, accepted_at FROM case_hop
            WHERE case_id = matter.case_id AND accepted_at IS NOT NULL ORDER BY accepted_at LIMIT 1) AS hop
      JOIN period ON number = width_bucket(accepted_at, %(begins)s::timestamptz[]) AND accepted_at < until
), counted AS (
    SELECT CASE %(by)s WHEN 'department' THEN department ELSE key END AS key, number, figure, count(*) AS due,
           count(*) FILTER (WHERE good) AS good, NULL::float8[] AS minutes
      FROM fact WHERE %(department)s::text IS NULL OR department = %(department)s GROUP BY 1, 2, 3
     UNION ALL
    SELECT CASE %(by)s WHEN 'department' THEN department ELSE key END, number, figure, count(*),
           0, percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY minutes)
      FROM lapse WHERE %(department)s::text IS NULL OR department = %(department)s GROUP BY 1, 2, 3
)
SELECT counted.*, coalesce(department.name_zh, area.name_zh, subclass_zh) AS name_zh,
       coalesce(department.name_en, area.name_en, subclass_en) AS name_en
  FROM counted
  LEFT JOIN department ON %(by)s = 'department' AND department.code = key
  LEFT JOIN area ON %(by)s = 'area' AND area.kind = %(area_kind)s AND area.code = key AND area.current
  LEFT JOIN catalogue_subclass AS subclass ON %(by)s = 'subclass' AND concat_ws(' ', subclass.kind, subclass_code) = key
       AND version = (SELECT max(version) FROM catalogue_version);

-- whistle_figures: the same of departments called to a place: arrived in time, and minutes until they came
WITH period AS MATERIALIZED (
    SELECT number, "begin", until, date_trunc('minute', until) AS minute
      FROM unnest(%(begins)s::timestamptz[], %(untils)s::timestamptz[]) WITH ORDINALITY AS p ("begin", until, number)
), call AS MATERIALIZED (
    SELECT whistle_id, call.department, whistle.at, whistle.due_at, arrived_at, whistle.closed_at, lane, area.code AS area,
           concat_ws(' ', report.kind, report.subclass_code) AS subclass, decision.rule
      FROM whistle_call AS call JOIN whistle ON whistle.id = whistle_id
      LEFT JOIN cases ON cases.id = case_id LEFT JOIN report ON report.id = report_id
      LEFT JOIN LATERAL (
           SELECT code FROM unnest(whistle.area_ids) AS held JOIN area ON area.id = held
            WHERE area.kind = %(area_kind)s ORDER BY code LIMIT 1) AS area ON %(area_kind)s::text IS NOT NULL
      LEFT JOIN LATERAL (
           SELECT rule FROM routing_decision WHERE report_id = report.id ORDER BY id DESC LIMIT 1) AS decision ON true
     WHERE (%(kind)s::text IS NULL OR report.kind = %(kind)s)
       AND (%(subclass_code)s::text IS NULL OR report.subclass_code = %(subclass_code)s)
       AND (%(lane)s::text IS NULL OR lane = %(lane)s)
       AND (%(area_code)s::text IS NULL OR area.code = %(area_code)s)
       AND (%(department)s::text IS NULL OR call.department = %(department)s)
), fact AS (
    SELECT number, call.*, 'whistle_in_time' AS figure, NULL::float8 AS minutes,
           coalesce(arrived_at < until AND date_trunc('minute', arrived_at) <= due_at, false) AS good
      FROM period JOIN call
        ON due_at >= "begin" AND due_at < minute AND (arrived_at IS NOT NULL OR closed_at IS NULL OR closed_at > due_at)
           OR arrived_at >= "begin" AND arrived_at < until
     UNION ALL
    SELECT number, call.*, 'whistle_to_arrival', extract(epoch FROM arrived_at - at) / 60, NULL
      FROM period JOIN call ON arrived_at >= "begin" AND arrived_at < until
), counted AS (
    SELECT CASE %(by)s::text WHEN 'all' THEN 'all' WHEN 'department' THEN department WHEN 'area' THEN area
                             WHEN 'subclass' THEN nullif(subclass, '') WHEN 'lane' THEN lane WHEN 'rule' THEN rule END AS key,
           number, figure, count(*) AS due, count(*) FILTER (WHERE good) AS good,
           percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY minutes) AS minutes
      FROM fact GROUP BY 1, 2, 3
)
SELECT counted.*, coalesce(department.name_zh, area.name_zh, subclass_zh) AS name_zh,
       coalesce(department.name_en, area.name_en, subclass_en) AS name_en
  FROM counted
  LEFT JOIN department ON %(by)s = 'department' AND department.code = key
  LEFT JOIN area ON %(by)s = 'area' AND area.kind = %(area_kind)s AND area.code = key AND area.current
  LEFT JOIN catalogue_subclass AS subclass ON %(by)s = 'subclass' AND concat_ws(' ', subclass.kind, subclass_code) = key
       AND version = (SELECT max(version) FROM catalogue_version);
