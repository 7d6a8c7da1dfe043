local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- constructors
local t = {1, 2, 3; x = 1, ["y z"] = 2, [10] = "ten", [1.5] = "f", [true] = "b", nil, 5}
show(#t >= 3, t[1], t[3], t.x, t["y z"], t[10], t[1.5], t[true], t[5], t[4])
show(#{}, #{nil}, #{1, nil, 3} >= 1, ({1, 2})[2], ({a = 1}).a, #{n = 1, 2})
local function f() return 1, 2, 3 end
show(#{f()}, #{f(), f()}, #{(f())}, #{f(), nil}, ({f(), 10})[2])
show(({[1] = "a", "b"})[1], ({"x", [1] = "y"})[1])
--- nested
local t = {a = {b = {c = {1, 2, {3}}}}}
show(t.a.b.c[3][1], #t.a.b.c) t.a.b.c[3][1] = "new" show(t.a.b.c[3][1])
t.list = {} for i = 1, 3 do t.list[i] = {i, i * i} end show(t.list[3][2])
show(pcall(function() return t.x.y end)) show(pcall(function() t.x.y = 1 end)) show(pcall(function() return t.a.b.z.w end))
--- keys
local t = {}
t[1] = "int" t["1"] = "str" t[1.0] = "float" t[-1] = "neg" t[0] = "zero" t[2^53] = "big"
show(t[1], t["1"], t[-1], t[0], t[2^53], t[1.5])
local k = {} t[k] = "tab" show(t[k], t[{}]) t[true] = 1 t[false] = 2 show(t[true], t[false])
show(pcall(function(k) t[k] = 1 end, nil)) show(pcall(function(k) t[k] = 1 end, 0/0)) show(t[nil], t[0/0])
show(pcall(function(v) return v.x end, nil)) show(pcall(function(v) return v[1] end, 5)) show(pcall(function(v) v.x = 1 end, "s"))
--- insert
local t = {}
table.insert(t, "a") table.insert(t, "b") table.insert(t, 1, "c") table.insert(t, 2, "d") table.insert(t, 5, "e")
show(#t, unpack(t)) table.insert(t, 10, "far") show(t[10], t[5]) table.insert(t, "2", "s") show(t[2])
show(pcall(function(v) table.insert(v, 1) end, nil)) show(pcall(function(a) table.insert({}, 1, 2, a) end, 3)) show(pcall(function(p) table.insert({}, p, 1) end, "x"))
--- remove
local t = {1, 2, 3, 4, 5}
show(table.remove(t), table.remove(t, 1), table.remove(t, 2), #t) show(unpack(t)) show(table.remove({}), table.remove({}, 1), table.remove(t, 10)) show(#t)
show(table.remove(t), table.remove(t), table.remove(t)) show(select("#", table.remove({}))) show(pcall(function(v) table.remove(v) end, 5))
--- concat
show(table.concat({}), table.concat({1, 2, 3}), table.concat({"a", "b"}, ", "), table.concat({1.5, "x", 2}, "-"), table.concat({1, 2, 3}, ",", 2), table.concat({1, 2, 3}, ",", 2, 3), table.concat({1, 2, 3}, ",", 3, 2), table.concat({1, 2}, 0))
show(pcall(function(t) return table.concat(t) end, {1, {}, 3})) show(pcall(function(t) return table.concat(t, ",") end, {true})) show(pcall(function(t) return table.concat(t, ",", 1, 3) end, {1})) show(pcall(function(t, s) return table.concat(t, s) end, {1}, {})) show(pcall(function(t) return table.concat(t) end, "x"))
--- sort
local function sorted(t, f) table.sort(t, f) return table.concat(t, " ") end
show(sorted{3, 1, 2}) show(sorted{}) show(sorted{1}) show(sorted{"b", "a", "c"}) show(sorted{5, 5, 5, 1}) show(sorted({1, 2, 3, 4}, function(a, b) return a > b end)) show(sorted{-1, 0.5, 1e10, -1e10, 0})
local words = {} for w in ("the quick brown fox jumps over the lazy dog"):gmatch("%a+") do words[#words + 1] = w end
show(sorted(words)) show(sorted(words, function(a, b) if #a ~= #b then return #a < #b end return a < b end))
local people = {{n = "b", a = 2}, {n = "a", a = 2}, {n = "c", a = 1}} table.sort(people, function(x, y) return x.a < y.a or (x.a == y.a and x.n < y.n) end) for _, p in ipairs(people) do show(p.n, p.a) end
--- sort-many
math.randomseed(3)
local t = {} for i = 1, 200 do t[i] = math.random(50) end
table.sort(t) show(table.concat(t, ",")) table.sort(t, function(a, b) return a > b end) show(table.concat(t, ","))
local calls = 0 local u = {} for i = 1, 50 do u[i] = {math.random(10), i} end
table.sort(u, function(a, b) calls = calls + 1 return a[1] < b[1] end) local s = {} for i = 1, 50 do s[i] = u[i][1] .. ":" .. u[i][2] end show(calls, table.concat(s, " "))
--- sort-errors
show(pcall(function(t) table.sort(t) end, {1, "x"})) show(pcall(function(t) table.sort(t) end, {{}, {}})) show(pcall(function(t) table.sort(t) end, {1, nil, 3, 2}))
show(pcall(function(f) table.sort({1, 2, 3}, f) end, 5)) show(pcall(function() table.sort({3, 2, 1}, function() error("cmp") end) end)) show(pcall(function() table.sort({1, 2, 3, 4, 5, 6}, function() return true end) end)) show(pcall(function(t) table.sort(t) end, nil))
--- unpack-and-select
show(unpack{1, 2, 3}) show(unpack({1, 2, 3}, 2)) show(unpack({1, 2, 3}, 2, 3)) show(unpack({1, 2}, 1, 4)) show(unpack({}, 1, 2)) show(select("#", unpack({}, 1, 3))) show((unpack{7, 8}))
show(select(2, "a", "b", "c")) show(select(-1, "a", "b", "c")) show(select(-2, "a", "b", "c")) show(select("#")) show(select("#", nil, nil)) show(select(4, 1, 2)) show(select("2", 1, 2))
show(pcall(function(n) return select(n, 1, 2) end, 0)) show(pcall(function(n) return select(n, 1, 2) end, -3)) show(pcall(function(n) return select(n, 1) end, "x")) show(pcall(function(t) return unpack(t) end, nil)) show(pcall(function(t, i) return unpack(t, i) end, {}, "x")) show(pcall(function() return unpack({}, 1, 1e6) end))
--- pairs-order-free
local t, sum, count = {10, 20, 30, a = 1, b = 2}, 0, 0
for k, v in pairs(t) do sum = sum + v count = count + 1 end show(sum, count)
for k, v in pairs({}) do show("never") end
for i, v in ipairs({1, 2, nil, 4}) do show(i, v) end for i, v in ipairs{n = 1} do show("never") end
local keys = {} for k in pairs{x = 1, y = 2, z = 3} do keys[#keys + 1] = k end table.sort(keys) show(table.concat(keys))
--- pairs-and-changes
local t = {} for i = 1, 10 do t[i] = i t["k" .. i] = i end
for k, v in pairs(t) do if v % 2 == 0 then t[k] = nil else t[k] = v * 10 end end
local n, s = 0, 0 for k, v in pairs(t) do n = n + 1 s = s + v end show(n, s, t[1], t.k3, t[2])
for k in pairs(t) do t[k] = nil end show(next(t)) t.x = 1 show(next(t))
--- next
show(next({})) show(next({5})) show(next({5}, 1)) local t = {a = 1} show(next(t)) show(next(t, "a")) show(pcall(function(k) return next({}, k) end, "nope")) show(pcall(function(t) return next(t) end, 5))
local function empty(t) return next(t) == nil end show(empty{}, empty{1}, empty{a = false})
--- length
local t = {1, 2, 3} t[#t + 1] = 4 show(#t) t[#t] = nil show(#t) t[#t + 2] = "gap" show(#t == 3 or #t == 5) t = {} for i = 1, 100 do t[i] = i end for i = 100, 51, -1 do t[i] = nil end show(#t)
local q = {} for i = 10, 1, -1 do q[i] = i end show(#q) local z = {[1] = 1, [2] = 2} show(#z)
--- legacy
show(table.maxn{1, 2, [10] = 1}, table.maxn{}, table.maxn{a = 1, [1.5] = 2}, table.getn{1, 2})
table.foreach({5, 6}, function(k, v) show(k, v) end) show(table.foreach({1, 2, 3}, function(k, v) if v == 2 then return "found", 1 end end)) show(table.foreachi({1, 2, 3}, function(i, v) return v > 1 and i or nil end)) show(select("#", table.foreach({}, function() end)))
show(pcall(function(f) table.foreach({}, f) end, 5)) show(pcall(function(t) return table.getn(t) end, 5)) show(pcall(function(t) table.foreachi(t, function() end) end, nil))
--- move
show(unpack(table.move({1, 2, 3}, 1, 3, 2))) show(unpack(table.move({1, 2, 3}, 2, 3, 1))) show(unpack(table.move({1, 2, 3}, 1, 3, 1, {9, 9, 9, 9}))) show(unpack(table.move({1, 2, 3}, 1, 0, 5))) show(unpack(table.move({1, 2}, 1, 2, 3)))
show(pcall(function(v) return table.move({}, 1, v, 1) end, "x")) show(pcall(function(v) return table.move({}, 1, 1, 1, v) end, 5)) show(pcall(function(v) return table.move(v, 1, 1, 1) end, nil))
--- luajit-extensions
local new_tab = require "table.new"
local clear = require "table.clear"
local t = new_tab(10, 0) show(#t, next(t)) t[1] = 1 t.x = 2 clear(t) show(#t, next(t), t.x)
local nkeys = require "table.nkeys"
local isarray = require "table.isarray"
local isempty = require "table.isempty"
local clone = require "table.clone"
show(nkeys{1, 2, a = 1}, nkeys{}, isarray{1, 2}, isarray{a = 1}, isarray{}, isarray{[0] = 1}, isarray{[1.5] = 1}, isempty{}, isempty{1})
local inner = {2} local t = {1, inner, a = 3} local c = clone(t) show(c[1], c[2] == inner, c.a, c == t) c.a = 4 show(t.a)
show(pcall(function(v) return nkeys(v) end, 1)) show(pcall(function(v) return clone(v) end, "x")) show(pcall(function(v) return new_tab(v, 1) end, "x")) show(pcall(function(v) clear(v) end, nil))
--- keys-that-come-twice
local function f(x) return x end
show(({[1]=f("a"),"b"})[1], ({[1]="a",f("b")})[1], ({f("x"),[1]="y"})[1], ({"x",[1]=f("y")})[1], ({f"x",[1]=f("y")})[1], ({[1]=f"x",f("y")})[1], ({[f(1)]="x","y"})[1], ({"y",[f(1)]="x"})[1], ({[1]="a",f("b"),f("c"),f()})[1])
show(({x=1,x=2}).x, ({x=f(1),x=2}).x, ({x=1,x=f(2)}).x,({x=nil,x=2}).x,({x=2,x=nil}).x)
local t = {[1]="a","b"} show(t[1]) t = {"x",[1]="y"} show(t[1]) t = {[2]="q", "x", "y", [1]="y"} show(t[1], t[2])
local t = {[1]=f("a"),"b"} show(t[1]) t = {f("x"),[1]=f("y")} show(t[1])
local t ={[1]="a",f("b")} show(t[1]) t={f("x"),[1]="y"} show(t[1]) t={x=f(1),x=2} show(t.x)
--- defaults
local t = {a = "x", b = false, n = 0, s = ""}
local function count(list) return #(list.missing or {}) end
show(t.a or "d", t.b or "d", t.c or "d", t.n or 1, t.s or "d", t.c or false, t.c or t.b or "last", t.b or t.c or nil)
show(#(t.c or "four"), (t.c or "up"):upper(), (t.n or 5) + 1, (t.c or 5) + 1, (t.a or "") .. (t.c or 7), t[t.c or "a"], count(t))
show(pcall(function() return (t.b or 5) .. "x", (t.n or "q") + 1, (t.c or "q") + 1 end))
local x = t.c
local function set() x = "set" return nil end
show(set() or x, x) x = nil show(set() or x or "none")
local lists = {list = {1, 2}} for _, v in ipairs(lists.list or {}) do show(v) end
local kind = t.n > 0 and "some" or "none" local width = #t.a > 1 and 10 or 20 local flag = t.a == "y" and true or false
show(kind, width, flag, (t.a and #t.a or 0) + 1)
if (t.c or "d") == "d" and (t.a or 1) ~= 1 then show("both") end
show((t.c or "1") == 1, (t.n or 1) == 0, (t.c or 1.5) == 1.5, (t.c or -1) == -1, t.b == (t.c or false))
--- equal-to-constants
local t = {one = 1, half = 0.5, minus = -1, text = "1", no = false, yes = true}
for k in pairs({one = 1}) do show(k == "one", k ~= 1) end
show(t.one == 1, t.half == 0.5, t.minus == -1, t.text == 1, t.text == "1", t.no == false, t.no == nil, t.yes == true, t.none == nil)
local v = t.text show(v == "1", v == 1, v ~= nil) v = nil show(v == nil, v == "1")
local list = {} list[1], list[2], t.one = "a", "b", nil show(#list == 2, #list > 1, #list == #t, #"ab" == #list, #list ~= 0, t.one)
for i = 1, 3 do list[i] = i list[-i] = i end show(#list, list[-3])
for i, item in ipairs(list) do t[i] = item == i end show(t[1], t[2], t[4])
list[1], list[1] = 5, 6 show(list[1]) t.a, t.b, v = 1, nil, "v" show(t.a, t.b, v)
show(pcall(function() local n n.x, n.y = 1, 2 end)) show(pcall(function() list[nil], list.a = 1, 2 end)) show(list.a)
show(#("abc"):rep(2) <= 2^31, #list < 2^40, #list ~= 2^31, #list == -1, #list > -2^31)
--- string-keys
local t = {a = 1, b = 2}
t.c = 3 t["d" .. "e"] = 4
local n = 0
local seen = {}
for k, v in pairs(t) do seen[#seen + 1] = k:upper() .. #k .. k .. "!" .. tostring(k == "a") .. v t[k] = nil n = n + 1 end
table.sort(seen) show(n, table.concat(seen, " "))
for k in pairs(t) do show("left", k) end
local mixed = {a = 1} mixed[n] = 2 n = 0 for k, v in pairs(mixed) do n = n + v + #tostring(k) end show(n)
local listed = {"x", "y"} for k in pairs(listed) do show(type(k), k + 1) end
local kept = {} for i = 1, 2 do kept["k" .. i] = i end n = 0 for k, v in pairs(kept) do show(k:sub(1, 1)) n = n + v end show(n)
local none = {} for k in pairs(none) do show(k .. "never") end
local given = {z = 1} local function add(to) to[5] = "five" end add(given) n = 0 for k in pairs(given) do n = n + (type(k) == "number" and k or 100) end show(n)
local inner = {z = 1} local function put() inner[7] = 1 end put() n = 0 for k in pairs(inner) do n = n + (type(k) == "number" and k or 100) end show(n)
local other = {z = 1} local alias = other alias[8] = 1 n = 0 for k in pairs(other) do n = n + (type(k) == "number" and k or 100) end show(n)
local key = "s" local later = {} for round = 1, 3 do n = 0 for k in pairs(later) do n = n + #type(k) .. "" end show(n) later[key] = 1 key = 9 end
local any = {} any[n > 1 and "text" or 5] = 1 for k, v in pairs(any) do k = k .. "x" show(k, v) end
n = 0 for k, v in pairs({a = 1, [true] = 2, [3.5] = 3}) do n = n + v * #type(k) end show(n)
