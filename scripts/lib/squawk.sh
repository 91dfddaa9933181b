# squawk, a linter of migrations: finds it under target/, or installs it there. Sourced by bash scripts that run under
# `set -euo pipefail`.
#
#   squawk_program     prints the path of the program, of the one version that the tests know the rules of

SQUAWK_PACKAGE=squawk-cli==2.70.0

squawk_checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

squawk_program() {
    local folder=$squawk_checkout/target/squawk
    mkdir -p "$folder"
    # Two scripts that start at once must not install into the same folder.
    (
        flock 9
        [[ $("$folder/bin/squawk" --version 2>/dev/null) != "squawk ${SQUAWK_PACKAGE##*==}" ]] || exit 0
        python3 -m pip install --quiet --disable-pip-version-check --no-cache-dir --root-user-action=ignore \
            --upgrade --target "$folder" "$SQUAWK_PACKAGE"
    ) 9>"$folder.lock" >&2 || {
        echo 'squawk could not be installed' >&2
        return 1
    }
    printf '%s\n' "$folder/bin/squawk"
}
