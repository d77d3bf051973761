-- lock_places: one layer of places is loaded at a time
SELECT pg_advisory_xact_lock(hashtext('gridsvc.places'));

-- current_places: what counts of a layer
SELECT id, layer, kind, file_name, sha256, loaded_at, places, set_aside FROM place_batch
 WHERE current AND (%(layer)s::text IS NULL OR layer = %(layer)s) ORDER BY layer;

-- place_batches: every file of a layer that is kept, newest first
SELECT id, current FROM place_batch WHERE layer = %(layer)s ORDER BY id DESC;

-- add_place_batch: a file that from now on is its layer
INSERT INTO place_batch (layer, kind, file_name, sha256, places, set_aside, current)
VALUES (%(layer)s, %(kind)s, %(file_name)s, %(sha256)s, %(places)s, %(set_aside)s, true) RETURNING id;

-- set_place_batch: whether a file is its layer
UPDATE place_batch SET current = %(current)s WHERE id = %(id)s;

-- drop_place_batch: a file that nobody goes back to any more
DELETE FROM place_batch WHERE id = %(id)s;

-- make_place_stage: where the places of a file land; n tells them apart
CREATE TEMPORARY TABLE IF NOT EXISTS place_stage (
    n int, name text, spelled text[], road text, number int, geom geometry
) ON COMMIT DROP;

-- empty_place_stage: ready for the next file
TRUNCATE place_stage;

-- add_places: one place for each name and spot; sections of a road that touch, or nearly, are one road
WITH pieces AS (
    SELECT *, CASE WHEN %(kind)s = 'road'
                   THEN ST_ClusterDBSCAN(geom, %(gap_m)s, 1) OVER (PARTITION BY name) ELSE n END AS piece
      FROM place_stage
), whole AS (
    SELECT min(n) AS n, name, min(spelled) AS spelled, min(road) AS road, min(number) AS number,
           ST_LineMerge(ST_Collect(geom ORDER BY n)) AS geom
      FROM pieces WHERE %(kind)s = 'road' GROUP BY name, piece
     UNION ALL
    SELECT min(n), name, min(spelled), min(road), min(number), geom
      FROM pieces WHERE %(kind)s <> 'road' GROUP BY name, geom
), added AS (
    INSERT INTO place (batch_id, name, road, number, geom)
    SELECT %(batch_id)s, name, road, number, ST_SetSRID(geom, %(srid)s) FROM whole ORDER BY n
    RETURNING id, name, number
)
INSERT INTO place_name (place_id, spelled, house)
SELECT DISTINCT added.id, word, added.number IS NOT NULL
  FROM added JOIN (SELECT DISTINCT name, spelled FROM whole) AS known USING (name), unnest(known.spelled) AS word;

-- count_places: how many places a file gave
UPDATE place_batch SET places = (SELECT count(*) FROM place WHERE batch_id = place_batch.id)
 WHERE id = %(id)s RETURNING places;

-- analyse_places: so that a new layer is searched as fast as an old one
ANALYZE place, place_name;

-- words_are_letters: whether the database takes Chinese characters for letters, without which nothing alike is found
SELECT show_trgm('人民路') <> '{}';

-- places_named: places whose names stand in an address, or are like what it asks for, likeliest first; a point of each, with how far the place reaches from it
WITH near AS (SELECT ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), %(srid)s) AS geom),
named AS (
    SELECT place_id, spelled, CASE WHEN spelled = ANY (%(phrases)s) THEN (1 + length(spelled)::float8 / %(letters)s) / 2
                                   ELSE length(spelled)::float8 / %(letters)s END AS alike
      FROM place_name WHERE spelled = ANY (%(parts)s::text[] || %(phrases)s::text[])
     UNION ALL
    SELECT place_id, spelled, similarity(spelled, phrase) * (1 + length(phrase)::float8 / %(letters)s) / 2
      FROM unnest(%(phrases)s::text[]) AS phrase JOIN place_name ON spelled %% phrase AND NOT house
), best AS (
    SELECT DISTINCT ON (place_id) place_id, spelled, least(alike, 1) AS alike FROM named ORDER BY place_id, alike DESC
), likely AS (
    SELECT place.id, batch.kind, place.name, best.spelled, place.road, place.number, best.alike, batch.layer,
           batch.file_name, batch.loaded_at, place.geom
      FROM best JOIN place ON place.id = place_id JOIN place_batch AS batch ON batch.id = batch_id AND current
     ORDER BY alike DESC, place.geom <-> (SELECT geom FROM near), place.id
     LIMIT %(limit)s
), placed AS (
    SELECT likely.*, CASE WHEN ST_Dimension(likely.geom) = 1 AND near.geom IS NOT NULL
                          THEN ST_ClosestPoint(likely.geom, near.geom) ELSE ST_PointOnSurface(likely.geom) END AS point
      FROM likely, near
)
SELECT id, kind, name, spelled, road, number, alike, layer, file_name, loaded_at, ST_X(point) AS x, ST_Y(point) AS y,
       CASE WHEN ST_Dimension(geom) > 0 THEN ST_MaxDistance(geom, point) END AS reach_m
  FROM placed ORDER BY alike DESC, id;

