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
--- error-values
show(pcall(error)) show(pcall(function() error() end)) show(pcall(function() error(nil) end)) show(pcall(function() error("text") end)) show(pcall(function() error("text", 0) end)) show(pcall(function() error("text", 1) end)) show(pcall(function() error(42) end)) show(pcall(function() error(42, 0) end)) show(pcall(function() error(true) end)) show(pcall(function() error(1.5) end))
local ok, e = pcall(function() error({code = 7}) end) show(ok, type(e), e.code) local t = {} local ok, e = pcall(function() error(t) end) show(e == t) local ok, e = pcall(function() error(show) end) show(e == show)
--- pcall-results
show(pcall(function() return end)) show(pcall(function() return 1, 2, 3 end)) show(pcall(function(...) return select("#", ...) end, nil, nil)) show(pcall(5)) show(pcall(nil)) show(pcall({})) show(select("#", pcall(function() end))) local ok = pcall(function() local x = nil x() end) show(ok)
local ok, a, b = pcall(function() return "a", "b" end) show(ok, a, b) if pcall(function() error("e") end) then show("no") else show("caught") end show((pcall(function() return 1 end)))
--- nested-pcall
show(pcall(function() local ok, e = pcall(function() error("inner") end) show(ok, e) error("outer: " .. e, 0) end)) show(pcall(pcall, error, "x")) show(pcall(function() return pcall(function() return pcall(function() error("deep", 0) end) end) end))
--- xpcall
show(xpcall(function() error("e", 0) end, function(e) return "handled " .. e end)) show(xpcall(function() return 1, 2 end, function(e) return e end)) show(xpcall(function(...) return ... end, function(e) return e end, 1, 2)) show(xpcall(function() error({c = 1}) end, function(e) return e.c end)) show(xpcall(function() local x = nil return x.y end, function(e) return "H:" .. e end)) show(xpcall(function() error("a", 0) end, function(e) error("b", 0) end)) show(xpcall(function() error("x", 0) end, function() return 1, 2, 3 end)) show(xpcall(function() error() end, function(e) return e end))
--- index-errors
local t = {} show(pcall(function() return t.a.b end)) show(pcall(function() return t.a.b.c end)) show(pcall(function() t.a.b = 1 end)) show(pcall(function() return t[1][2] end)) show(pcall(function() local x return x.y end)) show(pcall(function(p) return p.y end)) show(pcall(function() return t["a b"].c end)) show(pcall(function(k) return t[k].c end, "k")) show(pcall(function() return (t.a).b end)) show(pcall(function() local u = {v = 1} return u.v.w end)) show(pcall(function() return t.f().x end)) show(pcall(function(s) return s.x.y end, "str"))
--- call-errors
local t = {n = 5} show(pcall(function() t.x() end)) show(pcall(function() t.n() end)) show(pcall(function() t:m() end)) show(pcall(function() local f f() end)) show(pcall(function(p) p() end)) show(pcall(function() t[1]() end)) show(pcall(function() (1 and nil)() end)) show(pcall(function() t.a.b() end)) show(pcall(function(f) return f(1) end, "s")) show(pcall(function(f) local r = f(1) return r end, {})) show(pcall(function() t.n.z() end)) show(pcall(function(k) t[k]() end, "key"))
--- arithmetic-errors
local t = {s = "x"} show(pcall(function() return t + 1 end)) show(pcall(function() return 1 + t.none end)) show(pcall(function() return t.s * 2 end)) show(pcall(function(a) return a - 1 end)) show(pcall(function(a) return -a end, {})) show(pcall(function(a, b) return a % b end, 1, "z")) show(pcall(function() local x = {} return x / 2 end)) show(pcall(function(a) return a ^ 2 end, true)) show(pcall(function(a) return #a end, 5)) show(pcall(function() return #t.none end)) show(pcall(function(f) return f() + 1 end, function() end)) show(pcall(function() return ("x") + 1 end)) show(pcall(function(a) a = a + 1 end, "5x"))
--- comparison-errors
show(pcall(function(a, b) return a < b end, 1, "2")) show(pcall(function(a, b) return a <= b end, {}, {})) show(pcall(function(a, b) return a > b end, nil, 1)) show(pcall(function(a, b) return a >= b end, "x", 1)) show(pcall(function(a, b) return a < b end, true, false)) show(pcall(function(a) return a < 1 end)) show(pcall(function(a) return 1 < a end, "x")) show(pcall(function(a) return a > "s" end, 5)) show(pcall(function(a, b) return a < b end, print, print))
--- concat-errors
show(pcall(function(a) return a .. "x" end)) show(pcall(function(a) return "x" .. a end, {})) show(pcall(function(a) return "x" .. a .. "y" end, true)) show(pcall(function() local t = {} return "x" .. t.name end)) show(pcall(function(a, b) return a .. b end, nil, {})) show(pcall(function(f) return f() .. "x" end, function() end))
--- error-positions
local function thrower() error("from thrower") end
local function
  middle()
  thrower()
end
show(pcall(middle)) show(pcall(function()
  local x = 1
  x = x .. nil
end)) show(pcall(function() return
  {} + 1 end)) show(pcall(function(a)
  return a.b.
    c.d
end, {b = {}}))
--- uncaught
show("before") local t = {} if #t == 0 then t.x.y = 1 end show("never")
--- uncaught-in-function
local function f(x) return x.field end
local function g(x) local v = f(x) return v end g(nil)
--- library-errors
show(pcall(function(v) return ("x"):rep(v) end)) show(pcall(function(v) local r = ("x"):rep(v) return r end)) show(pcall(function(v) return string.rep(v, 1) end, nil)) show(pcall(function(v) local n = string.len(v) return n end, {}))
