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
--- table-that-its-key-changes
local t, s, k = { x = 1 }, { a = { x = 1 } }, "x"
local function f() t = { x = 2 } return "x" end
local function g() s = { a = { x = 2 } } return "a" end
print(t[f()], s[g()].x)
t, k = { x = 3 }, "y"
local function upvalue() return t[f()] end
print(upvalue(), t[k], t[f()] == 2, t[k])
t = { x = 4 }
print((t[f()] or 5) + 1)
--- key-of-a-field-that-its-value-changes
local x = 1
local function f() x = x + 1 return x end
local t = { [x] = f() }
print(t[1], t[2])
local u = { a = x, [x] = f(), b = x, [x] = x }
print(u.a, u.b, u[2], u[3])
--- variable-that-the-other-operand-changes
local x = 1
local function f() x = x + 1 return x end
print(x == f(), x < f(), x <= f() and x, x ~= f(), f() == x, f() > x)
print((x == f() and x or 5) + x, not (x == f()) and x)
local y = x == f() or x
local z = (x < f() or x) and (x + f())
print(y, z)
while x == f() and (x < f() or x == 1) and x < 20 do print(x) end
print((x + f()) .. x + f(), -(x + f()))
--- variable-that-is-assigned-itself-beside-a-call
local a, b = 1, 2
local function two() a = 100 return 1, 2 end
a, b = a, two()
print(a, b)
a, b = a, (two())
print(a, b)
--- bounds-of-a-loop-are-computed-before-one-is-judged
local function f(x) print("f", x) return x end
local function run(a, b, c) for i = a, f(b), c do print(i) end end
print(pcall(run, nil, 3, 1))
print(pcall(run, {}, f({}), 1))
print(pcall(run, 1, 3, nil))
print(pcall(run, "1", "2", "1"))
--- targets-that-the-values-change
local t, i, u = {}, 1, {}
local function f() t = { 9 } i = 5 return 7 end
local old = t
t[i], i = f(), i + 1
print(t[2], t[5], old[2], i, t[i])
u[i], t[i], i = i, i + 1, 3
print(u[6], t[6], u[3], t[3], i)
i, u[i], t[i] = f(), f(), i
print(i, u[5], t[5], u[3])
local function g() t[i], u[i], i = i, f(), 8 return t[3], t[5], u[3], u[5] end
print(g())
t, t[1] = { 4 }, 5
print(t[1])
--- lines-of-chains
local function run(s, f)
  local x = s
    :upper()
    :lower(1)
    :sub(f)
  return x
end
print(pcall(run, "a", nil))
print(pcall(run, "a", {}))
print(pcall(run, nil, {}))
local function run2(s)
  return (
    s.a
     .b
     .c
  )
end
print(pcall(run2, nil))
print(pcall(run2, {}))
print(pcall(run2, {a={}}))
local function run3(s)
  local y = 1 +
    2 +
    s
    + 5
  return y
end
print(pcall(run3, {}))
local function run4(s)
  local y = "a" ..
    s ..
    "b" ..
    "c"
  return y
end
print(pcall(run4, {}))
--- lines-of-calls
local t = {}
local function run(s)
  s(
  1)
end
local function run2(s)
  s.x
    .y(
    1,
    2
  )
end
local function run3(s)
  s.x
    :y(
    1,
    2
  )
end
local function run4(s)
  local a =
    s(
      s.a,
      2
    )
  return a
end
for _, f in ipairs({run, run2, run3, run4}) do print(pcall(f, nil)) print(pcall(f, {})) print(pcall(f, {x={}})) end
--- lines-of-library-calls
local function run(s)
  local a = tonumber(
    "5",
    s)
  return a
end
local function run2(s)
  local a = string.rep(
    "5",
    s
  )
  return a
end
local function run3(s)
  local a =
    string
      .rep(
    "5",
    s
  )
  return a
end
local function run4(s)
  local a = s
     .x[
       s.y
       ]
  a[
   nil
  ] =
   5
  return a
end
local function run5(s)
  error(
   "x"
  )
end
local function run6(s)
  error("x" ..
   tostring(s),
   2)
end
for _, f in ipairs({run, run2, run3, run4, run5, run6}) do print(pcall(f, {})) print(pcall(f, {x={}})) end
--- lines-of-loops
local function run(s)
  for k, v in
    pairs(
     s
    )
  do
   print(k)
  end
end
local function run2(s)
  for k, v
   in
    s
   ,
    nil
  do
   print(k)
  end
end
local function run3(s)
  for k, v in ipairs(
   s) do
   print(k)
  end
