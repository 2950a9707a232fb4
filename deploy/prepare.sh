#!/bin/sh
# Makes what a first `docker compose up` needs: .env with random secrets (0600) and the folders that are mounted.
#
#   sh deploy/prepare.sh 张三:admin 李四:user 王五:viewer     people of Airflow, each with a role: viewer looks, user also runs and
#                                                           releases, op also connections, admin everything
#
# An .env that exists is left as it is. Run as root, or with sudo, it also gives the folders that containers write to user 10001;
# else it says how.
set -eu
umask 077
cd "$(dirname "$0")/.."

secret() { # $1: bytes; letters and digits, fit for any address
    od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n'
}

if [ ! -e .env ]; then
    [ $# -gt 0 ] || { echo "请写明 Airflow 的用户与角色，例如：sh deploy/prepare.sh 张三:admin 李四:user" >&2; exit 2; }
    users=''
    passwords=''
    for user in "$@"; do
        case $user in
            *[,\ \'\"\$\\]* | *:*:* | :*) echo "用户 $user 不可用：应为 姓名:角色，姓名中不能有逗号、冒号、空格、引号、\$、\\" >&2; exit 2 ;;
            *:viewer | *:user | *:op | *:admin) ;;
            *) echo "用户 $user 不可用：角色应为 viewer、user、op 或 admin，例如 张三:admin" >&2; exit 2 ;;
        esac
        users=$users${users:+,}$user
        passwords=$passwords${passwords:+,}${user%:*}:$(secret 12)
    done
    fernet=$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n')
    while IFS= read -r line; do
        case $line in
            AIRFLOW_USERS=) line=$line$users ;;
            AIRFLOW_PASSWORDS=) line=$line$passwords ;;
            AIRFLOW_FERNET_KEY=) line=$line$fernet ;;
            AIRFLOW_JWT_SECRET=) line=$line$(secret 64) ;;
            *_PASSWORD= | *_SECRET=) line=$line$(secret 24) ;;
        esac
        printf '%s\n' "$line"
    done < .env.example > .env.part
    mv .env.part .env
    echo "已生成 .env（仅所有者可读）；Airflow 各用户的初始口令在 AIRFLOW_PASSWORDS 中"
fi

umask 022
chmod a+rx deploy deploy/*.sh # mounted, and run by other users, whatever the umask of the clone
mkdir -p landing policies out backups
if [ "$(id -u)" = 0 ]; then
    chown 10001:10001 landing out backups
    chmod 700 backups
elif [ "$(stat -c %u out backups | sort -u)" != 10001 ]; then
    echo "容器以用户 10001 写入 out、backups 和（网页上传时）landing，请执行：sudo chown 10001:10001 landing out backups && sudo chmod 700 backups"
fi
