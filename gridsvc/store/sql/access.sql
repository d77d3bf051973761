-- role_exists: whether the server has a role
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %(role)s);

-- roles_are_lent: whether the service may take all of the given roles, and does not inherit them
SELECT count(*) = cardinality(%(roles)s::text[])
  FROM pg_auth_members JOIN pg_roles AS lent ON lent.oid = roleid JOIN pg_roles AS service ON service.oid = member
 WHERE service.rolname = %(service)s AND lent.rolname = ANY(%(roles)s)
   AND NOT coalesce((to_jsonb(pg_auth_members) ->> 'inherit_option')::boolean, service.rolinherit);

-- database_is_open: whether any role of the server may connect, as to a copy that `gridsvc init` has not seen
SELECT has_database_privilege('public', current_database(), 'CONNECT');

-- role_rights: which rights roles bring
SELECT role, right_name FROM role_right ORDER BY 1, 2;

-- strange_policies: policies that are not ours, by table
SELECT tablename || ': ' || policyname FROM pg_policies
 WHERE schemaname = 'public' AND (policyname <> 'seen' OR cmd <> 'SELECT' OR roles <> ARRAY[%(caller)s]::name[])
 ORDER BY 1;

-- silent_triggers: triggers of ours that are switched off
SELECT tgrelid::regclass || ': ' || tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O' ORDER BY 1;

-- role_is_mighty: whether policies do not hold for the role that this session was opened by
SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class WHERE relname = 'component' AND relowner = pg_roles.oid)
  FROM pg_roles WHERE rolname = session_user;

-- tables_without_policies: tables that callers may read and that have no row-level security
SELECT relname::text FROM pg_class
 WHERE relnamespace::regnamespace::text IN ('public', 'procrastinate') AND relkind IN ('r', 'p', 'm')
   AND NOT relrowsecurity AND relname <> 'spatial_ref_sys'
   AND has_table_privilege(%(caller)s, oid, 'SELECT') ORDER BY relname;

-- tables_of_the_service: tables that the role of this session may read or write as it is
SELECT relname::text FROM pg_class
 WHERE relnamespace::regnamespace::text IN ('public', 'procrastinate') AND relkind IN ('r', 'p', 'm', 'v')
   AND relname <> ALL(%(but)s)
   AND relname NOT IN ('spatial_ref_sys', 'geometry_columns', 'geography_columns')
   AND has_table_privilege(session_user, oid, 'SELECT, INSERT, UPDATE, DELETE') ORDER BY relname;

-- permission_checksum: which permissions are in force
SELECT checksum FROM permission_version;

-- set_permission_checksum: these are
WITH gone AS (DELETE FROM permission_version WHERE checksum <> %(checksum)s)
INSERT INTO permission_version (checksum) VALUES (%(checksum)s) ON CONFLICT DO NOTHING;

-- clear_role_rights: before the rights of this release are written
DELETE FROM role_right;

-- add_role_right: a role brings a right
INSERT INTO role_right (role, right_name) VALUES (%(role)s, %(right_name)s);

-- set_visibility: a component subclass is more or less visible than usual
INSERT INTO subclass_visibility (subclass_code, visibility) VALUES (%(subclass_code)s, %(visibility)s)
ON CONFLICT (subclass_code) DO UPDATE SET visibility = excluded.visibility;

-- forget_visibility: a component subclass is as visible as usual again
DELETE FROM subclass_visibility WHERE subclass_code = %(subclass_code)s;

-- visibilities: component subclasses that are not as visible as usual
SELECT subclass_code, visibility FROM subclass_visibility ORDER BY subclass_code;

-- begin_public: the caller has no account
SELECT *, revision_of_areas() AS area_revision FROM begin_public(%(source)s, %(address)s, %(request)s);

-- begin_session: the caller is the holder of a session's token; no row if it does not count
SELECT *, revision_of_areas() AS area_revision
  FROM begin_session(%(token)s, make_interval(mins => %(idle_minutes)s), %(demo)s, %(source)s, %(address)s,
                     %(request)s);

-- begin_token: the caller is the holder of an API token; no row if it does not count
SELECT *, revision_of_areas() AS area_revision
  FROM begin_token(%(token)s, %(demo)s, %(source)s, %(address)s, %(request)s);

-- begin_named: the caller is an account, for the whole session of the database
SELECT * FROM begin_named(%(name)s, %(demo)s, %(address)s, %(request)s);

-- begin_service: the service itself
SELECT begin_service(%(source)s, %(address)s, %(request)s);

-- name_signed_in: whose deed the rest of a transaction of the service is
SELECT set_config('gridsvc.account', %(account)s, true), set_config('gridsvc.name', %(name)s, true);

-- take_role: until the transaction ends (or the session), with a limit of time for each statement
SELECT set_config('role', %(role)s, %(is_local)s), set_config('statement_timeout', %(limit)s, %(is_local)s);

