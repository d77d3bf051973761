-- Who did what: written by one function, in the transaction of the deed; nobody changes or deletes it.

CREATE OR REPLACE FUNCTION audit_write(action text, thing text, before jsonb, after jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    salt bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    payload jsonb := jsonb_strip_nulls(jsonb_build_object(
        'name', nullif(current_setting('gridsvc.name', true), ''),
        'address', nullif(current_setting('gridsvc.address', true), ''), 'before', before, 'after', after));
    made bigint;
BEGIN
    INSERT INTO audit (at, account_id, action, thing, source, request_id, payload_hash)
    VALUES (clock_timestamp(), nullif(current_setting('gridsvc.account', true), '')::bigint, audit_write.action,
            audit_write.thing, coalesce(nullif(current_setting('gridsvc.source', true), ''), 'service'),
            coalesce(current_setting('gridsvc.request', true), ''),
            sha256(salt || convert_to(payload::text, 'UTF8')))
    RETURNING id INTO made;
    INSERT INTO audit_payload (audit_id, salt, payload) VALUES (made, salt, payload);
    INSERT INTO audit_unsealed (audit_id) VALUES (made);
    RETURN made;
END $$;

CREATE OR REPLACE FUNCTION audit_record(action text, thing text, before jsonb, after jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF action = 'audit.erase' THEN
        RAISE insufficient_privilege USING MESSAGE = 'payloads are erased by audit_erase alone';
    END IF;
    RETURN audit_write(action, thing, before, after);
END $$;

-- Payloads older than the rule for them, and at least half a year old, go; the newest of their rows is recorded
CREATE OR REPLACE FUNCTION audit_erase() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE newest bigint;
BEGIN
    WITH gone AS (
        DELETE FROM audit_payload USING audit, retention_rule
         WHERE audit_payload.audit_id = audit.id AND retention_rule.state = 'audit'
           AND audit.at < now() - make_interval(days => greatest(after_days, 180))
         RETURNING audit.id)
    SELECT max(id) INTO newest FROM gone;
    IF newest IS NOT NULL THEN
        PERFORM audit_write('audit.erase', 'row ' || newest, NULL, NULL);
    END IF;
    RETURN newest;
END $$;

CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION '% is append-only: % is refused', tg_table_name, lower(tg_op); END $$;

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
   FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
   FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON case_step
   FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON report_step
   FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON whistle_step
   FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- retention erases payloads, and nothing else may happen to them
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON audit_payload
   FOR EACH STATEMENT EXECUTE FUNCTION append_only();

REVOKE UPDATE, DELETE ON case_step, report_step, whistle_step FROM gridsvc_system;
REVOKE INSERT, UPDATE, DELETE ON audit, audit_payload, audit_unsealed, audit_seal FROM gridsvc_system;
GRANT INSERT ON audit_seal TO gridsvc_system;
GRANT DELETE ON audit_unsealed TO gridsvc_system;
