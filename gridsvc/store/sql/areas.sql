-- area_kinds: every kind of area that the city declared
SELECT kind, name_zh, name_en, parent, made_of, must_tile, code_scheme, specificity
  FROM area_kind ORDER BY specificity, kind;

-- declare_area_kind: add a kind, or bring its description up to date
INSERT INTO area_kind (kind, name_zh, name_en, parent, made_of, must_tile, code_scheme, specificity)
VALUES (%(kind)s, %(name_zh)s, %(name_en)s, %(parent)s, %(made_of)s, %(must_tile)s, %(code_scheme)s, %(specificity)s)
ON CONFLICT (kind) DO UPDATE
   SET name_zh = excluded.name_zh, name_en = excluded.name_en, parent = excluded.parent, made_of = excluded.made_of,
       must_tile = excluded.must_tile, code_scheme = excluded.code_scheme, specificity = excluded.specificity;

-- current_revision: the newest revision of the areas; 0 before the first
SELECT coalesce(max(revision), 0) AS revision FROM area_revision;

-- add_draft: a new, empty draft of areas
INSERT INTO area_draft (kind, base_revision, batch_id, note)
VALUES (%(kind)s, (SELECT coalesce(max(revision), 0) FROM area_revision), %(batch_id)s, %(note)s)
RETURNING id;

-- draft: a draft and what became of it
SELECT id, kind, base_revision, batch_id, note, applied_revision,
       (SELECT count(*) FROM area_draft_row WHERE draft_id = area_draft.id) AS areas
  FROM area_draft WHERE id = %(draft_id)s FOR UPDATE;

-- draft_of_batch: the draft that an area layer became
SELECT id, kind, base_revision, batch_id, note, applied_revision,
       (SELECT count(*) FROM area_draft_row WHERE draft_id = area_draft.id) AS areas
  FROM area_draft WHERE batch_id = %(batch_id)s FOR UPDATE;

-- drop_draft: a draft that will not be applied, with its rows
DELETE FROM area_draft WHERE id = %(draft_id)s AND applied_revision IS NULL;

-- drafts: all drafts, newest first
SELECT id, kind, base_revision, batch_id, note, applied_revision,
       (SELECT count(*) FROM area_draft_row WHERE draft_id = area_draft.id) AS areas
  FROM area_draft ORDER BY id DESC;

-- last_change_of_kind: the newest revision that changed areas of a kind
SELECT coalesce(max(revision), 0) AS revision
  FROM area_revision JOIN area_draft ON area_draft.id = area_revision.draft_id
 WHERE area_draft.kind = %(kind)s;

-- newest_begin: from when the newest areas of a kind count
SELECT max(valid_from) FROM area WHERE kind = %(kind)s AND valid_to IS NULL;

-- newest_change: from when the newest areas of any kind count
SELECT max(valid_from) FROM area;

-- add_revision: the next revision of the areas
INSERT INTO area_revision (revision, draft_id, valid_from)
SELECT coalesce(max(revision), 0) + 1, %(draft_id)s, %(valid_from)s FROM area_revision
RETURNING revision;

-- retire_areas: the areas of a kind that a draft replaces end where its own begin
UPDATE area SET valid_to = %(valid_from)s
 WHERE kind = %(kind)s AND valid_to IS NULL
RETURNING id;

-- areas_from_draft: the rows of a draft become areas in force
INSERT INTO area (kind, code, name_zh, name_en, parent_code, attributes, area_m2, valid_from, revision, geom)
SELECT %(kind)s, code, name_zh, name_en, parent_code, attributes, ST_Area(geom), %(valid_from)s, %(revision)s, geom
  FROM area_draft_row WHERE draft_id = %(draft_id)s
RETURNING id;

-- add_pieces: areas of a revision cut into pieces of at most 64 vertices
INSERT INTO area_piece (area_id, geom)
SELECT area.id, piece.geom
  FROM area, ST_Subdivide(area.geom, 64) AS cut, ST_Dump(cut) AS piece
 WHERE area.revision = %(revision)s AND ST_Dimension(piece.geom) = 2;

-- add_edges: the edges of areas of a revision in runs of at most 16 vertices
INSERT INTO area_edge (area_id, geom)
SELECT area.id, run.geom
  FROM area, ST_Subdivide(ST_Boundary(area.geom), 16) AS cut, ST_Dump(cut) AS run
 WHERE area.revision = %(revision)s;

-- mark_applied: the draft is in force
UPDATE area_draft SET applied_revision = %(revision)s WHERE id = %(draft_id)s;

-- areas_in_force: the areas of a kind today
SELECT id, kind, code, name_zh, name_en, parent_code, area_m2, geom
  FROM area WHERE kind = %(kind)s AND valid_to IS NULL ORDER BY code;

-- areas_to_index: the areas of a kind today, or at a time, in the order of the rule of ties
SELECT id, code, name_zh, name_en, ST_AsBinary(geom)
  FROM area
 WHERE kind = %(kind)s
   AND CASE WHEN %(at)s::timestamptz IS NULL THEN valid_to IS NULL
            ELSE valid_from <= %(at)s AND (valid_to IS NULL OR valid_to > %(at)s) END
 ORDER BY code COLLATE "C";

-- areas_page: the areas of a kind today, without their shapes
SELECT code, name_zh, name_en, parent_code, area_m2, valid_from
  FROM area WHERE kind = %(kind)s AND valid_to IS NULL ORDER BY code
 LIMIT %(limit)s OFFSET %(offset)s;

-- area_tile: the areas of a kind today as a vector tile
WITH tile AS MATERIALIZED (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS around),
     feature AS (
         SELECT code, name_zh, name_en, ST_AsMVTGeom(ST_Transform(geom, 3857), around) AS shape
           FROM area, tile
          WHERE kind = %(kind)s AND valid_to IS NULL
            AND geom && (SELECT ST_Transform(ST_Expand(around, (ST_XMax(around) - ST_XMin(around)) / 16), %(srid)s)
                           FROM tile))
SELECT ST_AsMVT(feature, 'areas', 4096, 'shape') FROM feature WHERE shape IS NOT NULL;

-- area_count: how many areas of a kind there are today
SELECT count(*) FROM area WHERE kind = %(kind)s AND valid_to IS NULL;
