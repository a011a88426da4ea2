-- wrk: LOAD_EVENTS posts in all, each of a plain event, and then silence, so that no request is left unanswered. What was
-- answered goes to LOAD_RESULT, a line each: "STATUS PARTITION OFFSET ID"; the last two only of a 202.
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init()
  local share = tonumber(os.getenv("LOAD_EVENTS")) / tonumber(os.getenv("LOAD_THREADS"))
  pause = tonumber(os.getenv("LOAD_PAUSE_MS"))
  wanted, granted, answered = share, 0, 0
  results = assert(io.open(os.getenv("LOAD_RESULT") .. "." .. number, "w"))
  body = '{"order":{"number":48213907,"currency":"EUR","total":129.95},"padding":"' .. string.rep("x", 220) .. '"}'
  event = wrk.format("POST", nil, {["Content-Type"] = "application/json"}, body)
end

-- Asked before each request of a connection: beyond the thread's share it never sends again.
function delay()
  granted = granted + 1
  return granted > wanted and 1000000000 or pause
end

function request()
  return event
end

function response(status, headers, text)
  local id, partition, offset = text:match('"id":"([^"]+)".-"partition":(%d+),"offset":(%d+)')
  results:write(status, " ", partition or "-", " ", offset or "-", " ", id or "-", "\n")
  answered = answered + 1
  if answered == wanted then
    results:close()
  end
end
