# What the scripts share to talk to a person: headings, progress of long steps, failures that say what to do.
# To be sourced. Colours and the ticking clock only where standard output is a terminal.
# shellcheck shell=bash

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' blue=$'\e[34m' plain=$'\e[0m'
else
    bold='' dim='' red='' green='' yellow='' blue='' plain=''
fi

heading() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
say() { printf '  %s\n' "$*"; }
done_with() { printf '  %s✓%s %s\n' "$green" "$plain" "$*"; }
warn() { printf '  %s! %s%s\n' "$yellow" "$*" "$plain"; }
fail() { printf '\n%s✗ %s%s\n' "$red" "$*" "$plain" >&2; }
die() {
    fail "$@"
    exit 1
}

# step LABEL LOG COMMAND...: runs the command with its output in LOG, and shows the label with the time it has
# taken so far and the last line of output. When it fails, the end of LOG is shown and its status returned.
step() {
    local label=$1 log=$2 began=$SECONDS status=0 job shown=0 last
    shift 2
    mkdir -p "$(dirname "$log")"
    "$@" > "$log" 2>&1 < /dev/null &
    job=$!
    while kill -0 "$job" 2> /dev/null; do
        if [ -t 1 ]; then
            last=$(tail -c 400 "$log" | tr '\r' '\n' | grep -v '^ *$' | tail -n 1 | tr -d '\000-\037' || true)
            printf '\r\e[K  %s…%s %s %s%ds  %.60s%s' "$blue" "$plain" "$label" "$dim" $((SECONDS - began)) "$last" "$plain"
        elif [ $((SECONDS - began)) -ge $((shown + 30)) ]; then
            shown=$((SECONDS - began))
            printf '  … %s, %ds\n' "$label" "$shown"
        fi
        sleep 0.2
    done
    wait "$job" || status=$?
    [ ! -t 1 ] || printf '\r\e[K'
    if [ "$status" = 0 ]; then
        done_with "$label ${dim}$((SECONDS - began))s${plain}"
    else
        fail "$label failed after $((SECONDS - began))s; the end of $log:"
        tail -n 40 "$log" >&2
    fi
    return "$status"
}
