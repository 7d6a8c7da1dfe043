--- assignment-evaluates-the-right-side-first
local i, t = 1, {}
i, t[i] = i + 1, 20
print(i, t[1], t[2])
local x, y, z = 1, 2
x, y = y, x
print(x, y, z)
local function two() return 1, 2 end
local p, q, r = two(), 10
print(p, q, r)
p, q, r = 0, two()
print(p, q, r)
p, q = (two())
print(p, q)
--- zero-and-empty-text-are-true
if 0 then print("0") end
if "" then print("empty") end
print(not 0, not "", not nil, 0 and 1, nil == false, 0 == false)
--- and-or-as-a-choice
local function choose(a, b, c) return a and b or c end
print(choose(true, 1, 2), choose(true, false, 2), choose(nil, 1, 2), choose(true, nil, "c"))
print(false or nil, nil or false, 1 and 2 and 3, nil and error("never"))
--- repeat-sees-the-body-s-locals
local n = 0
repeat
  local done = n >= 2
  n = n + 1
until done
print(n)
--- for-bounds-once-and-a-fresh-variable
local function bound(v) print("bound", v) return v end
for i = bound(1), bound(3), bound(1) do print(i) end
local fs = {}
for i = 1, 3 do fs[i] = function() i = i + 10 return i end end
print(fs[1](), fs[1](), fs[2](), fs[3]())
for i = 1, 3 do
  local before = i
  i = i * 2
  print(before, i)
end
--- for-with-float-steps
for i = 0, 1, 0.25 do print(i) end
for i = 1, 2, 0.3 do print(i) end
for i = 0.1, 0.35, 0.1 do print(i) end
for i = -1, -2.5, -0.5 do print(i) end
for i = 1, 0 do print("never") end
for i = "1", "2" do print(i, type(i)) end
print(pcall(function() for i = 1, "x" do end end))
print(pcall(function() for i = nil, 2 do end end))
print(pcall(function() for i = 1, 2, {} do end end))
--- goto-continue
for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto continue end
    if i == 2 then goto next_i end
    print(i, j)
    ::continue::
  end
  ::next_i::
end
local k = 1
::top::
if k <= 3 then
  k = k + 1
  goto top
end
print(k)
--- varargs-with-nils
local function count(...) return select("#", ...), ... end
print(count())
print(count(nil))
print(count(1, nil, 3, nil))
local function forward(...) return count(...), count(...) end
print(forward(nil, nil))
print((count(1, 2)))
local function all(...) local t = {n = select("#", ...), ...} return t.n, t[1], t[3] end
print(all(1, nil, 3))
print(select(-1, 1, 2, 3), select(2, "a", "b", "c"))
print(pcall(select, 0, 1))
print(pcall(select, -5, 1))
--- unpack-by-range
print(unpack({1, 2, 3}, 2), unpack({1, 2, 3}, 2, 3))
print(select("#", unpack({}, 1, 3)), unpack({1, nil, 3}, 1, 3))
print(select("#", unpack({1, 2}, 2, 1)))
print(pcall(unpack, nil))
print(pcall(unpack, {}, 1, 1e8))
--- errors-have-positions-and-any-value
print(pcall(function() error("x") end))
print(pcall(function() error("x", 0) end))
print(pcall(function() error() end))
print(select("#", pcall(error)))
print(type(select(2, pcall(error, {}))), select(2, pcall(error, true)), select(2, pcall(error, 42)))
local function check(v)
  if type(v) ~= "string" then error("a string, not a " .. type(v), 2) end
