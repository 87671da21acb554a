#!/bin/sh
# Run once, by the database's container on its empty volume: the roles of roles.sql, with the passwords of the secrets.
set -eu
OWNER_PASSWORD=$(cat /run/secrets/database_owner_password)
WEB_PASSWORD=$(cat /run/secrets/database_web_password)
export OWNER_PASSWORD WEB_PASSWORD
psql --username "$POSTGRES_USER" --dbname postgres -f /roles.sql