end
for _, f in ipairs({run, run2, run3}) do print(pcall(f, nil)) print(pcall(f, 5)) end
--- lines-of-operators
local function run(s)
  if s
   <
   5
   then return 1 end
end
local function run2(s)
  local x = s
   and s.x
   <
   s.y
  return x
end
local function run3(s)
  return #
    s
end
local function run4(s)
  return -
    s
end
local function run5(s)
  s.x =
    s.y
    ..
    "x"
end
local function run6(s)
  while
    s > 5
  do
    print("x")
  end
end
local function run7(s)
  local x = {
    a = 1,
    [s.x] = 2,
    b = s +
     1
  }
  return x
end
for _, f in ipairs({run, run2, run3, run4, run5, run6, run7}) do print(pcall(f, true)) print(pcall(f, {})) end
--- lines-of-numeric-for
local function run(a, b, c)
  for i =
    a,
    b,
    c
  do
    print(i)
  end
end
print(pcall(run, nil, 3, 1))
print(pcall(run, 1, nil, 1))
print(pcall(run, 1, 2, {}))
--- lines-of-what-parentheses-and-operators-end
local function run(s)
  local a = s.x
    or s.y -- no value
    --[[ and
    a comment ]] and 5
  return (
    a or 1
  ) + s.x.y
end
local function run2(s)
  return tostring(
    1
  ), tostring(
    s.x.y
  )
end
local function run3(s)
  local a = not s.x
    and s.x
      .y
      .z == 5
    or s.y.z
  return a
end
local function run4(s)
  local a = 1 + s.x
    + 2 * s.x
    .. ""
  return a, -s
    .y
end
local function run5(s)
  s.x.y, s.z =
    1,
    2
end
local function run6(s)
  s.x
    .y
    .z = s.q or
    5
end
for _, f in ipairs({ run, run2, run3, run4, run5, run6 }) do
  print(pcall(f, nil))
  print(pcall(f, {}))
  print(pcall(f, { x = {} }))
  print(pcall(f, { x = { y = {} } }))
  print(pcall(f, { x = 1 }))
end
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
--- constants-that-defaults-leave
local function f(x) return x end
print(3 - 2 / (0 or f(1)), 0.1 + (0.2 or f(1)), (1 or 2) / (0 and 3), -(0 or 1) / 1, (2 and 3) % (0 or 2) ~= (2 or 2), ("a" or "b") .. ("c" or "d"), #("abc" or ""))
--- operands-are-computed-before-one-is-judged
local function e(x) error(x, 0) end
local function p(x) print("p", tostring(x)) return x end
print(pcall(function() return p(nil) + e("first") end))
print(pcall(function() return p(nil) .. p({}) .. e("first") end))
print(pcall(function() return p(nil).x + e("no") end))
print(pcall(function() return p({}).x + p(1) end))
print(pcall(function() return p(1) < p("x") end))
print(pcall(function() local t = p(nil) t[p(1)] = p(2) end))
print(pcall(function() local t = {} t[p(nil)] = p(2) end))
print(pcall(function() local t = {} t[p(nil)] = e("val") end))
print(pcall(function() return { [p(nil)] = p(1) } end))
print(pcall(function() return p(nil)(p(1), p(2)) end))
print(pcall(function() return p("s"):nope(p(1)) end))
print(pcall(function() return p("s"):rep(p({}), p(2)) end))
print(pcall(function() return string.rep(p({}), p({})) end))
print(pcall(function() return math.max(p(1), p("x"), p({})) end))
print(pcall(function() for i = p("a"), p(1), p(0) do end end))
print(pcall(function() for i in p(nil), p(1) do end end))
print(pcall(function() for k in pairs(p(nil), p(1)) do end end))
print(pcall(function() return #p(nil) + p(1) end))
print(pcall(function() return -p({}) + p(1) end))
print(pcall(function() local a, b = p(nil).x, p(1) end))
print(pcall(function() local a, b a, b = p(1), p(nil).x end))
print(pcall(function() return p(1), p(nil).x, p(2) end))
print(pcall(function() return p(false) and p(nil).x or p({}).x.y end))
print(pcall(function() return table.concat({ p(1), p({}) }, p(",")) end))
print(pcall(function() return setmetatable(p(1), p(2)) end))
print(pcall(function() return unpack(p(nil), p(1)) end))
print(pcall(function() return select(p(0), p(1)) end))
print(pcall(function() return next(p({}), p("x")) end))
print(pcall(function() return tonumber(p("z"), p(99)) end))
print(pcall(string.format, "%d", "x"), pcall(string.format, "%s"))
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
