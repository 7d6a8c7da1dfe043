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
