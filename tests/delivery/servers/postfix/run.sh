#!/bin/sh
# Runs Postfix with the configuration in a folder, as root, until standard input ends.
#
# It writes "ready" when Postfix accepts connections. It reads commands, a line each:
# - restart: waits until the queue is empty, ends Postfix with its connections, starts it again, and
#   writes "ready";
# - collect: waits until the queue is empty, lets every user read the log and the mailbox, and writes
#   "ready".
set -eu
umask 022
folder=${1:?}
postfix=$2
export MAIL_CONFIG="$folder"

start() {
    "$postfix" start
    echo ready
}

stop() {
    "$postfix" abort || true
}

queued() {
    find "$folder/queue/incoming" "$folder/queue/active" "$folder/queue/deferred" -type f
}

await_delivery() {
    tries=0
    while [ -n "$(queued)" ]; do
        tries=$((tries + 1))
        [ $tries -lt 300 ]
        sleep 0.1
    done
}

# Postfix trusts files of root only.
chown -R 0:0 "$folder"
chmod 755 "$folder"
mkdir "$folder/queue" "$folder/data" "$folder/mail"
chown postfix "$folder/data"
chown 65534:65534 "$folder/mail"

trap 'stop; rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
start
while read -r command; do
    case $command in
    restart)
        await_delivery
        stop
        # Not `postfix start`, which takes long to check the folder again.
        "$("${postfix%postfix}postconf" -h daemon_directory)/master" -w
        echo ready
        ;;
    collect)
        await_delivery
        chmod -R a+rX "$folder/log" "$folder/mail"
        echo ready
        ;;
    *) exit 1 ;;
    esac
done
