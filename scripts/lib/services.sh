# Starting, awaiting and draining the services that scripts/try runs. To be sourced after console.sh.
# shellcheck shell=bash

# name -> process id, of what was started and has not been drained yet
declare -A running=()
logs=build/try

# start NAME COMMAND...: in a process group of its own, so that Ctrl-C reaches this script alone, which then drains
# in order; and tied to this script's life, so that nothing stays behind however it ends.
start() {
    local name=$1
    shift
    mkdir -p "$logs"
    set -m
    setpriv --pdeathsig TERM "$@" > "$logs/$name.log" 2>&1 < /dev/null &
    running[$name]=$!
    set +m
}

alive() { kill -0 "${running[$1]}" 2> /dev/null; }

# await NAME SECONDS COMMAND...: until the command succeeds; fails with the service's log when it ends before, or
# when the time is up.
await() {
    local name=$1 deadline=$((SECONDS + $2)) problem=""
    shift 2
    while [ -z "$problem" ]; do
        if "$@" > /dev/null 2>&1 && alive "$name"; then return 0; fi
        alive "$name" || problem="$name ended"
        [ $SECONDS -lt $deadline ] || problem="$name is not ready"
        sleep 0.1
    done
    fail "$problem; the end of $logs/$name.log:"
    tail -n 20 "$logs/$name.log" >&2
    return 1
}

# drain NAME SECONDS: asks it to end; one that does not in time is killed, which is a failure.
drain() {
    local name=$1 deadline=$((SECONDS + $2)) pid=${running[$1]:-} status=0
    [ -n "$pid" ] || return 0
    unset "running[$name]"
    kill -TERM "$pid" 2> /dev/null || true
    while kill -0 "$pid" 2> /dev/null; do
        if [ $SECONDS -ge $deadline ]; then
            warn "$name did not end in time and was killed"
            kill -KILL "$pid" 2> /dev/null || true
        fi
        sleep 0.05
    done
    wait "$pid" 2> /dev/null || status=$?
    if [ "$status" = 0 ]; then
        done_with "$name has drained and ended"
    else
        warn "$name ended with status $status; its log is $logs/$name.log"
    fi
    return "$status"
}

port_is_taken() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

# follow NAME...: their logs on this terminal, each line after its service's name, for as long as this script lives.
# Each pipeline is a subshell's: bash waits for one of its own when a trap comes between the forks of its parts.
follow() {
    local name
    for name in "$@"; do
        [ -e "$logs/$name.log" ] || continue
        (tail --pid=$$ -n +1 -s 0.2 -F "$logs/$name.log" 2> /dev/null |
            awk -v prefix="  $dim$(printf '%-10s' "$name")│$plain " '{ print prefix $0; fflush() }') &
    done
}
