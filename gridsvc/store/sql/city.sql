-- city: the one city of this database, which may be of an older release and lack a column: it is told so afterwards
SELECT name_zh, name_en, srid, district_code, time_zone, heat_kind, synthetic,
       to_jsonb(city) ->> 'fallback_department' AS fallback_department
  FROM city;

-- add_city: what was chosen at init
INSERT INTO city (id, name_zh, name_en, srid, district_code, time_zone, heat_kind, synthetic,
                  fallback_department)
VALUES (1, %(name_zh)s, %(name_en)s, %(srid)s, %(district_code)s, %(time_zone)s, %(heat_kind)s, %(synthetic)s,
        %(fallback_department)s);

-- update_city: names and settings that may change later; the CRS may not
UPDATE city SET name_zh = %(name_zh)s, name_en = %(name_en)s, district_code = %(district_code)s,
       time_zone = %(time_zone)s, heat_kind = %(heat_kind)s, synthetic = %(synthetic)s,
       fallback_department = %(fallback_department)s;

-- lock_setup: one set-up of this database at a time; held by the session
SELECT pg_advisory_lock(hashtext('gridsvc.setup'));

-- unlock_setup: the next one may begin
SELECT pg_advisory_unlock(hashtext('gridsvc.setup'));

-- has_city_table: whether this database was ever initialised
SELECT to_regclass('public.city') IS NOT NULL;

-- schema_revision: the migration that this database stands at
SELECT version_num FROM alembic_version;

-- project_one: PostGIS's own projection of a point, to compare with ours
SELECT ST_X(p), ST_Y(p) FROM ST_Transform(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), %(srid)s) AS p;

-- catalogue_checksum: the version in force if it holds a checksum, or the one of that title that ever did
SELECT version FROM catalogue_version
 WHERE checksum = %(checksum)s
   AND (title = %(once)s OR version = (SELECT max(version) FROM catalogue_version))
 ORDER BY version DESC LIMIT 1;

-- add_catalogue_version: the next version of the catalogue
INSERT INTO catalogue_version (version, title, checksum)
SELECT coalesce(max(version), 0) + 1, %(title)s, %(checksum)s FROM catalogue_version
RETURNING version;

-- subclasses: the subclasses of the newest version
SELECT kind, class_code, class_zh, class_en, subclass_code, subclass_zh, subclass_en, geometry, geometry_allowed,
       accuracy_class, source, national_code, cjt214_code, aliases
  FROM catalogue_subclass
 WHERE version = (SELECT max(version) FROM catalogue_version)
 ORDER BY kind, subclass_code;

-- copy_limits: a new version takes over the limits of the one before
INSERT INTO time_limit (version, profile, kind, subclass_code, condition_zh, condition_en, limit_value, limit_unit,
                        closing_zh, source)
SELECT %(version)s, profile, kind, subclass_code, condition_zh, condition_en, limit_value, limit_unit, closing_zh, source
  FROM time_limit WHERE version = %(version)s - 1 ORDER BY id;

-- declare_department: add a department, or bring it up to date
INSERT INTO department (code, name_zh, name_en, parent, level, on_platform)
VALUES (%(code)s, %(name_zh)s, %(name_en)s, %(parent)s, %(level)s, %(on_platform)s)
ON CONFLICT (code) DO UPDATE
   SET name_zh = excluded.name_zh, name_en = excluded.name_en, parent = excluded.parent, level = excluded.level,
       on_platform = excluded.on_platform;

-- departments: all departments
SELECT code, name_zh, name_en, parent, level, on_platform, retired_on FROM department ORDER BY code;
