-- All that routing and clocks follow besides areas and components has one number, and whatever changes it gives it another. So a
-- service may hold the rules, and a transaction that writes sees at once whether they are still true. The number is
-- never given twice, not even if a change is taken back: what was read in between would pass for what comes next.

CREATE OR REPLACE FUNCTION rule_book_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    INSERT INTO rule_book (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET revision = DEFAULT;
    RETURN NULL;
END $$;

-- Rules of duty and of lane come with a revision of theirs, heirs of areas with a revision of the areas
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['city', 'department', 'channel', 'channel_category', 'area_kind', 'area_revision',
                                'duty_revision', 'catalogue_version', 'time_limit', 'calendar_day', 'calendar_year',
                                'work_hours', 'clock_rules', 'stage_limit'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER rule_book_changed AFTER INSERT OR UPDATE OR DELETE ON %I'
            ' FOR EACH STATEMENT EXECUTE FUNCTION rule_book_changed()', name);
    END LOOP;
END $$;
