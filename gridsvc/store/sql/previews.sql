-- account_names: how accounts are called
SELECT id, name, display_name FROM account WHERE id = ANY(%(accounts)s);

-- revisions_in_force: in which revision the drafts of batches were applied
SELECT batch_id, applied_revision FROM area_draft
 WHERE batch_id = ANY(%(batches)s) AND applied_revision IS NOT NULL;

-- severities_of_features: what was found about features with these numbers
SELECT DISTINCT layer, feature, severity FROM import_finding
 WHERE batch_id = %(batch_id)s AND feature = ANY(%(features)s);

-- finding_cells: how many findings of each severity lie in each cell of a box
SELECT floor((ST_X(place) - %(x)s) / %(size)s)::int, floor((ST_Y(place) - %(y)s) / %(size)s)::int, severity, count(*)
  FROM (SELECT severity, ST_Centroid(ST_Envelope(geom)) AS place FROM import_finding
         WHERE batch_id = %(batch_id)s
           AND geom && ST_MakeEnvelope(%(x)s, %(y)s, %(most_x)s, %(most_y)s)) AS placed
 GROUP BY 1, 2, 3;

-- rejected_count: how many features were set aside
SELECT count(*) FROM import_rejected WHERE batch_id = %(batch_id)s;
