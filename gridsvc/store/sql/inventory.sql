-- known_codes: which of the given component codes the store holds
SELECT component_code FROM component WHERE component_code = ANY(%(codes)s);

-- taken_codes: component codes of a staged batch that the store holds
SELECT code FROM import_row JOIN component ON component_code = code
 WHERE import_row.batch_id = %(batch_id)s ORDER BY feature;

-- codes_in_use: which of the given codes the store or the staged batch holds
SELECT component_code FROM component WHERE component_code IN (SELECT unnest(%(codes)s::text[]))
 UNION SELECT code FROM import_row WHERE batch_id = %(batch_id)s AND code IN (SELECT unnest(%(codes)s::text[]));

-- take_serials: reserve serials of a district and subclass; the last one reserved comes back
INSERT INTO code_serial (district_code, subclass_part, last_serial)
VALUES (%(district_code)s, %(subclass_part)s, %(count)s)
ON CONFLICT (district_code, subclass_part) DO UPDATE SET last_serial = code_serial.last_serial + excluded.last_serial
RETURNING last_serial;

-- brought_serials: codes that a batch brought, and that belong to a series of ours, burn their serials too
INSERT INTO code_serial (district_code, subclass_part, last_serial)
SELECT left(code, 6), substr(code, 7, 4), max(substr(code, 11)::int)
  FROM import_row
 WHERE batch_id = %(batch_id)s AND feature IN (SELECT unnest(%(features)s::int[]))
 GROUP BY 1, 2
ON CONFLICT (district_code, subclass_part)
DO UPDATE SET last_serial = greatest(code_serial.last_serial, excluded.last_serial);

-- place_rows: staged rows get their areas, and a code where they bring none
UPDATE import_row SET area_ids = given.area_ids::bigint[], code = coalesce(import_row.code, given.code)
  FROM unnest(%(features)s::int[], %(area_ids)s::text[], %(codes)s::text[]) AS given (feature, area_ids, code)
 WHERE batch_id = %(batch_id)s AND import_row.feature = given.feature;

-- components_from_batch: staged rows become components
INSERT INTO component (component_code, code_scheme, subclass_code, state, authority, owner, maintainer, position,
                       attributes, area_ids, batch_id, geom)
SELECT code, CASE WHEN feature IN (SELECT unnest(%(foreign_features)s::int[])) THEN 'source' ELSE %(code_scheme)s END,
       subclass_code, coalesce(state, 'intact'), authority, owner, maintainer, position,
       attributes, area_ids, batch_id, geom
  FROM import_row WHERE batch_id = %(batch_id)s ORDER BY feature;

-- shapes_of_all: the shapes of the whole inventory
SELECT id, ST_AsBinary(geom) FROM component ORDER BY id;

-- assign_areas: components get the areas that hold them
UPDATE component SET area_ids = given.area_ids::bigint[]
  FROM unnest(%(ids)s::bigint[], %(area_ids)s::text[]) AS given (id, area_ids)
 WHERE component.id = given.id AND component.area_ids IS DISTINCT FROM given.area_ids::bigint[];

-- components_nearby: live components within a radius, nearest first
SELECT component_code, subclass_code, state, authority, owner, maintainer, position,
       ST_AsGeoJSON(ST_Transform(geom, 4326), 7)::json AS geometry,
       geom <-> ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), %(srid)s) AS distance_m
  FROM component_seen
 WHERE geom && ST_Expand(ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), %(srid)s), %(radius)s)
   AND ST_DWithin(geom, ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), %(srid)s), %(radius)s)
   AND state NOT IN ('removed', 'abandoned')
   AND (%(subclass_code)s::text IS NULL OR subclass_code = %(subclass_code)s)
 ORDER BY geom <-> ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), %(srid)s), component_code
 LIMIT %(limit)s;

