-- areas_of_kinds: how many areas of each kind there are at a moment, or a revision left
SELECT kind, count(*) FROM area WHERE is_as_of(area, %(at)s, %(revision)s) GROUP BY kind;

-- areas_found: ids of areas of a kind whose code or name holds some letters, in the order of a column or of a figure
WITH load AS (
    SELECT area_id AS id, count(*) AS number FROM component, unnest(area_ids) AS area_id
     WHERE %(sort)s = 'components' GROUP BY 1
     UNION ALL
    SELECT area_id, count(*) FROM cases JOIN report ON report.id = report_id, unnest(current_area_ids) AS area_id
     WHERE %(sort)s = 'open_cases' AND closed_at IS NULL GROUP BY 1
     UNION ALL
    SELECT area.id, count(*)
      FROM roster_entry AS entry
      JOIN area ON area.kind = area_kind AND area.code = area_code AND current
     WHERE %(sort)s = 'people' AND entry.valid_from <= now() AND (entry.valid_to IS NULL OR entry.valid_to > now())
     GROUP BY 1),
     found AS (
    SELECT id, code, name_zh, name_en,
           CASE WHEN %(descending)s THEN -1 ELSE 1 END
           * CASE WHEN %(sort)s = 'area_m2' THEN area_m2 ELSE coalesce(number, 0) END AS amount,
           CASE %(sort)s WHEN 'name_zh' THEN name_zh WHEN 'name_en' THEN name_en WHEN 'code' THEN code END AS word
      FROM area LEFT JOIN load USING (id)
     WHERE kind = %(kind)s AND is_as_of(area, %(at)s, %(revision)s)
       AND (%(words)s = '' OR strpos(lower(concat_ws(E'\n', code, name_zh, name_en)), lower(%(words)s)) > 0))
SELECT id, count(*) OVER () AS total
  FROM found
 ORDER BY CASE WHEN NOT %(descending)s THEN word END COLLATE "C", CASE WHEN %(descending)s THEN word END COLLATE "C" DESC,
          amount, code COLLATE "C"
 LIMIT %(limit)s OFFSET %(offset)s;

-- area_figures: areas in this order, with the box around each in degrees; components, open cases and people of those of today
WITH opened AS (
    SELECT area_id, count(*) AS number
      FROM cases JOIN report ON report.id = report_id, unnest(current_area_ids) AS area_id
     WHERE closed_at IS NULL AND area_id = ANY (%(ids)s) GROUP BY 1)
SELECT area.code, area.name_zh, area.name_en, area.parent_code, above.name_zh AS parent_zh, above.name_en AS parent_en,
       area.area_m2, area.valid_from, area.valid_to, area.revision, area.ended_by, area.current,
       CASE WHEN area.current THEN (SELECT count(*) FROM component
                                     WHERE component.geom && area.geom AND area.id = ANY (area_ids)) END AS components,
       CASE WHEN area.current THEN coalesce(opened.number, 0) END AS open_cases,
       CASE WHEN area.current THEN
            (SELECT count(*) FROM roster_entry AS entry
              WHERE area_kind = area.kind AND area_code = area.code AND entry.valid_from <= now()
                AND (entry.valid_to IS NULL OR entry.valid_to > now())) END AS people,
       ARRAY[ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)] AS box
  FROM unnest(%(ids)s) WITH ORDINALITY AS given (id, place)
  JOIN area USING (id)
  CROSS JOIN LATERAL ST_Transform(ST_Envelope(geom), 4326) AS box
  LEFT JOIN area_kind AS own ON own.kind = area.kind
  LEFT JOIN area AS above ON above.kind = own.parent AND above.code = area.parent_code
                         AND is_as_of(above, %(at)s, %(revision)s)
  LEFT JOIN opened ON opened.area_id = area.id
 ORDER BY place;

-- area_of_code: the area with a code at a moment, or as a revision left it
SELECT id FROM area WHERE kind = %(kind)s AND code = %(code)s AND is_as_of(area, %(at)s, %(revision)s);

-- area_past: what an area with this code was, newest first, and what made and ended it
SELECT area.name_zh, area.name_en, area.area_m2, area.valid_from, area.valid_to, area.revision, area.ended_by,
       made.deed AS made_by_deed, gone.deed AS ended_by_deed
  FROM area
  JOIN area_draft AS made ON made.applied_revision = area.revision
  LEFT JOIN area_draft AS gone ON gone.applied_revision = area.ended_by
 WHERE area.kind = %(kind)s AND area.code = %(code)s
 ORDER BY area.revision DESC;

-- area_line: which areas an area took over from, and which took over from it
SELECT code, successor, revision FROM area_succession
 WHERE kind = %(kind)s AND %(code)s IN (code, successor) ORDER BY revision DESC, code COLLATE "C", successor COLLATE "C";
