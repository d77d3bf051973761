-- Who did what: written by one function, in the transaction of the deed; nobody changes or deletes it.

CREATE OR REPLACE FUNCTION audit_record(action text, thing text, before jsonb, after jsonb) RETURNS bigint
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
    VALUES (clock_timestamp(), nullif(current_setting('gridsvc.account', true), '')::bigint, audit_record.action,
            audit_record.thing, coalesce(nullif(current_setting('gridsvc.source', true), ''), 'service'),
            coalesce(current_setting('gridsvc.request', true), ''),
            sha256(salt || convert_to(payload::text, 'UTF8')))
    RETURNING id INTO made;
    INSERT INTO audit_payload (audit_id, salt, payload) VALUES (made, salt, payload);
    INSERT INTO audit_unsealed (audit_id) VALUES (made);
    RETURN made;
END $$;

CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION '% is append-only: % is refused', tg_table_name, lower(tg_op); END $$;

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
   FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
   FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- retention erases payloads, and nothing else may happen to them
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON audit_payload
   FOR EACH STATEMENT EXECUTE FUNCTION append_only();

REVOKE INSERT, UPDATE, DELETE ON audit, audit_payload, audit_unsealed, audit_seal FROM gridsvc_system;
GRANT INSERT ON audit_seal TO gridsvc_system;
GRANT DELETE ON audit_unsealed, audit_payload TO gridsvc_system;
