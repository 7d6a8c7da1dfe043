local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- protected
show(pcall(math.max))
show(pcall(math.min, {}))
show(pcall(math.log, 10, nil))
show(pcall(math.log, "x"))
show(pcall(math.exp))
show(pcall(math.random, {}))
show(pcall(math.random, nil))
show(pcall(math.random, 1, "x"))
show(pcall(math.randomseed))
show(pcall(math.floor, "x"))
show(pcall(math.floor, nil))
show(pcall(bit.band))
show(pcall(bit.band, 1, nil))
show(pcall(bit.lshift, 1))
show(pcall(bit.tohex, "x"))
show(pcall(bit.tohex, 1, {}))
show(pcall(os.time, {year = 2020}))
show(pcall(os.time, {year = 2020, month = 1}))
show(pcall(os.time, {month = 1, day = 1}))
show(pcall(os.time, 5))
show(pcall(os.time, "x"))
show(pcall(os.time, {year = {}, month = 1, day = 1}))
show(pcall(os.date, {}))
show(pcall(os.date, "%Y", "x"))
show(pcall(os.difftime))
show(pcall(os.difftime, {}))
show(pcall(string.rep)) show(pcall(string.rep, "x", {})) show(pcall(string.format, "%d", "x")) show(pcall(string.sub)) show(pcall(table.concat, {1, {}})) show(pcall(table.insert, nil, 1)) show(pcall(table.insert, {}, 1, 2, 3)) show(pcall(select)) show(pcall(select, 0)) show(pcall(unpack)) show(pcall(error, "e")) show(pcall(error)) show(pcall(assert, false, "m")) show(pcall(assert, nil)) show(pcall(string.char, 256)) show(pcall(string.byte, {})) show(pcall(string.gsub, "x", "x")) show(pcall(string.find, "x")) show(pcall(math.floor, {})) show(pcall(table.sort, {1, "x"})) show(pcall(table.remove, 5)) 
--- aliases
local insert, concat, fmt = table.insert, table.concat, string.format
local floor = math.floor
local t = {} insert(t, "a") insert(t, 1, "b") show(concat(t, ","), fmt("%03d", 7), floor(2.5), fmt("%s", t[1]))
local str = string show(str.upper("x"), str.rep("y", 2)) local m = math show(m.max(1, 2), m.pi > 3)
--- in-tables
local ops = {up = string.upper, down = string.lower, len = string.len, add = function(a, b) return a + b end}
show(ops.up("x"), ops.down("Y"), ops.len("abc"), ops.add(1, 2)) for _, k in ipairs{"up", "down", "len"} do show(k, ops[k]("Mixed")) end
show(pcall(function() return (ops.up()) end)) show(pcall(function() return (ops.len({})) end)) local list = {tostring, type, tonumber} for i, f in ipairs(list) do show(i, f("12"), f(5)) end
--- as-arguments
local function map(f, t) local r = {} for i, v in ipairs(t) do r[i] = f(v) end return r end
show(unpack(map(tostring, {1, true, "x"}))) show(unpack(map(math.abs, {-1, 2}))) show(unpack(map(string.upper, {"a", "b"}))) show(unpack(map(type, {1, "x", {}}))) show(unpack(map(tonumber, {"1", "2"})))
local function compose(f, g) return function(...) return f(g(...)) end end show(compose(string.upper, string.reverse)("abc"), compose(tostring, math.max)(1, 5))
show(("abc"):gsub(".", string.upper)) show(("a b"):gsub("%a", string.byte)) local words = {"b", "C", "a"} table.sort(words, function(a, b) return a:lower() < b:lower() end) show(unpack(words))
--- shadowed
local type = function(v) return "my " .. tostring(v) end show(type(5)) local string = {upper = function(s) return "not " .. s end} show(string.upper("x"), ("y"):upper()) local math = nil show(math) do local tostring = 5 show(tostring) end
--- more-arguments-than-taken
show(math.floor(1.5, 2), tostring(1, 2), type(1, 2), ("x"):upper(1), ("x"):rep(2, "-", 9), string.len("abc", 5), tonumber("5", 10, 3), table.concat({1}, ",", 1, 1, 5), os.time(nil, 5) > 0, bit.bnot(1, 2), math.sqrt(4, 1))
local n = 0 local function count() n = n + 1 return n end show(math.floor(1.5, count()), tostring(1, count(), count()), n) show(string.rep("x", 2, "-", count()), n)
