-- declare_layer: name a layer, or change what the name means
INSERT INTO layer (layer, definition) VALUES (%(layer)s, %(definition)s)
ON CONFLICT (layer) DO UPDATE SET definition = excluded.definition;

-- layers: all named layers
SELECT layer, definition FROM layer ORDER BY layer;

-- batch_of_file: the batch that already promoted a file into a layer
SELECT id, promoted_at FROM import_batch
 WHERE sha256 = %(sha256)s AND layer = %(layer)s AND state = 'promoted' ORDER BY id DESC LIMIT 1;

-- standing_batch_of_file: the same, unless areas came of it that something overtook: those may be wanted back
SELECT id, promoted_at FROM import_batch
 WHERE sha256 = %(sha256)s AND layer = %(layer)s AND state = 'promoted'
   AND NOT EXISTS (
       SELECT FROM area_draft AS made JOIN area_kind USING (kind)
         JOIN area_draft AS later ON later.kind = made.kind
              OR made.applied_revision IS NULL AND later.kind IN (area_kind.parent, area_kind.made_of)
        WHERE made.batch_id = import_batch.id
          AND later.applied_revision > coalesce(made.applied_revision, made.base_revision))
 ORDER BY id DESC LIMIT 1;

-- add_batch: a new batch
INSERT INTO import_batch (layer, target, file_name, sha256, state)
VALUES (%(layer)s, %(target)s, %(file_name)s, %(sha256)s, 'staged') RETURNING id;

-- finish_batch: a batch that has not ended yet ends in a state, with its counts
UPDATE import_batch SET state = %(state)s, counts = counts || %(counts)s,
       promoted_at = CASE WHEN %(state)s = 'promoted' THEN now() ELSE promoted_at END
 WHERE id = %(batch_id)s AND state = 'staged';

-- hold_batch: until this session lets go of it or ends, it is at work on the batch
SELECT pg_advisory_lock(hashtextextended('gridsvc.batch', %(batch_id)s));

-- release_batch: this session is done with the batch
SELECT pg_advisory_unlock(hashtextextended('gridsvc.batch', %(batch_id)s));

-- end_abandoned: staged batches that no session is at work on any more end as refused, and their rows go
WITH staged AS MATERIALIZED (SELECT id FROM import_batch WHERE state = 'staged'),
     left_alone AS MATERIALIZED (
       SELECT id FROM staged WHERE pg_try_advisory_xact_lock(hashtextextended('gridsvc.batch', id))),
     ended AS (
       UPDATE import_batch SET state = 'refused'
        WHERE state = 'staged' AND id IN (SELECT id FROM left_alone) RETURNING id)
DELETE FROM import_row WHERE batch_id IN (SELECT id FROM ended);

-- batches: all batches, newest first
SELECT id, layer, target, file_name, sha256, state, counts, staged_at, promoted_at
  FROM import_batch ORDER BY id DESC LIMIT %(limit)s;

-- batch_count: how many batches there are
SELECT count(*) FROM import_batch;

-- batch: one batch
SELECT id, layer, target, file_name, sha256, state, counts, staged_at, promoted_at
  FROM import_batch WHERE id = %(batch_id)s;

-- findings_of_batch: what the checks found, in file order
SELECT rule, severity, feature, message FROM import_finding WHERE batch_id = %(batch_id)s ORDER BY id;

-- drop_rows: staged rows of a batch that ended
DELETE FROM import_row WHERE batch_id = %(batch_id)s;

-- drop_rejected: staged rows that were set aside
DELETE FROM import_row WHERE batch_id = %(batch_id)s AND feature = ANY(%(features)s);

-- city_outline: the outline of the city: its areas of the least specific kind that tiles
SELECT ST_AsBinary(ST_UnaryUnion(ST_Collect(geom))) AS geom
  FROM area
 WHERE valid_to IS NULL
   AND kind = (SELECT area_kind.kind FROM area_kind JOIN area USING (kind)
                WHERE must_tile AND valid_to IS NULL ORDER BY specificity, kind LIMIT 1);

-- lock_promotion: one promotion at a time, since serials and the coverage are shared
SELECT pg_advisory_xact_lock(hashtext('gridsvc.promotion'));