-- limit_time: how long each further statement of this transaction may take
SELECT set_config('statement_timeout', %(limit)s, true);

-- act_as_system: with the system's rights from here on, if the caller has a right
SELECT act_as_system(%(needs)s, %(is_local)s);

-- add_account: a new account without roles
INSERT INTO account (name, display_name, department, whole_city, demo)
VALUES (%(name)s, %(display_name)s, %(department)s, %(whole_city)s, %(demo)s)
ON CONFLICT (name) DO NOTHING RETURNING id;

-- change_account: what can be changed of an account
UPDATE account SET display_name = %(display_name)s, department = %(department)s, whole_city = %(whole_city)s
 WHERE id = %(account_id)s;

-- lock_accounts: one change of accounts at a time, so that the last administrator stays
SELECT pg_advisory_xact_lock(hashtext('gridsvc.accounts'));

-- administrators: accounts that can manage accounts
SELECT DISTINCT account.id FROM account JOIN account_role ON account_id = account.id
 WHERE role = 'administrator' AND disabled_at IS NULL AND NOT demo;

-- disable_account: it cannot be used any more
UPDATE account SET disabled_at = now() WHERE id = %(account_id)s AND disabled_at IS NULL;

-- enable_account: it can be used again
UPDATE account SET disabled_at = NULL WHERE id = %(account_id)s AND disabled_at IS NOT NULL;

-- clear_roles: of an account
DELETE FROM account_role WHERE account_id = %(account_id)s;

-- add_role: to an account
INSERT INTO account_role (account_id, role) VALUES (%(account_id)s, %(role)s);

-- clear_account_areas: of an account
DELETE FROM account_area WHERE account_id = %(account_id)s;

-- add_account_area: an area of duty
INSERT INTO account_area (account_id, area_kind, area_code) VALUES (%(account_id)s, %(area_kind)s, %(area_code)s)
ON CONFLICT DO NOTHING;

-- accounts: all accounts whose name or display name holds a text, or one
SELECT account.id, name, display_name, account.department, whole_city, demo, disabled_at, made_at, oidc_issuer,
       password_hash IS NOT NULL AS has_password, coalesce(must_change, false) AS must_change,
       coalesce(totp_on, false) AS totp_on,
       ARRAY(SELECT role FROM account_role WHERE account_id = account.id ORDER BY role) AS roles,
       ARRAY(SELECT area_kind || ':' || area_code FROM account_area WHERE account_id = account.id ORDER BY 1) AS areas,
       (SELECT max(seen_at) FROM session WHERE account_id = account.id) AS seen_at
  FROM account LEFT JOIN credential ON credential.account_id = account.id
 WHERE (%(account_id)s::bigint IS NULL OR account.id = %(account_id)s)
   AND (%(name)s::text IS NULL OR name = %(name)s)
   AND (%(search)s::text IS NULL OR position(lower(%(search)s) IN lower(name || ' ' || display_name)) > 0)
 ORDER BY name LIMIT %(limit)s OFFSET %(offset)s;

-- account_total: how many accounts the same search finds
SELECT count(*) FROM account
 WHERE %(search)s::text IS NULL OR position(lower(%(search)s) IN lower(name || ' ' || display_name)) > 0;

-- unknown_areas: which of the given areas of duty are not in force
SELECT kind || ':' || code FROM unnest(%(kinds)s::text[], %(codes)s::text[]) AS given (kind, code)
 WHERE NOT EXISTS (SELECT FROM area WHERE area.kind = given.kind AND area.code = given.code AND current);

-- credential: what an account signs in with
SELECT account.id, name, demo, disabled_at, password_hash, coalesce(must_change, false) AS must_change,
       CASE WHEN totp_on THEN totp_secret END AS totp_secret, totp_step
  FROM account LEFT JOIN credential ON account_id = account.id
 WHERE name = %(name)s;

-- set_password: a new password hash
INSERT INTO credential (account_id, password_hash, must_change) VALUES (%(account_id)s, %(hash)s, %(must_change)s)
ON CONFLICT (account_id) DO UPDATE SET password_hash = excluded.password_hash, must_change = excluded.must_change;

-- totp: the secret of an account's one-time codes, and whether they are asked for
SELECT totp_secret, totp_on, totp_step FROM credential WHERE account_id = %(account_id)s;

-- offer_totp: a secret that waits for its first code
UPDATE credential SET totp_secret = %(secret)s, totp_step = NULL WHERE account_id = %(account_id)s AND NOT totp_on;

-- use_totp_step: a code of this time step was given; no row if one of it or a later one was before
UPDATE credential SET totp_step = %(step)s, totp_on = true
 WHERE account_id = %(account_id)s AND totp_secret IS NOT NULL AND coalesce(totp_step < %(step)s, true);

