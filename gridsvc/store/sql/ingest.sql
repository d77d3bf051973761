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
INSERT INTO import_batch (layer, target, file_name, sha256, state, kind, ending, account_id)
VALUES (%(layer)s, %(target)s, %(file_name)s, %(sha256)s, %(state)s, %(kind)s, %(ending)s,
        nullif(current_setting('gridsvc.account', true), '')::bigint)
RETURNING id;

-- keep_inspection: what a look at the file showed
UPDATE import_batch SET inspection = %(inspection)s, state = 'inspected' WHERE id = %(batch_id)s AND state = 'received';

-- keep_definition: what the file means, as somebody decided; what was found before does not count any more
UPDATE import_batch SET layer = %(layer)s, target = %(target)s, definition = %(definition)s, scope = %(scope)s,
       gone = %(gone)s, state = 'inspected', counts = '{}'
 WHERE id = %(batch_id)s AND state IN ('received', 'inspected', 'checked');

-- keep_checked: the file was checked and compared
UPDATE import_batch SET state = 'checked', counts = %(counts)s, scope = %(scope)s
 WHERE id = %(batch_id)s AND state IN ('received', 'inspected', 'checked');

-- finish_batch: a batch that has not ended yet ends in a state, with its counts
UPDATE import_batch SET state = %(state)s, counts = counts || %(counts)s, error = %(error)s, error_zh = %(error_zh)s,
       promoted_at = CASE WHEN %(state)s = 'promoted' THEN now() ELSE promoted_at END,
       ended_at = CASE WHEN %(state)s = 'promoted' THEN NULL ELSE now() END
 WHERE id = %(batch_id)s AND state IN ('received', 'inspected', 'checked', 'staged');

-- finish_undone: a promoted batch was taken back
UPDATE import_batch SET state = 'rolled_back', ended_at = now(), counts = counts || %(counts)s
 WHERE id = %(batch_id)s AND state = 'promoted';

-- keep_work: how far the work on a batch is
UPDATE import_batch SET work = %(work)s WHERE id = %(batch_id)s;

-- keep_error: the last step of a batch failed; the batch stands as it stood
UPDATE import_batch SET error = %(error)s, error_zh = %(error_zh)s WHERE id = %(batch_id)s;

-- hold_batch: until this session lets go of it or ends, it is at work on the batch; false if another one is
SELECT pg_try_advisory_lock(hashtextextended('gridsvc.batch', %(batch_id)s));

-- release_batch: this session is done with the batch
SELECT pg_advisory_unlock(hashtextextended('gridsvc.batch', %(batch_id)s));

-- batch_is_held: whether a session is at work on the batch
SELECT EXISTS (
    SELECT FROM pg_locks, LATERAL (SELECT hashtextextended('gridsvc.batch', %(batch_id)s) AS key) AS lock
     WHERE locktype = 'advisory' AND objsubid = 1 AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (classid::bigint << 32 | objid::bigint) = lock.key);

-- batches: all batches, newest first
SELECT import_batch.id, layer, target, file_name, sha256, state, counts, staged_at, promoted_at, ended_at, kind,
       account_id, gone, scope, work, error, error_zh
  FROM import_batch ORDER BY id DESC LIMIT %(limit)s OFFSET %(offset)s;

-- batch_count: how many batches there are
SELECT count(*) FROM import_batch;

-- batch: one batch
SELECT id, layer, target, file_name, sha256, state, counts, staged_at, promoted_at, ended_at, kind, ending, account_id,
       inspection, definition, scope, gone, work, error, error_zh
  FROM import_batch WHERE id = %(batch_id)s;

-- lock_batch: the same, locked until the transaction ends
SELECT id, state FROM import_batch WHERE id = %(batch_id)s FOR UPDATE;

-- forget_findings: before a batch is checked again
DELETE FROM import_finding WHERE batch_id = %(batch_id)s;

-- findings_of_batch: what the checks found, in file order; of a severity, of a rule
SELECT rule, severity, layer, feature, code, message, message_zh, hint, hint_zh, ST_AsBinary(geom) AS geom
  FROM import_finding
 WHERE batch_id = %(batch_id)s
   AND (%(severity)s::text IS NULL OR severity = %(severity)s) AND (%(rule)s::text IS NULL OR rule = %(rule)s)
 ORDER BY id LIMIT %(limit)s OFFSET %(offset)s;

-- finding_totals: how many findings there are of each rule
SELECT rule, severity, count(*) AS count FROM import_finding
 WHERE batch_id = %(batch_id)s GROUP BY rule, severity ORDER BY min(id);

-- rejected_of_batch: features that were set aside
SELECT layer, feature, code, reason, reason_zh, row FROM import_rejected
 WHERE batch_id = %(batch_id)s ORDER BY layer, feature LIMIT %(limit)s OFFSET %(offset)s;

-- near_distances: within which two components of a subclass are remarked upon
SELECT subclass_code, metres FROM near_distance;

-- declare_near: the same for one subclass
INSERT INTO near_distance (subclass_code, metres) VALUES (%(subclass_code)s, %(metres)s)
ON CONFLICT (subclass_code) DO UPDATE SET metres = excluded.metres;

-- inventory_state: how often the inventory was changed by batches: whoever compared with it can tell that it moved on
SELECT count(*) AS promoted, count(*) FILTER (WHERE state = 'rolled_back') AS undone
  FROM import_batch WHERE target = 'components' AND state IN ('promoted', 'rolled_back');

-- versions_digest: changes whenever one of some components does
SELECT md5(coalesce(string_agg(id || '.' || version, ' ' ORDER BY id), '')) FROM component WHERE id = ANY(%(ids)s);

-- city_outline: the outline of the city: its areas of the least specific kind that tiles
SELECT ST_AsBinary(ST_UnaryUnion(ST_Collect(geom))) AS geom
  FROM area
 WHERE current
   AND kind = (SELECT area_kind.kind FROM area_kind JOIN area USING (kind)
                WHERE must_tile AND current ORDER BY specificity, kind LIMIT 1);

-- hides_some: whether there is a caller who does not see components of every visibility
SELECT caller_clearance() BETWEEN 0 AND 1;

-- lock_visibility: how visible subclasses are stays as it is while rows with it are written
LOCK TABLE subclass_visibility IN SHARE MODE;

-- lock_promotion: one promotion at a time, since serials and the coverage are shared
SELECT pg_advisory_xact_lock(hashtext('gridsvc.promotion'));
