-- How visible a component is follows from its subclass, and is written into its row by whoever writes the row: by a
-- trigger, unless an import has looked it up for all of its rows.

CREATE OR REPLACE FUNCTION component_visibility() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    new.visibility := coalesce(
        (SELECT visibility FROM subclass_visibility WHERE subclass_code = new.subclass_code), 1);
    RETURN new;
END $$;

CREATE OR REPLACE TRIGGER component_visibility BEFORE UPDATE OF subclass_code, visibility ON component
   FOR EACH ROW EXECUTE FUNCTION component_visibility();
CREATE OR REPLACE TRIGGER component_visibility_added BEFORE INSERT ON component
   FOR EACH ROW WHEN (new.visibility IS NULL) EXECUTE FUNCTION component_visibility();

CREATE OR REPLACE FUNCTION visibility_of_all() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE component SET visibility = visibility
     WHERE subclass_code IN (SELECT subclass_code FROM changed);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER visibility_added AFTER INSERT ON subclass_visibility
   REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION visibility_of_all();
CREATE OR REPLACE TRIGGER visibility_changed AFTER UPDATE ON subclass_visibility
   REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION visibility_of_all();
CREATE OR REPLACE TRIGGER visibility_removed AFTER DELETE ON subclass_visibility
   REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION visibility_of_all();

-- A component's digest is that of the row of a file that it was taken from. Whoever changes it in another way says none
CREATE OR REPLACE FUNCTION component_digest() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    new.digest := NULL;
    RETURN new;
END $$;

CREATE OR REPLACE TRIGGER component_digest
   BEFORE UPDATE OF subclass_code, state, authority, owner, maintainer, position, attributes, geom ON component
   FOR EACH ROW WHEN (new.digest = old.digest) EXECUTE FUNCTION component_digest();
