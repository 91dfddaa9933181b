# The compiled test programs. Sourced by bash scripts that run under `set -euo pipefail`.
#
#   programs_read LOG   fills the array `programs` from what `cargo test --no-run` printed: name, such as `verify` or `src-lib`, to path

programs_read() {
    local name program
    declare -gA programs=()
    while read -r name program; do
        name=${name%.rs} name=${name#tests/} name=${name%/main}
        programs[${name//\//-}]=$program
    done < <(sed -nE 's/^ +Executable (unittests )?([^ ]+) \((.*)\)$/\2 \3/p' "$1")
}