-- clear_totp: no codes are asked for any more
UPDATE credential SET totp_secret = NULL, totp_on = false, totp_step = NULL WHERE account_id = %(account_id)s;

-- sign_in_lock: until when a name is locked; no row or null if it is not
SELECT locked_until FROM sign_in_failure WHERE key = sha256(convert_to(%(name)s, 'UTF8')) AND locked_until > now();

-- count_sign_in_failure: one more for a name, whether or not it exists; its lock if there are too many; no row if it is
-- locked. The row's lock orders attempts at the same moment, so that each sees what the one before it wrote
INSERT INTO sign_in_failure (key, failures, last_at) VALUES (sha256(convert_to(%(name)s, 'UTF8')), 1, now())
ON CONFLICT (key) DO UPDATE
   SET failures = CASE WHEN sign_in_failure.last_at <= now() - make_interval(mins => %(minutes)s) THEN 1
                       ELSE sign_in_failure.failures + 1 END,
       last_at = now(),
       locked_until = CASE WHEN sign_in_failure.failures + 1 >= %(most)s
                            AND sign_in_failure.last_at > now() - make_interval(mins => %(minutes)s)
                           THEN now() + make_interval(mins => %(minutes)s) END
 WHERE coalesce(sign_in_failure.locked_until <= now(), true)
RETURNING locked_until;

-- forget_sign_in_failures: of a name
DELETE FROM sign_in_failure WHERE key = sha256(convert_to(%(name)s, 'UTF8'));

-- add_session: a person signed in
INSERT INTO session (token_hash, account_id, csrf, seen_at, expires_at)
VALUES (sha256(%(token)s), %(account_id)s, %(csrf)s, now(), now() + make_interval(hours => %(hours)s));

-- end_session: a person signed out, or signed in anew
DELETE FROM session WHERE token_hash = sha256(%(token)s) RETURNING account_id;

-- end_sessions: of an account, but for the one with this token
DELETE FROM session WHERE account_id = %(account_id)s AND token_hash IS DISTINCT FROM sha256(%(but)s::bytea);

-- end_old_sessions: those that do not count any more, and failures that are long past
WITH gone AS (DELETE FROM sign_in_failure WHERE last_at < now() - interval '1 day')
DELETE FROM session WHERE expires_at < now() OR seen_at < now() - make_interval(mins => %(idle_minutes)s);

-- add_api_token: a new one
INSERT INTO api_token (account_id, title, token_hash, scopes, expires_at)
VALUES (%(account_id)s, %(title)s, sha256(%(token)s), %(scopes)s, now() + make_interval(days => %(days)s))
RETURNING id;

-- api_tokens: those of an account
SELECT id, title, scopes, made_at, expires_at, used_at, revoked_at,
       revoked_at IS NULL AND expires_at > now() AS counts
  FROM api_token WHERE account_id = %(account_id)s ORDER BY id DESC;

-- revoke_api_token: one of an account's own
UPDATE api_token SET revoked_at = now()
 WHERE id = %(token_id)s AND account_id = %(account_id)s AND revoked_at IS NULL RETURNING title;

-- revoke_api_tokens: all of an account
UPDATE api_token SET revoked_at = now() WHERE account_id = %(account_id)s AND revoked_at IS NULL;

-- account_of_subject: the account that a provider's subject belongs to
SELECT id, name, disabled_at, demo FROM account WHERE oidc_issuer = %(issuer)s AND oidc_subject = %(subject)s;

-- link_subject: an account's first sign-in by the city's own provider; one with a password is nobody's but its own
UPDATE account SET oidc_issuer = %(issuer)s, oidc_subject = %(subject)s
 WHERE name = %(name)s AND oidc_subject IS NULL AND disabled_at IS NULL AND NOT demo
   AND NOT EXISTS (SELECT FROM credential WHERE account_id = account.id AND password_hash IS NOT NULL)
RETURNING id, name, disabled_at, demo;

-- unlink_subject: the next sign-in by the provider links an account anew
UPDATE account SET oidc_issuer = NULL, oidc_subject = NULL WHERE id = %(account_id)s AND oidc_subject IS NOT NULL;

-- area_to_try: an area for a demo: of the most specific kind that tiles, one with many components
SELECT area.kind || ':' || area.code
  FROM (SELECT unnest(area_ids) AS id FROM component TABLESAMPLE SYSTEM (20)) AS held
  JOIN area USING (id) JOIN area_kind USING (kind)
 WHERE current AND kind = (SELECT kind FROM area_kind JOIN area USING (kind)
                                     WHERE current AND must_tile AND parent IS NOT NULL
                                     ORDER BY specificity, kind LIMIT 1)
 GROUP BY area.kind, area.code ORDER BY count(*) DESC, area.code LIMIT 1;

-- caller_has: whether the caller has a right
SELECT caller_may(%(right)s);
