-- Posts one review over and over, each time under another uid, as the API server would: for wrk.
--
--   wrk [OPTION...] --script load.lua URL -- REVIEW UID RUN
--
-- UID is the one that stands in the file REVIEW. What takes its place is as long, made of RUN, the thread and a
-- counter: a ledger knows a review by its uid and writes it only once. Every server gets the same, so the client costs
-- the same.

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
  thread:set("number", #threads)
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local review = file:read("*a")
  file:close()
  local headers = {
    ["Host"] = wrk.headers["Host"],
    ["User-Agent"] = "kube-apiserver-admission",
    ["Accept"] = "application/json, */*",
    ["Content-Type"] = "application/json",
  }
  local whole = wrk.format("POST", wrk.path, headers, review)
  local first, last = whole:find(args[2], 1, true)
  assert(first and last - first == 35, "the review does not have the uid")
  before, after = whole:sub(1, first - 1), whole:sub(last + 1)
  prefix = string.format("%08x-%04x-4000-8000-", tonumber(args[3]), number)
  sent = 0
end

function request()
  sent = sent + 1
  return before .. prefix .. string.format("%012x", sent) .. after
end

-- The last line of wrk's output, as JSON. Latencies are in microseconds.
function done(summary, latency)
  local total = 0
  for _, thread in ipairs(threads) do total = total + thread:get("sent") end
  local errors = summary.errors
  io.write(string.format(
    '{"seconds": %.6f, "answers": %d, "sent": %d, "p50": %d, "p99": %d, "p99.9": %d, "max": %d, "errors": '
      .. '{"connect": %d, "read": %d, "write": %d, "timeout": %d, "status": %d}}\n',
    summary.duration / 1e6, summary.requests, total,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9), latency.max,
    errors.connect, errors.read, errors.write, errors.timeout, errors.status
  ))
end
