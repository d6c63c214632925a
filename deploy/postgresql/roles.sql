-- Netra's two roles and its database, unless they are there, for psql as PostgreSQL's administrator, who gives the
-- passwords in the environment: DATABASE_OWNER_PASSWORD=… DATABASE_PASSWORD=… psql --file deploy/postgresql/roles.sql
\set ON_ERROR_STOP on
\set owner_password `printf %s "$DATABASE_OWNER_PASSWORD"`
\set password `printf %s "$DATABASE_PASSWORD"`
SELECT format('CREATE ROLE netra_owner LOGIN CREATEROLE PASSWORD %L', :'owner_password')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'netra_owner') \gexec
SELECT format('CREATE ROLE netra LOGIN NOINHERIT PASSWORD %L', :'password')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'netra') \gexec
-- What a frozen process or a machine without power has locked is free again before its jobs are recovered.
ALTER ROLE netra SET idle_in_transaction_session_timeout = '5s';
SELECT 'CREATE DATABASE netra OWNER netra_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'netra') \gexec
