# The sample events of scripts/try: one request of each form, what became of them, and the lines to go on with. To
# be sourced after console.sh, with $ingress and $processor set.
# shellcheck shell=bash

receipts=() # the status_url of every event that was stored

# quoted WORD...: a command line that a shell reads back as these words
quoted() {
    local word line=""
    for word in "$@"; do
        if [[ $word =~ ^[a-zA-Z0-9_./:=?@%+,-]+$ ]]; then line+=" $word"; else line+=" '${word//\'/\'\\\'\'}'"; fi
    done
    printf '%s' "${line:1}"
}

# indented TEXT: line by line, where NDJSON or a batch has several
indented() { sed 's/^/      /' <<< "$1"; }

# post WHAT CURL_ARGUMENT...: shows the request as it can be repeated, and its receipt. It must be a 202.
post() {
    local what=$1 body status urls
    shift
    printf '\n  %s%s%s\n' "$bold" "$what" "$plain"
    printf '%s    %s%s\n' "$dim" "$(quoted curl "$ingress/v1/events" "$@" | sed '2,$s/^/    /')" "$plain"
    body=$(curl -sS --max-time 15 -w '\n%{http_code}' "$ingress/v1/events" "$@") || die "the ingress did not answer"
    status=${body##*$'\n'} body=${body%$'\n'*} body=${body%$'\n'}
    if [ "$status" != 202 ]; then die "expected 202, got $status: $body"; fi
    printf '    %s%s%s %s\n' "$green" "$status" "$plain" "$body"
    mapfile -t urls < <(grep -oE '"status_url": ?"[^"]*"' <<< "$body" | cut -d'"' -f4)
    receipts+=("${urls[@]}")
}

post_samples() {
    post "A JSON value" \
        -H 'Content-Type: application/json' -d '{"order": 1, "amount": 9.90}'
    post "A CloudEvent, its attributes in headers (binary mode); the key keeps a customer's events in order" \
        -H 'ce-specversion: 1.0' -H 'ce-id: order-2' -H 'ce-source: /shop' -H 'ce-type: order.placed' \
        -H 'ce-partitionkey: customer-7' -H 'Content-Type: application/json' -d '{"order": 2}'
    post "A CloudEvent as one JSON object (structured mode)" \
        -H 'Content-Type: application/cloudevents+json' \
        -d '{"specversion": "1.0", "id": "order-3", "source": "/shop", "type": "order.placed", "data": {"order": 3}}'
    post "A batch of CloudEvents" \
        -H 'Content-Type: application/cloudevents-batch+json' \
        -d '[{"specversion": "1.0", "id": "order-4", "source": "/shop", "type": "order.paid", "data": {"order": 4}},
 {"specversion": "1.0", "id": "order-5", "source": "/shop", "type": "order.paid", "data": {"order": 5}}]'
    post "NDJSON: an event a line" \
        -H 'Content-Type: application/x-ndjson' -H 'Idempotency-Key: import-1' \
        --data-binary $'{"order": 6}\n{"order": 7}\n{"order": 8}\n'
}

state_of() { grep -oE '"state": ?"[a-z_]+"' <<< "$1" | head -n 1 | cut -d'"' -f4; }

# Each event's receipt is asked for at the processor, which holds the answer until the event's fate is known.
follow_samples() {
    local url answer separator processed=0
    for url in "${receipts[@]}"; do
        separator='?'
        [[ $url != *\?* ]] || separator='&'
        answer=$(curl -sS --max-time 35 "$url${separator}wait=30") || die "the processor did not answer $url"
        if [ "$(state_of "$answer")" != processed ]; then die "not processed: $answer"; fi
        if [ $((processed += 1)) = 1 ]; then
            printf '%s    %s%s\n' "$dim" "$(quoted curl "$url${separator}wait=30")" "$plain"
            indented "$answer"
        fi
    done
    [ "$processed" = 8 ] || die "8 events were posted, and $processed have a status_url"
    done_with "all $processed events are processed"
}

# One member of the status object, as it is in the answer
member() { grep -oE "\"$1\": ?(\{[^{}]*\}|\[[^]]*\]|\"[^\"]*\"|[0-9.]+)" <<< "$2" | head -n 1; }

show_status() {
    local status name
    status=$(curl -fsS --max-time 5 "$processor/status") || die "the processor did not answer /status"
    for name in state group totals by_type; do say "$(member "$name" "$status")"; done
    say "${dim}all of it: curl $processor/status$plain"
}

show_next_steps() {
    cat << END
  curl -i $ingress/v1/events -H 'Content-Type: application/json' -d '{"hello": "world"}'
  curl '${receipts[0]}'
  curl $processor/status
  curl $ingress/readyz
  curl $ingress/metrics
END
}
