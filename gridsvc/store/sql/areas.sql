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
INSERT INTO area_draft (kind, base_revision, batch_id, note, deed, whole, reverses)
VALUES (%(kind)s, (SELECT coalesce(max(revision), 0) FROM area_revision), %(batch_id)s, %(note)s, %(deed)s, %(whole)s,
        %(reverses)s)
RETURNING id;

-- draft: a draft and what became of it
SELECT id, kind, base_revision, batch_id, note, deed, whole, reverses, remarks, made_at, applied_revision,
       (SELECT count(*) FROM area_draft_row WHERE draft_id = area_draft.id) AS areas
  FROM area_draft WHERE id = %(draft_id)s;

-- lock_draft: nobody else changes or applies it until the transaction ends
SELECT id FROM area_draft WHERE id = %(draft_id)s FOR UPDATE;

-- draft_of_batch: the draft that an area layer became
SELECT id FROM area_draft WHERE batch_id = %(batch_id)s FOR UPDATE;

-- drop_draft: a draft that will not be applied, with its rows
DELETE FROM area_draft WHERE id = %(draft_id)s AND applied_revision IS NULL;

-- drafts: all drafts, newest first
SELECT id, kind, base_revision, batch_id, note, deed, whole, reverses, remarks, made_at, applied_revision,
       (SELECT count(*) FROM area_draft_row WHERE draft_id = area_draft.id) AS areas
  FROM area_draft ORDER BY id DESC;

-- keep_remarks: what a draft could not do as asked
UPDATE area_draft SET remarks = %(remarks)s WHERE id = %(draft_id)s;

-- drop_redrawn: the areas of a draft that were redrawn because those that they are made of change
DELETE FROM area_draft_row WHERE draft_id = %(draft_id)s AND redrawn;

-- mark_redrawn: the areas of a kind in a draft were redrawn
UPDATE area_draft_row SET redrawn = true WHERE draft_id = %(draft_id)s AND kind = %(kind)s;

-- kinds_of_draft: the kinds that a draft names, with or without those that are only drawn anew because of it
SELECT DISTINCT kind FROM area_draft_row WHERE draft_id = %(draft_id)s AND (%(redrawn)s OR NOT redrawn)
 UNION SELECT kind FROM area_draft WHERE id = %(draft_id)s ORDER BY kind;

-- last_change_of_kind: the newest revision that changed areas of a kind
SELECT coalesce(max(applied_revision), 0) AS revision
  FROM area_draft
 WHERE kind = %(kind)s OR EXISTS (SELECT FROM area_draft_row WHERE draft_id = area_draft.id AND area_draft_row.kind = %(kind)s);

-- newest_begin: from when the newest revision counts that changed areas of a kind
SELECT max(valid_from) FROM area_revision JOIN area_draft ON area_draft.id = draft_id
 WHERE called_off_at IS NULL AND (kind = %(kind)s OR EXISTS (SELECT FROM area_draft_row WHERE area_draft_row.draft_id = area_draft.id AND area_draft_row.kind = %(kind)s));

-- revisions_to_begin: revisions whose time is yet to come, up to a revision
SELECT revision FROM area_revision WHERE began_at IS NULL AND revision <= %(newest)s ORDER BY revision;

-- newest_change: from when the areas of today count
SELECT max(valid_from) FROM area_revision WHERE began_at IS NOT NULL;

-- make_changes_of_areas: what a draft changes, area by area
CREATE TEMP TABLE IF NOT EXISTS area_change (
    kind text, code text, old_id bigint, new boolean, PRIMARY KEY (kind, code)
) ON COMMIT DROP;
TRUNCATE area_change;

