-- A sliding window out of two fixed ones: the older counts by the part of it that is still in view.
local _M = {}

local function key(client, window)
    return client .. ":" .. string.format("%d", window)
end

function _M.take(dict_name, client, limit, seconds)
    local dict = ngx.shared[dict_name]
    local now = ngx.time()
    local window = math.floor(now / seconds)
    local passed = (now % seconds) / seconds

    local before = dict:get(key(client, window - 1)) or 0
    local count, err = dict:incr(key(client, window), 1, 0, 2 * seconds)
    if not count then
        ngx.log(ngx.ERR, "failed to count: ", err)
        return true, 0
    end

    local weighed = before * (1 - passed) + count
    if weighed > limit then
        -- A refused request does not count.
        dict:incr(key(client, window), -1)
        return false, 0
    end
    return true, math.floor(limit - weighed)
end

return _M
