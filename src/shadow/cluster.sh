# A PostgreSQL cluster that lives as long as somebody holds the other end of this script's input, and is gone then with all its
# files, whatever ended that somebody. Says "ready" when it takes connections.
#   $1  folder of the server programs
#   $2  folder of the cluster, which is the current one

# A signal, or nobody being there to hear of it, is no reason to leave something behind.
trap : HUP INT TERM
trap '' PIPE
exec 3>&1 >log 2>&1

finish() {
    "$1/pg_ctl" -D data -m immediate -s stop </dev/null
    cd / && rm -rf "$2"
}

# Nobody else comes in: the socket is in the data directory, which is its owner's alone. The server would keep this script's
# output open, and whoever reads that waiting.
"$1/initdb" -D data -U postgres -A trust -E UTF8 --no-locale --no-sync </dev/null &&
    "$1/pg_ctl" -D data -l log -w -o "-k . -p 5432 -c listen_addresses= -c unix_socket_permissions=0700
        -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off
        -c shared_buffers=32MB -c max_connections=20 -c max_locks_per_transaction=1024
        -c allow_in_place_tablespaces=on" start </dev/null 3>&- &&
    echo ready >&3 ||
    tail -n 5 log >&3
exec 3>&-
read -r _
finish "$1" "$2"
