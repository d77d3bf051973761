-- report_totals: all that a filter counts, how many of them have no place, and how many are open: neither rejected nor
-- closed; one that is linked is what the report is that it repeats
SELECT count(*) AS total, count(*) FILTER (WHERE report.geom IS NULL) AS unplaced,
       count(*) FILTER (
           WHERE cases.closed_at IS NULL
             AND coalesce((SELECT state FROM report AS root WHERE root.id = report.linked_to), report.state) <> 'rejected'
       ) AS open
  FROM report LEFT JOIN cases ON cases.report_id = coalesce(linked_to, report.id)
 WHERE (%(kind)s::text IS NULL OR kind = %(kind)s)
   AND (%(subclass_code)s::text IS NULL OR subclass_code = %(subclass_code)s)
   AND (%(from_time)s::timestamptz IS NULL OR reported_at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR reported_at < %(to_time)s)
   AND (NOT %(only_open)s OR cases.closed_at IS NULL
        AND coalesce((SELECT state FROM report AS root WHERE root.id = report.linked_to), report.state) <> 'rejected');

-- heat_cells: reports in flat-topped hexagons of edge length `size`, by the centre of the hexagon
WITH fraction AS (
    SELECT (2.0 / 3 * ST_X(geom)) / %(size)s AS q, (-1.0 / 3 * ST_X(geom) + sqrt(3.0) / 3 * ST_Y(geom)) / %(size)s AS r
      FROM report LEFT JOIN cases ON cases.report_id = coalesce(linked_to, report.id)
     WHERE geom IS NOT NULL
       AND (%(kind)s::text IS NULL OR kind = %(kind)s)
       AND (%(subclass_code)s::text IS NULL OR subclass_code = %(subclass_code)s)
       AND (%(from_time)s::timestamptz IS NULL OR reported_at >= %(from_time)s)
       AND (%(to_time)s::timestamptz IS NULL OR reported_at < %(to_time)s)
       AND (NOT %(only_open)s OR cases.closed_at IS NULL
            AND coalesce((SELECT state FROM report AS root WHERE root.id = report.linked_to), report.state) <> 'rejected')
), rounded AS (
    SELECT q, r, round(q) AS cell_q, round(r) AS cell_r, round(-q - r) AS cell_s FROM fraction
), cell AS (
    SELECT CASE WHEN abs(cell_q - q) > abs(cell_r - r) AND abs(cell_q - q) > abs(cell_s + q + r)
                THEN -cell_r - cell_s ELSE cell_q END AS q,
           CASE WHEN abs(cell_r - r) >= abs(cell_q - q) AND abs(cell_r - r) > abs(cell_s + q + r)
                THEN -cell_q - cell_s ELSE cell_r END AS r
      FROM rounded
)
SELECT %(size)s * 1.5 * q AS x, %(size)s * sqrt(3.0) * (r + q / 2) AS y, count(*) AS count
  FROM cell GROUP BY q, r ORDER BY x, y;

-- area_counts: reports by the area of a kind that holds them today, areas without any included
WITH counted AS (
    SELECT area_id, count(*) AS count
      FROM report LEFT JOIN cases ON cases.report_id = coalesce(linked_to, report.id),
           unnest(report.current_area_ids) AS area_id
     WHERE (%(kind)s::text IS NULL OR kind = %(kind)s)
       AND (%(subclass_code)s::text IS NULL OR subclass_code = %(subclass_code)s)
       AND (%(from_time)s::timestamptz IS NULL OR reported_at >= %(from_time)s)
       AND (%(to_time)s::timestamptz IS NULL OR reported_at < %(to_time)s)
       AND (NOT %(only_open)s OR cases.closed_at IS NULL
            AND coalesce((SELECT state FROM report AS root WHERE root.id = report.linked_to), report.state) <> 'rejected')
     GROUP BY area_id
)
SELECT code, name_zh, name_en, coalesce(count, 0) AS count, ST_AsBinary(geom) AS geom
  FROM area LEFT JOIN counted ON counted.area_id = area.id
 WHERE area.kind = %(area_kind)s AND area.current ORDER BY code;

-- placed_reports: where the reports that a filter counts lie, whether they became cases, closed ones, or need a person
SELECT ST_X(report.geom), ST_Y(report.geom), own IS TRUE, own IS TRUE AND cases.state = 'closed',
       report.manual_reason IS NOT NULL AND report.state <> 'linked'
  FROM report LEFT JOIN cases ON cases.report_id = coalesce(linked_to, report.id),
       LATERAL (SELECT cases.report_id = report.id AS own) AS told
 WHERE report.geom IS NOT NULL
   AND (%(kind)s::text IS NULL OR report.kind = %(kind)s)
   AND (%(subclass_code)s::text IS NULL OR subclass_code = %(subclass_code)s)
   AND (%(from_time)s::timestamptz IS NULL OR reported_at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR reported_at < %(to_time)s)
   AND (NOT %(only_open)s OR cases.closed_at IS NULL
        AND coalesce((SELECT state FROM report AS root WHERE root.id = report.linked_to), report.state) <> 'rejected');

