-- add_component_photos: pictures of components, by code; those that a component has already are passed over
INSERT INTO component_photo (component_id, batch_id, sha256)
SELECT component.id, %(batch_id)s, given.sha256
  FROM unnest(%(codes)s::text[], %(hashes)s::text[]) AS given (code, sha256)
  JOIN component ON component.component_code = given.code
    ON CONFLICT (component_id, sha256) DO NOTHING;

-- component_photos_of: pictures of the component with a code that the caller may see, oldest first
SELECT component_photo.id FROM component_photo JOIN component ON component.id = component_id
 WHERE component_code = %(code)s ORDER BY added_at, component_photo.id;

-- component_photo_file: under which hash a picture of a component is kept
SELECT sha256 FROM component_photo WHERE id = %(id)s;

-- forget_component_photos: those that a batch brought
DELETE FROM component_photo WHERE batch_id = %(batch_id)s;
