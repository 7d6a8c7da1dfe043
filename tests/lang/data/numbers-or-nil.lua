local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- or-nil-read
local function go(a, b)
  local n = tonumber(a)
  if n and n > 5 then show("big", n + 1) end
  local m = tonumber(b) or 3
  local k = tonumber(a, 16)
  show(n, m, k, n == nil, n == 5, n == m, n ~= 3, type(n), n and n + 1, n or "none", not n)
  if not k then return end
  show(k * 2, k .. "!", -k, k > 3, tostring(k))
end
go("7", "x") go("x") go("5", "5") go(nil, "1e2") go("ff") go("nan", "nan")
--- or-nil-returned
local function parse(s) if s == "x" then return nil end return #s end
local function maybe(s) if s ~= "x" then return parse(s) end end
local function both(s) local n = parse(s) if n then return n, "ok" end return nil, "bad" end
show(parse("abc"), parse("x"), maybe("x"), maybe("ab"))
local n, why = both("abcd") show(n, why, n and n * 2)
n, why = both("x") show(n, why)
local sum = (parse("a") or 0) + (parse("x") or 10)
show(sum, pcall(function() return parse("x") + 1 end))
show(pcall(function() return parse("x") < 1 end))
show(pcall(function() return "a" .. parse("x") end))
--- or-nil-kept
local t = { tonumber("x"), n = tonumber("5") }
show(#t, t[1], t.n)
local last
for _, v in ipairs { "1", "x", "3" } do
  local v2 = tonumber(v)
  if v2 then last = v2 end
  show(v, v2, last)
end
show(last and last % 2 or "none")
local function count(list) local c for _ in ipairs(list) do c = (c or 0) + 1 end return c end
show(count {}, count { 1, 2 })
local f = function() return last end
last = nil
show(f(), last)
for i = tonumber("1"), tonumber("2") do show(i) end
show(pcall(function() for i = 1, tonumber("x") do show(i) end end))
show(math.max(tonumber("3") or 0, 2), ("x"):rep(tonumber("2") or 1), select("#", tonumber("x")))
show((tonumber("7")))