-- stage_changes: areas of a draft that are not as the newest areas, and newest areas that end
INSERT INTO area_change (kind, code, old_id, new)
SELECT drawn.kind, drawn.code, area.id, drawn.geom IS NOT NULL
  FROM area_draft_row AS drawn
  LEFT JOIN area ON area.kind = drawn.kind AND area.code = drawn.code AND area.valid_to IS NULL
 WHERE draft_id = %(draft_id)s
   AND (drawn.geom IS NOT NULL OR area.id IS NOT NULL)
   AND (area.id IS NULL OR drawn.geom IS NULL
        OR (area.name_zh, area.name_en, area.parent_code, area.attributes)
           IS DISTINCT FROM (drawn.name_zh, drawn.name_en, drawn.parent_code, drawn.attributes)
        OR ST_AsBinary(area.geom) <> ST_AsBinary(drawn.geom))
 UNION ALL
SELECT area.kind, area.code, area.id, false
  FROM area_draft JOIN area ON area.kind = area_draft.kind AND area.valid_to IS NULL
 WHERE area_draft.id = %(draft_id)s AND whole
   AND NOT EXISTS (SELECT FROM area_draft_row AS drawn
                    WHERE drawn.draft_id = area_draft.id AND drawn.kind = area.kind AND drawn.code = area.code);

-- burnt_codes: codes that a draft gives to new ground though an area that ended had them
WITH ended AS MATERIALIZED (  -- few or none; else each changed area would walk all areas to look for them
    SELECT kind, code, ended_by, geom FROM area WHERE valid_to IS NOT NULL
)
SELECT ended.kind, ended.code, max(ended.ended_by) AS ended_by
  FROM ended
  JOIN area_change ON area_change.kind = ended.kind AND area_change.code = ended.code AND old_id IS NULL
  JOIN area_draft_row AS drawn ON drawn.draft_id = %(draft_id)s AND drawn.kind = ended.kind AND drawn.code = ended.code
 GROUP BY ended.kind, ended.code
HAVING NOT bool_or(ST_AsBinary(ended.geom) = ST_AsBinary(drawn.geom))
 ORDER BY 1, 2;

-- changed_areas: the areas that a draft changes, as they are and as they become
SELECT area_change.kind, area_change.code, old_id, coalesce(drawn.redrawn, false) AS redrawn,
       area.name_zh AS old_name_zh, area.name_en AS old_name_en, ST_AsBinary(area.geom) AS old_geom,
       drawn.name_zh, drawn.name_en, drawn.parent_code, ST_AsBinary(drawn.geom) AS new_geom
  FROM area_change
  LEFT JOIN area ON area.id = old_id
  LEFT JOIN area_draft_row AS drawn ON new AND drawn.draft_id = %(draft_id)s AND drawn.kind = area_change.kind
                                   AND drawn.code = area_change.code
 ORDER BY area_change.kind, area_change.code COLLATE "C";

-- add_revision: the next revision of the areas
INSERT INTO area_revision (revision, draft_id, valid_from, cases)
SELECT coalesce(max(revision), 0) + 1, %(draft_id)s, %(valid_from)s, %(cases)s FROM area_revision
RETURNING revision;

-- end_areas: the areas that a draft changes end where its own begin
UPDATE area SET valid_to = %(valid_from)s, ended_by = %(revision)s FROM area_change WHERE area.id = old_id;

-- areas_from_draft: the changed areas of a draft become areas
INSERT INTO area (kind, code, name_zh, name_en, parent_code, attributes, area_m2, valid_from, revision, geom)
SELECT drawn.kind, drawn.code, name_zh, name_en, parent_code, attributes, ST_Area(geom), %(valid_from)s, %(revision)s, geom
  FROM area_draft_row AS drawn JOIN area_change USING (kind, code)
 WHERE draft_id = %(draft_id)s AND new
RETURNING id;

-- leave_force: areas that a revision ended are not in force any more
UPDATE area SET current = false WHERE ended_by = %(revision)s;

-- enter_force: the areas of a revision are
UPDATE area SET current = true WHERE revision = %(revision)s;

-- mark_begun: the inventory follows the revision
UPDATE area_revision SET began_at = clock_timestamp() WHERE revision = %(revision)s;

-- due_revision: the first revision whose time has come and that has not begun
SELECT revision FROM area_revision
 WHERE began_at IS NULL AND called_off_at IS NULL AND valid_from <= now() ORDER BY revision LIMIT 1;

