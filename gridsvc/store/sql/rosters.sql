-- declare_team: add a team template, or bring it up to date
INSERT INTO team_template (template, name_zh, name_en, source)
VALUES (%(template)s, %(name_zh)s, %(name_en)s, %(source)s)
ON CONFLICT (template) DO UPDATE
   SET name_zh = excluded.name_zh, name_en = excluded.name_en, source = excluded.source;

-- clear_team_posts: before a template's posts are written anew
DELETE FROM team_post WHERE template = %(template)s;

-- add_team_post: a post of a template
INSERT INTO team_post (template, post, service, name_zh, name_en, service_zh, service_en, least, most, leads, elsewhere,
                       place)
VALUES (%(template)s, %(post)s, %(service)s, %(name_zh)s, %(name_en)s, %(service_zh)s, %(service_en)s, %(least)s,
        %(most)s, %(leads)s, %(elsewhere)s, %(place)s);

-- use_team: which template holds for a kind of area
INSERT INTO team_use (area_kind, template) VALUES (%(area_kind)s, %(template)s)
ON CONFLICT (area_kind) DO UPDATE SET template = excluded.template;

-- use_team_first: the same, unless one does already
INSERT INTO team_use (area_kind, template) VALUES (%(area_kind)s, %(template)s) ON CONFLICT DO NOTHING;

-- team_uses: the template of each kind of area that has one
SELECT area_kind, template FROM team_use ORDER BY area_kind;

-- teams: all team templates
SELECT template, name_zh, name_en, source FROM team_template ORDER BY template;

-- team_posts: the posts of all templates, in their order
SELECT template, post, service, name_zh, name_en, service_zh, service_en, least, most, leads, elsewhere
  FROM team_post ORDER BY template, place;

-- lock_rosters: only one transaction at a time changes rosters
SELECT pg_advisory_xact_lock(hashtext('gridsvc rosters'));

-- roster_page: who is on duty at a time, as far as the caller sees it
SELECT area_kind, area_code, post, service, person, phone, department, account, valid_from, valid_to, source
  FROM roster_entry
 WHERE (%(kind)s::text IS NULL OR area_kind = %(kind)s) AND (%(area_code)s::text IS NULL OR area_code = %(area_code)s)
   AND valid_from <= %(at)s AND (valid_to IS NULL OR valid_to > %(at)s)
 ORDER BY area_kind, area_code, id LIMIT %(limit)s OFFSET %(offset)s;

-- roster_count: how many they are
SELECT count(*) FROM roster_entry
 WHERE (%(kind)s::text IS NULL OR area_kind = %(kind)s) AND (%(area_code)s::text IS NULL OR area_code = %(area_code)s)
   AND valid_from <= %(at)s AND (valid_to IS NULL OR valid_to > %(at)s);

-- roster_posts: what posts are held in areas of a kind at a time, as far as the caller sees it
SELECT area_code, post, service FROM roster_entry
 WHERE area_kind = %(kind)s AND valid_from <= %(at)s AND (valid_to IS NULL OR valid_to > %(at)s);

-- roster_areas: areas of a kind at a time whose rosters the caller sees, with their names
SELECT code, name_zh, name_en FROM area
 WHERE kind = %(kind)s AND valid_from <= %(at)s AND (valid_to IS NULL OR valid_to > %(at)s)
   AND ((SELECT caller_whole_city()) OR (kind, code) IN (SELECT kind, code FROM caller_duty()))
 ORDER BY code;

-- area_codes: codes of the areas of a kind today
SELECT code FROM area WHERE kind = %(kind)s AND current ORDER BY code;

-- roster_entries: entries of areas of a kind that have not ended; without codes: of all its areas
SELECT id, area_kind, area_code, post, service, person, phone, department, account, valid_from, valid_to, source
  FROM roster_entry
 WHERE area_kind = %(kind)s AND (%(codes)s::text[] IS NULL OR area_code = ANY (%(codes)s))
   AND (valid_to IS NULL OR valid_to > greatest(%(at)s, valid_from))
 ORDER BY area_code, id;

-- areas_with_roster: areas of a kind that ever had somebody
SELECT DISTINCT area_code FROM roster_entry WHERE area_kind = %(kind)s;

-- accounts_named: which of these accounts there are
SELECT name FROM account WHERE name = ANY (%(names)s);

-- end_roster_entries: entries that somebody replaced; one that was yet to begin never counts
UPDATE roster_entry SET valid_to = greatest(%(at)s, valid_from) WHERE id = ANY (%(ids)s);

-- remap_rosters: entries of retired codes end, and are continued once under each successor; how many ended or began
WITH pair AS (
    SELECT code, successor FROM unnest(%(codes)s::text[], %(successors)s::text[]) AS given (code, successor)),
keeps AS (SELECT code FROM pair WHERE code = successor),
old AS (
    SELECT * FROM roster_entry
     WHERE area_kind = %(kind)s AND (valid_to IS NULL OR valid_to > greatest(%(at)s, valid_from))),
staying AS (
    SELECT * FROM old WHERE area_code <> ALL (%(retired)s) OR area_code IN (SELECT code FROM keeps)),
continued AS (
    INSERT INTO roster_entry (area_kind, area_code, post, service, person, phone, department, account, valid_from,
                              valid_to, source)
    SELECT DISTINCT old.area_kind, pair.successor, old.post, old.service, old.person, old.phone, old.department,
                    old.account, greatest(old.valid_from, %(at)s), old.valid_to, old.source
      FROM old JOIN pair ON pair.code = old.area_code AND pair.successor <> pair.code
     WHERE NOT EXISTS (
           SELECT FROM staying
            WHERE staying.area_code = pair.successor AND staying.phone IS NOT DISTINCT FROM old.phone
              AND (staying.post, staying.service, staying.person) = (old.post, old.service, old.person))
    RETURNING id),
ended AS (
    UPDATE roster_entry SET valid_to = greatest(%(at)s, roster_entry.valid_from)
      FROM old
     WHERE roster_entry.id = old.id AND old.area_code = ANY (%(retired)s)
       AND old.area_code NOT IN (SELECT code FROM keeps)
    RETURNING roster_entry.id)
SELECT (SELECT count(*) FROM continued) + (SELECT count(*) FROM ended);

-- erase_rosters: who held a post that ended longer ago than the rule for rosters says; the post stays
UPDATE roster_entry SET person = '', phone = NULL, account = NULL
 WHERE person <> ''
   AND valid_to < now() - make_interval(days => (SELECT after_days FROM retention_rule WHERE state = 'roster'));
