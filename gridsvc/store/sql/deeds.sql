-- deeds: what a promoted batch did to each component, by number: with the first version that it wrote, and a point on it
COPY (WITH written AS (
          SELECT id, version, geom FROM component WHERE batch_id = %(batch_id)s
           UNION ALL
          SELECT component_id, version, geom FROM component_version WHERE batch_id = %(batch_id)s),
      first AS (SELECT DISTINCT ON (id) id, version, geom FROM written ORDER BY id, version),
      before AS (SELECT component_id AS id, fate FROM component_version
                  WHERE superseded_by = %(batch_id)s AND fate IN ('changed', 'retired'))
      SELECT first.id, version, CASE fate WHEN 'changed' THEN 1 WHEN 'retired' THEN 2 ELSE 0 END AS action,
             ST_X(place) AS x, ST_Y(place) AS y
        FROM first LEFT JOIN before USING (id), LATERAL (
             SELECT CASE ST_Dimension(geom) WHEN 0 THEN ST_GeometryN(geom, 1)
                         WHEN 1 THEN ST_LineInterpolatePoint(ST_GeometryN(geom, 1), 0.5)
                         ELSE ST_PointOnSurface(geom) END AS place) AS anchor
       ORDER BY first.id) TO STDOUT WITH (FORMAT csv, HEADER);

-- deeds_page: the same without places, of one kind (0 added, 1 changed, 2 retired) or of all; some of them
WITH written AS (
    SELECT id, version FROM component WHERE batch_id = %(batch_id)s
     UNION ALL
    SELECT component_id, version FROM component_version WHERE batch_id = %(batch_id)s),
first AS (SELECT id, min(version) AS version FROM written GROUP BY id),
before AS (SELECT component_id AS id, fate FROM component_version
            WHERE superseded_by = %(batch_id)s AND fate IN ('changed', 'retired')),
done AS (SELECT first.id, version, CASE fate WHEN 'changed' THEN 1 WHEN 'retired' THEN 2 ELSE 0 END AS action
           FROM first LEFT JOIN before USING (id))
SELECT id, version, action FROM done WHERE %(action)s::int IS NULL OR action = %(action)s
 ORDER BY id LIMIT %(limit)s OFFSET %(offset)s;

-- versions: what components were in some versions, by place in the list
SELECT component_code AS code, version, subclass_code, state, authority, owner, maintainer, position, attributes,
       ST_AsBinary(geom) AS geom
  FROM unnest(%(ids)s::bigint[], %(versions)s::int[]) WITH ORDINALITY AS wanted (component_id, wanted_version, place),
       LATERAL (SELECT component_code, version, subclass_code, state, authority, owner, maintainer, position,
                       attributes, geom
                  FROM component WHERE id = component_id AND version = wanted_version
                 UNION ALL
                SELECT component_code, version, subclass_code, state, authority, owner, maintainer, position,
                       attributes, geom
                  FROM component_version AS kept
                 WHERE kept.component_id = wanted.component_id AND kept.version = wanted_version) AS found
 ORDER BY place;

-- drafted: the areas that a batch drafted, by code
SELECT code, ST_AsBinary(area_draft_row.geom) AS geom
  FROM area_draft JOIN area_draft_row ON draft_id = area_draft.id
 WHERE batch_id = %(batch_id)s AND area_draft_row.kind = area_draft.kind ORDER BY code COLLATE "C";

-- severities_of_codes: what was found about features with these codes
SELECT DISTINCT code, severity FROM import_finding WHERE batch_id = %(batch_id)s AND code = ANY(%(codes)s);