-- drop_areas_to_come: the areas of a revision that is called off never were
DELETE FROM area WHERE revision = %(revision)s;

-- go_on: the areas that it would have ended go on
UPDATE area SET valid_to = NULL, ended_by = NULL WHERE ended_by = %(revision)s;

-- call_off: the revision never begins
UPDATE area_revision SET called_off_at = clock_timestamp() WHERE revision = %(revision)s;

-- later_revision: the first revision after one that changed the same kinds and was not called off
SELECT min(later.revision)
  FROM area_revision AS later
  JOIN area_draft ON area_draft.id = later.draft_id
 WHERE later.revision > %(revision)s AND later.called_off_at IS NULL
   AND (area_draft.kind = ANY(%(kinds)s)
        OR EXISTS (SELECT FROM area_draft_row AS drawn WHERE drawn.draft_id = later.draft_id AND drawn.kind = ANY(%(kinds)s)));

-- box_of_revision: around all that a revision changes
SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
  FROM (SELECT ST_Extent(geom) AS box FROM area WHERE revision = %(revision)s OR ended_by = %(revision)s) AS changed
 WHERE box IS NOT NULL;

-- ended_for_good: areas that a revision ended and whose codes no area has any more
SELECT kind, code, ST_AsBinary(geom) AS geom
  FROM area AS ended
 WHERE ended_by = %(revision)s
   AND NOT EXISTS (SELECT FROM area WHERE area.kind = ended.kind AND area.code = ended.code AND area.valid_to IS NULL)
 ORDER BY kind, code COLLATE "C";

-- add_succession: which areas took over from one that ended
INSERT INTO area_succession (kind, code, successor, revision)
SELECT %(kind)s, code, successor, %(revision)s
  FROM unnest(%(codes)s::text[], %(successors)s::text[]) AS given (code, successor);

-- pass_on_duty_areas: accounts whose areas of duty ended get those that took over
INSERT INTO account_area (account_id, area_kind, area_code)
SELECT account_id, area_kind, successor
  FROM account_area JOIN area_succession ON kind = area_kind AND code = area_code
 WHERE revision = %(revision)s
ON CONFLICT DO NOTHING;

-- end_duty_areas: and lose those that ended
DELETE FROM account_area
 WHERE (area_kind, area_code) IN (SELECT kind, code FROM area_succession WHERE revision = %(revision)s)
    OR area_kind = %(kind)s AND area_code = ANY(%(codes)s);

-- revision: a revision of the areas
SELECT revision, draft_id, valid_from, applied_at, began_at, called_off_at, cases FROM area_revision WHERE revision = %(revision)s;

-- revisions: what changed the areas, newest first
SELECT revision, draft_id, valid_from, applied_at, began_at, called_off_at, area_draft.kind, note, deed, reverses,
       (SELECT count(*) FROM area WHERE area.revision = area_revision.revision) AS made,
       (SELECT count(*) FROM area WHERE area.ended_by = area_revision.revision) AS ended
  FROM area_revision JOIN area_draft ON area_draft.id = draft_id
 ORDER BY revision DESC LIMIT %(limit)s OFFSET %(offset)s;

-- overtaken: areas that a revision made and that are not there any more as it made them
SELECT kind, code, ended_by FROM area AS made
 WHERE revision = %(revision)s AND ended_by IS NOT NULL
   AND NOT EXISTS (SELECT FROM area WHERE area.kind = made.kind AND area.code = made.code AND area.valid_to IS NULL
                                      AND ST_AsBinary(area.geom) = ST_AsBinary(made.geom))
 ORDER BY kind, code LIMIT 1;

-- accounts_on_duty: accounts whose areas of duty are among some
SELECT account.name, account.display_name, area_code AS code
  FROM account_area JOIN account ON account.id = account_id
 WHERE area_kind = %(kind)s AND area_code = ANY(%(codes)s) ORDER BY account.name, area_code;

