local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- assert
show(assert(1, "m")) show(assert("x", 2, 3)) show(select("#", assert(1, nil, nil))) show(pcall(function(v) assert(v) end, nil)) show(pcall(function(v) assert(v, "msg") end, false)) show(pcall(function(v) assert(v, 42) end, nil)) show(pcall(function(v) assert(v, nil) end, false))
local ok, e = pcall(function(v) assert(v, {1}) end, nil) show(type(e)) show(assert(true)) show((assert(5, 6)))
--- uncaught-error-call
show("before") error("the end")
--- uncaught-table
error({1})
--- error-in-loop
for i = 1, 5 do local ok, e = pcall(function() if i % 2 == 0 then error("even " .. i) end return "odd " .. i end) show(ok, e) end
--- retry
local attempts = 0 local function flaky() attempts = attempts + 1 if attempts < 3 then error("attempt " .. attempts, 0) end return "done" end
local ok, r repeat ok, r = pcall(flaky) show(ok, r) until ok
--- cleanup
local log = {} local function try(f, ...) local r = {pcall(f, ...)} log[#log + 1] = r[1] and "ok" or "fail" if not r[1] then return nil, r[2] end return unpack(r, 2) end
show(try(function(a) return a, a end, 1)) show(try(function() error("bad", 0) end)) show(table.concat(log, ","))
