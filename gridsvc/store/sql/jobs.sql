-- find_queue: the queue's own tables and functions have their names for the rest of this transaction
SELECT set_config('search_path', 'public, procrastinate', true);

-- active_jobs: steps of batches that wait or are worked on; alive: they wait, or their worker gives signs of life, or a
-- session has the batch in hand
SELECT (args ->> 'batch_id')::bigint AS batch_id, job.id, status = 'todo' AS waiting, abort_requested AS stopping,
       status = 'todo' OR coalesce(last_heartbeat > clock_timestamp() - make_interval(secs => %(patience)s), false)
       OR EXISTS (
           SELECT FROM pg_locks, LATERAL (
                  SELECT hashtextextended('gridsvc.batch', (args ->> 'batch_id')::bigint) AS key) AS lock
            WHERE locktype = 'advisory' AND objsubid = 1 AND granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND (classid::bigint << 32 | objid::bigint) = lock.key) AS alive
  FROM procrastinate.procrastinate_jobs AS job
  LEFT JOIN procrastinate.procrastinate_workers AS worker ON worker.id = worker_id
 WHERE queue_name = %(queue)s AND status IN ('todo', 'doing') AND args ? 'batch_id' ORDER BY job.id;

-- bury_job: a job whose worker is gone is none any more; needs find_queue
SELECT procrastinate_finish_job_v1(%(job_id)s, 'failed', true);

-- note_progress: how far the work on a batch is, unless the step itself has its row locked at this moment
UPDATE import_batch SET work = work || %(work)s
 WHERE id = (SELECT id FROM import_batch WHERE id = %(batch_id)s FOR NO KEY UPDATE SKIP LOCKED);

-- name_source: what this session does was asked for by the web, the API or the command line
SELECT set_config('gridsvc.source', %(source)s, false);

-- end_when_left: a statement of this session ends when the program that waits for it is gone
SELECT set_config('client_connection_check_interval', '2s', false) WHERE version() ~* 'linux';
