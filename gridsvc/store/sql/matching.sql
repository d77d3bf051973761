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
