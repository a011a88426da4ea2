-- wrk: one POST of a 300-byte event a request, each with an id of its own; with BENCH_KEYS that is its Idempotency-Key
-- too, with BENCH_API_KEY it says who sends it. The result goes to BENCH_RESULT as JSON.
local threads = {}
local parts = {}
local count = 0

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init()
  local before = '{"id":"'
  local after = '","type":"order.created","source":"/shop/north","time":"2026-01-15T09:26:53.589Z",' ..
    '"customer":48213,"order":{"number":48213907,"currency":"EUR","total":129.95,"items":[' ..
    '{"sku":"A-1001","quantity":2,"price":39.99},{"sku":"B-2040","quantity":1,"price":49.97}]}}'
  prefix = string.format("%s-%02x-", os.getenv("BENCH_SEED"), number)
  local id = prefix .. string.format("%024x", 0)
  local headers = {["Content-Type"] = "application/json", ["X-API-Key"] = os.getenv("BENCH_API_KEY")}
  if os.getenv("BENCH_KEYS") then headers["Idempotency-Key"] = id end
  local request, from = wrk.format("POST", nil, headers, before .. id .. after), 1
  while true do
    local at = request:find(id, from, true)
    table.insert(parts, request:sub(from, (at or 0) - 1))
    if not at then break end
    from = at + #id
  end
end

function request()
  count = count + 1
  return table.concat(parts, prefix .. string.format("%024x", count))
end

function done(summary, latency)
  local errors = summary.errors
  local file = assert(io.open(os.getenv("BENCH_RESULT"), "w"))
  file:write(string.format(
    '{"answers": %d, "refused": %d, "socket_errors": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d}\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99)))
  file:close()
end
