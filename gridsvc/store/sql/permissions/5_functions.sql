-- Functions are nobody's unless they are given. Postgres gives them to everybody by default.

REVOKE EXECUTE ON FUNCTION begin_account(bigint, text[], boolean, text, text, text, boolean),
    begin_public(text, text, text), begin_session(bytea, interval, boolean, text, text, text),
    begin_token(bytea, boolean, text, text, text), begin_named(text, boolean, text, text),
    begin_service(text, text, text), act_as_system(text, boolean), audit_record(text, text, jsonb, jsonb),
    audit_write(text, text, jsonb, jsonb), audit_erase(), revision_of_areas() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION act_as_system(text, boolean), audit_record(text, text, jsonb, jsonb) TO gridsvc_caller;
GRANT EXECUTE ON FUNCTION act_as_system(text, boolean), audit_record(text, text, jsonb, jsonb), audit_erase()
   TO gridsvc_system;
GRANT EXECUTE ON FUNCTION begin_public(text, text, text), begin_session(bytea, interval, boolean, text, text, text),
    begin_token(bytea, boolean, text, text, text), begin_named(text, boolean, text, text),
    begin_service(text, text, text), act_as_system(text, boolean), revision_of_areas() TO {service};

-- Row-level security lets an index be used only by operators that leak nothing (1 M points: 467 ms without, 1.8 ms with).
-- This one compares bounding boxes and tells nothing of them but yes and no.
DO $$
BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF;
    END IF;
END $$;

-- A text as a cell of a CSV file that no spreadsheet takes for a formula
CREATE OR REPLACE FUNCTION safe_cell(cell text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN cell ~ '^[=+@\t\r-]' THEN '''' || cell ELSE cell END $$;

-- Whether an area counts as a revision left the areas, or else at a moment, or else now: the one place that says so.
-- It is written into the query that calls it, so indexes serve.
CREATE OR REPLACE FUNCTION is_as_of(a area, moment timestamptz, wanted int) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN wanted IS NOT NULL THEN a.revision <= wanted AND (a.ended_by IS NULL OR a.ended_by > wanted)
                  ELSE a.valid_from <= coalesce(moment, now())
                       AND (a.valid_to IS NULL OR a.valid_to > coalesce(moment, now())) END $$;
