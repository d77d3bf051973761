-- set_retired: the first day without a department, or none
UPDATE department SET retired_on = %(retired_on)s WHERE code = %(code)s;

-- lock_departments: one change of the tree at a time
SELECT pg_advisory_xact_lock(hashtext('gridsvc.departments'));

-- open_cases_led: how many open cases a department leads
SELECT count(*) FROM cases WHERE closed_at IS NULL AND lead = %(code)s;

-- components_answered_for: how many live components name a department
SELECT count(*) FROM component
 WHERE %(code)s IN (authority, owner, maintainer) AND state NOT IN ('removed', 'abandoned');

-- accounts_of_department: how many accounts that are not disabled belong to a department
SELECT count(*) FROM account WHERE department = %(code)s AND disabled_at IS NULL;