end
print(pcall(function()
  check("fine")
  check(5)
end))
print(pcall(assert, false), pcall(assert, nil, "why"))
print(assert(1, nil, 3))
print(xpcall(function(a, b) return a + b end, print, 1, 2))
print(xpcall(function() error({code = 5}) end, function(e) return e.code end))
--- errors-name-what-is-wrong
local t, nothing, text = {a = {}}, nil, "s"
print(pcall(function() return nothing.x end))
print(pcall(function() return t.a.b.c end))
print(pcall(function() t.b.c = 1 end))
print(pcall(function() t.f() end))
print(pcall(function() t:m() end))
print(pcall(function() t.a:m() end))
print(pcall(function() nothing() end))
print(pcall(function() return text.x.y end))
print(pcall(function() return t.a + 1 end))
print(pcall(function() return t.x * 2 end))
print(pcall(function() return -t.x end))
print(pcall(function() return #nothing end))
print(pcall(function() return "x" .. t.x .. "y" end))
print(pcall(function() return 1 < "2" end))
print(pcall(function() return {} < {} end))
print(pcall(function() return nil < 1 end))
local function index(p) return p.x end
print(pcall(index))
print(pcall(index, true))
local object = {}
function object:get() return self.missing.field end
print(pcall(object.get, object))
print(pcall(object.get))
--- events-that-5-1-ignores
local t = setmetatable({1, 2}, {__len = function() return 99 end, __pairs = error, __ipairs = error, __gc = error})
print(#t)
for i, v in ipairs(t) do print(i, v) end
for k, v in pairs(t) do print(k, v) end
--- index-chains-and-raw-access
local A = {}
A.__index = A
function A:name() return "A" .. self.n end
local B = setmetatable({}, {__index = A})
B.__index = B
function B:twice() return self:name() .. self:name() end
local b = setmetatable({n = 1}, B)
print(b:twice(), rawget(b, "name"), b.none)
local seen = {}
local proxy = setmetatable({}, {
  __index = function(_, k) seen[#seen + 1] = "get " .. tostring(k) end,
  __newindex = function(t, k, v) seen[#seen + 1] = "set " .. tostring(k) rawset(t, k, v) end,
})
local _ = proxy.a
proxy.a = 1
proxy.a = proxy.a + 1
proxy[1] = proxy.b
print(table.concat(seen, ";"), proxy.a)
--- operators-with-metamethods
local V = {}
V.__index = V
V.__add = function(a, b) return (type(a) == "table" and a.v or a) + (type(b) == "table" and b.v or b) end
V.__eq = function(a, b) return a.v == b.v end
V.__lt = function(a, b) return a.v < b.v end
V.__concat = function(a, b) return (type(a) == "table" and a.v or a) .. "~" .. (type(b) == "table" and b.v or b) end
V.__call = function(self, ...) return self.v, ... end
V.__unm = function(a) return -a.v end
V.__tostring = function(a) return "V" .. a.v end
local a, b = setmetatable({v = 1}, V), setmetatable({v = 2}, V)
print(a + b, a + 5, "3" + a, a == b, a ~= b, a < b, a <= b, a > b)
print(a .. b, "s" .. a, 1 .. a .. "z", a(7, 8), -a, tostring(a))
print(a == setmetatable({v = 1}, V), a == 1, rawequal(a, b))
--- numbers-as-text
print(1e15, 1e14, 123456789012345, 2^53, 2^63, 1e100, 0.1 + 0.2, 100, 3.0, -0, 1 / 0, -1 / 0)
print(tostring(-0), 0 / -1, 1 / 3, 1e-10, 0x10, 0xA, -5 % 3, 5 % -3, 5.5 % -2, 7 / 2)
print(2 ^ 3 ^ 2, -2 ^ 2, 2 ^ -1, 10 - 2 - 3)
--- texts-as-numbers
print("0x10" + 0, "10" + 5, " 5 " * 2, "1e1" / 2, -"3", "10" == 10)
print(pcall(function() return "10" < 9 end))
print(pcall(function() return "a" + 1 end))
print(1 .. 2, 1.5 .. "", pcall(function() return nil .. "x" end))
print(pcall(function() return "x" .. true end))
--- tonumber-of-many-texts
for _, text in ipairs({"0x1F", "1e2", " 5 ", "0b11", "inf", "nan", "5a", "", "1e", "0x", ".5", "5.", ".", "+1", "--1", "1 2", "1e400", "1LL", "1i", "\t1\n"}) do
  print(text, tonumber(text))
end
print(tonumber("10", 2), tonumber("ff", 16), tonumber("zz", 36), tonumber("8", 8), tonumber("-ff", 16), tonumber("1.5", 10))
print(pcall(tonumber, "1", 1))
print(pcall(tonumber, "1", 37))
print(pcall(tonumber))
--- escapes-and-long-texts
print("\65\066\x41\u{41}\z
       B", #"\0\255", "\u{20AC}", "\"\'\\")
print([[
first line is dropped]], [==[ ]] ]==], #"é", ("É"):lower(), ("é"):upper())
--- keys-of-tables
local t = {[1] = "a", ["1"] = "b", [1.5] = "c", [true] = "d"}
print(t[1], t["1"], t[1.0], t[1.5], t[true], t[nil], t[0 / 0])
print(pcall(function() t[nil] = 1 end))
print(pcall(function() t[0 / 0] = 1 end))
t[1] = nil
print(t[1], t["1"])
--- length-is-a-border
print(#{1, 2, nil, 4}, #{1, 2, 3, nil}, #{n = 1}, #{nil}, #{(function() return 1, 2, 3 end)()}, #{((function() return 1, 2 end)())})
for i, v in ipairs({1, nil, 3}) do print(i, v) end
--- keys-may-be-removed-during-pairs
local t, n = {a = 1, b = 2, c = 3, 10, 20}, 0
for k in pairs(t) do
  t[k] = nil
  n = n + 1
end
print(n, next(t))
--- table-functions
print(pcall(table.concat, {1, {}, 3}), pcall(table.concat, {1, nil, 3}, ",", 1, 3))
print(table.concat({1, 2.5, "x"}, "-"), table.concat({}, ","), table.concat({1, 2, 3}, ",", 2, 3))
local t = {1, 2, 3}
table.insert(t, 1, 0)
table.insert(t, 4)
print(table.concat(t, ","), table.remove(t, 1), table.remove(t), table.remove({}), #t)
print(table.maxn({1, [10] = 2}), table.getn({1, 2}), pcall(table.insert, {}, 1, 2, 3))
print(pcall(table.sort, {1, "a"}))
local many = {}
for i = 1, 60 do many[i] = (i * 37) % 11 end
print(pcall(table.sort, many, function() return true end) ~= nil, #many)
print(table.pack, table.unpack, type(table.move), rawequal(t, t))
--- format-of-everything
print(string.format("%d %x %s %5s|%-5s|%05d|%+d|% d", "12", -1, nil, "ab", "cd", 42, 5, 5))
print(string.format("%q", 'a\n"\\\0b'), string.format("%5.1f|%e|%g", 3.14159, 12345.678, 1e20))
print(string.format("%d", 3.99), string.format("%5.2s|", "abc"), string.format("%%"), string.format("%c%c", 72, 105))
print(pcall(string.format, "%d"), pcall(string.format, "%d", "x"), pcall(string.format, "%y", 1))
print(string.format("%s", setmetatable({}, {__tostring = function() return "mine" end})))
--- patterns-of-everything
print(("THE (quick) fox"):find("%((%a+)%)"), ("f(a(b)c)d"):match("%b()"), ("THE quick"):gsub("%f[%a]%a+", string.lower))
print(("abc"):gsub("b*", "-"), ("abc"):gsub("", "-"), ("hello"):gsub("l", {l = false}), ("hello"):gsub("l", function() end))
print(("abc"):gsub("%w", "%0%0"), ("abc def"):gsub("(%w+) (%w+)", "%2 %1"), ("abc"):gsub(".", "%%"))
print(("a.b"):find(".", 1, true), ("a-b"):gsub("-", "+"), ("x='1'"):match("(['\"])(.-)%1"), ("key = v"):match("^(%w+)%s*=%s*(%w+)$"))
for m in ("abc"):gmatch("^a") do print("anchored", m) end
for p in ("ab"):gmatch("()") do print(p) end
print(pcall(string.find, "a", "[a"), pcall(string.find, "a", "%"), pcall(string.gsub, "a", "(a", ""), pcall(string.gsub, "a", "a", "%2"))
--- pieces-of-strings
print(("hello"):sub(2, -2), ("hello"):sub(-3), ("hello"):sub(0), ("hello"):sub(4, 2), ("hello"):sub(-100, 2))
print(("abc"):byte(-1), select("#", ("abc"):byte(10)), ("abc"):byte(1, -1), string.char(), ("ab"):rep(3, ","), ("ab"):rep(-1))
print(("x"):upper(), #"abc", ("%d"):format(5), ("abc"):reverse(), ("abc"):len())
--- bits-are-signed-and-of-32
print(bit.bor(0x80000000, 0), bit.rshift(-1, 0), bit.lshift(1, 32), bit.lshift(1, 31), bit.tobit(2^32 + 5), bit.band(2^40 + 3, 3))
print(bit.tohex(255), bit.tohex(255, 4), bit.tohex(-1, -8), bit.band("7", 3.5), bit.arshift(-8, 1), bit.bswap(0x12345678))
print(bit.rol(0x12345678, 8), bit.ror(0x12345678, 8), bit.bnot(0), bit.bxor(5, 3))
--- time-and-dates
print(os.date("!%Y-%m-%d %H:%M:%S %j %a %b %p %%", 1e9), os.date("!%c", 0))
local t = os.date("!*t", 1e9)
print(t.year, t.month, t.day, t.hour, t.min, t.sec, t.wday, t.yday, t.isdst)
print(os.time({year = 2001, month = 9, day = 9, hour = 1, min = 46, sec = 40}), os.time({year = 2000, month = 13, day = 32, hour = 0}))
print(pcall(os.time, {year = 2000}), os.difftime(10, 5), type(os.clock()))
--- rounding-and-remainders
print(math.floor(-3.5), math.ceil(-3.5), math.fmod(-7, 3), math.modf(-3.7), math.max(1, 3, 2), math.floor("3.7"))
print(math.random(1, 1), pcall(math.random, 2, 1), pcall(math.random, 0), math.floor(2^31 + 0.5), math.huge, -math.huge)
