#!/bin/bash
# Backs up both databases and the home, together: nothing runs on the home meanwhile.
#
#   backup.sh           one backup now
#   backup.sh daily     one every day at BACKUP_AT (HH:MM, Shanghai); what the service `backup` does
#
# Written is /backup/<time>/ with reports.dump, roles.sql, airflow.dump, home.tar, policies.tar and SHA256SUMS, for its owner
# alone; the newest BACKUP_KEEP of them are kept. A backup that is not whole is called *.part and removed by the next. The last failure
# is told by /backup/FAILED (its time; the reason is in the log of the service), which a success removes.
set -euo pipefail
umask 077
home=${VBP_HOME:?} policies=${VBP_POLICIES:-} backups=${BACKUP_DIR:-/backup} keep=${BACKUP_KEEP:-14} patience=${BACKUP_PATIENCE:-3600}

dump() { # host, administrator, password, database, file
    PGPASSWORD=$3 pg_dump --no-password --host "$1" --username "$2" --format=custom --file "$5" --dbname "$4"
}

back_up() {
    name=$(date +%Y%m%dT%H%M%S)
    part=$backups/$name.part
    rm -rf "$backups"/*.part
    mkdir "$part"
    # The lock of every command that writes. A home that has none has seen no night yet.
    if [ -e "$home/lock" ]; then
        exec 9< "$home/lock"
        flock --exclusive --wait "$patience" 9 || { echo "等候 $patience 秒，数据目录仍被占用；稍后再试" >&2; return 1; }
    fi
    # The database before the home: should the lock ever not hold, a newer home is made good by the next run, a newer database is not.
    dump "$REPORTS_DB_HOST" postgres "$REPORTS_ADMIN_PASSWORD" vbp "$part/reports.dump"
    PGPASSWORD=$REPORTS_ADMIN_PASSWORD pg_dumpall --no-password --host "$REPORTS_DB_HOST" --username postgres --roles-only --file "$part/roles.sql"
    dump "$AIRFLOW_DB_HOST" airflow "$AIRFLOW_DB_PASSWORD" airflow "$part/airflow.dump"
    # Without what is rebuilt: the kept base, and the scratch of a verification that was killed.
    tar --create --file "$part/home.tar" --exclude ./records --exclude './verify_*' --directory "$home" .
    [ -z "$policies" ] || tar --create --file "$part/policies.tar" --directory "$policies" .
    (cd "$part" && sha256sum -- *.* > SHA256SUMS)
    sync --file-system "$part"
    mv "$part" "$backups/$name"
    find "$backups" -mindepth 1 -maxdepth 1 -type d -name '????????T??????' | sort | head --lines=-"$keep" | xargs --no-run-if-empty rm -rf
    rm -f "$backups/FAILED"
    echo "已备份：$name（$(du --summarize --human-readable "$backups/$name" | cut -f 1)）"
}

sweep() { # logs of Airflow's tasks, and what killed commands left in the scratch folder
    find "${AIRFLOW_LOGS:?}" -mindepth 1 -mtime +"${AIRFLOW_LOG_DAYS:-180}" -delete
    find "${TMPDIR:?}" -mindepth 1 -mtime +2 -delete
}

case ${1:-} in
    '')
        trap '[ $? = 0 ] || { date --iso-8601=seconds > "$backups/FAILED"; echo "备份失败，原因见上；上一份备份不受影响" >&2; }' EXIT
        back_up
        ;;
    daily)
        trap 'exit 0' TERM INT
        while :; do
            due=$(date --date "today ${BACKUP_AT:-12:30}" +%s)
            now=$(date +%s)
            [ "$due" -gt "$now" ] || due=$(date --date "tomorrow ${BACKUP_AT:-12:30}" +%s)
            sleep $((due - now)) &
            wait $!
            "$0" || true
            sweep || true
        done
        ;;
    *) echo "用法：backup.sh [daily]" >&2; exit 2 ;;
esac
