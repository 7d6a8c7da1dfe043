-- What Lua code can do to a VM: the argument `do` says what. 403 is the right outcome of everything that ends.
local redis = require "resty.redis"

local function get(key)
  local red = redis:new()
  red:connect("redis.internal", 6379)
  return red:get(key)
end

-- LuaJIT's stack ends somewhere: that is an error that can be caught.
local function endless(n)
  return 1 + endless(n + 1)
end

local function depth(n)
  if n == 0 then
    return 0
  end
  return 1 + depth(n - 1)
end

local function deep_wait(n)
  if n == 0 then
    ngx.sleep(0.001)
    get("deep")
    return 0
  end
  return 1 + deep_wait(n - 1)
end

local function deep_exit(n)
  if n == 0 then
    ngx.exit(403)
  end
  return 1 + deep_exit(n - 1)
end

local function count(n, sum)
  if n == 0 then
    return sum
  end
  return count(n - 1, sum + 1)
end

local act = ngx.var.arg_do

if act == "overflow" then
  local times = 0
  for i = 1, 100 do
    local ok, err = pcall(endless, 1)
    if not ok and string.find(err, "stack overflow", 1, true) then
      times = times + 1
    end
  end
  ngx.exit(times == 100 and 403 or 500)
elseif act == "overflow-uncaught" then
  endless(1)
elseif act == "deep" then
  local sum = 0
  for i = 1, 20 do
    sum = sum + depth(10000)
  end
  ngx.exit(sum == 200000 and 403 or 500)
elseif act == "deep-wait" then
  ngx.exit(deep_wait(10000) == 10000 and 403 or 500)
elseif act == "deep-exit" then
  pcall(deep_exit, 5000)
  ngx.exit(500)
elseif act == "tail-calls" then
  ngx.exit(count(10000000, 0) == 10000000 and 403 or 500)
elseif act == "string" then
  local s = string.rep("x", 1000000)
  for i = 1, 2000 do
    s = string.rep("y", 1000000) .. i
  end
  ngx.exit(#s > 1000000 and 403 or 500)
elseif act == "string-too-long" then
  local s = "x"
  local ok, err = pcall(function()
    for i = 1, 40 do
      s = s .. s
    end
  end)
  ngx.exit(not ok and string.find(err, "not enough memory", 1, true) and 403 or 500)
elseif act == "tables" then
  local ok, err = pcall(function()
    local kept = {}
    for i = 1, 4000000 do
      kept[i] = { i, { i } }
    end
  end)
  ngx.exit(not ok and err == "not enough memory" and 403 or 500)
elseif act == "linked" then
  local list
  while true do
    list = { next = list }
  end
elseif act == "table" then
  local t = {}
  for i = 1, 1000000 do
    t[i] = i
  end
  ngx.exit(#t == 1000000 and 403 or 500)
elseif act == "coroutines" then
  local sum = 0
  for i = 1, 100 do
    local c = coroutine.create(function()
      while true do
        coroutine.yield(1)
      end
    end)
    local ok, n = coroutine.resume(c)
    sum = sum + n
  end
  ngx.exit(sum == 100 and 403 or 500)
elseif act == "redis" then
  get("normal")
elseif act == "coroutine-waits" then
  local c = coroutine.create(function()
    ngx.sleep(0.001)
    get("inner")
    ngx.exit(403)
  end)
  pcall(function()
    coroutine.resume(c)
  end)
  ngx.exit(500)
end
