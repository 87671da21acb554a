-- The database's roles, by its superuser; may be run again at any time, also on a database that stands already.
--
--   OWNER_PASSWORD=… WEB_PASSWORD=… psql -f docs/operations/roles.sql        then, as releve: manage.py migrate
--
--   releve      owns the tables: migrate, backup, restore, partition --divide; nobody else signs in so
--   releve_web  web servers, workers and beat sign in so: reads and writes rows, changes no table, owns nothing
--   releve_app  what each request takes on: rows of one programme (row-level security)
--   releve_all  its member sees all programmes where no request narrows it (figures, sweeps); that is releve_web
--
-- None is a superuser or goes around row-level security. Other names: -v database=… -v owner=… -v web=…
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv web_password WEB_PASSWORD
\if :{?database} \else \set database releve \endif
\if :{?owner} \else \set owner releve \endif
\if :{?web} \else \set web releve_web \endif

SELECT format('CREATE ROLE %I NOLOGIN', name) FROM unnest(ARRAY['releve_app', 'releve_all']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', name)
FROM unnest(ARRAY[:'owner', :'web']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE :"owner" PASSWORD :'owner_password';
ALTER ROLE :"web" INHERIT PASSWORD :'web_password';
GRANT releve_app TO :"owner";
GRANT releve_app, releve_all TO :"web";

SELECT format('CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' LC_COLLATE ''C.UTF-8'' LC_CTYPE ''C.UTF-8'' TEMPLATE template0',
              :'database', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO releve_app;  -- an import sorts its rows in a temporary table
\connect :"database"
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO :"owner";
