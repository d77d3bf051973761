-- ownership_todo: live components without a known owner that reports were decided for, the most reported first
SELECT component.component_code, version, component.subclass_code, owner, maintainer, authority, position,
       found.reports, found.newest, found.open_cases, ST_X(place) AS lon, ST_Y(place) AS lat
  FROM (SELECT explanation -> 'component' ->> 'matched' AS component_code, count(DISTINCT report_id) AS reports,
               max(reported_at) AS newest, count(DISTINCT cases.id) FILTER (WHERE closed_at IS NULL) AS open_cases
          FROM routing_decision JOIN report ON report.id = report_id LEFT JOIN cases USING (report_id)
         WHERE rule = 'component:fallback' GROUP BY 1) AS found
  JOIN component USING (component_code),
       LATERAL (SELECT ST_Transform(ST_PointOnSurface(component.geom), 4326) AS place) AS pointed
 WHERE component.state NOT IN ('removed', 'abandoned') AND NOT EXISTS (SELECT FROM department WHERE code = owner)
 ORDER BY reports DESC, component.component_code;
