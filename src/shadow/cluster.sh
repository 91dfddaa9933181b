# A PostgreSQL cluster that lives as long as somebody holds the other end of this script's input, and is gone then with all its
# files, whatever ended that somebody. Says "ready" and the folder of its socket when it takes connections, else what is wrong.
#   $1  folder of the server programs

# A signal, or nobody being there to hear of it, is no reason to leave something behind.
trap : HUP INT TERM
trap '' PIPE

# As another user than the one who set TMPDIR, it may not be possible to go there.
folder=$(mktemp -d "${TMPDIR:-/tmp}/specqlc-verify-XXXXXX" 2>/dev/null) ||
    folder=$(mktemp -d /tmp/specqlc-verify-XXXXXX) || exit
cd "$folder" || exit
exec 3>&1 >log 2>&1

# Nobody else comes in: the socket is in the data directory, which is its owner's alone. The server would keep this script's
# output open, and whoever reads that waiting.
"$1/initdb" -D data -U postgres -A trust -E UTF8 --no-locale --no-sync </dev/null &&
    "$1/pg_ctl" -D data -l log -w -o "-k . -p 5432 -c listen_addresses= -c unix_socket_permissions=0700 \
        -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off \
        -c shared_buffers=32MB -c max_connections=20 -c max_locks_per_transaction=1024 \
        -c allow_in_place_tablespaces=on" start </dev/null 3>&- &&
    echo "ready $folder/data" >&3 ||
    tail -n 5 log >&3
exec 3>&-

read -r _
"$1/pg_ctl" -D data -m immediate -s stop </dev/null
cd / && rm -rf "$folder"
