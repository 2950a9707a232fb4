#!/bin/bash
# Puts one backup back: home, report database with its readers, Airflow's database.
#
#   restore.sh                            the backups there are
#   restore.sh 20201231T123000            into an empty home
#   restore.sh 20201231T123000 --replace  what stands in the home is removed first
#
# Every sum is checked before anything is touched. Passwords of postgres, vbp and vbp_report stay those of .env.
set -euo pipefail
umask 077
home=${VBP_HOME:?} backups=${BACKUP_DIR:-/backup} name=${1:-} replace=${2:-}

if [ -z "$name" ]; then
    find "$backups" -mindepth 1 -maxdepth 1 -type d -name '????????T??????' -printf '%f\n' | sort
    exit
fi
from=$backups/$name
[ -d "$from" ] || { echo "没有备份 $name；不带参数执行可列出全部备份" >&2; exit 2; }
(cd "$from" && sha256sum --check --quiet --strict SHA256SUMS) || { echo "备份 $name 已损坏，未作任何更改；请改用另一份" >&2; exit 1; }
if [ -e "$home/lock" ]; then
    exec 9< "$home/lock"
    flock --exclusive --nonblock 9 || { echo "数据目录仍被占用，未作任何更改；请先停止 scheduler" >&2; exit 1; }
fi
if [ -n "$(ls -A "$home")" ]; then
    [ "$replace" = --replace ] || { echo "数据目录不为空，未作任何更改；确认要以备份取代它，请加 --replace" >&2; exit 1; }
    find "$home" -mindepth 1 -delete
fi
tar --extract --file "$from/home.tar" --directory "$home"

put_back() { # host, administrator, password, database, file
    export PGHOST=$1 PGUSER=$2 PGPASSWORD=$3
    dropdb --no-password --if-exists --force --maintenance-db postgres "$4"
    pg_restore --no-password --create --exit-on-error --dbname postgres "$5"
}

# Roles that are not there yet, by name; what they may read comes with the database.
made=$(PGPASSWORD=$REPORTS_ADMIN_PASSWORD psql --no-password --no-psqlrc --host "$REPORTS_DB_HOST" --username postgres --dbname postgres --tuples-only \
    --no-align --command "SELECT string_agg(quote_ident(rolname), '|') FROM pg_roles")
grep --extended-regexp '^(CREATE ROLE|ALTER ROLE|GRANT) ' "$from/roles.sql" |
    awk -v made="|$made|" '/^(CREATE|ALTER) ROLE/ { role = $3; sub(/;$/, "", role); if (index(made, "|" role "|")) next } { print }' |
    PGPASSWORD=$REPORTS_ADMIN_PASSWORD psql --no-password --no-psqlrc --quiet --host "$REPORTS_DB_HOST" --username postgres --dbname postgres \
        --set ON_ERROR_STOP=1 > /dev/null
put_back "$REPORTS_DB_HOST" postgres "$REPORTS_ADMIN_PASSWORD" vbp "$from/reports.dump"
put_back "$AIRFLOW_DB_HOST" airflow "$AIRFLOW_DB_PASSWORD" airflow "$from/airflow.dump"
echo "已恢复：$name。请启动各服务，然后核验：docker compose exec scheduler vbp verify"