-- components_page: live components in a box of the city's CRS, by code; the collation keeps a box from walking all codes
SELECT component_code, subclass_code, state, authority, owner, maintainer, position, attributes,
       ST_AsGeoJSON(ST_Transform(geom, 4326), 7)::json AS geometry
  FROM component_seen
 WHERE (%(xmin)s::float8 IS NULL
        OR geom && ST_MakeEnvelope(%(xmin)s, %(ymin)s, %(xmax)s, %(ymax)s, %(srid)s))
   AND state NOT IN ('removed', 'abandoned')
   AND (%(subclass_code)s::text IS NULL OR subclass_code = %(subclass_code)s)
 ORDER BY CASE WHEN %(xmin)s::float8 IS NULL THEN component_code END, component_code COLLATE "C"
 LIMIT %(limit)s OFFSET %(offset)s;

-- components_total: how many components the same filter finds
SELECT count(*)
  FROM component_seen
 WHERE (%(xmin)s::float8 IS NULL
        OR geom && ST_MakeEnvelope(%(xmin)s, %(ymin)s, %(xmax)s, %(ymax)s, %(srid)s))
   AND state NOT IN ('removed', 'abandoned')
   AND (%(subclass_code)s::text IS NULL OR subclass_code = %(subclass_code)s);

-- components_csv: the same as CSV
COPY (SELECT component_seen.component_code, component_seen.subclass_code, subclass_zh, subclass_en, state,
             safe_cell(authority) AS authority, safe_cell(owner) AS owner, safe_cell(maintainer) AS maintainer,
             safe_cell(position) AS position, round(ST_X(place)::numeric, 7) AS lon, round(ST_Y(place)::numeric, 7) AS lat,
             ST_AsText(ST_Transform(geom, 4326), 7) AS wkt, attributes
        FROM component_seen
        LEFT JOIN catalogue_subclass AS subclass ON subclass.kind = 'component'
             AND subclass.subclass_code = component_seen.subclass_code
             AND version = (SELECT max(version) FROM catalogue_version),
             LATERAL ST_Transform(ST_PointOnSurface(geom), 4326) AS place
       WHERE (%(xmin)s::float8 IS NULL
              OR geom && ST_MakeEnvelope(%(xmin)s, %(ymin)s, %(xmax)s, %(ymax)s, %(srid)s))
         AND state NOT IN ('removed', 'abandoned')
         AND (%(subclass_code)s::text IS NULL OR component_seen.subclass_code = %(subclass_code)s)
       ORDER BY component_code) TO STDOUT WITH (FORMAT csv, HEADER);

-- component_tile: live components as a vector tile; one too small to be drawn is a point
WITH tile AS MATERIALIZED (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS around),
     feature AS (
         SELECT component_code, subclass_code, state,
                coalesce(ST_AsMVTGeom(turned, around), ST_AsMVTGeom(ST_PointOnSurface(turned), around)) AS shape
           FROM component_seen, tile, LATERAL ST_Transform(geom, 3857) AS turned
          WHERE geom && (SELECT ST_Transform(ST_Expand(around, (ST_XMax(around) - ST_XMin(around)) / 16), %(srid)s)
                           FROM tile)
            AND state NOT IN ('removed', 'abandoned'))
SELECT ST_AsMVT(feature, 'components', 4096, 'shape') FROM feature WHERE shape IS NOT NULL;

-- component_count: how many components there are
SELECT count(*) FROM component;

-- newest_batch: the state of the inventory: its newest batch
SELECT coalesce(max(id), 0) FROM import_batch WHERE state = 'promoted' AND target = 'components';

-- current_checksum: one number over the current rows of inventory, areas and casework
SELECT md5(concat_ws('|',
    (SELECT md5(coalesce(string_agg(md5(component::text), '' ORDER BY id), '')) FROM component),
    (SELECT md5(coalesce(string_agg(md5(area::text), '' ORDER BY id), '')) FROM area),
    (SELECT md5(coalesce(string_agg(md5(report::text), '' ORDER BY id), '')) FROM report),
    (SELECT md5(coalesce(string_agg(md5(cases::text), '' ORDER BY id), '')) FROM cases),
    (SELECT md5(coalesce(string_agg(md5(department::text), '' ORDER BY code), '')) FROM department),
    (SELECT md5(coalesce(string_agg(md5(duty_rule::text), '' ORDER BY id), '')) FROM duty_rule)));
