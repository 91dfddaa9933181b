#!/usr/bin/env bash
# Installs the migration runners that tests/migrate/runners.rs runs, each of the version that is named here, under
# target/runners: sqlx-cli and refinery_cli from crates.io, dbmate from npm. Nothing is done where they are there already.
# goose, golang-migrate and Flyway are in no registry that holds the programs themselves.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/postgres.sh"

SQLX=0.9.0
REFINERY=0.10.0
DBMATE=2.36.0
folder=$pg_checkout/target/runners

is_there() {
    local said
    said=$("$1" --version 2>/dev/null) && [[ " $said " == *[\ v]"$2 "* ]]
}

# A runner waits for its server: what the compiler would do for its speed is not worth the minutes.
install_crate() {
    local crate=$1 features=$2
    CARGO_PROFILE_DEV_DEBUG=false CARGO_INCREMENTAL=0 cargo install --quiet --locked --force --profile dev \
        --root "$folder" --target-dir "$folder/build" --no-default-features --features "$features" "$crate"
    # Several times as large as what was built.
    rm -rf "$folder/build"
}

install_missing() {
    is_there "$folder/bin/sqlx" "$SQLX" || install_crate "sqlx-cli@$SQLX" postgres
    if ! is_there "$folder/bin/refinery" "$REFINERY"; then
        # It knows no other TLS than the system's OpenSSL.
        pkg-config --exists openssl 2>/dev/null || pg_apt pkg-config libssl-dev
        install_crate "refinery_cli@$REFINERY" postgresql
    fi
    is_there "$folder/node/node_modules/.bin/dbmate" "$DBMATE" ||
        npm install --silent --no-fund --no-audit --prefix "$folder/node" "dbmate@$DBMATE"
}

mkdir -p "$folder"
(
    flock 9
    install_missing
) 9>"$folder/lock" || pg_fail 'the runners of others could not be installed'
