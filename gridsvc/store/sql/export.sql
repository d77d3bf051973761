-- export_components: chosen components that the caller may see, with the names that files for others give
SELECT component_code, subclass_code, state, authority, by_law.name_zh, owner, owned_by.name_zh,
       maintainer, kept_by.name_zh, position,
       coalesce(attributes->>'unit_grid', CASE WHEN %(fill_grid)s THEN (
           SELECT code FROM area JOIN area_kind USING (kind)
            WHERE area.id = ANY (area_ids) AND area_kind.code_scheme IN ('unit_grid', 'unit_grid_14') LIMIT 1) END),
       attributes->>'surveyed_at', attributes->>'changed_at', attributes->>'data_source', attributes->>'note',
       coalesce(attributes - ARRAY['unit_grid', 'surveyed_at', 'changed_at', 'data_source', 'note'], '{}')::text,
       ST_AsBinary(geom)
  FROM component_seen
  LEFT JOIN department AS by_law ON by_law.code = authority
  LEFT JOIN department AS owned_by ON owned_by.code = owner
  LEFT JOIN department AS kept_by ON kept_by.code = maintainer
 WHERE (%(xmin)s::float8 IS NULL OR geom && ST_MakeEnvelope(%(xmin)s, %(ymin)s, %(xmax)s, %(ymax)s, %(srid)s))
   AND (%(retired)s OR state NOT IN ('removed', 'abandoned'))
   AND (%(subclass_code)s::text IS NULL OR subclass_code = %(subclass_code)s)
   AND (%(area_ids)s::bigint[] IS NULL OR area_ids && %(area_ids)s::bigint[])
 ORDER BY component_code;

-- area_id_of: the area in force of a kind and code
SELECT id FROM area WHERE kind = %(kind)s AND code = %(code)s AND current;

-- export_areas: the areas of a kind at a moment, or as a revision left them
SELECT code, name_zh, name_en, parent_code, area_m2, attributes::text, ST_AsBinary(geom)
  FROM area
 WHERE kind = %(kind)s AND is_as_of(area, %(at)s, %(revision)s)
 ORDER BY code;
