local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- levels
local function check(v, level)
  if not v then
    error("bad", level)
  end
  return v
end
show(pcall(function()
  check(nil, 0)
end))
show(pcall(function() check(nil, 1) end))
show(pcall(function()
  local x = 1
  check(nil, 2)
end))
show(pcall(function()
  check(false)
end))
show(pcall(check, nil, 2))
show(pcall(check, nil, 1))
show(pcall(function() error("at one") end)) show(pcall(function() error("at two", 2) end)) show(pcall(function() error("none", 0) end))
--- level-two
local function positive(n)
  if type(n) ~= "number" then error("number expected, got " .. type(n), 2) end
  if n < 0 then error("negative: " .. n, 2) end
  return n
end
local function twice(n)
  local found = positive(n)
  return found * 2
end
show(pcall(function() return positive(1) + positive(-1) end))
show(pcall(twice, -1))
show(pcall(function()
  twice("x")
end))
local function tail(n) return positive(n) end
show(pcall(function()
  local x = tail(-1)
  return x
end))
local M = {}
function M.check(v) if not v then error("checked", 2) end return v end
function M.tail(v) return M.check(v) end
show(pcall(function()
  M.check()
end))
show(pcall(function()
  local x = M.tail()
end))
show(pcall(M.check))
local t = setmetatable({}, { __index = function(_, k) error("no field " .. k, 2) end })
show(pcall(function()
  local x = t.foo
end))
--- objects
show(pcall(error)) show(pcall(error, nil)) show(pcall(error, "x")) show(pcall(error, 5)) show(pcall(error, true))
local e = {} show(select(2, pcall(error, e)) == e)
show(pcall(function() error({ code = 5 }) end) , select(2, pcall(function() error({ code = 5 }) end)).code)
show(pcall(function() error() end)) show(pcall(function() error(nil, 2) end)) show(pcall(function() error(12) end)) show(pcall(function() error(12, 0) end))
local E = setmetatable({}, { __tostring = function() return "an E" end })
show(pcall(function() error(E) end))
local ok, err = pcall(function() local ok, err = pcall(error, { 1 }) error(err) end) show(type(err), err[1])
--- return-error
local function f() return error("tail") end
show(pcall(function()
  f()
end))
show(pcall(function() local x = f() return x end))
local function g() return error("tail", 2) end
show(pcall(function() g() end))
--- always-raises
show(pcall(function() local x = nil return x.y end))
show(pcall(function() local x = nil x.y = 1 end))
show(pcall(function() local x = nil x() end))
show(pcall(function() local x = 5 x:foo() end))
show(pcall(function() local x = nil x:foo() end))
show(pcall(function() local x = {} return x + 1 end))
show(pcall(function() local x = {} return 1 .. x end))
show(pcall(function() local x = true return -x end))
show(pcall(function() local x = 5 return #x end))
show(pcall(function() local x = {} return x < x end))
show(pcall(function() local x = {} return x < 1 end))
show(pcall(function() local x = nil return "a" < x end))
show(pcall(function() for i = {}, 2 do end end))
show(pcall(function() for i = 1, "x" do end end))
show(pcall(function() for k in pairs(nil) do end end))
show(pcall(function() for k in ipairs("x") do end end))
show(pcall(function() for k in nil do end end))
show(pcall(function() for k in 5 do end end))
show(pcall(function() local t = { [nil] = 1 } end))
show(pcall(function() local t = {} t[nil] = 1 end))
show(pcall(function() return string.rep(nil, 2) end))
show(pcall(function() return ("x"):rep({}) end))
show(pcall(function() return math.floor("x") end))
show(pcall(function() return math.floor({}) end))
show(pcall(function() return ("x").y.z end))
show(pcall(function() return (5).y end))
show(pcall(function() return nil .. "x" end))
--- assert
show(pcall(assert, false)) show(pcall(assert, nil, "msg")) show(pcall(assert, false, 5)) show(pcall(assert, false, { 1 }) )
show(assert(1, 2, 3)) show(pcall(function() assert(false, "plain") end)) show(pcall(function() assert(nil) end))
local t = {} show(select(2, pcall(assert, nil, t)) == t)
--- xpcall
show(xpcall(function() error("x") end, function(m) return "handled: " .. m end))
show(xpcall(function() error("x", 0) end, function(m) return m, "second" end))
show(xpcall(function(...) return ... end, print, 1, 2, 3))
show(xpcall(function() local x = nil return x.y end, tostring))
show(xpcall(function() error({ 1 }) end, type))
show(xpcall(function() error("a") end, function(m) error("b") end))
show(xpcall(nil, function(m) return "H " .. m end))
show(pcall(pcall)) show(pcall(pcall, error)) show(pcall(pcall, nil))
--- nested
local function risky(n) if n == 0 then error("bottom") end local ok, err = pcall(risky, n - 1) error(err .. "/" .. n, 0) end
show(pcall(risky, 3))
local function cleanup(f, ...) local ok, err = pcall(f, ...) if not ok then return "cleaned: " .. err end return err end
show(cleanup(function() error("inside") end)) show(cleanup(function(a) return a end, "fine"))
