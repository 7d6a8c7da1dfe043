--- append-to-a-value-of-any-type
local function add(t, v) t[#t + 1] = v return #t end
local keep = { 1, 2 }
print(add(keep, "x"), keep[3], add({}, nil))
print(pcall(add, nil, 1)) print(pcall(add, 5, 1)) print(pcall(add, "text", 1)) print(pcall(add, true, 1))
local seen = setmetatable({}, { __newindex = function(t, k, v) rawset(t, k, v .. "!") end })
print(add(seen, "a"), seen[1])
--- append-to-a-value-while-it-grows
local t = { 1 }
local any = ({ t, 1 })[1]
local function grow() t[#t + 1] = "grown" return "value" end
any[#any + 1] = grow()
print(#t, t[2], t[3])
any[#any + 1] = #any
print(#t, t[3])
--- table-insert-into-a-table
local t = {}
table.insert(t, "a") table.insert(t, nil) table.insert(t, 7) table.insert(t, (("x"):rep(2)))
print(#t, t[1], t[2], t[3])
local raw = setmetatable({}, { __newindex = function() print("never") end })
table.insert(raw, "raw")
print(#raw, raw[1], rawget(raw, 1))
local function two() return 1, "first" end
local u = { "second" }
table.insert(u, two())
print(u[1], u[2])
local function one() return "third" end
table.insert(u, one())
print(#u, u[3])
--- assignment-of-results-to-variables-of-any-type
local function f(n) if n > 1 then return nil, "too large" end return n == 1, nil end
local v, err = "before"
v, err = f(2) print(v, err)
v, err = f(1) print(v, err)
v, err = f(0) print(v, err)
local g = function() return v, err end
err, v = f(3) print(g())
local a, b
a, b = ("k=v"):match("(%w)=(%w)") print(a, b)
a, b = ("k"):match("(%w)=(%w)") print(a, b)
local x, y = 1, 2
x, y = (function() return y, x end)() print(x, y)
--- default-of-a-new-table
local function list(v) local t = v or {} t[#t + 1] = "x" return #t end
print(list(), list(nil), list(false), list({ 1, 2 }))
local a, b = nil or {}, false or {}
print(a == b, #a, next(b))
local holder = {}
holder.list = holder.list or {}
local first = holder.list
holder.list = holder.list or {}
print(first == holder.list, pcall(function(v) for _ in ipairs(v or {}) do print("never") end return #(v or {}) end))
print(pcall(list, 5))
--- functions-stored-and-returned
local M = {}
function M.outer(n)
  return function(k) n = n + k return n end
end
M["with space"] = function(...) return select("#", ...) end
M[1] = function() return "one" end
local add = M.outer(1)
print(add(2), add(3), M["with space"](nil, nil), M[1]())
local function maker() return function() return "made" end end
print(maker()(), maker() == maker())
local key = "late"
M[key] = function() return M[key] ~= nil and key end
print(M.late())
print(pcall(function() local t = nil t.f = function() end end))
local function named() local t = ({ nil, 1 })[1] t.f = function() end end
print(pcall(named))
--- first-of-two-values
local n = 0
local function count(v) n = n + 1 return v end
local function first(t, k) local v = t[k] or count("other") return v end
print(first({ a = 1 }, "a"), first({ a = false }, "a"), first({}, "a"), n)
print(pcall(first, nil, "a"))
local v = count(nil) or count(false) or count("third") print(v, n)
local w = (count(1) and count("b")) or count("c") print(w, n)
local u = (count(false) and count("b")) or count("c") print(u, n)
local x = (count(1) and count(nil)) or count("c") print(x, n)
local function f(a, b) local a = a or b.x return a end
print(f(1), f(nil, { x = 2 }), pcall(f))
local y = ("k=v"):match("=(.*)") or count("none") print(y, n)
local z = ("k"):match("=(.*)") or count("none") print(z, n)
local number = tonumber("x") or tonumber(count("7")) print(number, n)
local keep = tonumber("5") or error("never") print(keep)
print(pcall(function() local v = tonumber("x") or error("wrong", 0) return v end))
local ok, text = true, "text"
local both = ok and text or count("no") print(both, n)
local t = { list = nil }
t.list = t.list or { count("new") } t.list = t.list or { count("newer") } print(t.list[1], n)
--- operand-that-is-always-taken
local s = ("abc"):upper()
print(s or "never", s and "taken", (s or nil) == s, not (s and nil), s and (s or 1))
local function two() return 1, 2 end
print(s and two(), (s and two()), s or two())
local function g() return s and two() end print(g())
local e = ("x"):find("y") == nil and s or "none" print(e)
--- names-of-go
local len, type_, func, map, select_, defer, go, range, string_ = 1, 2, 3, 4, 5, 6, 7, 8, 9
local default, package_, import, switch, var, const, error_, new, copy, max = "d", "p", "i", "s", "v", "c", "e", "n", "c", "m"
print(len, func, map, defer, go, range, default, import, switch, var, const, new, copy, max, type_, select_, string_)
local date, limits, cookie, digest, rewrite, http, redis, math_, strings, re = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
print(date + limits, cookie, digest, rewrite, http, redis, strings, re, math.floor(2.5), ("x"):rep(2))
local function hash(args) local r, cfg, st = 1, 2, 3 return args + r + cfg + st end print(hash(1))
--- results-of-any-number-in-variables
local function any(...) return ... end
local f = ({ any, 1 })[1]
local a, b = f(1) print(a, b)
local c, d, e = f("x", nil, "z", "more") print(c, d, e)
local g, h = f() print(g, h)
local a, b = f(b, a) print(a, b)
local _, second = f(1, 2) print(second)
local ok, err = pcall(error, { code = 5 }) print(ok, type(err), err.code)
local ok, err = pcall(error) print(ok, err)
local x, y = (f(1, 2)) print(x, y)
local i, j, k, l = f(1, 2, 3, 4) print(i, j, k, l)
local m, n = f(1, 2) m, n = n, m print(m, n)
local function last() n = 7 return n end
print(last(), n)
--- shown-to-be-a-table
local function first(v)
  if type(v) ~= "table" then return "no table" end
  v.count = (v.count or 0) + 1
  v[#v + 1] = "item"
  for i, each in ipairs(v) do v.last = each .. i end
  return v.count, v[1], v.last, #v
end
print(first({})) print(first({ count = 5, "x" })) print(first(nil)) print(first("text"))
local function second(v, w)
  local n = 0
  if type(v) == "table" and v.a then n = v.a + v.b end
  if w and type(v) == "table" then n = n + v.c v.c = n end
  return n, type(v) == "table" and v.c or "none"
end
print(second({ a = 1, b = 2 })) print(second({ c = 3 }, true)) print(second(5, true)) print(second())
local function third(v, err)
  if not v then return err end
  if type(v) == "string" then return v:upper() end
  local function inner() return v.x, v.y end
  return v.x, v.y, inner()
end
print(third({ x = 1, y = 2 })) print(third("s")) print(third(nil, "e"))
print(pcall(third, 5))
local function fourth(list)
  local out = {}
  for _, v in ipairs(list) do
    repeat
      if type(v) ~= "table" then out[#out + 1] = tostring(v) break end
      out[#out + 1] = v.a .. v.b
      local w = v.c
      if type(w) == "table" then out[#out + 1] = w.d .. w.e w.d = nil w = nil end
      out[#out + 1] = tostring(w)
    until true
  end
  return table.concat(out, " ")
end
print(fourth({ 1, { a = "a", b = "b" }, { a = 1, b = 2, c = { d = "d", e = "e" } }, "z" }))
local watched = setmetatable({}, { __index = function(_, k) return k .. "?" end, __newindex = function(t, k, v) rawset(t, k, v .. "!") end })
local function fifth(v)
  if type(v) == "table" then v.new = v.old v[#v + 1] = v.new return v.new, v[1] end
end
print(fifth(watched))
--- one-of-two-variables
local a, b, n = { "a" }, { "b" }, 5
local function choose(c) local v = c and a or b return v[1] end
print(choose(true), choose(nil), choose(0))
local function number(c) local v = c and n or 7 local w = c and 7 or n return v, w end
print(number(true), number(false))
local function text(c, s, t) local v = c and s .. "!" or t return v end
print(text(true, "s", "t"), text(false, "s", "t"))
local function change() b = { "changed" } return true end
local v = change() and a or b print(v[1])
local w = not change() and a or b print(w[1])
local any = ({ 1, "x" })[2]
local function mixed(c, d) local v = c and { d } or d return type(v), c and any or d end
print(mixed(true, 1)) print(mixed(false, 2)) print(mixed(nil, nil))
--- appended-to-while-the-value-is-made
local t, o = {}, { list = {} }
local function f() t[#t + 1] = "inner"; return "outer" end
local function g(list) list[#list + 1] = "inner"; return "outer" end
t[#t + 1] = f()
print(#t, t[1])
local own = {}
own[#own + 1] = g(own)
print(#own, own[1])
o.list[#o.list + 1] = g(o.list)
print(#o.list, o.list[1])
local rows = { { n = 1 } }
local function more() rows[#rows + 1] = { n = 2 }; return { n = 3 } end
rows[#rows + 1] = more()
for i, row in ipairs(rows) do print(i, row.n) end
local old = t
local function new() t = { "new" }; return "value" end
t[#t + 1] = new()
print(#old, #t, tostring(t[1]), tostring(t[2]))
