#!/bin/sh
# At the first start of an empty volume: a role that owns its database, and is no superuser. Later changes of the
# password are made by ALTER ROLE.
set -eu

psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres <<'SQL'
\set password `cat /run/secrets/musubi_password`
create role musubi login password :'password';
create database musubi owner musubi;
SQL
