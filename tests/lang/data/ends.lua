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
--- captures
local function pair(s)
  local k, v = s:match("^(%w+)=(%w*)$")
  if not k then return "no pair" end
  return k .. "/" .. v
end
show(pair("a=b"), pair("a="), pair("=b"), pair(""))
local function one(s) local id = s:match("^/u/(%d+)") if id then return id .. "!" end return id end
show(one("/u/12/x"), one("/u/x"))
local function whole(s) return s:match("%d+") or "none" end
show(whole("ab12"), whole("ab"))
local function three(s) local a, b, c, d = s:match("(.)(.)(.)") return a, b, c, d end
show(three("xyz")) show(three("xy"))
local function second(s) local a, b = string.match(s, "(%a)(%d)", 2) if b then return a .. b, #b end return tostring(b) end
show(second("a1b2")) show(second("a1"))
show(("k=v"):match("(%w)=(%w)")) show(("k"):match("(%w)=(%w)")) show((("k=v"):match("(%w)=(%w)")))
local t = { ("1-2"):match("(%d)-(%d)") } show(#t, t[1], t[2])
local function f(...) return select("#", ...) end
show(f(("ab"):match("(a)(b)")), f(("x"):match("(a)(b)")), f(("ab"):match("a")), f(("x"):match("a")))
local function numbers(s) local y, m = s:match("(%d+)-(%d+)") return tonumber(y), tonumber(m) end
show(numbers("2020-05")) show(numbers("x"))
local a, b = ("pos"):match("()o()") show(a, b)
local x, y = ("v"):match("(v)") show(x, y)
local h, p = (nil or "host:80"):match("^(.-):(%d+)$") if h and p == "80" then show(h, p) end
show(pcall(function(s) local q = s:match("(%w+)") return q end, nil)) show(pcall(function() return ("x"):match("(") end))
local m = ("abc"):match("b") m = m and m:upper() or "none" show(m)
if ("abc"):match("^a") then show("starts") end
if not ("abc"):match("^b") then show("does not") end
for w in ("a,b"):gmatch("[^,]+") do local c = w:match("%a") show(c .. c) end
--- loop-variable-that-becomes-nil
for i = 1, 3 do local before = i if i == 2 then i = nil end show(before, i) end
for i = 1, 2 do i = tonumber("x") show(i) end
