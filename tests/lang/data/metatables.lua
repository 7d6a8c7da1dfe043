local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- classes
local Point = {}
Point.__index = Point
function Point.new(x, y) return setmetatable({ x = x, y = y }, Point) end
function Point:add(other) return Point.new(self.x + other.x, self.y + other.y) end
function Point:show() return "(" .. self.x .. ", " .. self.y .. ")" end
local p = Point.new(1, 2):add(Point.new(10, 20))
show(p:show(), p.x, p.z, getmetatable(p) == Point, rawget(p, "show"), type(p))
show(pcall(function() return p:missing() end))
show(pcall(function() return p.z.y end))
show(pcall(Point.show, {}))
show(pcall(function() return Point.new(1):show() end))
--- inheritance
local Animal = {} Animal.__index = Animal
function Animal.new(name) local self = setmetatable({}, Animal) self.name = name return self end
function Animal:speak() return self.name .. " makes " .. self:sound() end
function Animal:sound() return "a sound" end
local Dog = setmetatable({}, { __index = Animal }) Dog.__index = Dog
function Dog.new(name) local self = Animal.new(name) return setmetatable(self, Dog) end
function Dog:sound() return "a bark" end
show(Animal.new("it"):speak(), Dog.new("rex"):speak(), rawget(Dog, "speak"), Dog.speak == Animal.speak)
--- module-pattern
local _M = { _VERSION = "1.0" }
local mt = { __index = _M }
function _M.new(_, opts) return setmetatable({ size = opts and opts.size or 10 }, mt) end
function _M:get() return self.size, self._VERSION end
show(_M:new():get()) show(_M.new(_M, { size = 3 }):get())
local o = _M:new({ size = 5 }) o.size = o.size + 1 show(o:get())
--- defaults
local defaults = { host = "h", port = 80, opts = { a = 1 } }
local conf = setmetatable({ port = 81 }, { __index = defaults })
show(conf.host, conf.port, conf.opts.a, conf.none)
for k, v in pairs(conf) do show(k, v) end
defaults.host = "changed" show(conf.host)
conf.host = "own" show(conf.host, defaults.host)
conf.host = nil show(conf.host)
--- index-function
local calls = 0
local t = setmetatable({ a = 1 }, { __index = function(self, key) calls = calls + 1 return key .. "!" end })
show(t.a, t.b, t[1], t["x y"], rawget(t, "b"), calls)
local unused = t.again
show(calls)
local memo = setmetatable({}, { __index = function(self, n) local v = n * n rawset(self, n, v) return v end })
show(memo[3], memo[3], rawget(memo, 3), rawget(memo, 4))
local fib fib = setmetatable({ 1, 1 }, { __index = function(s, n) local v = s[n - 1] + s[n - 2] s[n] = v return v end })
show(fib[30])
show(pcall(function() return setmetatable({}, { __index = function(_, k) error("no field " .. k) end }).x end))
show(pcall(function() return setmetatable({}, { __index = function(_, k) error("no field " .. k, 2) end }).x end))
--- index-of-other-kinds
show(pcall(function() return setmetatable({}, { __index = 5 }).x end))
show(pcall(function() local t = setmetatable({}, { __index = true }) return t.x end))
show(pcall(function() local t = {} setmetatable(t, { __index = t }) return t.x end))
show(pcall(function() local t = {} setmetatable(t, t) t.__index = t return t.x end))
--- newindex
local log = {}
local t = setmetatable({ known = 1 }, { __newindex = function(self, k, v) log[#log + 1] = tostring(k) .. "=" .. tostring(v) rawset(self, k, v) end })
t.known = 2 t.new = 3 t.new = 4 t[1] = "one" t.none = nil
show(table.concat(log, ","), t.known, t.new, t[1])
local ro = setmetatable({}, { __index = { a = 1 }, __newindex = function(_, k) error("read only: " .. k, 2) end })
show(ro.a, pcall(function() ro.b = 2 end))
local store = {}
local proxy = setmetatable({}, { __newindex = store, __index = store })
proxy.x = 1 show(rawget(proxy, "x"), store.x, proxy.x)
proxy[#proxy + 1] = "a" show(#proxy, #store, store[1])
show(pcall(function() setmetatable({}, { __newindex = 5 }).x = 1 end))
show(pcall(function() setmetatable({}, { __newindex = function() end })[nil] = 1 end))
show(pcall(function() setmetatable({}, { __index = {} })[nil] = 1 end))
--- call
local counter = setmetatable({ n = 0 }, { __call = function(self, by, ...) self.n = self.n + (by or 1) return self.n, select("#", ...) end })
show(counter()) show(counter(5, nil, nil)) show(pcall(counter, 2))
show(pcall(function() return setmetatable({}, { __call = 5 })(1) end))
local Class = setmetatable({}, { __call = function(cls, x) return setmetatable({ x = x }, { __index = cls }) end })
function Class:get() return self.x end
show(Class(7):get())
for a, b in setmetatable({}, { __call = function(_, s, c) c = (c or 0) + 1 if c < 4 then return c, c * c end end }) do show(a, b) end
--- tostring
local t = setmetatable({ n = 5 }, { __tostring = function(self) return "T" .. self.n end })
show(tostring(t), t, "<" .. tostring(t) .. ">")
print(t) print(string.format("%s|%5s", t, t))
show(pcall(tostring, setmetatable({}, { __tostring = function() error("bad", 0) end })))
show(pcall(function() return "" .. t end))
--- equality
local mt = { __eq = function(a, b) return a.id == b.id end }
local function new(id) return setmetatable({ id = id }, mt) end
local a, b, c = new(1), new(1), new(2)
show(a == b, a ~= b, a == c, a ~= c, a == a, a == 1, a == nil, rawequal(a, b), rawequal(a, a))
show(a == setmetatable({ id = 1 }, { __eq = mt.__eq }), a == setmetatable({ id = 1 }, { __eq = function() return true end }), a == { id = 1 })
local set = { [a] = "a" } show(set[a], set[b])
show(setmetatable({}, { __eq = function() return 1 end }) == setmetatable({}, {}))
if a == b and not (a == c) then show("yes") end
--- order
local mt = {}
mt.__lt = function(a, b) return a.v < b.v end
local function v(n) return setmetatable({ v = n }, mt) end
show(v(1) < v(2), v(2) < v(1), v(1) > v(2), v(1) <= v(1), v(2) <= v(1), v(2) >= v(1))
mt.__le = function(a, b) show("le") return a.v <= b.v end
show(v(1) <= v(1), v(2) <= v(1), v(2) >= v(1))
show(pcall(function() return v(1) < 1 end)) show(pcall(function() return 1 < v(1) end)) show(pcall(function() return v(1) < {} end))
local list = { v(3), v(1), v(2) } table.sort(list) show(list[1].v, list[2].v, list[3].v)
table.sort(list, function(x, y) return x > y end) show(list[1].v, list[2].v, list[3].v)
--- arithmetic
local V = {} V.__index = V
local function vec(x, y) return setmetatable({ x = x, y = y }, V) end
V.__add = function(a, b) return vec(a.x + b.x, a.y + b.y) end
V.__sub = function(a, b) return vec(a.x - b.x, a.y - b.y) end
V.__mul = function(a, b) if type(a) == "number" then return vec(a * b.x, a * b.y) elseif type(b) == "number" then return vec(a.x * b, a.y * b) end return a.x * b.x + a.y * b.y end
V.__div = function(a, b) return "div" .. tostring(b) end
V.__mod = function(a, b) return "mod" .. tostring(a) end
V.__unm = function(a, b) return vec(-a.x, -a.y), rawequal(a, b) end
V.__tostring = function(a) return "<" .. a.x .. "," .. a.y .. ">" end
local a, b = vec(1, 2), vec(3, 4)
show(a + b, a - b, a * b, 2 * a, a * 2, a / 4, 4 % a, -a, -(-a))
show((a + b).x * 2 + 1, pcall(function() return a + 1 end))
show(pcall(function() return nil + a end)) show(pcall(function() local x = {} return x + 1 end)) show(pcall(function() return a * nil end))
local n = 5 show(n + 1, n * 2 - 1, -n, "10" + n)
--- concat
local mt = { __concat = function(a, b) return (type(a) == "table" and a.s or "[" .. a .. "]") .. "+" .. (type(b) == "table" and b.s or "[" .. b .. "]") end }
local m = setmetatable({ s = "M" }, mt)
show(m .. "x", "x" .. m, m .. m, 1 .. m, m .. 2, "a" .. "b" .. m .. "c" .. "d", "a" .. m .. "b" .. m .. "c")
show(pcall(function() return m .. nil end)) show(pcall(function() return "x" .. {} end)) show(pcall(function() return {} .. "b" .. m .. "c" end))
show(pcall(function() return "a" .. {} .. "b" .. "c" end))
local s = "text" show(s .. "x" .. 1)
--- unary-and-length
show(#setmetatable({ 1, 2 }, { __len = function() return 42 end }))
show(pcall(function() return -setmetatable({}, { __unm = function() return "neg" end }) end))
show(pcall(function() return -setmetatable({}, {}) end))
--- ignored-events
for k, v in pairs(setmetatable({ 1 }, { __pairs = function() return next, { 9 } end })) do show(k, v) end
for i, v in ipairs(setmetatable({ 1 }, { __ipairs = function() return next, { 9 } end, __index = function(_, i) if i < 5 then return i end end })) do show(i, v) end
show(table.concat(setmetatable({ 1, 2 }, { __index = function() return 9 end }), ","), unpack(setmetatable({ 1 }, { __index = function() return 9 end }), 1, 2))
local t = setmetatable({}, { __newindex = function() error("no") end }) table.insert(t, 5) show(t[1], #t)
show(next(setmetatable({}, { __index = { 1 } })))
show(setmetatable({}, { __mode = "k", __gc = function() end }) ~= nil)
--- protected
local t = setmetatable({}, { __metatable = "locked" })
show(getmetatable(t), pcall(setmetatable, t, {})) show(pcall(setmetatable, t, nil))
show(pcall(function() setmetatable(t, {}) end))
local u = setmetatable({}, { __metatable = false }) show(getmetatable(u))
--- setmetatable-and-getmetatable
local t = {}
show(setmetatable(t, nil) == t, getmetatable(t), getmetatable(1), getmetatable(nil), getmetatable(true))
show(pcall(function() setmetatable(1, {}) end)) show(pcall(function() setmetatable({}, 1) end)) show(pcall(function() setmetatable(nil, {}) end))
local mt = { __index = { a = 1 } }
setmetatable(t, mt) show(t.a, getmetatable(t) == mt)
mt.__index = { a = 2 } show(t.a)
mt.__index = nil show(t.a)
setmetatable(t, nil) show(t.a, getmetatable(t))
--- raw
local t = setmetatable({ a = 1 }, { __index = function() return "m" end, __newindex = function() end })
show(rawget(t, "a"), rawget(t, "b"), t.b) t.c = 1 show(rawget(t, "c"))
show(rawset(t, "c", 2) == t, t.c, rawequal(t, t), rawequal("a", "a"), rawequal(1, "1"), rawequal(t, {}))
show(pcall(function() rawget(1, 2) end)) show(pcall(function() rawset({}, nil, 1) end)) show(pcall(function() rawset({}, 0/0, 1) end)) show(pcall(function() rawset(nil, 1, 1) end))
--- metamethods-and-order
local trace = {}
local function note(x) trace[#trace + 1] = x return x end
local t = setmetatable({}, { __index = function(_, k) note("get " .. k) return k end, __newindex = function(_, k, v) note("set " .. k .. " " .. v) end })
t[note("k1")] = note("v1")
local r = t.a .. t.b .. note("c")
t.x, t.y = t.p, t.q
local x = t.m or t.n
local y = t.m and t.n
show(table.concat(trace, ";"), r, x, y)
--- error-positions
local t = setmetatable({}, { __index = function(t, k) local x = nil return x.y end, __add = function(a, b) return a.b.c end })
show(pcall(function()
  return t.foo
end))
show(pcall(function() return t + 1 end))
--- coroutines-in-metamethods
local co = coroutine.wrap(function()
  local t = setmetatable({}, { __index = function(_, k) return coroutine.yield(k) end, __add = function(a, b) return coroutine.yield("add") end })
  local v = t.key
  return v .. tostring(t + 1)
end)
show(co()) show(co("got")) show(co("sum"))
--- recursion-through-index
local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end })
show((pcall(function() return t[1] end)))
--- linked-list-and-queue
local Queue = {} Queue.__index = Queue
function Queue.new() return setmetatable({ first = 1, last = 0, items = {} }, Queue) end
function Queue:push(v) self.last = self.last + 1 self.items[self.last] = v return self end
function Queue:pop() if self.first > self.last then return nil, "empty" end local v = self.items[self.first] self.items[self.first] = nil self.first = self.first + 1 return v end
function Queue:size() return self.last - self.first + 1 end
local q = Queue.new():push("a"):push("b")
show(q:pop(), q:size(), q:pop(), q:pop())
