-- Dicts and locks that all workers use at once.
local counts = ngx.shared.counts
if ngx.var.arg_show then
  ngx.print(counts:get("requests"), " ", counts:get("balance"), " ", counts:llen("list"))
  return ngx.exit(ngx.HTTP_OK)
end
local n = counts:incr("requests", 1, 0)
local won = counts:add("turn:" .. math.floor((n - 1) / 4), true, 60)

local lock = require("resty.lock"):new("locks", {timeout = 5, exptime = 10, step = 0.001, max_step = 0.01})
local elapsed, problem = lock:lock("balance")
if not elapsed then
  ngx.say("no lock: ", problem)
  return ngx.exit(ngx.HTTP_OK)
end
local balance = counts:get("balance") or 0
ngx.sleep(0.001)
counts:set("balance", balance + 1)
lock:unlock()

counts:rpush("list", n)
ngx.say(n, " ", won)
return ngx.exit(ngx.HTTP_OK)