-- draft_reverse: the areas that a revision ended come back, those that it made end
INSERT INTO area_draft_row (draft_id, kind, code, name_zh, name_en, parent_code, attributes, geom)
SELECT %(draft_id)s, kind, code, name_zh, name_en, parent_code, attributes, geom
  FROM area WHERE ended_by = %(revision)s
 UNION ALL
SELECT %(draft_id)s, kind, code, name_zh, name_en, parent_code, attributes, NULL
  FROM area AS made WHERE revision = %(revision)s
   AND NOT EXISTS (SELECT FROM area AS ended WHERE ended.ended_by = %(revision)s AND ended.kind = made.kind
                                                AND ended.code = made.code);

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

-- tell_revision: the areas have a new revision, for those who hold an index of them
SELECT pg_notify('gridsvc_areas', (%(revision)s::int)::text);

-- listen: from here on this connection is told of new revisions
LISTEN gridsvc_areas;

-- span_of_areas: from when to when the areas in force at a moment stay as they are
SELECT max(change) FILTER (WHERE change <= %(at)s), min(change) FILTER (WHERE change > %(at)s)
  FROM area, unnest(ARRAY[valid_from, valid_to]) AS change;

-- ids_to_index: the ids of the areas of a kind at a moment, or as a revision left them, in the order of the rule of ties
SELECT id FROM area
 WHERE kind = %(kind)s AND is_as_of(area, %(at)s, %(revision)s)
 ORDER BY code COLLATE "C";

-- mark_applied: the draft is a revision
UPDATE area_draft SET applied_revision = %(revision)s WHERE id = %(draft_id)s;

-- areas_in_force: the areas of a kind today
SELECT id, kind, code, name_zh, name_en, parent_code, area_m2, ST_AsBinary(geom) AS geom
  FROM area WHERE kind = %(kind)s AND current ORDER BY code COLLATE "C";

-- newest_areas: the areas of a kind that no revision ended yet, those whose time is yet to come included
SELECT id, kind, code, name_zh, name_en, parent_code, area_m2, ST_AsBinary(geom) AS geom
  FROM area
 WHERE kind = %(kind)s AND valid_to IS NULL
   AND (%(codes)s::text[] IS NULL OR code = ANY(%(codes)s))
   AND (%(parents)s::text[] IS NULL OR parent_code = ANY(%(parents)s))
   AND (%(xmin)s::float8 IS NULL OR geom && ST_SetSRID(ST_MakeBox2D(ST_Point(%(xmin)s, %(ymin)s), ST_Point(%(xmax)s, %(ymax)s)),
                                                     ST_SRID(geom)))
 ORDER BY code COLLATE "C";

-- newest_shapes: codes and shapes alone of those in a box
SELECT code, ST_AsBinary(geom)
  FROM area
 WHERE kind = %(kind)s AND valid_to IS NULL
   AND geom && ST_SetSRID(ST_MakeBox2D(ST_Point(%(xmin)s, %(ymin)s), ST_Point(%(xmax)s, %(ymax)s)), ST_SRID(geom))
 ORDER BY code COLLATE "C";

-- codes_ever: the codes that areas of a kind have or had, of those that begin so
SELECT DISTINCT code FROM area WHERE kind = %(kind)s AND starts_with(code, %(prefix)s);

-- areas_to_index: the areas of a kind at a moment, or as a revision left them, in the order of the rule of ties
SELECT id, code, name_zh, name_en, ST_AsBinary(geom)
  FROM area
 WHERE kind = %(kind)s AND is_as_of(area, %(at)s, %(revision)s)
   AND (%(xmin)s::float8 IS NULL
        OR geom && ST_SetSRID(ST_MakeBox2D(ST_Point(%(xmin)s, %(ymin)s), ST_Point(%(xmax)s, %(ymax)s)), ST_SRID(geom)))
 ORDER BY code COLLATE "C";

-- areas_page: the areas of a kind at a moment, or as a revision left them, without their shapes
SELECT code, name_zh, name_en, parent_code, area_m2, valid_from
  FROM area WHERE kind = %(kind)s AND is_as_of(area, %(at)s, %(revision)s) ORDER BY code
 LIMIT %(limit)s OFFSET %(offset)s;

