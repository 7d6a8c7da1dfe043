local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- fields-as-variables
local limit = { rate = 100, window = 60 }
if #"x" == 1 then limit.rate = 1000 end
show(limit.rate .. ";w=" .. limit.window, limit.missing, limit.rate + limit.window)
limit.window = "text"
limit.extra = limit.window:upper()
show(limit.window, limit.extra, limit.rate)
limit.rate = nil
show(limit.rate)
local state = {}
state.n = 1
state.name = "a"
while state.n < 4 do state.n = state.n + 1 state.name = state.name .. state.n end
show(state.n, state.name, state.other)
for i = 1, 2 do
  local each = { i = i, seen = false }
  if i == 2 then each.seen = true end
  show(each.i, each.seen, not each.seen)
end
--- fields-of-calls
local function two() return "a", "b" end
local r = { first = two(), second = (two()) }
show(r.first, r.second)
local order = {}
local function note(x) order[#order + 1] = tostring(x) return x end
local o = { b = note(2), a = note(1) }
o.c = note(3)
show(o.a, o.b, o.c, table.concat(order, " "))
o.a, o.b = o.b, o.a
show(o.a, o.b)
--- fields-that-raise
local e = { x = "text" }
show(pcall(function() local t = { x = "text" } return t.x + 1 end))
show(pcall(function() local t = { x = 1 } return t.y.z end))
show(pcall(function() local t = { x = 1 } t.y() end))
show(pcall(function() local t = { x = 1 } return t.y .. "" end))
show(pcall(function() local t = { x = 1 } return t.x < t.y end))
show(pcall(function() local t = { x = 1 } t.f() end))
--- fields-seen-by-others
local c = { n = 1 }
local function bump() c.n = c.n + 1 end
bump() bump() show(c.n)
local p = { a = 1 }
local q = p
q.a = 2
show(p.a)
local d = { a = 1, b = 2 }
local key = "b"
show(d[key], d.a)
local g = { a = 1 }
if g then show(g.a, type(g)) end
local s = { a = 1, a = 2 }
show(s.a)
local h = { ["with-dash"] = 1, plain = 2 }
show(h["with-dash"], h.plain)
local m = { f = function(x) return x * 2 end, n = 3 }
show(m.f(m.n))
local w = setmetatable({ a = 1 }, { __index = function() return "meta" end })
show(w.a, w.b)
