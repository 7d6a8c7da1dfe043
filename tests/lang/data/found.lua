--- assignment-to-a-captured-variable-and-another-that-begins-anew
local a, b = 5, "x"
local function set() a = a end
for i = 1, 2 do
  do
    b, a = type(b), a and a + 1
    print(b)
  end
end
set()
print(a)
--- operand-that-is-never-looked-at
local co = coroutine.create(function(p, q)
  print(((true or q) and (0x1F and false)))
  return p
end)
print(coroutine.resume(co, 1))
--- value-expected
local function none() end
local function values(...) return ... end
print(pcall(function(v) return (type(unpack(v))) end, {}))
print(pcall(function(...) return (tostring(...)) end))
print(type(unpack{1, 2}), tostring(values(3, 4)), tonumber(values("5")), tonumber(values("10", 2)), type(values(nil)))
--- remainder-of-minus-zero
print((-0) % 5, (- (-1 % 1)) % 3, -0 % 1, 0 % -1)
local z = -1 % 1
print(-z % 5, z % -5)
--- length-beside-a-large-number
local s = ("x"):rep(2)
print(#s <= 2^31, #s < 5, #s == 2^31, #s > 1.5, #s <= 2147483648, #s < -2^40, #("abc"):rep(2) < 2^53)
local t = {}
print(#t <= 2^31, #t < 2^53)
--- or-nil-in-a-loop
local v1 = "10"
v1 = tonumber(v1)
v1 = v1 or nil
for i3 = 1, 2 do
  v1 = nil
end
print(v1)
--- or-nil
local v1 = tonumber("10")
v1 = v1 or nil
print(v1)
--- argument-of-a-call-without-values
local function f9() return end
print((tonumber(f9()) or 1) % 2) -- bad argument
--- call-without-values
local function f2() return end
local v1 = (f2())
print(v1)
if f2(next({})) then print("x") end
v1 = f2() or 1
print((f2()))
print(f2() == nil)
--- and-of-tables
local v2 = {} and "x"
print(type(tonumber(({1, 2} and v2))))
--- branch-that-types-rule-out
local v1 = (type((nil)) == 'string' and (nil) or (tostring(true) .. 'q'):match('x(%a*)'))
print(v1)
--- loop-variable-assigned-to-itself
local v1 = -3 ~= nil
for i2 = 1, 3 do
  i2 = (type(v1) == 'string' and i2 or i2)
end
--- loop-variable-that-becomes-nil
for i3, wi3 in ipairs({1, 2}) do
    local function f5(p5_0, p5_1)
      print(wi3)
      return
    end
    i3 = f5(true, "xyz")
end
for i3, wi3 in ipairs({1, 2}) do
    i3 = nil
    print(wi3, i3)
end
for i12 = 1, 3 do i12 = tonumber(i12) print(i12) i12 = i12 and tonumber("x") print(i12) end
--- function-called-by-one-that-nobody-calls
local f6 = function() print(1) end
local function f8()
  local function f10()
    return f6()
  end
  return f10(nil)
end
--- arguments-that-a-call-does-not-give
local function f() return end
print(pcall(function() return tostring(f()) end))
print(pcall(function() return type(f()) end))
print(pcall(function() return tonumber(f()) end))
print(pcall(function() return math.floor(f()) end))
print(pcall(function() return string.rep(f()) end))
print(pcall(function() return ("x"):rep(f()) end))
print(pcall(function() return next(f()) end))
print(pcall(function() return select(f()) end))
print(pcall(function() return setmetatable(f()) end))
print(pcall(function() return table.concat(f()) end))
print(pcall(function() return math.max(f()) end))
print(pcall(tonumber)) print(pcall(tostring)) print(pcall(type))
--- function-that-only-an-unused-one-calls
local v = 1
local f8 = function(p) v = v + p return "a" end
local f9 = function(p, ...) print(f8(p), v) end
print(v)
--- first-result-of-a-call-with-any-number
local function f2() return select(2, pcall(function() return 5 end)) end
print(f2(), (f2()) and next({5, 6}))
local v = (f2()) and next({7})
print(v)
--- tonumber-of-the-arguments
local function f(...) local n = tonumber(...) return n end
print(pcall(f)) print(f("5"), f("ff", 16), f(nil), f("7", nil), f("x"))
--- equality-of-calls-with-choices
local function g(a, b) return a .. "x", b, 1 end
local function h(v, w) if g((v or w), false) == -(tonumber(w) or -1) then return "equal" end return "not" end
print(h("a", "b"), h(nil, "1"))
--- equality-with-an-equality-of-other-kinds
local function f() print("f") return ("Hello World"):rep(2, 1) end
print(f() == 3.25 == 255, ("x"):rep(2, 1) == 3.25 == false, 255 == (f() == 3.25), f() == (f() == 3.25))
if (tostring("x")):find("%s*(.-)%s*$") ~= nil or (true and 1 or 2) >= 255 then
elseif ("Hello World"):rep(2, 1) == 3.25 == 255 then print("equal")
elseif ("Hello World"):rep(2, 1) == 3.25 == "no" then print("equal") else print("not") end
if ("x"):rep(2, 1) == 3.25 == 255 then print("equal") elseif (("x"):rep(2, 1) == 3.25) ~= 255 then print("unequal") end
--- power-of-minus-zero
print(1 / ((-0) ^ 3), 1 / ((-0) ^ 2), 1 / (-(0 ^ 3)), 1 / ((-(0) ^ 3) ^ 3), (-0) ^ 0, tostring((-0) ^ 3), tostring((-0) ^ 0.5))
local z = 0
print(1 / ((-z) ^ 3), 1 / ((-z) ^ 2), (-z) ^ 0)
--- default-of-a-number-that-is-nil-in-a-test
local v = tonumber("1") and 100
if (tonumber(nil) or 100) == v then print("equal") end
if (tonumber(("x"):match("%d")) or -7) == 0 then print("zero") else print("other") end
while (nil or tonumber(nil) or 100) ~= v do print("never") end
--- method-of-strings-and-of-tables
local Set = {}
Set.__index = Set
function Set:sub(n) return "set", n end
function Set:find(x) return "found", x end
function Set:len() return -1 end
local function first(x, ...)
  local a, b = x:sub(...)
  return a, b
end
local function every(...)
  local x = ...
  print(x:sub(1, 2), x:len())
  print(x:find("b"))
end
every("abc")
every(setmetatable({}, Set))
print(first("hello", 2, 3), first(setmetatable({}, Set), 5))
print(pcall(every, 5))
print(pcall(every, nil))
print(pcall(every, {}))
print(pcall(first, "x", {}))
print(pcall(first, "x"))
for _, v in ipairs({"a", setmetatable({}, Set)}) do print((v:sub(1))) end
--- byte-up-to-a-choice
local function f(n, b)
  print((type(n)):byte(1, (1 <= (5 - 1) and (b and 2 or 3) or 1)))
  print((type(n)):byte(1, b and tonumber("2") or nil))
  print(("abc"):byte(n, b or n))
end
f(1, 2)
f(1, nil)
--- digits-of-another-base-with-something-behind-too-many
print(tonumber(("f"):rep(20) .. "z", 16), tonumber(("f"):rep(20), 16), tonumber("1" .. ("0"):rep(70) .. "2", 2), tonumber(("z"):rep(30) .. "_", 36))
print(tonumber("-" .. ("9"):rep(30), 9), tonumber(("7"):rep(30) .. " ", 8), tonumber(("7"):rep(30) .. " 7", 8))
--- letters-that-only-unicode-makes-lower
print(tonumber("\196\176nf"), tonumber("\196\176nfinity"), tonumber("0x1\226\132\170"))
--- formats-of-numbers-beyond-64-bits
print(("%x %u %o"):format(2^64, 2^64, 2^64), ("%x"):format(2^64 + 2^12), ("%u"):format(2^65), ("%x"):format(2^63), ("%d"):format(2^64))
print(("%c%c%c"):format(2^32 + 65, -2^31 - 1, 65.9):byte(1, -1))
--- formats-right-in-the-middle-with-all-digits
local n = 457.19231033325195 + 0
for _, v in ipairs{74913.486572265625, 121890.612548828125, 1113.49430465698242, n, 9.5, 99.5, 9.5e20} do
  print(("%.17g %.16g %.15g %.17f %.16e %.0f %.1g %.2g %.0e"):format(v, v, v, v, v, v, v, v, v))
end
--- minus-zero-as-a-key
local t = {[-0] = 1}
t[0 * -1] = 3
for k, v in pairs(t) do print(tostring(k), v) end
print(tostring(next({[-0] = true})))
--- keys-that-are-choices-of-calls
local calls = 0
local function bump(stop)
  calls = calls + 1
  if stop then return nil end
  return "k" .. calls
end
local seen = {k1 = "a", k2 = "b", k3 = "c"}
print(seen[bump() or bump()], calls)
print(seen[bump(true) or bump()], calls)
print(seen[calls > 2 and bump() or bump()], calls)
local list = {}
for word in ("x y z"):gmatch("%a") do list[#list + 1] = word end
local function number(stop) calls = calls + 1 return not stop and calls - 3 or nil end
print(list[number(true) or number()], calls)
print(seen[function() return calls end], seen[bump])
seen[bump] = "bump"
print(seen[bump], (seen[bump() or 1] or seen)[bump() or 2], calls)
--- metamethods-whose-names-are-put-together
local mt = {}
for _, op in ipairs({"add", "concat", "eq", "lt", "le", "unm", "index"}) do mt["__" .. op] = function() return op end end
local t, u = setmetatable({}, mt), setmetatable({}, mt)
local function try(f) print(pcall(f)) end
try(function() return t + 1 end)
try(function() return t .. 1 end)
try(function() return t == u end)
try(function() return t < u end)
try(function() return -t end)
try(function() return t.x end)
--- metamethods-named-by-variables
local raw, event, n = {}, "__add", 1
rawset(raw, "__index", function() n = n + 1 return n end)
raw[event] = function() return "sum" end
local t = setmetatable({}, raw)
print(n, t.a, n, t.b, n + t.c, t.d + n)
print(pcall(function() return t + 1 end))
--- methods-of-strings-named-by-variables
local t, name = {}, "rep"
rawset(t, "len", function() return "mine" end)
t[name] = function() return "mine, too" end
local function go(o) return o:len(), o:rep(2) end
print(pcall(go, "abc"))
print(pcall(go, t))
--- globals-that-metamethods-and-iterators-change
local t = setmetatable({}, {__newindex = function() cache = nil end})
cache = "text"
if cache then
  t.x = 1
  if cache then print("still there") else print("gone") end
end
cache = 5
if type(cache) == "number" then
  t.x = 1
  local gone = cache == nil
  print(gone)
end
local function iterator() if cache then cache = nil return 1 end end
local each = iterator
cache = "text"
if cache then
  local rounds, there = 0, 0
  for _ in each do
    rounds = rounds + 1
    if cache then there = there + 1 end
  end
  if cache then print("still there") else print("gone", rounds, there) end
end
--- rows-in-a-parameter-or-what-the-caller-gives
local function f(t)
  if #t > 3 then t = {{x = 1}} end
  local row = t[1]
  if row then return row.x, type(row) end
end
print(pcall(f, {"text"}))
print(f({5, 5, 5, 5}))
print(pcall(f, {7}))
for _, t in ipairs({{1}, {2, 2}, {"s"}}) do
  if #t > 1 then t = {{x = 1}} end
  for i, row in ipairs(t) do if type(row) == "table" then print(row.x) else print("other", row) end end
end
--- captures-of-what-is-a-table-too
local M = setmetatable({}, {__index = {match = function() return "a", nil end}})
local function go(o)
  local a, b = o:match("(x)(y)")
  if a then return b == nil and "nil" or "set" end
  return "none"
end
local function late() return go(M) end
print(go("xy"), late(), go("z"))
--- what-is-no-text-before-the-operands-of-its-method
local a = "x"
local function set(v) a = v end
local function g(n) print("g", n) return n end
set(false)
print(pcall(function() return (a):sub(g(1), "2.5" - g(2)) end))
local function f(text, n) return text:rep(n and g(n) or 1) end
print(pcall(f, nil, 1)) print(pcall(f, true)) print(pcall(f, 5, 1)) print(pcall(f, "abc", 2))
local t = {}
print(pcall(function() return t.x:sub(g(1), 1 - g(2)) end))
print("%d", (a):sub(2, "2.5" - g(2)))
