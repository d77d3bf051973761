-- Who asks. A transaction begins with one of the begin_… functions, which look the caller up and write the identity
-- into settings of that transaction; policies read them. Unset settings mean nobody, who sees nothing.

CREATE OR REPLACE FUNCTION caller_may(wanted text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(wanted = ANY (string_to_array(current_setting('gridsvc.rights', true), ',')), false) $$;

CREATE OR REPLACE FUNCTION caller_whole_city() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(current_setting('gridsvc.whole_city', true) = 'yes', false) $$;

-- The areas of duty in force, as area.id
CREATE OR REPLACE FUNCTION caller_areas() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(nullif(current_setting('gridsvc.areas', true), ''), '{}')::bigint[] $$;

-- The areas of duty and those that name one of them as their parent, and so on, as kind and code
CREATE OR REPLACE FUNCTION caller_duty() RETURNS TABLE (kind text, code text) LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    WITH RECURSIVE duty AS (
        SELECT area.kind, area.code FROM area WHERE area.id = ANY (caller_areas())
         UNION
        SELECT area.kind, area.code
          FROM duty JOIN area_kind ON area_kind.parent = duty.kind
          JOIN area ON area.kind = area_kind.kind AND area.parent_code = duty.code AND area.current)
    SELECT duty.kind, duty.code FROM duty $$;

-- The departments whose reports the caller disposes of: the own one and those below it
CREATE OR REPLACE FUNCTION caller_departments() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(nullif(current_setting('gridsvc.departments', true), ''), '{}')::text[] $$;

-- Up to which visibility: 0 public, 1 staff, 2 sensitive; -1 when no caller was named
CREATE OR REPLACE FUNCTION caller_clearance() RETURNS smallint LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT (CASE WHEN caller_may('see_sensitive') THEN 2 WHEN caller_may('see_details') THEN 1
                   WHEN coalesce(current_setting('gridsvc.rights', true), '') <> '' THEN 0 ELSE -1 END)::smallint $$;

-- Whether the caller works on a report: by area with `work_cases`, or by department
CREATE OR REPLACE FUNCTION caller_works_on(areas bigint[], departments text[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT caller_may('work_cases') AND (caller_whole_city() OR areas && caller_areas())
          OR departments && caller_departments() $$;

CREATE OR REPLACE FUNCTION begin_account(wanted bigint, scopes text[], limited boolean, source text, address text, request text,
                              is_local boolean)
RETURNS TABLE (account_id bigint, name text, display_name text, department text, whole_city boolean, roles text[],
               rights text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    found account;
    their_roles text[];
    their_rights text[];
    duty bigint[];
    own text[];
BEGIN
    SELECT * INTO found FROM account WHERE id = wanted;
    SELECT coalesce(array_agg(role ORDER BY role), '{}') INTO their_roles FROM account_role WHERE account_id = wanted;
    SELECT coalesce(array_agg(DISTINCT right_name ORDER BY right_name), '{}') INTO their_rights
      FROM role_right
     WHERE role = ANY (their_roles || 'public'::text) AND NOT limited
       AND (scopes IS NULL OR right_name = ANY (scopes) AND right_name <> 'manage_accounts');
    SELECT coalesce(array_agg(area.id), '{}') INTO duty
      FROM account_area JOIN area ON area.kind = area_kind AND area.code = area_code AND area.current
     WHERE account_id = wanted;
    WITH RECURSIVE below AS (
        SELECT code FROM department WHERE code = found.department
         UNION SELECT department.code FROM department JOIN below ON department.parent = below.code)
    SELECT coalesce(array_agg(code), '{}') INTO own FROM below WHERE 'dispose' = ANY (their_rights);

    PERFORM set_config('gridsvc.account', coalesce(wanted::text, ''), is_local),
            set_config('gridsvc.name', coalesce(found.name, ''), is_local),
            set_config('gridsvc.rights', array_to_string(their_rights, ','), is_local),
            set_config('gridsvc.whole_city', CASE WHEN found.whole_city THEN 'yes' ELSE '' END, is_local),
            set_config('gridsvc.areas', duty::text, is_local),
            set_config('gridsvc.departments', own::text, is_local),
            set_config('gridsvc.source', source, is_local),
            set_config('gridsvc.address', address, is_local),
            set_config('gridsvc.request', request, is_local);
    RETURN QUERY SELECT wanted, found.name, found.display_name, found.department, coalesce(found.whole_city, false),
                        their_roles, their_rights;
END $$;

-- Whoever has no account
CREATE OR REPLACE FUNCTION begin_public(source text, address text, request text)
RETURNS TABLE (account_id bigint, name text, display_name text, department text, whole_city boolean, roles text[],
               rights text[])
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT * FROM begin_account(NULL, NULL, false, source, address, request, true) $$;

-- The holder of a session's token; no row if it is unknown, too old, idle too long, or of an account that may not
CREATE OR REPLACE FUNCTION begin_session(token bytea, idle interval, demo_allowed boolean, source text, address text,
                                         request text)
RETURNS TABLE (account_id bigint, name text, display_name text, department text, whole_city boolean, roles text[],
               rights text[], csrf text, must_change boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE holder record;
BEGIN
    SELECT session.account_id, session.csrf, coalesce(credential.must_change, false) AS must_change INTO holder
      FROM session JOIN account ON account.id = session.account_id
      LEFT JOIN credential ON credential.account_id = account.id
     WHERE token_hash = sha256(token) AND expires_at > now() AND seen_at > now() - idle
       AND disabled_at IS NULL AND (demo_allowed OR NOT demo);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- once a minute, and never waiting for another request of the same session
    UPDATE session SET seen_at = now()
     WHERE token_hash = (SELECT token_hash FROM session
                          WHERE token_hash = sha256(token) AND seen_at < now() - interval '1 minute'
                            FOR UPDATE SKIP LOCKED);
    RETURN QUERY SELECT begun.*, holder.csrf, holder.must_change
      FROM begin_account(holder.account_id, NULL, holder.must_change, source, address, request, true) AS begun;
END $$;

-- The holder of an API token; no row if it is unknown, expired, revoked, or of an account that may not
CREATE OR REPLACE FUNCTION begin_token(token bytea, demo_allowed boolean, source text, address text, request text)
RETURNS TABLE (account_id bigint, name text, display_name text, department text, whole_city boolean, roles text[],
               rights text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE holder record;
BEGIN
    SELECT api_token.id, api_token.account_id, scopes INTO holder
      FROM api_token JOIN account ON account.id = api_token.account_id
     WHERE token_hash = sha256(token) AND expires_at > now() AND revoked_at IS NULL
       AND disabled_at IS NULL AND (demo_allowed OR NOT demo);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE api_token SET used_at = now()
     WHERE id = (SELECT id FROM api_token
                  WHERE id = holder.id AND coalesce(used_at < now() - interval '1 minute', true)
                    FOR UPDATE SKIP LOCKED);
    RETURN QUERY SELECT * FROM begin_account(holder.account_id, holder.scopes, false, source, address, request, true);
END $$;

-- The newest revision of the areas, told with the identity: so an index in memory costs no question of its own
CREATE OR REPLACE FUNCTION revision_of_areas() RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT coalesce(max(revision), 0) FROM area_revision $$;

-- The command line: an account by its name, for the whole session; whoever holds the address may name any
CREATE OR REPLACE FUNCTION begin_named(wanted text, demo_allowed boolean, address text, request text)
RETURNS TABLE (account_id bigint, name text, display_name text, department text, whole_city boolean, roles text[],
               rights text[])
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT begun.* FROM account, begin_account(account.id, NULL, false, 'cli', address, request, false) AS begun
       WHERE account.name = wanted AND disabled_at IS NULL AND (demo_allowed OR NOT demo) $$;

-- The service itself: signing people in, sealing, erasing
CREATE OR REPLACE FUNCTION begin_service(source text, address text, request text) RETURNS void LANGUAGE sql
AS $$ SELECT set_config('gridsvc.account', '', true), set_config('gridsvc.name', '', true),
             set_config('gridsvc.rights', '', true), set_config('gridsvc.source', source, true),
             set_config('gridsvc.address', address, true), set_config('gridsvc.request', request, true) $$;

-- From here to the end of the transaction (or of the session) with the system's rights, if the caller's allow it
CREATE OR REPLACE FUNCTION act_as_system(needs text, is_local boolean) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
    IF NOT caller_may(needs) THEN
        RAISE insufficient_privilege USING MESSAGE = format('the right %s is needed', needs);
    END IF;
    PERFORM set_config('role', 'gridsvc_system', is_local);
END $$;
