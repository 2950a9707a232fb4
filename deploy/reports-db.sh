#!/bin/bash
# Run once, by the image of PostgreSQL, when the volume of the report database is new: the roles apart from the administrator
# `postgres`. `vbp` owns the database of that name and may do nothing outside it; `vbp_report` is what a reporting tool logs in as: it may
# read what `vbp grant` gives `vbp_reader`, and nothing before that.
set -euo pipefail
: "${REPORTS_DB_PASSWORD:?}" "${REPORTS_READER_PASSWORD:?}"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner REPORTS_DB_PASSWORD
\getenv reader REPORTS_READER_PASSWORD
CREATE ROLE vbp LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner';
CREATE ROLE vbp_reader NOLOGIN;
CREATE ROLE vbp_report LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'reader' IN ROLE vbp_reader;
CREATE DATABASE vbp OWNER vbp;
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
SQL
