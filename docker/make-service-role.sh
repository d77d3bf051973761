#!/bin/bash
# Run by the database image when it makes its cluster.
set -euo pipefail
psql --set=ON_ERROR_STOP=1 \
  --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv password GRIDSVC_SERVICE_PASSWORD
CREATE ROLE gridsvc LOGIN PASSWORD :'password';
SQL
