# Programs side by side. Sourced by bash scripts that run under `set -euo pipefail`.
#
#   job NAME COMMAND…   waits until fewer than $jobs_at_once run, then starts this one in the background. When it is done, its
#                       whole output is printed below its name; it stays in $jobs_folder/NAME.log, and how it ended in NAME.code
#   jobs_room           waits until fewer than $jobs_at_once run
#   jobs_wait           waits until none runs
#   jobs_failed         prints the names of those that failed, one a line
#   jobs_stop           ends those that run, with what they started, and removes the folder; also done when the script exits,
#                       unless it sets the trap EXIT itself

jobs_at_once=$(nproc)
# Short, and open to who runs servers: the tests have their clusters there.
jobs_folder=$(mktemp -d /tmp/specqlc-jobs.XXXXXX)
chmod 755 "$jobs_folder"
export SPECQLC_CLUSTERS=$jobs_folder
trap jobs_stop EXIT

job() {
    local name=$1
    shift
    jobs_room
    # A group of its own: it can be ended with all that it started, and does not ignore Ctrl-C as what is in the background would.
    set -m
    jobs_run "$name" "$@" </dev/null &
    set +m
}

jobs_room() {
    local running
    # Not through a pipe: what is in one sees no jobs.
    while running=($(jobs -rp)) && ((${#running[@]} >= jobs_at_once)); do
        wait -n || true
    done
}

jobs_run() {
    local name=$1 begun=$SECONDS code=0
    shift
    ("$@") >"$jobs_folder/$name.log" 2>&1 || code=$?
    # One at a time, that their lines do not mix.
    {
        flock 9
        printf '\n=== %s (%d s)\n' "$name" $((SECONDS - begun))
        cat "$jobs_folder/$name.log"
        [[ $code == 0 ]] || printf 'FAILED: %s\n' "$name"
    } 9>"$jobs_folder/lock"
    printf '%s\n' "$code" >"$jobs_folder/$name.code"
}

jobs_wait() {
    while [[ -n $(jobs -rp) ]]; do
        wait -n || true
    done
}

jobs_failed() {
    local log code
    for log in "$jobs_folder"/*.log; do
        [[ -e $log ]] || continue
        # One that was ended from outside has not said how it ended, and neither has one that still runs.
        code=$(cat "${log%.log}.code" 2>/dev/null) || code=$([[ -n $(jobs -rp) ]] || echo none)
        if [[ ${code:-0} != 0 ]]; then
            basename "$log" .log
        fi
    done
}

jobs_stop() {
    local group
    for group in $(jobs -rp); do
        kill -TERM -- "-$group" 2>/dev/null || true
    done
    wait
    jobs_stop_servers "$jobs_folder"
    rm -rf "$jobs_folder"
}

# Those of the folder, and of the folders in it. A server is in no group but its own, and outlives the test program that would
# have stopped it.
jobs_stop_servers() {
    local pid
    for pid in "$1"/{,*/}specqlc-pg-*/data/postmaster.pid; do
        [[ ! -e $pid ]] || kill -QUIT "$(head -n 1 "$pid")" 2>/dev/null || true
    done
}
