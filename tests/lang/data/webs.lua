local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- webs-one-after-the-other
local function page(v)
  v = tonumber(v) or 1
  v = math.floor(v)
  v = v > 3 and tostring(v) or nil
  return v
end
show(page("7.5")) show(page()) show(page("2"))
local x = "5"
x = x + 1 show(x * 2)
x = "n" .. x show(x:upper())
x = { x } show(#x, x[1])
x = nil show(x)
--- webs-in-arms
local function kind(a)
  local k
  if a == 1 then k = "one" elseif a == 2 then k = 2 else k = nil end
  local m
  if a == 1 then m = "text" else m = "other" end
  m = #m
  if a == 2 then m = m + 1 end
  return k, m
end
show(kind(1)) show(kind(2)) show(kind(3))
--- webs-in-loops
local last, sum = nil, 0
for i = 1, 4 do
  local v = i
  v = v * 2
  v = "v" .. v
  if last then show(last, v) end
  last = v
  sum = sum + #v
end
show(last, sum)
local n = "3"
n = tonumber(n)
while n > 0 do
  local m = n
  n = n - 1
  if m == 2 then m = "two" end
  show(m, n)
end
repeat local z = n z = z and "z" or 1 n = n + 1 until z == "z" or n > 3
show(n)
--- webs-break-and-continue
local state = "a"
for i = 1, 5 do
  if i == 2 then goto continue end
  if i == 4 then state = i break end
  state = state .. i
  ::continue::
end
show(state)
state = 7
for i = 1, 2 do if i == 1 then state = state + 1 else state = tostring(state) .. "!" end end
show(state)
--- webs-of-several
local a, b = 1, "b"
a, b = b, a
show(a .. "x", b + 1)
a, b = tostring(b), tonumber("3")
show(a:rep(2), b)
local p, q
p, q = 1, 2
p, p = 5, 6
show(p, q)
local function two() return "s", 4 end
p, q = two()
show(p:len(), q * 2)
q, p = p
show(p, q)
--- webs-captured
local c = 1
local function get() return c end
c = "text"
show(get())
c = 5
show(get(), c)
local d = "x"
d = d:rep(2)
local function late() return d end
show(late())
d = 9
show(late())
--- webs-of-parameters
local function f(s, n, ...)
  s = s or "default"
  n = n and n * 2 or 0
  local first = ...
  first = first == nil and "none" or first
  if n > 2 then s = s .. n end
  return s, n, first
end
show(f()) show(f("a", 1)) show(f("b", 2, "c"))
local function count(n, acc)
  acc = acc or 0
  if n == 0 then return acc end
  return count(n - 1, acc + 1)
end
show(count(5))
--- webs-unread
local u
u = 1
show(u)
local w = "never read"
w = 2
w = w + 1
show(w)
do local u2 u2 = "t" show(u2) u2 = 3 end
