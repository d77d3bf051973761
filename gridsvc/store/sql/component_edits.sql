-- component_by_code: which component has a code, and in which version it is
SELECT id, version, state FROM component WHERE component_code = %(code)s;

-- one_component_seen: a component as the caller may see it
SELECT component_seen.component_code, component.version, component_seen.subclass_code, component_seen.state,
       component_seen.authority, component_seen.owner, component_seen.maintainer, component_seen.position,
       component_seen.attributes, component_seen.recorded_at,
       ST_AsGeoJSON(ST_Transform(component_seen.geom, 4326), 9)::json AS geometry,
       coalesce((SELECT jsonb_agg(jsonb_build_object('kind', kind, 'code', code, 'name_zh', area.name_zh, 'name_en', area.name_en)
                                  ORDER BY specificity, kind)
                   FROM area JOIN area_kind USING (kind) WHERE area.id = ANY (component_seen.area_ids)), '[]') AS areas
  FROM component_seen JOIN component USING (id)
 WHERE component_seen.component_code = %(code)s;

-- batches_told: who made some batches, and of which kind each is
SELECT import_batch.id, import_batch.kind, file_name, import_batch.state, ended_at, counts ->> 'reason' AS reason,
       account.name AS account, account.display_name
  FROM import_batch LEFT JOIN account ON account.id = import_batch.account_id
 WHERE import_batch.id = ANY (%(ids)s);

-- name_batch: a batch by hand is called as the component that it changed
UPDATE import_batch SET file_name = %(file_name)s WHERE id = %(batch_id)s;

-- code_of_batch: the code of the component that a batch by hand added
SELECT component_code FROM component WHERE batch_id = %(batch_id)s;

-- areas_touching: areas in force that a shape touches, and one of a kind by its code; by code
SELECT id, kind, code, ST_AsBinary(geom) AS geom
  FROM area
 WHERE current
   AND id IN (SELECT id FROM area WHERE ST_DWithin(geom, ST_GeomFromWKB(%(shape)s, %(srid)s), %(tolerance)s)
               UNION ALL
              SELECT id FROM area WHERE current AND kind = %(kind)s AND code = %(code)s)
 ORDER BY kind, code COLLATE "C";

-- neighbours: live components of a subclass within a distance of a shape, but for one; nearest first
SELECT id FROM component
 WHERE ST_DWithin(geom, ST_GeomFromWKB(%(shape)s, %(srid)s), %(within)s)
   AND subclass_code = %(subclass_code)s AND state NOT IN ('removed', 'abandoned') AND id <> %(but)s
 ORDER BY ST_Distance(geom, ST_GeomFromWKB(%(shape)s, %(srid)s)), id LIMIT %(limit)s;
