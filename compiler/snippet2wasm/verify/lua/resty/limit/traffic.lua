-- resty.limit.traffic for the reference nginx: written from the documentation of lua-resty-limit-traffic.
local traffic = {}

function traffic.combine(limiters, keys, states)
  local last = #limiters
  local longest = 0
  for i, limiter in ipairs(limiters) do
    local delay, state = limiter:incoming(keys[i], i == last)
    if not delay then
      return nil, state
    end
    if i == last then
      longest = delay
      if states then
        states[i] = state
      end
    end
  end
  for i = 1, last - 1 do
    local delay, state = limiters[i]:incoming(keys[i], true)
    if not delay then
      for j = 1, i - 1 do
        limiters[j]:uncommit(keys[j])
      end
      return nil, state
    end
    if states then
      states[i] = state
    end
    longest = math.max(longest, delay)
  end
  return longest
end

return traffic
