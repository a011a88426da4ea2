-- wrk: one POST of a 300-byte event a request, each with an id of its own. The result goes to BENCH_RESULT as JSON.
local threads = {}
local head, tail
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
  local request = wrk.format("POST", nil, {["Content-Type"] = "application/json"}, before .. id .. after)
  local at = request:find(id, 1, true)
  head, tail = request:sub(1, at - 1) .. prefix, request:sub(at + #id)
end

function request()
  count = count + 1
  return head .. string.format("%024x", count) .. tail
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
