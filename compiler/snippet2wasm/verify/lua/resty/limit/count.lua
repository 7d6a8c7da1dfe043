-- resty.limit.count for the reference nginx: written from the documentation of lua-resty-limit-traffic.
local Count = {}
Count.__index = Count

function Count.new(name, limit, window)
  local dict = ngx.shared[name]
  if not dict then
    return nil, "shared dict not found"
  end
  assert(limit > 0 and window > 0)
  return setmetatable({dict = dict, limit = limit, window = window}, Count)
end

function Count:incoming(key, commit)
  local left, err
  if commit then
    left, err = self.dict:incr(key, -1, self.limit, self.window)
    if not left then
      return nil, err
    end
  else
    left = (self.dict:get(key) or self.limit) - 1
  end
  if left < 0 then
    return nil, "rejected"
  end
  return 0, left
end

function Count:uncommit(key)
  assert(key)
  local left, err = self.dict:incr(key, 1)
  if left then
    return left
  end
  if err == "not found" then
    return self.limit
  end
  return nil, err
end

return Count
