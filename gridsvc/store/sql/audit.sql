-- audit_record: who did what, in the transaction of the deed
SELECT audit_record(%(action)s, %(thing)s, %(before)s, %(after)s);

-- unsealed: rows that wait for the sealer, oldest first
SELECT id, at, account_id, action, thing, source, request_id, payload_hash
  FROM audit_unsealed JOIN audit ON id = audit_id ORDER BY id LIMIT %(limit)s;

-- audit_head: the newest seal
SELECT position, hash FROM audit_seal ORDER BY position DESC LIMIT 1;

-- audit_hash_at: the hash of one seal
SELECT hash FROM audit_seal WHERE position = %(position)s;

-- mark_sealed: they wait no more
DELETE FROM audit_unsealed WHERE audit_id = ANY(%(ids)s);

-- lock_sealing: whether this transaction is the one that seals
SELECT pg_try_advisory_xact_lock(hashtext('gridsvc.seal'));

-- sealed: the whole chain with its rows, for verification; a row that is gone comes as nulls
SELECT position, hash, audit_id, id, at, account_id, action, thing, source, request_id, payload_hash
  FROM audit_seal LEFT JOIN audit ON id = audit_id ORDER BY position;

-- never_sealed: rows that are in no chain and do not wait for it either
SELECT id FROM audit
 WHERE NOT EXISTS (SELECT FROM audit_seal WHERE audit_id = id)
   AND NOT EXISTS (SELECT FROM audit_unsealed WHERE audit_id = id) ORDER BY id;

-- false_payloads: payloads that are not what their row says
SELECT id FROM audit JOIN audit_payload ON audit_id = id
 WHERE payload_hash <> sha256(salt || convert_to(payload::text, 'UTF8')) ORDER BY id;

-- missing_payloads: payloads that no retention erased
SELECT id FROM audit
 WHERE NOT EXISTS (SELECT FROM audit_payload WHERE audit_id = id)
   AND (at > now() - make_interval(days => %(least_days)s)
        OR id > coalesce((SELECT max(split_part(thing, ' ', 2)::bigint) FROM audit WHERE action = 'audit.erase'), 0))
 ORDER BY id;

-- audit_page: what was done, newest first
SELECT id, at, account_id, action, thing, source, request_id, payload
  FROM audit LEFT JOIN audit_payload ON audit_id = id
 WHERE (%(account_id)s::bigint IS NULL OR account_id = %(account_id)s OR thing = 'account ' || %(account_id)s::bigint)
   AND (%(action)s::text IS NULL OR starts_with(action, %(action)s))
   AND (%(from_time)s::timestamptz IS NULL OR at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR at < %(to_time)s)
 ORDER BY id DESC LIMIT %(limit)s OFFSET %(offset)s;

-- audit_total: how many rows the same filter finds
SELECT count(*) FROM audit
 WHERE (%(account_id)s::bigint IS NULL OR account_id = %(account_id)s OR thing = 'account ' || %(account_id)s::bigint)
   AND (%(action)s::text IS NULL OR starts_with(action, %(action)s))
   AND (%(from_time)s::timestamptz IS NULL OR at >= %(from_time)s)
   AND (%(to_time)s::timestamptz IS NULL OR at < %(to_time)s);

-- audit_csv: the same as CSV, oldest first
COPY (SELECT id, at, account_id, safe_cell(payload ->> 'name') AS name,
             safe_cell(payload ->> 'address') AS address, source, action,
             safe_cell(thing) AS thing, request_id, payload -> 'before' AS before, payload -> 'after' AS after
        FROM audit LEFT JOIN audit_payload ON audit_id = id
       WHERE (%(account_id)s::bigint IS NULL OR account_id = %(account_id)s OR thing = 'account ' || %(account_id)s::bigint)
         AND (%(action)s::text IS NULL OR starts_with(action, %(action)s))
         AND (%(from_time)s::timestamptz IS NULL OR at >= %(from_time)s)
         AND (%(to_time)s::timestamptz IS NULL OR at < %(to_time)s)
       ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER);

-- retention_rules: for how long personal data of a state are kept
SELECT state, after_days FROM retention_rule ORDER BY state;

-- set_retention_rule: keep them so many days
INSERT INTO retention_rule (state, after_days) VALUES (%(state)s, %(after_days)s)
ON CONFLICT (state) DO UPDATE SET after_days = excluded.after_days;

-- forget_retention_rule: keep them for good
DELETE FROM retention_rule WHERE state = %(state)s;

-- add_retention_rule: what a new city begins with
INSERT INTO retention_rule (state, after_days) VALUES (%(state)s, %(after_days)s) ON CONFLICT DO NOTHING;

-- reports_to_anonymise: whose time has come, by the state of their case or their own
SELECT report.id
  FROM report LEFT JOIN cases ON cases.report_id = report.id
  JOIN retention_rule ON retention_rule.state = coalesce(cases.state, report.state)
 WHERE anonymised_at IS NULL
   AND coalesce(cases.closed_at, reported_at) < now() - make_interval(days => after_days)
 ORDER BY report.id LIMIT %(limit)s FOR UPDATE OF report SKIP LOCKED;

-- reports_due_total: how many reports' time has come
SELECT count(*)
  FROM report LEFT JOIN cases ON cases.report_id = report.id
  JOIN retention_rule ON retention_rule.state = coalesce(cases.state, report.state)
 WHERE anonymised_at IS NULL
   AND coalesce(cases.closed_at, reported_at) < now() - make_interval(days => after_days);

-- anonymise_reports: what people wrote and who they are goes; what, where (the address too) and when stays
WITH gone AS (DELETE FROM reporter WHERE report_id = ANY(%(ids)s)),
     bare AS (UPDATE photo SET original_sha256 = NULL WHERE report_id = ANY(%(ids)s)),
     told AS (UPDATE report_repeat SET differs = differs - 'description' WHERE report_id = ANY(%(ids)s))
UPDATE report SET description = NULL, anonymised_at = now() WHERE id = ANY(%(ids)s);

-- erase_payloads: of audit rows older than the rule for them, recorded in the same breath; the newest row that lost its own
SELECT audit_erase();

-- anonymised_files: files of reports whose every report lost what is personal
SELECT sha256 FROM import_batch
 WHERE target = 'reports' AND state = 'promoted'
   AND EXISTS (SELECT FROM report WHERE batch_id = import_batch.id)
   AND NOT EXISTS (SELECT FROM report WHERE batch_id = import_batch.id AND anonymised_at IS NULL);
