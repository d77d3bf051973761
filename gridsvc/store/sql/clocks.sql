-- clocks: all that the city decides on working time and clocks; nothing in it: as usual
SELECT (SELECT to_jsonb(clock_rules) - 'id' FROM clock_rules) AS rules,
       (SELECT jsonb_object_agg(stage, minutes) FROM stage_limit) AS stages,
       (SELECT jsonb_object_agg(weekday, hours) FROM work_hours) AS week,
       ARRAY(SELECT year FROM calendar_year) AS years,
       (SELECT jsonb_agg(to_jsonb(calendar_day) ORDER BY day) FROM calendar_day) AS days;

-- clear_calendar_years: before the days of these years are written anew
DELETE FROM calendar_day WHERE extract(year FROM day) = ANY (%(years)s);

-- clear_whole_years: nor does the city say any more that they are whole
DELETE FROM calendar_year WHERE year = ANY (%(years)s);

-- add_calendar_day: a day that the city decides on
INSERT INTO calendar_day (day, workday, name_zh, name_en, hours)
VALUES (%(day)s, %(workday)s, %(name_zh)s, %(name_en)s, %(hours)s);

-- add_whole_year: one more of them
INSERT INTO calendar_year (year) VALUES (%(year)s) ON CONFLICT DO NOTHING;

-- clear_work_week: before the week is written anew
DELETE FROM work_hours;

-- add_work_hours: when the city works on a weekday
INSERT INTO work_hours (weekday, hours) VALUES (%(weekday)s, %(hours)s);

-- set_clock_rules: what the city decides on clocks
INSERT INTO clock_rules (id, profile, holidays, rework, return_minutes, sample_percent, warn_minutes, whistle_minutes)
VALUES (1, %(profile)s, %(holidays)s, %(rework)s, %(return_minutes)s, %(sample_percent)s, %(warn_minutes)s,
        %(whistle_minutes)s)
ON CONFLICT (id) DO UPDATE
   SET profile = excluded.profile, holidays = excluded.holidays, rework = excluded.rework,
       return_minutes = excluded.return_minutes, sample_percent = excluded.sample_percent,
       warn_minutes = excluded.warn_minutes, whistle_minutes = excluded.whistle_minutes;

-- set_stage_limit: minutes of a stage, where not the usual ones
INSERT INTO stage_limit (stage, minutes) VALUES (%(stage)s, %(minutes)s)
ON CONFLICT (stage) DO UPDATE SET minutes = excluded.minutes;

-- limit_profiles: profiles of time limits in the catalogue in force
SELECT DISTINCT profile FROM time_limit WHERE version = (SELECT max(version) FROM catalogue_version) ORDER BY profile;

-- subclass_names: Chinese and English name of a subclass in the catalogue in force
SELECT subclass_zh, subclass_en FROM catalogue_subclass
 WHERE version = (SELECT max(version) FROM catalogue_version) AND kind = %(kind)s AND subclass_code = %(subclass_code)s;

-- limits_of: the limits of a subclass by a profile, or by the default one if it has none, in their order
WITH found AS (
    SELECT * FROM time_limit
     WHERE version = (SELECT max(version) FROM catalogue_version)
       AND kind = %(kind)s AND subclass_code = %(subclass_code)s AND profile IN (%(profile)s, %(otherwise)s))
SELECT profile, kind, subclass_code, condition_zh, condition_en, limit_value, limit_unit, source, closing_zh
  FROM found
 WHERE profile = %(profile)s OR NOT EXISTS (SELECT FROM found WHERE profile = %(profile)s)
 ORDER BY id;

-- limits_of_profile: all limits by a profile, of each subclass by the default one if the profile has none of it
WITH found AS (
    SELECT *, bool_or(profile = %(profile)s) OVER (PARTITION BY kind, subclass_code) AS own
      FROM time_limit
     WHERE version = (SELECT max(version) FROM catalogue_version) AND profile IN (%(profile)s, %(otherwise)s))
SELECT kind, subclass_code, condition_zh, condition_en, limit_value, limit_unit, source, closing_zh
  FROM found WHERE profile = CASE WHEN own THEN %(profile)s ELSE %(otherwise)s END ORDER BY id;
