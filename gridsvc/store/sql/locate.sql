-- locate_points: one row per point and kind: the area within 1 mm with the lowest code; if measured, edge and flags
WITH point AS MATERIALIZED (
    SELECT n, at, ST_SetSRID(ST_MakePoint(x, y), %(srid)s) AS geom
      FROM unnest(%(x)s::float8[], %(y)s::float8[], %(at)s::timestamptz[]) WITH ORDINALITY AS given (x, y, at, n)
), near AS (
    SELECT point.n, point.geom, area.id, area.kind, area.code, area.name_zh, area.name_en
      FROM point
     CROSS JOIN LATERAL (
           SELECT DISTINCT area_id FROM area_piece WHERE ST_DWithin(area_piece.geom, point.geom, %(tolerance)s)
           ) AS piece
      JOIN area ON area.id = piece.area_id AND is_as_of(area, point.at, %(revision)s)
), measured AS (
    SELECT near.*, edge.distance
      FROM near
      LEFT JOIN LATERAL (
           SELECT area_edge.geom <-> near.geom AS distance
             FROM area_edge WHERE area_edge.area_id = near.id
            ORDER BY area_edge.geom <-> near.geom LIMIT 1
           ) AS edge ON %(measure)s
)
SELECT DISTINCT ON (n, kind)
       n - 1 AS n, kind, id AS area_id, code, name_zh, name_en, distance AS edge_distance,
       bool_or(distance <= %(tolerance)s) OVER same_kind AS on_boundary,
       count(*) FILTER (WHERE distance > %(tolerance)s) OVER same_kind > 1 AS overlap
  FROM measured
WINDOW same_kind AS (PARTITION BY n, kind)
 ORDER BY n, kind, code COLLATE "C";

-- nearest_areas: for points outside every area of a kind: the nearest area of that kind and its distance
SELECT given.n - 1 AS n, given.kind, near.code, near.name_zh, near.name_en, near.distance
  FROM unnest(%(x)s::float8[], %(y)s::float8[], %(at)s::timestamptz[], %(kind)s::text[])
       WITH ORDINALITY AS given (x, y, at, kind, n)
 CROSS JOIN LATERAL (
       SELECT area.code, area.name_zh, area.name_en,
              area.geom <-> ST_SetSRID(ST_MakePoint(given.x, given.y), %(srid)s) AS distance
         FROM area
        WHERE area.kind = given.kind AND is_as_of(area, given.at, %(revision)s)
        ORDER BY area.geom <-> ST_SetSRID(ST_MakePoint(given.x, given.y), %(srid)s), area.code COLLATE "C"
        LIMIT 1
       ) AS near;

-- areas_in_reach: for each point the areas of a kind within reach of it, each by a place inside
SELECT DISTINCT ON (point.n, area.id) point.n - 1 AS n, ST_X(inside) AS x, ST_Y(inside) AS y
  FROM (SELECT n, kind, at, metres, ST_SetSRID(ST_MakePoint(x, y), %(srid)s) AS geom
          FROM unnest(%(kind)s::text[], %(x)s::float8[], %(y)s::float8[], %(metres)s::float8[], %(at)s::timestamptz[])
               WITH ORDINALITY AS given (kind, x, y, metres, at, n)) AS point
  JOIN area_piece ON ST_DWithin(area_piece.geom, point.geom, point.metres)
  JOIN area ON area.id = area_piece.area_id AND area.kind = point.kind AND is_as_of(area, point.at, NULL),
       ST_PointOnSurface(area_piece.geom) AS inside
 ORDER BY point.n, area.id;

-- kinds_in_use: kinds that have an area in force at some time, least specific first
SELECT kind, name_zh, name_en, parent, made_of, must_tile, code_scheme, specificity
  FROM area_kind
 WHERE EXISTS (SELECT FROM area WHERE area.kind = area_kind.kind)
 ORDER BY specificity, kind;
