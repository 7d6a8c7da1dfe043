local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- functions-in-a-table
local _M = { limit = 3 }
local calls = 0
function _M.double(x) calls = calls + 1 return x * 2 end
_M.quadruple = function(x) return _M.double(_M.double(x)) end
function _M.count(n) if n == 0 then return _M.limit end return _M.count(n - 1) end
show(_M.quadruple(2), _M.count(5), calls)
_M.limit = "other"
show(_M.count(1), _M.limit)
--- functions-in-a-constructor
local text, utils = "outer", "no table yet"
local utils = { text = text, n = 2, upper = function(s) return s:upper() .. tostring(utils) end }
show(utils.upper("a"), utils.text, utils.n)
local same = { add = function(a, b) return a + b end, sub = function(a, b) return a - b end }
show(same.add(1, 2), same.sub(1, 2))
--- methods
local counter = { n = 0 }
function counter:add(by) self.n = self.n + (by or 1) return self:get() end
function counter:get() return self.n end
function counter.zero() counter.n = 0 end
show(pcall(function() return counter:add() end))
counter.zero()
show(counter:get())
local stack = { size = 0 }
function stack:grow() self.size = self.size + 1 return self.size end
function stack:twice() self:grow() return self:grow() end
show(stack:twice(), stack:twice(), stack.size)
--- methods-with-another-self
local it = { name = "it" }
function it:show() return self.name end
show(it:show(), it.show({ name = "other" }))
local me = { name = "me" }
function me:rename() self = { name = "new" } return self.name end
show(me:rename(), me.name)
local own = { name = "own" }
function own:get() local own = { name = "inner" } return self.name .. own.name end
show(own:get())
--- names-that-mean-something-else
local t = {}
local log = function(x) return "log " .. x end
function t.log(x) return "t.log " .. log(x) end
function t.tostring(x) return "<" .. tostring(x) .. ">" end
function t.type(x) return x end
show(t.log(1), log(2), t.tostring(3), type(t.type(4)))
local u = {}
function u.log(x) return "u.log " .. x end
show(u.log(1), t.log(2))
--- a-parameter-with-the-name-of-a-function
local p = {}
function p.size(size) return size end
function p.all(size) return p.size(size) + size end
show(p.size(1), p.all(2))
--- used-before-it-is-defined
local late = {}
function late.first() return late.second and late.second() end
show(late.first())
function late.second() return "second" end
show(late.first())
local raises = {}
function raises.first() return raises.second() end
show(pcall(raises.first))
function raises.second() return raises.first ~= nil end
show(pcall(raises.first))
--- each-calls-the-other
local m = {}
function m.even(n) if n == 0 then return true end return m.odd(n - 1) end
function m.odd(n) if n == 0 then return false end return m.even(n - 1) end
show(m.even(10), m.odd(10), m.even(7))
--- given-twice
local w = {}
function w.f() return 1 end
show(w.f())
function w.f() return 2 end
show(w.f())
local c = { f = function() return 1 end, f = function() return 2 end }
show(c.f())
local v = {}
function v.f() return 1 end
if #"x" == 1 then v.f = function() return 2 end end
show(v.f())
local d = {}
if #"x" == 2 then function d.f() return 1 end end
show(d.f, pcall(function() return d.f() end))
--- tables-that-are-values
local a = {}
function a.f() return 1 end
local n = 0
for name, f in pairs(a) do n = n + f() show(name) end
local b = {}
function b.f() return 2 end
local key = "f"
show(n, b[key](), b["f"]())
local e = setmetatable({}, { __index = function(_, k) return function() return k end end })
function e.f() return 3 end
show(e.f(), e.g())
local g = {}
function g.f() return g end
show(g.f().f() == g, g.f().f ~= nil)
--- functions-as-values
local h = {}
function h.f(x) return x, "f" end
local taken = h.f
show(taken(1), pcall(h.f, 2))
show(select(2, pcall(function() return h.f + 1 end)))
show(select(2, pcall(function() return h.f .. "x" end)))
show(select(2, pcall(function() return h.f.x.y end)))
local again = { g = h.f }
show(again.g(3), again.g == h.f, type(h.f))
--- more-and-fewer-arguments
local k = {}
function k.f(x, y) return x, y end
function k.g(...) return select("#", ...), ... end
show(k.f(1), (k.f(1, 2)), k.f(1, 2, 3))
show(k.g(), k.g(nil, nil), k.g(k.f(1)))
--- in-a-round
local sum = 0
for i = 1, 3 do
  local each = {}
  function each.add(x) sum = sum + x * i end
  each.add(1)
end
show(sum)
--- behind-a-label
goto go
do show("skipped") end
::go::
local o = {}
function o.f() return "behind a label" end
show(o.f())
--- a-name-inside-that-is-hidden
local q = { n = 1 }
function q.get() return q.n end
do local q = { get = function() return "inner" end } show(q.get()) end
local function other(q) return q.get() end
show(q.get(), other({ get = function() return "given" end }))
--- a-table-with-two-names
local r = {}
local s = r
function r.f() return "r" end
function s.f() return "s" end
show(r.f(), s.f())
--- order-of-definitions
local z = {}
function z.run(x) return z.first(x) .. z.second(x) end
local function helper(x) return z.first(x) .. "!" end
function z.second(x) return helper(x) end
function z.first(x) return "<" .. x .. ">" end
show(z.run("a"))
local y = { n = 1 }
function y:next() return self:step() + y.extra() end
function y:step() self.n = self.n + 1 return self.n end
y.extra = function() return 100 end
show(y:next(), y:next(), y.n)
--- order-of-definitions-and-names
local x = {}
function x.run() return x.name() end
local function name() return "inner" end
function x.name() return name() end
show(x.run(), name())
local l = {}
function l.run() return l.late() end
local value = "value"
function l.late() return value end
show(l.run())
local i = {}
function i.run() return i.late() end
show(pcall(i.run))
function i.late() return "late" end
show(pcall(i.run))
--- a-parameter-called-ngx
local f = {}
function f.g(a, ngx) return a + ngx.n end
show(f.g(1, { n = 1 }))
