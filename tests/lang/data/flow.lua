local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- if-chains
local function kind(n) if n < 0 then return "neg" elseif n == 0 then return "zero" elseif n < 10 then return "small" else return "big" end end
show(kind(-1), kind(0), kind(5), kind(50))
if nil then show("no") elseif false then show("no") elseif 0 then show("zero is true") end if "" then show("empty is true") end if not nil then show("not nil") end
--- while-and-repeat
local i = 0 while i < 3 do i = i + 1 if i == 2 then show("two") end end show(i)
repeat local x = i i = i - 1 until x < 2 show(i) repeat show("once") until true while false do show("never") end
local n = 0 while true do n = n + 1 if n > 5 then break end if n % 2 == 0 then show("even", n) end end
local k = 10 repeat k = k - 3 if k < 5 then break end until k < 0 show(k)
--- numeric-for
for i = 1, 3 do show(i) end for i = 3, 1, -1 do show(i) end for i = 1, 2, 0.5 do show(i) end for i = 1, 0 do show("never") end for i = 5, 5 do show("once", i) end for i = 1, 3 do local i = i * 2 show(i) end
for i = -1, 1 do show(i) end for i = 0.1, 0.35, 0.1 do show(i) end for i = 10, 1, -4 do show(i) end for i = 1, math.huge do if i > 3 then break end show(i) end for i = 1, 3.5 do show(i) end
local a, b, c = 2, 8, 3 for i = a, b, c do show(i) a, b, c = 0, 0, 0 end
show(pcall(function(v) for i = v, 2 do end end, "x")) show(pcall(function(v) for i = 1, v do end end, {})) show(pcall(function(v) for i = 1, 2, v do end end, nil)) for i = "1", "2" do show(i) end
--- for-step-zero
local n = 0 for i = 1, 2, -1 do n = n + 1 end show(n) for i = 1, 0, 0 do n = n + 1 end show(n)
local step = tonumber("0") for i = 1, 3, step do n = n + 1 if n > 4 then break end end show(n)
--- generic-for
local function range(n) local i = 0 return function() i = i + 1 if i <= n then return i, i * i end end end
for i, sq in range(3) do show(i, sq) end
local function iter(s, i) i = i + 1 if s[i] then return i, s[i] end end for i, v in iter, {"a", "b"}, 0 do show(i, v) end
for a, b, c in function(s, c) if not c then return 1, 2 end end do show(a, b, c) end
show(pcall(function(v) for x in v do end end, nil)) show(pcall(function(v) for x in v do end end, 5)) show(pcall(function(v) for k in pairs(v) do end end, nil)) show(pcall(function(v) for k in ipairs(v) do end end, "x"))
--- nested-breaks
for i = 1, 3 do for j = 1, 3 do if j == 2 then break end show(i, j) end if i == 2 then break end end
for i = 1, 2 do local k = 0 while true do k = k + 1 if k == i then break end end show("k", k) repeat if i == 1 then break end show("i2") until true end
--- goto-continue
for i = 1, 5 do if i % 2 == 0 then goto continue end show(i) ::continue:: end
local i = 0 while i < 4 do i = i + 1 if i == 2 then goto next end show("w", i) ::next:: end
for _, w in ipairs{"a", "skip", "b"} do if w == "skip" then goto skip end show(w) ::skip:: end
--- scopes
local x = 1 do local x = 2 do local x = 3 show(x) end show(x) end show(x)
local z, z = 1, 2 show(z) for x = 1, 1 do local x = x + 10 show(x) end show(x)
local function f(x) x = x + 1 return x end show(f(x), x) if true then local x = "in" show(x) end show(x) while x == 1 do local x = 2 show(x) break end
--- closures
local function counter() local n = 0 return function() n = n + 1 return n end end
local a, b = counter(), counter() show(a(), a(), b(), a())
local fs = {} for i = 1, 3 do fs[i] = function() i = i + 1 return i end end show(fs[1](), fs[1](), fs[2](), fs[3]())
local function pair() local v = 0 return function() return v end, function(x) v = x end end local get, set = pair() set(5) show(get()) set("s") show(get())
local fs = {} local j = 0 while j < 3 do j = j + 1 local k = j fs[j] = function() return k, j end end show(fs[1]()) show(fs[3]())
--- recursion
local function fact(n) if n <= 1 then return 1 end return n * fact(n - 1) end show(fact(5), fact(20), fact(25))
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end show(fib(15))
local even, odd function even(n) if n == 0 then return true end return odd(n - 1) end function odd(n) if n == 0 then return false end return even(n - 1) end show(even(10), odd(7), even(7))
local function ack(m, n) if m == 0 then return n + 1 elseif n == 0 then return ack(m - 1, 1) end return ack(m - 1, ack(m, n - 1)) end show(ack(2, 3))
local function sum(n, acc) acc = acc or 0 if n == 0 then return acc end return sum(n - 1, acc + n) end show(sum(100), sum(10000))
local t = {v = 1, l = {v = 2, l = {v = 4}, r = {v = 5}}, r = {v = 3}} local function walk(n) if not n then return 0 end return n.v + walk(n.l) + walk(n.r) end show(walk(t))
--- multiple-results
local function mr() return 1, nil, 3 end
show(mr()) show((mr())) show(mr(), 10) show(10, mr()) local a, b, c, d = mr() show(a, b, c, d) local t = {mr(), mr()} show(t[1], t[2], t[3], t[4]) show(select("#", mr()), select("#", (mr()))) show(#{mr()} >= 1)
local function none() end show(none()) local x = none() show(x) show(select("#", none()))
local function pass(...) return ... end show(pass(mr())) show(pass(), pass(1), (pass(1, 2))) show(mr() == 1, not mr())
--- varargs
local function f(...) local a, b = ... return select("#", ...), a, b end show(f()) show(f(1)) show(f(1, 2, 3)) show(f(nil, nil))
local function g(a, ...) local t = {...} return a, #t, t[1], t[#t] end show(g(1)) show(g(1, 2, 3)) show(g())
local function h(...) return (...) end show(h(1, 2), h()) local function k(...) return ..., "end" end show(k(1, 2)) show(k())
local function sum(...) local s = 0 for _, v in ipairs{...} do s = s + v end return s end show(sum(1, 2, 3), sum())
local function outer(...) local function inner(...) return select("#", ...) end return inner(...), inner(..., 1), inner(1, ...) end show(outer(1, 2, 3))
local function n(...) local c = 0 for i = 1, select("#", ...) do if select(i, ...) == nil then c = c + 1 end end return c end show(n(nil, 1, nil))
show((function(...) return select("#", ...) end)(1, nil, nil)) show(pcall(function(...) return ... end, 1, nil, 3))
--- method-calls
local obj = {n = 1} function obj:inc(by) self.n = self.n + (by or 1) return self end function obj.static(x) return x * 2 end function obj.nested() return {f = function(self, x) return x end} end
show(obj:inc().n, obj:inc(5).n, obj.static(4), obj:inc():inc().n, obj.nested():f("v")) show(pcall(function() return obj:missing() end)) show(pcall(function(o) return o:m() end, nil)) show(pcall(function(o) return o.a.b() end, {}))  show(pcall(function(o) return o.f() end, {f = 5}))
local lib = {sub = {}} function lib.sub.f(a) return "f" .. a end function lib.sub:m(a) return self == lib.sub, a end show(lib.sub.f(1), lib.sub:m(2))
local s = "str" show(s:len(), ("x"):rep(2), #s:upper(), s:sub(1, 1):byte())
--- immediate-functions
show((function() return "called" end)()) show((function(a, b) return a + b end)(1, 2)) local v = (function(...) return {...} end)(1, 2, 3) show(#v) local r = ({function() return "in table" end})[1]() show(r)
--- and-or-values
local function t(...) show("t", ...) return true end local function f(...) show("f", ...) return false end
show(t(1) and f(2) or t(3)) show(f(1) or f(2)) show(t(1) or t(2)) show(f(1) and t(2)) show(nil and 1, false and 1, 1 and nil, 1 and false, nil or false, false or nil) show(1 and 2 and 3, nil or nil or 3, (nil or 1) and 2) local x = nil local y = x and x.z or "default" show(y) show(not (1 == 2) and "ok") show(1 == 1 and 2 == 2, 1 < 2 == true, not 1 == nil)
--- precedence
show(2 + 3 * 4 - 6 / 2, (2 + 3) * 4, -2 ^ 2, 2 ^ -1, 2 ^ 3 ^ 2, not 1 == 2, 1 .. 2 .. 3, "a" .. 1 + 2, -"2" + 3, 5 % 3 * 2, 7 - 3 - 2, 2 * 3 % 4, 1 < 2 and 2 < 3, not nil and 1, #"abc" + 1, -#"ab", 10 / 2 / 5, "x" == "x" and 1 or 2)
--- evaluation-order
local log = {} local function e(x) log[#log + 1] = x return x end
local t = {e(1), e(2), k = e(3), [e(4)] = e(5)} show(table.concat(log, ",")) log = {} local r = e(1) + e(2) * e(3) show(table.concat(log, ","), r) log = {} local u = {} u[e(1)], u[e(2)] = e(3), e(4) show(table.concat(log, ","), u[1], u[2]) log = {} show(e("a") .. e("b") .. e("c"), table.concat(log)) log = {} show(e(1) < e(2), e(3) == e(4), table.concat(log, ","))
--- long-strings-and-comments
local s = [[
first newline dropped
 second]] show(s, #s) show([==[a]]b]=]c]==], #[[]], [[a
b]]) --[[ block
comment ]] show("after") --[==[ another ]] ]==] show("again") -- line
show("a\
b")
