local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- print
print("a", 1, nil, true, 1.5)
local function f(...) print(...) end
f() f(1, 2)
print(pcall(function() local t = {} print("x", t) end))
print(pcall(function() print(1, nil, f) end))
--- number-text
print(1e15, " ", 2^53, " ", -0, " ", 1/0, " ", -1/0, " ", 0.1, " ", 1e100, " ", 123456789012345)
show(0.1 + 0.2, 1/3, 100, 1e14, 1e-5, 123456.789e3, -1.5e-10, 2^63, 5e-324, 1.7976931348623157e308)
--- integer-division-and-modulo
local function op(a, b) return a % b, a / b, a * b, a - b, a + b end
for _, a in ipairs{5, -5, 5.5, -5.5, 0, 1/0} do
  for _, b in ipairs{3, -3, 0.5, -0.7, 1/0} do show(a, b, op(a, b)) end
end
--- comparison
local function cmp(a, b) return a < b, a <= b, a > b, a >= b, a == b, a ~= b end
show(cmp(1, 2)) show(cmp("a", "b")) show(cmp("a", "a\0")) show(cmp("Z", "a")) show(cmp("", "\0")) show(cmp(0/0, 0/0))
show(pcall(cmp, 1, "1")) show(pcall(cmp, {}, {})) show(pcall(cmp, nil, 1)) show(pcall(cmp, true, false))
--- coercion
show("10" + 5, "0x10" * 2, " 3 " - 1, 10 .. 20, "1e1" / 2, -"2", "7" % 4)
show(pcall(function(v) return v + 1 end, "abc"))
show(pcall(function(v) return v + 1 end, ""))
show(pcall(function(v) return v .. "" end, {}))
show(pcall(function(v) return -v end, "x"))
show("10" == 10, 0 == -0, "a" == "a")
--- and-or
local function v(x) return x end
show(v(nil) and 1, v(false) or "d", v(0) and "zero", v("") and "empty", v(nil) or v(false), v(false) or v(nil))
show(not nil, not 0, not "", not not v(nil), v(1) and nil or 3)
--- length
show(#"", #"abc", #"a\0b", #{}, #{1, 2, 3}, #{n = 1}, #{nil}, #{1, nil})
show(pcall(function(v) return #v end, 5)) show(pcall(function(v) return #v end, nil))
--- strings-literal
show("a\tb\\\"\'\065\10x\z
      y\x41\u{48}", 'q"q', [[long
string]], [==[with ]] in]==], "\0651", #"\r\n")
--- numeric-literals
show(0x10, 0xff, 0xA.8p0, 0x.1p4, 1e2, .5, 5., 3e-2, 0x1p-2, 1E+2)
--- shadowing
local x = 1
do local x = x + 1 show(x) do local x = x * 10 show(x) end show(x) end
show(x)
local x = "again" show(x)
--- multiple-assignment
local a, b, c = 1, 2
a, b, c = c, a, b show(a, b, c)
local t = {1, 2}
local i = 1
i, t[i] = i + 1, 20 show(i, t[1], t[2])
local function three() return 1, 2, 3 end
a, b, c = 0, three() show(a, b, c)
a, b, c = three(), 10 show(a, b, c)
a, b, c = (three()) show(a, b, c)