-- statistics_by_area: reports by the area of a kind that holds them today
SELECT area.code AS key, area.name_zh, area.name_en, count(*) AS reports,
       count(*) FILTER (WHERE cases.id IS NOT NULL) AS cases,
       count(*) FILTER (WHERE cases.state = 'closed') AS closed,
       count(*) FILTER (WHERE manual_reason IS NOT NULL AND report.state <> 'linked') AS manual
  FROM report LEFT JOIN cases ON cases.report_id = report.id, unnest(report.current_area_ids) AS area_id, area
 WHERE area.id = area_id AND area.kind = %(area_kind)s AND area.current
   AND (%(kind)s::text IS NULL OR report.kind = %(kind)s)
   AND (%(subclass_code)s::text IS NULL OR subclass_code = %(subclass_code)s)
   AND (%(from_time)s::timestamptz IS NULL OR reported_at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR reported_at < %(to_time)s)
 GROUP BY area.code, area.name_zh, area.name_en ORDER BY reports DESC, key;

-- statistics_by_department: reports by the lead department of the case, or of their newest decision
SELECT coalesce(department.code, 'manual') AS key, name_zh, name_en, count(*) AS reports,
       count(*) FILTER (WHERE cases.report_id = report.id) AS cases,
       count(*) FILTER (WHERE cases.report_id = report.id AND cases.state = 'closed') AS closed,
       count(*) FILTER (WHERE report.manual_reason IS NOT NULL AND report.state <> 'linked') AS manual
  FROM report LEFT JOIN cases ON cases.report_id = coalesce(linked_to, report.id)
  LEFT JOIN LATERAL (SELECT lead FROM routing_decision
                      WHERE report_id = report.id AND cases.id IS NULL AND report.manual_reason IS NULL
                      ORDER BY id DESC LIMIT 1) AS proposal ON true
  LEFT JOIN department ON department.code = coalesce(cases.lead, proposal.lead)
 WHERE (%(kind)s::text IS NULL OR report.kind = %(kind)s)
   AND (%(subclass_code)s::text IS NULL OR subclass_code = %(subclass_code)s)
   AND (%(from_time)s::timestamptz IS NULL OR reported_at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR reported_at < %(to_time)s)
 GROUP BY department.code, name_zh, name_en ORDER BY reports DESC, key;

-- statistics_by_subclass: reports by subclass of the catalogue
SELECT concat_ws(' ', report.kind, report.subclass_code) AS key, subclass_zh AS name_zh, subclass_en AS name_en,
       count(*) AS reports, count(*) FILTER (WHERE cases.id IS NOT NULL) AS cases,
       count(*) FILTER (WHERE cases.state = 'closed') AS closed,
       count(*) FILTER (WHERE manual_reason IS NOT NULL AND report.state <> 'linked') AS manual
  FROM report LEFT JOIN cases ON cases.report_id = report.id
  LEFT JOIN catalogue_subclass AS subclass ON subclass.kind = report.kind
       AND subclass.subclass_code = report.subclass_code
       AND subclass.version = (SELECT max(version) FROM catalogue_version)
 WHERE (%(kind)s::text IS NULL OR report.kind = %(kind)s)
   AND (%(subclass_code)s::text IS NULL OR report.subclass_code = %(subclass_code)s)
   AND (%(from_time)s::timestamptz IS NULL OR reported_at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR reported_at < %(to_time)s)
 GROUP BY 1, 2, 3 ORDER BY reports DESC, key;

-- statistics_by_day: reports by day in the city's own time
SELECT to_char(reported_at AT TIME ZONE (SELECT time_zone FROM city), 'YYYY-MM-DD') AS key, NULL AS name_zh,
       NULL AS name_en, count(*) AS reports, count(*) FILTER (WHERE cases.id IS NOT NULL) AS cases,
       count(*) FILTER (WHERE cases.state = 'closed') AS closed,
       count(*) FILTER (WHERE manual_reason IS NOT NULL AND report.state <> 'linked') AS manual
  FROM report LEFT JOIN cases ON cases.report_id = report.id
 WHERE (%(kind)s::text IS NULL OR report.kind = %(kind)s)
   AND (%(subclass_code)s::text IS NULL OR subclass_code = %(subclass_code)s)
   AND (%(from_time)s::timestamptz IS NULL OR reported_at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR reported_at < %(to_time)s)
 GROUP BY 1 ORDER BY key;

-- overview: the figures of the first page
SELECT (SELECT count(*) FROM area WHERE current) AS areas,
       (SELECT count(*) FROM component) AS components,
       count(*) AS reports,
       count(*) FILTER (WHERE manual_reason IS NULL OR state = 'linked') AS automatic,
       count(*) FILTER (WHERE manual_reason IS NOT NULL AND report.state <> 'linked') AS manual
  FROM report;
