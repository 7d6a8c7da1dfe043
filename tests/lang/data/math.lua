local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- floor-and-ceil
for _, n in ipairs{0, 0.5, -0.5, 1.5, -1.5, 1e300, -1e300, 1/0, -1/0, 2^53} do show(math.floor(n), math.ceil(n), math.abs(n)) end
--- sqrt-and-fmod
show(math.sqrt(2), math.sqrt(16), math.sqrt(0), math.sqrt(-1) ~= math.sqrt(-1))
for _, a in ipairs{5, -5, 5.5, 1e300} do for _, b in ipairs{3, -3, 0.3, 1/0} do show(math.fmod(a, b)) end end
show(math.fmod(5, 0) ~= math.fmod(5, 0))
--- modf-and-frexp
for _, n in ipairs{0, 3.7, -3.7, 5, -0.25, 1e300, 1/0, -1/0, 5e-324} do show(math.modf(n)) show(math.frexp(n)) end
--- ldexp
for _, e in ipairs{0, 3, -3, 2.9, -2.9, 1023, 1024, 1e10, -1e10, -1074, -1074.5} do show(math.ldexp(1, e), math.ldexp(-0.75, e)) end
--- max-and-min
show(math.max(1, 5, 3), math.min(1, 5, 3), math.max(-1), math.min("7", "30"), math.max(1, "5"))

local function most(...) return math.max(...) end
show(most(1, 2, 3), most("4")) show(pcall(most, 1, nil))
--- constants
show(math.pi, math.huge, -math.huge, math.pi * 2, math.huge == 1/0)
--- power
for _, x in ipairs{2, -2, 0.5, 10, 3, 1.1, 0, 1/0} do
  for _, y in ipairs{0, 1, 2, 3, 10, -1, -2, 0.5, 20, 1/0, -1/0} do show(x, y, x ^ y, math.pow(x, y)) end
end
show(2 ^ 3 ^ 2, -2 ^ 2, (-8) ^ (1/3) ~= 0, "2" ^ "3")
show(2^53, 2^63, 2^64, 2^-10, 10^15, 10^-5, 2^0.5)
show(pcall(function(v) return v ^ 2 end, {})) show(pcall(function(v) return 2 ^ v end, "x"))
--- exponentials
for _, x in ipairs{0, 1, -1, 0.5, 2, 10, 100, 709, 710, -745, -746, 1e-10} do show(math.exp(x)) end
for _, x in ipairs{1, 2, 10, 0.5, 1e-300, 1e300, 0, 1/0, 123456789} do show(math.log(x), math.log10(x)) end
show(math.log(8, 2), math.log(100, 10), math.log(2, 0), math.log(1024, 4), math.log(81, 3))

--- trigonometry
for _, x in ipairs{0, 0.5, 1, -1, 2, 3.14, 10, 1000, 1e6} do show(math.sin(x), math.cos(x), math.tan(x), math.atan(x)) end
for _, x in ipairs{-1, -0.5, 0, 0.3, 1} do show(math.asin(x), math.acos(x)) end
for _, y in ipairs{0, 1, -1, 5} do for _, x in ipairs{0, 1, -1, 2} do show(math.atan2(y, x)) end end
show(math.deg(1), math.rad(180), math.deg(math.pi), math.rad(45))
show(math.sinh(0), math.cosh(0), math.tanh(0), math.tanh(100), math.sinh(-1/0), math.cosh(1000))
--- random
show(math.random(), math.random(), math.random())
show(math.random(10), math.random(1), math.random(0), math.random(100, 200), math.random(-5, 5), math.random(5, 1))
math.randomseed(42)
show(math.random(), math.random(100))
for i = 1, 20 do show(math.random(6), math.random(2^40), math.random(0.5, 3.2)) end
math.randomseed(0) show(math.random()) math.randomseed(-7.5) show(math.random()) math.randomseed("12") show(math.random())
math.randomseed(1/0) show(math.random()) math.randomseed(2^60) show(math.random())
--- random-shuffle
math.randomseed(7)
local t = {}
for i = 1, 12 do t[i] = i end
for i = #t, 2, -1 do local j = math.random(i) t[i], t[j] = t[j], t[i] end
show(unpack(t))
--- random-errors
show(pcall(function(v) local x = math.random(v) return x end, {})) show(pcall(function(v) local x = math.random(1, v) return x end, "x"))
show(pcall(function(v) math.randomseed(v) end)) show(pcall(function(v) return (math.random(v)) end, nil))
local function any(...) return (math.random(...)) end
show(any() < 1, any(3) < 4, any(5, 5))
--- arguments
show(math.floor("3.7"), math.abs("-2"))
local function f(v) local n = math.floor(v) return n end
show(f(2.5), f("2.5")) show(pcall(f, {})) show(pcall(f))
show(pcall(function(v) local x = math.sqrt(v) return x end, true))
show(pcall(function(v, w) local x = math.fmod(v, w) return x end, 1, "z"))
--- passed-as-values
local fs = {math.floor, math.ceil, math.abs, math.sqrt}
for i = 1, #fs do show(fs[i](2.25)) end
--- minus-minus
local x, y = tonumber("5"), tonumber("2")
show(x - (-7 + 3.25) * y, x - -y * 2, (" 0x10 " - ((-7 + 3.25) * math.max(-1, 0))), x - -2 ^ y, 1 - (x - -3 * y), x * 2 - -3 * y)
