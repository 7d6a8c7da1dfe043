local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- yield-and-resume
local co = coroutine.create(function(a, b) show("start", a, b) local c = coroutine.yield(a + b) show("got", c) local d, e = coroutine.yield(c * 2) show("got", d, e) return "end", d end)
show(coroutine.resume(co, 1, 2)) show(coroutine.status(co)) show(coroutine.resume(co, 10)) show(coroutine.resume(co, "x", "y")) show(coroutine.status(co)) show(coroutine.resume(co))
--- wrap
local gen = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) show(gen(), gen(), gen()) local function range(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, i * i) end end) end for i, sq in range(3) do show(i, sq) end
--- producer-consumer
local function producer() return coroutine.create(function() for _, v in ipairs{"a", "b", "c"} do coroutine.yield(v) end return nil end) end
local function filter(p) return coroutine.create(function() while true do local _, v = coroutine.resume(p) if not v then return nil end coroutine.yield(v:upper()) end end) end
local f = filter(producer()) while true do local _, v = coroutine.resume(f) if not v then break end show(v) end
--- pcall-across-yield
local co = coroutine.create(function() local ok, v = pcall(function() local x = coroutine.yield("y1") error("after " .. x, 0) end) show(ok, v) coroutine.yield("y2") return "r" end) show(coroutine.resume(co)) show(coroutine.resume(co, "resume")) show(coroutine.resume(co)) show(coroutine.resume(co))
--- status
local co co = coroutine.create(function() show(coroutine.status(co)) local inner = coroutine.create(function() show(coroutine.status(co)) end) coroutine.resume(inner) coroutine.yield() end) show(coroutine.status(co)) coroutine.resume(co) show(coroutine.status(co)) coroutine.resume(co) show(coroutine.status(co)) show(pcall(function(v) return (coroutine.status(v)) end, 5)) show(pcall(function(v) return (coroutine.resume(v)) end, {}))
--- permutations
local function permgen(a, n) n = n or #a if n <= 1 then coroutine.yield(a) else for i = 1, n do a[n], a[i] = a[i], a[n] permgen(a, n - 1) a[n], a[i] = a[i], a[n] end end end
for p in coroutine.wrap(function() permgen{1, 2, 3} end) do show(unpack(p)) end
--- many
local cos = {} for i = 1, 20 do cos[i] = coroutine.create(function(x) for j = 1, 3 do x = coroutine.yield(x + i) end return "done" .. i end) end for r = 1, 5 do local s = {} for i = 1, 20 do local ok, v = coroutine.resume(cos[i], r) s[#s + 1] = tostring(v) end show(table.concat(s, " ")) end
--- closures-in-coroutines
local n = 0 local function step() n = n + 1 coroutine.yield(n) end local co = coroutine.wrap(function() while n < 3 do step() end return "fin" end) show(co(), co(), co(), co()) show(n)
--- deep-yield
local function deep(n) if n == 0 then coroutine.yield("bottom") return 0 end return 1 + deep(n - 1) end local co = coroutine.create(function() return deep(50) end) show(coroutine.resume(co)) show(coroutine.resume(co))
--- errors-inside
local co = coroutine.create(function() error("inside") end) show(coroutine.resume(co)) show(coroutine.status(co)) show(coroutine.resume(co))
local co = coroutine.create(function() local x = nil return x.y end) show(coroutine.resume(co)) local co = coroutine.create(function() error({}) end) local ok, e = coroutine.resume(co) show(ok, type(e))
