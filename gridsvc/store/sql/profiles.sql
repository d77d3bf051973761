-- save_profile: save a mapping under a name, over what had the name before
INSERT INTO import_profile (name, target, signature, columns, definition, made_by)
VALUES (%(name)s, %(target)s, %(signature)s, %(columns)s, %(definition)s, %(made_by)s)
ON CONFLICT (name) DO UPDATE
   SET target = excluded.target, signature = excluded.signature, columns = excluded.columns,
       definition = excluded.definition, made_by = excluded.made_by, made_at = now()
RETURNING id;

-- profiles: all saved mappings, by name
SELECT id, name, target, signature, columns, definition, made_by, made_at FROM import_profile ORDER BY name;

-- profile: one saved mapping
SELECT id, name, target, signature, columns, definition, made_by, made_at FROM import_profile WHERE name = %(name)s;

-- profiles_of_signature: those made for a file of this very shape, newest first
SELECT id, name, target, signature, columns, definition, made_by, made_at
  FROM import_profile WHERE signature = %(signature)s ORDER BY made_at DESC, name;

-- delete_profile: forget a saved mapping
DELETE FROM import_profile WHERE name = %(name)s;
