-- components_to_match: the component that each report names, at any distance; if it names none, the live ones of its subclass within the radius: the two nearest, and the nearest of each that differs in who answers for it
WITH asked AS MATERIALIZED (
    SELECT n - 1 AS n, code, subclass_code, radius, ST_SetSRID(ST_MakePoint(x, y), %(srid)s) AS geom,
           ST_SetSRID(ST_MakeEnvelope(x - radius, y - radius, x + radius, y + radius), %(srid)s) AS box
      FROM unnest(%(code)s::text[], %(subclass_code)s::text[], %(radius)s::float8[], %(x)s::float8[], %(y)s::float8[])
           WITH ORDINALITY AS given (code, subclass_code, radius, x, y, n)
), named AS (
    SELECT n, component_code, component.subclass_code, state, authority, owner, maintainer,
           component.geom <-> asked.geom AS distance_m
      FROM asked JOIN component ON component_code = code
), near AS (
    SELECT n, component_code, component.subclass_code, state, authority, owner, maintainer,
           component.geom <-> asked.geom AS distance_m
      FROM asked
      JOIN component
        ON component.geom && asked.box AND ST_DWithin(component.geom, asked.geom, radius)
       AND component.subclass_code IS NOT DISTINCT FROM asked.subclass_code  -- else all of a subclass would be walked
     WHERE state NOT IN ('removed', 'abandoned') AND n NOT IN (SELECT n FROM named)
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY n ORDER BY distance_m, component_code) AS place,
           row_number() OVER (PARTITION BY n, authority, owner, maintainer ORDER BY distance_m, component_code)
           AS place_of_parties
      FROM near
)
SELECT n, component_code, subclass_code, state, authority, owner, maintainer, distance_m FROM named
 UNION ALL
SELECT n, component_code, subclass_code, state, authority, owner, maintainer, distance_m
  FROM ranked WHERE place <= 2 OR place_of_parties = 1
 ORDER BY n, distance_m, component_code;

-- matches_by_subclass: of placed reports about components how many have one in reach, for how many it is certain which, and how far off the nearest is
SELECT report.kind, report.subclass_code, subclass_zh, subclass_en, count(*) AS reports,
       count(component_code) AS named, count(near_m) AS near, count(matched_component) AS certain,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY near_m) AS median_m,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY near_m) AS p90_m, max(near_m) AS farthest_m,
       max(radius_m) AS widest_m
  FROM report
  JOIN LATERAL (SELECT (explanation #>> '{component,found,0,distance_m}')::float8 AS near_m,
                       (explanation #>> '{component,radius_m}')::float8 AS radius_m
                  FROM routing_decision WHERE report_id = report.id ORDER BY id DESC LIMIT 1) AS decision ON true
  LEFT JOIN catalogue_subclass AS subclass
    ON subclass.kind = report.kind AND subclass.subclass_code = report.subclass_code
   AND version = (SELECT max(version) FROM catalogue_version)
 WHERE report.kind = 'component' AND report.subclass_code IS NOT NULL AND geom IS NOT NULL
   AND (%(channel)s::text IS NULL OR channel = %(channel)s)
   AND (%(kind)s::text IS NULL OR report.kind = %(kind)s)
   AND (%(subclass_code)s::text IS NULL OR report.subclass_code = %(subclass_code)s)
   AND (%(from_time)s::timestamptz IS NULL OR reported_at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR reported_at < %(to_time)s)
 GROUP BY report.kind, report.subclass_code, subclass_zh, subclass_en ORDER BY report.subclass_code;
