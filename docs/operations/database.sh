#!/bin/sh
# Run once, by the database's container on its empty volume: the portal's own role, which is no superuser (row-level
# security does not hold for one), and the role that each request takes on.
set -eu
password=$(cat /run/secrets/database_password)
psql -v ON_ERROR_STOP=1 -v password="$password" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE releve_app NOLOGIN;
CREATE ROLE releve LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD :'password';
GRANT releve_app TO releve;
CREATE DATABASE releve OWNER releve ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' TEMPLATE template0;
SQL
