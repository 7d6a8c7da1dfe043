local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- continue
for i = 1, 4 do
  if i % 2 == 0 then goto continue end
  show(i)
  ::continue::
end
local n = 0
while n < 5 do n = n + 1 if n == 3 then goto next end show("w", n) ::next:: end
n = 0
repeat n = n + 1 if n == 2 then goto next end show("r", n) ::next:: until n >= 4
for k, v in ipairs({ "a", "b", "c" }) do if v == "b" then goto skip end local x = k .. v show(x) ::skip:: end
--- outer-continue
for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto outer end
    show(i, j)
  end
  show("never")
  ::outer::
end
--- out-of-loops
for i = 1, 3 do
  local x = i * 10
  for j = 1, 3 do
    if i == 2 and j == 2 then goto done end
    show(i, j, x)
  end
end
show("not here")
::done::
show("done")
--- retry
local tries = 0
::retry::
tries = tries + 1
local mark = "t" .. tries
show(mark)
if tries < 3 then goto retry end
show("end", tries)
--- closures-of-a-goto-loop
local fs = {}
local i = 1
::again::
local x = i
fs[#fs + 1] = function() x = x + 1 return x end
i = i + 1
if i <= 3 then goto again end
show(fs[1](), fs[1](), fs[2](), fs[3]())
--- cleanup
local function work(a, b)
  local state = "none"
  if not a then goto fail end
  state = "a"
  if not b then goto fail end
  do return "ok " .. state end
  ::fail::
  return "failed at " .. state
end
show(work(1, 2), work(1), work())
--- narrowing
local function f(x)
  if not x then goto none end
  do local y = x .. "!" return y end
  ::none::
  return tostring(x) .. "?"
end
show(f("a"), f(nil), f(false))
local function g(x)
  local y = x
  if type(y) == "number" then goto out end
  y = "s" .. tostring(y)
  ::out::
  return type(y), y
end
show(g(1), g("x"), g(nil))
--- nested-labels
do local n = 0 ::top:: n = n + 1 do if n < 3 then goto top end end show(n) end
do ::top:: end do ::top:: show("same name") end
--- state-machine
local function run(input)
  local pos, out = 0, ""
  ::start::
  pos = pos + 1
  local c = input:sub(pos, pos)
  if c == "" then goto finish end
  if c == "x" then goto x end
  out = out .. c
  goto start
  ::x::
  out = out .. "[x]"
  goto start
  ::finish::
  return out
end
show(run("axbxx"), run(""))
--- in-functions-and-repeat
local function find(t, v)
  local i = 1
  ::loop::
  if t[i] == nil then return nil end
  if t[i] == v then goto found end
  i = i + 1
  goto loop
  ::found::
  return i
end
show(find({ 5, 6, 7 }, 7), find({}, 1))
local k = 0
repeat
  k = k + 1
  for j = 1, 2 do if j == 2 then goto next end end
  show("unreached")
  ::next::
until k == 3
show(k)
--- and-unused
::unused::
do goto here end
::here::
show("ok")
--- labels-of-one-name-in-loops-that-follow-each-other
for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto next end
    print(i, j)
  end
  ::next::
end
local function inner()
  for i = 1, 2 do
    for j = 1, 3 do if j == 2 then goto next end print(j) end
    ::next::
  end
end
for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto continue end
    if i == 2 then goto next end
    print(i, j)
    ::continue::
  end
  ::next::
end
inner()
do
  local i = 0
  ::next::
  i = i + 1
  if i < 3 then goto next end
  print(i)
end
