local redis = require "resty.redis"

local limit = 100  -- requests
local window = 60  -- seconds

local red = redis:new()
red:set_timeouts(200, 200, 200)
local ok, err = red:connect("redis.internal", 6379)
if not ok then
    ngx.log(ngx.ERR, "rate limit off, failed to connect to Redis: ", err)
    return
end

-- A client is its API key, or its address if it has none.
local client = ngx.var.http_x_api_key or ngx.var.remote_addr
local key = "rate:" .. client

local count, err = red:incr(key)
if not count then
    ngx.log(ngx.ERR, "rate limit off, failed to count: ", err)
    return
end
if count == 1 then
    red:expire(key, window)
end

if count > limit then
    local wait, err = red:ttl(key)
    if not wait then
        ngx.log(ngx.ERR, "failed to ask for the time left: ", err)
        wait = window
    end
    ngx.log(ngx.WARN, client, " is over its limit: ", count)
    ngx.header["X-RateLimit-Limit"] = limit
    ngx.header["X-RateLimit-Remaining"] = 0
    ngx.header["Retry-After"] = wait
    return ngx.exit(ngx.HTTP_TOO_MANY_REQUESTS)
end

red:set_keepalive(10000, 100)
ngx.header["X-RateLimit-Limit"] = limit
ngx.header["X-RateLimit-Remaining"] = limit - count
