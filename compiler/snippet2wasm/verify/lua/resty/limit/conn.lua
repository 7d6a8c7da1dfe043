-- resty.limit.conn for the reference nginx: written from the documentation of lua-resty-limit-traffic.
local Conn = {}
Conn.__index = Conn

function Conn.new(name, most, burst, delay)
  local dict = ngx.shared[name]
  if not dict then
    return nil, "shared dict not found"
  end
  assert(most > 0 and burst >= 0 and delay > 0)
  return setmetatable({dict = dict, most = most + 0, burst = burst, delay = delay}, Conn)
end

function Conn:incoming(key, commit)
  self.committed = false
  local n, err
  if commit then
    n, err = self.dict:incr(key, 1, 0)
  else
    n = (self.dict:get(key) or 0) + 1
  end
  if not n then
    return nil, err
  end
  if n > self.most + self.burst then
    if commit then
      n, err = self.dict:incr(key, -1)
      if not n then
        return nil, err
      end
    end
    return nil, "rejected"
  end
  self.committed = not not commit
  if n > self.most then
    return self.delay * math.floor((n - 1) / self.most), n
  end
  return 0, n
end

function Conn:is_committed()
  return self.committed
end

function Conn:leaving(key, latency)
  assert(key)
  local n, err = self.dict:incr(key, -1)
  if not n then
    return nil, err
  end
  if latency then
    self.delay = (latency + self.delay) / 2
  end
  return n
end

function Conn:uncommit(key)
  assert(key)
  return self.dict:incr(key, -1)
end

function Conn:set_conn(_) end

function Conn:set_burst(burst)
  self.burst = burst
end

return Conn
