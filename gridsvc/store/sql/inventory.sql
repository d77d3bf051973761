-- make_keys: what a staged file says of each row that has a code
CREATE TEMP TABLE IF NOT EXISTS import_key (row int, code text, digest bigint) ON COMMIT DROP;
TRUNCATE import_key;

-- match_by_code: staged rows and the components that have their codes, and whether they may differ; one line of numbers
SELECT string_agg(import_key.row::text, ' '), string_agg(component.id::text, ' '),
       string_agg(CASE WHEN component.digest = import_key.digest THEN '0' ELSE '1' END, ' ')
  FROM import_key JOIN component ON component_code = import_key.code;

-- make_matched: components that rows of a file were found to be
CREATE TEMP TABLE IF NOT EXISTS import_matched (id bigint) ON COMMIT DROP;
TRUNCATE import_matched;

-- unmatched_in_scope: live components of some subclasses in some areas that are not among the matched; a point on each
COPY (SELECT id, component_code, subclass_code, digest, ST_X(place) AS x, ST_Y(place) AS y
        FROM component, LATERAL (
             SELECT CASE ST_Dimension(geom) WHEN 0 THEN ST_GeometryN(geom, 1)
                         WHEN 1 THEN ST_LineInterpolatePoint(ST_GeometryN(geom, 1), 0.5)
                         ELSE ST_PointOnSurface(geom) END AS place) AS anchor
       WHERE state NOT IN ('removed', 'abandoned')
         AND subclass_code = ANY (string_to_array(%(subclasses)s, ','))
         AND (%(areas)s = '' OR area_ids && string_to_array(%(areas)s, ',')::bigint[])
         AND NOT EXISTS (SELECT FROM import_matched WHERE import_matched.id = component.id)
       ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER);

-- stored_rows: components by id, with all that an import can change
SELECT id, component_code, subclass_code, state, authority, owner, maintainer, position, attributes,
       ST_AsBinary(geom) AS geom
  FROM component WHERE id = ANY(%(ids)s) ORDER BY id;

-- make_changes: new states of components
CREATE TEMP TABLE IF NOT EXISTS import_change (
    id bigint, subclass_code text, state text, authority text, owner text, maintainer text, position text,
    attributes jsonb, area_ids bigint[], digest bigint, geom geometry) ON COMMIT DROP;
TRUNCATE import_change;

-- archive_changed: what components were before a batch changes them
INSERT INTO component_version (component_id, version, subclass_code, state, authority, owner, maintainer, position,
                               attributes, area_ids, batch_id, geom, recorded_at, component_code, code_scheme,
                               superseded_by, fate, digest)
SELECT id, version, subclass_code, state, authority, owner, maintainer, position, attributes, area_ids, batch_id, geom,
       recorded_at, component_code, code_scheme, %(batch_id)s, 'changed', digest
  FROM component WHERE id IN (SELECT id FROM import_change);

-- change_components: components become what a batch says
UPDATE component
   SET subclass_code = change.subclass_code, state = change.state, authority = change.authority, owner = change.owner,
       maintainer = change.maintainer, position = change.position, attributes = change.attributes,
       area_ids = change.area_ids, geom = change.geom, digest = change.digest, batch_id = %(batch_id)s,
       version = component.version + 1, recorded_at = now()
  FROM import_change AS change WHERE component.id = change.id;

-- archive_retired: what components were before a batch retires them
INSERT INTO component_version (component_id, version, subclass_code, state, authority, owner, maintainer, position,
                               attributes, area_ids, batch_id, geom, recorded_at, component_code, code_scheme,
                               superseded_by, fate, digest)
SELECT id, version, subclass_code, state, authority, owner, maintainer, position, attributes, area_ids, batch_id, geom,
       recorded_at, component_code, code_scheme, %(batch_id)s, 'retired', digest
  FROM component WHERE id IN (SELECT unnest(%(ids)s::bigint[]));

-- retire_components: components that are not there any more
UPDATE component SET state = 'removed', batch_id = %(batch_id)s, version = version + 1, recorded_at = now(), digest = NULL
 WHERE id IN (SELECT unnest(%(ids)s::bigint[]));

