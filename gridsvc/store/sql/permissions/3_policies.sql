-- Which rows a caller sees. `(SELECT …)` is evaluated once per statement. A table without a policy here shows a caller
-- nothing; those that hold only what everybody may know are listed at the end.

ALTER TABLE component ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS seen ON component;
CREATE POLICY seen ON component FOR SELECT TO gridsvc_caller USING (
    visibility <= (SELECT caller_clearance())
    AND ((SELECT caller_whole_city()) OR visibility = 0 OR area_ids && (SELECT caller_areas())
         OR (SELECT caller_departments() <> '{}')
            AND ARRAY[authority, owner, maintainer] && (SELECT caller_departments())));

ALTER TABLE report ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS seen ON report;
CREATE POLICY seen ON report FOR SELECT TO gridsvc_caller USING (
    (SELECT caller_may('see_reports'))
    AND ((SELECT caller_whole_city()) OR current_area_ids && (SELECT caller_areas())
         OR departments && (SELECT caller_departments())));

-- What hangs on a report is seen with it
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['cases', 'routing_decision', 'report_repeat', 'report_duplicate', 'report_place', 'photo',
                                'report_step'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('DROP POLICY IF EXISTS seen ON %I', name);
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO gridsvc_caller USING ('
            '(SELECT caller_may(''see_reports'') AND caller_whole_city())'
            ' OR EXISTS (SELECT FROM report WHERE report.id = report_id))', name);
    END LOOP;
END $$;

-- What hangs on a case, with it
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['case_step', 'case_hop'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('DROP POLICY IF EXISTS seen ON %I', name);
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO gridsvc_caller USING ('
            '(SELECT caller_may(''see_reports'') AND caller_whole_city())'
            ' OR EXISTS (SELECT FROM cases WHERE cases.id = case_id))', name);
    END LOOP;
END $$;

-- Departments called to a place: for those whose areas it lies in, and for those called
ALTER TABLE whistle ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS seen ON whistle;
CREATE POLICY seen ON whistle FOR SELECT TO gridsvc_caller USING (
    (SELECT caller_may('see_reports'))
    AND ((SELECT caller_whole_city()) OR area_ids && (SELECT caller_areas())
         OR departments && (SELECT caller_departments())));

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['whistle_call', 'whistle_step'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('DROP POLICY IF EXISTS seen ON %I', name);
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO gridsvc_caller USING ('
            'EXISTS (SELECT FROM whistle WHERE whistle.id = whistle_id))', name);
    END LOOP;
END $$;

ALTER TABLE reporter ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS seen ON reporter;
CREATE POLICY seen ON reporter FOR SELECT TO gridsvc_caller USING (
    EXISTS (SELECT FROM report WHERE report.id = report_id
               AND caller_works_on(report.current_area_ids, report.departments)));

-- A picture of a component is one of its details
ALTER TABLE component_photo ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS seen ON component_photo;
CREATE POLICY seen ON component_photo FOR SELECT TO gridsvc_caller USING (
    (SELECT caller_may('see_details')) AND EXISTS (SELECT FROM component WHERE component.id = component_id));

-- Who is on duty, with telephone numbers: for staff, in their areas of duty
ALTER TABLE roster_entry ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS seen ON roster_entry;
CREATE POLICY seen ON roster_entry FOR SELECT TO gridsvc_caller USING (
    (SELECT caller_may('see_details'))
    AND ((SELECT caller_whole_city()) OR (area_kind, area_code) IN (SELECT kind, code FROM caller_duty())));

-- Imports and drafts before they count: for those who make them
DO $$
DECLARE pair text[];
BEGIN
    FOREACH pair SLICE 1 IN ARRAY ARRAY[
        ['import_batch', 'import_data'], ['import_rejected', 'import_data'], ['import_finding', 'import_data'],
        ['import_profile', 'import_data'],
        ['area_draft', 'change_areas'], ['area_draft_row', 'change_areas']] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', pair[1]);
        EXECUTE format('DROP POLICY IF EXISTS seen ON %I', pair[1]);
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO gridsvc_caller USING ((SELECT caller_may(%L)))',
                       pair[1], pair[2]);
    END LOOP;
END $$;

-- Rows that no caller reads: only the system does, having checked the right to
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'account', 'account_role', 'account_area', 'credential', 'sign_in_failure', 'session', 'api_token', 'audit',
        'audit_payload', 'audit_unsealed', 'audit_seal', 'component_version', 'code_serial'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    END LOOP;
END $$;

-- What of a row: the public's view of a component is reduced, a reporter's own words are for those who work on them
CREATE OR REPLACE VIEW component_seen WITH (security_invoker) AS
SELECT id, component_code, subclass_code, state, geom, area_ids, visibility,
       CASE WHEN (SELECT caller_may('see_details')) THEN authority END AS authority,
       CASE WHEN (SELECT caller_may('see_details')) THEN owner END AS owner,
       CASE WHEN (SELECT caller_may('see_details')) THEN maintainer END AS maintainer,
       CASE WHEN (SELECT caller_may('see_details')) THEN position END AS position,
       CASE WHEN (SELECT caller_may('see_details')) THEN attributes END AS attributes,
       CASE WHEN (SELECT caller_may('see_details')) THEN recorded_at END AS recorded_at
  FROM component;

CREATE OR REPLACE VIEW report_seen WITH (security_invoker) AS
SELECT id, channel, external_id, category, kind, subclass_code, reported_at, received_at, accuracy_m, component_code,
       address, state, manual_reason, geom, anonymised_at,
       caller_works_on(current_area_ids, departments) AS worked_on,
       CASE WHEN caller_works_on(current_area_ids, departments) THEN description END AS description,
       condition, channel_due_at, confirmer, confirm_due_at, linked_to, register_due_at
  FROM report;

GRANT USAGE ON SCHEMA public TO gridsvc_caller, gridsvc_system;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM gridsvc_caller, gridsvc_system;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM gridsvc_caller, gridsvc_system;
GRANT SELECT ON component, component_photo, report, cases, case_step, case_hop, report_step, routing_decision,
                report_repeat, report_duplicate, report_place, photo, reporter,
                component_seen, report_seen, import_batch, import_rejected, import_finding,
                import_profile, area_draft, area_draft_row, roster_entry, whistle, whistle_call, whistle_step
   TO gridsvc_caller;
-- Known to everybody: the city, its areas and departments, the catalogue, which department is responsible for what
GRANT SELECT ON city, area_kind, area, area_piece, area_edge, area_revision, area_succession, catalogue_version, catalogue_subclass,
                time_limit, department, channel, channel_category, duty_revision, duty_rule, lane_rule, layer,
                near_distance, subclass_visibility, team_template, team_post, team_use, alembic_version, permission_version,
                calendar_day, calendar_year, work_hours, clock_rules, stage_limit, guide, rule_book, duplicate_rule,
                place_batch, place, place_name
   TO gridsvc_caller;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO gridsvc_system;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO gridsvc_system;
REVOKE DELETE, UPDATE ON roster_entry FROM gridsvc_system;  -- append-only but for its end and what retention erases
GRANT UPDATE (valid_to, person, phone, account) ON roster_entry TO gridsvc_system;
REVOKE DELETE, UPDATE ON report_place FROM gridsvc_system;  -- append-only
REVOKE DELETE ON import_batch FROM gridsvc_system;  -- components name theirs without a foreign key
REVOKE INSERT, UPDATE, DELETE ON alembic_version, permission_version, role_right, rule_book, spatial_ref_sys
  FROM gridsvc_system;
