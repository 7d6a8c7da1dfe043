-- resty.lock for the reference nginx: written from what the documentation of lua-resty-lock and its users say of its
-- behaviour. It has no finalizers.
local Lock = {}
Lock.__index = Lock

local function first(value, otherwise)
  if value then
    return value
  end
  return otherwise
end

function Lock.new(_, name, given)
  local dict = ngx.shared[name]
  if not dict then
    return nil, "dictionary not found"
  end
  given = given or {}
  local life = first(given.exptime, 30)
  local patience, pause = given.timeout, given.step
  if patience then
    patience = math.min(patience, life)
    pause = pause and math.min(pause, patience)
  end
  return setmetatable({
    dict = dict,
    life = life,
    patience = first(patience, 5),
    pause = first(pause, 0.001),
    growth = first(given.ratio, 2),
    longest = first(given.max_step, 0.5),
  }, Lock)
end

local function try(self, key)
  local ok, err = self.dict:add(key, true, self.life)
  if ok then
    self.held = key
    return true
  end
  if err ~= "exists" then
    return false, err
  end
  return false
end

function Lock:lock(key)
  if not key then
    return nil, "nil key"
  end
  if self.held ~= nil then
    return nil, "locked"
  end
  local waited, left, pause = 0, self.patience, self.pause
  while true do
    local ok, err = try(self, key)
    if ok then
      return waited
    elseif err then
      return nil, err
    elseif left <= 0 then
      return nil, "timeout"
    end
    if waited > 0 then
      pause = math.min(math.max(0.001, pause * self.growth), left, self.longest)
    end
    ngx.sleep(pause)
    waited, left = waited + pause, left - pause
  end
end

function Lock:unlock()
  if self.held == nil then
    return nil, "unlocked"
  end
  local ok, err = self.dict:delete(self.held)
  if not ok then
    return nil, err
  end
  self.held = nil
  return 1
end

function Lock:expire(time)
  if self.held == nil then
    return nil, "unlocked"
  end
  local ok, err = self.dict:replace(self.held, true, time or self.life)
  if not ok then
    return nil, err
  end
  return true
end

return Lock
