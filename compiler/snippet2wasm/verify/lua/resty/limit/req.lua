-- resty.limit.req for the reference nginx: written from the documentation of lua-resty-limit-traffic. A record is two
-- 64-bit numbers, as the library keeps it.
local ffi = require "ffi"

local record = ffi.typeof("uint64_t[2]") -- excess in 1/1000, time of the last request in ms
local Req = {}
Req.__index = Req

function Req.new(name, rate, burst)
  local dict = ngx.shared[name]
  if not dict then
    return nil, "shared dict not found"
  end
  assert(rate > 0 and burst >= 0)
  return setmetatable({dict = dict, rate = rate * 1000, burst = burst * 1000}, Req)
end

local function read(text)
  if type(text) ~= "string" or #text ~= 16 then
    return nil
  end
  local kept = record()
  ffi.copy(kept, text, 16)
  return tonumber(kept[0]), kept[1]
end

local function write(dict, key, excess, last)
  local kept = record()
  kept[0], kept[1] = excess, last
  dict:set(key, ffi.string(kept, 16))
end

function Req:incoming(key, commit)
  local now = ngx.now() * 1000
  local excess = 0
  local found = self.dict:get(key)
  if found then
    local before, last = read(found)
    if not before then
      return nil, "shdict abused by other users"
    end
    local drained = self.rate * math.abs(now - tonumber(last)) / 1000
    excess = math.max(before - drained + 1000, 0)
    if excess > self.burst then
      return nil, "rejected"
    end
  end
  if commit then
    write(self.dict, key, excess, now)
  end
  return excess / self.rate, excess / 1000
end

function Req:uncommit(key)
  assert(key)
  local found = self.dict:get(key)
  if not found then
    return nil, "not found"
  end
  local before, last = read(found)
  if not before then
    return nil, "shdict abused by other users"
  end
  write(self.dict, key, math.max(before - 1000, 0), last)
  return true
end

function Req:set_rate(rate)
  self.rate = rate * 1000
end

function Req:set_burst(burst)
  self.burst = burst * 1000
end

return Req