-- area_tile: the areas of a kind at a moment, or as a revision left them, as a vector tile
WITH tile AS MATERIALIZED (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS around),
     feature AS (
         SELECT code, name_zh, name_en, ST_AsMVTGeom(ST_Transform(geom, 3857), around) AS shape
           FROM area, tile
          WHERE kind = %(kind)s AND is_as_of(area, %(at)s, %(revision)s)
            AND geom && (SELECT ST_Transform(ST_Expand(around, (ST_XMax(around) - ST_XMin(around)) / 16), %(srid)s)
                           FROM tile))
SELECT ST_AsMVT(feature, 'areas', 4096, 'shape') FROM feature WHERE shape IS NOT NULL;

-- area_count: how many areas of a kind there are at a moment, or a revision left
SELECT count(*) FROM area WHERE kind = %(kind)s AND is_as_of(area, %(at)s, %(revision)s);

-- neighbours_of_changes: areas of a kind that stay as they are, beside those that a draft changes
WITH changed AS MATERIALIZED (
    SELECT ST_Envelope(area.geom) AS box FROM area_change JOIN area ON area.id = old_id
     WHERE area_change.kind = %(kind)s
     UNION ALL
    SELECT ST_Envelope(drawn.geom) FROM area_change JOIN area_draft_row AS drawn USING (kind, code)
     WHERE draft_id = %(draft_id)s AND kind = %(kind)s AND drawn.geom IS NOT NULL
), beside AS MATERIALIZED (
    SELECT DISTINCT area.id FROM changed JOIN area ON area.geom && changed.box
     WHERE area.kind = %(kind)s AND area.valid_to IS NULL
)
SELECT id, code, name_zh, name_en, ST_AsBinary(geom) AS geom
  FROM beside JOIN area USING (id)
 WHERE NOT EXISTS (SELECT FROM area_change WHERE area_change.old_id = id);

-- measure_changes: the planner learns how many there are
ANALYZE area_change;

-- draft_tile: what a draft changes as a vector tile: areas as they are and as they become
WITH tile AS MATERIALIZED (
         SELECT around, ST_Transform(ST_Expand(around, (ST_XMax(around) - ST_XMin(around)) / 16), %(srid)s) AS box
           FROM (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS around) AS envelope),
     drawn AS (SELECT * FROM area_draft_row, tile WHERE draft_id = %(draft_id)s AND (geom IS NULL OR geom && box)),
     shown AS (
         SELECT kind, code, name_zh, name_en, redrawn, 'after' AS side, geom FROM drawn WHERE geom IS NOT NULL
          UNION ALL
         SELECT area.kind, area.code, area.name_zh, area.name_en, redrawn, CASE WHEN drawn.geom IS NULL THEN 'ends' ELSE 'before' END,
                area.geom
           FROM drawn JOIN area USING (kind, code) JOIN tile ON area.geom && tile.box
          WHERE CASE WHEN %(revision)s::int IS NULL THEN area.valid_to IS NULL ELSE area.ended_by = %(revision)s END),
     feature AS (SELECT kind, code, name_zh, name_en, redrawn, side,
                        ST_AsMVTGeom(ST_Transform(geom, 3857), (SELECT around FROM tile)) AS shape FROM shown)
SELECT ST_AsMVT(feature, 'draft', 4096, 'shape') FROM feature WHERE shape IS NOT NULL;

-- box_of_draft: around what a draft draws or ends, in degrees
SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
  FROM (SELECT ST_Transform(ST_SetSRID(ST_Extent(shape)::geometry, %(srid)s), 4326) AS box
          FROM (SELECT drawn.geom AS shape FROM area_draft_row AS drawn WHERE draft_id = %(draft_id)s
                 UNION ALL
                SELECT area.geom FROM area_draft_row AS drawn JOIN area USING (kind, code)
                 WHERE draft_id = %(draft_id)s AND area.valid_to IS NULL) AS all_of_it) AS extent
 WHERE box IS NOT NULL;
