local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- or-error
local function need(x) return x or error("missing") end
show(need(1), pcall(need, nil), pcall(need, false))
local function sum(a, b)
  local x = tonumber(a) or error("a is no number", 0)
  local y = tonumber(b) or error("b is no number", 0)
  return x + y
end
show(sum(1, "2"), pcall(sum, 1, "x"), pcall(sum, {}, 1))
show(pcall(function(v) if v or error("in a condition") then return "held" end end, 1))
show(pcall(function(v) if v or error("in a condition") then return "held" end end))
show(pcall(function(v) return #(v or error("nested")) + 1 end, "ab"))
show(pcall(function(v) return #(v or error("nested")) + 1 end))
show(pcall(function(v) local t = { v or error("in a table"), 2 } return t[1] end))
show(pcall(function(v) while v or error("in a loop") do v = nil end end, 1))
show(pcall(function(v, w) return v and error("has v") or w end, nil, "w"), pcall(function(v, w) return v and error("has v") or w end, 1))
show(pcall(function(v) local x = "a" .. (v or error("concat")) .. "b" return x end, 1))
--- known-names
local type, tostring, pairs_of, x = type, tostring, next, 5
show(type(1), tostring(nil), pairs_of({ 7 }), x)
local format, concat = string.format, table.concat
show(format("%d", 3), concat({ 1, 2 }, "-"))
local a, b = string.upper, 1 b = b + 1 show(a("x"), b)
local floor, huge = math.floor, math.huge show(floor(1.5), huge)
--- dead-code
local function f() local x = error("now") show(x) end
show(pcall(f))
local function g(y) y = error({ 1 }) show(y) end
show((pcall(g, 1)))