-- crossings: where two roads meet, or nearly; roads are called so, or their names begin so (sections)
WITH one AS (
    SELECT place.*, similarity(spelled, %(one)s) AS alike, layer, file_name, loaded_at
      FROM place_name JOIN place ON place.id = place_id JOIN place_batch AS batch ON batch.id = batch_id
     WHERE (spelled = %(one)s OR spelled LIKE %(one_begins)s) AND NOT house AND kind = 'road' AND current
), other AS (
    SELECT place.*, similarity(spelled, %(other)s) AS alike
      FROM place_name JOIN place ON place.id = place_id JOIN place_batch AS batch ON batch.id = batch_id
     WHERE (spelled = %(other)s OR spelled LIKE %(other_begins)s) AND NOT house AND kind = 'road' AND current
), met AS (
    SELECT one.id AS one, other.id AS other, one.name AS one_name, other.name AS other_name,
           (one.alike + other.alike) / 2 AS alike, one.layer, one.file_name, one.loaded_at,
           CASE WHEN ST_Intersects(one.geom, other.geom) THEN ST_Intersection(one.geom, other.geom)
                ELSE ST_ClosestPoint(one.geom, other.geom) END AS geom
      FROM one JOIN other ON one.id <> other.id AND ST_DWithin(one.geom, other.geom, %(gap_m)s)
), spots AS (
    SELECT one, other, one_name, other_name, alike, layer, file_name, loaded_at,
           ST_Centroid(unnest(ST_ClusterWithin((dumped).geom, %(gap_m)s))) AS geom
      FROM met, ST_Dump(geom) AS dumped GROUP BY one, other, one_name, other_name, alike, layer, file_name, loaded_at
)
SELECT one, other, one_name, other_name, alike, layer, file_name, loaded_at, ST_X(geom) AS x, ST_Y(geom) AS y
  FROM spots ORDER BY alike DESC, one, other, x, y LIMIT %(limit)s;

-- houses_beside: the nearest house numbers below and above one, on its side of the road
(SELECT place.id, number, layer, file_name, loaded_at, ST_X(ST_PointOnSurface(geom)) AS x,
        ST_Y(ST_PointOnSurface(geom)) AS y
   FROM place JOIN place_batch AS batch ON batch.id = batch_id
  WHERE road = %(road)s AND number < %(number)s AND mod(number - %(number)s, 2) = 0 AND current
  ORDER BY number DESC, place.id LIMIT 1)
 UNION ALL
(SELECT place.id, number, layer, file_name, loaded_at, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom))
   FROM place JOIN place_batch AS batch ON batch.id = batch_id
  WHERE road = %(road)s AND number > %(number)s AND mod(number - %(number)s, 2) = 0 AND current
  ORDER BY number, place.id LIMIT 1);

-- keep_report: nobody else changes a report until the transaction ends
SELECT FROM report WHERE id = %(id)s FOR NO KEY UPDATE;

-- place_report: a report gets its place
UPDATE report SET geom = ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), %(srid)s), accuracy_m = %(accuracy_m)s
 WHERE id = %(report_id)s;

-- note_place: who gave it, and from which source
INSERT INTO report_place (report_id, account, asked, name, kind, layer, file_name, accuracy_m, geom)
VALUES (%(report_id)s, %(account)s, %(asked)s, %(name)s, %(kind)s, %(layer)s, %(file_name)s, %(accuracy_m)s,
        ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), %(srid)s));

-- places_given: where a report was placed, newest first
SELECT at, account, asked, name, kind, layer, file_name, accuracy_m,
       ST_X(ST_Transform(geom, 4326)) AS lon, ST_Y(ST_Transform(geom, 4326)) AS lat
  FROM report_place WHERE report_id = %(report_id)s ORDER BY id DESC;