-- later_batches: batches that changed since what a batch added or changed, or have photos of what it added; of how much
SELECT batch_id, count(DISTINCT later.id) AS components, min(import_batch.file_name) AS file_name
  FROM (SELECT component.batch_id, component.id FROM component
         WHERE component.batch_id <> %(batch_id)s
           AND component.id IN (
               SELECT component_id FROM component_version WHERE superseded_by = %(batch_id)s
                UNION SELECT component_id FROM component_version WHERE batch_id = %(batch_id)s)
        UNION ALL
        SELECT component_photo.batch_id, component.id
          FROM component_photo JOIN component ON component.id = component_id
         WHERE component.batch_id = %(batch_id)s AND component_photo.batch_id <> %(batch_id)s
           AND NOT EXISTS (SELECT FROM component_version
                            WHERE component_id = component.id AND superseded_by + 0 = %(batch_id)s)) AS later
  JOIN import_batch ON import_batch.id = batch_id
 GROUP BY batch_id ORDER BY batch_id;

-- reports_of_added: reports that name a component which a batch added. `+ 0` keeps the planner, which knows nothing yet of
-- rows just written, from looking through all versions of the batch for each component
SELECT count(*) FROM report
 WHERE component_code IN (
       SELECT component_code FROM component
        WHERE batch_id = %(batch_id)s
          AND NOT EXISTS (SELECT FROM component_version
                           WHERE component_id = component.id AND superseded_by + 0 = %(batch_id)s));

-- delete_added: components that a batch added go, and are versions from now on
WITH gone AS (
    DELETE FROM component
     WHERE batch_id = %(batch_id)s
       AND NOT EXISTS (SELECT FROM component_version
                        WHERE component_id = component.id AND superseded_by + 0 = %(batch_id)s)
    RETURNING *)
INSERT INTO component_version (component_id, version, subclass_code, state, authority, owner, maintainer, position,
                               attributes, area_ids, batch_id, geom, recorded_at, component_code, code_scheme,
                               superseded_by, fate, digest)
SELECT id, version, subclass_code, state, authority, owner, maintainer, position, attributes, area_ids, batch_id, geom,
       recorded_at, component_code, code_scheme, %(batch_id)s, 'undone', digest
  FROM gone;

-- archive_undone: what a batch made of components that were there before, before it is taken back
INSERT INTO component_version (component_id, version, subclass_code, state, authority, owner, maintainer, position,
                               attributes, area_ids, batch_id, geom, recorded_at, component_code, code_scheme,
                               superseded_by, fate, digest)
SELECT id, version, subclass_code, state, authority, owner, maintainer, position, attributes, area_ids, batch_id, geom,
       recorded_at, component_code, code_scheme, %(batch_id)s, 'undone', digest
  FROM component WHERE batch_id = %(batch_id)s;

-- restore_changed: components that a batch changed or retired become what they were
UPDATE component
   SET subclass_code = was.subclass_code, state = was.state, authority = was.authority, owner = was.owner,
       maintainer = was.maintainer, position = was.position, attributes = was.attributes, area_ids = was.area_ids,
       geom = was.geom, digest = was.digest, batch_id = was.batch_id, version = component.version + 1,
       recorded_at = now()
  FROM component_version AS was
 WHERE component.batch_id = %(batch_id)s AND was.component_id = component.id
   AND was.superseded_by + 0 = %(batch_id)s AND was.fate <> 'undone'
RETURNING component.id;

-- areas_changed_since: whether areas were applied since a batch was promoted
SELECT EXISTS (SELECT FROM area_revision, import_batch
                WHERE import_batch.id = %(batch_id)s AND began_at >= promoted_at);

-- component_history: all that a component was, newest first
SELECT version, subclass_code, state, authority, owner, maintainer, position, attributes, batch_id, recorded_at,
       superseded_at, superseded_by, fate, ST_AsGeoJSON(ST_Transform(geom, 4326), 9)::json AS geometry
  FROM component_version WHERE component_code = %(code)s
UNION ALL
SELECT version, subclass_code, state, authority, owner, maintainer, position, attributes, batch_id, recorded_at,
       NULL, NULL, NULL, ST_AsGeoJSON(ST_Transform(geom, 4326), 9)::json
  FROM component WHERE component_code = %(code)s
 ORDER BY recorded_at DESC, version DESC;

