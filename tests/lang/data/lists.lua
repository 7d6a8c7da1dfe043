local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- lists-of-strings
local parts = {}
for word in ("/b/a//c"):gmatch("[^/]+") do parts[#parts + 1] = word:upper() end
table.sort(parts)
for i, p in ipairs(parts) do show(i, p) end
local names = { "x", "y", ("z"):rep(2) }
for _, n in ipairs(names) do table.insert(parts, n) end
show(#parts, parts[1], parts[99], parts[0], parts[-1], parts[1.5], names[3]:upper(), #names > 2, #names == 3)
show(table.concat(parts, ","), table.concat(names), table.concat(names, ", "))
if names then show("there") end
--- lists-that-loop
local i, many = 0, {}
while i < 5 do i = i + 1 many[#many+1] = "x" .. i end
show(table.concat(many), #many)
for n = 1, 3 do local each = {} each[#each+1] = "n" .. n show(#each, each[1]) end
for n, v in ipairs(many) do v = v .. "!" show(n, v) end
for n in ipairs(many) do n = n * 2 show(n) end
for _ in ipairs(many) do show("once") break end
--- lists-that-are-none
local mixed = {}
mixed[#mixed+1] = 1
mixed[#mixed+1] = "x"
show(table.concat(mixed, ","))
local function maybe(v) if v then return v end end
local holes = {}
holes[#holes+1] = maybe("a") holes[#holes+1] = maybe() holes[#holes+1] = maybe("b")
show(#holes, holes[2])
local growing = { "a" }
for n, v in ipairs(growing) do if n < 4 then growing[#growing+1] = v .. n end end
show(table.concat(growing, " "))
local shared = {}
local function add(v) shared[#shared+1] = v end
add("a") add("b")
show(table.concat(shared))
local passed = {}
local function fill(t) t[#t+1] = "f" end
fill(passed)
show(passed[1])
local two = {}
local function pair() return "a", "b" end
show(pcall(function() local t = {} table.insert(t, pair()) return #t end))
local spread = { pair() }
show(#spread, spread[2])
local first = { (pair()) }
show(#first, first[2])
local key = "1"
local byname = { "a" }
show(byname[key], byname[tonumber(key)], byname[nil])
--- lists-with-odd-indexes
local t = { "a", "b" }
local function index(k) return t[k] end
show(index(1), index(2), index(3), index("1"), index(true))
local u = { "a", "b" }
show(u[2^53], u[-0], u[0/0], u[1/0])
show(pcall(function() local l = { "a" } return l[2] .. "x" end))
show(pcall(function() local l = { "a" } return l[5]:upper() end))
local e = {}
show(#e, e[1], table.concat(e), table.concat(e, ","))
table.sort(e)
for _, v in ipairs(e) do show(v) end
--- lists-written-out
for _, v in ipairs { "a", "b", ("c"):upper() } do show(v) end
for i, v in ipairs({ "a", nil, "c" }) do show(i, v) end
for i, v in ipairs({ "a", 1 }) do show(i, v) end
for i, v in pairs({ "a", "b" }) do show(i, v) end
local function two() return "x", "y" end
for i, v in ipairs({ "a", two() }) do show(i, v) end
for i, v in ipairs({ (two()) }) do show(i, v .. "!") end
for i in ipairs({ "a", "b" }) do show(i) end
--- or-of-itself
local function go(x, y)
  x = x or y or "d"
  local z = y
  z = z or x
  z = z and "yes" or "no"
  return x, z
end
show(go()) show(go("a")) show(go(false, "b")) show(go(nil, false)) show(go(1, 2))
local function both(t)
  local q = type(t) == "table" and t.query
  local r = type(t) == "table" or t
  return q, r
end
show(both({ query = "x" })) show(both(nil)) show(both("s")) show(both({})) show(both(false))
--- pairs-of-lists
local found = {}
for i = 1, 37 do found[#found + 1] = "x" .. i end
for k, v in pairs(found) do print(k, v) end
for _, v in pairs(found) do if v == "x3" then break end print(v) end
for k in pairs({"a", "b"}) do print(k) end
for k, v in pairs({"a", nil, "c"}) do print(k, v) end
local none = {}
for k, v in pairs(none) do print(k, v) end
local some = {"b", "a"}
table.sort(some)
table.insert(some, "c")
for k, v in pairs(some) do k = k + 1 v = v .. "!" print(k, v) end
local numbers = {3, 2}
for k, v in pairs(numbers) do print(k, v) end
local text = "curl/8"
for _, name in pairs({"wget", "curl", ""}) do print(name, text:find(name, 1, true) and "in" or "out", text:find(name, 2, true)) end