-- codes_in_use: which of the given codes the store holds or held, or a staged file brings
SELECT component_code FROM component WHERE component_code IN (SELECT unnest(%(codes)s::text[]))
 UNION SELECT component_code FROM component_version WHERE component_code IN (SELECT unnest(%(codes)s::text[]));

-- take_serials: reserve serials of a district and subclass; the last one reserved comes back
INSERT INTO code_serial (district_code, subclass_part, last_serial)
VALUES (%(district_code)s, %(subclass_part)s, %(count)s)
ON CONFLICT (district_code, subclass_part) DO UPDATE SET last_serial = code_serial.last_serial + excluded.last_serial
RETURNING last_serial;

-- burn_serials: codes that a batch brought, and that belong to a series of ours, burn their serials too
INSERT INTO code_serial (district_code, subclass_part, last_serial)
VALUES (%(district_code)s, %(subclass_part)s, %(last_serial)s)
ON CONFLICT (district_code, subclass_part)
DO UPDATE SET last_serial = greatest(code_serial.last_serial, excluded.last_serial);

-- places_of_components: where components in a box lie, in the order of their ids; the shape of those that are no points
COPY (SELECT id, ST_X(point) AS x, ST_Y(point) AS y, CASE WHEN point IS NULL THEN encode(ST_AsBinary(geom), 'hex') END AS shape,
             area_ids
        FROM component, LATERAL (SELECT CASE WHEN GeometryType(geom) = 'POINT' THEN geom END AS point) AS anchor
       WHERE id > %(after)s
         AND geom && ST_SetSRID(ST_MakeBox2D(ST_Point(%(xmin)s, %(ymin)s), ST_Point(%(xmax)s, %(ymax)s)), %(srid)s)
       ORDER BY id LIMIT %(most)s) TO STDOUT WITH (FORMAT csv, HEADER);

-- points_of_components: the same of points alone, without their areas: one row of bytes for some tens of thousands
SELECT string_agg(int8send(id) || float8send(ST_X(geom)) || float8send(ST_Y(geom)), ''::bytea)
  FROM component
 WHERE GeometryType(geom) = 'POINT'
   AND geom && ST_SetSRID(ST_MakeBox2D(ST_Point(%(xmin)s, %(ymin)s), ST_Point(%(xmax)s, %(ymax)s)), %(srid)s)
 GROUP BY id / 50000;

-- shapes_of_components: those in a box that are no points
SELECT id, ST_AsBinary(geom) FROM component
 WHERE GeometryType(geom) <> 'POINT'
   AND geom && ST_SetSRID(ST_MakeBox2D(ST_Point(%(xmin)s, %(ymin)s), ST_Point(%(xmax)s, %(ymax)s)), %(srid)s);

-- make_moved: components that other areas hold than before
CREATE TEMP TABLE IF NOT EXISTS component_moved (id bigint, area_ids bigint[]) ON COMMIT DROP;
TRUNCATE component_moved;

-- assign_moved: they get these
UPDATE component SET area_ids = moved.area_ids FROM component_moved AS moved WHERE component.id = moved.id;

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
    (SELECT md5(coalesce(string_agg(md5(ROW(id, component_code, code_scheme, subclass_code, state, authority, owner,
                                            maintainer, position, attributes, area_ids, geom, visibility)::text),
                                    '' ORDER BY id), '')) FROM component),
    (SELECT md5(coalesce(string_agg(md5(area::text), '' ORDER BY id), '')) FROM area),
    (SELECT md5(coalesce(string_agg(md5(report::text), '' ORDER BY id), '')) FROM report),
    (SELECT md5(coalesce(string_agg(md5(cases::text), '' ORDER BY id), '')) FROM cases),
    (SELECT md5(coalesce(string_agg(md5(department::text), '' ORDER BY code), '')) FROM department),
    (SELECT md5(coalesce(string_agg(md5(duty_rule::text), '' ORDER BY id), '')) FROM duty_rule)));

-- codes_of_components: codes and subclasses of some components
SELECT id, component_code, subclass_code FROM component WHERE id = ANY(%(ids)s);
